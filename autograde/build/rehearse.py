"""Run a student notebook as a learner who has not begun: no exception, and every check at 0
points."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from autograde.build.notebook import place
from autograde.build.problem import Problem
from autograde.kernel import execute

CELL_SECONDS = 60


def rehearse(path: Path) -> list[Problem]:
    """What goes wrong in an untouched student notebook."""
    notebook = nbformat.read(path, as_version=4)
    try:
        execute(notebook, path.parent, cell_seconds=CELL_SECONDS)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        last = max((i for i, c in enumerate(notebook.cells) if c.get("execution_count")), default=0)
        reason = str(error).strip().splitlines()[0]
        if isinstance(error, CellExecutionError):
            reason = f"{error.ename}: {error.evalue}".rstrip(": ")
        message = f"the stub does not run: {reason}"
        return [Problem(str(path), place(last, notebook.cells[last]), message)]
    problems = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        where = place(index, cell)
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                first = output.text.strip().splitlines()[0]
                problems.append(Problem(str(path), where, f"it writes to stderr: {first}"))
        if cell.metadata.get("nbgrader", {}).get("grade"):
            scores = [o.data["text/plain"] for o in cell.outputs if "data" in o]
            if scores != ["0.0"]:
                message = f"the untouched stub scores {scores}, not 0: it must earn nothing"
                problems.append(Problem(str(path), where, message))
    return problems
