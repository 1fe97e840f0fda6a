"""Initializers: moments, ranges, seeds, and the agreement of both with Keras."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from nnlib import initializers

DRAWING = ["random_uniform", "random_normal", "glorot_uniform", "glorot_normal", "he_uniform",
"he_normal"]  # fmt: skip


def test_constants():
    np.testing.assert_array_equal(initializers.Zeros()((2, 3)), np.zeros((2, 3)))
    np.testing.assert_array_equal(initializers.Ones()((4,)), np.ones(4))
    np.testing.assert_array_equal(initializers.Constant(2.5)((2,)), [2.5, 2.5])


@pytest.mark.parametrize(
    ("name", "variance", "bound"),
    [
        ("random_uniform", 0.05**2 / 3, 0.05),
        ("random_normal", 0.05**2, math.inf),
        ("glorot_uniform", 2 / 600, math.sqrt(6 / 600)),
        ("glorot_normal", 2 / 600, 2 * math.sqrt(2 / 600) / 0.8796256610342398),
        ("he_uniform", 2 / 200, math.sqrt(6 / 200)),
        ("he_normal", 2 / 200, 2 * math.sqrt(2 / 200) / 0.8796256610342398),
    ],
)
def test_mean_variance_and_range(name, variance, bound, rng):
    w = initializers.get(name)((200, 400), "float64", rng)
    # 80,000 numbers: the standard error of the mean is sd / 283, of the variance at most variance / 200
    assert abs(w.mean()) < 5 * math.sqrt(variance) / 283
    np.testing.assert_allclose(w.var(), variance, rtol=0.025)
    assert np.abs(w).max() <= bound
    if bound < math.inf:
        assert np.abs(w).max() > 0.98 * bound


def test_the_truncated_normal_has_the_shape_of_one(rng):
    from scipy import stats

    w = initializers.truncated_normal(rng, 0.8796256610342398, (20_000,))
    assert stats.kstest(w, stats.truncnorm(-2, 2).cdf).pvalue > 1e-3


def test_fans():
    assert initializers.compute_fans((8, 5)) == (8, 5)
    assert initializers.compute_fans((3, 2, 8, 5)) == (48, 30)
    assert initializers.compute_fans((7,)) == (7, 7)
    assert initializers.compute_fans(()) == (1, 1)


@pytest.mark.parametrize("name", DRAWING)
def test_where_the_numbers_come_from(name):
    shape, make = (4, 5), type(initializers.get(name))
    own = make(seed=3)
    np.testing.assert_array_equal(own(shape), own(shape))
    np.testing.assert_array_equal(own(shape), make(seed=3)(shape, rng=np.random.default_rng(8)))
    free = make()
    assert (free(shape) != free(shape)).any()
    one, two = np.random.default_rng(5), np.random.default_rng(5)
    np.testing.assert_array_equal(free(shape, rng=one), make()(shape, rng=two))
    running = make(seed=np.random.default_rng(1))
    assert (running(shape) != running(shape)).any()


@pytest.mark.parametrize("name", DRAWING)
def test_the_global_generator_is_neither_read_nor_moved(name):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    initializers.get(name)((3, 3))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [*DRAWING, "zeros", "ones", "constant"])
def test_dtype(name, dtype):
    assert initializers.get(name)((2, 2), dtype).dtype == dtype


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: initializers.get("glorot"), ValueError, "Unknown initializer 'glorot'. Did you mean"),
        (lambda: initializers.get("xyz"), ValueError, "Known names: constant, glorot_normal,"),
        (lambda: initializers.RandomUniform(1, 0), ValueError, "RandomUniform(maxval): expected a number at least 1"),
        (lambda: initializers.RandomNormal(stddev=-1), ValueError, "RandomNormal(stddev): expected a number at least 0"),
        (lambda: initializers.Constant("a"), TypeError, "Constant(value): expected a number, but received 'a'"),
        (lambda: initializers.HeNormal(seed="a"), TypeError, "HeNormal(seed): expected a whole number"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


@pytest.mark.keras
@pytest.mark.parametrize("name", DRAWING)
@pytest.mark.parametrize("shape", [(100, 300), (3, 3, 20, 50)])
def test_the_distribution_is_that_of_keras(name, shape, keras, rng):
    from scipy import stats

    ours = initializers.get(name)(shape, "float64", rng).ravel()
    theirs = np.asarray(keras.initializers.get(name)(shape)).ravel()
    assert stats.ks_2samp(ours[:8000], theirs[:8000]).pvalue > 1e-4
    np.testing.assert_allclose(ours.std(), theirs.std(), rtol=0.05)
