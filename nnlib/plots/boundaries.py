"""Where a classifier changes its mind: decision boundaries in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib._checks import number, whole
from nnlib.plots._arguments import count, points, predictor
from nnlib.plots._style import CLASS_COLOURS, MARKERS, diverging, figure, plot

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure


def _plane(X: np.ndarray, resolution: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the two axes of a grid that holds all points, with some room around them."""
    low, high = X.min(axis=0), X.max(axis=0)
    room = 0.15 * np.where(high > low, high - low, 1.0)
    low, high = low - room, high + room
    return np.linspace(low[0], high[0], resolution), np.linspace(low[1], high[1], resolution)


def draw_boundary(
    ax: Any, model: Any, X: Any, y: Any, threshold: float = 0.5, resolution: int = 150
) -> str:
    """Draw a decision boundary on ``ax``; return the sentence that says what is seen."""
    X, y = points(X, y)
    threshold = number(threshold, "threshold")
    x1, x2 = _plane(X, whole(resolution, "resolution", at_least=2))
    predict = predictor(model)
    grid = np.stack(np.meshgrid(x1, x2), axis=-1)
    # One call for both, since a call may cost more than its work.
    output = predict(np.concatenate([X, grid.reshape(-1, 2)]))
    output = output.reshape(len(output), -1)
    kinds, codes = np.unique(y), y
    if output.shape[1] > 1:  # one column per class: the largest wins
        classes, scores = output.argmax(axis=1), output
    elif len(kinds) > 2:  # the class itself
        classes = np.rint(output[:, 0]).astype(int)
        scores = classes[:, None] == np.arange(classes.max() + 1)
    else:  # one score, such as the probability of the positive class
        classes, codes = (output[:, 0] >= threshold).astype(int), (y > 0).astype(int)
        scores = np.hstack([threshold - output, output - threshold])
        reach = max(np.abs(scores[len(X) :]).max(), 1e-12)
        height = scores[len(X) :, 1].reshape(grid.shape[:2])
        levels = reach * np.linspace(-1, 1, 13)
        ax.contourf(x1, x2, height, levels, cmap=diverging(), alpha=0.4)
    for k in range(scores.shape[1]):
        others = np.delete(scores, k, axis=1).max(axis=1)
        lead = (scores[:, k] - others.astype(float))[len(X) :].reshape(grid.shape[:2])
        if lead.max() <= 0:
            continue
        if output.shape[1] > 1 or len(kinds) > 2:
            tint = CLASS_COLOURS[k % len(CLASS_COLOURS)]
            ax.contourf(x1, x2, lead, [0, lead.max() + 1], colors=[tint], alpha=0.25)
        if lead.min() < 0:
            ax.contour(x1, x2, lead, [0], colors="black", linestyles="solid", linewidths=1.8)
    wrong = classes[: len(X)] != codes
    for kind in kinds:
        k = codes[y == kind][0]
        ax.scatter(
            *X[y == kind].T,
            s=46,
            color=CLASS_COLOURS[k % len(CLASS_COLOURS)],
            marker=MARKERS[k % len(MARKERS)],
            edgecolors="white",
            linewidths=0.8,
            label=f"class {kind}",
            zorder=3,
        )
    if wrong.any():
        ax.scatter(
            *X[wrong].T,
            s=150,
            facecolors="none",
            edgecolors="black",
            linewidths=1.5,
            label="wrong",
            zorder=4,
        )
    ax.set(xlabel="x1", ylabel="x2", xlim=x1[[0, -1]], ylim=x2[[0, -1]])
    ax.grid(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0)
    return (
        f"Decision boundary over {count(len(X), 'point')} of {len(kinds)} classes: "
        f"{len(X) - wrong.sum()} of {len(X)} are on the right side "
        f"({1 - wrong.mean():.0%} accuracy)."
    )


@plot
def decision_boundary(
    predict: Any,
    X: Any,
    y: Any,
    *,
    threshold: float = 0.5,
    title: str = "Decision boundary",
    resolution: int = 150,
) -> Figure:
    """Draw the regions that a classifier gives to each class, and the points with their labels.

    Points on the wrong side are ringed; each class has its own marker.

    Parameters
    ----------
    predict : model or callable
        A model with ``predict``, or a function: inputs of shape (m, 2) to one score per input,
        shape (m,) or (m, 1), or to one column per class, shape (m, classes).
    X : array, shape (n, 2)
        The points.
    y : array, shape (n,), (n, 1) or one-hot (n, classes)
        Their labels; with one score, labels above 0 are the positive class.
    threshold : float
        The score from which on a point counts as positive: 0.5 for a probability, 0 for
        z = w.x + b. Not used when there is a column for each class.
    title : str
    resolution : int
        Grid points in each direction.

    Returns
    -------
    Figure
    """
    fig = figure(size=(7.0, 4.6))
    ax = fig.subplots()
    fig.alt_text = draw_boundary(ax, predict, X, y, threshold, resolution)
    ax.set_title(title)
    return fig


@plot
def decision_line(
    w1: float = 1.0, w2: float = 1.0, b: float = -1.5, X: Any = None, y: Any = None
) -> Figure:
    """Draw the line w1 x1 + w2 x2 + b = 0 of a perceptron, and the points that it gets wrong.

    Parameters
    ----------
    w1, w2, b : float
        The weights and the bias. The defaults solve AND.
    X, y : arrays, shapes (n, 2) and (n,), optional
        Points and labels (positive: above 0). Default: the truth table of AND.

    Returns
    -------
    Figure
    """
    if (X is None) != (y is None):
        raise ValueError("decision_line: give both X and y, or neither.")
    if X is None:
        from nnlib.datasets import gates

        X, y = gates("and")
    w = np.array([number(w1, "w1"), number(w2, "w2")])
    b = number(b, "b")
    fig = figure(size=(7.0, 4.6))
    ax = fig.subplots()
    seen = draw_boundary(ax, lambda x: x @ w + b, X, y, threshold=0.0)
    ax.set_title(f"{w[0]:g} x1 {_signed(w[1])} x2 {_signed(b)} ≥ 0")
    fig.alt_text = f"The line {w[0]:g} x1 {_signed(w[1])} x2 {_signed(b)} = 0. {seen}"
    return fig


def _signed(value: float) -> str:
    """Return "+ 2" or "− 2", to go on with a sum."""
    return f"{'−' if value < 0 else '+'} {abs(value):g}"
