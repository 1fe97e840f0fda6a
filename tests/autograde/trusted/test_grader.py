"""The grader's contract: verdicts, scores, outputs, and that one cell's end is not another's."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import threading
import time

import psutil
import pytest

from autograde.trusted import Cell, CellResult, Grader, InfrastructureError, Limits, Paper, root
from autograde.trusted.paper import VERDICTS

SETUP = Cell("import numpy as np\nfrom autograde import check, hint", "setup")
RIGHT = (
    "def softmax(z):\n    e = np.exp(z - z.max(axis=1, keepdims=True))\n"
    "    return e / e.sum(axis=1, keepdims=True)"
)
WRONG = RIGHT.replace("e.sum(axis=1", "e.sum(axis=0")
CHECK = 'check("softmax", softmax)'


@pytest.mark.parametrize(
    ("learner", "verdict", "score"),
    [
        (RIGHT, "passed", 4),
        (WRONG, "failed", 0),
        ("def softmax(z):\n    raise NotImplementedError", "not_attempted", 0),
        ("def softmax(z):\n    return undefined_name", "raised", 0),
        ("softmax = None", "not_attempted", 0),
        ("softmax = 3", "failed", 0),
        ("pass", "not_attempted", 0),
        ("def softmax(z)\n    return z", "raised", 0),
        ("def softmax(z):\n    while True: pass", "timeout", 0),
        ("def softmax(z):\n    return [0] * 10**11", "memory", 0),
        ("def softmax(z):\n    import os\n    os._exit(1)", "crashed", 0),
        ("def softmax(z):\n    print('x' * 10**7)", "output_limit", 0),
    ],
)
def test_verdicts(run, learner, verdict, score):
    result = run(learner, CHECK)
    assert (result.verdict, result.score) == (verdict, score), result.message
    assert result.verdict in VERDICTS
    assert result.message or verdict == "passed"


def test_a_known_mistake_is_named(run):
    result = run(WRONG, CHECK)
    assert result.mistake == "normalised over the wrong axis: each row must sum to 1"
    assert result.outputs[-1]["data"]["text/plain"] == "0.0"
    assert "autograde-report" in result.outputs[-1]["data"]["text/html"]


def test_the_hidden_numbers_are_not_shown(run):
    result = run("def softmax(z):\n    return z * 0 + 7", CHECK)
    assert "Expected" not in str(result.outputs)
    assert "With these inputs" not in str(result.outputs)


@pytest.mark.parametrize(
    ("test", "score"),
    [
        ("2.5", 2.5),
        ("score = 1\nscore", 1),
        ("-3", 0),
        ("400.0", 4),
        ("f(1) == 2", 4),
        ("'a text'", 4),
        ("None", 4),
        ("f(1)", 2),
        ("f", 4),
        ("import sys\nprint('to stderr', file=sys.stderr)", 4),
        ("import warnings\nwarnings.warn('careful')", 4),
        ("assert f(1) == 3", 0),
        ("1 / 0", 0),
        ("this is not Python", 0),
        ("assert f(1) == 2, 'never'\n1.5", 1.5),
        ("display(3)\n1.5", 1.5),
        ("import matplotlib.pyplot as plt\nplt.plot([1]); 1.5", 1.5),
        ("float('nan')", 0),
        ("float('inf')", 4),
    ],
)
def test_scores_are_nbgraders(run, test, score):
    """As `nbgrader.utils.determine_grade`, but a number outside of the range is clipped, what is no
    number is 0, and what goes to stderr costs nothing."""
    result = run("def f(x):\n    return 2 * x", test)
    assert result.score == score, result.message


def test_stderr_of_the_learner_is_not_stderr_of_the_test(run):
    result = run("import sys\ndef f():\n    print('careful', file=sys.stderr)", "f()")
    assert result.score == 4
    assert [o["name"] for o in result.outputs] == ["stdout"]


def test_the_learners_line_is_told(run):
    for test in (CHECK, "softmax(np.zeros((1, 2)))"):
        result = run("def softmax(z):\n    a = 1\n    return z.nonsense", test)
        assert "line 3 of softmax: return z.nonsense" in result.message
        assert "AttributeError" in result.message


def test_one_end_is_not_anothers(grader):
    """A cell that kills its process costs its own points; the cells around it keep theirs, and what
    an earlier cell defined is there."""
    cells = [
        SETUP,
        Cell("def double(x):\n    return 2 * x", "learner"),
        Cell("assert double(2) == 4", "test", "a", 1),
        Cell("import os\nos._exit(0)", "learner"),
        Cell("assert double(2) == 4", "test", "b", 1),
        Cell("def bad():\n    while True: pass", "learner"),
        Cell("bad()", "test", "c", 1),
        Cell("def triple(x):\n    return 3 * x", "learner"),
        Cell("assert double(triple(1)) == 6", "test", "d", 1),
    ]
    results = grader.grade(cells)
    assert [r.verdict for r in results] == [
        *("passed", "passed", "passed", "crashed", "passed", "passed", "timeout"),
        *("passed", "passed"),
    ]
    assert [r.score for r in results if r.score] == [1, 1, 1]


def test_a_notebook_shows_eight_times_as_much_as_a_cell(paper):
    limits = dataclasses.replace(paper.limits, output_bytes=1000)
    cells = [Cell("print('x' * 899)", "learner")] * 20
    cells += [Cell("def f():\n    print('y' * 900)", "learner"), Cell("f()", "test", "t", 1)]
    with Grader(dataclasses.replace(paper, limits=limits)) as grader:
        results = grader.grade(cells)
    texts = ["".join(o["text"] for o in result.outputs) for result in results]
    assert sum(map(len, texts)) < 8000 + 13 * 60
    assert texts[0] == "x" * 899 + "\n"
    assert all(text.endswith("[The rest is left out: the notebook shows too much.]")
               for text in texts[8:20])  # fmt: skip
    assert (results[-1].verdict, results[-1].score) == ("passed", 1)


def test_a_helper_in_a_file_of_the_instructors_is_called_back(paper, tmp_path, monkeypatch):
    """The student process has no such module."""
    (tmp_path / "course_helpers.py").write_text("def twice(x):\n    return 2 * x")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    source = "def apply(f, x):\n    return f(x)"
    test = "from course_helpers import twice\nassert apply(twice, 3) == 6 and apply(abs, -1) == 1"
    with Grader(paper) as grader:
        assert grader.grade([Cell(source, "learner"), Cell(test, "test", "t", 1)])[-1].score == 1


def test_a_notebook_has_a_time_too(paper):
    limits = dataclasses.replace(paper.limits, cell_seconds=5, notebook_seconds=1)
    with Grader(dataclasses.replace(paper, limits=limits)) as grader:
        results = grader.grade(
            [Cell("import time\ntime.sleep(9)", "learner"), Cell("1", "learner")]
        )
    assert [r.verdict for r in results] == ["timeout", "timeout"]


def test_who_waits_for_the_processor_is_not_late(paper):
    """The processes are halted for longer than a cell may take, as a busy machine would do it."""
    until_halted = """
import time
last = time.monotonic()
while time.monotonic() - last < 2.5:
    last = time.monotonic()
    time.sleep(0.01)
"""
    limits = dataclasses.replace(paper.limits, cell_seconds=2)
    results: list[CellResult] = []
    with Grader(dataclasses.replace(paper, limits=limits)) as grader:
        known = set(psutil.Process().children(recursive=True))
        cells = [Cell(until_halted, "learner")]
        thread = threading.Thread(target=lambda: results.extend(grader.grade(cells)))
        thread.start()
        while len(new := set(psutil.Process().children(recursive=True)) - known) < 2:
            assert thread.is_alive()
        time.sleep(0.5)
        for process in new:
            process.suspend()
        time.sleep(3)
        for process in new:
            process.resume()
        thread.join()
    assert [r.verdict for r in results] == ["passed"], results[0].message


def test_who_sleeps_is_stopped_later(paper):
    limits = dataclasses.replace(paper.limits, cell_seconds=0.5)
    cells = [Cell(f"import time\ntime.sleep({n})", "learner") for n in (1, 9)]
    with Grader(dataclasses.replace(paper, limits=limits)) as grader:
        assert [r.verdict for r in grader.grade(cells)] == ["passed", "timeout"]


def test_nothing_passes_from_one_submission_to_the_next(grader):
    leave = "x = 1\nopen('left', 'w').write('x')\nimport numpy\nnumpy.left = 1"
    look = "import os, numpy\nassert 'x' not in globals() and not hasattr(numpy, 'left')\n"
    look += "assert not os.path.exists('left')"
    assert grader.grade([Cell(leave, "learner")])[0].verdict == "passed"
    assert grader.grade([Cell(look, "learner")])[0].verdict == "passed"


def test_several_threads_may_grade_at_once(grader):
    results = {}

    def one(i):
        cells = [Cell(f"x = {i}", "learner"), Cell("x + 0.0", "test", "t", 100)]
        results[i] = grader.grade(cells)[-1].score

    threads = [threading.Thread(target=one, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {i: i for i in range(8)}


def test_a_cell_behaves_as_in_jupyter(grader):
    def outputs(source):
        return grader.grade([Cell("import numpy as np", "setup"), Cell(source, "learner")])[
            1
        ].outputs

    shown = outputs("print('a')\ndisplay('b')\n1 + 1")
    assert [o["output_type"] for o in shown] == ["stream", "display_data", "execute_result"]
    assert shown[-1]["data"] == {"text/plain": "2"}
    assert outputs("1 + 1;") == []
    assert "per loop" in outputs("%timeit -n 5 -r 1 1 + 1")[0]["text"]
    assert outputs("%%time\nx = 1")[0]["text"].startswith("CPU times")
    error = outputs("def f():\n    return 1 / 0\nf()")[0]
    assert (error["ename"], error["evalue"]) == ("ZeroDivisionError", "division by zero")
    assert error["traceback"][0] == "line 2 of f: return 1 / 0"


def test_a_figure_is_a_picture(grader):
    cell = Cell("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);", "learner")
    (output,) = grader.grade([cell])[0].outputs
    assert base64.b64decode(output["data"]["image/png"])[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_learners_own_check_works_and_knows_public_cases_only(grader):
    cells = [
        SETUP,
        Cell(WRONG, "learner"),
        Cell(CHECK, "learner"),
        Cell('hint("softmax")', "learner"),
    ]
    _, _, checked, hinted = grader.grade(cells)
    text = checked.outputs[-1]["data"]["text/plain"]
    assert "normalised over the wrong axis" in text
    assert "With these inputs" in text
    assert "Hint 1 of 3" in hinted.outputs[-1]["data"]["text/plain"]


def test_the_set_up_cell_runs_on_both_sides(grader):
    cells = [
        Cell(
            "import numpy as np\nDATA = np.arange(3.0)\ndef helper(x):\n    return x + 1", "setup"
        ),
        Cell("DATA = None\ndef helper(x):\n    return 'mine'\ny = 1", "learner"),
        Cell("assert DATA.sum() == 3 and helper(y) == 2", "test", "t", 1),
    ]
    assert grader.grade(cells)[-1].score == 1


def test_files_beside_the_notebook(grader):
    source = "rows = np.loadtxt('data/points.csv', delimiter=',')"
    cells = [SETUP, Cell(source, "learner"), Cell("assert rows.shape == (2, 2)", "test", "t", 1)]
    assert grader.grade(cells)[-1].score == 1


def test_what_is_not_allowed_is_said_in_words(grader):
    (result,) = grader.grade([Cell("import scipy.special", "learner")])
    assert result.message.startswith(
        "ModuleNotFoundError: scipy is not available in this assignment: it allows numpy"
    )


def test_modules_of_nnlib_one_by_one(paper):
    allowed = ("numpy", "nnlib.datasets")
    cells = [
        Cell("import nnlib as nn\nfrom nnlib.datasets import moons", "setup"),
        Cell("import nnlib.activations", "learner"),
        Cell("nn.Dense(3)", "learner"),
        Cell(
            "import glob\nfound = glob.glob('/packages/nnlib/**/*.py', recursive=True)", "learner"
        ),
        Cell(
            "assert found and not any('layers' in f or 'activations' in f for f in found)", "test"
        ),
    ]
    with Grader(dataclasses.replace(paper, allowed=allowed, preload=("numpy",))) as grader:
        results = grader.grade(cells)
    assert [r.verdict for r in results] == ["passed", "raised", "raised", "passed", "passed"]
    assert "nnlib.activations is not available" in results[1].message


def test_what_is_not_installed_cannot_be_allowed():
    with (
        pytest.raises(InfrastructureError, match="'no_such_package'"),
        Grader(Paper(allowed=("no_such_package",))),
    ):
        pass


def test_without_bubblewrap_it_refuses_and_says_why(monkeypatch):
    monkeypatch.setattr(root.shutil, "which", lambda name: None)
    with pytest.raises(InfrastructureError, match="apt install bubblewrap"), Grader(Paper()):
        pass


def test_unsafe_must_be_said_by_hand_and_then_grades_the_same(paper):
    cells = [SETUP, Cell(RIGHT, "learner"), Cell(CHECK, "test", "t", 4)]
    with Grader(paper, unsafe=True) as grader:
        assert grader.grade(cells)[-1].score == 4


def test_a_dead_parent_is_replaced(paper):
    """Our own fault costs no marks: the warm parents are started again."""
    cells = [SETUP, Cell(RIGHT, "learner"), Cell(CHECK, "test", "t", 4)]
    before = set(psutil.Process().children(recursive=True))
    with Grader(paper) as grader:
        for process in set(psutil.Process().children(recursive=True)) - before:
            with contextlib.suppress(psutil.NoSuchProcess):  # each takes others with it
                process.kill()
        assert grader.grade(cells)[-1].score == 4


def test_limits_are_what_the_paper_says(paper):
    limits = Limits(cell_seconds=1, memory_bytes=100 << 20)
    with Grader(Paper(limits=limits)) as grader:
        cells = [
            Cell("x = bytearray(50 << 20)", "learner"),
            Cell("y = bytearray(90 << 20)", "learner"),
        ]
        assert [r.verdict for r in grader.grade(cells)] == ["passed", "memory"]
