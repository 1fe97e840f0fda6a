"""A tiny course that builds, for tests that break it in one place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

CHECKS = """
import numpy as np
from autograde import Exercise

ALLOWED = ("numpy",)


def double(x):
    return 2 * x


EXERCISES = [
    Exercise(
        name="double", points=20, inputs=lambda rng: {"x": rng.normal(size=(3, 2)).round(2)},
        reference=double,
        mistakes={
            "added 2": lambda x: x + 2, "squared": lambda x: x**2,
            "forgot to double": lambda x: x, "halved": lambda x: x / 2,
        },
        alternatives=[lambda x: x + x, lambda x: (2 * x).tolist()],
        hints=("Twice what?", "Twice x.", "2 * x"), difficulty=1, importance=1, minutes=1,
    ),
]
"""


def nbgrader(grade_id: str, **flags: object) -> str:
    """A cell's nbgrader metadata, as it stands on the cell's header line."""
    about = {"grade": False, "locked": True, "solution": False, "schema_version": 3, "task": False}
    return json.dumps({"grade_id": grade_id} | about | flags)


SETUP = nbgrader("setup")
SOLUTION = nbgrader("double", solution=True, locked=False)
CHECK = nbgrader("check-double", grade=True, points=20)

EXERCISES = f"""# %% [markdown]
# # Doubling
#
# Difficulty 1 of 5, importance 1 of 5, about 1 minutes, 20 points.

# %% nbgrader={SETUP}
from autograde import check

# %% nbgrader={SOLUTION}
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% nbgrader={CHECK}
check("double", double)
"""

LESSON = """# %% [markdown]
# # Doubling

# %%
2 * 21
"""


@pytest.fixture(scope="session")
def sandbox() -> None:
    """Skip what needs a sandbox where this machine has none: nobody's code is run without."""
    from autograde.trusted import Grader, InfrastructureError, Paper

    try:
        with Grader(Paper()):
            pass
    except InfrastructureError as error:
        pytest.skip(str(error))


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "solutions" / "01_double"
    folder.mkdir(parents=True)
    (folder / "checks.py").write_text(CHECKS)
    (folder / "double.py").write_text(LESSON)
    (folder / "double_exercises.py").write_text(EXERCISES)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    return tmp_path
