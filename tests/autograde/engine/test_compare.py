"""The rules: what counts as the same number, and which difference is told first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograde.engine.compare import AtLeast, AtMost, Close, rule_from_json, rule_to_json

finite = st.floats(-1e6, 1e6)
arrays = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=5), elements=finite)


def stage(expected: object, got: object) -> str | None:
    found = Close().difference(expected, got)
    return found.stage if found else None


@given(arrays)
def test_an_array_is_itself_in_every_style(x: np.ndarray) -> None:
    assert stage(x, x) is None
    assert stage(x, x.tolist()) is None
    assert stage(x, np.asfortranarray(x)) is None
    assert stage(x, x.astype(np.float32)) is None


@given(arrays, st.data())
def test_one_wrong_entry_is_found_where_it_is(x: np.ndarray, data: st.DataObject) -> None:
    index = tuple(data.draw(st.integers(0, n - 1)) for n in x.shape)
    wrong = x.copy()
    wrong[index] += 1e-3 * max(1.0, np.abs(x).max())
    found = Close().difference(x, wrong)
    assert found is not None
    assert found.stage == "value"
    assert found.where == f"[{', '.join(map(str, index))}]"


@pytest.mark.parametrize(
    ("expected", "got", "first"),
    [
        (np.ones((2, 3)), None, "type"),
        (np.ones((2, 3)), "ones", "type"),
        (np.ones((2, 3)), [[1, 1, 1], [1, 1]], "type"),
        (np.ones((2, 3)), np.array([[object()]]), "type"),
        (np.ones((2, 3)), np.ones((2, 3)) + 0j, "type"),
        (np.ones((2, 3)), np.full((3, 2), np.nan), "shape"),
        (np.ones((2, 3)), 1.0, "shape"),
        (np.ones((2, 3)), np.full((2, 3), np.nan), "finite"),
        (np.ones((2, 3)), np.full((2, 3), np.inf), "finite"),
        (np.ones((2, 3)), np.zeros((2, 3)), "value"),
        (0.5, np.array([0.5]), "shape"),
        (0.5, 0.6, "value"),
        ("relu", "sigmoid", "value"),
        ("relu", 3, "type"),
        ({"W": 1.0}, [1.0], "type"),
        ({"W": 1.0}, {}, "shape"),
        ({"W": 1.0}, {"W": 2.0}, "value"),
        ([np.ones(2), np.ones(3)], [np.ones(2)], "shape"),
        ([np.ones(2), np.ones(3)], [np.ones(2), np.zeros(3)], "value"),
    ],
)
def test_the_first_difference_is_told_first(expected: object, got: object, first: str) -> None:
    assert stage(expected, got) == first


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (0.5, np.float32(0.5)),
        (0.5, np.array(0.5)),
        (3, 3.0),
        (np.array([0, 1, 1]), np.array([0.0, 1.0, 1.0])),
        (np.array([0, 1, 1]), [False, True, True]),
        ((np.ones(2), 0.5), [np.ones(2), 0.5]),
        ({"W": np.ones(2)}, {"W": [1, 1], "more": "is allowed"}),
        (np.array([np.nan, np.inf, 1]), np.array([np.nan, np.inf, 1])),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.array(["relu", "tanh"]), ["relu", "tanh"]),
        (None, None),
    ],
)
def test_other_ways_of_saying_the_same_pass(expected: object, got: object) -> None:
    assert Close().difference(expected, got) is None


def test_an_array_subclass_does_not_judge_itself() -> None:
    class Yes(np.ndarray):
        def __eq__(self, other: object) -> bool:  # type: ignore[override]
            return True

        def __array_ufunc__(self, *args: object, **kwargs: object) -> bool:
            return True

    assert stage(np.ones(3), np.zeros(3).view(Yes)) == "value"


def test_the_numbers_of_a_hidden_test_stay_apart_from_the_message() -> None:
    found = Close().difference(np.array([0.25, 0.75]), np.array([0.25, 0.5]))
    assert found is not None
    assert "0.75" in str(found)
    assert "0.75" not in found.public


def test_thresholds() -> None:
    assert AtLeast(0.97).difference(None, 0.97) is None
    assert AtMost(0.1).difference(None, np.float32(0.05)) is None
    for rule, got, first in [
        (AtLeast(0.97), 0.9, "value"),
        (AtMost(0.1), 0.2, "value"),
        (AtLeast(0.97), float("nan"), "finite"),
        (AtMost(0.1), float("-inf"), "finite"),
        (AtLeast(0.97), np.array([0.99, 0.99]), "type"),
        (AtLeast(0.97), "0.99", "type"),
    ]:
        found = rule.difference(None, got)
        assert found is not None
        assert found.stage == first


@pytest.mark.parametrize("rule", [Close(1e-3), AtLeast(0.97), AtMost(0.1)])
def test_rules_travel(rule: Close | AtLeast | AtMost) -> None:
    assert rule_from_json(rule_to_json(rule)) == rule
