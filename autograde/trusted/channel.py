"""Frames on a socket, and questions with answers on top of them.

A frame is four bytes of length and that many bytes of `codec`. Both sides ask; while one waits for
its answer it serves the other's questions, so that a function passed to a learner's function can be
called back. Answers repeat the question's number: one that does not fit ends the conversation.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from typing import Any

from autograde.trusted import codec

ASK, ANSWER = 0, 1
MAX_NESTED = 30
_CHUNK = 1 << 20
_AHEAD = 1 << 14  # what one call of the system may bring beyond what was asked for: most frames


class Silent(BaseException):
    """The other side did not answer in time. No `except Exception` of a test may swallow this."""


class Gone(BaseException):
    """The other side is dead."""


class Broken(BaseException):
    """The other side does not speak the protocol."""


class Channel:
    """Questions and answers with the process at the other end of `fd`.

    Parameters
    ----------
    fd
        A connected stream socket.
    serve
        Answers a question of the other side: tree in, tree out. It must not raise.
    """

    def __init__(self, fd: int, serve: Callable[[Any], Any]) -> None:
        self._fd = fd
        self._serve = serve
        self._number = 0
        self._nested = 0
        self.failure: BaseException | None = None
        """Why the conversation ended. It stays ended, whoever swallowed the exception."""
        self.deadline: float | None = None
        """On `time.monotonic`'s clock; None waits for ever."""
        self._ahead = b""
        os.set_blocking(fd, False)

    def ask(self, question: Any) -> Any:
        """Put a question and wait for its answer."""
        if self.failure:
            raise self.failure
        try:
            return self._ask(question)
        except (Silent, Gone, Broken) as failure:
            self.failure = failure
            raise

    def _ask(self, question: Any) -> Any:
        self._number += 1
        number = self._number
        self._send([ASK, number, question])
        while True:
            kind, other, body = self._receive()
            if kind == ANSWER:
                if other != number:
                    raise Broken(f"answer {other} to question {number}")
                return body
            self._answer(other, body)

    def listen(self) -> None:
        """Serve questions until the other side is gone."""
        while True:
            kind, number, body = self._receive()
            if kind != ASK:
                raise Broken("an answer without a question")
            self._answer(number, body)

    def _answer(self, number: int, body: Any) -> None:
        self._nested += 1
        try:
            if self._nested > MAX_NESTED:
                raise Broken("too many questions inside questions")
            self._send([ANSWER, number, self._serve(body)])
        finally:
            self._nested -= 1

    def _send(self, message: Any) -> None:
        body = codec.pack(message)
        parts = [memoryview(len(body).to_bytes(4, "big")), body]
        while parts:
            try:
                sent = os.writev(self._fd, parts)
            except BlockingIOError:
                self._wait(select.POLLOUT)
                continue
            except (BrokenPipeError, ConnectionResetError):
                raise Gone from None
            while parts and sent >= len(parts[0]):
                sent -= len(parts.pop(0))
            if parts:
                parts[0] = parts[0][sent:]

    def _receive(self) -> tuple[int, int, Any]:
        size = int.from_bytes(self._read(4), "big")
        if size > codec.MAX_BYTES:
            raise Broken(f"a frame of {size} bytes")
        try:
            message = codec.unpack(self._read(size))
        except codec.Malformed as error:
            raise Broken(str(error)) from None
        match message:
            case [int(kind), int(number), body] if kind in (ASK, ANSWER):
                return kind, number, body
        raise Broken("neither a question nor an answer")

    def _read(self, count: int) -> bytes:
        parts, self._ahead = [self._ahead[:count]], self._ahead[count:]
        count -= len(parts[0])
        while count > 0:  # memory grows with what has arrived, not with what was announced
            part = self._arrived(min(max(count, _AHEAD), _CHUNK))
            parts.append(part[:count])
            self._ahead = part[count:]
            count -= len(part)
        return b"".join(parts)

    def _arrived(self, limit: int) -> bytes:
        """What has come, as soon as anything has."""
        while True:
            self._wait(select.POLLIN)
            try:
                part = os.read(self._fd, limit)
            except BlockingIOError:
                continue
            except ConnectionResetError:
                raise Gone from None
            if not part:
                raise Gone
            return part

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self._fd, event)
        while True:
            left = None
            if self.deadline is not None:
                left = self.deadline - time.monotonic()
                if left <= 0:
                    raise Silent
            if poll.poll(None if left is None else 1000 * left):
                return
