"""Plain values as bytes and back, where the bytes may come from an enemy.

The bytes are MessagePack. Types that it lacks are one-entry maps {tag: payload}; arrays travel as
raw bytes. Exact types only: a subclass could bring its own behaviour. `unpack` walks the headers
first and allocates nothing until depth, count and every length have been found in bounds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np

MAX_BYTES = 64 << 20
MAX_ITEMS = 200_000
MAX_DEPTH = 40
MAX_INT_BYTES = 2048

TUPLE, SET, FROZENSET, DICT, COMPLEX, BIG, ARRAY, SCALAR, SLICE, ELLIPSIS, RANGE = range(11)
FIRST_FREE_TAG = 16  # tags from here on belong to whoever calls: references to objects

_DTYPE = re.compile(r"[<|](?:b1|[iu][1248]|f[248]|c8|c16|[US]\d{1,7})")
_WITH_DTYPE = (np.ndarray, np.longdouble, np.clongdouble)
_WIDER = {"g": np.float64, "G": np.complex128}
"""What a `longdouble` travels as, by its letter: its size and meaning are the processor's."""
_FIXED = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
_FIXED |= {0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
_SIZED = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_LISTS = {0xDC: 2, 0xDD: 4}

Outside = Callable[[Any], Any]
Inside = Callable[[int, Any], Any]


class Malformed(ValueError):
    """The bytes are not what `pack` writes."""


class TooLarge(ValueError):
    """A value has more bytes, items or levels than may travel."""


class NotPlain(TypeError):
    """An object that is not plain data."""


def _no_outside(value: Any) -> Any:
    raise NotPlain(f"a {type(value).__name__} is not plain data")


def _no_inside(tag: int, payload: Any) -> Any:
    raise Malformed(f"tag {tag} is not known here")


def tree(value: Any, outside: Outside = _no_outside) -> Any:
    """`value` as what `pack` takes; `outside` gives the tree of an object that is not plain data.

    Raises
    ------
    TooLarge
        If the value has too many bytes, items or levels.
    NotPlain
        If there is no `outside` for an object that is not plain data.
    """
    return _Planter(outside).plant(value, 0)


class _Planter:
    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._items = MAX_ITEMS // 2  # a tag costs an item, too
        self._bytes = MAX_BYTES - (1 << 16)

    def _spend(self, count: int) -> None:
        self._bytes -= count
        if self._bytes < 0:
            raise TooLarge(f"a value of more than {MAX_BYTES >> 20} MB")

    def plant(self, value: Any, depth: int) -> Any:
        kind = type(value)
        self._items -= 1
        if self._items < 0:
            raise TooLarge(f"a value of more than {MAX_ITEMS // 2} parts")
        if depth > MAX_DEPTH // 2 - 2:
            raise TooLarge("a value nested too deeply")
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            if -(1 << 63) <= value < 1 << 64:
                return value
            size = value.bit_length() // 8 + 1
            if size > MAX_INT_BYTES:
                raise TooLarge(f"an integer of {size} bytes")
            return {BIG: value.to_bytes(size, "little", signed=True)}
        if kind is str:
            self._spend(4 * len(value))
            return value.encode("utf-8", "replace").decode() if not value.isascii() else value
        if kind is bytes:
            self._spend(len(value))
            return value
        if kind is list:
            return self._all(value, depth)
        if kind is tuple:
            return {TUPLE: self._all(value, depth)}
        if kind is dict:
            flat = [x for pair in list(value.items()) for x in pair]
            return {DICT: self._all(flat, depth)}
        if kind is set or kind is frozenset:
            return {SET if kind is set else FROZENSET: self._all(list(value), depth)}
        if kind is complex:
            return {COMPLEX: [value.real, value.imag]}
        wider = _WIDER.get(value.dtype.char) if kind in _WITH_DTYPE else None
        if wider is not None:
            return self.plant(value.astype(wider), depth)
        if kind is np.ndarray and _DTYPE.fullmatch(_dtype(value)):
            self._spend(value.nbytes)
            writeable = bool(value.flags.writeable)
            data = np.ascontiguousarray(value).astype(_dtype(value), copy=False).tobytes()
            return {ARRAY: [_dtype(value), list(value.shape), data, writeable]}
        if (
            issubclass(kind, np.generic)
            and kind is value.dtype.type
            and _DTYPE.fullmatch(_dtype(value))
        ):
            self._spend(value.nbytes)
            return {SCALAR: [_dtype(value), np.array(value, _dtype(value)).tobytes()]}
        if kind is slice:
            return {SLICE: self._all([value.start, value.stop, value.step], depth)}
        if kind is range:
            return {RANGE: self._all([value.start, value.stop, value.step], depth)}
        if value is Ellipsis:
            return {ELLIPSIS: None}
        return self._outside(value)

    def _all(self, values: Any, depth: int) -> list[Any]:
        if len(values) > self._items:
            raise TooLarge(f"a value of more than {MAX_ITEMS // 2} parts")
        return [self.plant(x, depth + 1) for x in values]


def _dtype(value: Any) -> str:
    name = value.dtype.newbyteorder("<").str
    return name if value.dtype.itemsize else name.replace("0", "1")  # "<U0" makes "<U1"


def pack(value_tree: Any) -> memoryview:
    """The bytes of what `tree` made, where they were written: large arrays are not copied again."""
    packer = msgpack.Packer(use_bin_type=True, autoreset=False)
    packer.pack(value_tree)
    return packer.getbuffer()


def unpack(data: bytes | memoryview) -> Any:
    """The tree in `data`.

    Raises
    ------
    Malformed
        For anything that `pack` would not have written.
    """
    _survey(data)
    try:
        return msgpack.unpackb(data, raw=False, strict_map_key=False)
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise Malformed(f"not MessagePack: {error}") from None


def _survey(data: bytes | memoryview) -> None:
    """Walk the headers alone: every length must be there, no list may claim more than the bytes
    hold."""
    position, end, items = 0, len(data), 0
    if end > MAX_BYTES:
        raise Malformed("too many bytes")
    left = [1]
    while left:
        if not left[-1]:
            left.pop()
            continue
        left[-1] -= 1
        items += 1
        if position >= end or items > MAX_ITEMS:
            raise Malformed("cut short, or too many items")
        head = data[position]
        position += 1
        if head < 0x80 or head >= 0xE0:
            continue
        if head in _FIXED:
            position += _FIXED[head]
            continue
        if 0xA0 <= head <= 0xBF:
            position += head & 31
            continue
        if head in _SIZED:
            width = _SIZED[head]
            position += width + int.from_bytes(data[position : position + width], "big")
            continue
        if head == 0x81:
            count = 2
        elif 0x90 <= head <= 0x9F:
            count = head & 15
        elif head in _LISTS:
            width = _LISTS[head]
            count = int.from_bytes(data[position : position + width], "big")
            position += width
        else:
            raise Malformed(f"the byte {head:#x} has no place here")
        if count > end - position or len(left) > 2 * MAX_DEPTH:
            raise Malformed("a list longer than its bytes, or too many levels")
        left.append(count)
    if position != end:
        raise Malformed("lengths and bytes do not agree")


def value(node: Any, inside: Inside = _no_inside) -> Any:
    """The value that `tree` made `node` of; `inside` gives the object for a caller's own tag.

    Raises
    ------
    Malformed
        For a tree that `tree` would not have made.
    """
    if type(node) is list:
        return [value(x, inside) for x in node]
    if type(node) is not dict:
        return node
    ((tag, payload),) = node.items()
    if type(tag) is not int:
        raise Malformed("a tag must be an integer")
    if tag >= FIRST_FREE_TAG:
        return inside(tag, payload)
    try:
        return _READERS[tag](payload, inside)
    except RecursionError:  # from an object whose hash holds such an object
        raise Malformed(f"tag {tag}: without end") from None
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, IndexError) as error:
        if isinstance(error, Malformed):
            raise
        raise Malformed(f"tag {tag}: {error}") from None


def _items(payload: Any, inside: Inside, count: int | None = None) -> list[Any]:
    if type(payload) is not list or count not in (None, len(payload)):
        raise Malformed("a list was expected")
    return [value(x, inside) for x in payload]


def _read_dict(payload: Any, inside: Inside) -> dict[Any, Any]:
    flat = _items(payload, inside)
    if len(flat) % 2:
        raise Malformed("a key without a value")
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _read_complex(payload: Any, inside: Inside) -> complex:
    real, imag = payload
    if type(real) is not float or type(imag) is not float:
        raise Malformed("a complex number is two floats")
    return complex(real, imag)


def _read_big(payload: Any, inside: Inside) -> int:
    if type(payload) is not bytes or len(payload) > MAX_INT_BYTES:
        raise Malformed("not a large integer")
    return int.from_bytes(payload, "little", signed=True)


def _flat(dtype: Any, count: int, data: Any) -> np.ndarray:
    if type(dtype) is not str or not _DTYPE.fullmatch(dtype) or type(data) is not bytes:
        raise Malformed("not an array")
    kind = np.dtype(dtype)
    if not kind.itemsize or kind.itemsize * count != len(data):
        raise Malformed("an array's shape and bytes do not agree")
    if kind.kind == "b":  # a byte other than 0 and 1 is a bool that is neither true nor false
        return np.frombuffer(data, np.uint8) != 0
    if kind.kind == "U" and len(data) and np.frombuffer(data, "<u4").max() > 0x10FFFF:
        raise Malformed("not text")
    return np.frombuffer(data, kind).copy()


def _read_array(payload: Any, inside: Inside) -> np.ndarray:
    dtype, shape, data, writeable = payload
    if type(shape) is not list or len(shape) > 32 or type(writeable) is not bool:
        raise Malformed("not an array")
    if not all(type(n) is int and 0 <= n <= MAX_BYTES for n in shape):
        raise Malformed("not a shape")
    if math.prod(shape) > MAX_BYTES:
        raise Malformed("not a shape")
    array = _flat(dtype, math.prod(shape), data).reshape(shape)
    array.flags.writeable = writeable
    return array


def _read_scalar(payload: Any, inside: Inside) -> Any:
    dtype, data = payload
    return _flat(dtype, 1, data)[0]


def _read_range(payload: Any, inside: Inside) -> range:
    numbers = _items(payload, inside, 3)
    if not all(type(n) is int for n in numbers):
        raise Malformed("not a range")
    return range(*numbers)


_READERS: dict[int, Callable[[Any, Inside], Any]] = {
    TUPLE: lambda payload, inside: tuple(_items(payload, inside)),
    SET: lambda payload, inside: set(_items(payload, inside)),
    FROZENSET: lambda payload, inside: frozenset(_items(payload, inside)),
    DICT: _read_dict,
    COMPLEX: _read_complex,
    BIG: _read_big,
    ARRAY: _read_array,
    SCALAR: _read_scalar,
    SLICE: lambda payload, inside: slice(*_items(payload, inside, 3)),
    ELLIPSIS: lambda payload, inside: Ellipsis,
    RANGE: _read_range,
}
