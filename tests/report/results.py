"""Results to report, with what a hostile submission would put into them."""

from autograder.judge.result import (
    CourseInfo,
    ExerciseResult,
    Fault,
    Result,
    SandboxInfo,
    SubmissionInfo,
    TestResult,
    Times,
    Verdict,
)
from autograder.text import Language

HOSTILE = (
    "\x1b[31m[red]boom[/red]\x1b]8;;http://evil\x1b\\ <script>alert(1)</script> "
    "$\\href{javascript:x}{y}$ [a](http://evil) ![b](c) \u202e\x00\ud800"
)

PASSED = TestResult(
    "test_sizes", "The size follows the formula.", Verdict.PASSED, times=Times(0.25)
)
WRONG = TestResult(
    "test_values",
    "Values on random inputs",
    Verdict.WRONG_ANSWER,
    2,
    "2 of 6 elements differ.",
    "Your kernel is flipped.",
    ["D2L6 §6.3", "T03"],
    Times(0.5),
)
RAISED = TestResult(
    "test_strides", "Strides", Verdict.ERROR, 1, "Traceback:\n  line 1\n```\nValueError: <x>"
)
FAULTY = TestResult("test_pads", "Padding", Verdict.JUDGE_FAULT, 1, "not your fault")


def failing(message: str, hint: str = "") -> ExerciseResult:
    """An exercise that fails with this message."""
    return ExerciseResult("conv2d", 0, 6, [TestResult("t", "c", Verdict.ERROR, 1, message, hint)])


def a_result(
    *exercises: ExerciseResult,
    language: Language = "en",
    name: str = "ann.ipynb",
    faults: tuple[Fault, ...] = (),
    problems: tuple[str, ...] = (),
    safe: bool = True,
) -> Result:
    """A result of these exercises, or of one passed and one failed."""
    both = (
        ExerciseResult("corr2d", 4.0, 4.0, [PASSED]),
        ExerciseResult("conv2d", 1.5, 6.0, [PASSED, WRONG, RAISED]),
    )
    return Result(
        submission=SubmissionInfo(name, "sha256:0"),
        course=CourseInfo("ch09_convolution", "sha256:1"),
        engine="0.1.0",
        device="cpu",
        seed=7,
        language=language,
        sandbox=SandboxInfo("bubblewrap" if safe else "none", safe),
        exercises=list(exercises or both),
        faults=list(faults),
        problems=list(problems),
    )
