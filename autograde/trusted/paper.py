"""What goes into trusted execution and what comes out: plain records, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERDICTS = (
    "passed",
    "failed",
    "not_attempted",
    "raised",
    "timeout",
    "memory",
    "output_limit",
    "crashed",
    "invalid",
    "infrastructure",
)


PATIENCE = 4
"""How many times its seconds code may take that waits: it sleeps, or others have the processor."""


class InfrastructureError(Exception):
    """The grader's own fault, never the learner's: grade again, and never export a 0 for it."""


@dataclass(frozen=True)
class Cell:
    """One code cell of a repaired notebook."""

    source: str
    kind: str
    """'setup': the instructor's, not graded, runs in both processes. 'learner': runs in the student
    process. 'test': graded, runs in the checker only."""
    grade_id: str = ""
    points: float = 0.0
    defines: tuple[str, ...] = ()
    """Names that are the learner's once this cell has run: what it binds in the instructor's own
    version of the notebook. See `names`."""

    def __post_init__(self) -> None:
        if self.kind not in ("setup", "learner", "test"):
            raise ValueError(f"a cell's kind is 'setup', 'learner' or 'test', not {self.kind!r}")


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Each limit acts while the code runs."""

    cell_seconds: float = 10.0
    """Processor time of one cell, a test cell's calls of the learner's code included: a busy
    machine makes nobody late. Code that waits is stopped after `PATIENCE` times as many seconds on
    the clock, and none before these many."""
    notebook_seconds: float = 60.0
    """The same for the whole submission."""
    cpu_seconds: int = 60
    """Processor time of the student process, all threads together, whatever it runs."""
    memory_bytes: int = 2 << 30
    """Memory beyond what the warm parent holds already."""
    processes: int = 64
    """Threads at one time. Child processes are refused altogether."""
    file_bytes: int = 64 << 20
    """Size of one file."""
    tmp_bytes: int = 128 << 20
    """Everything written to the private temporary folder."""
    output_bytes: int = 1 << 20
    """Text and pictures shown by one cell. What a notebook shows beyond eight times as much is left
    out."""


@dataclass(frozen=True)
class Paper:
    """What is common to a class: computed once, held by the warm parents."""

    allowed: tuple[str, ...] = ("numpy",)
    """What a learner may import besides Python's standard library: packages, and `nnlib`'s modules
    one by one as `nnlib.datasets`."""
    questions: str | None = None
    """Text of a `cases.json` drawn from the secret seed. It never enters the student process."""
    public_cases: str | None = None
    """Text of the `cases.json` that the learner's own `check` may see."""
    limits: Limits = Limits()
    preload: tuple[str, ...] = ("numpy",)
    """Modules that the warm parents import before they fork."""
    defines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By grade_id: what the cell binds in the instructor's own notebook, and the plain cells behind
    it do. See `Cell.defines`."""
    locked: tuple[Cell, ...] = ()
    """The instructor's own cells, set-up and tests, of all notebooks: the warm parents get ready
    for them. Others may come."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Files in the working folder, read-only: data sets that the notebook reads."""


@dataclass
class CellResult:
    """What came of one cell."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    """nbformat v4 outputs, capped. Text from the learner is plain text without control codes."""
    verdict: str = "infrastructure"
    score: float = 0.0
    message: str = ""
    mistake: str = ""
