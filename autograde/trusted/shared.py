"""What a test and the learner's notebook both hold, kept the same on both sides.

In a notebook a test and an answer see one list, one array, one name. Here each process has its own,
so before each question the learner's side is told what the test has changed, and with each answer
comes what the learner's code has: the content of containers and arrays that came from there, what
the learner's names stand for, and the state of NumPy's global generator once a test has seeded it.
"""

from __future__ import annotations

import builtins
from collections import OrderedDict
from collections.abc import Callable, Set
from typing import Any

import numpy as np

from autograde.trusted.inplace import CHANGEABLE, assimilate, is_same, snapshot

MAX_LINKS = 64
TALK = ("input", "print")
"""Functions of Python's that a test may replace for the learner, too, to stand in for a person."""
_GONE = object()

Ask = Callable[[str, list[Any]], Any]


class Shared:
    """What both sides hold while one test runs.

    Parameters
    ----------
    ask
        Puts a question to the student process.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._links: OrderedDict[int, tuple[Any, Any]] = OrderedDict()
        self._space: dict[str, Any] = {}
        self._held: dict[str, Any] = {}
        self._learners: Set[str] | None = frozenset()
        self._kept: set[str] = set()
        self._generator: Any = None
        self._own = {name: vars(builtins)[name] for name in TALK}
        self._talk = dict(self._own)

    # -- names -------------------------------------------------------------------------------

    def lend(self, space: dict[str, Any], found: dict[str, Any], learners: Set[str] | None) -> None:
        """Put the learner's objects into a test's namespace.

        Parameters
        ----------
        found
            By name. The learner's side knows that they are lent.
        learners
            The names that are the learner's whatever the test does: if it binds or deletes one, the
            learner's notebook sees it. A value that cannot travel stays with the tests. None for a
            set-up cell, which the learner's side has run itself: nothing of it is told.
        """
        self._space, self._held, self._learners = space, found, learners
        self._kept.clear()
        space.update(found)

    def take_back(self) -> None:
        """Before the next cell: it gets what the names stand for then."""
        for name, thing in self._held.items():
            if name not in self._kept and self._space.get(name, self) is thing:
                del self._space[name]
        self._held = {}

    def renamed(self, name: str, new: Any = _GONE) -> None:
        """The learner's code has bound a name anew, changed what it stands for, or deleted it."""
        if self._held.get(name) is not self._space.get(name, _GONE):
            return  # the test has bound it, for itself alone
        self._held[name] = new
        if new is _GONE:
            self._space.pop(name, None)
        else:
            self._space[name] = new

    def knows(self, name: str) -> bool:
        return name in self._held

    def _push_names(self, learners: Set[str]) -> None:
        for name in self._held.keys() & learners:
            new = self._space.get(name, _GONE)
            if new is self._held[name]:
                continue
            self._held[name] = new
            self._kept.discard(name)
            if new is _GONE:
                self._ask("unbind", [name])
                continue
            try:
                handle = self._ask("bind", [name, new])
            except Exception:  # no plain value, or of a library that is not there
                self._kept.add(name)
                continue
            if type(handle) is int and type(new) in CHANGEABLE:
                self._links[handle] = new, snapshot(new)

    def _push_talk(self) -> None:
        for name, told in self._talk.items():
            new = self._space.get(name, vars(builtins)[name])
            if new is not told and callable(new):
                self._talk[name] = new
                self._ask("talk", [name, None if new is self._own[name] else new])

    # -- containers and arrays ---------------------------------------------------------------

    def link(self, handle: int, new: Any) -> Any:
        """The test's own object for what came as `new`: it may hold it already, as it would hold
        the learner's."""
        if type(new) not in CHANGEABLE:
            return new
        local, _ = self._links.get(handle, (None, None))
        if type(local) is type(new) and (
            type(new) is not np.ndarray or (local.shape, local.dtype) == (new.shape, new.dtype)
        ):
            assimilate(local, new)
            new = local
        self._links[handle] = new, snapshot(new)
        self._links.move_to_end(handle)
        while len(self._links) > MAX_LINKS:
            self._links.popitem(last=False)
        return new

    # -- all of it ---------------------------------------------------------------------------

    def push(self) -> None:
        """Tell the learner's side what the test has changed."""
        if self._learners is None:
            return
        self._push_names(self._learners)
        self._push_talk()
        for handle, (local, then) in list(self._links.items()):
            if not is_same(local, then):
                self._links[handle] = local, snapshot(local)
                try:
                    self._ask("push", [handle, local])
                except (TypeError, ValueError):
                    continue  # with something in it that cannot travel it stays with the test
        if self._generator is not None:
            state: Any = np.random.get_state()  # noqa: NPY002
            content = (state[1].tobytes(), *state[2:])
            if content != self._generator:
                self._generator = content
                self._ask("state", list(state))

    def seeded(self) -> None:
        """The test has seeded NumPy's global generator."""
        self._generator = ()

    def end(self, remote: Callable[[int], bool]) -> None:
        """The test is over. `remote` says of a handle whether a proxy stands for it, too."""
        self.push()
        if self._links:
            handles = [handle for handle in self._links if not remote(handle)]
            self._links.clear()
            self._ask("forget", [handles])
        self._generator = None


__all__ = ["Shared"]
