"""Drawings of dense networks: neurons, wires, and the numbers on them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib._checks import numeric, whole
from nnlib.plots._arguments import count, score
from nnlib.plots._style import BLUE, ORANGE, figure, plot

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure

_MOST_SHOWN = 6  # neurons drawn in a layer; of a larger one, the first few and the last
_MOST_NUMBERS = 16  # wires between two layers that still have room for numbers


def _read_layers(layers: Any) -> tuple[list[int], list[np.ndarray] | None]:
    """Return layer sizes, and the weights if ``layers`` is a model with dense layers."""
    if not hasattr(layers, "layers"):
        try:
            sizes = [whole(size, "layers") for size in layers]
        except TypeError as error:
            raise TypeError(
                "network: expected layer sizes such as [2, 3, 1], or a model with dense layers; "
                f"got {layers!r}."
            ) from error
        if len(sizes) < 2:
            raise ValueError(f"network: expected at least two layer sizes; got {sizes}.")
        return sizes, None
    kernels = []
    for layer in layers.layers:
        parameters = [np.asarray(p) for p in layer.get_weights()]
        if parameters and parameters[0].ndim != 2:
            raise ValueError(
                "network: only dense layers can be drawn; "
                f"{getattr(layer, 'name', type(layer).__name__)!r} has weights of shape "
                f"{parameters[0].shape}."
            )
        kernels += parameters[:1]
    if not kernels:
        raise ValueError("network: the model has no weights yet. Build it, or give layer sizes.")
    return [kernels[0].shape[0], *(kernel.shape[1] for kernel in kernels)], kernels


def _matrices(given: Any, sizes: list[int], name: str) -> list[np.ndarray | None]:
    """Check one matrix (inputs, outputs), or None, for each gap between layers."""
    if given is None:
        return [None] * (len(sizes) - 1)
    if len(given) != len(sizes) - 1:
        raise ValueError(f"{name}: expected {len(sizes) - 1} arrays; got {len(given)}.")
    result: list[np.ndarray | None] = []
    for k, matrix in enumerate(given):
        expected = (sizes[k], sizes[k + 1])
        if matrix is not None and numeric(matrix, f"{name}[{k}]").shape != expected:
            raise ValueError(
                f"{name}[{k}]: expected shape {expected} (inputs, outputs); got {np.shape(matrix)}."
            )
        result.append(None if matrix is None else np.asarray(matrix, dtype=float))
    return result


def _vectors(given: Any, sizes: list[int], name: str) -> list[np.ndarray | None]:
    """Check one number per neuron, or None, for each layer."""
    if given is None:
        return [None] * len(sizes)
    if len(given) != len(sizes):
        raise ValueError(
            f"{name}: expected {len(sizes)} arrays, one per layer, the inputs first; "
            f"got {len(given)}."
        )
    result: list[np.ndarray | None] = []
    for k, vector in enumerate(given):
        if vector is not None and numeric(vector, f"{name}[{k}]").size != sizes[k]:
            raise ValueError(
                f"{name}[{k}]: expected {sizes[k]} numbers; got shape {np.shape(vector)}."
            )
        result.append(None if vector is None else np.asarray(vector, dtype=float).ravel())
    return result


def _shown(size: int) -> list[int]:
    """Return the indices of the neurons that are drawn."""
    if size <= _MOST_SHOWN:
        return list(range(size))
    return [*range(_MOST_SHOWN - 2), size - 1]


def _heights(size: int, row: float) -> dict[int, float]:
    """Return each drawn neuron's height, ``row`` apart, with a gap for those left out."""
    shown = _shown(size)
    places = list(range(len(shown)))
    if len(shown) < size:
        places[-1] += 1
    middle = places[-1] / 2
    return {neuron: row * (middle - place) for neuron, place in zip(shown, places, strict=True)}


@plot
def network(
    layers: Any,
    weights: Sequence[Any] | None = None,
    values: Sequence[Any] | None = None,
    gradients: Sequence[Any] | None = None,
    *,
    biases: Sequence[Any] | None = None,
    value_gradients: Sequence[Any] | None = None,
    names: Sequence[str] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw a dense network.

    Positive weights are solid blue lines, negative ones dashed orange, wider where larger. Numbers
    stand on the wires where there are few enough to read.

    Parameters
    ----------
    layers : list of int, or model
        The layers' sizes, inputs first; or a model with dense layers (Keras's or nnlib's), which
        brings its weights.
    weights : list of arrays, optional
        For each gap between layers a matrix of shape (inputs, outputs), or None.
    values : list of arrays, optional
        For each layer, inputs first, a number for each neuron, written in it; or None.
    gradients : list of arrays, optional
        dL/dw for each weight, shaped as ``weights``; written below the weight.
    biases : list of arrays, optional
        For each layer but the first a bias for each neuron, written above it; or None.
    value_gradients : list of arrays, optional
        A gradient for each neuron, shaped as ``values``; written below the neuron.
    names : list of str, optional
        The layers' names. Default: input, hidden 1, ..., output.
    title : str, optional

    Returns
    -------
    Figure
    """
    sizes, own = _read_layers(layers)
    w = _matrices(own if weights is None else weights, sizes, "weights")
    dw = _matrices(gradients, sizes, "gradients")
    a, da = _vectors(values, sizes, "values"), _vectors(value_gradients, sizes, "value_gradients")
    b = [None, *_vectors(biases, sizes[1:], "biases")]
    if names is None:
        hidden = [f"hidden {k}" for k in range(1, len(sizes) - 1)] if len(sizes) > 3 else ["hidden"]
        names = ["input", *hidden[: len(sizes) - 2], "output"]
    if len(names) != len(sizes):
        raise ValueError(f"names: expected {len(sizes)}, one per layer; got {len(names)}.")

    # Neurons and wires with numbers around them need more room.
    row = 1.0 if value_gradients is None and biases is None else 1.4
    heights = [_heights(size, row) for size in sizes]
    tallest = max(max(h.values()) for h in heights)
    across = 2.6 if w[0] is None else 3.4
    width = min(2.2 + 0.85 * across * (len(sizes) - 1), 13)
    fig = figure(size=(width, max(3.2, 2.0 + 1.75 * tallest)))
    ax = fig.subplots()
    for k in range(len(sizes) - 1):
        _draw_wires(ax, across * k, across, heights[k], heights[k + 1], w[k], dw[k])
    for k in range(len(sizes)):
        _draw_neurons(ax, across * k, heights[k], sizes[k], k, len(sizes), a[k], da[k], b[k])
        ax.text(across * k, tallest + 0.75, names[k], ha="center", fontsize=12, fontweight="bold")
    ax.set(xlim=(-0.6, across * (len(sizes) - 1) + 0.6), ylim=(-tallest - 0.8, tallest + 1.1))
    ax.set_aspect("equal")
    ax.axis("off")
    if title:
        ax.set_title(title)
    numbers = {
        "values": a,
        "weights": w,
        "biases": b,
        "gradients of the weights": dw,
        "gradients of the values": da,
    }
    fig.alt_text = _describe(title, sizes, names, numbers)
    return fig


def _draw_wires(
    ax: Any,
    x: float,
    across: float,
    left: dict[int, float],
    right: dict[int, float],
    w: np.ndarray | None,
    dw: np.ndarray | None,
) -> None:
    numbers = len(left) * len(right) <= _MOST_NUMBERS
    largest = 1.0 if w is None else float(np.abs(w).max()) or 1.0
    taken: list[tuple[float, float]] = []
    for i, y0 in left.items():
        for j, y1 in right.items():
            weight = None if w is None else w[i, j]
            negative = weight is not None and weight < 0
            width = 1.2 if weight is None else 0.5 + 3.0 * abs(weight) / largest
            ax.plot(
                [x, x + across],
                [y0, y1],
                color="#8A8A8A" if weight is None else ORANGE if negative else BLUE,
                linestyle="--" if negative else "-",
                linewidth=width if numbers else 0.6 * width,
                alpha=1.0 if numbers else 0.6,
                zorder=1,
            )
            lines = [] if weight is None else [score(weight)]
            if dw is not None:
                lines.append(f"∂ {score(dw[i, j])}")
            if numbers and lines:
                taken.append(_free_place((x, y0), (x + across, y1), len(lines), taken))
                ax.text(
                    *taken[-1],
                    "\n".join(lines),
                    ha="center",
                    va="center",
                    fontsize=10,
                    zorder=2,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
                )


def _free_place(
    start: tuple[float, float],
    end: tuple[float, float],
    lines: int,
    taken: list[tuple[float, float]],
) -> tuple[float, float]:
    """Return the place on a wire that is farthest from the labels that stand already."""
    best, farthest = start, -1.0
    for part in (0.45, 0.3, 0.6, 0.22, 0.38, 0.52, 0.68, 0.76):
        x, y = (a + part * (b - a) for a, b in zip(start, end, strict=True))
        # Distances in units of a label's width and height.
        room = min(
            (max(abs(x - u) / 0.75, abs(y - v) / (0.3 * lines)) for u, v in taken), default=9
        )
        if room > farthest:
            best, farthest = (x, y), room
        if room > 1.1:
            break
    return best


def _draw_neurons(
    ax: Any,
    x: float,
    heights: dict[int, float],
    size: int,
    layer: int,
    layers: int,
    values: np.ndarray | None,
    gradients: np.ndarray | None,
    biases: np.ndarray | None,
) -> None:
    from matplotlib.patches import Circle

    letter = "x" if layer == 0 else "y" if layer == layers - 1 else "h"
    for neuron, y in heights.items():
        ax.add_patch(
            Circle((x, y), 0.32, facecolor="white", edgecolor="black", linewidth=1.6, zorder=3)
        )
        name = f"{letter}{neuron + 1}"
        text = name if values is None else f"{name}\n{score(values[neuron])}"
        ax.text(x, y, text, ha="center", va="center", fontsize=10, zorder=4)
        for below, word, numbers in ((1, "∂", gradients), (-1, "b", biases)):
            if numbers is not None:
                ax.text(
                    x,
                    y - 0.36 * below,
                    f"{word} {score(numbers[neuron])}",
                    ha="center",
                    va="top" if below > 0 else "bottom",
                    fontsize=10,
                    zorder=4,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
                )
    if len(heights) < size:
        *_, before, last = heights.values()
        ax.text(
            x, (before + last) / 2, "⋮", ha="center", va="center", fontsize=20, fontweight="bold"
        )


def _describe(
    title: str | None,
    sizes: list[int],
    names: Sequence[str],
    numbers: dict[str, list[np.ndarray | None]],
) -> str:
    """Return the alt text: the shape, and all numbers where they are few."""
    shape = "-".join(map(str, sizes))
    wires = sum(p * q for p, q in pairwise(sizes))
    parts = [
        f"{title + ': ' if title else ''}A dense {shape} network with {count(wires, 'wire')}: "
        + ", ".join(f"{count(n, 'neuron')} in {name}" for n, name in zip(sizes, names, strict=True))
    ]
    for what, arrays in numbers.items():
        for k, array in enumerate(arrays):
            if array is None:
                continue
            where = names[k] if len(arrays) == len(sizes) else f"{names[k]} to {names[k + 1]}"
            if array.size <= _MOST_NUMBERS:
                listed = ", ".join(score(number) for number in array.ravel())
                parts.append(f"{what}, {where}: {listed}")
            else:
                parts.append(f"{what}, {where}: {score(array.min())} to {score(array.max())}")
    return ". ".join(parts) + "."
