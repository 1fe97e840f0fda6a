"""Mutations that keep MessagePack well-formed, so that most of them get past its reader."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgpack

from autograde.trusted.codec import ARRAY, BIG, DICT, RANGE, SCALAR, SET, SLICE, TUPLE
from autograde.trusted.operators import OFFERED
from autograde.trusted.servant import CALLBACK, GENERATOR, LIBRARY, LINK, REF

LIBFUZZER = 0.1
"""The share of mutations that are left to libFuzzer, which knows nothing but bytes."""

INFO = ["Thing", "__main__", "", [*sorted(OFFERED), "__eq__", "__array__"], ["__main__:Thing"], []]
ODD = ["Odd", "__main__", "", [], [], ["Odd", "ValueError", "Exception"]]
ERROR = ["ValueError", ["text"], "text", "line 1", None, ["ValueError", "Exception"]]
NODES: list[Any] = [
    *(None, True, False, 0, 1, -1, 30, 255, 1 << 20, 10_000_000, 1 << 31, (1 << 63) - 1),
    *(-(1 << 63), (1 << 64) - 1, 0.5, float("nan"), float("inf"), 1e300),
    *("", "f", "Thing", "é\0", "ValueError", "StopIteration", "MemoryError", "SystemExit", b"", []),
    *("UnicodeDecodeError", "ExceptionGroup", "OutputLimit", "SyntaxError", "DeprecationWarning"),
    *("callback", "<f8", "|b1", "<U1", "|S0", "<U0", "<c16", "<i1", b"\x00" * 8, b"\xff" * 16),
    {REF: [1, INFO]},
    {REF: [2, INFO]},
    {REF: [3, ODD]},
    {REF: 1},
    {LINK: [4, [1, 2]]},
    {LINK: [4, [{LINK: [4, [1]]}]]},
    {LINK: [5, {DICT: ["a", 1]}]},
    {LINK: [6, {ARRAY: ["<f8", [1], b"\0" * 8, True]}]},
    {LINK: [-1, None]},
    {CALLBACK: [0, "square", "function"]},
    {LIBRARY: ["numpy", "exp"]},
    {LIBRARY: ["numpy", "float32"]},
    {LIBRARY: ["dtype", "dict"]},
    {LIBRARY: ["builtins", "int"]},
    {GENERATOR: [0, "PCG64", {DICT: []}]},
    {TUPLE: [1, 2]},
    {SET: [{REF: [1, INFO]}, 1]},
    {DICT: [{REF: [1, INFO]}, 1]},
    {DICT: ["softmax", {REF: [1, INFO]}]},
    {BIG: b"\xff" * 20},
    {SLICE: [0, 1, None]},
    {RANGE: [0, 9_000_000, 1]},
    {SCALAR: ["<f4", b"\0" * 4]},
    {SCALAR: ["|S0", b""]},
    {ARRAY: ["<f8", [2, 3], b"\0" * 48, True]},
    {ARRAY: ["<i8", [], b"\0" * 8, False]},
    {ARRAY: ["<U2", [1], b"a\0\0\0b\0\0\0", True]},
    ERROR,
    [True, None, [], [], None, []],
    [True, {REF: [1, INFO]}, [["stdout", "said"]], [["UserWarning", "told"]], None, [["f"]]],
    [True, 1.5, [], [], [[1, 2], {DICT: []}, {REF: 1}], []],
    [False, ERROR, [], [], None, []],
    [True, None, [["stream", "stdout", "x"], ["result", "1", None]], [], None, []],
    [1, [True, None, [], [], None, []]],
    [1, [True, {DICT: ["f", {REF: [1, INFO]}]}, [], [], None, []]],
    [1, [False, ERROR, [], [], None, [["f", {REF: 1}], ["values"]]]],
    [0, ["callback", 0, [[1], {DICT: []}]]],
    [0, ["callback", 0, [[{REF: [1, INFO]}], {DICT: []}]], 40],
    b"\x00\x00\x00\x01\xc0",
]
"""What a conversation is made of."""

Bytes = Callable[[bytes, int], bytes]


def mutator(libfuzzer: Bytes) -> Callable[[bytes, int, int], bytes]:
    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() > LIBFUZZER:
            try:
                holder = [msgpack.unpackb(data, strict_map_key=False)]
                for _ in range(chance.choice([1, 1, 1, 2, 3, 5])):
                    _change(holder, chance, libfuzzer)
                packed = msgpack.packb(holder[0])
                if len(packed) <= max_size:
                    return packed
            except (ValueError, TypeError, OverflowError, msgpack.UnpackException):
                pass
        return libfuzzer(data, max_size)

    return mutate


def cross(one: bytes, other: bytes, max_size: int, seed: int) -> bytes:
    """A node of the other put into the one."""
    chance = random.Random(seed)
    try:
        holder, donor = ([msgpack.unpackb(x, strict_map_key=False)] for x in (one, other))
        parent, key = chance.choice(_places(holder))
        giver, at = chance.choice(_places(donor))
        if type(parent) is list and chance.random() < 0.5:
            parent.insert(key, giver[at])
        else:
            parent[key] = giver[at]
        packed = msgpack.packb(holder[0])
        return packed if holder and len(packed) <= max_size else one
    except (ValueError, TypeError, OverflowError, msgpack.UnpackException):
        return one


def _places(holder: list[Any]) -> list[tuple[Any, Any]]:
    """Where there is a node: what holds it, and its key there."""
    places: list[tuple[Any, Any]] = []
    inner: list[Any] = [holder]
    for node in inner:
        for key, child in node.items() if type(node) is dict else enumerate(node):
            places.append((node, key))
            if type(child) in (list, dict):
                inner.append(child)
    return places


def _change(holder: list[Any], chance: random.Random, libfuzzer: Bytes) -> None:
    places = _places(holder)
    parent, key = chance.choice(places)
    node = parent[key]
    ways = [_replace, _replace, _wrap, _copy]
    if type(parent) is list and parent is not holder:
        ways += [_remove, _insert, _insert, _swap]
    if type(parent) is dict:
        ways += [_retag, _retag]
    if type(node) in (str, bytes, int, float) and type(node) is not bool:
        ways += [_alter] * 3
    chance.choice(ways)(parent, key, chance, places, libfuzzer)


def _copied(node: Any) -> Any:
    return msgpack.unpackb(msgpack.packb(node), strict_map_key=False)


def _replace(parent: Any, key: Any, chance: random.Random, *_: Any) -> None:
    parent[key] = _copied(chance.choice(NODES))


def _insert(parent: Any, key: Any, chance: random.Random, *_: Any) -> None:
    parent.insert(key, _copied(chance.choice(NODES)))


def _remove(parent: Any, key: Any, chance: random.Random, *_: Any) -> None:
    del parent[key : key + chance.choice([1, 1, 1, 3])]


def _swap(parent: Any, key: Any, chance: random.Random, *_: Any) -> None:
    other = chance.randrange(len(parent))
    parent[key], parent[other] = parent[other], parent[key]


def _copy(parent: Any, key: Any, chance: random.Random, places: Any, *_: Any) -> None:
    giver, at = chance.choice(places)
    again = _copied(giver[at])
    if type(parent) is list and chance.random() < 0.5:
        parent.insert(key, again)
    else:
        parent[key] = again


def _wrap(parent: Any, key: Any, chance: random.Random, *_: Any) -> None:
    node = parent[key]
    tag = chance.randrange(22)
    ways: list[Any] = [[node], [node, node], {tag: node}, {tag: [node]}, {LINK: [tag, node]}]
    parent[key] = _copied(chance.choice(ways))


def _retag(parent: Any, key: Any, chance: random.Random, *_: Any) -> None:
    parent[chance.randrange(22)] = parent.pop(key)


def _alter(parent: Any, key: Any, chance: random.Random, places: Any, libfuzzer: Bytes) -> None:
    node = parent[key]
    if type(node) is bytes:
        parent[key] = libfuzzer(node, len(node) + 16)
    elif type(node) is str:
        parent[key] = libfuzzer(node.encode(), len(node) + 16).decode("utf-8", "replace")
    else:
        parent[key] = chance.choice([node + 1, node - 1, -node, node * 2, chance.randrange(300)])
