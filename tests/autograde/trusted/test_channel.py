"""Frames as a socket brings them: in pieces, several at once, larger than its buffer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from autograde.trusted import codec
from autograde.trusted.channel import Broken, Channel, Gone, Silent

LARGE = np.arange(1_000_000.0)  # 8 MB: many times what a socket holds


def frame(message: object) -> bytes:
    body = bytes(codec.pack(message))
    return len(body).to_bytes(4, "big") + body


@pytest.fixture
def pair() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = Channel(ours.fileno(), lambda question: ["served", question])
        channel.deadline = time.monotonic() + 30
        yield channel, theirs


def test_byte_by_byte(pair: tuple[Channel, socket.socket]) -> None:
    channel, theirs = pair

    def answer() -> None:
        for byte in frame([1, 1, "an answer"]):
            theirs.send(bytes([byte]))

    thread = threading.Thread(target=answer)
    thread.start()
    assert channel.ask("a question") == "an answer"
    thread.join()
    assert theirs.recv(1000) == frame([0, 1, "a question"])


def test_several_at_once(pair: tuple[Channel, socket.socket]) -> None:
    """A question before the answer, the answer, and the next one ahead of its question."""
    channel, theirs = pair
    theirs.send(frame([0, 7, "theirs"]) + frame([1, 1, "first"]) + frame([1, 2, "second"]))
    assert channel.ask("a") == "first"
    assert channel.ask("b") == "second"
    told = [[0, 1, "a"], [1, 7, ["served", "theirs"]], [0, 2, "b"]]
    assert theirs.recv(1000) == b"".join(map(frame, told))


def test_large_both_ways(pair: tuple[Channel, socket.socket]) -> None:
    channel, theirs = pair
    tree = codec.tree(LARGE)
    asked, answered = frame([0, 1, tree]), frame([1, 1, tree]) + frame([1, 2, "small"])
    received = []

    def other() -> None:
        left = len(asked)
        while left:
            received.append(theirs.recv(min(left, 100_000)))
            left -= len(received[-1])
        theirs.sendall(answered)

    thread = threading.Thread(target=other)
    thread.start()
    again = codec.value(channel.ask(tree))
    thread.join()
    assert b"".join(received) == asked
    np.testing.assert_array_equal(again, LARGE)
    assert channel.ask("and then") == "small"


def test_nobody_reads(pair: tuple[Channel, socket.socket]) -> None:
    channel, _ = pair
    channel.deadline = time.monotonic() + 0.2
    with pytest.raises(Silent):
        channel.ask(codec.tree(LARGE))


def test_half_a_frame_and_silence(pair: tuple[Channel, socket.socket]) -> None:
    channel, theirs = pair
    theirs.send(frame([1, 1, "an answer"])[:-3])
    channel.deadline = time.monotonic() + 0.2
    with pytest.raises(Silent):
        channel.ask("a question")


@pytest.mark.parametrize("sent", [b"", frame([1, 1, "an answer"])[:-3]])
def test_the_other_side_ends(pair: tuple[Channel, socket.socket], sent: bytes) -> None:
    channel, theirs = pair
    theirs.send(sent)
    theirs.shutdown(socket.SHUT_WR)
    with pytest.raises(Gone):
        channel.ask("a question")
    with pytest.raises(Gone):  # and stays ended
        channel.ask("another")


def test_an_answer_to_another_question(pair: tuple[Channel, socket.socket]) -> None:
    channel, theirs = pair
    theirs.send(frame([1, 2, "an answer"]))
    with pytest.raises(Broken):
        channel.ask("a question")
