"""A data set in which there is nothing to learn."""

from __future__ import annotations

import numpy as np

from nnlib._checks import whole
from nnlib.datasets._seed import generator


def random_binary(
    n: int = 1000, features: int = 8, seed: int | np.random.Generator = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return random features with random labels.

    The labels are drawn without looking at the features, so no model can predict those of new
    examples better than chance: accuracy 0.5, binary cross-entropy ln 2 = 0.693 at best. What a
    network gains on its training data is memorised, and validation shows it.

    Parameters
    ----------
    n, features : int, at least 1
        Number of examples and of features.
    seed : int or numpy.random.Generator
        The same seed gives the same data.

    Returns
    -------
    X : float64 array, shape (n, features)
        Uniform in [0, 1).
    y : int64 array, shape (n,)
        0 or 1, each with probability 1/2.
    """
    n, features = whole(n, "n", at_least=1), whole(features, "features", at_least=1)
    rng = generator(seed)
    X = rng.random((n, features))
    return X, rng.integers(0, 2, size=n)
