"""Values as bytes and back; and bytes that no encoder made."""

import contextlib
import itertools
import math
import resource
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox.channel import MAX_BODY, pack, unpack_body
from autograder.sandbox.errors import ProtocolError
from autograder.sandbox.outputs import clean_outputs
from autograder.sandbox.replies import Reply, Times, read_reply
from autograder.sandbox.wire import (
    MAX_DIGITS,
    MAX_KEYS,
    NUMPY_DTYPES,
    TORCH_DTYPES,
    Decoder,
    Encoder,
    Handle,
    Unsendable,
)
from tests.sandbox.test_calls import same


def there_and_back(value: Any, **options: Any) -> Any:
    encoder = Encoder()
    frame = pack(1, {"value": encoder.encode(value)}, encoder.buffers)
    body = unpack_body(bytes(frame[1]))
    return Decoder(bytearray(b"".join(frame[2:])), **options).decode(body["value"])


shapes = st.lists(st.integers(0, 4), max_size=4)
arrays = st.sampled_from(list(NUMPY_DTYPES.values())).flatmap(
    lambda dtype: hnp.arrays(dtype, shapes.map(tuple))
)


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    """Tensors of any dtype and shape, perhaps transposed, sliced or flipped."""
    dtype = draw(st.sampled_from(list(TORCH_DTYPES.values())))
    shape = draw(shapes)
    count = math.prod(shape)
    raw = draw(st.binary(min_size=count * dtype.itemsize, max_size=count * dtype.itemsize))
    if dtype is torch.bool:
        raw = bytes(byte % 2 for byte in raw)
    tensor = torch.empty(0, dtype=dtype)
    if count:
        tensor = torch.frombuffer(bytearray(raw), dtype=dtype)
    tensor = tensor.reshape(shape)
    if shape and draw(st.booleans()):
        tensor = tensor.transpose(0, -1)
    if shape and draw(st.booleans()):
        tensor = tensor[::2]
    return tensor


texts = st.text(st.characters(exclude_categories=["Cs"]))
hashable = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.binary() | (
    st.tuples(st.integers(), texts)
)  # fmt: skip
values = st.recursive(
    hashable | st.complex_numbers() | tensors() | arrays,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(hashable, inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(deadline=None, max_examples=150)
@given(values)
def test_every_plain_value_comes_back_the_same(value: Any):
    same(there_and_back(value), value)


@settings(deadline=None)
@given(st.sets(hashable, max_size=5))
def test_sets_come_back_the_same(value: set[Any]):
    got = there_and_back(value)
    assert sorted(map(repr, got)) == sorted(map(repr, value))


def test_a_received_array_or_tensor_can_be_written_to():
    tensor, array = there_and_back((torch.zeros(2), np.zeros(2)))
    tensor += 1
    array += 1
    assert tensor.tolist() == array.tolist() == [1, 1]


scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=5)
)
tags = st.sampled_from(["l", "t", "s", "d", "i", "c", "y", "z", "T", "A", "g", "o", "b", "?"])
sizes = st.integers(-2, 40) | st.sampled_from([2**31, 2**40, 2**62, -(2**63)])
dtypes = st.sampled_from([*TORCH_DTYPES, "object", "float128", "datetime64"])
arrays_claimed = st.tuples(
    st.sampled_from("TA"), dtypes, st.lists(sizes, max_size=5), sizes, st.booleans()
).map(list)
bodies = st.recursive(
    scalars | arrays_claimed | st.tuples(st.just("g"), dtypes, sizes).map(list),
    lambda inner: (
        st.lists(inner, max_size=4) | st.tuples(tags, st.lists(inner, max_size=4)).map(
            lambda pair: [pair[0], *pair[1]]
        )
    ),
    max_leaves=12,
)  # fmt: skip


def decoded(body: Any, buffers: bytes) -> Any:
    """The value, or ProtocolError itself; anything else is raised."""
    try:
        return Decoder(bytearray(buffers)).decode(body)
    except ProtocolError as error:
        return error


@settings(deadline=None, max_examples=500)
@given(bodies, st.binary(max_size=64))
def test_a_body_that_no_encoder_made_is_a_value_or_a_protocol_error(body: Any, buffers: bytes):
    decoded(body, buffers)


statuses = st.sampled_from(
    [
        "value",
        "outputs",
        "raised",
        "unsendable",
        "missing",
        "forbidden",
        "no_gradient",
        "shape",
        "x",
    ]
)
replies = st.fixed_dictionaries(
    {"status": statuses | bodies},
    optional={
        name: bodies | st.text(max_size=5)
        for name in (
            "value", "changed", "printed", "outputs", "type", "message", "frames", "memory", "what",
            "argument",
        )
    },
)  # fmt: skip


@settings(deadline=None, max_examples=500)
@given(replies, st.binary(max_size=32))
def test_a_reply_that_no_worker_of_ours_made_is_a_reply_or_a_protocol_error(
    body: Any, buffers: bytes
):
    try:
        reply = read_reply(body, bytearray(buffers), Times(), interrupted=False)
    except ProtocolError:
        return
    assert isinstance(reply, Reply)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
)
output_fields = st.fixed_dictionaries(
    {
        "output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "x"]),
        "name": st.sampled_from(["stdout", "stderr", "x"]) | json_values,
        "text": st.text(max_size=5) | json_values,
        "ename": json_values,
        "evalue": st.text(max_size=5) | json_values,
        "traceback": json_values,
        "data": json_values | st.dictionaries(st.text(max_size=9), json_values),
        "metadata": json_values,
        "execution_count": json_values,
    }
)


@settings(deadline=None, max_examples=300)
@given(st.lists(output_fields | json_values, max_size=3))
def test_outputs_that_no_shell_of_ours_made_are_clean_or_a_protocol_error(outputs: Any):
    import json

    try:
        cleaned = clean_outputs(json.dumps(outputs))
    except ProtocolError:
        return
    json.dumps(cleaned, allow_nan=False)


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=60) | st.builds(lambda n: b"\x81\xa1a" + b"\x91" * n, st.integers(0, 9999))
)
def test_bytes_that_are_no_body_are_a_protocol_error(raw: bytes):
    with contextlib.suppress(ProtocolError):
        assert isinstance(unpack_body(raw), dict)


@pytest.mark.parametrize(
    "body",
    [
        ["y"], ["y", "float32", 1], [], [[]], [3], ["o", -1, "x"], ["o", "9" * 5000, "x"],
        ["o", 2**64, "x"], ["o", 1.5, "x"], ["o", 1, 2], ["i", "f" * (MAX_DIGITS + 1)], ["i", 5],
        ["i", "zz"], ["s", ["l"]], ["d", 1], ["d", ["l"], 1], ["c", "a", 1],
        ["z", -1], ["z", 2**70],
        ["T", "float32", [2**20, 2**20], 0, False], ["T", "float32", [4], 16, False],
        ["T", "float32", [1], 4, False], ["T", "float32", [1], -16, False],
        ["T", "float32", [1], True, False], ["T", "float32", [0, 2**39, 2**39, 2**39], 0, False],
        ["T", "float32", [1] * 65, 0, False], ["T", "float32", 1, 0, False],
        ["T", "quint8", [1], 0, 1],
        ["A", "object", [1], 0], ["A", "float64", [2**39] * 3, 0], ["b", 0, 2**50], ["b", 0, -1],
        ["T", ["float32"], [1], 0, False], ["T", {"a": 1}, [1], 0, False],
        b"bytes", {"a": 1}, 3 + 4j,
        ["t", ["T", "float32", [4], 0, False], ["T", "float32", [4], 0, False]],
        ["s", *[["i", hex(n * (2**61 - 1))] for n in range(MAX_KEYS + 1)]],
        ["d", *range(2 * MAX_KEYS + 2)],
        ["l", *[["s", *range(5000)] for _ in range(5)]],
        ["s", *[["t", *[-1] * 9, n] for n in range(MAX_KEYS // 10)]],  # -1 and -2 hash alike
        ["d", *itertools.chain(*([["t", ["z", *[1] * 60], n], n] for n in range(MAX_KEYS // 60)))],
    ],
    ids=lambda body: repr(body)[:40],
)  # fmt: skip
def test_a_malformed_body_is_a_protocol_error(body: Any):
    assert isinstance(decoded(body, bytes(16)), ProtocolError)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x90",
        b"\x81\x01\x01",  # a number for a key
        b"\x81\xa1a\x81\xa1b\x01",  # a dictionary inside
        b"\x81\xa1a\xd6\xff\xff\xff\xff\xff",  # a date
        b"\x81\xa1a\xc4\x01a",  # bytes
        b"\x81\xa1a\xa1\xff",  # no UTF-8
        b"\x81\xa1a\xdd\xff\xff\xff\xff",  # a list of 2**32 - 1
        b"\x81\xa1a" + b"\x91" * 1000 + b"\x01",
    ],
)
def test_what_a_body_never_holds_is_a_protocol_error(raw: bytes):
    with pytest.raises(ProtocolError):
        unpack_body(raw)


def test_a_body_is_never_more_memory_than_a_few_hundred_mebibytes():
    """The worst that fits: as many empty lists as there are bytes."""
    count = MAX_BODY - 9
    raw = b"\x81\xa1a\xdd" + count.to_bytes(4, "big") + b"\x90" * count
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unpack_body(raw)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < (700 << 10)


def test_a_tensor_never_takes_more_memory_than_was_sent():
    claims = [["T", "bool", [1000], 0, False]] * 2
    assert isinstance(decoded(["l", *claims], bytes(1008)), ProtocolError)


def test_bytes_that_are_no_bool_become_one():
    got = Decoder(bytearray(b"\x02\x00\xff")).decode(["T", "bool", [3], 0, False])
    assert got.view(torch.uint8).tolist() == [1, 0, 1]
    array = Decoder(bytearray(b"\x02\x00\xff")).decode(["A", "bool", [3], 0])
    assert array.view(np.uint8).tolist() == [1, 0, 1]


def test_handles_are_resolved_where_they_are_known():
    assert there_and_back(Handle(3, "Foo")) == Handle(3, "Foo")
    assert there_and_back([Handle(3, "Foo")], resolve=lambda handle: handle.number) == [3]


@pytest.mark.parametrize("body", [{"a": object()}, {"a": 2**70}, {"a": "\ud800"}])
def test_what_cannot_be_packed_is_unsendable(body: Any):
    with pytest.raises(Unsendable):
        pack(1, body, [])


def test_a_large_int_is_one_that_can_be_printed():
    largest = 16 ** (MAX_DIGITS - 3)
    assert str(there_and_back(largest - 1))
    with pytest.raises(Unsendable):
        there_and_back(largest * 16)


def test_deep_nesting_is_unsendable_and_deep_bodies_are_refused():
    deep: list[Any] = []
    for _ in range(70):
        deep = [deep]
    with pytest.raises(Unsendable):
        there_and_back(deep)
    body: list[Any] = ["l"]
    for _ in range(500):
        body = ["l", body]
    assert isinstance(decoded(body, b""), ProtocolError)
    with pytest.raises(ProtocolError):
        unpack_body(msgspec.msgpack.encode({"value": body}))


@pytest.mark.parametrize(("said", "kept"), [(None, None), (0.25, 0.25)])
def test_a_time_on_the_gpu_is_reported_beside_the_judges_own(said, kept):
    body = {"status": "value", "value": 1} | ({} if said is None else {"gpu": said})
    reply = read_reply(body, bytearray(), Times(wall=1.0), interrupted=False)
    assert reply.times == Times(wall=1.0, gpu=kept)


@pytest.mark.parametrize("said", [-1.0, float("nan"), float("inf"), "1", True, [1.0]])
def test_a_time_on_the_gpu_that_is_none_breaks_the_protocol(said):
    with pytest.raises(ProtocolError):
        read_reply(
            {"status": "value", "value": 1, "gpu": said}, bytearray(), Times(), interrupted=False
        )
