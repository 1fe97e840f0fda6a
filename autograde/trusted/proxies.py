"""Stand-ins, in the checker, for what lives in the student process.

A proxy has the special methods that the learner's type has, and each is a question to the student
process. What comes back is a value or another proxy, never behaviour: no attribute of a proxy that
NumPy or IPython would trust with a memory address or with HTML is ever asked for. What a learner's
object is against a plain value of the test's is decided by the session, on this side.
"""

from __future__ import annotations

import builtins
import inspect
import sys
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograde.trusted.operators import ARITHMETIC, OFFERED

if TYPE_CHECKING:
    from autograde.trusted.session import Session

ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "__lt__": lambda a, b: a < b,
    "__le__": lambda a, b: a <= b,
    "__gt__": lambda a, b: a > b,
    "__ge__": lambda a, b: a >= b,
}
_NEGATED = {"__lt__": "__ge__", "__le__": "__gt__", "__gt__": "__le__", "__ge__": "__lt__"}
_READABLE = frozenset(
    [
        "__name__",
        "__qualname__",
        "__annotations__",
        "__defaults__",
        "__kwdefaults__",
        "__code__",
        "__dataclass_fields__",
        "__self__",
        "__func__",
        "__wrapped__",
        "__version__",
        "__file__",
        "__slots__",
        "__bases__",
        "__mro__",
    ]
)
_OWN_ROOTS = ("autograde", "__main__")


def _state(proxy: Any) -> tuple[Session, int, list[Any]]:
    return object.__getattribute__(proxy, "_Remote__state")


class Remote:
    """Something of the learner's. `session`, `handle` and `info` as the student process told
    them."""

    __slots__ = ("__state",)

    def __init__(self, session: Session, handle: int, info: list[Any]) -> None:
        object.__setattr__(self, "_Remote__state", (session, handle, info))

    def __getattr__(self, name: str) -> Any:
        session = _state(self)[0]
        if name == "__signature__":
            return _signature(session.ask("signature", self))
        if name.startswith(("_repr_", "_ipython_")) or (
            name.startswith("__") and name.endswith("__") and name not in _READABLE
        ):
            raise AttributeError(name)
        return session.get(self, name)

    def __setattr__(self, name: str, new: Any) -> None:
        session = _state(self)[0]
        session.ask("set", self, name, new)

    def __delattr__(self, name: str) -> None:
        _state(self)[0].ask("delete", self, name)

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":  # what `isinstance` asks where the type does not say yes
            return _known_class(_state(self)[2]) or type(self)
        if name == "__module__":
            return _state(self)[2][2] or _state(self)[2][1]
        if name == "__doc__":
            return _state(self)[0].ask("get", self, "__doc__")
        if name == "__dict__":
            return _state(self)[0].ask("get", self, "__dict__")
        return object.__getattribute__(self, name)

    def __eq__(self, other: object) -> Any:
        session, _, info = _state(self)
        if is_remote(other):
            return self is other or (
                "__eq__" in info[3] and bool(session.operate("__eq__", self, other))
            )
        return session.equal(self, other)

    def __ne__(self, other: object) -> Any:
        equal = self.__eq__(other)
        if isinstance(equal, np.ndarray):
            return ~equal
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:
        session, handle, info = _state(self)
        return session.operate("__hash__", self) if "__hash__" in info[3] else hash(handle)

    def __repr__(self) -> str:
        return _state(self)[0].ask_text("text", self, "repr")

    def __str__(self) -> str:
        return _state(self)[0].ask_text("text", self, "str")

    def __format__(self, how: str) -> str:
        return _state(self)[0].ask_text("format", self, how)

    def __dir__(self) -> Any:
        return _state(self)[0].ask("dir", self)

    def __copy__(self) -> Any:
        return _state(self)[0].ask("copy", self, False)

    def __deepcopy__(self, memo: Any) -> Any:
        return _state(self)[0].ask("copy", self, True)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("what lives in the student process cannot be pickled")

    def __mro_entries__(self, bases: Any) -> Any:
        raise TypeError("a test cannot subclass a learner's class: it lives in another process")

    def __instancecheck__(self, instance: Any) -> bool:
        return is_remote(instance) and _state(self)[0].ask("isinstance", instance, self) is True

    def __subclasscheck__(self, kind: Any) -> bool:
        return is_remote(kind) and _state(self)[0].ask("issubclass", kind, self) is True


def is_remote(thing: Any) -> bool:
    """Whether `thing` really is a proxy; `isinstance` would believe what the learner claims."""
    return issubclass(type(thing), Remote)


def is_true(answer: Any) -> bool:
    """Whether an answer is `True`, Python's or NumPy's, and not only something that counts."""
    return type(answer) in (bool, np.bool_) and bool(answer)


def claims(proxy: Any, method: str) -> bool:
    """Whether the learner's type has this special method."""
    return method in _state(proxy)[2][3]


def _special(name: str) -> Callable[..., Any]:
    def method(self: Any, *others: Any) -> Any:
        result = _state(self)[0].operate(name, self, *others)
        return bool(result) if name == "__bool__" and not is_remote(result) else result

    return method


def _arithmetic(name: str) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        return _state(self)[0].arithmetic(name, self, other)

    return method


def _order(name: str) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        session = _state(self)[0]
        if is_remote(other):
            return session.operate(name, self, other)
        if session.names_class_of(self):
            says = is_true(session.operate(name, self, other))
            denies = is_true(session.operate(_NEGATED[name], self, other))
            return says and not denies
        content = session.content(self)
        return NotImplemented if content is None else ORDER[name](content, other)

    return method


def _call(self: Any, *args: Any, **kwargs: Any) -> Any:
    return _state(self)[0].call(self, list(args), kwargs)


def _exit(self: Any, kind: Any, error: Any, trace: Any) -> Any:
    known = kind if kind is not None and kind.__module__ == "builtins" else None
    if kind is not None and known is None:
        known = Exception
    return _state(self)[0].operate("__exit__", self, known, str(error) if error else "")


def _contains(self: Any, item: Any) -> bool:
    session = _state(self)[0]
    if claims(self, "__iter__") and not session.names_class_of(self):
        return any(x is item or x == item for x in self)
    return session.operate("__contains__", self, item) is True


def _array(self: Any, dtype: Any = None, copy: Any = None) -> np.ndarray:
    return _state(self)[0].array(self, dtype)


_METHODS: dict[str, Callable[..., Any]] = {name: _special(name) for name in OFFERED}
_METHODS |= {
    name: _arithmetic(name)
    for word in ARITHMETIC.replace("_", "").split()
    for name in (f"__{word}__", f"__r{word}__", f"__i{word}__")
}
_METHODS |= {name: _order(name) for name in ORDER}
_METHODS |= {
    "__call__": _call,
    "__divmod__": _arithmetic("__divmod__"),
    "__exit__": _exit,
    "__contains__": _contains,
    "__array__": _array,
}
del _METHODS["__hash__"]  # every proxy has one of its own
_classes: dict[tuple[Any, ...], type] = {}


def make_proxy(session: Session, handle: int, info: Any) -> Any:
    """A proxy for the object `handle`, whose type is described by `info`. `ValueError` if it is not
    a description."""
    match info:
        case [str(name), str(module), str(), list(offered), list(ancestors), list()]:
            texts = [name, module, *offered, *ancestors]
        case _:
            raise ValueError("not a description of an object")
    if len(texts) > 200 or not all(type(t) is str and len(t) < 300 for t in texts):
        raise ValueError("not a description of an object")
    key = (name, module, *offered)
    kind = _classes.get(key)
    if kind is None:
        methods = {m: _METHODS[m] for m in offered if m in _METHODS}
        safe = name if name.isidentifier() else "Object"
        kind = type(safe, (Remote,), {"__slots__": (), "_Remote__class": [module, name], **methods})
        if len(_classes) < 1000:
            _classes[key] = kind
    return kind(session, handle, info)


_KINDS: dict[str, type] = {
    "builtins:function": types.FunctionType,
    "builtins:method": types.MethodType,
    "builtins:generator": types.GeneratorType,
    "builtins:type": type,
}


def _known_class(info: list[Any]) -> type | None:
    """The first ancestor that is a class of Python's or of a library loaded here, and that says
    more than `object`."""
    for ancestor in info[4]:
        if ancestor in _KINDS:
            return _KINDS[ancestor]
        module, _, name = ancestor.partition(":")
        if module.split(".")[0] in _OWN_ROOTS or ancestor == "builtins:object":
            continue
        found = vars(sys.modules.get(module, builtins)).get(name)
        if isinstance(found, type) and found.__module__ == module:
            return found
    return None


def class_of_type(kind: type[Remote]) -> list[str]:
    """Module and name of the class whose instances have proxies of this type."""
    return kind.__dict__["_Remote__class"]


def _signature(told: Any) -> inspect.Signature:
    parameters = []
    try:
        for name, kind, has_default, default in told:
            chosen = default if has_default is True else inspect.Parameter.empty
            parameters.append(inspect.Parameter(name, inspect._ParameterKind(kind), default=chosen))
        return inspect.Signature(parameters)
    except (TypeError, ValueError):
        raise ValueError("no signature") from None


def exception_class(info: list[Any]) -> type[BaseException]:
    """A class for a learner's exception class, so that a test can catch it."""
    name, *known = info[5]
    bases = [known_exception(k) for k in known]
    base = next((b for b in bases if b is not None), Exception)
    return type(name if name.isidentifier() else "LearnersError", (base,), {})


def known_exception(name: Any) -> type[Exception] | None:
    """The exception class that a whitelisted name stands for."""
    if name == "LinAlgError":
        return np.linalg.LinAlgError
    if name == "AxisError":
        return np.exceptions.AxisError
    if type(name) is not str or name.startswith("_"):
        return None
    kind = vars(builtins).get(name)
    if isinstance(kind, type) and issubclass(kind, Exception | SystemExit):
        return kind  # type: ignore[return-value]
    return None
