"""Pooling: shrink images by keeping one number of every window, its maximum or its mean."""

from __future__ import annotations

import numpy as np

from nnlib.layers._windows import Windows, check_images, check_padding, output_size, pair
from nnlib.layers.layer import Layer, Shape


class Pooling2D(Layer):
    """What both kinds of pooling share: windows over each channel by itself."""

    def __init__(
        self,
        pool_size: int | tuple[int, int],
        strides: int | tuple[int, int] | None = None,
        padding: str = "valid",
        *,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        cls = type(self).__name__
        self.pool_size = pair(pool_size, f"{cls}(pool_size)")
        self.strides = self.pool_size if strides is None else pair(strides, f"{cls}(strides)")
        self.padding = check_padding(padding, f"{cls}(padding)")

    def build(self, input_shape: Shape, rng: np.random.Generator | None = None) -> None:
        check_images(input_shape, self.pool_size, self.padding, self.name)
        super().build(input_shape, rng)
        _, height, width, _ = input_shape
        self._windows = Windows((height, width), self.pool_size, self.strides, self.padding)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        grid = (
            output_size(n, k, s, self.padding)
            for n, k, s in zip(input_shape[1:3], self.pool_size, self.strides, strict=True)
        )
        return (input_shape[0], *grid, input_shape[3])


class MaxPooling2D(Pooling2D):
    """y = the largest number of each window.

    (batch, height, width, channels) -> (batch, rows, columns, channels). Only the largest
    number passes the gradient back; among equals, the first.

    Parameters
    ----------
    pool_size : int or (int, int)
        Height and width of the window.
    strides : int or (int, int), optional
        How far it moves; by default its own size, so that windows do not overlap.
    padding : {"valid", "same"}
        "valid" leaves out what does not fill a window; "same" lets windows reach over the edge.
    """

    def __init__(
        self,
        pool_size: int | tuple[int, int] = (2, 2),
        strides: int | tuple[int, int] | None = None,
        padding: str = "valid",
        *,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(pool_size, strides, padding, name=name, dtype=dtype)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        x = self.receive(x)
        windows = self._windows.cut(x, fill=-np.inf)
        flat = windows.reshape(*windows.shape[:3], -1, windows.shape[-1])
        return self.keep(flat.max(axis=3), flat.argmax(axis=3))

    def backward(self, dy: np.ndarray) -> np.ndarray:
        dy, winner = self.recall(dy)
        place = np.arange(self.pool_size[0] * self.pool_size[1])[:, None]
        won = winner[:, :, :, None, :] == place  # (batch, rows, columns, places, c)
        d_windows = dy[:, :, :, None, :] * won
        return self._windows.add(d_windows.reshape(*dy.shape[:3], *self.pool_size, -1))


class AveragePooling2D(Pooling2D):
    """y = the mean of each window.

    (batch, height, width, channels) -> (batch, rows, columns, channels). Every pixel of a
    window passes an equal share of the gradient back. With padding "same" the mean is over the
    pixels inside the image.

    Parameters
    ----------
    pool_size, strides, padding
        As in :class:`MaxPooling2D`.
    """

    def build(self, input_shape: Shape, rng: np.random.Generator | None = None) -> None:
        super().build(input_shape, rng)
        ones = np.ones((1, *self._windows.image, 1), self.dtype)
        self._count = self._windows.cut(ones).sum(axis=(3, 4))

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        x = self.receive(x)
        return self.keep(self._windows.cut(x).sum(axis=(3, 4)) / self._count)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        (dy,) = self.recall(dy)
        share = (dy / self._count)[:, :, :, None, None, :]
        shape = (*dy.shape[:3], *self.pool_size, dy.shape[3])
        return self._windows.add(np.broadcast_to(share, shape))
