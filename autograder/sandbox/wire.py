"""Plain data as bytes, between a judge and a worker that trust each other with nothing.

A value is a body and the raw bytes of the tensors and arrays that it refers to (how these travel:
channel.py). In the body, None, bool, int, float and str stand for themselves; everything else is a
list that starts with a tag:

    ["l", x…] list      ["t", x…] tuple     ["s", x…] set   ["d", k, v, …] dict
    ["i", "hex"] large int    ["c", re, im] complex    ["y", name] dtype    ["z", n…] torch.Size
    ["T", dtype, shape, offset, requires_grad] tensor
    ["A", dtype, shape, offset] NumPy array     ["g", dtype, offset] NumPy scalar
    ["b", offset, length] bytes
    ["o", number, type] an object that stays in the worker, known here by its number

`decode` builds exact types from exact bytes and nothing else: no class is looked up, no code is
run. Whatever doesn't fit is a ProtocolError; sizes are checked before memory is taken, and no two
values may share bytes, so that a small frame never becomes much memory.
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.sandbox.errors import ProtocolError

MAX_BUFFERS = 512 << 20  # bytes of tensors in one frame
MAX_DEPTH = 64
MAX_DIGITS = 3500  # hexadecimal ones: what Python still prints as a decimal number
# Keys of a frame's sets and dictionaries with what is in them, text aside: only its hash is salted.
MAX_KEYS = 20_000
ALIGNMENT = 16
# Bytes of the values that take more than channel.BODY_GROWTH times their part of a body: `["s"]` is
# three bytes there and 240 here, and a tensor's memory of its own is over a thousand.
EXTRA = {"s": 200, "T": 700}

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
# Plain values in subclasses of their types, whatever these say.
MEMBERS: tuple[tuple[type, str, Callable[[Any], Iterable[Any]]], ...] = (
    (list, "l", list.__iter__), (tuple, "t", tuple.__iter__),
    (set, "s", set.__iter__), (frozenset, "s", frozenset.__iter__),
)  # fmt: skip
EXACT: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (int, int.__int__), (float, float.__float__), (str, str.__str__), (bytes, bytes.__bytes__),
)  # fmt: skip
REQUIRES_GRAD: Any = vars(torch._C.TensorBase)["requires_grad"].__get__


class Unsendable(Exception):
    """A value that can't travel; its text says what it is, as in 'a generator'."""


@dataclass(frozen=True, slots=True)
class Handle:
    """An object that lives in a worker."""

    number: int
    type_name: str


class Encoder:
    """Turns values into a body and buffers; `keep` may take an object in and give it a number.

    No code of a value's own class runs: what it would do here is under no ban."""

    def __init__(self, keep: Callable[[Any], Handle] | None = None) -> None:
        self.keep = keep
        self.buffers: list[memoryview | bytes] = []
        self.size = self.keys = 0

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The body of `value`; raises Unsendable for what is no plain data."""
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return value if -(2**63) <= value < 2**63 else _large(value)
        if kind is str:
            return utf8(value)
        if depth >= MAX_DEPTH:
            raise Unsendable(f"a value nested more than {MAX_DEPTH} deep")
        if kind is Handle:
            return ["o", value.number, value.type_name]
        if issubclass(kind, torch.Tensor):
            return self._tensor(value)
        if issubclass(kind, np.ndarray):
            return self._array(np.asarray(value))
        if issubclass(kind, np.generic) and not issubclass(kind, np.character):
            return self._scalar(value)
        if kind is torch.Size:
            return ["z", *value]
        if issubclass(kind, list | tuple | set | frozenset):
            tag, listed = next((t, of) for base, t, of in MEMBERS if issubclass(kind, base))
            if tag == "s":
                self._count_keys(listed(value))
            return [tag, *(self.encode(item, depth + 1) for item in listed(value))]
        if issubclass(kind, dict):
            self._count_keys(dict.keys(value))
            pairs = itertools.chain.from_iterable(dict.items(value))
            return ["d", *(self.encode(item, depth + 1) for item in pairs)]
        if kind is bytes:
            self._check(len(value))
            return ["b", self._add(value), len(value)]
        if kind is complex:
            return ["c", value.real, value.imag]
        if kind is torch.dtype:
            return ["y", str(value).removeprefix("torch.")]
        for plain, exact in EXACT:
            if issubclass(kind, plain):
                return self.encode(exact(value), depth)
        if self.keep is not None:
            return self.encode(self.keep(value), depth)
        raise Unsendable(describe(value))

    def _tensor(self, value: torch.Tensor) -> Any:
        with torch._C.DisableTorchFunctionSubclass(), torch._C._DisableTorchDispatch():
            plain = torch.Tensor.detach(value)  # a subclass's own attributes may say anything
            if plain.layout is not torch.strided:
                raise Unsendable(f"a {str(plain.layout).removeprefix('torch.')} tensor")
            if plain.is_meta:
                raise Unsendable("a meta tensor")
            if plain.numel() and not plain.data_ptr():
                raise Unsendable("a tensor without memory")
            name = str(plain.dtype).removeprefix("torch.")
            if name not in TORCH_DTYPES:
                raise Unsendable(f"a tensor of dtype {name}")
            self._check(plain.numel() * plain.itemsize)
            flat = plain.resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
            if flat.stride() != (1,):  # a single element may have any stride and be contiguous
                flat = flat.clone(memory_format=torch.contiguous_format)
            raw = flat.view(torch.uint8).numpy()
            wants = REQUIRES_GRAD(value)
            return ["T", name, list(plain.shape), self._add(raw.data), wants]

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

    def _count_keys(self, value: Iterable[Any]) -> None:
        self.keys += sum(map(_weight, value))
        if self.keys > MAX_KEYS:
            raise Unsendable(f"more than {MAX_KEYS} keys that are no text")

    def _check(self, size: int) -> None:
        if self.size + size + ALIGNMENT > MAX_BUFFERS:
            raise Unsendable(f"more than {MAX_BUFFERS >> 20} MiB of tensors")

    def _add(self, raw: memoryview | bytes) -> int:
        offset = self.size
        padding = -len(raw) % ALIGNMENT
        self.buffers += [raw, bytes(padding)]
        self.size += len(raw) + padding
        return offset


def _weight(key: Any) -> int:
    """How many a key counts as: tuples of equal hash are compared element by element."""
    if issubclass(type(key), tuple):
        return 1 + sum(_weight(item) or 1 for item in key)
    return type(key) is not str


def utf8(text: str) -> str:
    """`text` without what UTF-8 can't hold (a lone surrogate becomes its escape)."""
    return text.encode("utf-8", "backslashreplace").decode()


def _large(value: int) -> Any:
    digits = hex(value)
    if len(digits) > MAX_DIGITS:
        raise Unsendable(f"an int of more than {MAX_DIGITS - 3} hexadecimal digits")
    return ["i", digits]


def describe(value: object) -> str:
    """What `value` is, for a message: 'a generator', 'an object of class Foo'."""
    name = utf8(str(getattr(type(value), "__name__", "?"))[:200])
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
        self.extra = 0  # bytes that the values take beyond what the frame's lengths count for
        self._taken = self._keys = 0  # bytes of the buffers, keys that are no text

    def decode(self, body: Any, depth: int = 0) -> Any:
        """The value that `body` stands for."""
        if not isinstance(body, list):
            if body is None or type(body) in (bool, int, float, str):
                return body
            raise ProtocolError(f"a {type(body).__name__} in the body")
        if not body or depth > MAX_DEPTH + 1:
            raise ProtocolError("nested too deeply" if body else "an empty list in the body")
        tag, *rest = body
        if not isinstance(tag, str):
            raise ProtocolError(f"a {type(tag).__name__} for a tag")
        try:
            return self._tagged(tag, rest, depth)
        except (TypeError, ValueError, OverflowError, RuntimeError) as error:
            raise ProtocolError(f"a malformed {tag[:20]!r}: {error!s:.200}") from None

    def _tagged(self, tag: str, rest: list[Any], depth: int) -> Any:
        self.extra += EXTRA.get(tag, 0)
        match tag:
            case "l":
                return [self.decode(item, depth + 1) for item in rest]
            case "t":
                return tuple(self.decode(item, depth + 1) for item in rest)
            case "s":
                members = [self.decode(item, depth + 1) for item in rest]
                self._count_keys(members)
                return set(members)
            case "d":
                items = [self.decode(item, depth + 1) for item in rest]
                self._count_keys(items[::2])
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
                if not isinstance(digits, str) or len(digits) > MAX_DIGITS:
                    raise ProtocolError("an int that is none")
                return int(digits, 16)
            case "b":
                offset, length = rest
                (size,) = _shape([length])
                start = self._span(offset, size)
                self.extra += size
                return bytes(memoryview(self.buffers)[start : start + size])
            case "y":
                (name,) = rest
                return TORCH_DTYPES[_known(name, TORCH_DTYPES)]
            case "z":
                return torch.Size(_shape(rest))
            case "o":
                number, type_name = rest
                if type(number) is not int or not 0 <= number < 2**63 or type(type_name) is not str:
                    raise ProtocolError("an object that is none")
                return self.resolve(Handle(number, type_name[:100]))
            case _:
                raise ProtocolError(f"an unknown tag {tag[:20]!r}")

    def _count_keys(self, keys: Iterable[Any]) -> None:
        self._keys += sum(map(_weight, keys))
        if self._keys > MAX_KEYS:
            raise ProtocolError("too many keys that are no text")

    def _span(self, offset: Any, size: int) -> int:
        if type(offset) is not int or offset < self._taken or offset % ALIGNMENT:
            raise ProtocolError("a tensor that overlaps another")
        if offset + size > len(self.buffers):
            raise ProtocolError("a tensor outside its frame")
        self._taken = offset + size
        return offset

    def _tensor(self, dtype: torch.dtype, shape: tuple[int, ...], offset: Any) -> torch.Tensor:
        count = _count(shape)
        start = self._span(offset, count * dtype.itemsize)
        if count == 0:
            return torch.empty(shape, dtype=dtype)
        if dtype is torch.bool:  # any byte but 0 and 1 is undefined behaviour for a bool
            raw = torch.frombuffer(self.buffers, dtype=torch.uint8, count=count, offset=start)
            return raw.ne_(0).view(torch.bool).reshape(shape)
        return torch.frombuffer(self.buffers, dtype=dtype, count=count, offset=start).reshape(shape)

    def _array(
        self, dtype: np.dtype[Any], shape: tuple[int, ...], offset: Any
    ) -> np.ndarray[Any, Any]:
        count = _count(shape)
        start = self._span(offset, count * dtype.itemsize)
        raw = np.frombuffer(
            self.buffers, dtype=np.uint8, count=count * dtype.itemsize, offset=start
        )
        if dtype == np.bool_:
            np.not_equal(raw, 0, out=raw.view(np.bool_))
        return raw.view(dtype).reshape(shape)


def _known(name: Any, table: dict[str, Any]) -> str:
    if not isinstance(name, str) or name not in table:
        raise ProtocolError("an unknown dtype")
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
