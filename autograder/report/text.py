"""The table that `autograder grade` prints for a submission."""

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from autograder.judge.result import ExerciseResult, Result, TestResult, Verdict
from autograder.report import words
from autograder.text import Language

_STYLES = {Verdict.PASSED: "green", Verdict.BY_HAND: "yellow", Verdict.JUDGE_FAULT: "bold magenta"}


def render(result: Result) -> RenderableType:
    """One submission: what is odd about it, a table of its exercises and tests, its points.

    Only `Line`s are made, whose text Rich shows as it is: markup in a student's message is text.
    """
    language = result.language
    heading = Line.assemble(
        (words.one_line(result.submission.name), "bold"),
        f"  {words.one_line(result.course.chapter)}  ",
        (f"{words.number(result.points)} / {words.number(result.max_points)}", "bold"),
        f" {words.POINTS.to(language)}",
    )
    parts: list[RenderableType] = [heading]
    if not result.sandbox.safe:
        parts.append(Line(words.UNSAFE.to(language), style="bold white on red"))
    if result.problems:
        parts.append(_listed(words.PROBLEM.to(language), result.problems, "yellow"))
    if result.exercises:
        parts.append(_table(result.exercises, language))
    if result.faults:
        causes = [
            f"{fault.test}: {fault.cause}" if fault.test else fault.cause for fault in result.faults
        ]
        parts.append(_listed(words.FAULT.to(language), causes, "magenta"))
    parts.append(
        Line(f"dl-autograder {result.engine}, {result.device}, seed {result.seed}", style="dim")
    )
    return Group(*parts)


def overview(results: Sequence[Result], language: Language) -> Table:
    """Many submissions, a line for each: points of every exercise and in all."""
    names = list(dict.fromkeys(each.name for result in results for each in result.exercises))
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(words.SUBMISSION.to(language), overflow="fold")
    for name in (*names, words.TOTAL.to(language)):
        table.add_column(Line(words.one_line(name)), justify="right")
    for result in results:
        got = {each.name: words.points(each) for each in result.exercises}
        total = f"{words.number(result.points)} / {words.number(result.max_points)}"
        cells = [Line(got.get(name, "")) for name in names]
        style = {0: "green", 3: "magenta"}.get(result.exit_code, "")
        table.add_row(
            Line(words.one_line(result.submission.name)), *cells, Line(total, style=style)
        )
    return table


def _table(exercises: Sequence[ExerciseResult], language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("", width=1)
    table.add_column(words.CHECK.to(language), overflow="fold")
    table.add_column(words.VERDICT.to(language), no_wrap=True)
    table.add_column(words.POINTS.to(language), justify="right", no_wrap=True)
    for exercise in exercises:
        name = Line(words.one_line(exercise.name), style="bold")
        table.add_row("", name, "", Line(words.points(exercise), style="bold"))
        for test in exercise.tests:
            style = _STYLES.get(test.verdict, "red")
            worth = words.number(words.worth(exercise, test))
            table.add_row(
                Line(words.mark(test.verdict), style=style),
                _what(test, language),
                Line(test.verdict.label.to(language), style=style),
                _got(test, worth),
            )
        table.add_section()
    return table


def _got(test: TestResult, worth: str) -> str:
    if test.verdict is Verdict.BY_HAND:
        return f"? / {worth}"
    return f"0 / {worth}" if test.verdict.costs_points else worth


def _what(test: TestResult, language: Language) -> RenderableType:
    """What is checked and, when it failed, what came, the hint, and where to read."""
    parts: list[RenderableType] = [Line(words.title(test))]
    if test.verdict is not Verdict.PASSED and test.message:
        parts.append(_indented(Line(words.printable(test.message))))
    if test.hint:
        label = (words.HINT.to(language), "bold cyan")
        parts.append(_indented(Line.assemble(label, words.printable(test.hint))))
    if test.source and test.verdict.costs_points:
        sources = words.one_line(", ".join(test.source))
        parts.append(_indented(Line(f"{words.READ.to(language)}{sources}", style="dim")))
    return Group(*parts)


def _listed(title: str, sentences: Sequence[str], style: str) -> RenderableType:
    lines = [_indented(Line(words.printable(sentence))) for sentence in sentences]
    return Group(Line(title, style=style), *lines)


def _indented(line: Line) -> Padding:
    return Padding(line, (0, 0, 0, 2))
