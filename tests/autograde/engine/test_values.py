"""Plain values survive the way through JSON; nothing else gets in."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograde.engine.values import decode, encode, show

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers()
arrays = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.bool_, np.complex128]),
    hnp.array_shapes(min_dims=0, min_side=0, max_side=3),
)
plain = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


def same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return (
            a.dtype == b.dtype
            and a.shape == b.shape
            and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
        )
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return a == b or repr(a) == repr(b)


@given(plain)
def test_every_plain_value_comes_back(value: Any) -> None:
    text = json.dumps(encode(value), allow_nan=False)
    assert same(decode(json.loads(text)), value)


@given(plain)
def test_every_plain_value_can_be_shown(value: Any) -> None:
    assert len(show(value)) < 5000


@pytest.mark.parametrize(
    "value", [object(), lambda: 0, {1, 2}, np.array([None]), b"raw", [open], {"f": print}]
)
def test_nothing_else_gets_in(value: Any) -> None:
    with pytest.raises(TypeError, match="not a plain value"):
        encode(value)


def test_rounding_keeps_significant_digits() -> None:
    assert encode(1.23456789012e-7, digits=4) == 1.235e-7
    assert encode(np.array([1 / 3]), digits=3)["array"] == [0.333]
