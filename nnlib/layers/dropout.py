"""Dropout: in training, switch units off at random."""

from __future__ import annotations

import numpy as np

from nnlib._checks import number
from nnlib.initializers import Seed
from nnlib.layers.layer import Layer, Shape


class Dropout(Layer):
    """Inverted dropout: y = x · m, where m is 0 with probability ``rate``, else 1 / (1 - rate).

    The mean of m is 1, so that inference needs no change: there y = x (the same memory).
    Srivastava et al. (2014); the scaling at training time is described in their section 10.

    Parameters
    ----------
    rate : float
        The share of units to switch off, 0 <= rate < 1.
    seed : int or numpy.random.Generator, optional
        Where the mask comes from. By default from the model's generator.
    """

    def __init__(
        self,
        rate: float,
        *,
        seed: Seed = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.rate = number(rate, "Dropout(rate)", low=0, high=1, open_high=True)
        self.seed = seed
        self._own_rng = None if seed is None else np.random.default_rng(seed)

    def build(self, input_shape: Shape, rng: np.random.Generator | None = None) -> None:
        super().build(input_shape, rng)
        self._generator = self._own_rng or rng or np.random.default_rng()

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        x = self.receive(x)
        if not training or self.rate == 0:
            return self.keep(x, None)
        kept = self._generator.random(x.shape, dtype=self.dtype) >= self.rate
        mask = kept.astype(self.dtype) / (1 - self.rate)
        return self.keep(x * mask, mask)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dy, mask = self.recall(dy)
        return dy if mask is None else dy * mask
