"""Small helpers for data, under the names of ``keras.utils``."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nnlib._checks import finite, numeric, whole


def to_categorical(x: ArrayLike, num_classes: int | None = None) -> np.ndarray:
    """One-hot encode class numbers.

    Parameters
    ----------
    x : array of whole numbers from 0 to num_classes - 1, shape (n,) or (n, 1)
    num_classes : int, optional
        How many classes there are. By default the largest number in ``x``, plus 1.

    Returns
    -------
    ndarray of float64, shape (n, num_classes)
        As in Keras: row i has a 1 at place x[i] and 0 elsewhere.
    """
    labels = finite(numeric(x, "to_categorical"), "to_categorical")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if labels.size == 0 and num_classes is None:
        raise ValueError("to_categorical: x is empty, so give num_classes.")
    top = int(labels.max()) + 1 if num_classes is None else whole(num_classes, "num_classes")
    wrong = (labels != np.floor(labels)) | (labels < 0) | (labels >= top)
    if wrong.any():
        raise ValueError(
            f"to_categorical: expected whole class numbers from 0 to {top - 1}, "
            f"but received {labels[wrong][0]:g}."
        )
    return np.eye(top)[labels.astype(int)]
