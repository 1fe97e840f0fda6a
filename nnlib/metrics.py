"""Metrics: what one reads to judge a model, beside the loss that trains it.

The functions return one value per example; the classes average these over batches. Names and
results are those of ``keras.metrics``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from nnlib._checks import finite, look_up, number, numeric, whole


def binary_accuracy(y_true: ArrayLike, y_pred: ArrayLike, threshold: float = 0.5) -> np.ndarray:
    """1 where (y_pred > threshold) equals the label, else 0. Labels are 0 and 1."""
    y, p = _same_shape(y_true, y_pred, "binary_accuracy")
    return ((p > threshold) == y).astype(float)


def categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> np.ndarray:
    """1 where the largest of a row's predictions is at the one-hot label's place, else 0."""
    y, p = _same_shape(y_true, y_pred, "categorical_accuracy")
    return (p.argmax(axis=-1) == y.argmax(axis=-1)).astype(float)


def sparse_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> np.ndarray:
    """1 where the largest of a row's predictions is at the place of the class number, else 0."""
    y = numeric(y_true, "sparse_categorical_accuracy: y_true")
    p = numeric(y_pred, "sparse_categorical_accuracy: y_pred")
    if y.shape == (*p.shape[:-1], 1):
        y = y[..., 0]
    if y.shape != p.shape[:-1]:
        raise ValueError(
            f"sparse_categorical_accuracy: expected class numbers of shape {p.shape[:-1]}, "
            f"but received shape {y.shape}."
        )
    return (p.argmax(axis=-1) == y).astype(float)


def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> np.ndarray:
    """The mean of (y_pred - y_true)² over the outputs of each example."""
    y, p = _same_shape(y_true, y_pred, "mean_squared_error")
    return np.square(p - y).mean(axis=-1)


def _same_shape(y_true: ArrayLike, y_pred: ArrayLike, where: str) -> tuple[np.ndarray, np.ndarray]:
    y, p = numeric(y_true, f"{where}: y_true"), numeric(y_pred, f"{where}: y_pred")
    if y.shape != p.shape and {y.shape, p.shape} in (
        {(*y.shape, 1), y.shape},
        {(*p.shape, 1), p.shape},
    ):
        y = y.reshape(p.shape)
    if y.shape != p.shape:
        raise ValueError(
            f"{where}: expected labels of shape {p.shape}, that of the predictions, "
            f"but received shape {y.shape}."
        )
    return y, p


class Metric:
    """The running mean of ``function(y_true, y_pred)`` over all the examples seen since a reset.

    Attributes
    ----------
    name : str
        The key in ``history.history``.
    direction : {"max", "min"}
        Which way is better.
    """

    def __init__(
        self,
        function: Callable[..., np.ndarray],
        name: str | None = None,
        direction: str = "max",
    ) -> None:
        self.function = function
        self.name = name or function.__name__
        self.direction = direction
        self.reset_state()

    def reset_state(self) -> None:
        """Forget all that was seen."""
        self.total = 0.0
        self.count = 0

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike) -> None:
        """Take in one batch."""
        values = self.function(y_true, y_pred)
        self.total += float(values.sum())
        self.count += values.size

    def result(self) -> float:
        """The mean so far; 0 if nothing was seen, as in Keras."""
        return self.total / self.count if self.count else 0.0

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike) -> float:
        self.update_state(y_true, y_pred)
        return self.result()


class BinaryAccuracy(Metric):
    """The share of outputs on the right side of ``threshold``."""

    def __init__(self, name: str = "binary_accuracy", *, threshold: float = 0.5) -> None:
        self.threshold = number(threshold, "BinaryAccuracy(threshold)", low=0, high=1)
        super().__init__(partial(binary_accuracy, threshold=self.threshold), name)


class CategoricalAccuracy(Metric):
    """The share of examples whose most probable class is the one-hot label's."""

    def __init__(self, name: str = "categorical_accuracy") -> None:
        super().__init__(categorical_accuracy, name)


class SparseCategoricalAccuracy(Metric):
    """The share of examples whose most probable class is the label."""

    def __init__(self, name: str = "sparse_categorical_accuracy") -> None:
        super().__init__(sparse_categorical_accuracy, name)


class MeanSquaredError(Metric):
    """The mean of the squared errors."""

    def __init__(self, name: str = "mean_squared_error") -> None:
        super().__init__(mean_squared_error, name, direction="min")


_BY_NAME: dict[str, Callable[[str], Metric]] = {
    "binary_accuracy": BinaryAccuracy,
    "categorical_accuracy": CategoricalAccuracy,
    "sparse_categorical_accuracy": SparseCategoricalAccuracy,
    "mean_squared_error": MeanSquaredError,
    "mse": MeanSquaredError,
}


def get(
    identifier: str | Metric, true_shape: tuple[int, ...], pred_shape: tuple[int, ...]
) -> Metric:
    """Return the metric for a name; a metric is returned as it is.

    ``"accuracy"`` (or ``"acc"``) is chosen by the shapes, as in Keras: binary for one output,
    sparse categorical for class numbers, otherwise categorical.
    """
    if isinstance(identifier, Metric):
        return identifier
    if identifier in ("accuracy", "acc"):
        if pred_shape[-1] == 1:
            return BinaryAccuracy(identifier)
        if len(true_shape) < len(pred_shape) or true_shape[-1] == 1:
            return SparseCategoricalAccuracy(identifier)
        return CategoricalAccuracy(identifier)
    look_up("metric", identifier, {"accuracy": None, "acc": None, **_BY_NAME})
    return _BY_NAME[identifier](identifier)


def confusion_matrix(
    y_true: ArrayLike, y_pred: ArrayLike, num_classes: int | None = None
) -> np.ndarray:
    """Count the examples of true class i that were taken for class j, at [i, j].

    Parameters
    ----------
    y_true, y_pred : arrays of class numbers, shape (n,)
    num_classes : int, optional
        By default the largest number in either, plus 1.

    Returns
    -------
    ndarray of int, shape (num_classes, num_classes)
    """
    y = finite(numeric(y_true, "confusion_matrix: y_true"), "confusion_matrix: y_true")
    p = finite(numeric(y_pred, "confusion_matrix: y_pred"), "confusion_matrix: y_pred")
    if y.ndim != 1 or y.shape != p.shape or y.size == 0:
        raise ValueError(
            "confusion_matrix: expected two lists of class numbers of the same length, at least 1, "
            f"but received shapes {y.shape} and {p.shape}. (For probabilities, first take "
            "argmax(axis=1).)"
        )
    top = int(max(y.max(), p.max())) + 1
    classes = top if num_classes is None else whole(num_classes, "confusion_matrix: num_classes")
    both = np.concatenate([y, p])
    wrong = (both != np.floor(both)) | (both < 0) | (both >= classes)
    if wrong.any():
        raise ValueError(
            f"confusion_matrix: expected whole class numbers from 0 to {classes - 1}, "
            f"but received {both[wrong][0]:g}."
        )
    counts = np.bincount(classes * y.astype(int) + p.astype(int), minlength=classes**2)
    return counts.reshape(classes, classes)
