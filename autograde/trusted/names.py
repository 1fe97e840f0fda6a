"""Whose a name in a test is: the instructor's or the learner's.

The instructor's notebook alone decides, so that nothing a learner defines can stand in for a part
of a test, nor be handed one. A name that a learner's cell binds in the instructor's own version
(`Cell.defines`), or that a set-up or test cell uses before any of them has bound it, is the
learner's; one that they bind first is theirs. So a helper or an expected value of a test stays out
of the learner's reach even where the learner has a name for it ready, and no test ever uses a
learner's function where it means its own.

What a test does with a name of the learner's (binds it anew, deletes it) the learner's notebook
sees, as in a kernel that has both: see `shared`. Of other names it sees nothing: those of the
set-up cell, of libraries under their usual names, of Python itself.
"""

from __future__ import annotations

import ast
import builtins
import dis
import re
import warnings
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType

_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
_USED = ("LOAD_NAME", "LOAD_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL")
_BOUND = ("STORE_NAME", "STORE_GLOBAL")
_BY_TEXT = {"globals", "locals", "vars", "dir", "eval", "exec", "get_ipython"}
"""Functions that find a name by its text; the last is what `%timeit f(1)` becomes."""


@dataclass
class Uses:
    """What a cell does with the names of its notebook. Each name is in one of the first three."""

    used: set[str] = field(default_factory=set)
    """Used before the cell has bound them, or never bound by it."""
    bound: set[str] = field(default_factory=set)
    """Bound before they are used."""
    either: set[str] = field(default_factory=set)
    """Used and bound in one `try`: the order is known when it runs."""
    later: set[str] = field(default_factory=set)
    """Used in functions and classes, whenever these are called, in another cell perhaps; or perhaps
    meant by a text."""


class Owners:
    """Whose each name is, as far as the cells have gone."""

    def __init__(self) -> None:
        self.learners: set[str] = set()
        self._instructors: set[str] = set()
        self._given: set[str] = set()
        self._later: set[str] = set()

    def enter(self, uses: Uses) -> set[str]:
        """Take an instructor's cell into account; the learner's names that it needs."""
        touched = uses.used | uses.bound | uses.either | uses.later | self._later
        own = self._instructors | (uses.bound - self.learners)
        needed = touched - own - (vars(builtins).keys() - self._given)
        self.learners |= uses.used & needed
        self._instructors |= (uses.bound | uses.either) - self.learners
        self._later |= uses.later
        return needed

    def give(self, names: Iterable[str]) -> None:
        """These names are the learner's from here on."""
        self.learners.update(names)
        self._given.update(names)
        self._instructors.difference_update(names)


@lru_cache(1000)
def uses(source: str) -> Uses:
    """What the source of a cell does with names; what cannot be compiled, nothing. It is the same
    object each time, not to be changed.

    Parameters
    ----------
    source
        Python, with IPython's own syntax translated.
    """
    found = Uses()
    words: set[str] = set()
    for statement in _statements(source):
        words.update(_words(statement))
        events = list(_events(statement))
        tries = any(isinstance(node, ast.Try | ast.TryStar) for node in ast.walk(statement))
        unsure = {name for name, how in events if how == "bound"} if tries else set()
        for name, how in events:
            if how == "later":
                found.later.add(name)
            elif name not in found.used | found.bound | found.either:
                kind = found.either if name in unsure else getattr(found, how)
                kind.add(name)
    if _BY_TEXT & (found.used | found.later):
        found.later |= words - found.used - found.bound - found.either
    return found


def defines(source: str) -> set[str]:
    """The names that a cell binds, imports apart: a library is the same for everybody."""
    bound = set()
    for statement in _statements(source):
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            bound |= {name for name, how in _events(statement) if how == "bound"}
    return bound - {"_"}


def prepared(source: str, learners: Set[str]) -> str:
    """A set-up cell without the statements that only call the learner's code or bind the learner's
    names: the learner's side has run them, and once is enough."""
    statements = _statements(source)
    kept = []
    for statement in statements:
        events = list(_events(statement))
        bound = {name for name, how in events if how == "bound"}
        uses = not learners.isdisjoint(name for name, _ in events)
        if not (uses and bound <= learners and (bound or isinstance(statement, ast.Expr))):
            kept.append(statement)
    return source if len(kept) == len(statements) else ast.unparse(ast.Module(kept, []))


@lru_cache(100)
def are_checks(tests: tuple[str, ...], setups: tuple[str, ...]) -> bool:
    """Whether each test is `check("name", name)` and no more, with the `check` of this project and
    an answer that is the learner's alone. Its question brings along all that such a test needs, so
    it does not matter whether the set-up cells have run where it runs.

    Parameters
    ----------
    tests, setups
        Sources of the instructor's cells in a notebook, as Python.
    """
    elsewhere: set[str] = set()
    for statement in (s for source in setups for s in _statements(source)):
        match statement:
            case ast.ImportFrom(module="autograde"):
                continue
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                return False
        elsewhere.update(name for name, _ in _events(statement))
    told = {"check", *_BY_TEXT}
    for source in tests:
        match _statements(source):
            case [ast.Expr(ast.Call(ast.Name("check"), [ast.Constant(), *answer], []))]:
                if not all(isinstance(node, ast.Name) for node in answer):
                    return False
                told.update(ast.unparse(node) for node in answer)
            case _:
                return False
    return told.isdisjoint(elsewhere)


def _statements(source: str) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source).body
    except (SyntaxError, ValueError):
        return []  # running it will tell


def _words(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"[^\W\d]\w*", node.value[:10_000])


def _events(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """(name, 'used' | 'bound' | 'later') in the order in which it happens."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(ast.Module([statement], []), "", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError):
        return
    yield from _steps(code)


def _steps(code: CodeType) -> Iterator[tuple[str, str]]:
    for step in dis.get_instructions(code):
        if step.opname in _USED:
            yield step.argval, "used"
        elif step.opname in _BOUND:
            yield step.argval, "bound"
        elif isinstance(step.argval, CodeType):
            inner = list(_steps(step.argval))
            if step.argval.co_name in _COMPREHENSIONS:
                yield from inner
            else:
                own = _class_names(step.argval)
                yield from ((name, "later") for name, _ in inner if name not in own)


def _class_names(code: CodeType) -> set[str]:
    """What the body of a class binds: its attributes."""
    return {step.argval for step in dis.get_instructions(code) if step.opname == "STORE_NAME"}


__all__ = ["Owners", "Uses", "are_checks", "defines", "prepared", "uses"]
