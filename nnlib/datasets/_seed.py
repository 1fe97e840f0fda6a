"""Where every random number in a data set comes from."""

from __future__ import annotations

import numpy as np

from nnlib._checks import whole


def generator(seed: int | np.random.Generator) -> np.random.Generator:
    """Return the generator that ``seed`` stands for; a generator stands for itself."""
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(whole(seed, "seed", at_least=0))
