"""`autograder grade` for what nbgrader knows: a gradebook to be written, or assignments of its own.

Processes judge and convert (nbgrader_convert.py), this one lands each submission when it is ready:
rows and folders by nbgrader_gradebook.py, then its result, then the digest that tells the next run
that all of it is there. A run that is killed between two of these does that submission again.
"""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy.exc import SAWarning

from autograder.errors import SubmissionError
from autograder.grading.judging import Judged, Setup, judge_here
from autograder.grading.plan import Job
from autograder.grading.results import LOCK, Results, locked
from autograder.grading.run import each
from autograder.integrations.nbgrader_convert import (
    DEFINITIONS,
    Converted,
    Setting,
    Task,
    convert,
    student_of,
)
from autograder.integrations.nbgrader_course import NbgraderCourse, course_at, define
from autograder.integrations.nbgrader_feedback import give_feedback
from autograder.integrations.nbgrader_gradebook import GradebookWriter
from autograder.submission.text import shown

WORK: Final = ".autograder"  # in autograded/; nbgrader looks for no student there


def grade_class(
    executor: Callable[[], Executor],
    number: int,
    setup: Setup,
    jobs: Sequence[Job],
    emit: Callable[[Job, Judged], None],
    *,
    gradebook: str | None,
    results: Results | None,
    resume: bool,
    feedback: bool,
    say: Callable[[str], None],
) -> None:
    """As `autograder.grading.run.grade`, for jobs of chapters and of nbgrader's own assignments.

    Where a `gradebook` is named, marks go there and notebooks into autograded/ and, with
    `feedback`, feedback/; `say` is told what that says of it.
    """
    # Some for each submission, about nbgrader's own queries, hide the ones that matter.
    warnings.filterwarnings("ignore", category=SAWarning, module=r"nbgrader\.")
    judge = judge_here(setup)
    root = judge.course.root
    course = course_at(root, gradebook)
    writer = GradebookWriter(course) if gradebook is not None else None
    if writer is not None:
        jobs = _wanted(jobs, course, say)
    with _workplace(course.autograded(".", ".") if writer is not None else None) as work:
        names = {job.chapter for job in jobs if writer or job.chapter not in judge.course.chapters}
        digests = define(course, names, work / DEFINITIONS, written=writer is not None)
        kept_in = results.folder if results is not None and resume else None
        setting = Setting(setup, root, gradebook, work, digests, kept_in)
        entered = writer.submissions() if writer is not None else set()
        tasks = [Task(job, _is_there(course, job, entered)) for job in jobs]
        without_feedback: list[Job] = []

        def land(task: Task, converted: Converted) -> None:
            job, judged = task.job, converted.judged
            if judged.anew and writer is not None:
                judged = _land(writer, results, job, converted)
            elif judged.anew and results is not None:
                results.keep(job.path, judged.result)
            if not converted.failed and not _has_feedback(course, job):
                without_feedback.append(job)
            emit(job, judged)

        each(executor, number, partial(convert, setting), tasks, land)
        if writer is not None and feedback and without_feedback:
            say(f"writing feedback for {len(without_feedback)}")
            work_on = partial(give_feedback, setting)
            each(executor, number, work_on, without_feedback, lambda _, lines: _say_all(say, lines))


def _land(
    writer: GradebookWriter, results: Results | None, job: Job, converted: Converted
) -> Judged:
    """Write what came of a job; its result, with what couldn't be written."""
    assert converted.work is not None
    judged = converted.judged
    if results is not None:
        results.is_landing(job.path, judged.result)
    problems = writer.land(student_of(job), job.chapter, converted.work, failed=converted.failed)
    if problems:
        told = [*judged.result.problems, *problems]
        judged = replace(judged, result=msgspec.structs.replace(judged.result, problems=told))
    if results is not None:
        results.keep(job.path, judged.result)
        results.has_landed(job.path, judged.result, converted.landing)
    shutil.rmtree(converted.work)
    return judged


def _wanted(jobs: Sequence[Job], course: NbgraderCourse, say: Callable[[str], None]) -> list[Job]:
    """Without the students whom nbgrader's configuration leaves out; raises SubmissionError where
    somebody's work for an assignment lies in two places."""
    without = course.coursedir.student_id_exclude.split(",")
    wanted = [job for job in jobs if student_of(job) not in without]
    if len(wanted) < len(jobs):
        say(f"left out by CourseDirectory.student_id_exclude: {len(jobs) - len(wanted)}")
    places: dict[tuple[str, str], Job] = {}
    for job in wanted:
        key = (student_of(job), job.chapter)
        if key in places:
            raise SubmissionError(
                f"two submissions of {shown(key[0])} for {job.chapter}, of which a gradebook can"
                f" hold one: {shown(str(places[key].path))}, {shown(str(job.path))}"
            )
        places[key] = job
    return wanted


def _is_there(course: NbgraderCourse, job: Job, entered: set[tuple[str, str]]) -> bool:
    student = student_of(job)
    return (student, job.chapter) in entered and course.autograded(student, job.chapter).is_dir()


def _has_feedback(course: NbgraderCourse, job: Job) -> bool:
    """Whether there is feedback, and of the autograded notebooks that are there now."""
    names = (student_of(job), job.chapter)
    autograded, feedback = course.autograded(*names), course.feedback(*names)
    if not autograded.is_dir() or not feedback.is_dir():
        return not autograded.is_dir()
    return feedback.stat().st_mtime_ns >= autograded.stat().st_mtime_ns


@contextmanager
def _workplace(autograded: Path | None) -> Iterator[Path]:
    """A folder for what is being made, beside where it goes; this run's alone, and gone with it."""
    if autograded is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    with locked(autograded / WORK) as work:
        _empty(work)  # of what a killed run left
        try:
            yield work
        finally:
            _empty(work)


def _empty(work: Path) -> None:
    for path in work.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()


def _say_all(say: Callable[[str], None], lines: Sequence[str]) -> None:
    for line in lines:
        say(line)
