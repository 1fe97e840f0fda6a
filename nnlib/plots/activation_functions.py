"""Activation functions beside their derivatives, and what is left of a gradient behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib._checks import finite, number, numeric, whole
from nnlib.plots._arguments import score
from nnlib.plots._style import BLUE, GREEN, ORANGE, figure, plot

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure

Function = Callable[[np.ndarray], np.ndarray]


def _named(
    function: str | Function, derivative: Function | None, name: str | None
) -> tuple[Function, Function, str]:
    """Return a function, its derivative and its name; a string names one of nnlib's."""
    if isinstance(function, str):
        from nnlib import activations

        known = activations.get(function)
        return known, derivative or (lambda z: activations.derivative(known, z)), name or function
    if not callable(function):
        raise TypeError(
            f"activation: expected a function or a name such as 'relu'; got {function!r}."
        )
    own = getattr(function, "__name__", "<>")
    own = "activation" if own.startswith("<") else own  # a lambda has no name
    return function, derivative or (lambda z: _slope(function, z)), name or own


def _values(function: Function, z: np.ndarray, what: str) -> np.ndarray:
    """Return what ``function`` makes of ``z``, checked to be one number for each."""
    values = finite(numeric(function(z.copy()), what), what)
    if values.shape != z.shape:
        raise ValueError(
            f"{what}: for {z.shape[0]} inputs it should return {z.shape[0]} numbers; "
            f"got an array of shape {values.shape}."
        )
    return values


def _slope(function: Function, z: np.ndarray) -> np.ndarray:
    """Return the derivative at ``z`` by central differences."""
    h = 1e-5
    up, down = _values(function, z + h, "activation"), _values(function, z - h, "activation")
    return (up - down) / (2 * h)


def _draw_pair(
    axes: Any, function: Function, derivative: Function, z: np.ndarray, name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a function and its derivative on two axes; return the values of both."""
    a, da = _values(function, z, name), _values(derivative, z, f"derivative of {name}")
    for ax, values, colour, line, title in (
        (axes[0], a, BLUE, "-", name.replace("_", " ")),
        (axes[1], da, ORANGE, "--", "its derivative"),
    ):
        ax.axhline(0, color="#808080", linewidth=1)
        ax.axvline(0, color="#808080", linewidth=1)
        ax.plot(z, values, color=colour, linestyle=line)
        ax.set(xlabel="z", title=title)
    axes[0].set_ylabel("a")
    axes[1].set_ylabel("da/dz")
    return a, da


def _grid(z_range: tuple[float, float]) -> np.ndarray:
    low, high = number(z_range[0], "z_range"), number(z_range[1], "z_range")
    if low >= high:
        raise ValueError(f"z_range: expected (low, high) with low < high; got {z_range}.")
    return np.linspace(low, high, 400)  # an even count, so that 0, where kinks are, is left out


@plot
def activation(
    function: str | Function,
    derivative: Function | None = None,
    *,
    name: str | None = None,
    z_range: tuple[float, float] = (-6.0, 6.0),
) -> Figure:
    """Draw an activation function beside its derivative.

    Parameters
    ----------
    function : callable or str
        z, shape (n,), to a, shape (n,); or the name of one of nnlib's activations.
    derivative : callable, optional
        z to da/dz, shape (n,). Default: nnlib's own for a name, central differences
        for a function.
    name : str, optional
        Default: the function's own.
    z_range : (low, high)

    Returns
    -------
    Figure
    """
    function, derivative, name = _named(function, derivative, name)
    z = _grid(z_range)
    fig = figure(size=(9.0, 3.6))
    a, da = _draw_pair(fig.subplots(1, 2), function, derivative, z, name)
    fig.alt_text = (
        f"{name} beside its derivative for z from {score(z[0])} to {score(z[-1])}: a runs "
        f"from {score(a.min())} to {score(a.max())}, its derivative from {score(da.min())} to "
        f"{score(da.max())}."
    )
    return fig


@plot
def gradient_survival(
    function: str | Function = "sigmoid",
    z: float = 1.0,
    layers: int = 10,
    derivative: Function | None = None,
    *,
    name: str | None = None,
) -> Figure:
    """Draw what is left of a gradient when it has gone back through many activations.

    Every layer multiplies the gradient by da/dz. The weights are left out (all 1), so that the
    activation's own share is seen.

    Parameters
    ----------
    function : callable or str
        As in `activation`.
    z : float
        The pre-activation at which every layer works.
    layers : int
        How many layers the gradient passes.
    derivative : callable, optional
        As in `activation`.
    name : str, optional

    Returns
    -------
    Figure
    """
    function, derivative, name = _named(function, derivative, name)
    z, layers = number(z, "z"), whole(layers, "layers")
    span = max(6.0, abs(z) + 1)
    fig = figure(size=(12.0, 3.8))
    axes = fig.subplots(1, 3, width_ratios=(1, 1, 1.25))
    _draw_pair(axes[:2], function, derivative, _grid((-span, span)), name)
    at = np.array([z])
    a = float(_values(function, at, name)[0])
    da = float(_values(derivative, at, f"derivative of {name}")[0])
    axes[0].plot([z], [a], "o", color="black", markersize=9)
    axes[1].plot([z], [da], "o", color="black", markersize=9)
    axes[1].set_title(f"its derivative: {score(da)} at z = {z:g}")
    left = da ** np.arange(layers + 1)
    axes[2].bar(np.arange(layers + 1), left, color=GREEN, edgecolor="black", linewidth=0.6)
    axes[2].set(
        xlabel="layers passed",
        ylabel="share of the gradient",
        title=f"{score(left[-1])} left after {layers}",
    )
    axes[2].set_ylim(0, max(1.05, 1.05 * float(left.max())))
    axes[2].xaxis.get_major_locator().set_params(integer=True)
    fig.alt_text = (
        f"{name} at z = {z:g}: a = {score(a)} and da/dz = {score(da)}. A gradient of 1 is "
        f"{score(left[-1])} after {layers} such layers."
    )
    return fig
