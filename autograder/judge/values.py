"""What a value is, in words, and its numbers as one exact NumPy array.

The values come from a student: any shape, any content, any kind. Nothing here trusts more than the
exact type that the judge itself gave them, calls a method of an unknown object, or raises anything
but `NotNumbers`.
"""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.text import Text

Array = np.ndarray[Any, Any]

SHOWN = 60  # characters of a string that a message quotes
_CONTAINERS: dict[type, str] = {list: "列表", tuple: "元组", set: "集合", frozenset: "集合"}


class NotNumbers(Exception):
    """A value that has no numbers to compare; carries what it is, for a message."""

    def __init__(self, what: Text) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """The numbers of a tensor, array or scalar."""

    array: Array  # bool, an integer dtype, float64 or complex128: no value was rounded
    dtype: str  # what the value itself had: float32, or bool, int, float, complex of Python

    @property
    def exact(self) -> bool:
        """Booleans and integers have no rounding errors to tolerate."""
        return bool(self.array.dtype.kind in "biu")


def is_numeric(value: object) -> bool:
    """Whether the value is meant as numbers: a tensor, an array, a scalar."""
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "biufc"
    return isinstance(value, torch.Tensor | bool | int | float | complex)


def shape_of(value: object) -> tuple[int, ...]:
    """The shape of something numeric; a Python number has none, ()."""
    if isinstance(value, torch.Tensor | np.ndarray | np.generic):
        return tuple(value.shape)
    return ()


def dtype_of(value: object) -> str | None:
    """The dtype's name, the same for PyTorch and NumPy; None for what has no dtype."""
    if isinstance(value, torch.Tensor):
        return str(value.dtype).removeprefix("torch.")
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.name
    return None


def numbers(value: object) -> Numbers:
    """The numbers of a tensor, array or scalar; raises NotNumbers for everything else."""
    if not is_numeric(value):
        raise NotNumbers(describe(value))
    try:
        # Warnings (complex32 is experimental, a longdouble overflows) aren't the student's to see.
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            array = _array(value)
    except Exception as error:
        raise NotNumbers(describe(value)) from error
    return Numbers(array, dtype_of(value) or type(value).__name__)


def _array(value: Any) -> Array:
    if isinstance(value, torch.Tensor):
        plain = value.detach().cpu().resolve_conj().resolve_neg()
        if plain.is_complex():
            plain = plain.to(torch.complex128)
        elif plain.is_floating_point():
            plain = plain.to(torch.float64)
        value = plain.numpy()
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype.kind in "fc":
            return array.astype(np.float64 if array.dtype.kind == "f" else np.complex128)
        return array.astype(array.dtype.newbyteorder("="))
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise OverflowError("no dtype holds this integer")
    kind = next(kind for kind in (bool, int, float, complex) if isinstance(value, kind))
    return np.array(kind(value))


def describe(value: object) -> Text:
    """What the value is: 'a float32 tensor of shape (2, 3)', 'a list of 2 elements'."""
    if isinstance(value, torch.Tensor | np.ndarray):
        dtype, shape = dtype_of(value), show_shape(shape_of(value))
        what = "tensor" if isinstance(value, torch.Tensor) else "NumPy array"
        kind = "张量" if isinstance(value, torch.Tensor) else "NumPy 数组"
        return Text(
            f"{_article(str(dtype))} {dtype} {what} of shape {shape}",
            f"形状为 {shape} 的 {dtype} {kind}",
        )
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**64:
        return Text("an integer that no tensor can hold", "一个任何张量都存不下的整数")
    name = type_name(type(value))
    if isinstance(value, list | tuple | set | frozenset):
        word = next(word for word in _CONTAINERS if isinstance(value, word))
        plural = "" if len(value) == 1 else "s"
        return Text(
            f"a {word.__name__} of {len(value)} element{plural}",
            f"含 {len(value)} 个元素的{_CONTAINERS[word]}",
        )
    if isinstance(value, dict):
        plural = "" if len(value) == 1 else "s"
        return Text(f"a dict with {len(value)} key{plural}", f"含 {len(value)} 个键的字典")
    if value is None:
        return Text("None", "None")
    if isinstance(value, str) and not isinstance(value, np.generic):
        return Text("a string", "字符串")
    if isinstance(value, bool | int | float | complex) and not isinstance(value, np.generic):
        return Text(f"{_article(name)} {name}", f"Python 的 {name}")
    return Text(f"{_article(name)} {name}", f"{name} 类型的值")


def describe_type(kind: type) -> Text:
    """The type as a message names it: 'a tensor', 'a tuple'."""
    words = {
        torch.Tensor: Text("a tensor", "张量"),
        np.ndarray: Text("a NumPy array", "NumPy 数组"),
        list: Text("a list", "列表"),
        tuple: Text("a tuple", "元组"),
        dict: Text("a dict", "字典"),
        set: Text("a set", "集合"),
        str: Text("a string", "字符串"),
        type(None): Text("None", "None"),
    }
    name = type_name(kind)
    return words.get(kind, Text(f"{_article(name)} {name}", f"{name} 类型"))


def type_name(kind: type) -> str:
    """The class's own name, cut short."""
    return str(kind.__name__)[:SHOWN]


def show_shape(shape: tuple[int, ...]) -> str:
    """The shape as Python writes a tuple."""
    return str(tuple(int(size) for size in shape))


def show(value: object) -> str:
    """A scalar or string as a message quotes it; what has no short form is described instead."""
    if isinstance(value, np.bool_ | bool):
        return str(bool(value))
    if isinstance(value, np.integer | int):
        return str(int(value)) if -(2**64) < int(value) < 2**64 else "an integer of many digits"
    if isinstance(value, np.floating | float):
        return f"{float(value):.6g}"
    if isinstance(value, np.complexfloating | complex):
        number = complex(value)
        sign = "-" if math.copysign(1.0, number.imag) < 0 else "+"
        return f"{number.real:.6g}{sign}{abs(number.imag):.6g}j"
    if isinstance(value, str):
        return repr(str(value[:SHOWN])) + ("…" if len(value) > SHOWN else "")
    if value is None or isinstance(value, torch.dtype):
        return str(value)
    return describe(value).en


def _article(word: str) -> str:
    return "an" if word[:1].lower() in tuple("aeio") else "a"
