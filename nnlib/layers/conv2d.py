"""Convolution: one small kernel, used at every place of an image."""

from __future__ import annotations

import numpy as np

from nnlib import activations, initializers, regularizers
from nnlib._checks import whole
from nnlib.layers._windows import Windows, check_images, check_padding, output_size, pair
from nnlib.layers.activation import ActivatedLayer
from nnlib.layers.layer import Shape, Weight


class Conv2D(ActivatedLayer):
    """z[n, i, j, f] = b[f] + Σ_{u,v,c} x[n, i·s + u, j·s + v, c] W[u, v, c, f],  y = f(z).

    =====  ======================================  =====================
    x      (batch, height, width, channels)        the images
    W      (k_height, k_width, channels, filters)  ``kernel``
    b      (filters,)                              ``bias``
    y      (batch, rows, columns, filters)         one map for each filter
    =====  ======================================  =====================

    (Strictly a cross-correlation: the kernel is not turned around.) Every window is laid out as a
    row of a matrix (im2col), so that the sum above is one matrix product, as in a dense layer.

    Parameters
    ----------
    filters : int
        How many maps to make.
    kernel_size : int or (int, int)
        Height and width of the window.
    strides : int or (int, int)
        How far the window moves, down and across.
    padding : {"valid", "same"}
        "valid" uses whole windows only. "same" pads with zeros: a stride of 1 keeps the size.
    activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer
        As in :class:`nnlib.layers.Dense`.
    """

    kernel = Weight()
    bias = Weight()
    d_kernel = Weight()
    d_bias = Weight()

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: str = "valid",
        *,
        activation: str | activations.Function | None = None,
        use_bias: bool = True,
        kernel_initializer: str | initializers.Initializer = "glorot_uniform",
        bias_initializer: str | initializers.Initializer = "zeros",
        kernel_regularizer: str | regularizers.Regularizer | None = None,
        bias_regularizer: str | regularizers.Regularizer | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(activation, name=name, dtype=dtype)
        self.filters = whole(filters, "Conv2D(filters)")
        self.kernel_size = pair(kernel_size, "Conv2D(kernel_size)")
        self.strides = pair(strides, "Conv2D(strides)")
        self.padding = check_padding(padding, "Conv2D(padding)")
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)

    def build(self, input_shape: Shape, rng: np.random.Generator | None = None) -> None:
        check_images(input_shape, self.kernel_size, self.padding, self.name)
        super().build(input_shape, rng)
        _, height, width, channels = input_shape
        self._windows = Windows((height, width), self.kernel_size, self.strides, self.padding)
        kernel_shape = (*self.kernel_size, channels, self.filters)
        self.add_weight("kernel", kernel_shape, self.kernel_initializer, self.kernel_regularizer)
        if self.use_bias:
            self.add_weight("bias", (self.filters,), self.bias_initializer, self.bias_regularizer)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        grid = (
            output_size(n, k, s, self.padding)
            for n, k, s in zip(input_shape[1:3], self.kernel_size, self.strides, strict=True)
        )
        return (input_shape[0], *grid, self.filters)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        x = self.receive(x)
        rows = self._windows.cut(x).reshape(-1, self._matrix().shape[0])  # im2col
        z = rows @ self._matrix()
        if self.use_bias:
            z += self.bias
        return self.activate(z.reshape(len(x), *self._windows.grid, self.filters), rows)

    def backward_z(self, dz: np.ndarray) -> np.ndarray:
        dz, _, _, rows = self.recall(dz)
        dz_rows = dz.reshape(-1, self.filters)
        self.d_kernel = (rows.T @ dz_rows).reshape(self.kernel.shape)  # as in a dense layer
        if self.use_bias:
            self.d_bias = dz_rows.sum(axis=0)
        self.add_penalty_gradients()
        d_rows = dz_rows @ self._matrix().T
        # a pixel fed every window that it lies in, so its gradients from all of them add up
        return self._windows.add(d_rows.reshape(*dz.shape[:3], *self.kernel.shape[:3]))

    def _matrix(self) -> np.ndarray:
        return self.kernel.reshape(-1, self.filters)
