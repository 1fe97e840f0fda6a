"""Metrics: by hand, in batches, against Keras and scikit-learn, errors."""

# One error a line reads best.
# ruff: noqa: E501

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix as sklearn_confusion_matrix

from nnlib import metrics


def test_values_by_hand():
    assert metrics.BinaryAccuracy()([1, 1, 0, 0], [0.98, 0.4, 0.5, 0.6]) == 0.5
    assert metrics.BinaryAccuracy(threshold=0.3)([1, 1, 0, 0], [0.98, 0.4, 0.5, 0.6]) == 0.5
    assert (
        metrics.CategoricalAccuracy()([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.1, 0.9, 0]])
        == 0.5
    )
    assert metrics.SparseCategoricalAccuracy()([2, 1], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]]) == 0.5
    assert metrics.MeanSquaredError()([[1.0, 2.0]], [[0.0, 4.0]]) == 2.5


def test_batches_add_up_to_the_whole(rng):
    y, p = rng.integers(0, 3, 10), rng.normal(size=(10, 3))
    metric = metrics.SparseCategoricalAccuracy()
    assert metric.result() == 0
    for start in (0, 4, 8):
        metric.update_state(y[start : start + 4], p[start : start + 4])
    assert metric.result() == (p.argmax(axis=1) == y).mean()
    metric.reset_state()
    assert metric.result() == 0


def test_accuracy_is_chosen_by_the_shapes():
    def chosen(true_shape, pred_shape):
        return type(metrics.get("accuracy", true_shape, pred_shape)).__name__

    assert chosen((5,), (5, 1)) == "BinaryAccuracy"
    assert chosen((5, 1), (5, 1)) == "BinaryAccuracy"
    assert chosen((5,), (5, 3)) == "SparseCategoricalAccuracy"
    assert chosen((5, 1), (5, 3)) == "SparseCategoricalAccuracy"
    assert chosen((5, 3), (5, 3)) == "CategoricalAccuracy"
    assert metrics.get("acc", (5,), (5, 1)).name == "acc"
    assert metrics.get("mse", (5, 1), (5, 1)).name == "mse"
    metric = metrics.BinaryAccuracy(name="right")
    assert metrics.get(metric, (5,), (5, 1)) is metric


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_confusion_matrix_is_that_of_scikit_learn(pairs):
    y, p = np.array(pairs).T
    expected = sklearn_confusion_matrix(y, p, labels=range(4))
    np.testing.assert_array_equal(metrics.confusion_matrix(y, p, 4), expected)


def test_confusion_matrix_counts_its_classes():
    np.testing.assert_array_equal(
        metrics.confusion_matrix([0, 2], [1, 2]), [[0, 1, 0], [0, 0, 0], [0, 0, 1]]
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: metrics.get("acuracy", (5,), (5, 1)), ValueError, "Unknown metric 'acuracy'. Did you mean 'accuracy'?"),
        (lambda: metrics.get(3, (5,), (5, 1)), TypeError, "Expected the name of a metric (such as 'accuracy')"),
        (lambda: metrics.BinaryAccuracy(threshold=2), ValueError, "BinaryAccuracy(threshold): expected a number at least 0 and at most 1"),
        (lambda: metrics.binary_accuracy([1, 0], [[0.1, 0.2]]), ValueError, "binary_accuracy: expected labels of shape (1, 2), that of the predictions, but received shape (2,)"),
        (lambda: metrics.categorical_accuracy([1, 0], np.ones((2, 3))), ValueError, "categorical_accuracy: expected labels of shape (2, 3)"),
        (lambda: metrics.sparse_categorical_accuracy(np.ones((2, 3)), np.ones((2, 3))), ValueError, "expected class numbers of shape (2,), but received shape (2, 3)"),
        (lambda: metrics.mean_squared_error(["a"], [1.0]), TypeError, "mean_squared_error: y_true: expected real numbers"),
        (lambda: metrics.confusion_matrix([0, 1], [0]), ValueError, "two lists of class numbers of the same length, at least 1, but received shapes (2,) and (1,)"),
        (lambda: metrics.confusion_matrix([], []), ValueError, "at least 1, but received shapes (0,) and (0,)"),
        (lambda: metrics.confusion_matrix([0, 3], [0, 1], 3), ValueError, "from 0 to 2, but received 3"),
        (lambda: metrics.confusion_matrix([0.5], [0]), ValueError, "but received 0.5"),
        (lambda: metrics.confusion_matrix([0], [-1]), ValueError, "but received -1"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


@pytest.mark.keras
@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("BinaryAccuracy", lambda rng: rng.integers(0, 2, (9, 1))),
        ("BinaryAccuracy", lambda rng: rng.integers(0, 2, (9, 4))),
        ("CategoricalAccuracy", lambda rng: np.eye(4)[rng.integers(0, 4, 9)]),
        ("SparseCategoricalAccuracy", lambda rng: rng.integers(0, 4, 9)),
        ("SparseCategoricalAccuracy", lambda rng: rng.integers(0, 4, (9, 1))),
        ("MeanSquaredError", lambda rng: rng.normal(size=(9, 4))),
    ],
)
def test_results_are_those_of_keras(name, labels, keras64, rng):
    y = labels(rng)
    p = rng.uniform(size=(9, 1 if name == "BinaryAccuracy" and y.shape[1] == 1 else 4))
    ours, theirs = getattr(metrics, name)(), getattr(keras64.metrics, name)()
    assert ours.name == theirs.name
    for part in (slice(0, 4), slice(4, 8), slice(8, 9)):
        ours.update_state(y[part], p[part])
        theirs.update_state(y[part], p[part])
        np.testing.assert_allclose(ours.result(), theirs.result(), rtol=1e-12)
