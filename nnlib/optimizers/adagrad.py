"""Adagrad: steps that shrink as squared gradients add up."""

from __future__ import annotations

import numpy as np

from nnlib._checks import number
from nnlib.optimizers.optimizer import Optimizer, Schedule


class Adagrad(Optimizer):
    """s ← s + g²,  θ ← θ - η g / sqrt(s + ε), with s starting at ``initial_accumulator_value``.

    Duchi et al. (2011). The steps of often-moved parameters shrink for ever.
    """

    slot_names = ("accumulator",)

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
    ) -> None:
        super().__init__(learning_rate)
        self.initial_accumulator_value = number(
            initial_accumulator_value, "Adagrad(initial_accumulator_value)", low=0
        )
        self.epsilon = number(epsilon, "Adagrad(epsilon)", low=0)

    def build(self, parameters: np.ndarray) -> None:
        super().build(parameters)
        self.slots["accumulator"] += self.initial_accumulator_value

    def step(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        s = self.slots["accumulator"]
        s += g * g
        theta -= lr * g / np.sqrt(s + self.epsilon)
