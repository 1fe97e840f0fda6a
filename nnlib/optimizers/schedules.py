"""Learning-rate schedules: η as a function of the number of steps taken, under Keras's names.

``SGD(learning_rate=ExponentialDecay(0.1, 1000, 0.5))`` asks the schedule for η before every step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from nnlib._checks import number, whole


class LearningRateSchedule:
    """Base class: ``schedule(step)`` is the learning rate after ``step`` steps, from step 0 on."""

    def __call__(self, step: int) -> float:
        raise NotImplementedError(f"{type(self).__name__} must define __call__(step).")


class ExponentialDecay(LearningRateSchedule):
    """η(t) = η₀ · r^(t / T): multiplied by r = ``decay_rate`` every T = ``decay_steps`` steps.

    With ``staircase=True`` it falls at once after every T steps, instead of little by little.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
    ) -> None:
        self.initial_learning_rate = number(
            initial_learning_rate, "ExponentialDecay(initial_learning_rate)", low=0
        )
        self.decay_steps = whole(decay_steps, "ExponentialDecay(decay_steps)")
        self.decay_rate = number(decay_rate, "ExponentialDecay(decay_rate)", low=0, open_low=True)
        self.staircase = staircase

    def __call__(self, step: int) -> float:
        periods = step // self.decay_steps if self.staircase else step / self.decay_steps
        return self.initial_learning_rate * self.decay_rate**periods


class CosineDecay(LearningRateSchedule):
    """From η₀ down to α η₀ along half a cosine, over T = ``decay_steps`` steps; level afterwards.

    η(t) = η₀ [(1 - α) (1 + cos(π t / T)) / 2 + α]

    With ``warmup_target``, first in a straight line from η₀ up to that target in ``warmup_steps``
    steps, and then down from there. Loshchilov and Hutter (2017), eq. 5.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        *,
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = number(
            initial_learning_rate, "CosineDecay(initial_learning_rate)", low=0
        )
        self.decay_steps = whole(decay_steps, "CosineDecay(decay_steps)")
        self.alpha = number(alpha, "CosineDecay(alpha)", low=0, high=1)
        self.warmup_target = (
            None
            if warmup_target is None
            else number(warmup_target, "CosineDecay(warmup_target)", low=0)
        )
        self.warmup_steps = whole(warmup_steps, "CosineDecay(warmup_steps)", at_least=0)

    def __call__(self, step: int) -> float:
        top = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return top + (self.warmup_target - top) * step / self.warmup_steps
            top, step = self.warmup_target, step - self.warmup_steps
        t = min(step, self.decay_steps)
        fall = (1 + math.cos(math.pi * t / self.decay_steps)) / 2
        return top * ((1 - self.alpha) * fall + self.alpha)


class PiecewiseConstantDecay(LearningRateSchedule):
    """``values[0]`` up to and including step ``boundaries[0]``, then ``values[1]``, and so on."""

    def __init__(self, boundaries: Sequence[int], values: Sequence[float]) -> None:
        where = "PiecewiseConstantDecay"
        self.boundaries = [whole(b, f"{where}(boundaries)", at_least=0) for b in boundaries]
        self.values = [number(v, f"{where}(values)", low=0) for v in values]
        if not self.boundaries or len(self.values) != len(self.boundaries) + 1:
            raise ValueError(
                f"{where}: expected at least one boundary, and one value more than boundaries, "
                f"but received {len(self.boundaries)} boundaries and {len(self.values)} values."
            )
        if sorted(set(self.boundaries)) != self.boundaries:
            raise ValueError(f"{where}(boundaries): expected rising steps, not {self.boundaries}.")

    def __call__(self, step: int) -> float:
        return self.values[sum(step > boundary for boundary in self.boundaries)]
