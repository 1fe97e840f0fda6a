"""Library functions that a test calls and the learner's process must know of: they set what both
share, or look into what lives there."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import inspect
import random
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from autograde.trusted.proxies import is_remote
from autograde.trusted.session import Session

_LOOK_INSIDE: tuple[tuple[ModuleType, str], ...] = (
    (dataclasses, "asdict"),
    (dataclasses, "astuple"),
    (dataclasses, "fields"),
    (dataclasses, "is_dataclass"),
    (dataclasses, "replace"),
    (asyncio, "run"),
)
"""Of a learner's object these run where it lives: they need more of it than a proxy has."""


def share(session: Session) -> None:
    """Make them so, in this process, for one submission."""
    _seeds(session)
    _figures(session)
    _sources(session)
    for module, name in _LOOK_INSIDE:
        setattr(module, name, _there(session, module, name))


def _seeds(session: Session) -> None:
    """A test that seeds a global generator seeds the student's, too."""

    def shared(original: Callable[..., Any], which: str) -> Callable[..., Any]:
        def seed(value: Any = None, *rest: Any) -> Any:
            result = original(value, *rest)
            session.seed(which, value)
            return result

        return seed

    np.random.seed = shared(np.random.seed, "numpy")
    random.seed = shared(random.seed, "random")
    if "keras" in sys.modules:
        utils = sys.modules["keras"].utils
        utils.set_random_seed = shared(utils.set_random_seed, "keras")


def _figures(session: Session) -> None:
    """`plt.gca` and `plt.gcf` after the learner's code has drawn: there, as in a notebook."""
    plt: Any = sys.modules.get("matplotlib.pyplot")
    if plt is None:
        return

    def shared(which: str) -> Callable[..., Any]:
        local = getattr(plt, which)

        def current() -> Any:
            found = session.ask("figure", which)
            return local() if found is None else found

        return current

    plt.gca, plt.gcf = shared("gca"), shared("gcf")


def _sources(session: Session) -> None:
    """`inspect.getsource` of a learner's function, for tests that look at how it is written."""
    local = inspect.getsource

    def getsource(object: Any) -> str:
        return session.ask_text("source", object) if is_remote(object) else local(object)

    inspect.getsource = getsource


def _there(session: Session, module: ModuleType, name: str) -> Callable[..., Any]:
    local = getattr(module, name)

    @functools.wraps(local)
    def function(thing: Any, /, *args: Any, **kwargs: Any) -> Any:
        if is_remote(thing):
            return session.ask("call", [thing, *args], kwargs, function)
        return local(thing, *args, **kwargs)

    function.__module__ = module.__name__  # where the other side finds its own
    return function


__all__ = ["share"]
