"""Honest answers that are unusual, and answers of a student process that is not ours any more: each
was found by fuzzing, and none may cost a learner points, or reach beyond its own cell."""

import pytest

from autograde.trusted import Cell, Grader, Limits, Paper

P = "class P:\n    def __init__(self, x): self.x = x\n    def __eq__(self, o): return self.x == o"
HONEST = {
    "a list of more than 100,000 items": (
        "values = [0] * 200_000",
        "assert len(values) == 200_000",
    ),
    "half a surrogate pair": ('x = "\ud800"\ny = 3', "assert y == 3"),
    "a class whose name cannot be told": (
        "class M(type):\n    @property\n    def __name__(self): raise ValueError\n"
        "class A(metaclass=M): pass\nvalue = A()",
        "assert value",
    ),
    "its own exception class, and a list changed in place": (
        "class NotFitted(Exception): pass\ndef f(xs, kind): xs.append(1)",
        "xs = []\nf(xs, NotFitted)\nassert xs == [1]",
    ),
    "an array's likeness is not another array": (
        "class V:\n    def __array__(self, dtype=None, copy=None): return np.ones(3)\nv = V()",
        "assert not (v != np.ones(3)).any()\nassert (v == np.ones(3)).all()",
    ),
    "an empty NumPy text": ('name = np.str_("")', 'assert name == ""'),
    "equal to a small NumPy integer": (P, "assert P(3) == np.uint8(3)"),
    "equal to a NumPy text": (P, 'assert P("a") == np.str_("a")'),
    "equal to infinity": (P, 'assert P(float("inf")) == float("inf")'),
    "equal to a huge number": (P, "assert P(1e300) == 1e300"),
    "an object put into its list": (
        "values = [1]",
        "values.append(object())\nassert values[0] == 1",
    ),
    "a look at the documentation first": ("help(len)\nx = 3", "assert x == 3"),
    "a module that it has written itself": (
        'with open("helpers.py", "w") as file:\n    file.write("x = 3")\nfrom helpers import x',
        "assert x == 3",
    ),
    "its history": ("x = In[1]", 'assert x == "import numpy as np"'),
    "a callback that raises with its object": (
        "class T:\n    def __repr__(self): raise TypeError\n"
        "def f(g):\n    try: g(T())\n    except Exception as e: return type(e).__name__",
        'def g(x): raise ValueError(x)\nassert f(g) == "ValueError"',
    ),
}

FORGE = """
import gc
from autograde.trusted.servant import Servant
(servant,) = [o for o in gc.get_objects() if type(o) is Servant]
honest = servant._channel._serve
servant._channel._serve = lambda question: {answer} if question[0] == {to!r} else honest(question)
values = [1]
def f(*a): return [1]
class V:
    def __len__(self): return 1
    def __hash__(self): return 1
v = V()
"""
RAISED = '["ValueError", [], "x", "", None, ["Exception"]]'
LOOP = '{16: [7, ["V", "", "", ["__hash__", "__len__"], [], []]]}'
FORGED = [
    ("lend", f"[False, {RAISED}, [], [], None, []]", "values"),
    ("lend", '[True, {13: ["values", {18: 0}]}, [], [], None, []]', "values"),
    ("lend", '[True, {3: ["values", {20: [1, [{20: [1, [1]]}]]}]}, [], [], None, []]', "values"),
    ("forget", f"[False, {RAISED}, [], [], None, []]", "values"),
    ("push", f"[False, {RAISED}, [], [], None, []]", "values.append(2)\nf()"),
    ("run", "[True, 1, [], [], None, []]", "values"),
    ("run", "[True, [1], [], [], None, []]", "values"),
    ("call", "[True, None, [], [], [], []]", "f(1)"),
    ("call", "[True, None, [], [], [3, 3, 3], []]", "f(1)"),
    ("call", "[True, {20: [-1, None]}, [], [], [3, {3: []}, {16: 1}], []]", "f([1])"),
    (
        "call",
        f"[False, {RAISED.replace('[]', '{10: [0, 10**9, 1]}')}, [], [], None, []]",
        "f(1)",
    ),
    ("op", f"[True, {{1: [{LOOP}]}}, [], [], None, []]", "hash(v)"),
    ("op", f"[True, {{2: [{LOOP}]}}, [], [], None, []]", "len(v)"),
    ("signature", "[True, 1, [], [], None, []]", "import inspect\ninspect.signature(f)"),
]
AFTER = [Cell("assert h() == 2", "test", "after", 2)]
BEFORE = [
    Cell("import numpy as np", "setup"),
    Cell("def h(): return 2", "learner", "h", defines=("h",)),
]


@pytest.fixture(scope="module")
def grader():
    limits = Limits(cell_seconds=5, notebook_seconds=30, memory_bytes=400 << 20)
    with Grader(Paper(limits=limits)) as grader:
        yield grader


@pytest.mark.parametrize("what", HONEST)
def test_an_honest_answer_gets_its_points(what: str, grader: Grader) -> None:
    answer, test = HONEST[what]
    cells = [*BEFORE, Cell(answer, "learner"), Cell(test, "test", "t", 4), *AFTER]
    *_, result, after = grader.grade(cells)
    assert (result.verdict, result.score) == ("passed", 4), result.message
    assert after.score == 2


REFUSED = {
    "!ls": "`!ls` cannot run: shell commands are not available when a notebook is graded.",
    "%%bash\nls": "`%%bash` cannot run: shell commands are not available",
    "%%python\n1": "`%%python` cannot run: shell commands are not available",
    "exit()": "`exit()` does nothing when a notebook is graded: the cells behind it run.",
    "quit": "`exit()` does nothing when a notebook is graded: the cells behind it run.",
    'input("n?")': "`input()` waits for a person, and nobody is there",
}


@pytest.mark.parametrize("cell", REFUSED)
def test_what_cannot_be_done_here_is_told_at_once(cell: str, grader: Grader) -> None:
    *_, result, after = grader.grade([*BEFORE, Cell(cell, "learner"), *AFTER])
    assert result.verdict == "raised"
    assert REFUSED[cell] in result.message
    assert after.score == 2


@pytest.mark.parametrize(("to", "answer", "test"), FORGED)
def test_a_forged_answer_costs_only_its_own_points(
    to: str, answer: str, test: str, grader: Grader
) -> None:
    forge = FORGE.format(answer=answer, to=to)
    test += "\nassert f() == [2]"  # wrong, whatever is forged
    cells = [*BEFORE, Cell(forge, "learner"), Cell("1", "learner"), Cell(test, "test", "t", 4)]
    *_, result = grader.grade(cells)
    assert result.verdict in ("failed", "raised", "invalid")
    assert result.score == 0
