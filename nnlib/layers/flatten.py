"""Flatten: from images to rows of numbers."""

from __future__ import annotations

import numpy as np

from nnlib.layers.layer import Layer, Shape, size_of


class Flatten(Layer):
    """(batch, height, width, ...) -> (batch, height · width · ...), sharing the memory of x."""

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], size_of(input_shape))

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        x = self.receive(x)
        return self.keep(x.reshape(len(x), size_of(x.shape)), x.shape)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dy, shape = self.recall(dy)
        return dy.reshape(shape)
