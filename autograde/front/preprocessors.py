"""The lists of steps that `nbgrader_config.py` gives to nbgrader: its own, with ours in their
places."""

from __future__ import annotations

from typing import Any

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearSolutions, Execute, SaveAutoGrades

from autograde.front.stub import WordedStubs

# By name, since only grading needs what it imports.
_OURS: dict[type, type | str] = {
    ClearSolutions: WordedStubs,
    Execute: "autograde.front.execute.TrustedExecute",
    SaveAutoGrades: "autograde.front.execute.SaveTrustedScores",
}


def _steps(converter: Any, which: str) -> list[type | str]:
    return [_OURS.get(step, step) for step in converter.class_traits()[which].default()]


GENERATE = _steps(GenerateAssignment, "preprocessors")
AUTOGRADE = _steps(Autograde, "autograde_preprocessors")
