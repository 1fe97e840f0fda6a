"""Special methods of the learner's objects, by Python's own operators."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

ARITHMETIC = "add sub mul truediv floordiv mod pow matmul lshift rshift and_ or_ xor"
_OTHER = "lt le gt ge eq ne getitem delitem contains"
BINARY: dict[str, Callable[..., Any]] = {
    f"__{name.strip('_')}__": getattr(operator, name)
    for name in (
        *ARITHMETIC.split(),
        *(f"i{name.strip('_')}" for name in ARITHMETIC.split()),
        *_OTHER.split(),
    )
}
UNARY: dict[str, Callable[[Any], Any]] = {
    "__neg__": operator.neg,
    "__pos__": operator.pos,
    "__invert__": operator.invert,
    "__abs__": abs,
    "__len__": len,
    "__iter__": iter,
    "__next__": next,
    "__bool__": bool,
    "__float__": float,
    "__int__": int,
    "__index__": operator.index,
    "__complex__": complex,
    "__hash__": hash,
    "__reversed__": reversed,
    "__enter__": lambda x: type(x).__enter__(x),
}
OFFERED = frozenset(
    [*BINARY, *UNARY, "__setitem__", "__exit__", "__call__", "__round__", "__divmod__"]
    + [f"__r{name.strip('_')}__" for name in ARITHMETIC.split()]
) - {"__eq__", "__ne__"}
"""Special methods that a proxy has where the learner's type has them."""


def operate(name: str, target: Any, *others: Any) -> Any:
    """Python's own operator for a special method of `target`."""
    if name in BINARY:
        return BINARY[name](target, *others)
    if name in UNARY:
        return UNARY[name](target)
    if name == "__setitem__":
        return operator.setitem(target, *others)
    if name == "__round__":
        return round(target, *others)
    if name == "__exit__":
        kind, message = others
        error = kind(message) if kind is not None else None
        return bool(type(target).__exit__(target, kind, error, None))
    (other,) = others
    if name == "__divmod__":
        return divmod(target, other)
    if name.startswith("__r"):
        return BINARY[f"__{name[3:]}"](other, target)
    raise ValueError(name)


__all__ = ["ARITHMETIC", "OFFERED", "operate"]
