"""When is an answer right? The rules that a value is held against, and the first difference found.

The order is that of a patient teacher: is it the right type, then the right shape, then finite,
then the right numbers. Only the first that fails is told; what comes after it would only be noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograde.engine.values import NUMERIC_KINDS, kind_of, show


@dataclass(frozen=True)
class Difference:
    """The first way in which an answer is not what was expected."""

    stage: str
    """'type', 'shape', 'finite' or 'value'."""
    message: str
    where: str = ""
    """Path into the value, such as `['dW1'][2, 0]`; empty where the whole value is meant."""
    detail: str = ""
    """The numbers themselves. Kept apart, since those of a hidden test are not shown."""

    def __str__(self) -> str:
        return self.public + (f": {self.detail}" if self.detail else "")

    @property
    def public(self) -> str:
        """The difference without an expected number in it."""
        return f"at {self.where}, {self.message}" if self.where else self.message


@dataclass(frozen=True)
class Close:
    """Equal up to rounding: |got - expected| <= rtol * (|expected| + max|expected| / 10).

    The second term forgives the rounding of a small entry in an array of large ones, which a right
    answer that sums in another order has too. A float32 answer is allowed ten times `rtol`, a
    half-precision one a thousand times.
    """

    rtol: float = 1e-5

    def difference(self, expected: Any, got: Any) -> Difference | None:
        return _differ(expected, got, self.rtol, "")

    def describe(self, expected: Any) -> str:
        return show(expected)


@dataclass(frozen=True)
class AtLeast:
    """A number that must reach a threshold: for accuracies, which no two right trainings share to
    the digit."""

    minimum: float

    def difference(self, expected: Any, got: Any) -> Difference | None:
        problem = _not_a_number(got)
        if problem is not None or float(got) >= self.minimum:
            return problem
        return Difference("value", f"expected at least {self.minimum:g}, got {float(got):.4g}")

    def describe(self, expected: Any) -> str:
        return f"at least {self.minimum:g}"


@dataclass(frozen=True)
class AtMost:
    """A number that must not pass a threshold: for losses and errors."""

    maximum: float

    def difference(self, expected: Any, got: Any) -> Difference | None:
        problem = _not_a_number(got)
        if problem is not None or float(got) <= self.maximum:
            return problem
        return Difference("value", f"expected at most {self.maximum:g}, got {float(got):.4g}")

    def describe(self, expected: Any) -> str:
        return f"at most {self.maximum:g}"


Rule = Close | AtLeast | AtMost
_RULES: Mapping[str, type[Rule]] = {"close": Close, "at_least": AtLeast, "at_most": AtMost}


def rule_to_json(rule: Rule) -> dict[str, float]:
    for key, kind in _RULES.items():
        if isinstance(rule, kind):
            return {key: next(iter(vars(rule).values()))}
    raise TypeError(f"a rule is Close, AtLeast or AtMost, not {rule!r}")


def rule_from_json(data: Mapping[str, float]) -> Rule:
    ((key, number),) = data.items()
    return _RULES[key](number)


def _not_a_number(got: Any) -> Difference | None:
    array = _as_array(got)
    if array is None or array.shape != ():
        return Difference("type", f"expected a single number, got {kind_of(got)}")
    if not np.isfinite(array):
        return Difference("finite", f"expected a finite number, got {array}")
    return None


def _as_array(value: Any) -> np.ndarray | None:
    """`value` as a numeric array where it is one or reads as one (a list of rows, a NumPy or Python
    number), else None.

    Array subclasses lose their class here: a learner's `__eq__` never judges itself.
    """
    if isinstance(value, np.ndarray):
        return np.array(value, subok=False, copy=None) if _numeric(value.dtype) else None
    if isinstance(value, bool | int | float | complex | np.generic):
        array = np.asarray(value)
        return array if _numeric(array.dtype) else None
    if isinstance(value, list | tuple) and value:
        try:
            array = np.array(value)
        except ValueError:  # ragged: rows of different lengths
            return None
        return array if _numeric(array.dtype) else None
    return None


def _numeric(dtype: np.dtype) -> bool:
    return dtype.kind in NUMERIC_KINDS


def _differ(expected: Any, got: Any, rtol: float, where: str) -> Difference | None:
    if got is None and expected is not None:
        return Difference("type", "got None: is a `return` missing?", where)
    if isinstance(expected, dict):
        return _differ_dict(expected, got, rtol, where)
    expected_array = _as_array(expected)
    if expected_array is not None:
        return _differ_array(expected_array, got, rtol, where)
    if isinstance(expected, list | tuple):
        if not isinstance(got, list | tuple):
            return Difference("type", f"expected {kind_of(expected)}, got {kind_of(got)}", where)
        if len(got) != len(expected):
            message = f"expected {len(expected)} values, got {len(got)}"
            return Difference("shape", message, where)
        for i, (e, g) in enumerate(zip(expected, got, strict=True)):
            found = _differ(e, g, rtol, f"{where}[{i}]")
            if found:
                return found
        return None
    if isinstance(expected, np.ndarray):  # an array of strings
        expected = expected.tolist()
        got = got.tolist() if isinstance(got, np.ndarray) else got
    if type(got) is not type(expected):
        return Difference("type", f"expected {kind_of(expected)}, got {kind_of(got)}", where)
    if got != expected:
        detail = f"expected {show(expected)}, got {show(got)}"
        return Difference("value", "the value is wrong", where, detail)
    return None


def _differ_dict(expected: dict, got: Any, rtol: float, where: str) -> Difference | None:
    if not isinstance(got, dict):
        return Difference("type", f"expected a dict, got {kind_of(got)}", where)
    missing = [k for k in expected if k not in got]
    if missing:
        keys = ", ".join(repr(k) for k in missing)
        return Difference("shape", f"the dict has no key {keys}", where)
    for key, value in expected.items():
        found = _differ(value, got[key], rtol, f"{where}[{key!r}]")
        if found:
            return found
    return None


def _differ_array(expected: np.ndarray, got: Any, rtol: float, where: str) -> Difference | None:
    what = "a number" if expected.shape == () else f"an array of shape {expected.shape}"
    array = _as_array(got)
    if array is None:
        return Difference("type", f"expected {what}, got {kind_of(got)}", where)
    if array.dtype.kind == "c" and expected.dtype.kind != "c":
        return Difference("type", f"expected real numbers, got {array.dtype}", where)
    if array.shape != expected.shape:
        came = "a single number" if array.shape == () else f"shape {array.shape}"
        return Difference("shape", f"expected {what}, got {came}", where)
    if expected.size == 0:
        return None
    if array.dtype.kind == "f":  # a wider answer earns no narrower tolerance
        rtol *= {2: 1000.0, 4: 10.0}.get(array.dtype.itemsize, 1.0)
    kind = np.complex128 if expected.dtype.kind == "c" else np.float64
    e, g = expected.astype(kind), array.astype(kind)
    lost = np.isfinite(e) & ~np.isfinite(g)
    if lost.any():
        index = _first(lost)
        message = f"got {g[index]}, where a finite number is expected"
        if lost.size > 1:
            message += f" ({int(lost.sum())} of {lost.size} numbers are not finite)"
        return Difference("finite", message, where + _at(index), f"expected {show(e[index])}")
    with np.errstate(invalid="ignore"):
        finite = np.abs(e[np.isfinite(e)])
        scale = finite.max() if finite.size else 0.0
        error = np.where((e == g) | (np.isnan(e) & np.isnan(g)), 0.0, np.abs(g - e))
        tolerance = rtol * (np.where(np.isfinite(e), np.abs(e), 0.0) + 0.1 * scale) + 1e-12
        wrong = ~(error <= tolerance)
    if not wrong.any():
        return None
    index = _first(wrong)
    message, detail = "the number is wrong", f"expected {show(e[index])}, got {show(g[index])}"
    if expected.size > 1:
        message = f"the first of {int(wrong.sum())} wrong numbers (out of {wrong.size})"
        worst = np.max(error, where=wrong & ~np.isnan(error), initial=0.0)
        detail += f"; the largest error is {worst:.3g}"
    return Difference("value", message, where + _at(index), detail)


def _first(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(np.argmax(mask), mask.shape))


def _at(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""
