"""A kernel that slides over a picture, and the output that it builds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib._checks import finite, look_up, numeric, whole
from nnlib.plots._arguments import score
from nnlib.plots._style import figure, plot, signed_shades

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure

KERNELS: dict[str, np.ndarray] = {
    "vertical edges": np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]),
    "horizontal edges": np.array([[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]]),
    "all edges": np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]),
    "blur": np.full((3, 3), 1 / 9),
    "sharpen": np.array([[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]),
    "identity": np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]),
}
"""Well-known 3 by 3 kernels; the first two are Sobel's."""


def example_image() -> np.ndarray:
    """Return a handwritten 0, shape (8, 8): it has edges in every direction."""
    from nnlib.datasets import digits

    (x, y), _ = digits()
    return x[y == 0][0].reshape(8, 8)


def _floats(array: Any, name: str) -> np.ndarray:
    return finite(numeric(array, name), name).astype(float)


@plot
def kernel_over_image(
    image: Any = None,
    kernel: Any = "vertical edges",
    position: int | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
) -> Figure:
    """Show one step of a convolution: the window, the kernel, and the output up to here.

    Parameters
    ----------
    image : array, shape (height, width) or (height, width, 1), optional
        Default: a handwritten 0 of 8 by 8 pixels.
    kernel : str or array, shape (rows, columns)
        A name in `KERNELS`, or the numbers. It is not flipped: as in Keras, "convolution" is
        cross-correlation.
    position : int, optional
        How many of the output's numbers are there already, less one; counted row by row. Default:
        the last, so that the output is complete.
    stride, padding : int
        The step from window to window, and the zeros around the picture.

    Returns
    -------
    Figure
    """
    picture = example_image() if image is None else _floats(image, "image")
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[..., 0]
    if isinstance(kernel, str):
        name, k = kernel, look_up("kernel", kernel, KERNELS)
    else:
        name, k = "kernel", _floats(kernel, "kernel")
    if picture.ndim != 2 or k.ndim != 2:
        raise ValueError(
            "kernel_over_image: expected one grey picture and one kernel, both of two dimensions; "
            f"got shapes {picture.shape} and {k.shape}."
        )
    stride, padding = whole(stride, "stride"), whole(padding, "padding", at_least=0)
    picture = np.pad(picture, padding)
    if k.size == 0 or any(a < b for a, b in zip(picture.shape, k.shape, strict=True)):
        raise ValueError(
            f"kernel_over_image: the kernel, {k.shape}, does not fit into the picture, "
            f"{picture.shape} with padding."
        )
    windows = np.lib.stride_tricks.sliding_window_view(picture, k.shape)[::stride, ::stride]
    output = np.einsum("ijkl,kl->ij", windows, k)
    last = output.size - 1
    position = last if position is None else whole(position, "position", at_least=0)
    if position > last:
        raise ValueError(f"position: expected at most {last}, the output's last; got {position}.")
    row, column = divmod(position, output.shape[1])
    here = float(output[row, column])

    fig = figure(size=(12.0, 4.6))
    axes = fig.subplots(1, 3, width_ratios=(1.25, 0.8, 1.1))
    axes[0].imshow(picture, cmap="gray_r")
    _frame(axes[0], (column * stride, row * stride), k.shape)
    axes[0].set_title(f"picture {picture.shape[0]} × {picture.shape[1]}")
    reach = float(np.abs(k).max()) or 1.0
    axes[1].imshow(k, cmap=signed_shades(), vmin=-reach, vmax=reach)
    _write_numbers(axes[1], k, reach)
    axes[1].set_title(name)
    axes[1].set_xlabel(f"sum of window × kernel\n= {score(here)}")
    shown = np.where(np.arange(output.size).reshape(output.shape) <= position, output, np.nan)
    reach = float(np.abs(output).max()) or 1.0
    drawn = axes[2].imshow(shown, cmap=signed_shades(), vmin=-reach, vmax=reach)
    _frame(axes[2], (column, row), (1, 1))
    if output.size <= 64:
        _write_numbers(axes[2], shown, reach)
    else:
        fig.colorbar(drawn, ax=axes[2], shrink=0.8)
    axes[2].set_title(f"output {output.shape[0]} × {output.shape[1]}")
    for ax in axes:
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        ax.spines[:].set_visible(True)
    fig.alt_text = (
        f"The kernel '{name}', {k.shape[0]} by {k.shape[1]}, over a picture of "
        f"{picture.shape[0]} by {picture.shape[1]} pixels with stride {stride}: step "
        f"{position + 1} of {output.size}. The window at row {row * stride}, column "
        f"{column * stride} gives {score(here)} at row {row}, column {column} of the output, "
        f"{output.shape[0]} by {output.shape[1]}."
    )
    return fig


def _frame(ax: Any, corner: tuple[int, int], shape: tuple[int, ...]) -> None:
    """Frame ``shape`` pixels from the upper left ``corner`` (column, row) on, on any background."""
    from matplotlib.patches import Rectangle

    place = (corner[0] - 0.5, corner[1] - 0.5)
    for colour, width in (("white", 5.5), ("black", 2.8)):
        ax.add_patch(
            Rectangle(place, shape[1], shape[0], fill=False, edgecolor=colour, linewidth=width)
        )


def _write_numbers(ax: Any, array: np.ndarray, reach: float) -> None:
    """Write each number on its square, white where the square is dark."""
    for (i, j), value in np.ndenumerate(array):
        if np.isfinite(value):
            colour = "white" if value > 0.35 * reach else "black"
            ax.text(j, i, f"{value:.2g}".replace("-", "−"), ha="center", va="center", color=colour)
