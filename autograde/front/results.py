"""`results.json`: each check's verdict, and what produced it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import lru_cache
from importlib import metadata
from typing import Any

from autograde.front.seed import fingerprint
from autograde.trusted import Cell, CellResult, Paper


def notebook_record(
    name: str,
    cells: Sequence[Cell],
    results: Sequence[CellResult],
    notes: Sequence[str] = (),
    invalid: str | None = None,
) -> dict[str, Any]:
    """The test cells of one notebook, what had to be mended or left out (`notes`), and why it could
    not be read, where it could not (`invalid`)."""
    graded = [
        {
            "grade_id": cell.grade_id,
            "verdict": result.verdict,
            "score": result.score,
            "max_score": cell.points,
            "mistake": result.mistake,
            "message": result.message,
        }
        for cell, result in zip(cells, results, strict=True)
        if cell.kind == "test"
    ]
    record = {"name": name, "notes": list(notes), "cells": graded}
    return record | {"invalid": invalid} if invalid else record


def submission_record(
    assignment: str, student: str, notebooks: Sequence[dict[str, Any]], provenance: dict[str, Any]
) -> dict[str, Any]:
    """All of one submission. Its verdict is `invalid`, or else the first that is not `passed`."""
    cells = [cell for notebook in notebooks for cell in notebook["cells"]]
    verdicts = [cell["verdict"] for cell in cells if cell["verdict"] != "passed"]
    if any("invalid" in notebook for notebook in notebooks):
        verdicts.insert(0, "invalid")
    return {
        "assignment": assignment,
        "student": student,
        "verdict": next(iter(verdicts), "passed"),
        "score": sum(cell["score"] for cell in cells),
        "max_score": sum(cell["max_score"] for cell in cells),
        "notebooks": list(notebooks),
        "provenance": provenance,
    }


def checks(paper: Paper, notebooks: Iterable[Any]) -> str:
    """A hash of all that an assignment's instructor decides about its marks.

    Parameters
    ----------
    notebooks
        What the gradebook knows of the assignment's notebooks: their cells, hidden tests included.
    """
    cells, points = [], []
    for notebook in notebooks:
        cells += [(notebook.name, c.name, c.cell_type, c.source) for c in notebook.source_cells]
        graded = (*notebook.grade_cells, *notebook.task_cells)
        points += [(notebook.name, c.name, c.max_score) for c in graded]
    files = {name: fingerprint(data) for name, data in sorted(paper.files.items())}
    decided = [paper.questions, paper.allowed, asdict(paper.limits), files]
    return fingerprint(json.dumps([*decided, sorted(cells), sorted(points)]))


def provenance(submission: bytes, checks: str, seed: str, *, sandbox: bool) -> dict[str, Any]:
    """What produced a result: the same four hashes and the same sandbox give the same marks."""
    return {
        "submission": fingerprint(submission),
        "checks": checks,
        "seed": fingerprint(seed),
        "environment": fingerprint(environment()),
        "sandbox": sandbox,
    }


@lru_cache
def environment() -> str:
    """Python's version and that of every installed package."""
    packages = {f"{d.metadata['Name']}=={d.version}" for d in metadata.distributions()}
    return "\n".join([sys.version, *sorted(packages)])
