"""Batch normalisation: give every feature mean 0 and variance 1, then let the layer learn both."""

from __future__ import annotations

import numpy as np

from nnlib import initializers
from nnlib._checks import number
from nnlib.layers.layer import Layer, Shape, Weight


class BatchNormalization(Layer):
    """x̂ = (x - μ) / sqrt(σ² + ε),  y = γ x̂ + β, for each feature (the last axis) by itself.

    In training μ and σ² are the mean and variance of the batch, over all other axes; beside them
    moving averages are kept, ``moving ← momentum · moving + (1 - momentum) · batch``. In inference
    μ and σ² are these averages, so that a prediction does not depend on what else is in the batch.

    Ioffe and Szegedy (2015), algorithms 1 and 2. As in Keras, the moving variance is that of the
    batch, not the unbiased one of the paper.

    Parameters
    ----------
    momentum : float
        How slowly the averages move, from 0 to 1.
    epsilon : float
        ε, above 0.
    center, scale : bool
        Whether β and γ are there.
    beta_initializer, gamma_initializer : str or Initializer
        How β and γ start.
    """

    gamma = Weight()
    beta = Weight()
    d_gamma = Weight()
    d_beta = Weight()
    moving_mean = Weight()
    moving_variance = Weight()

    def __init__(
        self,
        *,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: str | initializers.Initializer = "zeros",
        gamma_initializer: str | initializers.Initializer = "ones",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.momentum = number(momentum, "BatchNormalization(momentum)", low=0, high=1)
        self.epsilon = number(epsilon, "BatchNormalization(epsilon)", low=0, open_low=True)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)

    def build(self, input_shape: Shape, rng: np.random.Generator | None = None) -> None:
        super().build(input_shape, rng)
        features = (input_shape[-1],)
        if self.scale:
            self.add_weight("gamma", features, self.gamma_initializer)
        if self.center:
            self.add_weight("beta", features, self.beta_initializer)
        self.add_weight("moving_mean", features, initializers.Zeros(), trainable=False)
        self.add_weight("moving_variance", features, initializers.Ones(), trainable=False)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        x = self.receive(x)
        if training:
            axes = tuple(range(x.ndim - 1))
            mean, variance = x.mean(axis=axes), x.var(axis=axes)
            old, new = self.momentum, 1 - self.momentum
            self.moving_mean = old * self.moving_mean + new * mean
            self.moving_variance = old * self.moving_variance + new * variance
        else:
            mean, variance = self.moving_mean, self.moving_variance
        deviation = np.sqrt(variance + self.epsilon)
        x_hat = (x - mean) / deviation
        y = self.gamma * x_hat if self.scale else x_hat
        if self.center:
            y = y + self.beta
        return self.keep(y, x_hat, deviation, training)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dy, x_hat, deviation, training = self.recall(dy)
        axes = tuple(range(dy.ndim - 1))
        if self.center:
            self.d_beta = dy.sum(axis=axes)
        if self.scale:
            self.d_gamma = (dy * x_hat).sum(axis=axes)
        dx_hat = dy * self.gamma if self.scale else dy
        if not training:
            return dx_hat / deviation
        # In training μ and σ² depend on every x of the batch as well. Through μ the mean of dx̂ goes
        # away, and through σ² the part of dx̂ that points along x̂.
        return (
            dx_hat - dx_hat.mean(axis=axes) - x_hat * (dx_hat * x_hat).mean(axis=axes)
        ) / deviation
