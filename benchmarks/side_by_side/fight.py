"""One attack against one tool, and what came of it."""

import math
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.side_by_side import sandbox
from benchmarks.side_by_side.attacks import NOTEBOOK, Attack
from benchmarks.side_by_side.course import FULL, WRONG, Secrets, solution
from benchmarks.side_by_side.tool import Files, Marks, Tool, answered, make

HARMS = ("points", "read", "marks changed", "host touched", "lost", "class lost")
HONEST = ("alice", "zoe")
BESIDE_THE_COURSE = ("canary/**/*",)


@dataclass(frozen=True)
class Outcome:
    """What an attack did to a tool: for each harm that was seen, what was seen."""

    seen: tuple[tuple[str, str], ...]
    log: str

    @property
    def harms(self) -> tuple[str, ...]:
        """Those of HARMS that were seen, in that order."""
        met = {harm for harm, _ in self.seen}
        if "class lost" in met:
            met.discard("lost")
        return tuple(harm for harm in HARMS if harm in met)


class BenchmarkError(Exception):
    """A tool doesn't even grade honest submissions as it should: nothing could be concluded."""


class Ground:
    """A tool's course, on which attacks are tried one by one, each on a copy of its own."""

    def __init__(self, tool: Tool, secrets: Secrets) -> None:
        self.tool = tool
        self.secrets = secrets
        self._folder = Path(tempfile.mkdtemp(prefix="side-by-side-"))
        self._home = self._folder / "home"
        course = self._home / "course"
        course.mkdir(parents=True)
        make(tool, course, secrets)
        for cache in [*course.rglob("__pycache__")]:
            shutil.rmtree(cache)
        _lay_out(self._home / "canary", secrets)

    def check(self) -> None:
        """Raise BenchmarkError unless a right submission has full marks here, a wrong one none,
        and neither is seen to do any harm."""
        for answer, points in ((solution("mine"), FULL), (WRONG, 0.0)):
            report = self._run({NOTEBOOK: self._answered(answer)})
            marks = self.tool.marks(report.files)
            seen = [*_seen(self.tool, self.secrets, report, marks, points)]
            if seen or marks.get("mallory") != points:
                raise BenchmarkError(
                    f"{self.tool.name} gave {marks} (expected {points:g}), {seen}\n{report.log}"
                )

    def fight(self, attack: Attack) -> Outcome:
        """What comes of `attack`."""
        report = self._run(attack.files(self._answered))
        marks = self.tool.marks(report.files)
        seen = tuple(_seen(self.tool, self.secrets, report, marks, attack.worth))
        return Outcome(seen, report.log)

    def _answered(self, answer: str) -> bytes:
        return answered(self.tool.notebook(self._home / "course"), answer)

    def _run(self, files: Files) -> sandbox.Report:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            home = Path(folder) / "home"
            shutil.copytree(self._home, home, symlinks=True)
            self.tool.submit(home / "course", "mallory", files)
            sandbox.make_readable(Path(folder))
            return sandbox.run(
                home,
                self.tool.command,
                collect=self.tool.collect,
                watch=(*self.tool.watch, *BESIDE_THE_COURSE),
            )

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _seen(
    tool: Tool, secrets: Secrets, report: sandbox.Report, marks: Marks, worth: float
) -> Iterator[tuple[str, str]]:
    """Pairs of a harm and what shows it; `worth` is what mallory's submission deserves."""
    mark = marks.get("mallory")
    if mark is not None and not mark <= worth:  # NaN is more, too
        yield "points", f"{mark:g} of {FULL:g} points"
    for found in secrets.seen_in(tool.returned(report.files, "mallory")):
        yield "read", found
    for student in HONEST:
        given = marks.get(student)
        if given is not None and not math.isclose(given, FULL):
            yield "marks changed", f"{student} has {given:g}"
    for touched in report.touched:
        yield "host touched", touched
    if mark is None:
        yield "lost", "mallory has no mark"
    for student in HONEST:
        if marks.get(student) is None:
            yield "class lost", f"{student} has no mark"
    if report.code is None:
        yield "lost", f"the command had not ended after {sandbox.SECONDS} s"


def _lay_out(folder: Path, secrets: Secrets) -> None:
    """What an instructor has beside the course."""
    classmate = folder / "submitted" / "classmate" / "ch09_convolution"
    classmate.mkdir(parents=True)
    (classmate / "ch09_convolution.py").write_text(f"{solution(secrets.canary)}\n")
    (folder / "secret.txt").write_text(secrets.canary)
    with closing(sqlite3.connect(folder / "gradebook.db")) as gradebook:
        gradebook.execute("create table grade (student text, points real, note text)")
        gradebook.execute("insert into grade values ('classmate', 15, ?)", (secrets.canary,))
        gradebook.commit()
