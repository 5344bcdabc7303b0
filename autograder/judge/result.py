"""What a submission got: verdicts, points, messages, and how they are written down.

A verdict is a value. `Unsuccessful` is only how a verdict ends a grader early; the plugin turns it
into a `TestResult`. A `Result` holds all that people and machines read of one graded submission;
as JSON it is versioned and documented in docs/result.md, its schema is docs/result.schema.json.
Nothing here imports torch: reports are written where no tensor is.
"""

import json
import math
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec
from msgspec import Meta

from autograder.text import Language, Text

SCHEMA_VERSION: Final = 1
JUDGE_FAILED: Final = 3
"""The exit code of a result with a judge fault."""


class Verdict(StrEnum):
    """What became of one grader; the value is what stands in the JSON."""

    PASSED = "passed"
    WRONG_ANSWER = "wrong answer"
    ERROR = "error"
    TIME_LIMIT = "time limit"
    MEMORY_LIMIT = "memory limit"
    OVER_BUDGET = "over budget"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    BY_HAND = "by hand"
    JUDGE_FAULT = "judge fault"

    @property
    def label(self) -> Text:
        """The verdict as people read it."""
        return Text(self.value, _CHINESE[self])

    @property
    def costs_points(self) -> bool:
        """A judge fault is never the student's; what a person grades isn't lost yet."""
        return self not in (Verdict.PASSED, Verdict.BY_HAND, Verdict.JUDGE_FAULT)


_CHINESE = {
    Verdict.PASSED: "通过",
    Verdict.WRONG_ANSWER: "答案错误",
    Verdict.ERROR: "运行出错",
    Verdict.TIME_LIMIT: "超出时间限制",
    Verdict.MEMORY_LIMIT: "超出内存限制",
    Verdict.OVER_BUDGET: "超出时间预算",
    Verdict.FORBIDDEN: "使用了禁用的操作",
    Verdict.MISSING: "缺失",
    Verdict.BY_HAND: "待人工评分",
    Verdict.JUDGE_FAULT: "评测系统故障",
}


class Unsuccessful(Exception):
    """Ends a grader with a verdict that is the student's."""

    def __init__(self, verdict: Verdict, message: Text) -> None:
        super().__init__(verdict, message)
        self.verdict = verdict
        self.message = message
        self.key = ""  # what tells this failure from others, where the message says too much

    def __str__(self) -> str:
        return f"{self.verdict}: {self.message.en}"


class WrongAnswer(Unsuccessful):
    """The student's code ran, and what it returned isn't right."""

    def __init__(self, message: Text) -> None:
        super().__init__(Verdict.WRONG_ANSWER, message)


Seconds = Annotated[float, Meta(description="in seconds")]


class Times(msgspec.Struct, frozen=True):
    """What a test took; only times may differ between two gradings of the same submission."""

    wall: Seconds = 0.0
    cpu: Annotated[Seconds | None, Meta(description="of the worker, null where unknown")] = None
    gpu: Annotated[Seconds | None, Meta(description="by CUDA events, null without a GPU")] = None


class TestResult(msgspec.Struct, frozen=True):
    """One grader's verdict."""

    __test__: ClassVar[bool] = False  # pytest collects classes named Test… wherever it sees them

    name: Annotated[str, Meta(description="the grader's name, parameters included")]
    checks: Annotated[str, Meta(description="what is checked, in words")]
    verdict: Verdict
    weight: Annotated[float, Meta(ge=0, description="its share of the exercise's points")] = 1.0
    message: Annotated[str, Meta(description="what went wrong; empty when it passed")] = ""
    hint: Annotated[str, Meta(description="which misconception fits; empty when none does")] = ""
    source: Annotated[list[str], Meta(description="tags of the textbooks behind the check")] = []
    times: Times = Times()


class ExerciseResult(msgspec.Struct, frozen=True):
    """The tests of one exercise and the points they gave."""

    name: str
    points: Annotated[float, Meta(ge=0)]
    max_points: Annotated[float, Meta(ge=0)]
    tests: list[TestResult]


class SubmissionInfo(msgspec.Struct, frozen=True):
    """Which submission was graded."""

    name: str
    digest: Annotated[str, Meta(description="of all the bytes that were graded")]


class CourseInfo(msgspec.Struct, frozen=True):
    """What it was graded against."""

    chapter: str
    digest: Annotated[str, Meta(description="of the config, graders and solutions")]


class SandboxInfo(msgspec.Struct, frozen=True):
    """How the untrusted code was held."""

    mode: Literal["bubblewrap", "none"]
    safe: Annotated[bool, Meta(description="false: nothing held the code, trust no score")]
    layers: Annotated[list[str], Meta(description="what isolated it, outermost first")] = []
    absent: Annotated[
        list[str], Meta(description="layers that the machine doesn't offer, each with the reason")
    ] = []


class Fault(msgspec.Struct, frozen=True):
    """Something of ours that went wrong; for the instructor."""

    test: Annotated[str, Meta(description="exercise::test, or the file or exercise; may be empty")]
    cause: str
    traceback: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one graded submission."""

    schema_version: Literal[1] = SCHEMA_VERSION
    submission: SubmissionInfo
    course: CourseInfo
    engine: Annotated[str, Meta(description="the version of dl-autograder")]
    device: Annotated[str, Meta(description="cpu or cuda, never auto")]
    seed: Annotated[int, Meta(description="of every grader's random generator")]
    language: Annotated[Language, Meta(description="of the messages")]
    show_values: Annotated[bool, Meta(description="messages quote expected values")] = False
    sandbox: SandboxInfo
    exercises: list[ExerciseResult]
    problems: Annotated[list[str], Meta(description="what is odd about the submission")] = []
    faults: Annotated[list[Fault], Meta(description="judge faults: they cost no points")] = []

    @property
    def points(self) -> float:
        """What the submission got."""
        return round(math.fsum(exercise.points for exercise in self.exercises), 4)

    @property
    def max_points(self) -> float:
        """What it could have got."""
        return round(math.fsum(exercise.max_points for exercise in self.exercises), 4)

    @property
    def exit_code(self) -> Literal[0, 1, 3]:
        """0 full marks, 1 marks lost, 3 a judge fault (which outweighs lost marks)."""
        verdicts = {test.verdict for exercise in self.exercises for test in exercise.tests}
        if self.faults or Verdict.JUDGE_FAULT in verdicts:
            return JUDGE_FAILED
        lost = any(exercise.points < exercise.max_points for exercise in self.exercises)
        return 1 if lost else 0


def points_for(tests: Sequence[TestResult], max_points: float) -> float:
    """The points of an exercise: the share of the weights that cost nothing, of `max_points`.

    Full points come out exactly; anything less is rounded to 4 decimals. An exercise without a
    test gives none: silence is not full marks.
    """
    if tests and not any(test.verdict.costs_points for test in tests):
        return float(max_points)
    total = math.fsum(test.weight for test in tests)
    kept = math.fsum(test.weight for test in tests if not test.verdict.costs_points)
    if total == 0:
        return 0.0
    if kept == total:
        return float(max_points)
    return min(max(round(max_points * kept / total, 4), 0.0), float(max_points))


def without_times(result: Result) -> Result:
    """The result with every time at zero, to compare two gradings of one submission."""
    replace = msgspec.structs.replace
    return replace(
        result,
        exercises=[
            replace(exercise, tests=[replace(test, times=Times()) for test in exercise.tests])
            for exercise in result.exercises
        ],
    )


def encode(result: Result) -> bytes:
    """The result as indented JSON: the same result always gives the same bytes."""
    plain = _without_surrogates(msgspec.to_builtins(result))
    return msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n"


def decode(data: bytes) -> Result:
    """The result that `encode` wrote; raises msgspec.ValidationError on anything else."""
    return msgspec.json.decode(data, type=Result)


def schema() -> bytes:
    """The JSON schema of a result, as it stands in docs/result.schema.json."""
    plain = msgspec.json.schema(Result)
    return json.dumps(plain, indent=2, ensure_ascii=False).encode() + b"\n"


def _without_surrogates(value: Any) -> Any:
    """Half surrogates, which UTF-8 can't hold and a student's message may, become `?`."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_surrogates(item) for key, item in value.items()}
    return value


if __name__ == "__main__":
    sys.stdout.buffer.write(schema())
