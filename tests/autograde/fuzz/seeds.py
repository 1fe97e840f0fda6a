"""Where the corpus began: what a real, honest student process says, and a few bombs.

`python -m tests.autograde.fuzz.seeds TARGET FOLDER` writes them, one file for each. They are needed
again when the protocol changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack

from autograde.trusted.channel import ANSWER, Broken, Gone
from autograde.trusted.codec import ARRAY, BIG, RANGE, SCALAR, SET
from autograde.trusted.servant import Servant
from autograde.trusted.session import Session
from autograde.trusted.shell import Shell, make_shell

from .questions import OPERATIONS
from .targets import Connect, converse_with

LEARNER = '''
import warnings
import numpy as np

class Odd(ValueError):
    pass

class Thing:
    """A thing with all that a class may have."""
    def __init__(self, x=1): self.data = [x, {"k": np.zeros(2)}]
    def method(self, x): return self
    def __call__(self, *a): return self.data
    def __eq__(self, o): return True
    def __hash__(self): return 3
    def __lt__(self, o): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __add__(self, o): return Thing(o)
    __radd__ = __mul__ = __rmul__ = __matmul__ = __sub__ = __pow__ = __divmod__ = __add__
    def __neg__(self): return Thing(2)
    __abs__ = __neg__
    def __round__(self, n=0): return 2.5
    def __getitem__(self, i): return [1, 2, 3][i]
    def __setitem__(self, i, v): self.data = v
    def __delitem__(self, i): raise Odd("no")
    def __len__(self): return 3
    def __bool__(self): return True
    def __float__(self): return 1.5
    def __int__(self): return 2
    __index__ = __int__
    def __complex__(self): return 1j
    def __iter__(self): return iter([1, 2, 3])
    def __reversed__(self): yield from (3, 2, 1)
    def __contains__(self, x): return True
    def __enter__(self): return self
    def __exit__(self, *a): return True
    def __array__(self, dtype=None, copy=None): return np.ones((2, 3), dtype)
    def __repr__(self): return "Thing()"
    def __format__(self, how): return "thing"

def f(x=1, *rest, **named):
    if callable(x):
        return x(2, *rest)
    if isinstance(x, list):
        x.append(3)
    if isinstance(x, np.ndarray) and x.dtype == float:
        x += 1
    return x

def g(*args):
    print("said")
    warnings.warn("told", DeprecationWarning)
    if len(args) == 1 and callable(args[0]):
        return args[0](Thing())
    raise Odd("odd", 3)

def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

thing = Thing()
values = [1, [2, {"a": (3, None)}], {4}, np.arange(3), np.dtype("float32"), np.int8, dict]
array = np.arange(6.0).reshape(2, 3)
'''


BOMBS = [
    b"\x91" * 600 + b"\xc0",
    b"\x81\x00\x91" * 300 + b"\xc0",
    b"\xdd\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    *(
        msgpack.packb({ARRAY: [dtype, shape, data, True]})
        for dtype, shape, data in [
            ("<f8", [1 << 40], b""),
            ("<f8", [1 << 33, 1 << 33], b""),
            ("<U9999999", [0], b""),
            ("<U9999999", [1], b""),
            ("<U0", [1 << 26], b""),
            ("|O", [1], b"\0" * 8),
            ("<U1", [1], b"\xff" * 4),
            ("<f8", [1] * 40, b"\0" * 8),
        ]
    ),
    msgpack.packb({BIG: b"\x7f" * 3000}),
    msgpack.packb({SCALAR: ["<U0", b""]}),
    msgpack.packb({SCALAR: ["<U1", b"\0" * 4]}),
    msgpack.packb({SET: [[1]]}),
    msgpack.packb({RANGE: [0, 1, 0]}),
]


def seeds(target: str) -> Iterator[bytes]:
    """Inputs of a target to begin with."""
    shell = make_shell()
    frames: list[Any] = []
    for program in _programs():
        script, connect = _recorder(shell)
        converse_with(program, connect)
        frames += [body for _, body in script]
        if target == "converse":
            yield msgpack.packb([program, script, False])
    if target == "decode":
        yield from BOMBS
        yield from {msgpack.packb(part) for body in frames if type(body) is list for part in body}


def _programs() -> Iterator[bytes]:
    numbers = random.Random(4)
    for i in range(len(OPERATIONS)):
        yield bytes(x for j in range(6) for x in (i, j, numbers.randrange(36)))
    for _ in range(20):
        yield bytes(numbers.randrange(256) for _ in range(45))


def _recorder(shell: Shell) -> tuple[list[Any], Connect]:
    """A script that will be filled with what a real student process says."""
    script: list[Any] = []

    def connect(session: Session, own: socket.socket) -> None:
        if os.fork() == 0:
            with contextlib.suppress(Gone, Broken):
                os.close(session._channel._fd)
                shell.run(LEARNER)
                Servant(shell, own.fileno()).listen()
            os._exit(0)
        own.close()
        receive = session._channel._receive

        def recorded() -> Any:
            kind, number, body = receive()
            script.append([1 if kind == ANSWER else 0, body])
            return kind, number, body

        session._channel._receive = recorded  # type: ignore[method-assign]

    return script, connect


if __name__ == "__main__":
    target, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for data in seeds(target):
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)
