"""Run an answer on one case and write down what it did: values, warnings, or the exception, and
nothing on stderr."""

from __future__ import annotations

import contextlib
import copy
import io
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import GeneratorType
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Raised:
    """An exception that an answer raised."""

    type: str
    message: str
    line: str = ""
    """The learner's own line that raised it, where it is known."""

    @property
    def not_attempted(self) -> bool:
        return self.type == "NotImplementedError"


@dataclass
class Observation:
    """What an answer did with one case. `values` holds what it got to before it raised, if it
    raised."""

    values: dict[str, Any] = field(default_factory=dict)
    raised: Raised | None = None
    warnings: list[str] = field(default_factory=list)


def compile_probe(source: str | None, name: str) -> Callable[..., Any]:
    """The function that puts the question: the author's probe from its text, or by default one
    call.

    The text comes from the author's own file (`cases.json`, written by the build), never from a
    learner.
    """
    if source is None:
        return lambda answer, **inputs: {name: answer(*inputs.values()) if inputs else answer}
    namespace: dict[str, Any] = {"np": np}
    exec(compile(source, f"<probe of {name}>", "exec"), namespace)
    return next(f for k, f in namespace.items() if callable(f) and k not in ("np", "__builtins__"))


def observe(
    probe: Callable[..., Any],
    answer: Any,
    inputs: dict[str, Any],
    read: Callable[[Any], Any] = lambda value: value,
) -> Observation:
    """Put one case to an answer. Its inputs are copies: an answer may work in place. `read` takes
    each value that it gives."""
    seen = Observation()
    with _quiet(seen.warnings):
        try:
            result = probe(answer, **copy.deepcopy(inputs))
            if isinstance(result, GeneratorType):
                for label, value in result:
                    seen.values[label] = read(value)
            else:
                seen.values.update({label: read(value) for label, value in result.items()})
        except (Exception, SystemExit) as error:
            seen.raised = Raised(type(error).__name__, str(error), _learners_line(error))
    return seen


@contextlib.contextmanager
def _quiet(notes: list[str]) -> Iterator[None]:
    """Collect warnings, and keep stderr empty: nbgrader gives a cell that writes there no
    points."""
    stderr = io.StringIO()
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stderr(stderr),
        np.errstate(all="warn", under="ignore"),
    ):
        warnings.simplefilter("always")
        try:
            yield
        finally:
            texts = [f"{w.category.__name__}: {w.message}" for w in caught]
            notes.extend(dict.fromkeys(t for t in texts if t not in notes))
    sys.stdout.write(stderr.getvalue())


def _learners_line(error: BaseException) -> str:
    """The last line of the traceback that is in a notebook cell or a script, not in a library or in
    this engine."""
    if hasattr(error, "__learner_line__"):  # it was raised in another process, which told the line
        return str(error.__learner_line__)
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        in_library = "site-packages" in frame.filename or frame.filename.startswith("<probe of")
        if in_library or frame.filename == __file__ or not frame.line:
            continue
        return f"line {frame.lineno} of {frame.name}: {frame.line.strip()}"
    return ""
