"""The fuzzer's corpus once more, without the fuzzer: the properties still hold. And an answer that
makes a wrong thing pass, which no property tells from a right one."""

from __future__ import annotations

import operator
import socket
import tarfile
import time
import tracemalloc
from pathlib import Path

import pytest

from autograde.trusted.codec import DICT
from autograde.trusted.servant import REF
from autograde.trusted.session import Session

from .peer import Peer
from .targets import TARGETS, Defect

MAX_BYTES = 16 << 20
"""What one input of a few kB may allocate."""


@pytest.mark.parametrize("target", TARGETS)
def test_the_kept_inputs_do_no_harm(target):
    TARGETS[target](b"\xc0")  # import and make what is made once
    with tarfile.open(Path(__file__).with_name(f"{target}.tar.xz")) as corpus:
        files = {file.name: corpus.extractfile(file) for file in corpus}
        inputs = {name: file.read() for name, file in files.items() if file}
    assert len(inputs) > 100
    wrong = {name: found for name, data in inputs.items() if (found := replayed(target, data))}
    assert not wrong


def replayed(target: str, data: bytes) -> str:
    """What went wrong with one input."""
    tracemalloc.start()
    try:
        TARGETS[target](data)
        peak = tracemalloc.get_traced_memory()[1]
        return f"{peak:,} bytes allocated" if peak > MAX_BYTES else ""
    except Defect as defect:
        return str(defect)
    finally:
        tracemalloc.stop()


def test_a_forged_change_of_the_arguments_lets_no_stop_iteration_through():
    info = ["T", "__main__", "", ["__add__"], ["__main__:T"], []]
    thing = {REF: [1, info]}
    stop = ["StopIteration", [], "", "", None, ["StopIteration", "Exception"]]
    script = [
        [1, [True, {DICT: ["t", thing]}, [], [], None, []]],
        [1, [False, stop, [], [], [[thing, thing], "__next__"], []]],
    ]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        session = Session(ours.fileno())
        session.begin(time.monotonic() + 5, 1000)
        Peer(session, theirs, script, silent=False)
        found = session.lookup(["t"])["t"]
        with pytest.raises(RuntimeError, match="StopIteration"):
            all(map(operator.add, [found], [found]))
