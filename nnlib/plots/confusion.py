"""The confusion matrix: which class is taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib.plots._arguments import class_labels, count
from nnlib.plots._style import BLUE, figure, plot

if TYPE_CHECKING:
    from nnlib.plots._figure import Figure


@plot
def confusion_matrix(
    y_true: Any, y_pred: Any, names: Sequence[str] | None = None, *, title: str = "Confusion matrix"
) -> Figure:
    """Count how often each class is predicted as each class.

    Parameters
    ----------
    y_true, y_pred : arrays, shape (n,) or (n, classes)
        Labels from 0 up, one-hot labels or, for ``y_pred``, rows of probabilities.
    names : sequence of str, optional
        The classes' names. Default: their numbers.
    title : str

    Returns
    -------
    Figure
        Rows are true classes, columns predicted ones; correct ones lie on the diagonal.
    """
    true, predicted = class_labels(y_true, "y_true"), class_labels(y_pred, "y_pred")
    if len(true) != len(predicted) or len(true) == 0:
        raise ValueError(
            "confusion_matrix: expected as many predictions as labels, and at least one; "
            f"got {len(true)} labels and {len(predicted)} predictions."
        )
    if min(true.min(), predicted.min()) < 0:
        raise ValueError("confusion_matrix: expected labels from 0 up; got a negative one.")
    classes = int(max(true.max(), predicted.max())) + 1
    if names is None:
        names = [str(k) for k in range(max(classes, 2))]
    if len(names) < classes:
        raise ValueError(f"names: expected {classes}, one per class; got {len(names)}.")
    classes = len(names)
    table = np.zeros((classes, classes), dtype=int)
    np.add.at(table, (true, predicted), 1)

    from matplotlib.colors import LinearSegmentedColormap

    side = 2.6 + 0.45 * classes
    fig = figure(size=(side + 0.6, side))
    ax = fig.subplots()
    shades = LinearSegmentedColormap.from_list("counts", ["white", BLUE])
    ax.imshow(table, cmap=shades, vmin=0)
    for (i, j), number in np.ndenumerate(table):
        ax.text(
            j,
            i,
            str(number),
            ha="center",
            va="center",
            color="white" if number > 0.55 * table.max() else "black",
            fontweight="bold" if i == j else "normal",
        )
    ax.set_xticks(range(classes), names)
    ax.set_yticks(range(classes), names)
    ax.set(xlabel="predicted class", ylabel="true class", title=title)
    ax.grid(False)
    right = int(np.trace(table))
    wrong = table - np.diag(np.diag(table))
    fig.alt_text = (
        f"Confusion matrix of {count(len(true), 'example')} in {classes} classes: {right} right "
        f"({right / len(true):.1%})."
    )
    if wrong.any():
        i, j = divmod(int(wrong.argmax()), classes)
        fig.alt_text += (
            f" The most frequent mistake: {names[i]} taken for {names[j]}, "
            f"{wrong[i, j]} of {table[i].sum()} times."
        )
    return fig
