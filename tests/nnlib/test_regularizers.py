"""Regularizers: values, gradients, Keras."""

from __future__ import annotations

import re

import numpy as np
import pytest

from nnlib import regularizers
from nnlib.gradcheck import check_gradient

ALL = [regularizers.L1(0.3), regularizers.L2(0.2), regularizers.L1L2(0.3, 0.2)]


def test_values_by_hand():
    w = np.array([[1.0, -2.0], [0.0, 3.0]])
    assert [r(w) for r in ALL] == pytest.approx([1.8, 2.8, 4.6])
    np.testing.assert_allclose(ALL[0].gradient(w), [[0.3, -0.3], [0.0, 0.3]])
    np.testing.assert_allclose(ALL[1].gradient(w), 0.4 * w)


@pytest.mark.parametrize("r", ALL)
def test_gradient(r, rng):
    w = rng.normal(size=(3, 4))
    assert check_gradient(r, r.gradient, w).passed
    assert r.gradient(w.astype("float32")).dtype == np.float32


def test_get():
    assert regularizers.get(None) is None
    assert regularizers.get(ALL[0]) is ALL[0]
    assert (regularizers.get("l1").l1, regularizers.get("l1").l2) == (0.01, 0)
    assert (regularizers.get("l2").l1, regularizers.get("l2").l2) == (0, 0.01)
    with pytest.raises(
        ValueError, match=re.escape("Unknown regularizer 'L2x'. Did you mean 'l2'?")
    ):
        regularizers.get("L2x")
    with pytest.raises(ValueError, match=re.escape("L2(l2): expected a number at least 0")):
        regularizers.L2(-1)


@pytest.mark.keras
def test_values_are_those_of_keras(keras64, rng):
    w = rng.normal(size=(3, 4))
    for r in (*ALL, *map(regularizers.get, ("l1", "l2", "l1_l2"))):
        theirs = {
            "L1": lambda r: keras64.regularizers.L1(r.l1),
            "L2": lambda r: keras64.regularizers.L2(r.l2),
            "L1L2": lambda r: keras64.regularizers.L1L2(r.l1, r.l2),
        }[type(r).__name__](r)
        np.testing.assert_allclose(r(w), theirs(w), rtol=1e-7)
