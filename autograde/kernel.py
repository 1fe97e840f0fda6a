"""Run a notebook of our own in a fresh Jupyter kernel.

Submissions never come here: they are run in a sandbox.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from nbclient import NotebookClient
from nbformat import NotebookNode


def execute(
    notebook: NotebookNode,
    folder: Path,
    *,
    cell_seconds: int,
    allow_errors: bool = False,
    on_cell: Callable[[], object] = lambda: None,
) -> None:
    """Run every cell, in place, with `folder` as the working folder.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell raises and `allow_errors` is off.
    nbclient.exceptions.CellTimeoutError
        If a cell takes longer than `cell_seconds`.
    nbclient.exceptions.DeadKernelError
        If the kernel dies.
    """
    client = NotebookClient(
        notebook,
        timeout=cell_seconds,
        allow_errors=allow_errors,
        resources={"metadata": {"path": str(folder)}},
        on_cell_complete=lambda **_: on_cell(),
        # A loopback connection is all that there is; the kernel's warning about it would alarm.
        extra_arguments=["--log-level=ERROR"],
    )
    # A course's arrays are small: more threads only wait for each other.
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    client.execute(env={**threads, **os.environ})
