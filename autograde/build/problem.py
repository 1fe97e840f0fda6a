"""What the build refuses, told so that an author can go to the place: the file, the cell, what to
do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a source."""

    file: str
    cell: str
    """Which cell, such as `cell 7 (check-softmax)`; empty where the whole file is meant."""
    message: str

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.file, self.cell))) + f": {self.message}"


class BuildError(Exception):
    """The sources cannot be built. `problems` has every reason that was found, not only the
    first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, problems)))
