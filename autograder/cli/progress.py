"""What a person sees of a run: each result as it comes, how far it is, and what came of it all."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Self

import typer
from rich import progress as bars
from rich.console import Console

from autograder.cli.app import count
from autograder.grading.judging import Judged
from autograder.grading.plan import Job
from autograder.judge.result import Result
from autograder.report.summary import summary
from autograder.report.text import overview, render
from autograder.report.words import number, one_line
from autograder.text import Language

FEW = 10  # submissions that are each shown with all their tests


class Progress:
    """Results go to `out`, how far it is to standard error: a bar on a terminal, else lines."""

    def __init__(
        self,
        jobs: Sequence[Job],
        out: IO[str],
        language: Language,
        *,
        quiet: bool,
        verbose: bool,
        only_changed: bool = False,
    ) -> None:
        self.quiet = quiet
        self.only_changed = only_changed
        self.tables = not quiet and (verbose or len(jobs) <= FEW)
        self.language = language
        self._order = {job: place for place, job in enumerate(jobs)}
        self._judged: dict[Job, Judged] = {}
        self._console = Console(file=out, width=None if out.isatty() else 120)
        errors = Console(stderr=True)
        self._plain = not errors.is_terminal
        self._bar = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TextColumn("{task.fields[rate]}"),
            bars.TimeRemainingColumn(),
            console=errors,
            transient=True,
            disable=quiet or self._plain,
        )
        self._task = self._bar.add_task("grading", total=len(jobs), rate="")
        self._began = time.monotonic()

    @property
    def results(self) -> list[Result]:
        """Those that there are, in the order of the jobs."""
        judged = sorted(self._judged.items(), key=lambda item: self._order[item[0]])
        return [each.result for _, each in judged if each.anew or not self.only_changed]

    def add(self, job: Job, judged: Judged) -> None:
        """Show the result of `job`, and how far that brings the run."""
        self._judged[job] = judged
        result = judged.result
        if self.only_changed and not judged.anew:
            self._bar.update(self._task, completed=len(self._judged))
            return
        console = self._bar.console if self._to_terminal() else self._console
        if self.quiet:
            points = f"{number(result.points)}/{number(result.max_points)}"
            name = one_line(result.submission.name)
            typer.echo(f"{name}  {result.course.chapter}  {points}", file=self._console.file)
        elif self.tables:
            console.print(render(result))
        self._advance(result)

    def _to_terminal(self) -> bool:
        """Whether a bar is drawn below what is printed: then both have to go one way."""
        return not self._bar.disable and self._console.is_terminal

    def _advance(self, result: Result) -> None:
        done, total = len(self._judged), len(self._order)
        anew = sum(judged.anew for judged in self._judged.values())
        rate = anew / max(time.monotonic() - self._began, 1e-9)
        speed = f"{rate:.1f}/s" if rate >= 1 or not rate else f"{1 / rate:.1f} s each"
        self._bar.update(self._task, completed=done, rate=speed)
        if self._plain and not self.quiet and total > 1:
            name, chapter = one_line(result.submission.name), result.course.chapter
            points = f"{number(result.points)}/{number(result.max_points)}"
            left = f"{(total - done) / rate:.0f} s left" if rate else "kept"
            line = f"{done} of {total}: {name} ({chapter}) {points}, {speed}, {left}"
            typer.echo(line, err=True)

    def stopped(self) -> None:
        """Say how far a run came that didn't reach its end."""
        typer.secho(
            f"stopped after {len(self._judged)} of {len(self._order)}", fg="yellow", err=True
        )

    def conclude(self) -> None:
        """Sum the run up."""
        results = self.results
        kept = sum(not judged.anew for judged in self._judged.values())
        if kept and not self.quiet:
            said = "are unchanged and left out" if self.only_changed else "had been judged before"
            typer.echo(f"{kept} of {len(self._judged)} {said} (--fresh judges again)", err=True)
        if len(results) < 2:
            return
        for chapter in dict.fromkeys(result.course.chapter for result in results):
            own = [result for result in results if result.course.chapter == chapter]
            heading = f"{chapter}: {count(own, 'submission')}"
            self._console.print(heading, style="bold", highlight=False)
            self._console.print(overview(own, self.language))
            self._console.print(summary(own, self.language))

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._bar.stop()
