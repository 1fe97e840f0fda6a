"""The checker's conversation with one student process: questions out, values in."""

from __future__ import annotations

import random
import sys
import types
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograde.trusted import codec
from autograde.trusted.channel import Broken, Channel
from autograde.trusted.proxies import (
    _state,
    claims,
    exception_class,
    is_remote,
    known_exception,
    make_proxy,
)
from autograde.trusted.servant import CALLBACK, GENERATOR, LIBRARY, LINK, REF, SENT, assimilate

MAX_LINKS = 64
_CHANGEABLE = (list, dict, set, np.ndarray)
_PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, type(None))


class RemoteError(Exception):
    """An exception of a class that only the learner's notebook or a library there knows."""


class Session:
    """Everything that the checker knows about one student process."""

    def __init__(self, fd: int) -> None:
        self._channel = Channel(fd, self._serve)
        self._proxies: dict[int, Any] = {}
        self._errors: dict[int, type[BaseException]] = {}
        self._callbacks: list[Any] = []
        self._callback_ids: dict[int, int] = {}
        self._links: OrderedDict[int, list[Any]] = OrderedDict()
        self._global_state: Any = None
        self.named: set[int] = set()
        """Handles of what the running test names itself."""
        self.trouble = ""
        """'memory' or 'output_limit' if the learner's code ran into that limit."""

    # -- questions ---------------------------------------------------------------------------

    def until(self, deadline: float) -> None:
        """Answers must come before this moment of `time.monotonic`."""
        self._channel.deadline = deadline

    @property
    def failure(self) -> BaseException | None:
        """Why the conversation ended, if it did."""
        return self._channel.failure

    def run(self, source: str) -> tuple[bool, Any, list[Any]]:
        """Run a cell in the student process: whether it went well, its error, its outputs."""
        with self._noted():
            fine, error, outputs, _, _ = self._put("run", source)
            if type(outputs) is not list or not (fine or _is_error(error)):
                raise Broken("not the outputs of a cell")
        return fine, error, outputs

    def lookup(self, names: list[str]) -> dict[str, Any]:
        """The learner's objects of these names; those that do not exist are left out."""
        found = self.ask("names", names)
        with self._noted():
            if type(found) is not dict or not set(found) <= set(names):
                raise Broken("other names than were asked for")
        return found

    def ask(self, operation: str, *args: Any) -> Any:
        """Have something done with the learner's objects; its result, or its exception."""
        with self._noted():
            self._push()
            return self._ask(operation, list(args))

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """A broken conversation stays broken, whoever swallows the exception."""
        try:
            yield
        except Broken as failure:
            self._channel.failure = failure
            raise

    def operate(self, name: str, *args: Any) -> Any:
        """A special method, by Python's own operator."""
        return self.ask("op", list(args), name)

    def ask_text(self, operation: str, *args: Any) -> str:
        text = self.ask(operation, *args)
        if type(text) is not str:
            raise TypeError("text was expected")
        return text

    def _ask(self, operation: str, args: list[Any]) -> Any:
        try:
            body = codec.tree(args, self._outside)
        except codec.TooLarge as error:
            raise ValueError(f"this test passes {error} to the learner's code") from None
        fine, result, printed, told, after = self._put(operation, body)
        for item in _listed(printed):
            match item:
                case [str(), str(text)]:
                    sys.stdout.write(text)  # never stderr: nbgrader would take the points away
                case _:
                    raise Broken("not printed text")
        for item in _listed(told)[:20]:
            match item:
                case [str(name), str(text)]:
                    category = known_exception(name)
                    if not (category and issubclass(category, Warning)):
                        category = UserWarning
                    warnings.warn(text, category, stacklevel=4)
                case _:
                    raise Broken("not a warning")
        try:
            if after is not None:
                assimilate(args, codec.value(after, self._inside))
            if fine:
                given = args[0] if operation in ("call", "op") else []
                return self._result(result, given)
        except codec.Malformed as error:
            raise Broken(str(error)) from None
        raise self._exception(result, operation == "op" and args[-1] == "__next__")

    def _put(self, operation: str, body: Any) -> list[Any]:
        answer = self._channel.ask([operation, body])
        if type(answer) is not list or len(answer) != 5 or type(answer[0]) is not bool:
            raise Broken("not an answer")
        return answer

    # -- what comes back ---------------------------------------------------------------------

    def _result(self, node: Any, given: list[Any]) -> Any:
        if type(node) is dict and LINK in node:
            return self._linked(node[LINK], given)
        return codec.value(node, self._inside)

    def _linked(self, payload: Any, given: list[Any]) -> Any:
        match payload:
            case [int(handle), None] if -len(given) <= handle < 0:
                return given[-1 - handle]
            case [int(handle), node] if handle >= 0:
                new = codec.value(node, self._inside)
            case _:
                raise codec.Malformed("not a link")
        if type(new) not in _CHANGEABLE:
            return new
        known = self._links.get(handle)
        if known and type(known[0]) is type(new):
            local = known[0]
            fits = type(new) is not np.ndarray or (local.shape, local.dtype) == (
                new.shape,
                new.dtype,
            )
            if fits:
                assimilate(local, new)
                new = local  # the test may hold it, as it would hold the learner's own object
        self._links[handle] = [new, self._snapshot(new)]
        self._links.move_to_end(handle)
        while len(self._links) > MAX_LINKS:
            self._links.popitem(last=False)
        return new

    def _snapshot(self, linked: Any) -> bytes:
        try:
            return codec.pack(codec.tree(linked, self._outside))
        except codec.TooLarge:
            return b""

    def _push(self) -> None:
        """Hand on what the test changed in place in the learner's arrays and containers."""
        for handle, entry in list(self._links.items()):
            now = self._snapshot(entry[0])
            if now != entry[1]:
                entry[1] = now
                self._ask("push", [handle, entry[0]])
        if self._global_state is not None:
            state: Any = np.random.get_state()  # noqa: NPY002
            text = (state[1].tobytes(), *state[2:])
            if text != self._global_state:
                self._global_state = text
                self._ask("state", list(state))

    def seed(self, which: str, seed: Any) -> None:
        """A test seeds a global generator: seed the student's, too."""
        if which == "numpy":
            self._global_state = ()
        else:
            self._ask("seed", [which, seed])

    def end_of_cell(self) -> None:
        """Forget what was only borrowed for one test cell."""
        if self._links:
            self._push()
            handles = [h for h in self._links if h not in self._proxies]
            self._links.clear()
            self._ask("forget", [handles])
        self.named.clear()
        self._global_state = None
        self.trouble = ""

    def _inside(self, tag: int, payload: Any) -> Any:
        match payload:
            case [int(handle), list(info)] if tag == REF:
                if handle not in self._proxies and handle not in self._errors:
                    self._meet(handle, info)
                return (self._errors if handle in self._errors else self._proxies)[handle]
            case int(handle) if tag == REF and handle in self._proxies:
                return self._proxies[handle]
            case [int(number), *_] if tag == CALLBACK and 0 <= number < len(self._callbacks):
                return self._callbacks[number]
            case [int(handle), _] if tag == LINK and handle >= 0:
                return self._linked(payload, [])
        if tag in (LIBRARY, GENERATOR):
            return SENT
        raise codec.Malformed("not a reference")

    def _meet(self, handle: int, info: list[Any]) -> None:
        if len(self._proxies) > 100_000:
            raise codec.Malformed("too many objects")
        try:
            proxy = make_proxy(self, handle, info)
        except ValueError as error:
            raise codec.Malformed(str(error)) from None
        if info[5] and all(type(n) is str for n in info[5]):
            kind = self._errors[handle] = exception_class(info)
            kind.__learner_handle__ = handle  # type: ignore[attr-defined]
        else:
            self._proxies[handle] = proxy

    def _exception(self, told: Any, in_next: bool) -> BaseException:
        if not _is_error(told):
            raise Broken("not an exception")
        name, args, text, line, own, bases = told
        try:
            given = codec.value(args)
        except codec.Malformed as error:
            raise Broken(str(error)) from None
        if name in ("MemoryError", "OutputLimit"):
            self.trouble = "memory" if name == "MemoryError" else "output_limit"
        kind: Any = self._errors.get(own) if type(own) is int else None
        if kind is None:
            kind = known_exception(name)
            if kind is None or (kind.__module__ == "builtins" and name not in bases):
                known = next((k for k in map(known_exception, bases) if k), None)
                kind = type(name, (known or RemoteError,), {})
            if issubclass(kind, StopIteration | StopAsyncIteration) and not in_next:
                kind, given = RuntimeError, [f"{name} in a function"]  # else `all(map(f, x))` ends
        try:
            made = kind(*given)
        except Exception:
            made = RemoteError(f"{name}: {text}")
        made.__learner_line__ = line
        return made

    # -- what goes out -----------------------------------------------------------------------

    def _outside(self, thing: Any) -> Any:
        if is_remote(thing):
            session, handle, _ = _state(thing)
            if session is not self:
                raise TypeError("this object's process is gone")
            return {REF: handle}
        if isinstance(thing, np.random.Generator):
            bits = thing.bit_generator
            return {GENERATOR: [self._number(thing), type(bits).__name__, codec.tree(bits.state)]}
        if isinstance(thing, type) and hasattr(thing, "__learner_handle__"):
            return {REF: thing.__learner_handle__}
        if isinstance(thing, np.dtype):
            return codec.tree(thing.str)
        if isinstance(thing, types.ModuleType):
            return {LIBRARY: [thing.__name__, ""]}
        module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
        if isinstance(thing, np.ufunc):
            module, name = "numpy", thing.__name__
        if type(thing) is types.BuiltinFunctionType and module is None:
            module = "builtins"
        if type(module) is str and type(name) is str and _is_library(thing, module, name):
            return {LIBRARY: [module, name]}
        iterator = hasattr(type(thing), "__next__")
        if iterator or callable(thing):
            return {CALLBACK: [self._number(thing), str(name or "function"), iterator]}
        if type(thing).__mro__[1:2] and issubclass(type(thing), (*_PLAIN, np.ndarray)):
            return codec.tree(_simplified(thing), self._outside)
        raise TypeError(
            f"a {type(thing).__name__} cannot be passed to the learner's code: "
            "plain values, arrays, functions and library objects can"
        )

    def _number(self, thing: Any) -> int:
        number = self._callback_ids.get(id(thing))
        if number is None:
            number = self._callback_ids[id(thing)] = len(self._callbacks)
            self._callbacks.append(thing)
        return number

    def _serve(self, question: Any) -> Any:
        """The learner's code calls a function that the test passed to it."""
        match question:
            case ["callback", int(number), body] if 0 <= number < len(self._callbacks):
                thing = self._callbacks[number]
            case _:
                raise Broken("not a question for the checker")
        try:
            arguments = codec.value(body, self._inside)
        except codec.Malformed as error:
            raise Broken(str(error)) from None
        match arguments:
            case [list(args), dict(kwargs)] if all(type(k) is str for k in kwargs):
                pass
            case _:
                raise Broken("not arguments")
        try:
            called = next if hasattr(type(thing), "__next__") else thing
            result = next(thing) if called is next else thing(*args, **kwargs)
            return [True, codec.tree(result, self._outside)]
        except Exception as error:
            return [False, [type(error).__name__, str(error)[:2000]]]

    # -- equality and order are decided here --------------------------------------------------

    def number(self, proxy: Any) -> float | None:
        """The learner's object as a plain number, where its type has one to give."""
        if not claims(proxy, "__float__"):
            return None
        found = self.operate("__float__", proxy)
        return found if type(found) is float else None

    def names_class_of(self, proxy: Any) -> bool:
        """Whether the running test itself names the object's class: then its operators are what is
        being tested."""
        return any(
            self.ask("isinstance", proxy, self._proxies[handle]) is True
            for handle in self.named
            if "builtins:type" in _state(self._proxies[handle])[2][4]
        )

    def equal(self, proxy: Any, other: Any) -> Any:
        """Whether a learner's object equals a plain value. An object that says so of everything
        does not."""
        if type(other) not in _PLAIN and not isinstance(other, np.generic | np.ndarray):
            return NotImplemented
        if other is None:
            return False
        if isinstance(other, np.ndarray) and claims(proxy, "__array__"):
            return np.equal(np.asarray(proxy), other)
        if isinstance(other, bool | int | float | np.number):
            number = self.number(proxy)
            if number is not None:
                return number == other
        if not claims(proxy, "__eq__") or not self.names_class_of(proxy):
            return False
        questions = [(other, True), *((_decoy(other), False) for _ in range(6))]
        random.SystemRandom().shuffle(questions)
        return all((self.operate("__eq__", proxy, x) is True) is right for x, right in questions)


def _decoy(other: Any) -> Any:
    """A plain value of the same type that differs from `other`, and is as likely to the eye."""
    noise = random.SystemRandom().choice([-7, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 8, 9])
    if isinstance(other, bool | np.bool_):
        return not other
    if isinstance(other, int | float | complex | np.number | np.ndarray):
        return other + noise
    if type(other) is str:
        return other + chr(ord("a") + noise % 26)
    if type(other) is bytes:
        return other + bytes([97 + noise])
    if type(other) is dict:
        return {**other, noise: noise}
    return type(other)([*other, noise * 1000])


def _listed(thing: Any) -> list[Any]:
    if type(thing) is not list:
        raise Broken("a list was expected")
    return thing


def _is_error(told: Any) -> bool:
    match told:
        case [str(name), _, str(), str(line), None | int(), list(bases)]:
            fits = len(line) < 1000 and len(bases) < 50 and name.isidentifier()
            return fits and all(type(b) is str for b in bases)
    return False


def _is_library(thing: Any, module: str, name: str) -> bool:
    if module in ("__main__", "") or module.split(".")[0] in ("autograde", "pytest", "_pytest"):
        return False
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is thing


def _simplified(thing: Any) -> Any:
    """An instance of a subclass of plain data as plain data."""
    if isinstance(thing, np.ndarray):
        return np.array(thing, subok=False)
    kinds: tuple[Any, ...] = tuple(kind for kind in _PLAIN if kind is not type(None))
    return next(kind(thing) for kind in kinds if isinstance(thing, kind))


__all__ = ["RemoteError", "Session"]
