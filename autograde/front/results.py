"""`results.json`: each check's verdict, and what produced it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata
from typing import Any

from autograde.front.seed import fingerprint
from autograde.trusted import Cell, CellResult, Paper


def notebook_record(
    name: str, cells: Sequence[Cell], results: Sequence[CellResult], notes: Sequence[str] = ()
) -> dict[str, Any]:
    """The test cells of one notebook, and what had to be mended or left out (`notes`)."""
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
    return {"name": name, "notes": list(notes), "cells": graded}


def submission_record(
    assignment: str, student: str, notebooks: Sequence[dict[str, Any]], provenance: dict[str, Any]
) -> dict[str, Any]:
    """All of one submission. Its verdict is the first that is not `passed`."""
    cells = [cell for notebook in notebooks for cell in notebook["cells"]]
    return {
        "assignment": assignment,
        "student": student,
        "verdict": next((c["verdict"] for c in cells if c["verdict"] != "passed"), "passed"),
        "score": sum(cell["score"] for cell in cells),
        "max_score": sum(cell["max_score"] for cell in cells),
        "notebooks": list(notebooks),
        "provenance": provenance,
    }


def provenance(submission: bytes, paper: Paper, seed: str, *, sandbox: bool) -> dict[str, Any]:
    """What produced a result: the same four hashes and the same sandbox give the same marks."""
    return {
        "submission": fingerprint(submission),
        "checks": fingerprint(paper.questions or ""),
        "seed": fingerprint(seed),
        "environment": fingerprint(environment()),
        "sandbox": sandbox,
    }


@lru_cache
def environment() -> str:
    """Python's version and that of every installed package."""
    packages = {f"{d.metadata['Name']}=={d.version}" for d in metadata.distributions()}
    return "\n".join([sys.version, *sorted(packages)])
