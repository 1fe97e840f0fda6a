"""The questions that every module asks of what it is given, and the answers in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from numbers import Real
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


def look_up(kind: str, name: object, known: Mapping[str, T]) -> T:
    """Return ``known[name]``; for an unknown name, raise an error that lists the known ones."""
    if not isinstance(name, str):
        raise TypeError(
            f"Expected the name of {_a(kind)} (such as {next(iter(known))!r}) or {_a(kind)} "
            f"itself, but received {name!r} of type {type(name).__name__}."
        )
    if name in known:
        return known[name]
    near = get_close_matches(name.lower(), known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"Unknown {kind} {name!r}.{hint} Known names: {', '.join(sorted(known))}.")


def _a(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def numeric(x: Any, where: str) -> np.ndarray:
    """Return ``x`` as an array of real numbers, or say why that cannot be."""
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ValueError(
            f"{where}: expected a rectangular array of numbers, but the rows differ in length."
        ) from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{where}: expected real numbers, but received dtype {array.dtype}.")
    return array


def finite(x: np.ndarray, where: str) -> np.ndarray:
    """Return ``x`` if it holds no NaN and no infinity; else name the first one's place."""
    if not np.isfinite(x).all():
        bad = np.argwhere(~np.isfinite(x))
        place = tuple(int(i) for i in bad[0])
        raise ValueError(
            f"{where}: expected finite numbers, but found {x[place]} at index {place} "
            f"({len(bad)} of {x.size} values are NaN or infinite). Clean the data first."
        )
    return x


def cast(x: np.ndarray, dtype: np.dtype, where: str) -> np.ndarray:
    """Return ``x`` in ``dtype``, if all of it is finite there too."""
    with np.errstate(over="ignore"):
        return finite(x.astype(dtype, copy=False), where)


def whole(value: object, where: str, *, at_least: int = 1) -> int:
    """Return ``value`` as an int that is not smaller than ``at_least``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{where}: expected a whole number, but received {value!r}.")
    if value < at_least:
        raise ValueError(f"{where}: expected at least {at_least}, but received {value}.")
    return int(value)


def number(
    value: object,
    where: str,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """Return ``value`` as a float between ``low`` and ``high`` (ends excluded where open)."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{where}: expected a number, but received {value!r}.")
    result = float(value)
    too_low = result <= low if open_low else result < low
    too_high = result >= high if open_high else result > high
    if too_low or too_high or not np.isfinite(result):
        span = " and ".join(
            text
            for text, told in (
                (f"above {low:g}" if open_low else f"at least {low:g}", low > -np.inf),
                (f"below {high:g}" if open_high else f"at most {high:g}", high < np.inf),
            )
            if told
        )
        raise ValueError(f"{where}: expected a number {span or 'that is finite'}, not {value!r}.")
    return result
