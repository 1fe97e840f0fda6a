"""The checker's conversation with one student process: questions out, values in."""

from __future__ import annotations

import builtins
import sys
import types
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from autograde.trusted import codec
from autograde.trusted.channel import Broken, Channel
from autograde.trusted.inplace import SENT, assimilate
from autograde.trusted.proxies import _state, exception_class, is_remote, known_exception
from autograde.trusted.servant import CALLBACK, GENERATOR, LIBRARY, LINK, PLAIN, REF
from autograde.trusted.shared import Shared

_OURS = ("names", "lend", "bind", "unbind", "talk", "push", "forget", "state")
"""What the student process does by itself, without the learner's code."""
_PACKAGES = {"site-packages", "dist-packages"}


class RemoteError(Exception):
    """An exception of a class that only the learner's notebook or a library there knows."""


class Conversation(ABC):
    """Everything that the checker knows about one student process."""

    def __init__(self, fd: int) -> None:
        self._channel = Channel(fd, self._serve)
        self._proxies: dict[int, Any] = {}
        self._errors: dict[int, type[BaseException]] = {}
        self._callbacks: list[Any] = []
        self._callback_ids: dict[int, int] = {}
        self._shared = Shared(self._ask)
        self._room = 0
        self.trouble = ""
        """'memory' or 'output_limit' if the learner's code ran into that limit."""

    # -- questions ---------------------------------------------------------------------------

    def begin(self, deadline: float, room: int) -> None:
        """The next cell: answers must come before this moment of `time.monotonic`, and what the
        learner's code prints while a test runs must fit into this many characters."""
        self._channel.deadline = deadline
        self._room = room

    @property
    def failure(self) -> BaseException | None:
        """Why the conversation ended, if it did."""
        return self._channel.failure

    def run(self, source: str) -> tuple[bool, Any, list[Any]]:
        """Run a cell in the student process: whether it went well, its error, its outputs."""
        with self._noted():
            source = source.encode("utf-8", "replace").decode()  # half a surrogate pair, perhaps
            fine, error, outputs, *_ = self._put("run", source)
            told = error is None if fine else _is_error(error)
            if type(outputs) is not list or not told:
                raise Broken("not the outputs of a cell")
        return fine, error, outputs

    def lookup(self, names: list[str]) -> dict[str, Any]:
        """The learner's objects of these names; those that do not exist are left out."""
        return self._found("names", names)

    def lend(self, space: dict[str, Any], names: list[str], learners: Set[str] | None) -> set[str]:
        """Put the learner's objects of these names into a test's namespace, as `Shared.lend`; the
        names that do not exist."""
        found = self._found("lend", names) if names else {}
        self._shared.lend(space, found, learners)
        return set(names) - found.keys()

    def take_back(self) -> None:
        """Take what was lent out of the test's namespace."""
        self._shared.take_back()

    def _found(self, operation: str, names: list[str]) -> dict[str, Any]:
        found = self.ask(operation, names)
        with self._noted():
            if type(found) is not dict or not set(found) <= set(names):
                raise Broken("other names than were asked for")
        return found

    def ask(self, operation: str, *args: Any) -> Any:
        """Have something done with the learner's objects; its result, or its exception."""
        with self._noted():
            self._shared.push()
            return self._ask(operation, list(args))

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """A broken conversation stays broken, whoever swallows the exception."""
        try:
            yield
        except Broken as failure:
            self._channel.failure = failure
            raise

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
        fine, result, printed, told, after, names = self._put(operation, body)
        learners = operation not in _OURS
        given = list(args[0]) if operation in ("call", "op") else []
        in_next = operation == "op" and args[-1] == "__next__"
        if learners:
            self._print(_listed(printed))
            self._warn(_listed(told))
        try:
            if learners and after is not None:
                changed = codec.value(after, self._inside)
                if type(changed) is not list or len(changed) != len(args):
                    raise Broken("not the arguments that were given")
                assimilate(args, changed)
            for item in _listed(names):
                self._rename(item)
            if fine:
                return self._result(result, given)
        except codec.Malformed as error:
            raise Broken(str(error)) from None
        raised = self._exception(result, in_next)
        if operation == "bind":
            raise TypeError("the learner's side has no such library") from raised
        if operation in _OURS:
            raise Broken(f"{operation}: {type(raised).__name__}")
        raise raised

    def _print(self, printed: list[Any]) -> None:
        for item in printed:
            match item:
                case [str(), str(text)]:
                    sys.stdout.write(text[: max(self._room, 0)])  # stderr would cost the points
                    self._room -= len(text)
                case _:
                    raise Broken("not printed text")
        if self._room < 0:
            self.trouble = "output_limit"
            error = RemoteError("too much is printed")
            error.__learner_line__ = ""  # type: ignore[attr-defined]
            raise error

    def _warn(self, told: list[Any]) -> None:
        for item in told[:20]:
            match item:
                case [str(name), str(text)]:
                    category = known_exception(name)
                    if not (category and issubclass(category, Warning)):
                        category = UserWarning
                    warnings.warn(text, category, stacklevel=5)
                case _:
                    raise Broken("not a warning")

    def _rename(self, item: Any) -> None:
        match item:
            case [str(name), *nodes] if len(nodes) < 2:
                if self._shared.knows(name):
                    self._shared.renamed(name, *(self._result(node, []) for node in nodes))
            case _:
                raise Broken("not a name")

    def _put(self, operation: str, body: Any) -> list[Any]:
        answer = self._channel.ask([operation, body])
        if type(answer) is not list or len(answer) != 6 or type(answer[0]) is not bool:
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
        return self._shared.link(handle, new)

    def seed(self, which: str, seed: Any) -> None:
        """A test seeds a global generator: seed the student's, too."""
        if which == "numpy":
            self._shared.seeded()
        else:
            with self._noted():
                self._ask("seed", [which, seed])

    def end_of_cell(self) -> None:
        """Forget what was only borrowed for one test cell."""
        with self._noted():
            self._shared.end(self._proxies.__contains__)
        self.trouble = ""

    def _inside(self, tag: int, payload: Any) -> Any:
        match payload:
            case [int(handle), list(info)] if tag == REF:
                if handle not in self._proxies and handle not in self._errors:
                    self._meet(handle, info)
                return (self._errors if handle in self._errors else self._proxies)[handle]
            case int(handle) if tag == REF and handle in self._proxies:
                return self._proxies[handle]
            case int(handle) if tag == REF and handle in self._errors:
                return self._errors[handle]
            case [int(number), *_] if tag == CALLBACK and 0 <= number < len(self._callbacks):
                return self._callbacks[number]
            case [int(handle), _] if tag == LINK and handle >= 0:
                return self._linked(payload, [])
        if tag == LIBRARY:
            return _known(payload)
        if tag == GENERATOR:
            return SENT
        raise codec.Malformed("not a reference")

    def _meet(self, handle: int, info: list[Any]) -> None:
        if len(self._proxies) > 100_000:
            raise codec.Malformed("too many objects")
        try:
            proxy = self._stand_in(handle, info)
        except ValueError as error:
            raise codec.Malformed(str(error)) from None
        if info[5] and all(type(n) is str for n in info[5]):
            kind = self._errors[handle] = exception_class(info)
            kind.__learner_handle__ = handle  # type: ignore[attr-defined]
        else:
            self._proxies[handle] = proxy

    @abstractmethod
    def _stand_in(self, handle: int, info: list[Any]) -> Any:
        """A proxy. `ValueError` if the object is not described as it should be."""

    def _exception(self, told: Any, in_next: bool) -> BaseException:
        if not _is_error(told):
            raise Broken("not an exception")
        name, args, text, line, own, bases = told
        try:
            given = codec.value(args)
        except codec.Malformed as error:
            raise Broken(str(error)) from None
        if type(given) is not list:
            raise Broken("not an exception's arguments")
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
        if callable(thing) or hasattr(type(thing), "__next__"):
            how = "callable" if callable(thing) else "iterator"
            how = "function" if isinstance(thing, types.FunctionType) else how
            return {CALLBACK: [self._number(thing), str(name or "function"), how]}
        if isinstance(thing, (*PLAIN, np.ndarray)):
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
            result = thing(*args, **kwargs) if callable(thing) else next(thing)
            return [True, codec.tree(result, self._outside)]
        except Exception as error:
            return [False, [type(error).__name__, _text(error)]]


def _text(error: Exception) -> str:
    """What an exception of the test's says; there may be learner's objects in it."""
    try:
        return str(error)[:2000]
    except Exception:
        return ""


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
    """Whether the learner's side has this object, too: not if it is of the test, of the engine, or
    of a file of the instructor's."""
    top = module.split(".")[0]
    if top in ("__main__", "", "autograde", "pytest", "_pytest"):
        return False
    if top not in sys.stdlib_module_names and top != "nnlib":
        home = getattr(sys.modules.get(top), "__file__", None) or ""
        if not _PACKAGES & set(Path(home).parts):
            return False
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is thing


def _known(payload: Any) -> Any:
    """A type of plain data, or a dtype. Of what else a library has only comes back what was sent:
    behaviour is not taken from the learner's side."""
    match payload:
        case ["builtins" | "numpy" | "dtype" as module, str(name)]:
            found = vars(builtins if module == "builtins" else np).get(name)
            if isinstance(found, type) and (found in PLAIN or issubclass(found, np.generic)):
                return np.dtype(found) if module == "dtype" else found
    return SENT


def _simplified(thing: Any) -> Any:
    """An instance of a subclass of plain data as plain data."""
    if isinstance(thing, np.ndarray):
        return np.array(thing, subok=False)
    return next(kind(thing) for kind in PLAIN if isinstance(thing, kind))


__all__ = ["Conversation", "RemoteError"]
