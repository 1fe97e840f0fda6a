"""The dense (fully connected) layer: every input feeds every unit."""

from __future__ import annotations

import numpy as np

from nnlib import activations, initializers, regularizers
from nnlib._checks import whole
from nnlib.layers.activation import ActivatedLayer
from nnlib.layers.layer import Shape, Weight


class Dense(ActivatedLayer):
    """y = f(x W + b).

    =====  =================  =====================
    x      (batch, features)  the input
    W      (features, units)  ``kernel``
    b      (units,)           ``bias``
    y      (batch, units)     the output
    =====  =================  =====================

    Parameters
    ----------
    units : int
        How many outputs, at least 1.
    activation : str or function, optional
        f, from :mod:`nnlib.activations`. None is the identity.
    use_bias : bool
        Whether b is there.
    kernel_initializer, bias_initializer : str or Initializer
        How W and b start, from :mod:`nnlib.initializers`.
    kernel_regularizer, bias_regularizer : str or Regularizer, optional
        Penalties on W and b, from :mod:`nnlib.regularizers`.
    """

    kernel = Weight()
    bias = Weight()
    d_kernel = Weight()
    d_bias = Weight()

    def __init__(
        self,
        units: int,
        activation: str | activations.Function | None = None,
        use_bias: bool = True,
        kernel_initializer: str | initializers.Initializer = "glorot_uniform",
        bias_initializer: str | initializers.Initializer = "zeros",
        kernel_regularizer: str | regularizers.Regularizer | None = None,
        bias_regularizer: str | regularizers.Regularizer | None = None,
        *,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(activation, name=name, dtype=dtype)
        self.units = whole(units, "Dense(units)")
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)

    def build(self, input_shape: Shape, rng: np.random.Generator | None = None) -> None:
        if len(input_shape) != 2:
            raise ValueError(
                f"{self.name}: expected input of shape (batch, features), but received "
                f"{tuple(input_shape)}. Put a Flatten() layer before it."
            )
        super().build(input_shape, rng)
        kernel_shape = (input_shape[1], self.units)
        self.add_weight("kernel", kernel_shape, self.kernel_initializer, self.kernel_regularizer)
        if self.use_bias:
            self.add_weight("bias", (self.units,), self.bias_initializer, self.bias_regularizer)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.units)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        x = self.receive(x)
        z = x @ self.kernel
        if self.use_bias:
            z += self.bias
        return self.activate(z, x)

    def backward_z(self, dz: np.ndarray) -> np.ndarray:
        dz, _, _, x = self.recall(dz)
        self.d_kernel = x.T @ dz  # dL/dW = xᵀ dL/dz
        if self.use_bias:
            self.d_bias = dz.sum(axis=0)  # dL/db = Σ over the batch of dL/dz
        self.add_penalty_gradients()
        return dz @ self.kernel.T  # dL/dx = dL/dz Wᵀ
