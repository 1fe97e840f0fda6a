"""A conversation in which no object of the learner's learns what a test expects of it.

What the test expects is often an operand. An object that is told it could agree with it, so it is
asked for its content instead, once, and the rest is done here. Only the operators of a class that
the test itself names are the learner's: then they are what is being tested. And where an object has
no content to give, what its operators make of a number has none either, nor have its methods: only
its attributes are taken, as `loss.data`.
"""

from __future__ import annotations

import contextlib
import random
from typing import Any

import numpy as np

from autograde.trusted.conversation import Conversation, RemoteError
from autograde.trusted.operators import operate
from autograde.trusted.proxies import (
    Remote,
    _state,
    claims,
    class_of_type,
    is_remote,
    is_true,
    make_proxy,
)
from autograde.trusted.servant import PLAIN

_PLAIN_CLASSES = {f"builtins:{kind.__name__}" for kind in PLAIN}
_READ = {
    f"{kind.__module__}:{kind.__name__}"
    for kind in (int, float, complex, list, tuple, dict, np.ndarray)
}
_READ_DEPTH = 8


class Session(Conversation):
    """One student process, as its proxies ask for it."""

    def __init__(self, fd: int) -> None:
        super().__init__(fd)
        self.classes: set[int] = set()
        """Handles of the learner's classes that the running test names."""
        self._derived: set[int] = set()

    def end_of_cell(self) -> None:
        super().end_of_cell()
        self.classes.clear()

    def _stand_in(self, handle: int, info: list[Any]) -> Any:
        return make_proxy(self, handle, info)

    def content(self, proxy: Any) -> Any:
        """The learner's object as plain data (a container's items, text, an array, a number), or
        None."""
        ancestors = _state(proxy)[2][4]
        has = claims(proxy, "__array__") or claims(proxy, "__float__")
        if self._is_derived(proxy) or not (has or _PLAIN_CLASSES.intersection(ancestors)):
            return None
        found = self.ask("plain", proxy)
        return None if is_remote(found) else found

    def read(self, value: Any, depth: int = 0) -> Any:
        """A value as `check` compares it, which in a notebook does not mind if a number, a list, a
        tuple, a dictionary or an array is of a class of its own: by its content, and all that is in
        it, too."""
        if depth > _READ_DEPTH:  # it holds itself, perhaps
            return value
        if is_remote(value) and _READ.intersection(_state(value)[2][4]):
            with contextlib.suppress(TypeError, ValueError):  # an array of objects
                content = self.content(value)
                value = value if content is None else content
        if type(value) in (list, tuple):
            return type(value)(self.read(x, depth + 1) for x in value)
        if type(value) is dict:
            return {key: self.read(x, depth + 1) for key, x in value.items()}
        return value

    def array(self, proxy: Any, dtype: Any) -> np.ndarray:
        """The learner's object as NumPy sees it."""
        wanted = None if dtype is None else np.dtype(dtype).str
        array = None if self._is_derived(proxy) else self.ask("array", proxy, wanted)
        if type(array) is not np.ndarray:
            raise TypeError(f"a {type(proxy).__name__} is no array of numbers")
        return array

    def names_class_of(self, proxy: Any) -> bool:
        """Whether the running test itself names the object's class."""
        return any(
            self.ask("isinstance", proxy, self._proxies[handle]) is True for handle in self.classes
        )

    def operate(self, name: str, proxy: Any, *others: Any) -> Any:
        """A special method of the learner's, by Python's own operator."""
        result = self.ask("op", [proxy, *others], name)
        derived = any(is_remote(x) and self._is_derived(x) for x in (proxy, *others))
        return self._without_content(proxy, result) if derived else result

    def get(self, proxy: Any, name: str) -> Any:
        """An attribute of the learner's object."""
        result = self.ask("get", proxy, name)
        if is_remote(result) and self._is_derived(proxy):
            self._derived.add(_state(result)[1])
        return result

    def call(self, proxy: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """What the learner's function returns."""
        result = self.ask("call", args, kwargs, proxy)
        derived = result is not None and self._is_derived(proxy)
        return self._without_content(proxy, result) if derived else result

    def arithmetic(self, name: str, proxy: Any, other: Any) -> Any:
        """An operator with a plain value or another object on the other side."""
        if is_remote(other) or self.names_class_of(proxy):
            return self.operate(name, proxy, other)
        content = self.content(proxy)
        if content is not None:
            return operate(name, content, other)
        if isinstance(other, np.ndarray):
            raise TypeError(f"a {type(proxy).__name__} is no array of numbers")
        return self._without_content(proxy, self.operate(name, proxy, other))

    def _is_derived(self, proxy: Any) -> bool:
        """Whether an operator gave it that may have been told what is expected."""
        return _state(proxy)[1] in self._derived

    def _without_content(self, proxy: Any, result: Any) -> Any:
        if not is_remote(result):
            raise TypeError(f"a {type(proxy).__name__} is no number")
        self._derived.add(_state(result)[1])
        return result

    def equal(self, proxy: Any, other: Any) -> Any:
        """Whether a learner's object equals a plain value. An object that says so of everything
        does not."""
        if isinstance(other, type) and issubclass(other, Remote):
            told = [self.ask("get", proxy, name) for name in ("__module__", "__name__")]
            return told == class_of_type(other)  # `type(x) == Stack`
        if other is None or not isinstance(other, (*PLAIN, np.generic, np.ndarray)):
            return False if other is None else NotImplemented
        if not claims(proxy, "__eq__"):
            by_array = isinstance(other, np.ndarray) and claims(proxy, "__array__")
            return NotImplemented if by_array else False  # then NumPy compares
        of_arrays = isinstance(other, np.ndarray) and claims(proxy, "__array__")
        if of_arrays or not self.names_class_of(proxy):
            content = self.content(proxy)
            return False if content is None else content == other
        questions = [(other, True), *((_decoy(other), False) for _ in range(6))]
        random.SystemRandom().shuffle(questions)
        return all(is_true(self.operate("__eq__", proxy, x)) is right for x, right in questions)


def _decoy(other: Any) -> Any:
    """A plain value of the same type that differs from `other`, and is as likely to the eye."""
    noise = random.SystemRandom().choice([-7, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 8, 9])
    if isinstance(other, bool | np.bool_):
        return not other
    if isinstance(other, np.integer | np.ndarray) and other.dtype.kind in "iu":
        return other + np.full(other.shape, noise).astype(other.dtype)[()]  # round and round
    if isinstance(other, np.ndarray) and other.dtype.kind == "b":
        return ~other
    if isinstance(other, np.ndarray) and other.dtype.kind not in "fc":
        return other[..., None]
    if isinstance(other, int | float | complex | np.number):
        return other + noise if other + noise != other else type(other)(noise)  # infinite, or huge
    if isinstance(other, np.ndarray):
        return np.where(other + noise != other, other + noise, noise)
    if type(other) is str:
        return other + chr(ord("a") + noise % 26)
    if type(other) is bytes:
        return other + bytes([97 + noise])
    if type(other) is dict:
        return {**other, noise: noise}
    return type(other)([*other, noise * 1000])


__all__ = ["RemoteError", "Session"]
