"""What an author writes: one exercise, from which the check, the hidden test and the diagnosis are
all read off."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograde.engine.compare import Rule

Inputs = Callable[[np.random.Generator], dict[str, Any]]


class ExerciseError(ValueError):
    """An exercise that contradicts itself. The message names the exercise and says what to
    change."""


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """A graded exercise: what it asks, what is right, and what people get wrong.

    Parameters
    ----------
    name
        The exercise's name: the learner's function or variable, and the `grade_id` of the solution
        cell. Its check cell has the `grade_id` `check-NAME`.
    points
        What full marks are worth.
    inputs
        `inputs(rng)` returns one case: {argument name: plain value}. A single function is drawn
        three times; a list of functions gives one case each. Draw sizes that differ from each other
        (a batch of 5, not 3, for 3 features), stay away from kinks, and round (`rng.normal(size=(5,
        3)).round(2)`) so that learners can read them.
    reference
        A right answer: a function, a class, or a plain value. It never reaches a learner.
    mistakes
        {what the learner did wrong, in words: the function that does it}. At least the four that
        people really make.
    alternatives
        Right answers in other styles (a loop, einsum, in place, float32). They must get full marks.
    hints
        Three steps, each telling more: where to look, what to compute, nearly the line itself.
    probe
        What to do with the learner's object, where calling it once with the inputs is not enough: a
        top-level function `probe(answer, **inputs)` that returns {label: value}, or yields (label,
        value) pairs so that what came before an exception still counts. It is shipped to learners
        as text and sees `np` and its arguments alone; it imports what else it needs.
    parts
        {label: points}: partial credit. The points add up to `points`; labels without points are
        shown, not scored.
    rules
        {label: Close(rtol) | AtLeast(x) | AtMost(x)}. Default: `Close()`.
    difficulty, importance
        1 to 5, as the learner is told.
    minutes
        How long a learner will take.

    Raises
    ------
    ExerciseError
        If any of this does not fit together.
    """

    name: str
    points: float
    inputs: Inputs | Sequence[Inputs]
    reference: Any
    mistakes: Mapping[str, Any]
    alternatives: Sequence[Any]
    hints: tuple[str, str, str]
    difficulty: int
    importance: int
    minutes: int
    probe: Callable[..., Any] | None = None
    parts: Mapping[str, float] | None = None
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            self._refuse(f"the name {self.name!r} is not a Python name")
        if not self.points > 0:
            self._refuse(f"points must be positive, not {self.points}")
        if len(self.hints) != 3 or not all(h.strip() for h in self.hints):
            self._refuse("hints must be three texts, each telling more than the one before")
        if self.parts is not None and abs(sum(self.parts.values()) - self.points) > 1e-9:
            total = sum(self.parts.values())
            self._refuse(f"the parts add up to {total:g} points, the exercise has {self.points:g}")
        for what in ("difficulty", "importance"):
            if getattr(self, what) not in range(1, 6):
                self._refuse(f"{what} is a number from 1 to 5, not {getattr(self, what)!r}")
        if not self.minutes > 0:
            self._refuse(f"minutes must be positive, not {self.minutes!r}")
        if self.probe is not None:
            self.probe_source()

    @property
    def caption(self) -> str:
        """The line that the exercise's text must carry, so that a learner can plan."""
        points = f"{self.points:g} point" + ("" if self.points == 1 else "s")
        return (
            f"Difficulty {self.difficulty} of 5, importance {self.importance} of 5, "
            f"about {self.minutes} minutes, {points}."
        )

    def draw(self, rng: np.random.Generator) -> list[dict[str, Any]]:
        """The inputs of every case, drawn from `rng`."""
        draws = [self.inputs] * 3 if callable(self.inputs) else self.inputs
        cases = [draw(rng) for draw in draws]
        for case in cases:
            if not isinstance(case, dict) or not all(isinstance(k, str) for k in case):
                self._refuse("inputs(rng) must return a dict {argument name: value}")
        return cases

    def probe_source(self) -> str | None:
        """The text of `probe`, which travels to learners in `cases.json`; None for the default."""
        if self.probe is None:
            return None
        try:
            source = textwrap.dedent(inspect.getsource(self.probe))
        except OSError as error:
            self._refuse(f"the probe's source cannot be read: {error}")
        if not source.startswith("def "):
            self._refuse(
                "the probe must be a function written with `def` at the top level of checks.py"
            )
        return source

    def _refuse(self, problem: str) -> None:
        raise ExerciseError(f"exercise {self.name!r}: {problem}")
