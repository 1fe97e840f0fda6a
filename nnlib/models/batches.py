"""Batches of data, and the means of what is measured on them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from nnlib.metrics import Metric


class Meter:
    """The means of the loss and the metrics over the examples of an epoch."""

    def __init__(self, metrics: list[Metric]) -> None:
        self.metrics = metrics
        for metric in metrics:
            metric.reset_state()
        self.total = 0.0
        self.count = 0

    def add(self, loss: float, y: np.ndarray, predictions: np.ndarray) -> None:
        self.total += loss * len(predictions)
        self.count += len(predictions)
        for metric in self.metrics:
            metric.update_state(y, predictions)

    def results(self) -> dict[str, float]:
        return {"loss": self.total / self.count} | {m.name: m.result() for m in self.metrics}


def batches(size: int, *arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Cut arrays of the same length into batches; the last one may be smaller."""
    for start in range(0, len(arrays[0]), size):
        yield tuple(array[start : start + size] for array in arrays)


def split(x: ArrayLike, y: ArrayLike, share: float) -> tuple[tuple, tuple]:
    """Cut off the last ``share`` of the examples for validation, as Keras does."""
    x, y = np.asarray(x), np.asarray(y)
    n = len(x)
    cut = math.floor(n * (1 - share))
    if not 0 < cut < n:
        raise ValueError(
            f"fit(validation_split): cannot split {n} examples so that a share of {share:g} goes "
            "to validation and both parts have some. Give more data or another share."
        )
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])
