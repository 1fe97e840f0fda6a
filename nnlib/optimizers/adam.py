"""Adam: momentum, in units of the gradient's recent size, with the bias corrected."""

from __future__ import annotations

from math import sqrt

import numpy as np

from nnlib._checks import number
from nnlib.optimizers.optimizer import Optimizer, Schedule


class Adam(Optimizer):
    """m ← β₁ m + (1 - β₁) g,  v ← β₂ v + (1 - β₂) g²,  and at step t = 1, 2, ...

    θ ← θ - η sqrt(1 - β₂^t) / (1 - β₁^t) · m / (sqrt(v) + ε)

    Kingma and Ba (2015). Both averages start at 0 and so begin too small; the factors 1 - β^t
    correct that. This is the efficient form at the end of their section 2, so ε is their "epsilon
    hat", outside the root. With ``amsgrad=True`` (Reddi et al., 2018) v is replaced by its largest
    value so far.
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(learning_rate)
        self.beta_1 = number(beta_1, "Adam(beta_1)", low=0, high=1, open_high=True)
        self.beta_2 = number(beta_2, "Adam(beta_2)", low=0, high=1, open_high=True)
        self.epsilon = number(epsilon, "Adam(epsilon)", low=0)
        self.amsgrad = amsgrad
        self.slot_names = ("m", "v", "v_max") if amsgrad else ("m", "v")

    def step(self, theta: np.ndarray, g: np.ndarray, lr: float) -> None:
        t = self.iterations + 1
        m, v = self.slots["m"], self.slots["v"]
        m += (1 - self.beta_1) * (g - m)
        v += (1 - self.beta_2) * (g * g - v)
        if self.amsgrad:
            v = np.maximum(self.slots["v_max"], v, out=self.slots["v_max"])
        alpha = lr * sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
        theta -= alpha * m / (np.sqrt(v) + self.epsilon)
