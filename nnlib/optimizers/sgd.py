"""Gradient descent, with momentum if asked."""

from __future__ import annotations

import numpy as np

from nnlib._checks import number
from nnlib.optimizers.optimizer import Optimizer, Schedule


class SGD(Optimizer):
    """Gradient descent, with momentum if asked.

    ======================  ========================
    plain                   θ ← θ - η g
    momentum μ              v ← μ v - η g,  θ ← θ + v
    with ``nesterov=True``  v ← μ v - η g,  θ ← θ + μ v - η g
    ======================  ========================

    Momentum: Polyak (1964). Nesterov's form: Sutskever et al. (2013).
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(learning_rate)
        self.momentum = number(momentum, "SGD(momentum)", low=0, high=1)
        self.nesterov = nesterov
        self.slot_names = ("velocity",) if self.momentum else ()

    def step(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        if not self.momentum:
            theta -= lr * g
            return
        v = self.slots["velocity"]
        v *= self.momentum
        v -= lr * g
        theta += self.momentum * v - lr * g if self.nesterov else v
