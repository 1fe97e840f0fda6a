"""A training run at one moment: the loss so far, and what the model makes of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib._checks import finite, numeric
from nnlib.plots._arguments import count, predictor, score
from nnlib.plots._style import BLUE, GREY, ORANGE, figure, plot
from nnlib.plots.boundaries import draw_boundary
from nnlib.plots.learning_curves import draw_curves

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure

_FEW = 12  # examples whose outputs can be shown one by one


@plot
def training(losses: Mapping[str, Sequence[float]], model: Any, X: Any, y: Any) -> Figure:
    """Draw the losses of a training run so far, beside the model's predictions.

    What stands beside depends on the data: for points in the plane the decision boundary, for one
    feature the fitted curve, for up to 12 examples each output beside its target; else nothing.

    Parameters
    ----------
    losses : mapping from name to sequence of float
        One number per epoch, such as ``{"training": [...], "validation": [...]}``; may be empty
        before the first.
    model : model or callable
        What `decision_boundary` takes.
    X : array, shape (n, features)
    y : array, shape (n,) or (n, outputs)

    Returns
    -------
    Figure
    """
    X, y = finite(numeric(X, "X"), "X"), finite(numeric(y, "y"), "y")
    curves = {k: np.asarray(v, dtype=float) for k, v in losses.items() if len(v)}
    epoch = max((len(v) for v in curves.values()), default=0)
    draw = _beside(X, y)
    fig = figure(size=(11.5, 4.2) if draw else (6.5, 4.2))
    axes = fig.subplots(1, 2 if draw else 1, squeeze=False)[0]
    draw_curves(axes[0], curves, "loss")
    axes[0].set_title(f"Epoch {epoch}")
    if not curves:
        axes[0].set(xlim=(0, 10), ylim=(0, 1))
    told = ", ".join(f"{name} loss {score(v[-1])}" for name, v in curves.items())
    fig.alt_text = f"After {count(epoch, 'epoch')}{': ' + told if told else ''}."
    if draw:
        if all(np.isfinite(v[-1]) for v in curves.values()):
            fig.alt_text += " " + draw(axes[1], model, X, y)
        else:
            axes[1].text(0.5, 0.5, "diverged:\nthe loss is not finite", ha="center", va="center")
            axes[1].axis("off")
            fig.alt_text += " The training has diverged."
    return fig


def _beside(X: np.ndarray, y: np.ndarray) -> Any:
    """Return the function that draws these data, or None."""
    whole_labels = bool(np.all(y == np.round(y)))
    if X.ndim == 2 and X.shape[1] == 2 and whole_labels:
        return _draw_boundary
    if X.ndim == 2 and X.shape[1] == 1 and y.size == len(X):
        return _draw_fit
    if len(X) <= _FEW:
        return _draw_outputs
    return None


def _draw_boundary(ax: Any, model: Any, X: np.ndarray, y: np.ndarray) -> str:
    told = draw_boundary(ax, model, X, y, resolution=100)
    ax.set_title("Decision boundary")
    return told


def _draw_fit(ax: Any, model: Any, X: np.ndarray, y: np.ndarray) -> str:
    order = np.linspace(X.min(), X.max(), 200)[:, None]
    predict = predictor(model)
    ax.plot(X[:, 0], y.ravel(), "o", color=BLUE, markersize=7, label="data")
    ax.plot(order[:, 0], predict(order).ravel(), "--", color=ORANGE, label="model")
    ax.set(xlabel="x", ylabel="y", title="Fit")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0)
    error = float(np.mean((predict(X).ravel() - y.ravel()) ** 2))
    return f"The fitted curve over {len(X)} points has mean squared error {score(error)}."


def _draw_outputs(ax: Any, model: Any, X: np.ndarray, y: np.ndarray) -> str:
    outputs = predictor(model)(X).reshape(len(X), -1)
    targets = y.reshape(len(X), -1)
    if targets.shape[1] != outputs.shape[1]:  # whole-number labels of several classes
        targets = np.eye(outputs.shape[1])[targets[:, 0].astype(int)]
    rows = np.arange(targets.size)
    ax.barh(rows, outputs.ravel(), height=0.55, color=BLUE, label="output")
    ax.plot(
        targets.ravel(),
        rows,
        "D",
        color=ORANGE,
        markeredgecolor="black",
        markersize=9,
        label="target",
    )
    ax.axvline(0, color=GREY, linewidth=1)
    many = outputs.shape[1] > 1
    names = [
        f"{i + 1}, class {k}" if many else f"{i + 1}"
        for i in range(len(X))
        for k in range(outputs.shape[1])
    ]
    ax.set_yticks(rows, names)
    ax.invert_yaxis()
    ax.set(xlabel="output", ylabel="example", title="Outputs and targets")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0)
    pairs = ", ".join(
        f"{score(p)} for {t:g}" for p, t in zip(outputs.ravel(), targets.ravel(), strict=True)
    )
    return f"Outputs for their targets: {pairs}."
