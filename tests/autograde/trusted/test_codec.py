"""The codec: every plain value survives, and no bytes from an enemy do harm."""

from __future__ import annotations

import math
import pickle
import tracemalloc

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograde.trusted import codec

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | TEXT
    | st.binary()
    | st.just(...)
)
HASHABLE = st.none() | st.booleans() | st.integers() | TEXT | st.binary() | st.tuples(TEXT)
DTYPES = (
    hnp.boolean_dtypes()
    | hnp.integer_dtypes(endianness="=")
    | hnp.unsigned_integer_dtypes(endianness="=")
    | hnp.floating_dtypes(endianness="=", sizes=(16, 32, 64))
    | hnp.complex_number_dtypes(endianness="=", sizes=(64, 128))
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
NUMBERS = DTYPES.flatmap(lambda d: hnp.arrays(d, (1,))).map(lambda a: a[0])
TEXTS = hnp.arrays(np.dtype("<U5"), 3, elements=st.text("ab\u20ac", max_size=5))
VALUES = st.recursive(
    SCALARS | ARRAYS | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(inner, inner)
        | st.dictionaries(HASHABLE, inner, max_size=4)
        | st.sets(HASHABLE, max_size=4)
        | st.frozensets(HASHABLE, max_size=4)
    ),
    max_leaves=12,
)


def travel(value):
    return codec.value(codec.unpack(codec.pack(codec.tree(value))))


def same(a, b) -> bool:
    """Equal in type and value, NaN equal to NaN: written down again, without the codec."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    return a == b


@given(VALUES)
def test_every_plain_value_survives(value):
    assert same(travel(value), value)


@given(st.slices(10) | st.just(range(3, 9, 2)))
def test_slices_and_ranges_survive(value):
    assert travel(value) == value


def test_a_big_endian_or_strided_array_arrives_as_the_same_numbers():
    array = np.arange(12, dtype=">i4").reshape(3, 4)[::2, ::-1]
    assert np.array_equal(travel(array), array)


def test_an_array_arrives_writeable_or_not_as_it_was():
    array = np.arange(3.0)
    assert travel(array).flags.writeable
    array.flags.writeable = False
    assert not travel(array).flags.writeable


class Sly(list):
    pass


@pytest.mark.parametrize(
    "value",
    [
        object(),
        Sly([1]),
        type("I", (int,), {})(3),
        type("S", (str,), {})("x"),
        np.array([object()]),
        np.zeros(2, dtype=[("a", int)]),
        np.array(["2020-01-01"], dtype="datetime64[D]"),
        np.ma.masked_array([1, 2]),
        len,
        [1, [2, {3: print}]],
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_plain_is_refused(value):
    with pytest.raises(codec.NotPlain):
        codec.tree(value)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (np.full((2, 3), 0.1, np.longdouble), np.full((2, 3), 0.1)),
        (np.longdouble(0.5), np.float64(0.5)),
        (np.ones(2, np.clongdouble), np.ones(2, complex)),
    ],
    ids=["array", "scalar", "complex"],
)
def test_a_longdouble_travels_as_the_widest_that_is_the_same_everywhere(value, wanted):
    back = codec.value(codec.unpack(codec.pack(codec.tree(value))))
    assert type(back) is type(wanted)
    assert back.dtype == wanted.dtype
    np.testing.assert_array_equal(back, wanted)


def deep(levels):
    value: list = []
    for _ in range(levels):
        value = [value]
    return value


def endless():
    value: list = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [deep(500), endless(), [0] * codec.MAX_ITEMS, np.zeros(codec.MAX_BYTES // 8 + 1), 1 << 100_000],
    ids=["deep", "endless", "many", "large", "number"],
)
def test_what_is_too_large_is_refused(value):
    with pytest.raises(codec.TooLarge):
        codec.tree(value)


@given(st.binary(max_size=300))
@settings(max_examples=500)
def test_random_bytes_are_malformed_or_harmless(data):
    read_all(data)


@given(VALUES, st.data())
@settings(max_examples=300)
def test_damaged_bytes_are_malformed_or_harmless(value, data):
    packed = bytearray(codec.pack(codec.tree(value)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(packed) - 1))
        packed[at] = data.draw(st.integers(0, 255))
    read_all(bytes(packed[: data.draw(st.integers(1, len(packed)))]))


NODES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | TEXT | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.integers(-1, 24), inner, min_size=1, max_size=1)
    ),
    max_leaves=20,
)


@given(NODES)
@settings(max_examples=500)
def test_well_formed_bytes_with_a_senseless_meaning(node):
    read_all(msgpack.packb(node))


ARRAY_NODES = st.builds(
    lambda dtype, shape, data, flag: {codec.ARRAY: [dtype, shape, data, flag]},
    st.sampled_from(["<f8", "|O", "<f16", "|V8", "<M8[D]", "<U1", "<U9999999", "|b1", ""]),
    st.lists(st.sampled_from([0, 1, 2, -1, 1 << 62, 2**64 - 1]), max_size=5) | st.none(),
    st.binary(max_size=48),
    st.booleans() | st.none(),
)


@given(ARRAY_NODES)
@settings(max_examples=500)
def test_forged_arrays(node):
    read_all(msgpack.packb(node))


def read_all(data: bytes) -> None:
    try:
        value = codec.value(codec.unpack(data))
    except codec.Malformed:
        return
    assert plain(value)


def plain(value) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(plain, value))
    if isinstance(value, dict):
        return all(plain(k) and plain(v) for k, v in value.items())
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "biufcUS" and isinstance(repr(value), str)
    kinds = (bool, int, float, complex, str, bytes, slice, range, type(None), type(...))
    return type(value) in kinds


BOMBS = {
    "an array of four billion": b"\xdd\xff\xff\xff\xff",
    "a map of four billion": b"\xdf\xff\xff\xff\xff",
    "bytes of four billion": b"\xc6\xff\xff\xff\xff",
    "an extension": b"\xc9\xff\xff\xff\xff\x01",
    "a million levels": b"\x91" * 1_000_000,
    "arrays that promise much, nested": b"\xdc\xff\xff" * 20_000,
    "a shape without bytes": msgpack.packb({codec.ARRAY: ["<f8", [1 << 26], b"", True]}),
    "an empty array of a wide text type": msgpack.packb(
        {codec.ARRAY: ["<U9999999", [1 << 26], b"", True]}
    ),
    "many empty texts": msgpack.packb({codec.ARRAY: ["<U0", [1 << 26], b"", True]}),
    "a pickle": pickle.dumps([1, 2]),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_bombs_allocate_nothing(data):
    tracemalloc.start()
    try:
        with pytest.raises(codec.Malformed):
            codec.value(codec.unpack(data))
        assert tracemalloc.get_traced_memory()[1] < 10 * len(data) + 1_000_000
    finally:
        tracemalloc.stop()


def test_a_bool_is_true_or_false():
    forged = {codec.ARRAY: ["|b1", [2], b"\x02\x00", True]}
    array = codec.value(codec.unpack(msgpack.packb(forged)))
    assert array.tobytes() == b"\x01\x00"


def test_no_module_of_the_student_side_can_run_what_it_reads():
    """Neither side unpickles or evaluates."""
    from pathlib import Path

    folder = Path(codec.__file__).parent
    for name in ("codec", "channel", "session", "proxies", "checker", "servant", "grader"):
        text = (folder / f"{name}.py").read_text()
        for word in ("import pickle", "import marshal", "eval(", "exec(", "allow_pickle"):
            assert word not in text.replace("literal_eval(", ""), f"{word} in {name}.py"
