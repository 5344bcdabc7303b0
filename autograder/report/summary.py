"""What a class did with a chapter: how the points are spread, what failed, what took longest."""

from collections import Counter
from collections.abc import Sequence
from statistics import mean, median

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from autograder.judge.result import Result, Verdict
from autograder.report import words
from autograder.text import Language, Text

BANDS = 5  # of the points, each as wide as the others; full marks are a band of their own
WIDEST = 30  # characters of a bar
SLOWEST = 3
MEAN = Text("mean {mean} of {most}, median {median}", "平均 {mean} / {most} 分，中位数 {median}")
FULL = Text("full marks", "满分")
FAILED = Text("failed graders: ", "未通过的检查：")
SLOW = Text("slowest: ", "用时最长：")
FAULTS = Text("judge faults (cost no points): ", "评测系统故障（不扣分）：")


def summary(results: Sequence[Result], language: Language) -> RenderableType:
    """The results of one chapter, at least one, in a few lines."""
    points = [result.points for result in results]
    parts: list[RenderableType] = [
        Line(
            MEAN.to(language).format(
                mean=words.number(round(mean(points), 2)),
                most=words.number(results[0].max_points),
                median=words.number(round(median(points), 2)),
            )
        ),
        _spread(results, language),
    ]
    failures = Counter(
        test.verdict
        for result in results
        for exercise in result.exercises
        for test in exercise.tests
        if test.verdict.costs_points
    )
    if failures:
        named = [f"{verdict.label.to(language)} {n}" for verdict, n in failures.most_common()]
        parts.append(Line(FAILED.to(language) + ", ".join(named)))
    slowest = sorted(results, key=_seconds, reverse=True)[:SLOWEST]
    named = [f"{words.one_line(each.submission.name)} {_seconds(each):.1f} s" for each in slowest]
    parts.append(Line(SLOW.to(language) + ", ".join(named)))
    faulty = [words.one_line(each.submission.name) for each in results if _faulty(each)]
    if faulty:
        parts.append(Line(FAULTS.to(language) + ", ".join(faulty), style="magenta"))
    return Padding(Group(*parts), (0, 0, 1, 2))


def _spread(results: Sequence[Result], language: Language) -> Table:
    """A bar for each band of points."""
    counts = Counter(_band(result) for result in results)
    most = max(counts.values())
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    for band in range(BANDS + 1):
        low, high = (round(100 * edge / BANDS) for edge in (band, band + 1))
        name = FULL.to(language) if band == BANDS else f"{low}-{high} %"
        bar = "█" * round(WIDEST * counts[band] / most)
        table.add_row(Line(name), Line(bar), Line(str(counts[band])))
    return table


def _band(result: Result) -> int:
    if result.points >= result.max_points:
        return BANDS
    return int(BANDS * result.points / result.max_points)


def _seconds(result: Result) -> float:
    return sum(test.times.wall for exercise in result.exercises for test in exercise.tests)


def _faulty(result: Result) -> bool:
    verdicts = {test.verdict for exercise in result.exercises for test in exercise.tests}
    return bool(result.faults) or Verdict.JUDGE_FAULT in verdicts
