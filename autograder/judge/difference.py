"""Where two arrays of one shape differ, said without giving the right values away.

A student reads how many elements differ, where the first one is, what they returned there, the
largest error and the tolerance. The largest error has two digits: enough to tell rounding from a
mistake, too few to work the expected value out.
"""

from dataclasses import dataclass

import numpy as np

from autograder.judge.values import Array, Numbers, show, show_shape
from autograder.text import Text

MANY = 4  # elements that must share a factor before a message says so


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may differ: |got - expected| <= atol + rtol * |expected|."""

    rtol: float
    atol: float
    equal_nan: bool = False

    @property
    def exact(self) -> bool:
        return self.rtol == 0 and self.atol == 0


def difference(
    got: Numbers, expected: Numbers, bounds: Bounds, *, show_values: bool = False
) -> Text | None:
    """How `got` differs from `expected`, which has the same shape; None when it doesn't."""
    with np.errstate(all="ignore"):
        return _difference(got, expected, bounds, show_values=show_values)


def shape_difference(got: tuple[int, ...], expected: tuple[int, ...]) -> Text:
    """How one shape differs from another, and what that looks like."""
    text = Text(
        f"Expected the shape {show_shape(expected)}, got {show_shape(got)}.",
        f"形状应为 {show_shape(expected)}，得到的是 {show_shape(got)}。",
    )
    if len(got) == len(expected) >= 2 and sorted(got) == sorted(expected):
        swapped = (*expected[:-2], expected[-1], expected[-2])
        if got in (swapped, expected[::-1]):
            return text + Text(" It looks transposed.", "看起来像是被转置了。")
        return text + Text(" The axes are in another order.", "各轴的顺序不对。")
    if [size for size in got if size != 1] == [size for size in expected if size != 1]:
        return text + Text(
            " Only axes of length 1 are too many or missing: think of squeeze, unsqueeze, keepdim.",
            "只是多了或少了长度为 1 的轴：想想 squeeze、unsqueeze、keepdim。",
        )
    if len(got) != len(expected):
        return text + Text(
            f" That is {len(got)} {'axis' if len(got) == 1 else 'axes'} "
            f"where {len(expected)} were expected.",
            f"应有 {len(expected)} 个轴，得到了 {len(got)} 个。",
        )
    return text


def _difference(
    got: Numbers, expected: Numbers, bounds: Bounds, *, show_values: bool
) -> Text | None:
    wrong = ~_close(got.array, expected.array, bounds)
    count = int(np.count_nonzero(wrong))
    if count == 0:
        return None
    hint, tells_factor = _hint(got, expected, bounds)
    error = None if bounds.exact else _largest_error(got.array, expected.array)
    texts = [
        _where(
            wrong,
            got.array,
            expected.array if show_values else None,
            # Beside the factor, or in an array of booleans, the value got gives the right one away.
            show_got=show_values or not (tells_factor or expected.array.dtype.kind == "b"),
        ),
        _how_much(error, bounds),
        hint,
    ]
    return Text(" ".join(text.en for text in texts if text.en), "".join(text.zh for text in texts))


def _close(got: Array, expected: Array, bounds: Bounds) -> Array:
    """Elementwise and as an array even for scalars; infinities are close to themselves only."""
    close = np.asarray(got == expected)
    if bounds.equal_nan and got.dtype.kind in "fc" and expected.dtype.kind in "fc":
        close = close | (np.isnan(got) & np.isnan(expected))
    if not bounds.exact:
        finite = np.isfinite(got) & np.isfinite(expected)
        near = _distance(got, expected) <= bounds.atol + bounds.rtol * np.abs(_wide(expected))
        close = close | (finite & near)
    return np.asarray(close)


def _wide(array: Array) -> Array:
    """In float64 or complex128, where integers can't wrap round and booleans can be subtracted."""
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _distance(got: Array, expected: Array) -> Array:
    return np.asarray(np.abs(_wide(got) - _wide(expected)))


def _largest_error(got: Array, expected: Array) -> float | None:
    """Among the elements that are finite; None where there are none."""
    distance = _distance(got, expected)
    finite = distance[np.isfinite(distance)]
    return float(finite.max()) if finite.size else None


def _where(wrong: Array, got: Array, expected: Array | None, *, show_got: bool) -> Text:
    """How many elements differ and where the first one is, NaN and infinity before all others."""
    alien = wrong & ~np.isfinite(got) if got.dtype.kind in "fc" else np.zeros_like(wrong)
    index = first_index(alien if alien.any() else wrong)
    shown = _shown(got[index], None if expected is None else expected[index], show_got=show_got)
    if wrong.ndim == 0:
        colon = Text(": ", "：") if shown.en else Text("", "")
        return Text("The value is wrong", "值不对") + colon + shown + Text(".", "。")
    count, aliens = int(np.count_nonzero(wrong)), int(np.count_nonzero(alien))
    place = str(index[0]) if len(index) == 1 else str(index)
    text = Text(
        f"{count} of {wrong.size} elements differ",
        f"{wrong.size} 个元素中有 {count} 个不同",
    )
    if aliens:
        text += Text(
            f", {aliens} of them because they aren't finite",
            f"，其中 {aliens} 个不是有限数",
        )
    text += Text(f"; the first is at index {place}", f"；第一个在下标 {place}")
    if shown.en:
        text += Text(": ", "：") + shown
    return text + Text(".", "。")


def _shown(got: object, expected: object | None, *, show_got: bool) -> Text:
    if not show_got:
        return Text("", "")
    text = Text(f"got {show(got)}", f"得到 {show(got)}")
    if expected is not None:
        text += Text(f", expected {show(expected)}", f"，应为 {show(expected)}")
    return text


def first_index(mask: Array) -> tuple[int, ...]:
    """The index of the first True; () where there is no axis."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(mask)), mask.shape))


def _how_much(error: float | None, bounds: Bounds) -> Text:
    if bounds.exact:
        return Text("They must be equal exactly.", "必须完全相等。")
    tolerance = f"rtol={bounds.rtol:g}, atol={bounds.atol:g}"
    if error is None:
        return Text(f"The tolerance is {tolerance}.", f"容差为 {tolerance}。")
    return Text(
        f"The largest error is {error:.2g}, the tolerance is {tolerance}.",
        f"最大误差为 {error:.2g}，容差为 {tolerance}。",
    )


def _hint(got: Numbers, expected: Numbers, bounds: Bounds) -> tuple[Text, bool]:
    """A pattern in the whole array that says what went wrong, and whether it tells a factor."""
    mine, right = got.array, expected.array
    nothing = Text("", "")
    if right.size < 2 or right.dtype.kind == "b":
        return nothing, False
    if not mine.any() and right.any():
        return Text("Everything you returned is zero.", "你返回的全是零。"), False
    square = right.ndim >= 2 and right.shape[-1] == right.shape[-2]
    if square and _close(mine.swapaxes(-1, -2), right, bounds).all():
        return Text(
            "The values look transposed: the last two axes are swapped.",
            "结果像是被转置了：最后两个轴互换了。",
        ), False
    if got.exact and right.dtype.kind == "f" and _close(mine, np.trunc(right), bounds).all():
        return Text(
            f"Your result has the dtype {got.dtype}, which cuts fractions off.",
            f"你的结果的 dtype 是 {got.dtype}，小数部分被截掉了。",
        ), False
    factor = _factor(mine, right)
    if factor is not None:
        return Text(
            f"Every element is {factor:.3g} times what it should be.",
            f"每个元素都是正确值的 {factor:.3g} 倍。",
        ), True
    return nothing, False


def _factor(got: Array, expected: Array) -> float | None:
    """The one factor between two arrays, where enough of their elements agree on it."""
    if got.dtype.kind == "c" or expected.dtype.kind == "c":
        return None
    got, expected = _wide(got), _wide(expected)
    there = expected != 0
    if np.count_nonzero(there) < MANY or not np.isfinite(got).all() or got[~there].any():
        return None
    ratios = got[there] / expected[there]
    factor = float(np.median(ratios))
    same = np.abs(ratios - factor) <= 1e-3 * abs(factor)  # far from any rounding error's work
    return factor if same.all() and abs(factor - 1) > 1e-2 else None
