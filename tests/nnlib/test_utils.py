"""Helpers for data."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.utils import to_categorical


def test_to_categorical_by_hand():
    np.testing.assert_array_equal(to_categorical([0, 2]), [[1, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(to_categorical([[1], [0]], 2), [[0, 1], [1, 0]])


@given(st.lists(st.integers(0, 5), min_size=1))
def test_to_categorical_is_undone_by_argmax(labels):
    encoded = to_categorical(labels, 6)
    assert encoded.shape == (len(labels), 6)
    assert (encoded.sum(axis=1) == 1).all()
    assert encoded.argmax(axis=1).tolist() == labels


@pytest.mark.parametrize(
    ("labels", "classes", "error", "message"),
    [
        ([0, 3], 3, ValueError, "expected whole class numbers from 0 to 2, but received 3"),
        ([-1, 1], None, ValueError, "from 0 to 1, but received -1"),
        ([0.5], None, ValueError, "but received 0.5"),
        (["a"], None, TypeError, "to_categorical: expected real numbers"),
        ([], None, ValueError, "x is empty, so give num_classes"),
        ([0], 0, ValueError, "num_classes: expected at least 1"),
    ],
)
def test_errors_say_what_is_wrong(labels, classes, error, message):
    with pytest.raises(error, match=re.escape(message)):
        to_categorical(labels, classes)


@pytest.mark.keras
def test_to_categorical_is_that_of_keras(keras):
    for labels in ([0, 2, 1], [[0], [3]]):
        ours, theirs = to_categorical(labels), keras.utils.to_categorical(labels)
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
