"""Grids of pictures: data with predictions, weights, feature maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib._checks import finite, numeric, whole
from nnlib.plots._arguments import count, score
from nnlib.plots._style import figure, plot, signed_shades

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure


def _as_pictures(images: Any, shape: tuple[int, ...] | None) -> np.ndarray:
    """Return pictures of shape (n, height, width) or (n, height, width, 3)."""
    array = finite(numeric(images, "images"), "images")
    if array.ndim < 2 or array.size == 0:
        raise ValueError(f"images: expected at least one picture; got an array of {array.shape}.")
    if shape is None and array.ndim == 2:  # rows of pixels: guess a square
        side = round(array.shape[1] ** 0.5)
        shape = (side, side)
        if side * side != array.shape[1]:
            raise ValueError(
                f"images: {array.shape[1]} numbers in a row do not make a square picture; "
                "give shape=(height, width) or (height, width, 3)."
            )
    if shape is not None:
        size = int(np.prod(shape))
        if array[0].size != size:
            raise ValueError(
                f"shape: {tuple(shape)} needs {size} numbers per picture, not {array[0].size}."
            )
        array = array.reshape(len(array), *shape)
    if array.ndim == 4 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim not in (3, 4) or (array.ndim == 4 and array.shape[-1] != 3):
        raise ValueError(
            "images: expected shape (n, height, width), (n, height, width, 1) or "
            f"(n, height, width, 3); got {array.shape}."
        )
    return array


def _grid(total: int, columns: int, picture: tuple[int, ...], room: float) -> tuple[Any, Any]:
    """Return a figure and ``total`` axes without ticks, ``room`` inches of text above each."""
    columns = min(whole(columns, "columns"), total)
    rows = -(-total // columns)
    side = float(np.clip(9.0 / columns, 0.8, 1.7))
    height = side * picture[0] / picture[1]
    fig = figure(size=(max(side * columns, 3.0), rows * (height + room) + 0.35))
    axes = fig.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes:
        ax.axis("off")
    return fig, axes[:total]


@plot
def images(
    images: Any,
    titles: Sequence[Any] | None = None,
    predictions: Sequence[Any] | None = None,
    *,
    columns: int = 8,
    shape: tuple[int, ...] | None = None,
    title: str | None = None,
) -> Figure:
    """Show pictures in a grid, with their labels and, if given, what was predicted.

    A wrong prediction is framed and says both: "✗ 3, not 8".

    Parameters
    ----------
    images : array, shape (n, height, width), (n, height, width, 1 or 3) or (n, pixels)
        Grey pictures run from their smallest value (white) to their largest (black), as ink does;
        colours are uint8, or floats in [0, 1].
    titles : sequence of n, optional
        The true labels.
    predictions : sequence of n, optional
        The predicted labels; needs ``titles``.
    columns : int
    shape : tuple, optional
        Each picture's shape, where ``images`` holds rows of pixels that are no square.
    title : str, optional

    Returns
    -------
    Figure
    """
    pictures = _as_pictures(images, shape)
    total = len(pictures)
    for name, given in (("titles", titles), ("predictions", predictions)):
        if given is not None and len(given) != total:
            raise ValueError(f"{name}: expected {total}, one per picture; got {len(given)}.")
    if predictions is not None and titles is None:
        raise ValueError("images: predictions can be marked only beside the true titles.")
    if total > 100:
        raise ValueError(f"images: {total} pictures are too many to see; show 100 at most.")
    room = 0.0 if titles is None else 0.3
    fig, axes = _grid(total, columns, pictures.shape[1:3], room)
    wrong = 0
    for k, ax in enumerate(axes):
        ax.imshow(pictures[k], cmap="gray_r", vmin=pictures.min(), vmax=pictures.max())
        if titles is None:
            continue
        if predictions is None:
            ax.set_title(str(titles[k]), loc="center", fontsize=11)
        elif predictions[k] == titles[k]:
            ax.set_title(f"✓ {titles[k]}", loc="center", fontsize=11, fontweight="normal")
        else:
            wrong += 1
            ax.set_title(f"✗ {predictions[k]}, not {titles[k]}", loc="center", fontsize=11)
            ax.axis("on")
            ax.grid(False)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=True, linewidth=3, color="black")
    if title:
        fig.suptitle(title)
    size = f"{pictures.shape[1]} by {pictures.shape[2]} pixels"
    fig.alt_text = f"{title + ': ' if title else ''}{count(total, 'picture')} of {size}"
    if predictions is not None:
        fig.alt_text += f", {total - wrong} predicted right and {wrong} wrong"
    if titles is not None:
        fig.alt_text += f"; labels {', '.join(str(t) for t in titles[:20])}"
        fig.alt_text += ", and so on" if total > 20 else ""
    fig.alt_text += "."
    return fig


def _signed_grid(pictures: np.ndarray, columns: int, names: Sequence[str]) -> tuple[Any, float]:
    """Draw signed pictures with one scale, zero in its middle; return the figure and the scale."""
    reach = float(np.abs(pictures).max()) or 1.0
    fig, axes = _grid(len(pictures), columns, pictures.shape[1:3], 0.3)
    for ax, picture, name in zip(axes, pictures, names, strict=True):
        drawn = ax.imshow(picture, cmap=signed_shades(), vmin=-reach, vmax=reach)
        ax.set_title(name, loc="center", fontsize=11)
    fig.colorbar(drawn, ax=fig.axes, shrink=0.8)
    return fig, reach


@plot
def weights_as_images(
    weights: Any,
    shape: tuple[int, int] | None = None,
    *,
    columns: int = 8,
    limit: int = 32,
    title: str = "Weights of each unit",
) -> Figure:
    """Show the weights into each unit of a first dense layer, laid out as the input picture is.

    Parameters
    ----------
    weights : array, shape (pixels, units)
        A kernel as Keras's ``Dense`` holds it.
    shape : (height, width), optional
        The input picture's shape. Default: square.
    columns, limit : int
        Units per row, and at most so many units.
    title : str

    Returns
    -------
    Figure
        Dark blue above zero, light orange below; one scale for all units.
    """
    array = numeric(weights, "weights")
    if array.ndim != 2:
        raise ValueError(f"weights: expected shape (pixels, units); got {array.shape}.")
    units = min(array.shape[1], whole(limit, "limit"))
    pictures = _as_pictures(array.T[:units], shape)
    fig, reach = _signed_grid(pictures, columns, [f"unit {k}" for k in range(units)])
    fig.suptitle(title)
    fig.alt_text = (
        f"{title}: {units} of {count(array.shape[1], 'unit')}, each as a picture of "
        f"{pictures.shape[1]} by {pictures.shape[2]} weights between {score(-reach)} and "
        f"{score(reach)}."
    )
    return fig


@plot
def feature_maps(maps: Any, *, columns: int = 8, title: str = "Feature maps") -> Figure:
    """Show what each filter of a convolution answers to one picture.

    Parameters
    ----------
    maps : array, shape (height, width, filters) or (1, height, width, filters)
        A convolution's output for one picture, channels last, as Keras orders them.
    columns : int
    title : str

    Returns
    -------
    Figure
        Dark blue above zero, light orange below; one scale for all filters.
    """
    array = finite(numeric(maps, "maps"), "maps")
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim != 3 or array.size == 0:
        raise ValueError(
            f"maps: expected one picture's maps, shape (height, width, filters); got {array.shape}."
        )
    pictures = np.moveaxis(array, -1, 0)
    fig, _ = _signed_grid(pictures, columns, [f"filter {k}" for k in range(len(pictures))])
    fig.suptitle(title)
    strongest = int(np.abs(pictures).mean(axis=(1, 2)).argmax())
    fig.alt_text = (
        f"{title}: {len(pictures)} maps of {array.shape[0]} by {array.shape[1]}, values between "
        f"{score(float(array.min()))} and {score(float(array.max()))}; filter {strongest} answers "
        "most strongly."
    )
    return fig
