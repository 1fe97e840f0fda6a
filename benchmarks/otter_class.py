"""The same exercises for Otter-Grader: a test file for each graded cell, and notebooks that ask it.

A test asks the same `check(...)` as the cell does, once. Each part of an exercise that earns points
is a test case of its own, so partial credit is the same.
"""

from __future__ import annotations

import ast
import json
from typing import Any

_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
reports = []


def right(label, env):
    if not reports:
        reports.append(eval({source!r}, env))
    return any(part.label == label and part.right for part in reports[0].parts)
"""
_CASE = """

@test_case(points={points!r})
def part_{number}(env):
    assert right({label!r}, env)
"""
_INIT = 'import otter\n\ngrader = otter.Notebook("{name}")'


def otter_test(cell: dict[str, Any], exercises: dict[str, Any]) -> tuple[str, str]:
    """The test for one graded cell, in Otter's exception-based format.

    Parameters
    ----------
    cell
        Of the released notebook: its source is one `check("NAME", ...)`.
    exercises
        Of `cases.json`.

    Returns
    -------
    name, text
        Of the test file; the name is the cell's `grade_id`.
    """
    source = _source(cell)
    call = ast.parse(source, mode="eval").body
    assert isinstance(call, ast.Call)
    exercise = ast.literal_eval(call.args[0])
    asked = exercises[exercise]
    parts = asked["parts"] or {exercise: asked["points"]}
    earning = {label: points for label, points in parts.items() if points}
    name = cell["metadata"]["nbgrader"]["grade_id"]
    cases = [
        _CASE.format(points=points, number=number, label=label)
        for number, (label, points) in enumerate(earning.items())
    ]
    return name, _TEST.format(name=name, source=source) + "".join(cases)


def as_otter_notebook(text: bytes) -> bytes:
    """A notebook as Otter's authors write it: `grader.check("TEST")` where ours has its check."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        about = cell["metadata"].pop("nbgrader", {})
        if about.get("grade"):
            cell["source"] = f"grader.check({about['grade_id']!r})"
    init = {"cell_type": "code", "id": "otter", "metadata": {}, "outputs": []}
    source = _INIT.format(name="exercises.ipynb")
    notebook["cells"].insert(0, {**init, "execution_count": None, "source": source})
    return json.dumps(notebook).encode()


def _source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])
