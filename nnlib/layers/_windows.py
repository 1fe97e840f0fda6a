"""Windows that slide over images: cut out for convolution and pooling, and added back together."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib._checks import whole
from nnlib.layers.layer import Shape


def pair(value: Any, where: str) -> tuple[int, int]:
    """Return a height and a width: ``3`` means ``(3, 3)``."""
    if isinstance(value, tuple | list):
        if len(value) != 2:
            raise ValueError(f"{where}: expected one number or two, but received {value!r}.")
        return whole(value[0], where), whole(value[1], where)
    return whole(value, where), whole(value, where)


def check_padding(padding: str, where: str) -> str:
    """Return ``padding`` if it is one of the two kinds."""
    if padding not in ("valid", "same"):
        raise ValueError(f"{where}: expected 'valid' or 'same', but received {padding!r}.")
    return padding


def check_images(input_shape: Shape, size: tuple[int, int], padding: str, where: str) -> None:
    """Raise ValueError unless the input is images, and at least as large as the window."""
    if len(input_shape) != 4:
        raise ValueError(
            f"{where}: expected images of shape (batch, height, width, channels), but received "
            f"{tuple(input_shape)}."
            + (" Add a channel axis: x[..., None]." if len(input_shape) == 3 else "")
        )
    height, width = input_shape[1:3]
    if padding == "valid" and (height < size[0] or width < size[1]):
        raise ValueError(
            f"{where}: a window of {size[0]} x {size[1]} does not fit into images of "
            f"{height} x {width}. Use a smaller window or padding='same'."
        )


def output_size(n: int, window: int, stride: int, padding: str) -> int:
    """How many windows fit side by side.

    valid: floor((n - window) / stride) + 1
    same: ceil(n / stride)
    """
    if padding == "valid":
        return (n - window) // stride + 1
    return -(-n // stride)


class Windows:
    """The windows of one size, stride and padding over images of one size.

    ``cut`` turns images (batch, height, width, channels) into windows (batch, rows, columns, window
    height, window width, channels); ``add`` is its transpose: it adds windows up to images.
    """

    def __init__(
        self,
        image: tuple[int, int],
        size: tuple[int, int],
        strides: tuple[int, int],
        padding: str,
    ) -> None:
        self.image, self.size, self.strides = image, size, strides
        self.grid = tuple(
            output_size(n, k, s, padding) for n, k, s in zip(image, size, strides, strict=True)
        )
        # "same" pads evenly; an odd pixel goes to the bottom or right, as in Keras.
        missing = [
            max((rows - 1) * s + k - n, 0) if padding == "same" else 0
            for rows, n, k, s in zip(self.grid, image, size, strides, strict=True)
        ]
        self.before = [m // 2 for m in missing]
        self.after = [m - m // 2 for m in missing]

    def cut(self, x: np.ndarray, fill: float = 0.0) -> np.ndarray:
        """The windows of ``x``, a view where nothing is padded; pixels outside are ``fill``."""
        if any(self.before) or any(self.after):
            (top, left), (bottom, right) = self.before, self.after
            edges = ((0, 0), (top, bottom), (left, right), (0, 0))
            x = np.pad(x, edges, constant_values=fill)
        views = np.lib.stride_tricks.sliding_window_view(x, self.size, axis=(1, 2))
        (rows, columns), (down, across) = self.grid, self.strides
        views = views[:, : rows * down : down, : columns * across : across]
        return views.transpose(0, 1, 2, 4, 5, 3)

    def add(self, windows: np.ndarray) -> np.ndarray:
        """Images in which every pixel is the sum of its places in ``windows``."""
        batch, rows, columns, *_, channels = windows.shape
        (height, width), (down, across) = self.image, self.strides
        (top, left), (bottom, right) = self.before, self.after
        shape = (batch, top + height + bottom, left + width + right, channels)
        padded = np.zeros(shape, windows.dtype)
        for i in range(self.size[0]):
            for j in range(self.size[1]):
                place = padded[:, i : i + rows * down : down, j : j + columns * across : across]
                place += windows[:, :, :, i, j]
        return padded[:, top : top + height, left : left + width]
