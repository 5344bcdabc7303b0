"""Grades paths, one after the other, each in its own worker from one zygote."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Chapter, Course
from autograder.errors import CourseError, SubmissionError
from autograder.grading.handed_out import as_handed_out
from autograder.grading.results import Results
from autograder.judge.result import JUDGE_FAILED, Result
from autograder.judge.session import Judge
from autograder.submission import Submission, discover, read_submission


@dataclass(frozen=True)
class Job:
    """A path to grade, and the chapter that it is a submission for."""

    path: Path
    chapter: Chapter


def plan(course: Course, paths: Sequence[Path], chapter: str | None = None) -> list[Job]:
    """What `paths` hold, in order, chapter by chapter; raises SubmissionError where the chapter
    can't be told."""
    wanted = course.chapter(chapter) if chapter else None
    found = discover(paths, chapter=wanted.name if wanted else None)
    if not found:
        names = ", ".join(map(str, paths))
        raise SubmissionError(f"no notebook, .py file or zip to grade in {names}")
    jobs = [Job(path, wanted or chapter_of(course, path)) for path in found]
    order = list(course.chapters)
    return sorted(jobs, key=lambda job: order.index(job.chapter.name))


def chapter_of(course: Course, path: Path) -> Chapter:
    """The chapter that `path` names or, failing that, whose exercises are in it."""
    resolved = path.resolve()
    for part in (resolved.stem, *(parent.name for parent in resolved.parents)):
        if part in course.chapters:
            return course.chapters[part]
    cells = read_submission(path).cells
    ids = {cell.grade_id for cell in cells}
    sources = [cell.source for cell in cells]
    for holds in (
        lambda name: name in ids,
        lambda name: any(
            f"def {name}(" in source or f"class {name}" in source for source in sources
        ),
    ):
        fitting = [c for c in course.chapters.values() if any(map(holds, c.exercises))]
        if len(fitting) == 1:
            return fitting[0]
    known = ", ".join(course.chapters)
    raise SubmissionError(
        f"can't tell which chapter {path} is for; say --chapter with one of {known}"
    )


def grade(
    judge: Judge,
    jobs: Sequence[Job],
    emit: Callable[[Result], None],
    *,
    exercises: Sequence[str] = (),
    began: Callable[[Job], None] = lambda _: None,
    results: Results | None = None,
    resume: bool = True,
) -> int:
    """Judge each job and hand its result to `emit`, as soon as it is there; how many were judged.

    With `results`, each is kept there before it is handed on, and with `resume` a submission is
    judged only if what is kept there isn't what judging it would give.
    """
    chapters = {job.chapter.name: job.chapter for job in jobs}
    for name, exercise in itertools.product(chapters, exercises):  # all before any is graded
        if exercise not in chapters[name].exercises:
            there = ", ".join(chapters[name].exercises)
            raise CourseError(f"{name} has no exercise {exercise} (it has {there})")
    judged = 0
    for chapter in chapters.values():
        own = [job for job in jobs if job.chapter.name == chapter.name]
        queue = _Queue(judge, own, emit, began, results, resume=resume)
        judge.grade(chapter, queue.submissions(), queue.keep, exercises=exercises)
        judged += queue.judged
    return judged


class _Queue:
    """The jobs of one chapter, on their way into the judge and out of it."""

    def __init__(
        self,
        judge: Judge,
        jobs: Sequence[Job],
        emit: Callable[[Result], None],
        began: Callable[[Job], None],
        results: Results | None,
        *,
        resume: bool,
    ) -> None:
        self.judge = judge
        self.jobs = jobs
        self.emit = emit
        self.began = began
        self.results = results
        self.resume = resume
        self.current = jobs[0]
        self.judged = 0

    def submissions(self) -> Iterator[Submission]:
        """Those that have to be judged; what is kept of the others is handed on."""
        for job in self.jobs:
            self.current = job
            self.began(job)
            submission = read_submission(job.path, chapter=job.chapter.name)
            submission = as_handed_out(submission, job.chapter)
            kept = self._kept(submission)
            if kept is None:
                yield submission
            else:
                self.emit(kept)

    def keep(self, result: Result, _: object) -> None:
        """Keep the result of the current job, then hand it on."""
        self.judged += 1
        if self.results is not None:
            self.results.keep(self.current.path, result)
        self.emit(result)

    def _kept(self, submission: Submission) -> Result | None:
        """The result that is kept for `submission`, where judging it now would give the same."""
        if self.results is None or not self.resume:
            return None
        chapter = self.current.chapter
        kept = self.results.find(self.current.path, chapter.name, submission.name)
        if kept is None or kept.exit_code == JUDGE_FAILED:
            return None
        now = self.judge.circumstances(chapter, submission)
        same = all(getattr(kept, name) == value for name, value in now.items())
        return kept if same else None
