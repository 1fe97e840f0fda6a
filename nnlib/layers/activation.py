"""An activation function as a layer, and the base of the layers that end in one."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib import activations
from nnlib.layers.layer import Layer, Shape


class ActivatedLayer(Layer):
    """A layer that computes a pre-activation z, and then y = f(z).

    A subclass's ``forward`` ends with ``return self.activate(z, ...)``; its ``backward_z(dz)``
    takes over after dL/dz. The two halves of backward are apart so that a loss can enter between
    them: softmax and cross-entropy together have the simple and exact gradient dL/dz = p - y.

    Attributes
    ----------
    z : ndarray
        The pre-activation of the latest forward pass.
    """

    z: np.ndarray

    def __init__(
        self,
        activation: str | activations.Function | None,
        *,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.activation = activations.get(activation)
        self._rule = activations.backward_of(self.activation)

    def activate(self, z: np.ndarray, *memory: Any) -> np.ndarray:
        """Return y = f(z), and keep what backward will read."""
        self.z = z
        y = z if self.activation is activations.linear else self.activation(z)
        return self.keep(y, z, y, *memory)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dy, z, y, *_ = self.recall(dy)
        dz = dy if self.activation is activations.linear else self._rule(dy, z, y)
        return self.backward_z(dz)

    def backward_z(self, dz: np.ndarray) -> np.ndarray:
        """From dL/dz, fill the ``d_`` arrays and return dL/dx."""
        raise NotImplementedError(f"{type(self).__name__} must define backward_z(dz).")


class Activation(ActivatedLayer):
    """y = f(x), for a function of :mod:`nnlib.activations` or its name."""

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        return self.activate(self.receive(x))

    def backward_z(self, dz: np.ndarray) -> np.ndarray:
        return dz
