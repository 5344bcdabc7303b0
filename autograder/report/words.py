"""The words that every report shares, in both languages, and text made fit to show."""

import re

from autograder.judge.result import ExerciseResult, TestResult, Verdict
from autograder.text import Text

HINT = Text("Hint: ", "提示：")
POINTS = Text("points", "分")
TOTAL = Text("total", "总分")
CHECK = Text("check", "检查项")
VERDICT = Text("verdict", "结论")
SUBMISSION = Text("submission", "提交")
READ = Text("See ", "参阅 ")
PROBLEM = Text("About the submission:", "关于这份提交：")
FAULT = Text(
    "Judge fault (costs no points; tell the instructor):", "评测系统故障（不扣分，请告知教师）："
)
UNSAFE = Text(
    "UNSAFE: graded without a sandbox. Don't trust this result.",
    "不安全：未经沙箱隔离评测，此结果不可信。",
)
SHORTENED = "[…]"

LONGEST = 4000  # characters of one message: a traceback fits, a printed tensor doesn't

_ESCAPES = re.compile(
    r"""\x1b (?: \[ [0-?]* [ -/]* [@-~]                 # CSI: colours, cursor
             | [\]PX^_] [^\x07\x1b]* (?: \x07 | \x1b\\ )?  # OSC and other strings
             | [ -/]* [0-~] )?                          # two characters
    """,
    re.VERBOSE,
)
# Controls but newline, half surrogates, what XML bans, and what turns the direction of text.
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def printable(text: str) -> str:
    """The text without escape sequences, control characters but newlines, and excess length."""
    if len(text) > 2 * LONGEST:  # escapes don't count, but a megabyte of them needn't be read
        text = text[: 2 * LONGEST] + SHORTENED
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    text = _UNSEEN.sub("", _ESCAPES.sub("", text)).strip("\n")
    return text if len(text) <= LONGEST else text[:LONGEST] + SHORTENED


def one_line(text: str) -> str:
    """`printable`, in one line: for names and titles."""
    return " ".join(printable(text).split())


def number(value: float) -> str:
    """Points as people write them: 2, 1.5, 3.3333."""
    return f"{round(value, 4):.10g}"


def points(exercise: ExerciseResult) -> str:
    """'4 / 6'."""
    return f"{number(exercise.points)} / {number(exercise.max_points)}"


def worth(exercise: ExerciseResult, test: TestResult) -> float:
    """The points that one test of the exercise stands for."""
    total = sum(each.weight for each in exercise.tests)
    return exercise.max_points * test.weight / total if total else 0.0


def title(test: TestResult) -> str:
    """What a student calls the test: what it checks."""
    return one_line(test.checks or test.name)


def mark(verdict: Verdict) -> str:
    """One character for the verdict."""
    marks = {Verdict.PASSED: "✓", Verdict.BY_HAND: "…", Verdict.JUDGE_FAULT: "!"}
    return marks.get(verdict, "✗")
