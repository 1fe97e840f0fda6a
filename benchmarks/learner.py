"""What a submission costs by itself: its cells, the checks among them, in plain Python.

    python learner.py TIMES NOTEBOOK...        in the folder of `cases.json`

No kernel, no sandbox, no second process. Everything is imported, and `cases.json` is read, before
the clock starts, which is the process's CPU time, all threads together. Printed as JSON, for each
notebook medians of TIMES runs: `again`, in one process that has run it before; `new`, each in a new
process, forked when the imports were done. Between the two lies what libraries do at first use.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat


def main() -> None:
    times, *paths = sys.argv[1:]
    notebooks = [_cells(Path(path)) for path in paths]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        names: dict[str, Any] = {}
        exec(notebooks[0][0], names)  # the set-up cell
        with contextlib.suppress(ValueError):  # there is none; but now `cases.json` is read
            names["check"]("no exercise")
        for cells in notebooks:  # what they import only when they run
            for name in _in_new_process(_imported, cells):
                with contextlib.suppress(Exception):
                    importlib.import_module(name)
        new = [[_in_new_process(_run, cells) for _ in range(int(times))] for cells in notebooks]
        for cells in notebooks:
            _run(cells)
        again = [[_run(cells) for _ in range(int(times))] for cells in notebooks]
    median = statistics.median
    each = [{"again": median(a), "new": median(n)} for a, n in zip(again, new, strict=True)]
    print(json.dumps(each))


def _cells(path: Path) -> list[Any]:
    notebook = nbformat.read(path, as_version=4)
    return [
        compile(cell.source, cell.id, "exec") for cell in notebook.cells if cell.cell_type == "code"
    ]


def _run(cells: list[Any]) -> float:
    """CPU seconds of these cells, in a new namespace; as in a notebook, an exception ends a cell
    and not the run."""
    names: dict[str, Any] = {"__name__": "__main__"}
    started = time.process_time()
    for cell in cells:
        with contextlib.suppress(Exception):
            exec(cell, names)
    return time.process_time() - started


def _imported(cells: list[Any]) -> list[str]:
    """The modules that are there when the cells have run."""
    _run(cells)
    return list(sys.modules)


def _in_new_process(action: Callable[[list[Any]], Any], cells: list[Any]) -> Any:
    """What an action returns in a child of this process."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        with os.fdopen(theirs, "w") as link:
            json.dump(action(cells), link)
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as link:
        answer = json.load(link)
    os.waitpid(pid, 0)
    return answer


if __name__ == "__main__":
    main()
