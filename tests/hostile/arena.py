"""Where the corpus is fought out: this course under tight limits, one judge, one canary.

Every case is graded by the judge that graded the cases before it, as a class is; after each one an
honest submission must still get its marks.
"""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml

from autograder.course import load_course
from autograder.errors import SubmissionError
from autograder.grading.handed_out import as_handed_out
from autograder.grading.plan import plan
from autograder.judge.attempt import Attempt
from autograder.judge.result import Result, encode
from autograder.judge.session import UNDRAWN, Judge
from autograder.sandbox import usage
from autograder.submission import read_submission
from tests.hostile.canary import Canary
from tests.hostile.case import Case

ROOT = Path(__file__).resolve().parents[2]
LIMITS = {
    "cell": {"wall": "3s", "cpu": "2s"},
    "call": {"wall": "1500ms", "cpu": "500ms"},
    "submission": {"wall": "6s", "cpu": "4s"},
    "memory": "256MiB",
    "processes": 32,
    "file_size": "16MiB",
    "disk": "32MiB",
    "output": "64KiB",
}
ON_GPU = {  # where a context alone takes seconds, threads and memory
    "cell": {"wall": "30s", "cpu": "30s"},
    "call": {"wall": "5s", "cpu": "5s"},
    "submission": {"wall": "30s", "cpu": "30s"},
    "memory": "4GiB",
    "processes": 256,
}
CHAPTERS = ("ch06_backprop", "ch09_convolution", "ch11_rnn")  # the first forbids nothing in a call
MOST_OUTPUT = 4 << 20  # characters that the judge may keep of what a submission printed
MOST_HOARDED = 512 << 20  # bytes by which the judge may have grown when a submission is judged
PATIENCE = 3.0  # seconds that what a submission started may take to die with it


@dataclass(frozen=True)
class Outcome:
    """What came of a case: nothing in `broken` means that it was held."""

    case: Case
    result: Result | None
    broken: tuple[str, ...]
    seconds: float


class Arena:
    """Use it as a context manager, or `close` it."""

    def __init__(self, device: str = "cpu") -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hostile-"))
        self._folder.chmod(0o755)
        root = self._folder / "course"
        _copy_course(root, LIMITS if device == "cpu" else LIMITS | ON_GPU)
        self.canary = Canary(self._folder / "canary", root)
        self.course = load_course(root)
        self.judge = Judge(self.course, device=device, environment=UNDRAWN)
        self._number = 0
        for chapter in self.course.chapters.values():  # the zygote, and workers of the references
            honest = read_submission(chapter.solution_path)
            self.judge.grade(chapter, [honest], lambda *_: None)
        self._residents = set(usage.descendants(os.getpid()))

    def fight(self, case: Case) -> Outcome:
        """Grade the submission of `case`, and look what it has done."""
        start, size = time.monotonic(), usage.resident(os.getpid())
        self._number += 1
        folder = self._folder / f"case{self._number}"
        folder.mkdir()
        path = case.prepare(folder, self.canary)
        result, broken = None, []
        try:
            result, outputs = self._grade(path, case)
            broken += _misjudged(case, result)
            if self.canary.secret in encode(result).decode() + outputs:
                broken.append("the canary's secret is in the result")
            if len(outputs) > MOST_OUTPUT:
                broken.append(f"{len(outputs)} characters of output were kept")
        except SubmissionError as error:
            if not case.file.refused or not re.search(case.file.refused, str(error)):
                broken.append(f"refused: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the run would have ended
            broken.append(f"the judge raised {type(error).__name__}: {error}")
        if result is not None and case.file.refused:
            broken.append("was graded, not refused")
        if (grown := usage.resident(os.getpid()) - size) > MOST_HOARDED:
            broken.append(f"the judge has grown by {grown >> 20} MiB")
        broken += self.canary.harm()
        broken += self._left_running()
        broken += self._harmed_others(case)
        shutil.rmtree(folder, ignore_errors=True)
        return Outcome(case, result, tuple(broken), time.monotonic() - start)

    def _grade(self, path: Path, case: Case) -> tuple[Result, str]:
        (job,) = plan(self.course, [path], case.file.chapter)
        chapter = self.course.chapter(job.chapter)
        submission = as_handed_out(read_submission(job.path, chapter=chapter.name), chapter)
        found: list[tuple[Result, str]] = []

        def emit(result: Result, attempt: Attempt) -> None:
            found.append((result, repr(attempt.outputs)))

        exercises = list(case.expectations)
        self.judge.grade(chapter, [submission], emit, exercises=exercises)
        return found[0]

    def _left_running(self) -> Iterator[str]:
        """Processes that outlived their submission."""
        end = time.monotonic() + PATIENCE
        while (left := self._strangers()) and time.monotonic() < end:
            time.sleep(0.05)
        yield from (f"process {pid} was left behind" for pid in sorted(left))

    def _strangers(self) -> set[int]:
        return set(usage.descendants(os.getpid())) - self._residents

    def _harmed_others(self, case: Case) -> Iterator[str]:
        """What the next submission would suffer."""
        chapter = self.course.chapter(case.file.chapter)
        exercise = next(iter(case.expectations or chapter.exercises))
        found: list[Result] = []
        honest = read_submission(chapter.solution_path)
        try:
            self.judge.grade(
                chapter, [honest], lambda result, _: found.append(result), exercises=[exercise]
            )
        except Exception as error:  # noqa: BLE001 - as above
            yield f"the next submission made the judge raise {type(error).__name__}: {error}"
            return
        if found[0].exit_code:
            yield f"the next submission got {found[0].points} of {found[0].max_points}"

    def close(self) -> None:
        self.judge.close()
        self.canary.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _copy_course(root: Path, limits: dict[str, object]) -> None:
    config = yaml.safe_load((ROOT / "grading_config.yml").read_text("utf-8"))
    config["sandbox"]["limits"] = limits
    config["chapters"] = {name: config["chapters"][name] for name in CHAPTERS}
    config["chapters"]["ch09_convolution"]["exercises"]["conv2d_fast"].pop("limits")
    root.mkdir()
    (root / "grading_config.yml").write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
    (root / "solutions").mkdir()
    for name in CHAPTERS:
        shutil.copytree(ROOT / "assignments" / name, root / "assignments" / name)
        shutil.copytree(ROOT / "release" / name, root / "release" / name)
        shutil.copy(ROOT / "solutions" / f"{name}.py", root / "solutions")


def _misjudged(case: Case, result: Result) -> Iterator[str]:
    """Where the result isn't what it must be."""
    for fault in result.faults:
        yield f"judge fault in {fault.test}: {fault.cause}"
    for exercise in result.exercises:
        expected = case.expectations[exercise.name]
        points = exercise.max_points if expected.points == "full" else expected.points
        if exercise.points != points:
            yield f"{exercise.name} got {exercise.points:g} points, not {points:g}"
        for test in exercise.tests:
            if test.verdict not in expected.verdicts:
                yield f"{exercise.name}::{test.name}: {test.verdict}: {test.message}"
    if case.file.problem and not any(re.search(case.file.problem, p) for p in result.problems):
        yield f"no problem matches {case.file.problem!r} (got {result.problems})"
