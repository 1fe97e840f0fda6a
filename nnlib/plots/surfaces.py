"""Loss surfaces over two parameters, and the paths of optimizers down them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib._checks import number, numeric, whole
from nnlib.plots._arguments import count, score
from nnlib.plots._style import COLOURS, LINES, MARKERS, figure, plot

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure

Loss = Callable[[np.ndarray, np.ndarray], np.ndarray]
Gradient = Callable[[float, float], tuple[float, float]]

_FAR = 1e6
"""Beyond this distance from the origin a path counts as diverged."""


@plot
def loss_surface(
    loss: Loss,
    paths: Mapping[str, Any] | None = None,
    *,
    w1_range: tuple[float, float] = (-2.0, 2.0),
    w2_range: tuple[float, float] = (-2.0, 2.0),
    title: str = "Loss over two parameters",
) -> Figure:
    """Draw contour lines of a loss over two parameters, and optimizers' paths on it.

    Parameters
    ----------
    loss : callable
        ``loss(w1, w2)`` for arrays of one shape; returns the losses in that shape.
    paths : mapping from name to array of shape (steps + 1, 2), optional
        The parameters at the start and after each step.
    w1_range, w2_range : (low, high)
        What part of the plane is drawn.
    title : str

    Returns
    -------
    Figure
    """
    axes_values = []
    for name, (low, high) in (("w1_range", w1_range), ("w2_range", w2_range)):
        if not number(low, name) < number(high, name):
            raise ValueError(f"{name}: expected (low, high) with low < high; got {(low, high)}.")
        axes_values.append(np.linspace(low, high, 160))
    w1, w2 = np.meshgrid(*axes_values)
    z = numeric(loss(w1, w2), "loss")
    if z.shape != w1.shape or not np.isfinite(z).all():
        raise ValueError(
            f"loss: expected one finite number for each pair of parameters, shape {w1.shape}; "
            f"got shape {z.shape}. Is it written for arrays?"
        )
    fig = figure(size=(8.0, 5.0))
    ax = fig.subplots()
    # Levels at even shares of the values: lines both in the flat and in the steep parts.
    levels = np.unique(np.quantile(z, np.linspace(0, 1, 16)))
    if len(levels) > 1:
        ax.contourf(w1, w2, z, levels, cmap="Greys", alpha=0.45)
        lines = ax.contour(w1, w2, z, levels[1:-1:2], colors="#6A6A6A", linewidths=0.8)
        ax.clabel(lines, fmt=score, fontsize=9)
    told = []
    for k, (name, given) in enumerate((paths or {}).items()):
        path = numeric(given, f"paths[{name!r}]")
        if path.ndim != 2 or path.shape[1] != 2 or len(path) == 0:
            raise ValueError(
                f"paths[{name!r}]: expected shape (steps + 1, 2); got shape {path.shape}."
            )
        told.append(_draw_path(ax, loss, str(name), path, k))
    ax.set(xlabel="w1", ylabel="w2", xlim=w1_range, ylim=w2_range, title=title)
    ax.grid(False)
    if told:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0, handlelength=3)
    lowest = np.unravel_index(z.argmin(), z.shape)
    fig.alt_text = (
        f"{title}: contour lines between {score(z.min())} and {score(z.max())}; lowest near "
        f"w1 = {score(w1[lowest])}, w2 = {score(w2[lowest])}. {' '.join(told)}"
    ).strip()
    return fig


def _draw_path(ax: Any, loss: Loss, name: str, path: np.ndarray, k: int) -> str:
    """Draw one path; return what became of it."""
    good = np.isfinite(path).all(axis=1) & (np.abs(path).max(axis=1) < _FAR)
    steps = len(path) - 1
    if good.all():
        end = float(numeric(loss(path[-1:, 0], path[-1:, 1]), "loss")[0])
        result, told = score(end), f"{name} ends at loss {score(end)} after {count(steps, 'step')}."
    else:
        path = path[: int(good.argmin())]
        result, told = "diverged", f"{name} diverges after {count(len(path), 'step')}."
    colour = COLOURS[k % len(COLOURS)]
    ax.plot(
        *path.T,
        color=colour,
        linestyle=LINES[k % len(LINES)],
        marker=MARKERS[k % len(MARKERS)],
        markersize=5.5,
        markeredgecolor="white",
        markeredgewidth=0.6,
        markevery=max(1, steps // 10),
        linewidth=1.8,
        label=f"{name}: {result}",
    )
    if len(path) and good.all():
        ax.plot(
            *path[-1],
            MARKERS[k % len(MARKERS)],
            color=colour,
            markersize=11,
            markeredgecolor="black",
        )
    return told


# Each surface: the loss, its gradient, where the paths start, and the ranges that are drawn.
SURFACES: dict[str, tuple[Loss, Gradient, tuple[float, float], Any, Any]] = {
    "ravine": (
        lambda w1, w2: 0.5 * w1**2 + 12.5 * w2**2,
        lambda w1, w2: (w1, 25.0 * w2),
        (-1.8, 0.7),
        (-2.0, 1.0),
        (-1.0, 1.0),
    ),
    "bowl": (
        lambda w1, w2: 0.5 * (w1**2 + w2**2),
        lambda w1, w2: (w1, w2),
        (-1.8, 1.2),
        (-2.0, 2.0),
        (-2.0, 2.0),
    ),
    "saddle": (
        lambda w1, w2: 0.5 * w1**2 - 0.5 * w2**2 + 0.125 * w2**4,
        lambda w1, w2: (w1, -w2 + 0.5 * w2**3),
        (-1.8, 0.01),
        (-2.0, 2.0),
        (-2.0, 2.0),
    ),
    "Rosenbrock": (
        lambda w1, w2: 0.1 * (1 - w1) ** 2 + (w2 - w1**2) ** 2,
        lambda w1, w2: (-0.2 * (1 - w1) - 4 * w1 * (w2 - w1**2), 2 * (w2 - w1**2)),
        (-1.2, 1.0),
        (-2.0, 2.0),
        (-1.0, 2.0),
    ),
}


def descend(
    gradient: Gradient, optimizer: Any, start: tuple[float, float], steps: int
) -> np.ndarray:
    """Return the path of an nnlib optimizer, shape (steps + 1, 2); nan once it has diverged."""
    w = np.array(start, dtype=float)
    path = np.full((steps + 1, 2), np.nan)
    path[0] = w
    for t in range(1, steps + 1):
        optimizer.apply(np.array(gradient(*w)), w)
        if not np.abs(w).max() < _FAR:
            break
        path[t] = w
    return path


@plot
def optimizer_race(
    surface: str = "ravine", learning_rate: float = 0.05, momentum: float = 0.9, steps: int = 50
) -> Figure:
    """Let four of nnlib's optimizers go down one surface, with one learning rate for all.

    Parameters
    ----------
    surface : {"ravine", "bowl", "saddle", "Rosenbrock"}
        The ravine's curvatures are 1 and 25: gradient descent diverges above a learning rate of
        2/25 = 0.08. The last is the valley of Rosenbrock (1960), with other constants.
    learning_rate : float, above 0
    momentum : float in [0, 1)
        For the second of SGD, momentum, RMSprop and Adam; the others keep Keras's defaults.
    steps : int

    Returns
    -------
    Figure
    """
    from nnlib.optimizers import SGD, Adam, RMSprop

    if surface not in SURFACES:
        raise ValueError(f"optimizer_race: expected one of {', '.join(SURFACES)}; got {surface!r}.")
    learning_rate = number(learning_rate, "learning_rate", low=0, open_low=True)
    loss, gradient, start, w1_range, w2_range = SURFACES[surface]
    racers = {
        "SGD": SGD(learning_rate),
        f"momentum {momentum:g}": SGD(learning_rate, momentum=momentum),
        "RMSprop": RMSprop(learning_rate),
        "Adam": Adam(learning_rate),
    }
    steps = whole(steps, "steps")
    paths = {name: descend(gradient, racer, start, steps) for name, racer in racers.items()}
    return loss_surface(
        loss,
        paths,
        w1_range=w1_range,
        w2_range=w2_range,
        title=f"{surface.capitalize()}: {steps} steps, learning rate {learning_rate:g}",
    )
