"""Plain values as JSON: numbers, text, lists, dictionaries and NumPy arrays, with nothing
executable in them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

NUMERIC_KINDS = "biufc"


def encode(value: Any, digits: int | None = None) -> Any:
    """Turn a plain value into what `json` writes.

    Parameters
    ----------
    value
        None, bool, int, float, complex, str, list, tuple, dict, or a NumPy array or scalar of a
        numeric, bool or string dtype, nested as you like.
    digits
        Significant digits to keep of each floating number. Two machines differ in the last bits of
        a matrix product; a file that is compared byte for byte must not.

    Raises
    ------
    TypeError
        For anything else: the value cannot be stored as plain data.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return _number(value, digits)
    if isinstance(value, complex):
        return {"complex": [_number(value.real, digits), _number(value.imag, digits)]}
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in NUMERIC_KINDS + "U":
            raise TypeError(f"an array of dtype {value.dtype} is not a plain value")
        flat = [encode(x, digits) for x in value.ravel().tolist()]
        return {"array": flat, "dtype": str(value.dtype), "shape": list(value.shape)}
    if isinstance(value, list):
        return [encode(x, digits) for x in value]
    if isinstance(value, tuple):
        return {"tuple": [encode(x, digits) for x in value]}
    if isinstance(value, dict):
        return {"dict": [[encode(k, digits), encode(v, digits)] for k, v in value.items()]}
    raise TypeError(f"a {type(value).__name__} is not a plain value")


def decode(data: Any) -> Any:
    """The value that `encode` turned into `data`."""
    if isinstance(data, list):
        return [decode(x) for x in data]
    if not isinstance(data, dict):
        return data
    if "array" in data:
        flat = np.array([decode(x) for x in data["array"]], dtype=data["dtype"])
        return flat.reshape(data["shape"])
    if "tuple" in data:
        return tuple(decode(x) for x in data["tuple"])
    if "dict" in data:
        return {decode(k): decode(v) for k, v in data["dict"]}
    if "complex" in data:
        return complex(*(decode(x) for x in data["complex"]))
    return float(data["float"])


def _number(x: float, digits: int | None) -> Any:
    if not math.isfinite(x):
        return {"float": str(x)}  # JSON has no NaN and no infinity
    return x if digits is None else float(f"{x:.{digits}g}")


def show(value: Any, limit: int = 30) -> str:
    """A value as a person would write it: rounded, short, large arrays by shape and range alone."""
    if isinstance(value, np.ndarray):
        if value.size > limit:
            text = f"array of shape {value.shape}, {value.dtype}"
            if value.dtype.kind in "iuf":
                text += f", from {show(np.min(value)[()])} to {show(np.max(value)[()])}"
            return text
        return _table(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {show(v, limit)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        inner = ", ".join(show(v, limit) for v in value[:limit])
        inner += ", ..." if len(value) > limit else ""
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    text = repr(value)
    return text if len(text) <= 300 else text[:297] + "..."


def _table(value: np.ndarray) -> str:
    """A small array in aligned columns, each number with five significant digits at most."""
    if value.dtype.kind not in "fc":
        return np.array2string(value, separator=", ")
    width = max((len(f"{x:.5g}") for x in value.ravel().tolist()), default=0)
    aligned: Any = {"all": lambda x: f"{x:.5g}".rjust(width)}
    return np.array2string(value, separator=", ", formatter=aligned)


def kind_of(value: Any) -> str:
    """What a value is, in a learner's words."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        known = value.dtype.kind in NUMERIC_KINDS
        return f"an array of shape {value.shape}" + ("" if known else f", {value.dtype}")
    if isinstance(value, bool | np.bool_):
        return "a bool"
    if isinstance(value, int | float | np.integer | np.floating):
        return "a number"
    name = type(value).__name__
    if isinstance(value, list | tuple | dict):
        return f"a {name} of length {len(value)}"
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
