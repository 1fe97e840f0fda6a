"""RMSprop: the gradient in units of its recent size."""

from __future__ import annotations

import numpy as np

from nnlib._checks import number
from nnlib.optimizers.optimizer import Optimizer, Schedule


class RMSprop(Optimizer):
    """s ← ρ s + (1 - ρ) g²,  θ ← θ - η g / sqrt(s + ε).

    With ``centered=True`` the mean m ← ρ m + (1 - ρ) g is tracked too, and s - m², the variance,
    takes the place of s. With momentum μ, v ← μ v + (the step above) and θ ← θ - v.

    Hinton (2012), lecture 6e. Mind that ε stands inside the root.
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
    ) -> None:
        super().__init__(learning_rate)
        self.rho = number(rho, "RMSprop(rho)", low=0, high=1)
        self.momentum = number(momentum, "RMSprop(momentum)", low=0, high=1)
        self.epsilon = number(epsilon, "RMSprop(epsilon)", low=0)
        self.centered = centered
        self.slot_names = (
            "square",
            *(("mean",) if centered else ()),
            *(("velocity",) if self.momentum else ()),
        )

    def step(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        rho = self.rho
        s = self.slots["square"]
        s *= rho
        s += (1 - rho) * g * g
        variance = s
        if self.centered:
            m = self.slots["mean"]
            m *= rho
            m += (1 - rho) * g
            variance = s - m * m
        update = lr * g / np.sqrt(variance + self.epsilon)
        if self.momentum:
            v = self.slots["velocity"]
            v *= self.momentum
            v += update
            update = v
        theta -= update
