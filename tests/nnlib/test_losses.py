"""Losses: values by hand, gradients by finite differences, stability, Keras, errors."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib import losses

MSE, BCE = losses.MeanSquaredError, losses.BinaryCrossentropy
CCE, SCCE = losses.CategoricalCrossentropy, losses.SparseCategoricalCrossentropy


def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def problem(name, rng, n=7, c=4):
    """A loss, its labels and predictions, with more than one output."""
    z = rng.uniform(-2, 2, size=(n, c))  # no probability too small for finite differences
    one_hot = np.eye(c)[rng.integers(0, c, n)]
    return {
        "mse": (MSE(), rng.normal(size=(n, c)), z),
        "bce": (BCE(), rng.integers(0, 2, (n, c)), 1 / (1 + np.exp(-z))),
        "bce, logits": (BCE(from_logits=True), rng.integers(0, 2, (n, c)), z),
        "bce, soft labels": (BCE(from_logits=True), rng.uniform(size=(n, c)), z),
        "cce": (CCE(), one_hot, softmax(z)),
        "cce, logits": (CCE(from_logits=True), one_hot, z),
        "cce, soft labels": (CCE(from_logits=True), 0.9 * one_hot + 0.1 / c, z),
        "scce": (SCCE(), one_hot.argmax(axis=1), softmax(z)),
        "scce, logits": (SCCE(from_logits=True), one_hot.argmax(axis=1), z),
    }[name]


PROBLEMS = [
    "mse", "bce", "bce, logits", "bce, soft labels", "cce", "cce, logits", "cce, soft labels", "scce", "scce, logits",
]  # fmt: skip


def test_values_worked_out_by_hand():
    assert MSE()([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [3.0, 7.0]]) == pytest.approx(13 / 4)
    assert BCE()([1, 0], [0.8, 0.4]) == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)
    p = [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]
    expected = -(np.log(0.7) + np.log(0.6)) / 2  # the mean over 2 examples, not over 6 entries
    assert CCE()([[1, 0, 0], [0, 0, 1]], p) == pytest.approx(expected)
    assert SCCE()([0, 2], p) == pytest.approx(expected)
    assert CCE(from_logits=True)([[1, 0, 0], [0, 0, 1]], np.log(p)) == pytest.approx(expected)
    assert BCE(from_logits=True)([[1], [0]], [[0.0], [0.0]]) == pytest.approx(np.log(2))


@pytest.mark.parametrize("name", PROBLEMS)
def test_gradient_is_that_of_finite_differences(name, rng):
    loss, y, p = problem(name, rng)
    h, numerical = 1e-6, np.empty_like(p)
    for index in np.ndindex(p.shape):
        step = np.zeros_like(p)
        step[index] = h
        numerical[index] = (loss(y, p + step) - loss(y, p - step)) / (2 * h)
    np.testing.assert_allclose(loss.gradient(y, p), numerical, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", PROBLEMS)
def test_dtype_shape_and_unchanged_arguments(name, rng):
    loss, y, p = problem(name, rng)
    y_kept, p_kept = y.copy(), p.copy()
    for dtype in ("float32", "float64"):
        gradient = loss.gradient(y, p.astype(dtype))
        assert gradient.dtype == dtype
        assert gradient.shape == p.shape
    assert isinstance(loss(y, p), float)
    np.testing.assert_array_equal(y, y_kept)
    np.testing.assert_array_equal(p, p_kept)


def test_from_logits_is_exact_for_huge_scores():
    with np.errstate(all="raise", under="ignore"):
        z = np.array([[1000.0, -1000.0]])
        assert CCE(from_logits=True)([[0, 1]], z) == 2000
        assert CCE(from_logits=True)([[1, 0]], z) == 0
        assert SCCE(from_logits=True)([1], z) == 2000
        np.testing.assert_array_equal(CCE(from_logits=True).gradient([[0, 1]], z), [[1, -1]])
        assert BCE(from_logits=True)([[0], [1]], [[1000.0], [-1000.0]]) == 1000
        gradient = BCE(from_logits=True).gradient([[0], [1]], [[1000.0], [-1000.0]])
        np.testing.assert_array_equal(gradient, [[0.5], [-0.5]])
        # right and sure: the loss is e^-40, not 0
        assert BCE(from_logits=True)([[1]], [[40.0]]) == pytest.approx(np.exp(-40), rel=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_probability_of_zero_counts_as_epsilon(dtype):
    eps = losses.EPSILON
    with np.errstate(all="raise"):
        assert BCE()([[1.0]], np.array([[0]], dtype)) == pytest.approx(-np.log(eps), rel=1e-6)
        assert BCE()([[0.0]], np.array([[1]], dtype)) == pytest.approx(-np.log(eps), rel=1e-1)
        assert CCE()([[1, 0]], np.array([[0, 1]], dtype)) == pytest.approx(-np.log(eps), rel=1e-6)
        assert SCCE()([0], np.array([[0, 1]], dtype)) == pytest.approx(-np.log(eps), rel=1e-6)
        # and the gradient still pushes it up
        assert BCE().gradient([[1.0]], np.array([[0]], dtype))[0, 0] < -1e6
        assert CCE().gradient([[1, 0]], np.array([[0, 1]], dtype))[0, 0] < -1e6


@given(
    hnp.arrays(float, (5, 3), elements=st.floats(-30, 30)),
    hnp.arrays(int, 5, elements=st.integers(0, 2)),
    st.floats(-500, 500),
)
def test_properties_of_the_categorical_cross_entropy(z, labels, shift):
    loss = SCCE(from_logits=True)
    value = loss(labels, z)
    assert value >= 0
    assert loss(labels, z + shift) == pytest.approx(value, abs=1e-9)
    assert CCE(from_logits=True)(np.eye(3)[labels], z) == value
    order = [3, 1, 4, 0, 2]
    assert loss(labels[order], z[order]) == pytest.approx(value)
    twice = loss(np.tile(labels, 2), np.tile(z, (2, 1)))
    assert twice == pytest.approx(value)  # a mean: copies of the data change nothing
    np.testing.assert_allclose(loss.gradient(labels, z).sum(axis=1), 0, atol=1e-12)


@given(hnp.arrays(float, (6, 1), elements=st.floats(-30, 30)), st.integers(0, 2**6 - 1))
def test_binary_is_categorical_with_two_classes(z, bits):
    y = np.array([bits >> i & 1 for i in range(6)])
    two = np.concatenate([np.zeros_like(z), z], axis=1)
    assert BCE(from_logits=True)(y, z) == pytest.approx(SCCE(from_logits=True)(y, two), abs=1e-12)


def test_labels_may_lack_the_last_axis_of_one():
    p = np.array([[0.9], [0.2]])
    assert BCE()([1, 0], p) == BCE()([[1], [0]], p)
    assert MSE()([1, 0], p) == MSE()([[1], [0]], p)
    assert SCCE()([[0], [1]], [[0.9, 0.1], [0.2, 0.8]]) == SCCE()([0, 1], [[0.9, 0.1], [0.2, 0.8]])


def test_get():
    assert isinstance(losses.get("mse"), MSE)
    assert isinstance(losses.get("mean_squared_error"), MSE)
    assert isinstance(losses.get("sparse_categorical_crossentropy"), SCCE)
    loss = BCE(from_logits=True)
    assert losses.get(loss) is loss


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: losses.get("crossentropy"), ValueError, "Unknown loss 'crossentropy'. Did you mean"),
        (lambda: losses.get("hinge"), ValueError, "Known names: binary_crossentropy,"),
        (lambda: losses.get(None), TypeError, "Expected the name of a loss"),
        (lambda: BCE(from_logits="yes"), TypeError, "BinaryCrossentropy(from_logits): expected True or False"),
        (lambda: MSE()([[1, 2, 3]], [[1, 2]]), ValueError, "mean_squared_error: expected y_true of shape (1, 2), that of the predictions, but received shape (1, 3)"),
        (lambda: MSE()([[np.nan]], [[1.0]]), ValueError, "mean_squared_error: y_true: expected finite numbers, but found nan at index (0, 0) (1 of 1"),
        (lambda: MSE()([["a"]], [[1.0]]), TypeError, "mean_squared_error: y_true: expected real numbers"),
        (lambda: MSE()(np.ones((0, 2)), np.ones((0, 2))), ValueError, "y_pred is empty"),
        (lambda: BCE()([-1, 1], [0.1, 0.2]), ValueError, "expected labels 0 and 1, but y_true contains -1"),
        (lambda: BCE()([0, 1], [0.1, 1.2]), ValueError, "expected probabilities from 0 to 1, but received 1.2. End the model with activation='sigmoid'"),
        (lambda: BCE()([0, 1], [0.1, np.nan]), ValueError, "binary_crossentropy: y_pred: expected finite numbers, but found nan at index (1,)"),
        (lambda: CCE()([0, 1], [[0.1, 0.9], [0.5, 0.5]]), ValueError, "expected one-hot labels of shape (2, 2), but received shape (2,). For class numbers use 'sparse_categorical_crossentropy'"),
        (lambda: CCE()([[1, 1]], [[0.1, 0.9]]), ValueError, "expected each row of y_true to be one-hot (not negative, sum 1), but the row at index (0,) is [1. 1.], with sum 2"),
        (lambda: CCE()([[2, -1]], [[0.1, 0.9]]), ValueError, "expected each row of y_true to be one-hot"),
        (lambda: CCE()([[1, 0]], [[0.1, 0.3]]), ValueError, "expected each row of probabilities to sum to 1, but found a sum of 0.4"),
        (lambda: CCE()([[1]], [[1.0]]), ValueError, "at least 2 classes, but received shape (1, 1). For one output unit use 'binary_crossentropy'"),
        (lambda: SCCE()([3], [[0.1, 0.4, 0.5]]), ValueError, "expected whole class numbers from 0 to 2, but y_true contains 3"),
        (lambda: SCCE()([-1], [[0.1, 0.4, 0.5]]), ValueError, "from 0 to 2, but y_true contains -1"),
        (lambda: SCCE()([0.5], [[0.1, 0.4, 0.5]]), ValueError, "from 0 to 2, but y_true contains 0.5"),
        (lambda: SCCE()([[0, 1]], [[0.1, 0.9]]), ValueError, "They look one-hot: use 'categorical_crossentropy'"),
        (lambda: SCCE()([0, 1], [[0.1, 0.9]]), ValueError, "expected class numbers of shape (1,), but received shape (2,)"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


KERAS_NAMES = {
    "mse": "MeanSquaredError",
    "bce": "BinaryCrossentropy",
    "cce": "CategoricalCrossentropy",
    "scce": "SparseCategoricalCrossentropy",
}


@pytest.mark.keras
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_value_and_gradient_are_those_of_keras(name, dtype, keras_in, rng):
    import tensorflow as tf

    keras = keras_in(dtype)
    loss, y, p = problem(name, rng, n=9)
    p = p.astype(dtype)
    options = {} if name == "mse" else {"from_logits": "logits" in name or "soft" in name}
    theirs = getattr(keras.losses, KERAS_NAMES[name.split(",")[0]])(**options)
    x = tf.constant(p)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = theirs(y, x)
    rtol = {"float64": 1e-9, "float32": 1e-5}[dtype]
    np.testing.assert_allclose(loss(y, p), value, rtol=rtol)
    np.testing.assert_allclose(
        loss.gradient(y, p), tape.gradient(value, x), rtol=rtol, atol=rtol / 100
    )


@pytest.mark.keras
def test_value_at_probability_zero_is_that_of_keras(keras64):
    label, y, p = np.array([0]), np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    np.testing.assert_allclose(CCE()(y, p), keras64.losses.CategoricalCrossentropy()(y, p))
    np.testing.assert_allclose(BCE()(y, p), keras64.losses.BinaryCrossentropy()(y, p))
    theirs = keras64.losses.SparseCategoricalCrossentropy()(label, p)
    np.testing.assert_allclose(SCCE()(label, p), theirs)
