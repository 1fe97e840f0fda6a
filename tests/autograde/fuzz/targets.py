"""What is fuzzed: the decoder alone, and the checker in conversation with an enemy.

Each target takes bytes and raises `Defect` if a property does not hold. None needs a fuzzer.
"""

from __future__ import annotations

import contextlib
import io
import random
import socket
import struct
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from autograde.trusted import codec, proxies
from autograde.trusted.channel import Broken, Gone, Silent
from autograde.trusted.session import Session
from autograde.trusted.shell import OutputLimit

from .peer import Peer, parsed
from .questions import NAMES, OPERATIONS, Defect, constants, suits

HERE = str(Path(__file__).parent)
OURS = str(Path(codec.__file__).parent)
SECONDS = 5
ROOM = 100_000
ASKED = [*NAMES]
MAX_RANGE = 10_000_000
OPERATORS = {"operate", "<lambda>", "_contains", "__ne__", "equal"}
"""Functions that apply an operator to plain values for the test: Python and NumPy may say what they
say of values that do not fit."""
Connect = Callable[[Session, socket.socket], object]
"""Puts somebody at the other end of a session."""


# -- the decoder ----------------------------------------------------------------------------------


class Foreign:
    """What the codec leaves to its caller: a tag of the caller's, and what is in it."""

    def __init__(self, tag: int, payload: Any) -> None:
        self.tag, self.payload = tag, payload


def decode(data: bytes) -> None:
    """Read bytes as the checker reads an answer. Only `Malformed` may come of it, or a value that
    can be written and read again."""

    def read(data: bytes) -> Any:
        return codec.value(codec.unpack(data), Foreign)

    try:
        value = read(data)
    except codec.Malformed:
        return
    except BaseException as error:
        raise Defect(f"{type(error).__name__} instead of Malformed") from error
    before = picture(value)
    try:
        again = codec.pack(codec.tree(value, lambda foreign: {foreign.tag: foreign.payload}))
    except codec.TooLarge:
        return  # the reader's limits are wider than the writer's
    try:
        after = picture(read(again))
    except BaseException as error:
        raise Defect(f"what was read and written cannot be read: {before}") from error
    if after != before:
        raise Defect(f"{before} became {after}")


def picture(value: Any) -> Any:
    """A value's types and bits, comparable with `==`; what is not plain, by identity."""
    kind = type(value)
    if value is None or kind in (bool, int, str, bytes, type(...)):
        return kind.__name__, value
    if kind is float:
        return "float", struct.pack("<d", value)
    if kind is complex:
        return "complex", struct.pack("<2d", value.real, value.imag)
    if kind in (list, tuple):
        return kind.__name__, [picture(x) for x in value]
    if kind in (set, frozenset):
        return kind.__name__, sorted(repr(picture(x)) for x in value)
    if kind is dict:
        return "dict", [picture(x) for pair in value.items() for x in pair]
    if kind is np.ndarray and value.dtype.kind in "biufcUS":
        return value.dtype.str, value.shape, value.tobytes(), value.flags.writeable
    if isinstance(value, np.generic) and value.dtype.kind in "biufcUS":
        return kind.__name__, value.dtype.str, value.tobytes()
    if kind in (slice, range):
        return kind.__name__, [picture(x) for x in (value.start, value.stop, value.step)]
    if kind is Foreign:
        return value.tag, repr(value.payload)
    raise Defect(f"a {kind.__name__} came out of the codec")


# -- a conversation -------------------------------------------------------------------------------


def converse(data: bytes) -> None:
    """Let a hostile student process answer the checker, which does what tests do.

    `data` is `[program, script, silent]`, see `peer`. The program has three bytes for each step: an
    operation and its two operands. Any other `data` is what the student process writes.
    """
    program, script, silent = parsed(data) or (bytes(range(30)), [data], False)
    converse_with(program[:90], lambda session, own: Peer(session, own, script, silent))


def converse_with(program: bytes, connect: Connect) -> None:
    with alike(), contextlib.ExitStack() as closing:
        ours, theirs = map(closing.enter_context, socket.socketpair())
        session = Session(ours.fileno())
        session.begin(time.monotonic() + SECONDS, ROOM)
        connect(session, theirs)
        try:
            _take_steps(session, program)
        except (Broken, Gone, Silent) as end:
            if session.failure is not end:
                raise Defect(f"{end!r} is not what ended the conversation") from end
            with contextlib.suppress(type(end), TypeError):  # what cannot be handed on comes first
                session.lookup(["f"])
                raise Defect("the conversation goes on after its end") from end


def _take_steps(session: Session, program: bytes) -> None:
    pool = constants()
    learners: list[Any] = []
    with ordinary_exceptions():
        learners += session.lookup(NAMES).values()
    for step in zip(*[iter(program)] * 3, strict=False):
        operation = OPERATIONS[step[0] % len(OPERATIONS)]
        first = (learners or pool)[step[1] % len(learners or pool)]
        second = [*pool, *learners][step[2] % len(pool + learners)]
        if not suits(operation, first):
            continue
        with ordinary_exceptions():
            result = operation(session, first, second)
            learners += result.values() if type(result) is dict else [result]
        if NAMES != ASKED:
            raise Defect("the learner's code changed a list of ours")


@contextlib.contextmanager
def ordinary_exceptions() -> Iterator[None]:
    """What a test may see: an exception that the learner's code raised; our own refusal; Python's
    or NumPy's own word on a value. Each costs the test, and nothing else. Any other exception of
    our code is one that nobody thought of."""
    try:
        yield
    except (Broken, Gone, Silent, Defect, KeyboardInterrupt):
        raise
    except BaseException as error:
        if hasattr(error, "__learner_line__"):
            if not isinstance(error, Exception | SystemExit):
                raise Defect(f"the learner's code may not raise {error!r}") from error
            return
        if isinstance(error, AttributeError | TypeError | ValueError | OutputLimit):
            return
        frames = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
        inside = [i for i, code in enumerate(frames) if code.co_filename.startswith(OURS)]
        if not inside or any(code.co_filename.startswith(HERE) for code in frames[inside[-1] :]):
            return  # of the test, or of a function that it passed
        if frames[inside[-1]].co_name not in OPERATORS:
            raise Defect(f"{error!r} in {frames[inside[-1]].co_name}") from error


@contextlib.contextmanager
def alike() -> Iterator[None]:
    """The same input does the same each time, and shows nothing."""
    proxies._classes.clear()
    np.random.seed(0)  # noqa: NPY002
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(io.StringIO()),
        mock.patch.object(random, "SystemRandom", return_value=random.Random(7)),
        mock.patch.dict(codec._READERS, {codec.RANGE: _read_range}),
    ):
        warnings.simplefilter("ignore")
        yield


def _read_range(payload: Any, inside: Any) -> range:
    """Without ranges that are small, legal and endless: `"a" in range(10**18)` is ended by the time
    limit, which acts from outside of the process."""
    found = codec._read_range(payload, inside)
    if found and abs(found[-1] - found[0]) // abs(found.step) > MAX_RANGE:
        raise codec.Malformed("a range that takes too long to walk")
    return found


TARGETS: dict[str, Callable[[bytes], None]] = {
    "decode": decode,
    "converse": converse,
}
