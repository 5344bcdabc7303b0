"""One job, from its path to its result: what an executor's process runs.

A process judges with one Judge for as long as it lives. It is made from a `Setup`, which travels to
whatever process the work is given to; a process that was forked from one that had a Judge goes on
with that, its libraries, references and collected graders included.
"""

import contextlib
import gc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course, load_course
from autograder.errors import CourseError
from autograder.grading.handed_out import as_handed_out
from autograder.grading.plan import Job
from autograder.grading.results import find
from autograder.judge.result import JUDGE_FAILED, Result
from autograder.judge.session import UNDRAWN, Judge
from autograder.sandbox.process import Mode
from autograder.submission import read_one_of_many
from autograder.text import Language


@dataclass(frozen=True)
class Setup:
    """How a run judges. What is None comes from the course's config."""

    course: Path
    """Its grading_config.yml."""
    mode: Mode | None = None
    device: str | None = None
    seed: int | None = None
    language: Language | None = None
    show_values: bool | None = None
    exercises: tuple[str, ...] = ()
    """Only these; none: all."""
    environment: tuple[tuple[str, str], ...] = tuple(UNDRAWN.items())
    """Set for every submission."""


@dataclass(frozen=True)
class Judged:
    """A job's result, and whether it was judged now or had been before."""

    result: Result
    anew: bool


_judges: dict[Setup, Judge] = {}


@contextlib.contextmanager
def judge_of(setup: Setup, course: Course | None = None) -> Iterator[Judge]:
    """This process's Judge for `setup`, made at once and closed in the end."""
    judge = _judges[setup] = _make(setup, course or load_course(setup.course))
    try:
        yield judge
    finally:
        del _judges[setup]
        judge.close()


def get_ready(setup: Setup, jobs: Sequence[Job]) -> None:
    """Do what has to be done once: import, collect the graders of the chapters of `jobs`, wait for
    the zygote.

    Raises CourseError where an exercise that was asked for isn't there.
    """
    judge = _judges[setup]
    judge.sandbox.ahead = len(jobs) > 1
    judge.foresee(read_one_of_many(jobs[0].path, chapter=jobs[0].chapter))
    wanted = dict.fromkeys(job.chapter for job in jobs)  # some may be nbgrader's own assignments
    chapters = [name for name in wanted if name in judge.course.chapters]
    for name in chapters:
        chapter = judge.course.chapter(name)
        for exercise in setup.exercises:
            if exercise not in chapter.exercises:
                there = ", ".join(chapter.exercises)
                raise CourseError(f"{name} has no exercise {exercise} (it has {there})")
    with _for_good():
        import torch

        torch.set_num_threads(1)  # no thread may run before a fork; and sums don't depend on --jobs
        for name in chapters:
            judge.get_ready(judge.course.chapter(name), setup.exercises)
    judge.sandbox.wait()


@contextlib.contextmanager
def _for_good() -> Iterator[None]:
    """What is imported and made meanwhile is there to stay: the garbage collector never looks
    through it, which would take longer than most submissions and copy it into every fork."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def part_from_parent(setup: Setup) -> None:
    """In a forked process: share the parent's zygote, and nothing else of its Judge."""
    if setup in _judges:
        _judges[setup].sandbox.part_from_parent()


def judge_one(setup: Setup, job: Job, kept_in: Path | None = None) -> Judged:
    """The result of `job`: what is kept in that folder, where judging would give the same; else it
    is judged in this process."""
    judge = judge_here(setup)
    chapter = judge.course.chapter(job.chapter)
    submission = as_handed_out(read_one_of_many(job.path, chapter=chapter.name), chapter)
    if kept_in is not None:
        now = judge.circumstances(chapter, submission)
        kept = kept_result(kept_in, job, submission.name, now)
        if kept is not None:
            return Judged(kept, anew=False)
    results: list[Result] = []
    judge.grade(
        chapter, [submission], lambda result, _: results.append(result), exercises=setup.exercises
    )
    return Judged(results[0], anew=True)


def judge_here(setup: Setup) -> Judge:
    """This process's Judge for `setup`, made if there is none."""
    if setup not in _judges:
        _judges[setup] = _make(setup, load_course(setup.course))
    return _judges[setup]


def kept_result(folder: Path, job: Job, name: str, now: Mapping[str, Any]) -> Result | None:
    """The result that is kept for `job`, the submission `name`, where judging it in the
    circumstances of `now` would give the same."""
    kept = find(folder, job.path, job.chapter, name)
    if kept is None or kept.exit_code == JUDGE_FAILED:
        return None
    return kept if all(getattr(kept, field) == value for field, value in now.items()) else None


def _make(setup: Setup, course: Course) -> Judge:
    return Judge(
        course,
        mode=setup.mode,
        device=setup.device,
        seed=setup.seed,
        language=setup.language,
        show_values=setup.show_values,
        environment=dict(setup.environment),
    )
