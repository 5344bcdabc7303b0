"""grading_config.yml, typed: what a course grades, for how many points and within which limits.

`load_config` reads one file and either returns a frozen `Config` or raises one `ConfigError` that
lists every problem, a line each, with the key's path. Units become plain numbers here and nowhere
else: seconds (`500ms` → 0.5), bytes (`64KiB` → 65536), factors of the reference (`3x` → 3.0).
Nothing heavy is imported: every command reads its configuration first.
"""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from autograder.config_errors import WHOLE, describe, read_yaml
from autograder.errors import ConfigError
from autograder.text import Language, Text

CONFIG_NAME = "grading_config.yml"
HANDED_IN = {"submitted", "autograded", "downloaded"}  # nbgrader's folders of students' work

_TIME_UNITS = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
_SIZE_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_QUANTITY = re.compile(r"(-?\d+(?:\.\d+)?)\s*([A-Za-z]*)")
_FORBIDDEN = re.compile(r"\w+::([\w*]+|\w+\.\w+)|[^\W\d]\w*(\.[^\W\d]\w*)*")


def _problem(message: str) -> PydanticCustomError:
    # Braces would be taken for placeholders of the template.
    return PydanticCustomError("value", message.replace("{", "(").replace("}", ")"))


def _quantity(units: dict[str, float], examples: str) -> Callable[[object], float]:
    def parse(value: object) -> float:
        match = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None or match[2] not in units:
            bare = isinstance(value, int | float) and not isinstance(value, bool)
            problem = "needs a unit, as in" if bare else "must be written as"
            raise _problem(f"{problem} {examples} (got {value!r})")
        number = float(match[1]) * units[match[2]]
        if number <= 0:
            raise _problem(f"must be positive (got {value})")
        return number

    return parse


def _bytes(value: object) -> int:
    return math.ceil(_quantity(dict(_SIZE_UNITS), "64KiB, 256MiB or 2GiB")(value))


def _budget(value: object) -> float | None:
    if value is None:
        return None
    factor = _quantity({"x": 1.0}, "3x (times the reference)")(value)
    if factor <= 1:
        raise _problem(f"must be above 1x, the reference's own time (got {value})")
    return factor


def _positive_number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _problem(f"must be a number (got {value!r})")
    if value <= 0:
        raise _problem(f"must be positive (got {value})")
    return float(value)


def _tolerance(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _problem(f"must be a number (got {value!r})")
    if value < 0:
        raise _problem(f"must not be negative (got {value})")
    return float(value)


def _identifier(value: str) -> str:
    if not value.isidentifier():
        raise _problem("must be a Python name")
    return value


def _forbidden(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not _FORBIDDEN.fullmatch(name):
            wanted = "dotted names (torch.nn.Conv2d) and operations (aten::convolution)"
            raise _problem(f"must list {wanted} (got {name!r})")
        if names.count(name) > 1:
            raise _problem(f"names {name!r} twice")
    return names


Seconds = Annotated[float, BeforeValidator(_quantity(_TIME_UNITS, "500ms, 5s or 2min"))]
Bytes = Annotated[int, BeforeValidator(_bytes)]
Points = Annotated[float, BeforeValidator(_positive_number)]
Fraction = Annotated[float, BeforeValidator(_tolerance)]
Name = Annotated[StrictStr, AfterValidator(_identifier)]
Sentence = Annotated[StrictStr, Field(min_length=1)]
DType = Literal["float64", "float32", "float16", "bfloat16", "complex128", "complex64"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TimeLimits(_Section):
    """Seconds of the clock on the wall and of the processor; crossing either ends what runs."""

    wall: Seconds
    cpu: Seconds


class TimeOverride(_Section):
    """What an exercise changes of `TimeLimits`; None keeps the course's."""

    wall: Seconds | None = None
    cpu: Seconds | None = None


class Limits(_Section):
    """What a submission may use: seconds of a cell, of a call and in all; bytes of the rest."""

    cell: TimeLimits = TimeLimits.model_construct(wall=30.0, cpu=30.0)
    call: TimeLimits = TimeLimits.model_construct(wall=10.0, cpu=10.0)
    submission: TimeLimits = TimeLimits.model_construct(wall=300.0, cpu=300.0)
    memory: Bytes = 2**30
    processes: Annotated[StrictInt, Field(gt=0)] = 64
    file_size: Bytes = 64 * 2**20
    disk: Bytes = 256 * 2**20
    output: Bytes = 2**20


class ExerciseLimits(_Section):
    """What an exercise changes of the course's limits."""

    call: TimeOverride = TimeOverride.model_construct()
    memory: Bytes | None = None


class SandboxConfig(_Section):
    """Where untrusted code runs. `none` is no sandbox at all, and every result says so."""

    mode: Literal["bubblewrap", "none"] = "bubblewrap"
    preload: tuple[StrictStr, ...] = ()
    limits: Limits = Limits.model_construct()


class FeedbackConfig(_Section):
    """What students are told beside their verdicts."""

    hints: StrictBool = True
    show_values: StrictBool = False


class Tolerance(_Section):
    """A value passes when |got - expected| <= atol + rtol * |expected|."""

    rtol: Fraction
    atol: Fraction


def _tolerances(**pairs: tuple[float, float]) -> dict[str, Tolerance]:
    return {
        dtype: Tolerance.model_construct(rtol=rtol, atol=atol)
        for dtype, (rtol, atol) in pairs.items()
    }


_TOLERANCES = _tolerances(
    float64=(1e-7, 1e-9),
    float32=(1e-4, 1e-5),
    float16=(1e-2, 1e-3),
    bfloat16=(5e-2, 1e-2),
    complex128=(1e-7, 1e-9),
    complex64=(1e-4, 1e-5),
)


class TitleConfig(_Section):
    """A chapter's title in both languages."""

    en: Sentence
    zh: Sentence

    @property
    def text(self) -> Text:
        return Text(en=self.en, zh=self.zh)


class ExerciseConfig(_Section):
    """One graded function or class."""

    points: Points
    limits: ExerciseLimits = ExerciseLimits.model_construct(call=TimeOverride.model_construct())
    budget: Annotated[float | None, BeforeValidator(_budget)] = None
    forbidden: Annotated[tuple[StrictStr, ...], AfterValidator(_forbidden)] = ()


class ChapterConfig(_Section):
    """One notebook; its points are those of its exercises."""

    title: TitleConfig
    points: Points
    exercises: Annotated[dict[Name, ExerciseConfig], Field(min_length=1)]

    @model_validator(mode="after")
    def _points_add_up(self) -> Self:
        total = math.fsum(exercise.points for exercise in self.exercises.values())
        if not math.isclose(total, self.points):
            message = f"points must be the sum of its exercises' {total:g} (got {self.points:g})"
            raise PydanticCustomError(WHOLE, message)
        return self


class Config(_Section):
    """All of grading_config.yml. Only `chapters` has no default."""

    language: Language = "en"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    seed: Annotated[StrictInt, Field(ge=0)] = 0
    sandbox: SandboxConfig = SandboxConfig.model_construct()
    feedback: FeedbackConfig = FeedbackConfig.model_construct()
    tolerances: dict[DType, Tolerance] = Field(default_factory=dict)
    chapters: Annotated[dict[Name, ChapterConfig], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _fill_tolerances(cls, data: Any) -> Any:
        # A course that sets one dtype keeps the defaults of the others.
        if isinstance(data, dict) and isinstance(data.get("tolerances", {}), dict):
            return data | {"tolerances": _TOLERANCES | data.get("tolerances", {})}
        return data


def load_config(path: str | Path) -> Config:
    """The configuration in `path`; one ConfigError names everything that is wrong with it."""
    path = Path(path)
    data = read_yaml(path)
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        problems = describe(error, Config, path.name)
    raise ConfigError("\n".join(problems))


def find_config(start: str | Path = ".") -> Path:
    """The nearest grading_config.yml in `start` or in a folder above it; never one that a student
    handed in: one in submitted/ of a course, whose graders would be run."""
    start = Path(start).resolve()
    if not start.exists():
        raise ConfigError(f"no such folder: {start}")
    found = [folder for folder in (start, *start.parents) if (folder / CONFIG_NAME).is_file()]
    for folder in found:
        above = [folder.relative_to(other).parts[0] for other in found if other in folder.parents]
        if not {*above} & HANDED_IN:
            return folder / CONFIG_NAME
    raise ConfigError(f"no {CONFIG_NAME} in {start} or above it; run inside a course's folder")
