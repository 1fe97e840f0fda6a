"""Whose a name is, and what a test that binds or deletes one does to the learner's notebook."""

from __future__ import annotations

import dataclasses

import pytest

from autograde.trusted import Cell, Grader, InfrastructureError
from autograde.trusted.names import Owners, Uses, are_checks, defines, prepared, uses

SETUP = Cell("import numpy as np\nfrom autograde import check, hint", "setup")


def learner(source: str, *names: str) -> Cell:
    return Cell(source, "learner", defines=names)


def test(source: str) -> Cell:
    return Cell(source, "test", "t", 1)


test.__test__ = False  # type: ignore[attr-defined]


# -- read off the source -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "used", "bound", "either", "later"),
    [
        ("x", "x", "", "", ""),
        ("x = 1\nx", "", "x", "", ""),
        ("x\nx = 1", "x", "", "", ""),
        ("x = x + 1", "x", "", "", ""),
        ("x += 1", "x", "", "", ""),
        ("del x", "x", "", "", ""),
        ("f = trace(\n    f)", "trace f", "", "", ""),
        ("assert (y := g(1)) == y", "g", "y", "", ""),
        ("for i in xs:\n    i", "xs", "i", "", ""),
        ("[i for i in xs]", "xs", "", "", ""),
        ("all(f(i) for i in xs)", "all f xs", "", "", ""),
        ("with a as b:\n    c = b", "a", "b c", "", ""),
        ("import a.b, c as d\nfrom e import f as g", "", "a d g", "", ""),
        ("def f(a, b=c):\n    e = a\n    return d(e)", "c", "f", "", "d"),
        ("k = lambda a: h(a)", "", "k", "", "h"),
        (
            "class A(B):\n    c = 1\n    e = c\n    def m(self):\n        return d",
            "B",
            "A",
            "",
            "d",
        ),
        ("def f():\n    global x\n    x = 1", "", "f", "", "x"),
        ("try:\n    x = f()\nexcept E:\n    x\n", "f E", "", "x", ""),
        ("match p:\n    case {'a': q, **r}:\n        pass", "p", "q r", "", ""),
        ("await f()", "f", "", "", ""),
        ("'x y.z' in globals()", "globals", "", "", "x y z"),
        ("'x y.z' in s", "s", "", "", ""),
        ("this is no Python", "", "", "", ""),
        ("return 1", "", "", "", ""),
    ],
)
def test_what_a_cell_does_with_names(source, used, bound, either, later):
    found = uses(source)
    names = [set(text.split()) for text in (used, bound, either, later)]
    dunders = {"__name__", "__module__", "__qualname__"}
    assert [found.used, found.bound, found.either, found.later - dunders] == names


def test_a_library_is_the_same_for_everybody():
    assert defines("import os\nfrom sys import path\nx = 1\ndef f():\n    y = 2") == {"x", "f"}


def test_who_is_first_owns():
    owners = Owners()
    assert owners.enter(uses("reference = 1\nassert f(2) == reference")) == {"f"}
    assert owners.enter(uses("reference, f, g, len")) == {"f", "g"}
    assert owners.learners == {"f", "g"}
    owners.give(["reference", "len"])
    assert owners.enter(Uses(used={"reference", "len"})) == {"reference", "len"}


def test_what_a_helper_needs_is_needed_wherever_it_is_called():
    owners = Owners()
    assert owners.enter(uses("def helper():\n    return f(own)\nown = 1")) == {"f"}
    assert owners.enter(uses("helper()")) == {"f"}


def test_a_set_up_cell_without_what_has_been_done():
    done = "train(model)\nmodel = model.best\nmodel += 1\nfor model in models:\n    use(model)\n"
    kept = "model.n = 1\nscale = 2\nprint(scale)\nf = use(model)"
    assert prepared(done + kept, {"model"}) == kept
    assert prepared("scale  =  2  # as it is", {"model"}) == "scale  =  2  # as it is"


@pytest.mark.parametrize(
    ("setup", "test", "expected"),
    [
        ("from autograde import check, hint\nX = 1", 'check("f", f)', True),
        ("import numpy as np", 'check("f")', True),
        ("", 'check("f", f)', True),
        ("from other import check", 'check("f", f)', False),
        ("from other import *", 'check("f", f)', False),
        ("def check(name, answer):\n    return 1", 'check("f", f)', False),
        ("from autograde import check\ncheck = lazy(check)", 'check("f", f)', False),
        ("globals()['check'] = 1", 'check("f", f)', False),
        ("f = 2", 'check("f", f)', False),
        ("values = f(3)", 'check("f", f)', False),
        ("", 'check("f", f, 1)', False),
        ("", 'check("f", lambda x: f(x))', False),
        ("", 'check("f", answer=f)', False),
        ("", 'check("f", f).score', False),
        ("", 'check("f", f)\nassert f(1) == 1', False),
        ("", "check(f, f)", False),
        ("", "assert f(1) == 1", False),
        ("", "", False),
    ],
)
def test_what_is_a_check_and_no_more(setup: str, test: str, expected: bool) -> None:
    assert are_checks((test,), (setup,)) is expected
    assert are_checks(('check("g", g)', test), ("import os", setup)) is expected


# -- through both processes ----------------------------------------------------------------------


def scores(grader: Grader, *cells: Cell) -> list[float]:
    results = grader.grade([SETUP, *cells])
    told = [(result.verdict, result.message) for result in results]
    assert all(v in ("passed", "failed", "raised", "not_attempted") for v, _ in told), told
    return [r.score for r, cell in zip(results[1:], cells, strict=True) if cell.kind == "test"]


SQUARES = learner(
    "def square(x):\n    return x * x\n"
    "def total(xs):\n    return sum(square(x) for x in xs)\n"
    "def names():\n    return sorted(k for k in globals() if k in ('square', 'rate', 'model'))\n"
    "rate = 0.5"
)


def test_what_a_test_deletes_is_gone_for_everybody(grader):
    seen = learner("left = names()")
    cells = [SQUARES, test("square\ndel square, rate"), seen, test("assert left == []"),
             test("square(2)"), learner("square = abs"), test("square(-2) - 1.5")]  # fmt: skip
    assert scores(grader, *cells) == [1, 1, 0, 0.5]


@pytest.mark.parametrize(
    ("binds", "seen"),
    [
        ("rate = 7", "rate == 7"),
        ("rate = [1, (2, {'a': None})]", "rate == [1, (2, {'a': None})]"),
        ("rate = rate + 0.25", "rate == 0.75"),
        ("for rate in range(3):\n    pass", "rate == 2"),
        ("import math as rate", "rate.pi > 3"),
        ("from math import sqrt as rate", "rate(4) == 2"),
        ("rate = square", "rate is square and rate(3) == 9"),
        ("rate = np.tanh", "rate(0) == 0"),
        ("def rate(x, *, y=1):\n    return x + y", "rate(3) == 4 and rate(3, y=2) == 5"),
        ("class rate:\n    def __new__(cls, x):\n        return [x]", "rate(3) == [3]"),
    ],
)
def test_what_a_test_binds_is_bound_for_everybody(grader, binds, seen):
    cells = [SQUARES, test(f"rate\n{binds}"), learner(f"seen = {seen}"), test("assert seen"),
             learner("rate = 'mine'"), test("assert rate == 'mine'")]  # fmt: skip
    assert scores(grader, *cells) == [1, 1, 1]


def test_it_is_bound_before_the_learners_code_runs_again(grader):
    wrapped = """
    calls = []
    original = square
    def square(x):
        calls.append(x)
        return original(x) + 1
    assert total([1, 2]) == 7 and calls == [1, 2]
    square = original
    assert total([1, 2]) == 5 and calls == [1, 2]
    """
    cells = [SQUARES, test("\n".join(line[4:] for line in wrapped.splitlines())),
             learner("own = square(3)"), test("assert own == 9 and square(3) == 9")]  # fmt: skip
    assert scores(grader, *cells) == [1, 1]


def test_a_test_that_fails_has_bound_it_all_the_same(grader):
    cells = [SQUARES, test("rate\nrate = 3\nassert False"), test("assert rate == 3"),
             learner("got = rate"), test("assert got == 3")]  # fmt: skip
    assert scores(grader, *cells) == [0, 1, 1]


def test_what_cannot_travel_stays_with_the_tests(grader):
    """An object of a class of the test's own has no place in the learner's process."""
    cells = [
        SQUARES,
        test("rate\nclass Own:\n    n = 3\nrate = Own()"),
        test("assert rate.n == 3"),
        learner("got = rate"),
        test("assert got == 0.5"),
    ]
    assert scores(grader, *cells) == [1, 1, 1]


def test_the_learners_code_changes_what_its_names_stand_for(grader):
    """A test sees it at once, as in a notebook, where there is one namespace."""
    source = """
n, log, table = 0, [], np.zeros(2)
def step():
    global n, extra
    n += 1
    log.append(n)
    table[0] = n
    extra = n
def drop():
    global extra
    del extra
"""
    look = """
alias = log
step()
assert n == 1 and log == [1] and table[0] == 1
n = 10
log.append("test")
step()
assert n == 11 and log == [1, "test", 11] and alias is log and table[0] == 11
log = [0]
step()
assert log == [0, 12] and alias == [1, "test", 11]
drop()
try:
    extra
except NameError:
    pass
else:
    raise AssertionError
"""
    cells = [learner(source), learner("step(); n, log[:] = 0, []"), test(look),
             test("assert n == 12 and log == [0, 12]")]  # fmt: skip
    assert scores(grader, *cells) == [1, 1]


def test_helpers_of_an_earlier_test_reach_the_learners_names(grader):
    helper = "def helper(x):\n    return square(x) + rate\nassert helper(2) == 4.5"
    again = learner("def square(x):\n    return 0")
    cells = [SQUARES, test(helper), again, test("assert helper(2) == 0.5")]
    assert scores(grader, *cells) == [1, 1]


# -- what stays the instructor's -----------------------------------------------------------------


def test_nothing_of_a_test_goes_where_it_was_not_the_learners(grader):
    """A learner who has a name ready for what a test binds first."""
    ready = learner(
        "reference = expected = y = None\nseen = []\n"
        "def f(x):\n    seen.append((reference, expected, y))\n    return 0"
    )
    hidden = test(
        "y = 5\nexpected = np.ones(3)\ndef reference(x):\n    return 2 * x\n"
        "try:\n    assert f(3) == reference(3)\nexcept AssertionError:\n    pass"
    )
    cells = [ready, hidden, test("assert seen == [(None, None, None)]")]
    assert scores(grader, *cells) == [1, 1]


def test_a_learners_function_never_stands_in_for_a_tests_own(grader):
    """Neither after a test that failed on the way to it, nor after one that never came to its end,
    nor bound between two tests."""
    mine = "def reference(x):\n    return 0\ndef f(x):\n    return 0"
    first = "assert f(1) == 2\ndef reference(x):\n    return 2 * x"
    second = test("assert f(3) == reference(3)")
    assert scores(grader, learner(mine), test(first), second) == [0, 0]
    stops = learner(mine + "\nimport os\ndef end():\n    os._exit(0)")
    results = grader.grade([SETUP, stops, test("end()\n" + first), second])
    assert [(r.verdict, r.score) for r in results[2:]] == [("crashed", 0), ("failed", 0)]
    whole = test(first.replace("assert f(1) == 2\n", ""))
    assert scores(grader, whole, learner(mine), second) == [1, 0]


def test_magics_know_the_learners_names(grader):
    assert scores(
        grader, SQUARES, test("%timeit -n 2 -r 1 square(3)"), test("%%time\nsquare(3)")
    ) == [1, 1]


def test_builtins_are_not_the_learners(grader):
    cells = [learner("sum = max = lambda *x: 3\nlen = None"), test("assert sum([1, 2, 3]) == 6"),
             test("len = lambda x: 3\nassert len([]) == 3"),
             learner("own = len is None"), test("assert own")]  # fmt: skip
    assert scores(grader, *cells) == [1, 1, 1]


# -- what the instructor's own notebook says -----------------------------------------------------


def test_what_the_instructors_version_of_a_cell_binds_is_the_learners(grader):
    """An earlier test used the name for something of its own; a later one means the learner's."""
    cells = [test("model = 3\ntotal = 4"), learner("model = 5\ntotal = 6", "model"),
             test("assert model == 5 and total == 4")]  # fmt: skip
    assert scores(grader, *cells) == [1, 1]


def test_it_may_be_set_without_being_read_first(grader):
    source = "n = 0\ndef step():\n    global n\n    n += 1"
    cells = [learner(source, "n", "step"), test("n = 5\nstep()\nassert n == 6"),
             learner("own = n"), test("assert own == 6")]  # fmt: skip
    assert scores(grader, *cells) == [1, 1]


def test_it_may_have_the_name_of_a_builtin(grader):
    cells = [learner("def sum(xs):\n    return 0", "sum"), test("assert sum([1, 2]) == 3")]
    assert scores(grader, *cells) == [0]


def test_the_cell_counts_where_it_could_not_run(grader):
    results = grader.grade(
        [SETUP, test("model = 3"), learner("import os\nos._exit(0)", "model"), test("model")]
    )
    assert [r.verdict for r in results[1:]] == ["passed", "crashed", "crashed"]


# -- set-up cells --------------------------------------------------------------------------------


def test_a_locked_cell_that_calls_the_learners_code_calls_it_once(grader):
    cells = [
        learner("log = []\ndef push(x):\n    log.append(x)\nclass Net:\n    n = 0\nmodel = Net()"),
        Cell("push(1)\nmodel.n += 0\nunit = 2\nlog += [unit]\nprint(log)", "setup"),
        test("assert log == [1, 2] and unit == 2"),
    ]
    assert scores(grader, *cells) == [1]


def test_a_set_up_cell_that_fails_for_the_tests_alone_is_nobodys_zero(paper):
    only_here = "import sys\nassert 'autograde.trusted.checker' not in sys.modules"
    with (
        Grader(dataclasses.replace(paper, preload=("numpy",))) as grader,
        pytest.raises(InfrastructureError, match="only there"),
    ):
        grader.grade([Cell(only_here, "setup"), test("1")])
