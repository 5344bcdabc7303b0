"""What a hidden grader asserts with.

`got` comes from a student: whatever it is, a helper passes or raises `WrongAnswer` with a message
in both languages, never anything else. The messages name kind, shape, dtype, the place of the first
difference and the largest error; expected values stay hidden unless the settings show them.
`expected` is the grader's own, and a mistake in it is a judge fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import torch

from autograder.judge.difference import difference, first_index, shape_difference
from autograder.judge.result import WrongAnswer
from autograder.judge.tolerance import CompareSettings, bounds, settings, using
from autograder.judge.values import (
    NotNumbers,
    Numbers,
    describe,
    describe_type,
    dtype_of,
    is_numeric,
    numbers,
    shape_of,
    show,
)
from autograder.text import Text

__all__ = [
    "CompareSettings",
    "as_tensor",
    "assert_close",
    "assert_equal",
    "assert_finite",
    "assert_shape",
    "assert_type",
    "require",
    "settings",
    "using",
    "wrong",
]


def assert_close(
    got: object,
    expected: object,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    dtype: torch.dtype | None = None,
    equal_nan: bool = False,
) -> None:
    """`got` has the structure, shapes and, within the tolerance, the values of `expected`.

    Tensors, arrays and numbers are compared with each other; tuples, lists and dicts element by
    element, a list for a tuple too. Shapes must be equal, the dtype only where `dtype` is given.
    The tolerance is the settings' for the less precise of both dtypes, where rtol and atol don't
    say otherwise, but `got` in half precision makes it no wider than float32; two integers or
    booleans must be equal.
    """
    _compare(got, expected, _Rule(rtol, atol, dtype, equal_nan), "")


def assert_equal(got: object, expected: object) -> None:
    """`got` is exactly `expected`: structure, a list no tuple, shapes and values, NaN like NaN.

    A number equals another of the same value; dtypes aren't compared.
    """
    _compare(got, expected, _Rule(0.0, 0.0, None, equal_nan=True, same_kind=True), "")


def assert_shape(got: object, shape: Sequence[int]) -> None:
    """`got` is a tensor, array or number of this shape."""
    expected = tuple(shape)
    if not is_numeric(got):
        _mismatch(got, Text(f"a tensor of shape {expected}", f"形状为 {expected} 的张量"), "")
    if shape_of(got) != expected:
        raise WrongAnswer(shape_difference(shape_of(got), expected))


def assert_finite(got: object) -> None:
    """No NaN and no infinity in a tensor, array or number, nor in a container of these."""
    stack = [("", got)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, list | tuple):
            stack += [(f"{path}[{i}]", item) for i, item in reversed(list(enumerate(value)))]
        elif isinstance(value, dict):
            stack += [(f"{path}[{show(key)}]", item) for key, item in reversed(value.items())]
        else:
            array = _numbers(value, Text("numbers", "数值"), path).array
            alien = ~np.isfinite(array) if array.dtype.kind in "fc" else np.zeros((), dtype=bool)
            if np.any(alien):
                index = first_index(alien)
                count, total = int(np.count_nonzero(alien)), alien.size
                at_en, at_zh = (f" at index {index}", f"，下标 {index}") if index else ("", "")
                _fail(
                    Text(
                        f"{count} of {total} elements aren't finite: "
                        f"the first is {show(array[index])}{at_en}.",
                        f"{total} 个元素中有 {count} 个不是有限数：第一个是 "
                        f"{show(array[index])}{at_zh}。",
                    ),
                    path,
                )


def assert_type(got: object, kinds: type | tuple[type, ...]) -> None:
    """`got` is an instance of the type, or of one of the types; True is no int here."""
    choices = kinds if isinstance(kinds, tuple) else (kinds,)
    if isinstance(got, choices) and not (isinstance(got, bool) and bool not in choices):
        return
    words = [describe_type(kind) for kind in choices]
    _mismatch(
        got, Text(" or ".join(word.en for word in words), "或".join(word.zh for word in words)), ""
    )


def as_tensor(got: object) -> torch.Tensor:
    """`got`, a tensor, array or number, as a tensor; a Python float becomes float64."""
    if isinstance(got, torch.Tensor):
        return got.detach()
    array = _numbers(got, Text("a tensor", "张量"), "").array
    name = dtype_of(got)
    dtype = getattr(torch, name, None) if name else None
    tensor = torch.from_numpy(array.copy())
    return tensor.to(dtype) if isinstance(dtype, torch.dtype) else tensor


def require(condition: object, en: str, zh: str) -> None:
    """A wrong answer with this message unless the condition holds; of a tensor, every element."""
    if isinstance(condition, torch.Tensor | np.ndarray):
        array = _numbers(condition, Text("a condition", "条件"), "").array
        condition = array.size > 0 and bool(array.all())
    if not condition:
        wrong(en, zh)


def wrong(en: str, zh: str) -> NoReturn:
    """A wrong answer with this message."""
    raise WrongAnswer(Text(en, zh))


@dataclass(frozen=True)
class _Rule:
    """How two values are compared, wherever they stand in a structure."""

    rtol: float | None
    atol: float | None
    dtype: torch.dtype | None
    equal_nan: bool
    same_kind: bool = False  # a list isn't a tuple


def _compare(got: Any, expected: Any, rule: _Rule, path: str) -> None:
    if is_numeric(expected):
        _compare_numbers(got, expected, rule, path)
    elif isinstance(expected, list | tuple):
        kind = (list if isinstance(expected, list) else tuple) if rule.same_kind else (list, tuple)
        if not isinstance(got, kind) or len(got) != len(expected):
            _mismatch(got, describe(expected), path)
        for i, (mine, right) in enumerate(zip(got, expected, strict=True)):
            _compare(mine, right, rule, f"{path}[{i}]")
    elif isinstance(expected, dict):
        if not isinstance(got, dict):
            _mismatch(got, describe(expected), path)
        _compare_keys(got, expected, path)
        for key, right in expected.items():
            _compare(got[key], right, rule, f"{path}[{show(key)}]")
    elif isinstance(expected, np.ndarray):
        raise TypeError(f"expected can't be compared: {describe(expected).en}")
    elif not _same(got, expected):
        _differ(got, expected, path)


def _compare_numbers(got: object, expected: object, rule: _Rule, path: str) -> None:
    if type(got) is int and type(expected) is int and got == expected:
        return  # the only way to compare what no dtype holds
    shape = shape_of(expected)
    wanted = (
        Text(f"a tensor of shape {shape}", f"形状为 {shape} 的张量")
        if isinstance(expected, torch.Tensor | np.ndarray)
        else Text("a number", "一个数")
    )
    if not is_numeric(got):
        _mismatch(got, wanted, path)
    if rule.dtype is not None and dtype_of(expected) is not None:
        name = str(rule.dtype).removeprefix("torch.")
        if dtype_of(got) != name:
            _mismatch(got, Text(f"the dtype {name}", f"dtype {name}"), path)
    if shape_of(got) != shape:
        _fail(shape_difference(shape_of(got), shape), path)
    mine = _numbers(got, wanted, path)
    try:
        right = numbers(expected)
    except NotNumbers as error:
        raise TypeError(f"expected can't be compared: {error.what.en}") from error
    if mine.array.dtype.kind == "c" and right.array.dtype.kind != "c":
        _mismatch(got, Text("real numbers", "实数"), path)
    allowed = bounds(mine, right, rtol=rule.rtol, atol=rule.atol, equal_nan=rule.equal_nan)
    message = difference(mine, right, allowed, show_values=settings.get().show_values)
    if message is not None:
        _fail(message, path)


def _compare_keys(got: dict[Any, Any], expected: dict[Any, Any], path: str) -> None:
    """The same keys in any order; the names of keys are part of the exercise, not of its answer."""
    missing = [show(key) for key in expected if key not in got]
    extra = [show(key) for key in got if key not in expected]
    if missing:
        keys = ", ".join(missing)
        _fail(Text(f"The dict lacks {keys}.", f"字典缺少键 {keys}。"), path)
    if extra:
        keys = ", ".join(extra[:5])
        _fail(Text(f"Nobody asked for these keys: {keys}.", f"字典多出了键 {keys}。"), path)


def _same(got: object, expected: object) -> bool:
    """Equality of what isn't numbers; only values of one exact type are compared at all."""
    try:
        return type(got) is type(expected) and bool(got == expected)
    except Exception:  # noqa: BLE001 - a set of tensors, say, whose == is no bool
        return False


def _differ(got: object, expected: object, path: str) -> NoReturn:
    if type(got) is not type(expected):
        _mismatch(got, describe(expected), path)
    shown = Text(show(got), show(got)) if isinstance(got, str | torch.dtype) else describe(got)
    text = Text(f"The value is wrong: got {shown.en}", f"值不对：得到{_spaced(shown.zh)}")
    if settings.get().show_values:
        text += Text(f", expected {show(expected)}", f"，应为 {show(expected)}")
    _fail(text + Text(".", "。"), path)


def _numbers(got: object, wanted: Text, path: str) -> Numbers:
    try:
        return numbers(got)
    except NotNumbers:
        _mismatch(got, wanted, path)


def _mismatch(got: object, wanted: Text, path: str) -> NoReturn:
    """Another kind of value than the one expected."""
    what = describe(got)
    text = Text(
        f"Expected {wanted.en}, got {what.en}.",
        f"应为{_spaced(wanted.zh)}，得到的是{_spaced(what.zh)}。",
    )
    if got is None and not path:
        text += Text(" Is a `return` missing?", "是不是漏了 `return`？")
    elif isinstance(got, list) and wanted.en.startswith("a tensor"):
        text += Text(
            " Build a tensor of it, with torch.tensor or torch.stack.",
            "请用 torch.tensor 或 torch.stack 把它变成张量。",
        )
    _fail(text, path)


def _fail(text: Text, path: str) -> NoReturn:
    if path:
        text = Text(f"In `result{path}`: ", f"在 `result{path}` 处：") + text
    raise WrongAnswer(text)


def _spaced(chinese: str) -> str:
    """A space between Chinese and a word in Latin letters."""
    return f" {chinese}" if chinese[:1].isascii() else chinese
