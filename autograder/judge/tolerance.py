"""How much two right answers may differ, by the precision of what was compared."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from autograder.judge.difference import Bounds
from autograder.judge.values import Numbers


class Tolerance(Protocol):
    """What two right answers may differ by: |got - expected| <= atol + rtol * |expected|."""

    @property
    def rtol(self) -> float: ...
    @property
    def atol(self) -> float: ...


class Pair(NamedTuple):
    """A tolerance."""

    rtol: float
    atol: float


# The config's own defaults, for comparisons outside of a session.
DEFAULT_TOLERANCES: Mapping[str, Tolerance] = {
    "float64": Pair(1e-7, 1e-9),
    "float32": Pair(1e-4, 1e-5),
    "float16": Pair(1e-2, 1e-3),
    "bfloat16": Pair(5e-2, 1e-2),
    "complex128": Pair(1e-7, 1e-9),
    "complex64": Pair(1e-4, 1e-5),
}

# From the most to the least precise; a comparison is as strict as its less precise side allows.
# But who returns half precision where more was expected has chosen so, and not a wider tolerance.
_CLASSES = ("float64", "float32", "float16", "bfloat16")
_COMPLEX_CLASSES = ("complex128", "complex64", "float16", "bfloat16")
_PRECISION = {
    name: rank for names in (_CLASSES, _COMPLEX_CLASSES) for rank, name in enumerate(names)
}
_PRECISION |= {"complex32": 2, "float8_e4m3fn": 3, "float8_e5m2": 3}
_SINGLE = 1


@dataclass(frozen=True)
class CompareSettings:
    """What the course's config says about comparing."""

    tolerances: Mapping[Any, Tolerance] = field(default_factory=lambda: DEFAULT_TOLERANCES)
    show_values: bool = False


settings: ContextVar[CompareSettings] = ContextVar(
    "settings", default=CompareSettings()  # noqa: B039 - frozen, and its mapping is never written
)  # fmt: skip


@contextmanager
def using(chosen: CompareSettings) -> Iterator[None]:
    """Compare with these settings in the block."""
    token = settings.set(chosen)
    try:
        yield
    finally:
        settings.reset(token)


def bounds(
    got: Numbers,
    expected: Numbers,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
) -> Bounds:
    """What may differ between two arrays: the settings' tolerance, unless rtol or atol is given.

    Two integers or booleans differ by nothing; a Python float is as precise as float64.
    """
    if got.exact and expected.exact:
        return Bounds(rtol or 0.0, atol or 0.0, equal_nan)
    # Integers are in no table, and count as float64 here: the other side decides.
    rank = max(
        min(_PRECISION.get(got.dtype, 0), _SINGLE),
        _PRECISION.get(expected.dtype, 0),
    )
    is_complex = "c" in (got.array.dtype.kind, expected.array.dtype.kind)
    name = (_COMPLEX_CLASSES if is_complex else _CLASSES)[rank]
    chosen = settings.get().tolerances.get(name) or DEFAULT_TOLERANCES[name]
    return Bounds(
        chosen.rtol if rtol is None else rtol,
        chosen.atol if atol is None else atol,
        equal_nan,
    )
