"""CONTRIBUTING.md is true: the exercise that it adds step by step is added here, and builds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograde.build import inspect
from autograde.build.run import build

from ..conftest import ROOT, SETUP


def block(marker: str) -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- {marker} -->\n```python\n(.*?)```", text, re.DOTALL)
    assert found, f"CONTRIBUTING.md has no block {marker}"
    return found[1]


@pytest.mark.course
def test_the_exercise_in_contributing_builds(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect, "MODULE_POINTS", 3)
    folder = course / "solutions" / "01_double"
    (folder / "checks.py").write_text(
        "import numpy as np\nfrom autograde import Exercise\n\nALLOWED = ('numpy',)\n\n"
        + block("checks.py")
        + "\n\nEXERCISES = [MEAN_ABSOLUTE_ERROR]\n"
    )
    (folder / "double_exercises.py").write_text(
        f"# %% nbgrader={SETUP}\nimport numpy as np\nfrom autograde import check\n\n"
        + block("exercises.py")
    )
    assert build(course) == ["01_double"]
