"""Whatever a worker sends, the judge gets a reply of exact types, a ProtocolError or a closed
socket, and takes no more memory than the frame's lengths allow. How many examples are tried:
conftest.py; `make fuzz` tries more."""

import copy
import gc
import itertools
import json
import math
import socket
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import nbformat
import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from nbformat import NotebookNode

from autograder.sandbox.channel import BODY_GROWTH, HEADER, MAX_BODY, Channel, Closed
from autograder.sandbox.errors import ProtocolError
from autograder.sandbox.outputs import MAX_OUTPUTS
from autograder.sandbox.replies import (
    MAX_NAME,
    MAX_TEXT,
    CannotTravel,
    CellOutputs,
    Forbidden,
    Frame,
    Missing,
    NoGradient,
    OtherShape,
    Raised,
    Reply,
    Times,
    Value,
    read_reply,
)
from autograder.sandbox.shell import plain
from autograder.sandbox.wire import (
    ALIGNMENT,
    MAX_BUFFERS,
    MAX_DEPTH,
    MAX_DIGITS,
    NUMPY_DTYPES,
    TORCH_DTYPES,
    Encoder,
    Handle,
)
from tests.sandbox.test_wire import hashable
from tests.sandbox.test_wire import texts as short_texts
from tests.sandbox.test_wire import values as usual_values

TIMES = Times(wall=1.0, cpu=0.5)
PART = 32 << 10  # bytes: what a socket takes at once
ROOM = 96 << 10  # bytes that no length in a frame stands for: messages, the socket, caches
TAGS = [*"ltsdicyzTAgbo", "?", ""]
STATUSES = [
    "value", "outputs", "raised", "unsendable", "missing", "forbidden", "no_gradient", "shape", "?",
]  # fmt: skip
FIELDS = [
    "status", "value", "changed", "printed", "outputs", "type", "message", "frames", "memory",
    "what", "argument", "gpu", "?",
]  # fmt: skip
NUMBERS = [
    -(2**63), -16, -1, 0, 1, 2, 15, 16, 17, 64, 65, 2**31, 2**32, 2**40 - 1, 2**40, 2**61 - 1,
    2**62, 2**63 - 1, 2**63, 2**64 - 1,
]  # fmt: skip


# What a worker of ours sends

texts = short_texts | st.sampled_from([0, 199, 200, 201, 3_999, 4_001]).map("é".__mul__)
handles = st.builds(Handle, st.integers(0, 2**63 - 1), texts)
numpy_scalars = st.sampled_from(list(NUMPY_DTYPES.values())).flatmap(
    lambda dtype: st.binary(min_size=dtype.itemsize, max_size=dtype.itemsize).map(
        lambda raw: np.frombuffer(bytes(b % 2 for b in raw) if dtype.kind == "b" else raw, dtype)[0]
    )
)
values = st.recursive(
    usual_values
    | handles
    | numpy_scalars
    | st.sampled_from(list(TORCH_DTYPES.values()))
    | st.lists(st.integers(0, 2**40 - 1), max_size=4).map(torch.Size)
    | st.integers(-(2**200), 2**200)
    | st.sets(hashable, max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
mime_bundles = st.dictionaries(
    st.sampled_from(["text/plain", "text/html", "application/json", "application/a+json"]),
    json_values,
    max_size=3,
)
outputs = st.lists(
    st.fixed_dictionaries(
        {"output_type": st.just("stream"), "name": st.just("stdout"), "text": texts}
    )
    | st.fixed_dictionaries(
        {
            "output_type": st.just("error"),
            "ename": texts,
            "evalue": texts,
            "traceback": st.lists(texts, max_size=3),
        }
    )
    | st.fixed_dictionaries(
        {
            "output_type": st.sampled_from(["display_data", "execute_result"]),
            "data": mime_bundles,
            "metadata": st.dictionaries(texts, json_values, max_size=2),
            "execution_count": st.none() | st.integers(0, 100),
        }
    ),
    max_size=3,
)
student_lines = st.tuples(st.integers(0, 99), st.integers(1, 999), texts, texts).map(list)


@st.composite
def good_replies(draw: st.DrawFn) -> tuple[dict[str, Any], bytes]:
    """The body and the buffers of a reply as a worker of ours makes them."""
    status = draw(st.sampled_from(["value", "value", *STATUSES[:-1]]))
    encoder = Encoder()
    body: dict[str, Any] = {"status": status}
    match status:
        case "value":
            body |= {
                "value": encoder.encode(draw(values)),
                "printed": draw(texts),
                "changed": draw(st.none() | st.integers(0, 5) | texts),
            }
        case "shape":
            body["value"] = encoder.encode(draw(values))
        case "outputs":
            body["outputs"] = msgspec.json.encode(plain(draw(outputs))).decode()
        case "raised":
            body |= {
                "type": draw(texts),
                "message": draw(texts),
                "memory": draw(st.booleans()),
                "frames": draw(st.lists(student_lines, max_size=3))
                * draw(st.sampled_from([1, 20])),
            }
        case "no_gradient":
            body["argument"] = draw(st.none() | st.integers(0, 5))
        case _:
            body["what"] = draw(texts)
    if draw(st.booleans()):
        body["gpu"] = draw(st.floats(0, 100))
    return body, b"".join(encoder.buffers)


# What it sends otherwise

odd_scalars = (
    st.sampled_from([None, True, False, "", "x", *TAGS, *NUMBERS, *TORCH_DTYPES, "object", "0x1"])
    | st.floats()
    | texts
)
other_kinds = st.sampled_from(  # of msgpack, which a body never holds
    [
        {},
        {"a": 1},
        {1: [2]},
        b"",
        b"x",
        msgspec.msgpack.Ext(1, b"x"),
        datetime(2025, 1, 1, tzinfo=UTC),
    ]
).map(copy.deepcopy)  # what is drawn is changed


def places(body: Any) -> list[tuple[Any, Any]]:
    """Each value inside `body`, as its container and its place in it."""
    found = []
    left = [body]
    while left:
        container = left.pop()
        keys = container if isinstance(container, dict) else range(len(container))
        for key in keys:
            found.append((container, key))
            if isinstance(container[key], dict | list):
                left.append(container[key])
    return found


def change_structure(draw: st.DrawFn, body: dict[str, Any]) -> None:
    """Change one thing in `body`: a length, a count, a depth, a dtype, a place in the buffers…"""
    found = places(body)
    container, key = found[draw(st.integers(0, len(found) - 1))] if found else (body, "status")
    old = container.get(key) if isinstance(container, dict) else container[key]
    match draw(st.sampled_from(["odd", "near", "other", "drop", "again", "wrap", "head", "field"])):
        case "odd":
            container[key] = draw(odd_scalars | other_kinds)
        case "near":
            step = draw(st.sampled_from([-17, -16, -8, -1, 1, 8, 16, 17]))
            container[key] = min(old + step, 2**64 - 1) if type(old) is int else draw(odd_scalars)
        case "other":
            other, place = found[draw(st.integers(0, len(found) - 1))] if found else (body, key)
            container[key] = copy.deepcopy(other.get(place, 0) if other is body else other[place])
        case "drop":
            container.pop(key, None) if isinstance(container, dict) else container.pop(key)
        case "again":
            times = draw(st.sampled_from([1, 2, 20, 70, 1000, 5000]))
            if len(msgspec.msgpack.encode(old)) * times > PART:
                times = 1
            if isinstance(container, list):
                container[key:key] = [copy.deepcopy(old) for _ in range(times)]
            else:
                container[key] = [draw(st.sampled_from(TAGS)), *[old] * times]
        case "wrap":
            for _ in range(draw(st.sampled_from([1, 2, MAX_DEPTH - 1, MAX_DEPTH + 1, 75, 300]))):
                old = [draw(st.just("l") | st.sampled_from(TAGS)), old]
            container[key] = old
        case "head":
            if isinstance(old, list) and old:
                old[0] = draw(st.sampled_from(TAGS) | odd_scalars)
        case "field":
            body[draw(st.sampled_from(FIELDS))] = draw(odd_scalars | st.sampled_from(STATUSES))


def change_bytes(draw: st.DrawFn, raw: bytearray) -> None:
    """Change one stretch of `raw`."""
    at = draw(st.integers(0, len(raw)))
    length = draw(st.integers(0, 8))
    match draw(st.sampled_from(["put", "kind", "move", "cut"])):
        case "put":
            raw[at : at + length] = draw(st.binary(max_size=8))
        case "kind":  # msgpack's first bytes, of lists and dictionaries above all
            kinds = st.sampled_from([0x80, 0x81, 0x90, 0x91, 0x9F, 0xA0, *range(0xC0, 0xE0), 0xFF])
            raw[at : at + 1] = bytes([draw(kinds)])
        case "move":
            other = draw(st.integers(0, len(raw)))
            raw[at:at] = raw[other : other + length]
        case "cut":
            del raw[at : at + draw(st.integers(0, len(raw)))]


def frame(body: Any, buffers: bytes, number: int = 1) -> bytes:
    """A frame whose lengths are right, whatever is in it."""
    packed = body if isinstance(body, bytes) else msgspec.msgpack.encode(body)
    return HEADER.pack(number, len(packed), len(buffers)) + packed + buffers


# What must come of it


def parts(data: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    """`data` cut at `cuts`, and wherever a part would be too large for a socket."""
    start = 0
    for end in sorted({min(cut, len(data)) for cut in (*cuts, *range(0, len(data), PART))}):
        if start < end:
            yield data[start:end]
        start = end
    yield data[start:]


def received(data: bytes, cuts: Sequence[int] = (), frames: int = 1) -> list[Reply]:
    """The replies that the judge reads when a worker sends `data` and closes its end; raises
    ProtocolError and Closed. What it takes for them is checked."""
    ours, theirs = socket.socketpair()
    left = parts(data, cuts)

    def wait() -> float:
        part = next(left, None)
        theirs.close() if part is None else theirs.sendall(part)
        return 0.0

    replies = []
    with ours, theirs:
        channel = Channel(ours, wait)
        for _ in range(frames):
            number, body, buffers = channel.receive()
            assert type(number) is int
            holds_no_dictionary(body)
            replies.append(read_reply(body, buffers, TIMES, interrupted=False, size=channel.taken))
    return replies


def outcome(data: bytes, cuts: Sequence[int] = ()) -> Reply | ProtocolError | Closed:
    """What comes of one frame, held to what is promised."""
    claimed = HEADER.unpack_from(data)[1:] if len(data) >= HEADER.size else (0, 0)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    got: Reply | ProtocolError | Closed
    try:
        (got,) = received(data, cuts)
    except (ProtocolError, Closed) as error:
        got = type(error)(str(error))  # without the frames that led to it, as the judge keeps it
    kept, peak = (size - before for size in tracemalloc.get_traced_memory())
    if kept > ROOM:  # the interpreter keeps thousands of freed tuples for later, until it collects
        gc.collect()
        kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    if claimed[0] > MAX_BODY or claimed[1] > MAX_BUFFERS:
        claimed = (0, 0)
    # The packed body, its lists and what becomes of them; the buffers, and copies of bytes there.
    assert peak <= claimed[0] * (BODY_GROWTH + 60) + claimed[1] * 3 + ROOM
    if isinstance(got, Reply):
        outside = sum(map(outside_python, holds_what_is_promised(got)))
        assert kept + outside <= got.size + ROOM
    else:
        assert kept <= ROOM
        assert len(str(got)) < 1_000
    return got


def outside_python(value: Any) -> int:
    """The bytes of a tensor that tracemalloc doesn't see, as measured, its elements aside."""
    if not isinstance(value, torch.Tensor):
        return 0
    return (1_200 if value.numel() else 500) + 16 * value.dim()


def holds_no_dictionary(body: dict[str, Any]) -> None:
    """Check what unpack_body promises: one dictionary, and no other in it."""
    assert type(body) is dict
    assert all(type(key) is str for key in body)
    left = list(body.values())
    while left:
        value = left.pop()
        assert type(value) in (type(None), bool, int, float, str, list)
        left += value if isinstance(value, list) else []


def holds_what_is_promised(reply: Reply) -> list[Any]:
    """Check the types and the sizes in a reply; the values in it, flat."""
    assert type(reply.times) is Times
    assert (reply.times.wall, reply.times.cpu) == (TIMES.wall, TIMES.cpu)
    assert reply.times.gpu is None or type(reply.times.gpu) is float
    found: list[Any] = []
    match reply:
        case Value() | OtherShape():
            found = is_plain(reply.value)
            if isinstance(reply, Value):
                assert reply.changed is None or type(reply.changed) in (int, str)
                assert type(reply.changed) is not str or len(reply.changed) <= MAX_NAME
                is_text(reply.printed)
        case CellOutputs():
            assert len(reply.outputs) <= MAX_OUTPUTS
            json.dumps(reply.outputs, allow_nan=False).encode()
            is_plain(reply.outputs)
            cell = nbformat.v4.new_code_cell(id="a", outputs=[*map(NotebookNode, reply.outputs)])
            nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
        case Raised():
            is_text(reply.type_name)
            is_text(reply.message)
            assert type(reply.memory) is bool
            assert type(reply.frames) is tuple
            assert len(reply.frames) <= 20
            for line in reply.frames:
                assert type(line) is Frame
                assert type(line.cell) is type(line.line) is int
                is_text(line.function, 200)
                is_text(line.source, 400)
        case CannotTravel() | Missing() | Forbidden():
            is_text(reply.what)
        case NoGradient():
            assert reply.argument is None or type(reply.argument) is int
        case _:
            raise AssertionError(f"a {type(reply).__name__}")
    return found


def is_text(value: Any, longest: int = MAX_TEXT) -> None:
    assert type(value) is str
    assert len(value) <= longest
    value.encode()


def is_plain(value: Any) -> list[Any]:
    """Check that `value` and all that is in it are of exact types; the values in it, flat."""
    found: list[Any] = []
    spans = []
    left = [(value, 0)]
    while left:
        value, depth = left.pop()
        found.append(value)
        assert depth <= MAX_DEPTH + 2
        kind = type(value)
        if kind in (list, tuple, set):
            left += [(item, depth + 1) for item in value]
        elif kind is dict:
            left += [(item, depth + 1) for pair in value.items() for item in pair]
        elif kind is torch.Tensor:
            assert value.dtype in TORCH_DTYPES.values()
            assert value.device.type == "cpu"
            assert value.is_contiguous()
            assert not value.requires_grad
            assert value.data_ptr() % value.itemsize == 0
            spans.append((value.data_ptr(), value.numel() * value.itemsize))
            if value.dtype is torch.bool:
                assert not value.view(torch.uint8).gt(1).any()
        elif kind is np.ndarray:
            assert value.dtype == NUMPY_DTYPES[value.dtype.name]
            assert value.flags.aligned
            assert value.flags.writeable
            assert value.flags.c_contiguous
            spans.append((value.ctypes.data, value.nbytes))
            if value.dtype == np.bool_:
                assert not (value.view(np.uint8) > 1).any()
        elif issubclass(kind, np.generic):
            assert NUMPY_DTYPES[value.dtype.name].type is kind
        elif kind is torch.dtype:
            assert value in TORCH_DTYPES.values()
        elif kind is torch.Size:
            assert all(type(n) is int and 0 <= n < 2**40 for n in value)
        elif kind is Handle:
            assert type(value.number) is int
            assert 0 <= value.number < 2**63
            is_text(value.type_name, 100)
        elif kind is str:
            value.encode()
        elif kind is int:
            assert abs(value) < 16**MAX_DIGITS
        else:
            assert kind in (type(None), bool, float, complex, bytes)
    spans = sorted((start, size) for start, size in spans if size)
    assert all(a + size <= b for (a, size), (b, _) in itertools.pairwise(spans))
    return found


cuts = st.lists(st.integers(0, 200), max_size=4)


@given(good=st.lists(good_replies(), min_size=1, max_size=3), cuts=cuts)
def test_replies_of_a_worker_arrive_in_whatever_pieces(
    good: list[tuple[dict[str, Any], bytes]], cuts: list[int]
) -> None:
    data = b"".join(frame(body, buffers) for body, buffers in good)
    replies = received(data, cuts, frames=len(good))
    for reply in replies:
        holds_what_is_promised(reply)
    assert isinstance(outcome(frame(*good[0]), cuts), Reply)


@given(good=good_replies(), data=st.data())
def test_a_reply_with_its_structure_changed(
    good: tuple[dict[str, Any], bytes], data: st.DataObject
) -> None:
    body, buffers = good
    for _ in range(data.draw(st.integers(1, 4))):
        change_structure(data.draw, body)
    raw = bytearray(buffers)
    if data.draw(st.booleans()):
        change_bytes(data.draw, raw)
    outcome(frame(body, bytes(raw)))


@given(good=good_replies(), data=st.data())
def test_a_frame_with_bytes_changed(
    good: tuple[dict[str, Any], bytes], data: st.DataObject
) -> None:
    body, buffers = good
    packed = bytearray(msgspec.msgpack.encode(body))
    for _ in range(data.draw(st.integers(1, 4))):
        change_bytes(data.draw, packed)
    raw = bytearray(frame(bytes(packed), buffers))
    if data.draw(st.booleans()):
        change_bytes(data.draw, raw)
    outcome(bytes(raw), data.draw(cuts))


lengths = st.sampled_from([0, 1, MAX_BODY, MAX_BODY + 1, 2**32 - 1]) | st.integers(0, 100)
long_lengths = lengths | st.sampled_from([MAX_BUFFERS, MAX_BUFFERS + 1, 2**63, 2**64 - 1])


@given(good=good_replies(), body_size=st.none() | lengths, buffers_size=st.none() | long_lengths)
def test_a_frame_with_other_lengths(
    good: tuple[dict[str, Any], bytes], body_size: int | None, buffers_size: int | None
) -> None:
    raw = frame(*good)
    number, *right = HEADER.unpack_from(raw)
    said = [right[0] if body_size is None else body_size]
    said.append(right[1] if buffers_size is None else buffers_size)
    outcome(HEADER.pack(number, *said) + raw[HEADER.size :])


ITEMSIZES = {
    "T": {name: dtype.itemsize for name, dtype in TORCH_DTYPES.items()},
    "A": {name: dtype.itemsize for name, dtype in NUMPY_DTYPES.items()},
    "g": {name: dtype.itemsize for name, dtype in NUMPY_DTYPES.items()},
}


@st.composite
def layouts(draw: st.DrawFn) -> tuple[list[list[Any]], int]:
    """Tensors, arrays, NumPy scalars and bytes one after another; the length of the buffers."""
    items: list[list[Any]] = []
    end = 0
    for _ in range(draw(st.integers(1, 4))):
        tag = draw(st.sampled_from("TAgb"))
        shape = [] if tag == "g" else draw(st.lists(st.sampled_from([1, 2, 3, 0]), max_size=3))
        if tag == "b":
            size = draw(st.integers(0, 40))
            items.append([tag, end, size])
        else:
            dtype = draw(st.just("bool") | st.sampled_from([*ITEMSIZES[tag]]))
            size = math.prod(shape) * ITEMSIZES[tag][dtype]
            items.append(
                [tag, dtype, *([] if tag == "g" else [shape]), end, *[False] * (tag == "T")]
            )
        end += size + -size % ALIGNMENT
    return items, end


def lies_well(items: list[list[Any]], length: int) -> bool:
    """Whether each item is inside the buffers, aligned, and after the one before."""
    end = 0
    for item in items:
        match item:
            case ["b", start, count]:
                shape, itemsize = [count], 1
            case ["g", dtype, start]:
                shape, itemsize = [], ITEMSIZES["g"].get(dtype)
            case ["T" | "A" as tag, dtype, list(shape), start, *_]:
                itemsize = ITEMSIZES[tag].get(dtype)
            case _:
                return False
        if itemsize is None or any(type(n) is not int or n < 0 for n in (*shape, start)):
            return False
        if len(shape) > 64 or start % ALIGNMENT or start < end:
            return False
        end = start + math.prod(shape) * itemsize
        if end > length:
            return False
    return True


@given(layout=layouts(), data=st.data())
def test_tensors_and_bytes_that_lie_wrongly_in_the_buffers_are_refused(
    layout: tuple[list[list[Any]], int], data: st.DataObject
) -> None:
    items, length = layout
    item = items[data.draw(st.integers(0, len(items) - 1))]
    offset = 1 if item[0] == "b" else 2 if item[0] == "g" else 3
    shape = item[2] if item[0] in "TA" else item
    change = data.draw(st.sampled_from(["none", "back", "on", "odd", "end", "size", "dims", "any"]))
    match change:
        case "back":
            item[offset] = data.draw(st.sampled_from([0, item[offset] - ALIGNMENT]))
        case "on":
            item[offset] += data.draw(st.integers(0, ALIGNMENT))
            length += ALIGNMENT
        case "odd":
            item[offset] = data.draw(st.sampled_from([True, False, None, 0.0, "0", *NUMBERS]))
        case "end":
            length = max(0, length - data.draw(st.integers(1, 2 * ALIGNMENT)))
        case "size" if shape and item[0] != "g":
            at = data.draw(st.integers(0, len(shape) - 1)) if shape is not item else 2
            sizes = st.sampled_from([True, None, 1.0, "1", *NUMBERS])
            shape[at] = data.draw(st.integers(-4, -1) | sizes)
        case "dims" if item[0] in "TA":
            shape += [1] * data.draw(st.sampled_from([1, 5, 63, 64, 65]))
        case "any":
            item[data.draw(st.integers(0, len(item) - 1))] = data.draw(odd_scalars)
    right = lies_well(items, length)
    buffers = data.draw(st.binary(min_size=length, max_size=length))
    got = outcome(frame({"status": "value", "value": ["l", *copy.deepcopy(items)]}, buffers))
    if isinstance(got, Value):
        assert right or change == "any"
        assert len(got.value) == len(items)
    else:
        assert isinstance(got, ProtocolError)
        assert change != "none"
    if change == "none":
        assert right


@given(
    number=st.sampled_from(NUMBERS) | odd_scalars,
    name=odd_scalars,
    depth=st.sampled_from([0, 1, MAX_DEPTH, MAX_DEPTH + 1, MAX_DEPTH + 2, MAX_DEPTH + 9]),
    tag=st.sampled_from("lt"),
)
def test_objects_sizes_and_depths(number: Any, name: Any, depth: int, tag: str) -> None:
    for innermost in (["o", number, name], ["z", 1, number], ["i", name], ["c", number, name]):
        value: Any = innermost
        for _ in range(depth):
            value = [tag, value]
        outcome(frame({"status": "value", "value": value}, b""))


@given(st.binary(max_size=200), st.binary(max_size=64))
def test_any_bytes(packed: bytes, buffers: bytes) -> None:
    outcome(packed)
    outcome(frame(packed, buffers))
    outcome(frame(b"\x82\xa6status\xa5value\xa5value" + packed, buffers))


anything = st.recursive(
    odd_scalars | st.sampled_from(STATUSES),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.builds(lambda tag, rest: [tag, *rest], st.sampled_from(TAGS), st.lists(inner))
    ),
    max_leaves=20,
)
claims = st.builds(
    lambda tag, dtype, shape, block, more: [tag, dtype, shape, block * ALIGNMENT, *more],
    st.sampled_from("TA"),
    st.sampled_from([*TORCH_DTYPES, "object", "quint8"]),
    st.lists(st.sampled_from([0, 1, 2, 3, *NUMBERS]), max_size=4),
    st.integers(-1, 6),
    st.lists(odd_scalars, max_size=1),
)


@given(
    status=st.sampled_from(STATUSES),
    body=st.dictionaries(st.sampled_from(FIELDS[1:]), anything | claims, max_size=6),
    value=anything | st.lists(claims, max_size=4).map(lambda items: ["l", *items]),
    buffers=st.binary(max_size=96),
)
def test_plain_values_in_the_form_of_a_reply(
    status: str, body: dict[str, Any], value: Any, buffers: bytes
) -> None:
    outcome(frame({"value": value, **body, "status": status}, buffers))


@given(good=outputs, data=st.data())
def test_outputs_with_their_structure_or_their_text_changed(
    good: list[Any], data: st.DataObject
) -> None:
    body = {"outputs": good}
    for _ in range(data.draw(st.integers(0, 3))):
        change_structure(data.draw, body)
    raw = bytearray(json.dumps(body.get("outputs", []), default=repr).encode())
    for _ in range(data.draw(st.integers(0, 3))):
        change_bytes(data.draw, raw)
    outcome(frame({"status": "outputs", "outputs": raw.decode(errors="replace")}, b""))


@given(body=anything | claims, buffers=st.binary(max_size=64), data=st.data())
@example(["s"], b"", None)  # took more than its reply said
@example(["A", "int8", [0], 0], b"", None)
@example(["T", "bool", [0], 0, False], b"", None)
@example(["T", "bool", [0] * 6, 0, False], b"", None)
def test_small_values_in_great_number_take_no_more_than_their_reply_says(
    body: Any, buffers: bytes, data: st.DataObject | None
) -> None:
    many = (32 << 10) // len(msgspec.msgpack.encode(body))
    tag = "l" if data is None else data.draw(st.sampled_from("lltd"))
    outcome(frame({"status": "value", "value": [tag, *[body] * many]}, buffers))


@given(
    pieces=st.lists(st.binary(max_size=40) | st.just(bytes(PART * 10)), max_size=6),
    reads=st.lists(st.sampled_from([1, 7, 1 << 20]), max_size=60),
)
def test_what_is_sent_arrives_whole_or_the_socket_is_closed(
    pieces: list[bytes], reads: list[int]
) -> None:
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    left, got = iter(reads), bytearray()

    def wait() -> float:
        size = next(left, 0)
        if size:
            got.extend(theirs.recv(size))
        else:
            theirs.close()
        return 0.0

    sent = b"".join(pieces)
    with ours, theirs:
        try:
            Channel(ours, wait).send(pieces)
        except Closed:
            assert sent.startswith(bytes(got))
            return
        while len(got) < len(sent):
            got += theirs.recv(1 << 20)
    assert got == sent


DEEP: list[Any] = []
for _ in range(300):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "error", "ename": "", "evalue": "", "traceback": [DEEP]},
        {"output_type": "display_data", "metadata": {"a": DEEP}, "data": {}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": DEEP}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/json": DEEP}},
    ],
)
def test_an_output_that_is_nested_deeply_is_refused_wherever_it_is(
    output: dict[str, Any],
) -> None:
    body = {"status": "outputs", "outputs": json.dumps([output])}
    assert isinstance(outcome(frame(body, b"")), ProtocolError)


def test_bytes_count_beside_an_array_that_keeps_the_buffers() -> None:
    size = 4 * ROOM
    value = ["l", ["b", 0, size], ["A", "int8", [1], size]]
    reply = outcome(frame({"status": "value", "value": value}, bytes(size + 1)))
    assert isinstance(reply, Value)
    assert reply.size >= 2 * size


@pytest.mark.parametrize("line", [[True, 1, "f", "x"], [0, False, "f", "x"]])
def test_a_line_of_a_traceback_has_numbers_and_no_bools(line: list[Any]) -> None:
    body = {"status": "raised", "type": "E", "message": "", "frames": [line]}
    assert isinstance(outcome(frame(body, b"")), ProtocolError)
