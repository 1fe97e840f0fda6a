"""The build: what it writes, that it writes it the same every time, and what it refuses."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import nbformat
import pytest

from autograde.build.problem import BuildError
from autograde.build.run import build


def edit(course: Path, file: str, old: str, new: str) -> None:
    path = course / "solutions" / "01_double" / file
    text = path.read_text()
    assert old in text, "the test must change something"
    path.write_text(text.replace(old, new, 1))


def refused(course: Path) -> list[str]:
    with pytest.raises(BuildError) as caught:
        build(course)
    return [str(problem) for problem in caught.value.problems]


def digest(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.course
def test_learners_get_stubs_cases_and_nothing_else(course: Path) -> None:
    assert build(course) == ["01_double"]
    released = course / "course" / "01_double"
    assert {p.name for p in released.iterdir()} == {
        "double.ipynb",
        "double_exercises.ipynb",
        "cases.json",
    }
    notebook = nbformat.read(released / "double_exercises.ipynb", as_version=4)
    stub = next(c for c in notebook.cells if c.id == "double")
    assert "raise NotImplementedError" in stub.source
    everything = "".join(p.read_text() for p in released.iterdir())
    assert "2 * x\n" not in everything.replace('"2 * x"', "")  # the third hint may say it
    assert "SOLUTION" not in everything
    assert json.loads((released / "cases.json").read_text())["exercises"].keys() == {"double"}


@pytest.mark.course
def test_two_builds_are_the_same_to_the_byte(course: Path) -> None:
    build(course)
    first = digest(course)
    for notebook in course.glob("course/*/*.ipynb"):
        notebook.unlink()
    build(course)
    assert digest(course) == first


@pytest.mark.course
def test_worded_stubs_are_what_the_learner_sees(course: Path) -> None:
    edit(
        course,
        "double_exercises.py",
        "    return 2 * x\n",
        "    #: return x * x  # mend me\n    return 2 * x\n",
    )
    build(course)
    notebook = nbformat.read(course / "course/01_double/double_exercises.ipynb", as_version=4)
    stub = next(c for c in notebook.cells if c.id == "double")
    assert stub.source == "def double(x):\n    return x * x  # mend me"


REFUSALS = {
    "a missing grade_id": (
        "double_exercises.py",
        '"grade_id": "check-double", ',
        "",
        'double_exercises.py, cell 4 (check("double", double)): the grade_id is missing',
    ),
    "a duplicate grade_id": (
        "double_exercises.py",
        '"grade_id": "check-double"',
        '"grade_id": "double"',
        "the grade_id 'double' is already that of cell 3",
    ),
    "points that do not agree": (
        "double_exercises.py",
        '"points": 20',
        '"points": 7',
        "cell 4 (check-double): this cell has 7 points, checks.py has 20",
    ),
    "points that do not add up": (
        "checks.py",
        "points=20",
        "points=12",
        "the exercises have 12 points; a module has 20",
    ),
    "a check without an exercise": (
        "double_exercises.py",
        'check("double", double)',
        'check("triple", triple)',
        "cell 4 (check-double): checks.py has no exercise 'triple'",
    ),
    "an exercise without a check": (
        "double_exercises.py",
        'check("double", double)',
        "double",
        "no graded cell checks the exercise 'double'",
    ),
    "a stub that raises": (
        "double_exercises.py",
        "    return 2 * x\n    ### END SOLUTION\n",
        "    return 2 * x\n    ### END SOLUTION\ndouble(3)\n",
        "cell 3 (double): the stub does not run: NotImplementedError",
    ),
    "a stub that earns points": (
        "double_exercises.py",
        "    return 2 * x\n",
        "    #: return x + x\n    return 2 * x\n",
        "the untouched stub scores ['20.0'], not 0",
    ),
    "a solution that would be released": (
        "double_exercises.py",
        '"solution": true',
        '"solution": false',
        "a solution in a cell that is not marked as one would be released",
    ),
    "a region without an end": (
        "double_exercises.py",
        "    ### END SOLUTION\n",
        "",
        "do not pair",
    ),
    "a solution without markers": (
        "double_exercises.py",
        "    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n",
        "    return 2 * x\n",
        "needs BEGIN SOLUTION",
    ),
    "hidden tests by hand": (
        "double_exercises.py",
        'check("double", double)',
        '### BEGIN HIDDEN TESTS\ncheck("double", double)\n### END HIDDEN TESTS',
        "hidden tests are not written",
    ),
    "a caption that is not true": (
        "double_exercises.py",
        "about 1 minutes",
        "about 9 minutes",
        "the text before 'double' must say: Difficulty 1 of 5",
    ),
    "a mistake that gets full marks": (
        "checks.py",
        "lambda x: x + 2",
        "lambda x: x * 2",
        "gets full marks",
    ),
    "a right answer that loses points": (
        "checks.py",
        "lambda x: x + x,",
        "lambda x: x + x + 1e-3,",
        "alternative 1 does not get full marks",
    ),
    "too few mistakes": (
        "checks.py",
        '"halved": lambda x: x / 2,',
        "",
        "has 3 mistakes; give at least 4",
    ),
    "checks that cannot be run": (
        "checks.py",
        "import numpy as np",
        "import numpy as np; 1 / 0",
        "checks.py: this file cannot be run: ZeroDivisionError",
    ),
    "an exercise that contradicts itself": (
        "checks.py",
        "difficulty=1",
        "difficulty=9",
        "difficulty is a number from 1 to 5",
    ),
    "no list of exercises": (
        "checks.py",
        "EXERCISES = [",
        "QUESTIONS = [",
        "EXERCISES must be a list",
    ),
    "a graded lesson": (
        "double.py",
        "# %%\n",
        '# %% nbgrader={"grade": true, "grade_id": "x", "points": 1}\n',
        "a lesson has no graded cells",
    ),
}


@pytest.mark.course
@pytest.mark.parametrize("name", REFUSALS)
def test_the_build_refuses(course: Path, name: str) -> None:
    file, old, new, message = REFUSALS[name]
    edit(course, file, old, new)
    problems = refused(course)
    assert any(message in p for p in problems), problems


@pytest.mark.course
def test_a_missing_file_and_an_unknown_module_are_said(course: Path) -> None:
    with pytest.raises(BuildError, match=r"there is no module 07_x; there are 01_double"):
        build(course, ["07_x"])
    (course / "solutions/01_double/double.py").unlink()
    assert refused(course) == ["solutions/01_double/double.py: this file is missing"]
