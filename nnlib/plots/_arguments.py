"""Read what plots are given: models or plain functions, labels in any form, histories."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nnlib._checks import finite, numeric

Predict = Callable[[np.ndarray], np.ndarray]


def predictor(model: Any) -> Predict:
    """Return a function from inputs to outputs, for a model with ``predict`` or a callable."""
    predict = getattr(model, "predict", model)
    if not callable(predict):
        raise TypeError(
            "predict: expected a model with a predict method, or a function that takes an array "
            f"of inputs; got {type(model).__name__}."
        )
    try:
        # Keras prints a progress bar unless told not to.
        quiet = "verbose" in inspect.signature(predict).parameters
    except (TypeError, ValueError):  # a callable without a signature, as some NumPy functions
        quiet = False

    def outputs(x: np.ndarray) -> np.ndarray:
        result = numeric(predict(x, verbose=0) if quiet else predict(x), "the model's output")
        if result.ndim == 0 or len(result) != len(x):
            raise ValueError(
                f"predict: for {len(x)} inputs, {len(x)} outputs are expected; "
                f"got an array of shape {result.shape}. Does it work on a whole batch?"
            )
        return finite(result, "the model's output")

    return outputs


def class_labels(y: Any, name: str = "y") -> np.ndarray:
    """Return whole-number class labels, shape (n,), from whole numbers or one-hot rows."""
    y = finite(numeric(y, name), name)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim == 2:
        return y.argmax(axis=1)
    if y.ndim != 1:
        raise ValueError(f"{name}: expected labels of shape (n,) or (n, classes); got {y.shape}.")
    if not np.all(y == np.round(y)):
        raise ValueError(f"{name}: expected whole-number labels; got {y[y != np.round(y)][0]}.")
    return y.astype(int)


def points(X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return points in the plane, shape (n, 2), and their labels, shape (n,)."""
    X, y = finite(numeric(X, "X"), "X"), class_labels(y)
    if X.ndim != 2 or X.shape[1] != 2 or len(X) == 0:
        raise ValueError(f"X: expected points in the plane, of shape (n, 2); got shape {X.shape}.")
    if len(y) != len(X):
        raise ValueError(f"y: expected one label for each of the {len(X)} points; got {len(y)}.")
    return X, y


def history_of(history: Any, name: str = "history") -> dict[str, np.ndarray]:
    """Return ``{"loss": [...], ...}`` from a History, a dict of lists or one list of losses."""
    record = getattr(history, "history", history)
    if not isinstance(record, Mapping):
        record = {"loss": record}
    result = {}
    for key, values in record.items():
        values = numeric(values, f"{name}[{key!r}]")
        if values.ndim != 1 or len(values) == 0:
            raise ValueError(
                f"{name}[{key!r}]: expected one number per epoch; got shape {values.shape}."
            )
        result[str(key)] = values.astype(float)
    if not result:
        raise ValueError(f"{name}: expected at least one curve; it is empty. Has fit been called?")
    return result


def score(value: float) -> str:
    """Return a number with three digits and a true minus sign, which screen readers say."""
    return f"{value + 0.0:.3g}".replace("-", "−")  # + 0.0, since there is a -0.0


def count(number: int, noun: str) -> str:
    """Return "1 point" or "12 points"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
