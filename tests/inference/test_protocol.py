"""The pipe between the processes: what goes in comes out, and garbage is refused."""

import io
import json
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bozzetto.inference import protocol
from bozzetto.inference.errors import WorkerError

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)  # fmt: skip
arrays = hnp.arrays(
    st.sampled_from([np.uint8, np.int32, np.float32]),
    hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5),
)


def pack(header, payload=b""):
    encoded = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<I", len(encoded)) + encoded + payload


def read(data):
    return protocol.read_message(io.BytesIO(data))


@given(
    st.dictionaries(st.text(max_size=8), plain, max_size=4),
    st.dictionaries(st.text(max_size=8), arrays, max_size=3),
)
def test_messages_survive_the_pipe(values, given_arrays):
    values.pop("arrays", None)
    header = {**values, "type": "x"}
    stream = io.BytesIO()
    protocol.write_message(stream, header, given_arrays)
    protocol.write_message(stream, {"type": "next"})
    stream.seek(0)
    message = protocol.read_message(stream)
    assert message.header == header
    assert list(message.arrays) == list(given_arrays)
    for name, array in given_arrays.items():
        got = message.arrays[name]
        assert got.dtype == array.dtype
        assert got.shape == array.shape
        assert got.tobytes() == array.tobytes()  # nan included
    assert protocol.read_message(stream).type == "next"
    assert protocol.read_message(stream) is None


@given(
    st.lists(st.dictionaries(st.text(max_size=4), arrays, max_size=2), min_size=1, max_size=3),
    st.lists(st.integers(1, 50), min_size=1),
)
def test_messages_are_assembled_from_bytes_that_come_little_by_little(all_arrays, sizes):
    stream = io.BytesIO()
    for number, given_arrays in enumerate(all_arrays):
        protocol.write_message(stream, {"type": "x", "number": number}, given_arrays)
    stream.seek(0)
    assembler, messages, turn = protocol.MessageAssembler(), [], 0
    while block := stream.read(min(assembler.wanted, sizes[turn % len(sizes)])):
        turn += 1
        if (message := assembler.add(block)) is not None:
            messages.append(message)
    assert not assembler.under_way
    assert [message.header["number"] for message in messages] == list(range(len(all_arrays)))
    for message, given_arrays in zip(messages, all_arrays, strict=True):
        assert {name: a.tobytes() for name, a in message.arrays.items()} == {
            name: a.tobytes() for name, a in given_arrays.items()
        }


def test_layout_of_arrays_does_not_matter():
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    for variant in (np.asfortranarray(array), array[::-1][::-1], array.astype(">f4")):
        stream = io.BytesIO()
        protocol.write_message(stream, {"type": "x"}, {"a": variant})
        assert np.array_equal(read(stream.getvalue()).arrays["a"], array)


def test_received_arrays_can_be_changed():
    stream = io.BytesIO()
    protocol.write_message(stream, {"type": "x"}, {"a": np.zeros(3, np.float32)})
    read(stream.getvalue()).arrays["a"][0] = 1.0


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data):
    if data:
        with pytest.raises(WorkerError):
            read(data)
    else:
        assert read(data) is None


@given(plain, st.binary(max_size=20))
def test_random_json_is_refused_or_understood(value, payload):
    data = pack(value if isinstance(value, dict) else {"type": "x", "arrays": value}, payload)
    try:
        message = read(data)
    except WorkerError:
        return
    assert isinstance(message.type, str)


entry = st.fixed_dictionaries(
    {
        "name": st.text(max_size=3) | st.none(),
        "dtype": st.sampled_from(["u1", "i4", "f4", "O", "f8"]) | st.lists(st.none(), max_size=1),
        "shape": st.lists(st.integers(-2, 2**70) | st.floats() | st.text(max_size=2), max_size=5),
    }
)


@given(st.lists(entry, max_size=3))
def test_claims_about_arrays_are_checked(entries):
    data = pack(json.dumps({"type": "x", "arrays": entries}).encode(), b"abcd")
    try:
        message = read(data)
    except WorkerError:
        return
    assert sum(array.nbytes for array in message.arrays.values()) <= 4


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b"{}",
        b"null",
        b'{"type": 1}',
        b'{"type": "x", "arrays": 1}',
        b'{"type": "x", "arrays": [{"name": "a", "dtype": "u1", "shape": [0, 1e400]}]}',
        b'{"type": "x", "arrays": [{"name": "a", "dtype": "u1", "shape": [0, %d]}]}' % 10**30,
        b'{"type": "x", "arrays": [{"name": "a", "dtype": "u1", "shape": [1, 1, 1, 1, 1]}]}',
        b'{"type": "x", "value": NaN}',
        b"[" * 100_000,
        b'{"type": "\xff"}',
    ],
    ids=range(11),
)
def test_bad_headers_are_refused(header):
    with pytest.raises(WorkerError):
        read(pack(header))


@pytest.mark.parametrize("size", [0, 1, protocol.MAX_HEADER + 1, 2**32 - 1])
def test_header_of_impossible_length_is_refused_unread(size):
    stream = io.BytesIO(struct.pack("<I", size) + b"x" * 100)
    with pytest.raises(WorkerError, match="claims"):
        protocol.read_message(stream)
    assert stream.tell() == 4


def test_false_size_reserves_no_memory():
    shape = [protocol.MAX_PAYLOAD - 1]
    data = pack({"type": "x", "arrays": [{"name": "a", "dtype": "u1", "shape": shape}]}, b"few")
    tracemalloc.start()
    try:
        with pytest.raises(protocol.TruncatedMessageError):
            protocol.read_message(io.BufferedReader(io.BytesIO(data)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**26  # of the 2 GiB that it claims


def test_many_arrays_together_are_bounded():
    one = {"name": "a", "dtype": "u1", "shape": [protocol.MAX_PAYLOAD // 2]}
    with pytest.raises(WorkerError, match="too large"):
        read(pack({"type": "x", "arrays": [one, one, one]}))


@pytest.mark.parametrize("cut", [1, 3, 4, 10, -1])
def test_cut_message_is_told_from_a_finished_stream(cut):
    stream = io.BytesIO()
    protocol.write_message(stream, {"type": "x"}, {"a": np.zeros(3, np.float32)})
    with pytest.raises(protocol.TruncatedMessageError):
        read(stream.getvalue()[:cut])


@pytest.mark.parametrize(
    ("header", "given_arrays"),
    [
        ({"type": "x"}, {"a": np.zeros(3, np.float64)}),
        ({"type": "x"}, {"a": np.zeros(3, object)}),
        ({"type": "x", "value": float("nan")}, {}),
        ({"type": "x", "value": {1, 2}}, {}),
        ({"type": "x" * protocol.MAX_HEADER}, {}),
    ],
    ids=["float64", "object", "nan", "set", "long"],
)
def test_what_cannot_be_sent_leaves_the_stream_clean(header, given_arrays):
    stream = io.BytesIO()
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        protocol.write_message(stream, header, given_arrays)
    assert stream.getvalue() == b""
