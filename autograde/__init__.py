"""What nbgrader lacks: checks that explain, a grader that cannot be cheated, speed, reports.

`check` and `hint` are what a learner's notebook uses; `Exercise`, `AtLeast` and `AtMost` are what
an author's `checks.py` uses. They need NumPy alone; everything else in this package is for
instructors.
"""

from autograde.engine.compare import AtLeast, AtMost, Close
from autograde.engine.exercise import Exercise
from autograde.engine.learner import check, hint

__all__ = ["AtLeast", "AtMost", "Close", "Exercise", "check", "hint"]
