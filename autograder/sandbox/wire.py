"""Plain data as bytes, between a judge and a worker that trust each other with nothing.

A frame is a header (request number, length of the body, length of the buffers), a msgpack body and
the raw bytes of the tensors and arrays that the body refers to. In the body, None, bool, int,
float, str and bytes stand for themselves; everything else is a list that starts with a tag:

    ["l", x…] list      ["t", x…] tuple     ["s", x…] set   ["d", k, v, …] dict
    ["i", "hex"] large int    ["c", re, im] complex    ["y", name] dtype    ["z", n…] torch.Size
    ["T", dtype, shape, offset, requires_grad] tensor
    ["A", dtype, shape, offset] NumPy array     ["g", dtype, offset] NumPy scalar
    ["o", number, type] an object that stays in the worker, known here by its number

`decode` builds exact types from exact bytes and nothing else: no class is looked up, no code is
run. Whatever doesn't fit is a ProtocolError; sizes are checked before memory is taken.
"""

import itertools
import select
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import torch

from autograder.sandbox.errors import ProtocolError

HEADER = struct.Struct("<QIQ")
MAX_BODY = 16 << 20  # bytes of msgpack: a million numbers in nested lists
MAX_BUFFERS = 512 << 20  # bytes of tensors in one frame
MAX_DEPTH = 64
ALIGNMENT = 16

TORCH_DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float64, torch.float32, torch.float16, torch.bfloat16,
        torch.complex64, torch.complex128,
        torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
        torch.uint16, torch.uint32, torch.uint64,
    )
}  # fmt: skip
NUMPY_DTYPES = {
    np.dtype(name).name: np.dtype(name)
    for name in (
        "float64", "float32", "float16", "complex64", "complex128", "bool",
        "int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8",
    )
}  # fmt: skip


class Unsendable(Exception):
    """A value that can't travel; its text says what it is, as in 'a generator'."""


@dataclass(frozen=True, slots=True)
class Handle:
    """An object that lives in a worker."""

    number: int
    type_name: str


class Encoder:
    """Turns values into a body and buffers; `keep` may take an object in and give it a number."""

    def __init__(self, keep: Callable[[Any], Handle] | None = None) -> None:
        self.keep = keep
        self.buffers: list[memoryview | bytes] = []
        self.size = 0

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The body of `value`; raises Unsendable for what is no plain data."""
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return value if -(2**63) <= value < 2**63 else ["i", hex(value)]
        if kind is str:
            return value.encode("utf-8", "backslashreplace").decode()
        if kind is bytes:
            return value
        if depth >= MAX_DEPTH:
            raise Unsendable(f"a value nested more than {MAX_DEPTH} deep")
        if kind is Handle:
            return ["o", value.number, value.type_name]
        if issubclass(kind, torch.Tensor):
            return self._tensor(value)
        if issubclass(kind, np.ndarray):
            return self._array(np.asarray(value))
        if issubclass(kind, np.generic):
            return self._scalar(value)
        if kind is torch.Size:
            return ["z", *value]
        if issubclass(kind, list | tuple | set | frozenset):
            tag = "l" if issubclass(kind, list) else "t" if issubclass(kind, tuple) else "s"
            return [tag, *(self.encode(item, depth + 1) for item in value)]
        if issubclass(kind, dict):
            pairs = itertools.chain.from_iterable(value.items())
            return ["d", *(self.encode(item, depth + 1) for item in pairs)]
        if kind is complex:
            return ["c", value.real, value.imag]
        if kind is torch.dtype:
            return ["y", str(value).removeprefix("torch.")]
        for plain in (bool, int, float, str, bytes):
            if issubclass(kind, plain):
                return self.encode(plain(value), depth)
        if self.keep is not None:
            return self.encode(self.keep(value), depth)
        raise Unsendable(describe(value))

    def _tensor(self, value: torch.Tensor) -> Any:
        with torch._C.DisableTorchFunctionSubclass():
            if value.layout is not torch.strided:
                raise Unsendable(f"a {str(value.layout).removeprefix('torch.')} tensor")
            name = str(value.dtype).removeprefix("torch.")
            if name not in TORCH_DTYPES or value.is_meta:
                raise Unsendable(
                    f"a tensor of dtype {name}" if not value.is_meta else "a meta tensor"
                )
            self._check(value.numel() * value.itemsize)
            requires_grad = value.requires_grad
            plain = value.detach().resolve_conj().resolve_neg().cpu().contiguous()
            flat = plain.reshape(-1)
            if flat.stride() != (1,):  # a single element may have any stride and be contiguous
                flat = flat.clone(memory_format=torch.contiguous_format)
            raw = flat.view(torch.uint8).numpy()
            return ["T", name, list(value.shape), self._add(raw.data), requires_grad]

    def _array(self, value: np.ndarray[Any, Any]) -> Any:
        if value.dtype.name not in NUMPY_DTYPES:
            raise Unsendable(f"a NumPy array of dtype {value.dtype.name}")
        self._check(value.nbytes)
        native = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("="))
        raw = native.reshape(-1).view(np.uint8)
        return ["A", value.dtype.name, list(value.shape), self._add(raw.data)]

    def _scalar(self, value: np.generic) -> Any:
        if value.dtype.name not in NUMPY_DTYPES:
            raise Unsendable(f"a NumPy {value.dtype.name}")
        return ["g", value.dtype.name, self._add(value.tobytes())]

    def _check(self, size: int) -> None:
        if self.size + size > MAX_BUFFERS:
            raise Unsendable(f"more than {MAX_BUFFERS >> 20} MiB of tensors")

    def _add(self, raw: memoryview | bytes) -> int:
        offset = self.size
        padding = -len(raw) % ALIGNMENT
        self.buffers += [raw, bytes(padding)]
        self.size += len(raw) + padding
        return offset


def describe(value: object) -> str:
    """What `value` is, for a message: 'a generator', 'an object of class Foo'."""
    name = getattr(type(value), "__name__", "?")
    article = "an" if name[:1].lower() in "aeiou" else "a"
    known = type(value).__module__ in ("builtins", "types")
    return f"{article} {name}" if known else f"an object of class {name}"


class Decoder:
    """Builds plain values from a body and its buffers; raises ProtocolError for anything else."""

    def __init__(
        self,
        buffers: bytearray,
        resolve: Callable[[Handle], Any] = lambda handle: handle,
        *,
        requires_grad: bool = False,
        device: str = "cpu",
    ) -> None:
        self.buffers = buffers
        self.resolve = resolve
        self.requires_grad = requires_grad
        self.device = device

    def decode(self, body: Any, depth: int = 0) -> Any:
        """The value that `body` stands for."""
        if not isinstance(body, list):
            if body is None or type(body) in (bool, int, float, str, bytes):
                return body
            raise ProtocolError(f"a {type(body).__name__} in the body")
        if not body or depth > MAX_DEPTH + 1:
            raise ProtocolError("nested too deeply" if body else "an empty list in the body")
        tag, *rest = body
        try:
            return self._tagged(tag, rest, depth)
        except (TypeError, ValueError, OverflowError, RuntimeError) as error:
            raise ProtocolError(f"a malformed {tag!r:.20}: {error!s:.200}") from None

    def _tagged(self, tag: Any, rest: list[Any], depth: int) -> Any:
        match tag:
            case "l":
                return [self.decode(item, depth + 1) for item in rest]
            case "t":
                return tuple(self.decode(item, depth + 1) for item in rest)
            case "s":
                return {self.decode(item, depth + 1) for item in rest}
            case "d":
                items = [self.decode(item, depth + 1) for item in rest]
                return dict(zip(items[::2], items[1::2], strict=True))
            case "T":
                name, shape, offset, requires_grad = rest
                tensor = self._tensor(
                    TORCH_DTYPES[_known(name, TORCH_DTYPES)], _shape(shape), offset
                )
                if self.device != "cpu":
                    tensor = tensor.to(self.device)
                return tensor.requires_grad_(self.requires_grad and requires_grad is True)
            case "A":
                name, shape, offset = rest
                return self._array(NUMPY_DTYPES[_known(name, NUMPY_DTYPES)], _shape(shape), offset)
            case "g":
                name, offset = rest
                return self._array(NUMPY_DTYPES[_known(name, NUMPY_DTYPES)], (), offset)[()]
            case "c":
                real, imaginary = rest
                return complex(float(real), float(imaginary))
            case "i":
                (digits,) = rest
                return int(digits, 16)  # base 16 is linear in its length; the body's cap bounds it
            case "y":
                return TORCH_DTYPES[_known(rest[0], TORCH_DTYPES)]
            case "z":
                return torch.Size(_shape(rest))
            case "o":
                number, type_name = rest
                return self.resolve(Handle(int(number), str(type_name)[:100]))
            case _:
                raise ProtocolError(f"an unknown tag {tag!r:.20}")

    def _span(self, offset: Any, size: int) -> int:
        if type(offset) is not int or offset < 0 or offset + size > len(self.buffers):
            raise ProtocolError("a tensor outside its frame")
        return offset

    def _tensor(self, dtype: torch.dtype, shape: tuple[int, ...], offset: Any) -> torch.Tensor:
        count = _count(shape)
        start = self._span(offset, count * dtype.itemsize)
        if count == 0:
            return torch.empty(shape, dtype=dtype)
        if dtype is torch.bool:  # any byte but 0 and 1 is undefined behaviour for a bool
            raw = torch.frombuffer(self.buffers, dtype=torch.uint8, count=count, offset=start)
            return raw.ne(0).reshape(shape)
        return torch.frombuffer(self.buffers, dtype=dtype, count=count, offset=start).reshape(shape)

    def _array(
        self, dtype: np.dtype[Any], shape: tuple[int, ...], offset: Any
    ) -> np.ndarray[Any, Any]:
        count = _count(shape)
        start = self._span(offset, count * dtype.itemsize)
        raw = np.frombuffer(
            self.buffers, dtype=np.uint8, count=count * dtype.itemsize, offset=start
        )
        array: np.ndarray[Any, Any] = raw != 0 if dtype == np.bool_ else raw.view(dtype)
        return array.reshape(shape)


def _known(name: Any, table: dict[str, Any]) -> str:
    if not isinstance(name, str) or name not in table:
        raise ProtocolError(f"an unknown dtype {name!r:.40}")
    return name


def _shape(shape: Any) -> tuple[int, ...]:
    if not isinstance(shape, list) or len(shape) > 64:
        raise ProtocolError("a shape that is none")
    if any(type(n) is not int or not 0 <= n < 2**40 for n in shape):
        raise ProtocolError("a shape with an impossible size")
    return tuple(shape)


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for n in shape:
        count *= n
    return count


def pack(number: int, body: Any, buffers: Sequence[memoryview | bytes]) -> list[memoryview | bytes]:
    """The pieces of one frame, for `sendmsg`; raises Unsendable when the body is too large."""
    packed = msgspec.msgpack.encode(body)
    if len(packed) > MAX_BODY:
        raise Unsendable(f"more than {MAX_BODY >> 20} MiB of numbers and text (use a tensor)")
    return [HEADER.pack(number, len(packed), sum(map(len, buffers))), packed, *buffers]


def unpack_body(packed: bytes | bytearray) -> Any:
    """The msgpack body of a frame; raises ProtocolError."""
    try:
        return msgspec.msgpack.decode(packed)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError) as error:
        raise ProtocolError(f"a body that is no msgpack: {error!s:.200}") from None


class Closed(Exception):
    """The peer closed its end, in the middle of a frame or between two."""


class Channel:
    """Frames over a stream socket. `wait`, given by the judge, is asked while nothing can be read
    or written and ends the wait by raising; a worker waits without end."""

    def __init__(self, sock: socket.socket, wait: Callable[[], float] | None = None) -> None:
        self.sock = sock
        self.wait = wait
        if wait is not None:
            sock.setblocking(False)

    def send(self, pieces: Sequence[memoryview | bytes]) -> None:
        """Send the pieces of one frame."""
        queue = [memoryview(piece).cast("B") for piece in pieces if len(piece)]
        while queue:
            try:
                sent = self.sock.sendmsg(queue[:64])
            except (BlockingIOError, InterruptedError):
                self._wait(select.POLLOUT)
                continue
            except (BrokenPipeError, ConnectionResetError):
                raise Closed from None
            while queue and sent >= len(queue[0]):
                sent -= len(queue.pop(0))
            if sent:
                queue[0] = queue[0][sent:]

    def receive(self) -> tuple[int, Any, bytearray]:
        """The next frame: request number, body, buffers."""
        number, body_size, buffers_size = HEADER.unpack(self._read(HEADER.size))
        if body_size > MAX_BODY or buffers_size > MAX_BUFFERS:
            raise ProtocolError(f"a frame of {body_size} + {buffers_size} bytes")
        body = unpack_body(self._read(body_size))
        return number, body, self._read(buffers_size)

    def _read(self, size: int) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        while view:
            try:
                got = self.sock.recv_into(view)
            except (BlockingIOError, InterruptedError):
                self._wait(select.POLLIN)
                continue
            except ConnectionResetError:
                raise Closed from None
            if got == 0:
                raise Closed
            view = view[got:]
        return data

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self.sock, event)
        while True:
            pause = self.wait() if self.wait is not None else 1.0
            if poll.poll(pause * 1000):
                return
