"""The student process, played from a script."""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Iterator
from typing import Any

import msgpack

from autograde.trusted import codec
from autograde.trusted.channel import ASK
from autograde.trusted.session import Session

MAX_REPEATS = 300


def parsed(data: bytes) -> tuple[bytes, list[Any], bool] | None:
    """A program for the checker, a script for the peer, and how the peer ends; None if `data` is
    not `[program, script, silent]` in MessagePack."""
    with contextlib.suppress(ValueError, TypeError, msgpack.UnpackException):
        match msgpack.unpackb(data, strict_map_key=False):
            case [bytes(program), list(script), bool(silent)]:
                return program, script, silent
    return None


class Peer:
    """Says what is in a list of frames, one whenever the checker waits for something.

    Bytes are written as they are. `[kind, body]` becomes a frame that answers the innermost open
    question, or asks one; `[kind, body, n]` n of them. When the script is at its end the process
    dies, or keeps silent until the deadline.
    """

    def __init__(
        self, session: Session, own: socket.socket, script: list[Any], silent: bool
    ) -> None:
        self._session, self._own, self._silent = session, own, silent
        self._frames = self._written(script)
        self._heard = b""
        self._open: list[int] = []
        self._asked = 0
        own.setblocking(False)
        channel = session._channel
        self._fd = channel._fd
        self._wait = channel._wait
        channel._wait = self._pump  # type: ignore[method-assign]

    def _written(self, script: list[Any]) -> Iterator[bytes]:
        for item in script:
            match item:
                case bytes(data):
                    yield data
                case [int(kind), body, *rest] if kind in (0, 1):
                    packed = msgpack.packb(body)
                    times = rest[0] if rest and type(rest[0]) is int else 1
                    for _ in range(min(times, MAX_REPEATS)):
                        yield self._frame(kind, packed)

    def _frame(self, kind: int, body: bytes) -> bytes:
        if kind == ASK:
            self._asked += 1
            number = self._asked
        else:
            number = self._open.pop() if self._open else 0
        data = b"\x93" + msgpack.packb(kind) + msgpack.packb(number) + body
        return len(data).to_bytes(4, "big") + data

    def _pump(self, event: int) -> None:
        """The checker is about to wait: hear what it wrote, and say the next thing."""
        self._hear()
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        while event == select.POLLIN and not poll.poll(0):
            data = next(self._frames, None)
            if data is not None:
                self._own.send(data)
            elif self._silent:
                self._session._channel.deadline = 0.0
                break
            else:
                self._own.shutdown(socket.SHUT_WR)
        self._wait(event)

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while part := self._own.recv(1 << 20):
                self._heard += part
        while len(self._heard) >= 4:
            end = 4 + int.from_bytes(self._heard[:4], "big")
            if len(self._heard) < end:
                break
            kind, number, _ = codec.unpack(self._heard[4:end])  # what we write is well-formed
            self._heard = self._heard[end:]
            if kind == ASK:
                self._open.append(number)
