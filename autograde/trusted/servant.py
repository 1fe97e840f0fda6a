"""The student side of the conversation: answers the checker's questions about the learner's
objects.

All of this runs in the same process as the learner's code, which may replace any of it. So nothing
here protects anything: what this process says is only ever taken as a value. The protection is in
`codec`, `channel` and `proxies`, on the checker's side.
"""

from __future__ import annotations

import builtins
import copy
import importlib
import inspect
import random
import sys
import types
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np

from autograde.trusted import codec
from autograde.trusted.channel import Channel
from autograde.trusted.inplace import CHANGEABLE, assimilate, is_same, snapshot
from autograde.trusted.operators import OFFERED, operate
from autograde.trusted.shell import OutputLimit, Outputs, Shell, Stream, cell_line, no_input

REF, CALLBACK, LIBRARY, GENERATOR, LINK = range(codec.FIRST_FREE_TAG, codec.FIRST_FREE_TAG + 5)

PLAIN: tuple[Any, ...] = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
"""What travels by value, arrays apart."""
_BY_VALUE = (np.ndarray, str, bytes, int, list, tuple, dict, set, frozenset)

_GONE = object()
_TALK = {"input": no_input, "print": print}


class Callback:
    """A function of the test, as the learner's code sees it."""

    def __init__(self, servant: Servant, node: Any) -> None:
        self._servant, self.node = servant, node
        self.__name__ = self.__qualname__ = node[CALLBACK][1]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._servant.call_back(self.node, list(args), kwargs)


class CallbackFunction(Callback):
    """One that is a method where a class has it."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)


class CallbackIterator(Callback):
    """An iterator of the test."""

    def __iter__(self) -> CallbackIterator:
        return self

    def __next__(self) -> Any:
        return self()


class Servant:
    """Holds the learner's objects and does with them what the checker asks."""

    def __init__(self, shell: Shell, fd: int) -> None:
        self._shell = shell
        self._channel = Channel(fd, self._serve)
        self._handles: dict[int, int] = {}
        self._objects: list[Any] = []
        self._infos: dict[type, list[Any]] = {}
        self._generators: dict[int, tuple[Any, Any]] = {}
        self._callbacks: dict[int, Callback] = {}
        self._nodes: dict[int, tuple[Any, Any]] = {}
        self._lent: dict[str, tuple[Any, Any]] = {}
        """What the running test knows of the learner's names: the object, and its state then."""

    def listen(self) -> None:
        self._channel.listen()

    # -- questions ---------------------------------------------------------------------------

    def _serve(self, question: Any) -> Any:
        """One answer: [fine, value or error, printed, warnings, arguments if they changed, names
        that changed]."""
        operation, before = question
        outputs = Outputs()
        outputs.limit = self._shell.outputs.limit
        stdout, stderr = Stream(outputs, "stdout"), Stream(outputs, "stderr")
        if operation == "run":
            return self._run(before)
        keep, self._nodes = self._nodes, {}
        args: Any = None
        try:
            with (
                redirect_stdout(stdout),
                redirect_stderr(stderr),
                warnings.catch_warnings(record=True) as caught,
                np.errstate(all="warn", under="ignore"),
            ):
                warnings.simplefilter("always")
                try:
                    args = codec.value(before, self._inside)
                    result = self._operations[operation](self, *args)
                    fine, body = True, self._result(operation, result, args)
                except BaseException as error:
                    fine, body = False, self._error(error)
            after = self._changed(before, args)
            told = [[w.category.__name__, str(w.message)[:500]] for w in caught[:20]]
            printed = [[i[1], i[2]] for i in outputs.taken() if i[0] == "stream"]
            return [fine, body, printed, told, after, self._renamed()]
        except BaseException as error:
            return [False, self._error(error), [], [], None, []]
        finally:
            self._nodes = keep

    def _result(self, operation: str, result: Any, args: Any) -> Any:
        """The tree of a result. A received argument comes back as itself; a value that the
        learner's objects still hold is linked, so that a test may change it in place."""
        if operation in ("call", "op"):
            for i, arg in enumerate(args[0]):
                if result is arg and type(result) in CHANGEABLE:
                    return {LINK: [-1 - i, None]}
        if operation in ("names", "lend"):
            return {codec.DICT: [x for k, v in result.items() for x in (k, self._named(v))]}
        return self._link(result, 7 if operation in ("call", "op") else 0)

    def _link(self, result: Any, fresh: int) -> Any:
        node = self._tree(result)
        if type(result) in CHANGEABLE and next(iter(node), None) != REF:
            if fresh and sys.getrefcount(result) <= fresh and not _holds(result):
                return node
            handle = self._handle(result)
            return {LINK: [handle, node]}
        return node

    def _named(self, thing: Any) -> Any:
        """The tree of what a name stands for. What is too large to travel stays here: the test may
        ask about it."""
        try:
            return self._link(thing, 0)
        except OutputLimit:
            return self._reference(thing)

    def _renamed(self) -> list[Any]:
        """What the test knows of the learner's names and is so no more: [name, new tree], or [name]
        of a name that is gone."""
        told: list[Any] = []
        for name, (known, state) in list(self._lent.items()):
            now = self._shell.user_ns.get(name, _GONE)
            if now is known and is_same(now, state):
                continue
            self._lent[name] = now, snapshot(now)
            told.append([name] if now is _GONE else [name, self._named(now)])
        return told

    def _changed(self, before: Any, args: Any) -> Any:
        """The arguments again, if the learner's code changed them in place."""
        try:
            after = codec.tree(args, self._again)
        except (codec.TooLarge, codec.NotPlain):
            return None
        return None if args is None or after == before else after

    def _run(self, source: str) -> Any:
        try:
            shell = self._shell
            shell.run(source)
            error = shell.caught
        except KeyboardInterrupt as interrupt:
            error = interrupt
        over = shell.outputs.over
        outputs = shell.outputs.taken()
        for item in outputs:
            if item[0] != "stream":
                item.pop()  # HTML of a learner goes nowhere
        told = self._error(error) if error is not None else None
        if over and told:
            told[0] = "OutputLimit"
        return [error is None, told, outputs, [], None, []]

    # -- what can be asked -------------------------------------------------------------------

    def _names(self, names: list[str]) -> dict[str, Any]:
        space = self._shell.user_ns
        return {n: space[n] for n in names if n in space}

    def _lend(self, names: list[str]) -> dict[str, Any]:
        """The same, for the test cell that now begins: it will be told when they change."""
        plt = sys.modules.get("matplotlib.pyplot")
        if plt and plt.get_fignums():
            plt.close("all")  # as Jupyter does after each cell
        found = self._names(names)
        self._lent = {name: (thing, snapshot(thing)) for name, thing in found.items()}
        return found

    def _bind(self, name: str, new: Any) -> int | None:
        """The test has bound a name anew."""
        self._shell.user_ns[name] = new
        self._lent[name] = new, snapshot(new)
        return self._handle(new) if type(new) in CHANGEABLE else None

    def _talk(self, name: str, new: Any) -> None:
        """The test stands in for a person: `input` or `print` is its own."""
        setattr(builtins, name, new or _TALK[name])

    def _unbind(self, name: str) -> None:
        self._shell.user_ns.pop(name, None)
        self._lent[name] = _GONE, None

    def _call(self, positional: list[Any], named: dict[str, Any], target: Any) -> Any:
        return target(*positional, **named)

    def _op(self, positional: list[Any], name: str) -> Any:
        return operate(name, *positional)

    def _get(self, target: Any, name: str) -> Any:
        return getattr(target, name)

    def _set(self, target: Any, name: str, new: Any) -> Any:
        return setattr(target, name, new)

    def _delete(self, target: Any, name: str) -> Any:
        return delattr(target, name)

    def _text(self, target: Any, how: str) -> str:
        return (str(target) if how == "str" else repr(target))[:100_000]

    def _format(self, target: Any, how: str) -> str:
        return format(target, how)[:100_000]

    def _dir(self, target: Any) -> list[str]:
        return [n for n in dir(target) if isinstance(n, str)]

    def _isinstance(self, target: Any, kind: Any) -> bool:
        return isinstance(target, kind)

    def _issubclass(self, target: Any, kind: Any) -> bool:
        return isinstance(target, type) and issubclass(target, kind)

    def _copy(self, target: Any, deep: bool) -> Any:
        return copy.deepcopy(target) if deep else copy.copy(target)

    def _array(self, target: Any, dtype: Any) -> Any:
        array = np.array(target, dtype=dtype)
        if array.dtype.kind == "O":
            raise TypeError(f"a {type(target).__name__} is not an array of numbers")
        return array

    def _figure(self, which: str) -> Any:
        """What `plt.gca` and `plt.gcf` give, if the learner's code has a figure open."""
        plt = sys.modules.get("matplotlib.pyplot")
        return getattr(plt, which)() if plt and plt.get_fignums() else None

    def _plain(self, target: Any) -> Any:
        """The content of a container, text or number of a class of its own; an array; a number."""
        if isinstance(target, str):
            return str.__str__(target)  # the text, not what an Enum makes of it
        for kind in PLAIN:
            if isinstance(target, kind):
                return kind(target)
        return self._array(target, None) if hasattr(type(target), "__array__") else float(target)

    def _source(self, target: Any) -> str:
        return inspect.getsource(target)

    def _signature(self, target: Any) -> list[Any]:
        told = []
        for p in inspect.signature(target).parameters.values():
            has = p.default is not p.empty
            told.append([p.name, int(p.kind), has, p.default if has else None])
        return told

    def _seed(self, which: str, seed: Any) -> None:
        if which == "numpy":
            np.random.seed(seed)  # noqa: NPY002
        elif which == "random":
            random.seed(seed)
        elif which == "keras" and "keras" in sys.modules:
            sys.modules["keras"].utils.set_random_seed(seed)

    def _state(self, name: str, keys: Any, position: int, has_gauss: int, gauss: float) -> None:
        np.random.set_state((name, keys, position, has_gauss, gauss))  # noqa: NPY002

    def _push(self, handle: int, new: Any) -> None:
        thing = self._objects[handle]
        assimilate(thing, new)
        for name, (known, _) in self._lent.items():
            if known is thing:
                self._lent[name] = thing, snapshot(thing)

    def _forget(self, handles: list[int]) -> None:
        for handle in handles:
            self._handles.pop(id(self._objects[handle]), None)
            self._objects[handle] = None

    _operations: dict[str, Callable[..., Any]] = {
        "names": _names,
        "lend": _lend,
        "bind": _bind,
        "unbind": _unbind,
        "talk": _talk,
        "call": _call,
        "op": _op,
        "get": _get,
        "set": _set,
        "delete": _delete,
        "text": _text,
        "format": _format,
        "dir": _dir,
        "isinstance": _isinstance,
        "issubclass": _issubclass,
        "copy": _copy,
        "array": _array,
        "figure": _figure,
        "plain": _plain,
        "source": _source,
        "signature": _signature,
        "seed": _seed,
        "state": _state,
        "push": _push,
        "forget": _forget,
    }

    # -- objects on their way ----------------------------------------------------------------

    def _tree(self, result: Any) -> Any:
        try:
            return codec.tree(result, self._reference)
        except codec.TooLarge as error:
            if type(result) in _BY_VALUE:
                raise OutputLimit(f"{error} cannot be handed to the test") from None
            return self._reference(result)

    def _handle(self, thing: Any) -> int:
        handle = self._handles.get(id(thing))
        if handle is None:
            handle = self._handles[id(thing)] = len(self._objects)
            self._objects.append(thing)  # kept alive: an id must not be used twice
        return handle

    def _reference(self, thing: Any) -> Any:
        if isinstance(thing, Callback):
            return thing.node
        if isinstance(thing, type) and (thing in PLAIN or issubclass(thing, np.generic)):
            return {LIBRARY: [thing.__module__, thing.__name__]}
        if isinstance(thing, np.dtype) and thing.isbuiltin == 1:
            return {LIBRARY: ["dtype", thing.type.__name__]}
        try:
            about = self._describe(thing)
        except Exception:  # a class may do anything when it is looked at
            about = ["object", "builtins", "", [], [], []]
        return {REF: [self._handle(thing), about]}

    def _describe(self, thing: Any) -> list[Any]:
        """[name of the type, its module, the object's own module, special methods, ancestors,
        bases of an exception class]."""
        if isinstance(thing, types.ModuleType):
            return ["module", thing.__name__, "", [], [], []]
        kind = type(thing)
        info = self._infos.get(kind)
        if info is None:
            ancestors = [f"{c.__module__}:{c.__qualname__}" for c in kind.__mro__][:40]
            special = {n: x for c in reversed(kind.__mro__[:-1]) for n, x in vars(c).items()}
            wanted = OFFERED | {"__eq__", "__array__"}  # those of `object` say nothing
            offered = sorted(n for n in wanted if special.get(n) is not None)
            info = self._infos[kind] = [kind.__name__, str(kind.__module__), offered, ancestors]
        owner = getattr(thing, "__module__", None)
        owner = owner if isinstance(owner, str) else ""
        bases: list[str] = []
        if isinstance(thing, type) and issubclass(thing, BaseException):
            bases = [thing.__name__, *(c.__name__ for c in thing.__mro__ if _builtin(c))]
        return [info[0], info[1], owner, info[2], info[3], bases]

    def _inside(self, tag: int, payload: Any) -> Any:
        node = {tag: payload}
        if tag == REF:
            return self._objects[payload]
        if tag == LIBRARY:
            thing: Any = importlib.import_module(payload[0])
            for part in payload[1].split(".") if payload[1] else ():
                thing = getattr(thing, part)
        elif tag == CALLBACK:
            thing = self._callback(*payload)
        elif tag == GENERATOR:
            number, name, state = payload
            known = self._generators.get(number)
            if known is None or known[1] != state:
                bits = getattr(np.random, name)()
                bits.state = codec.value(state)
                known = self._generators[number] = (np.random.Generator(bits), state)
            thing = known[0]
        else:
            raise codec.Malformed(f"tag {tag}")
        self._nodes[id(thing)] = (thing, node)
        return thing

    def _callback(self, number: int, name: str, how: str) -> Callback:
        """A function of the test: one object here, too."""
        if number not in self._callbacks:
            kind = {"function": CallbackFunction, "iterator": CallbackIterator}.get(how, Callback)
            self._callbacks[number] = kind(self, {CALLBACK: [number, name, how]})
        return self._callbacks[number]

    def _again(self, thing: Any) -> Any:
        """The node that a received object came as."""
        known = self._nodes.get(id(thing))
        if known is not None:
            return known[1]
        handle = self._handles.get(id(thing))
        return {REF: handle} if handle is not None else self._reference(thing)

    def call_back(self, node: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        body = codec.tree([args, kwargs], self._again_or_reference)
        fine, result = self._channel.ask(["callback", node[CALLBACK][0], body])
        if fine:
            return codec.value(result, self._inside)
        kind = getattr(builtins, result[0], None)
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            kind = RuntimeError
        raise kind(result[1])

    def _again_or_reference(self, thing: Any) -> Any:
        known = self._nodes.get(id(thing))
        return known[1] if known is not None else self._reference(thing)

    def _error(self, error: BaseException) -> list[Any]:
        """[class name, arguments, text, line, handle of the class, names of its known bases]."""
        kind = type(error)
        if isinstance(error, ModuleNotFoundError):
            self.explain(error)
        try:
            text = str(error)[:5000]
        except Exception:
            text = ""
        args = [a for a in error.args if type(a) in (str, int, float)][:5]
        if isinstance(error, SyntaxError):
            args, text = [], error.msg or ""
        if len(args) != len(error.args) or sum(len(str(a)) for a in args) > 5000:
            args = [text]
        bases = [c.__name__ for c in kind.__mro__ if _builtin(c)]
        own = self._handle(kind) if kind.__module__ == "__main__" else None
        return [kind.__name__, codec.tree(args), codec.tree(text), cell_line(error), own, bases]

    def explain(self, error: ModuleNotFoundError) -> None:
        """Say which packages there are. Set by `student`, which knows."""


def _builtin(kind: type) -> bool:
    return kind.__module__ in ("builtins", "numpy.linalg", "numpy.exceptions")


def _holds(value: Any) -> bool:
    """Whether a container holds something that can be changed in place."""
    inner = value.values() if type(value) is dict else value if type(value) is list else ()
    return any(type(x) in CHANGEABLE for x in inner)


__all__ = ["CALLBACK", "GENERATOR", "LIBRARY", "LINK", "PLAIN", "REF", "Servant"]
