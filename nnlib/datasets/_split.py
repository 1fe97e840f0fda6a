"""Set part of a data set aside for testing, with the same share of each class."""

from __future__ import annotations

import numpy as np

Split = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def stratified_split(
    x: np.ndarray, y: np.ndarray, test_size: float, rng: np.random.Generator
) -> Split:
    """Return ``(x_train, y_train), (x_test, y_test)``, shuffled, stratified by the labels ``y``.

    Each class, of two members at least, keeps one on either side.
    """
    test = np.zeros(len(y), dtype=bool)
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == label))
        share = min(max(round(test_size * len(members)), 1), len(members) - 1)
        test[members[:share]] = True
    train_rows = rng.permutation(np.flatnonzero(~test))
    test_rows = rng.permutation(np.flatnonzero(test))
    return (x[train_rows], y[train_rows]), (x[test_rows], y[test_rows])
