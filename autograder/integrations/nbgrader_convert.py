"""One submission, as nbgrader's Autograde converts it: what a judging process of `grade` does.

It runs nbgrader's own converter with the course's configuration, the sandbox in the place of its
kernel, a copy of the definitions for a gradebook and a folder of its own:

    WORK/definitions.db       the assignments, without students (nbgrader_course.py)
    WORK/STUDENT-…/           one submission; left to whoever lands it, or removed
        gradebook.db          a copy of the definitions, and what nbgrader enters there
        submitted/STUDENT/ASSIGNMENT/
        autograded/STUDENT/ASSIGNMENT/

So nothing that a submission does reaches the gradebook, the class's folders or another submission.
"""

import contextlib
import glob
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec
from nbformat import writes
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import AssignLatePenalties, Execute
from traitlets.utils.importstring import import_item

from autograder.course import Chapter
from autograder.errors import SubmissionError
from autograder.grading.handed_out import as_handed_out
from autograder.grading.judging import Judged, Setup, judge_here, judge_one, kept_result
from autograder.grading.plan import Job
from autograder.grading.results import landed
from autograder.integrations.nbgrader import SandboxedExecute, judging_with
from autograder.integrations.nbgrader_course import NbgraderCourse, course_at
from autograder.integrations.nbgrader_exercises import exercises_of
from autograder.integrations.nbgrader_intake import notebook_of
from autograder.judge.result import (
    CourseInfo,
    ExerciseResult,
    Fault,
    Result,
    SubmissionInfo,
)
from autograder.judge.session import Judge
from autograder.submission import (
    TIMESTAMP,
    ReadLimits,
    Submission,
    digest_of,
    name_of,
    read_file,
    read_files,
    read_one_of_many,
    timestamp_of,
)
from autograder.submission.text import shown

DEFINITIONS: Final = "definitions.db"
_MOST_SAID: Final = 20  # lines of nbgrader's about a submission that it can't convert


@dataclass(frozen=True)
class Setting:
    """What is the same for every submission of a run."""

    setup: Setup
    root: Path
    gradebook: str | None
    """As the user named it; None: marks go nowhere but into results."""
    work: Path
    digests: Mapping[str, str]
    """Of the definitions of each assignment."""
    kept_in: Path | None

    @property
    def course(self) -> NbgraderCourse:
        """In this process."""
        return course_at(self.root, self.gradebook)


@dataclass(frozen=True)
class Task:
    """A job, and whether the gradebook and nbgrader's folders have that submission already."""

    job: Job
    there: bool = False


@dataclass(frozen=True)
class Converted:
    """What came of a task."""

    judged: Judged
    landing: str = ""
    """The digest of all that decides what is to be written; empty: nothing is."""
    work: Path | None = None
    """The submission's folder below the run's work, for whoever lands it to remove."""
    failed: bool = False
    """nbgrader couldn't convert it: there are no marks and no autograded notebooks."""


@dataclass(frozen=True)
class _Read:
    """A submission as it was handed in, and as it is judged."""

    student: str
    submission: Submission
    files: dict[str, bytes]
    digest: str
    timestamp: bytes | None


def student_of(job: Job) -> str:
    """Whose submission it is."""
    return name_of(job.path, job.chapter)


def convert(setting: Setting, task: Task) -> Converted:
    """Judge a submission and convert its notebooks, or tell that this needn't be done again."""
    job, judge = task.job, judge_here(setting.setup)
    chapter = judge.course.chapters.get(job.chapter)
    if setting.gradebook is None and chapter is not None:
        return Converted(judge_one(setting.setup, job, setting.kept_in))
    read = _read(job, chapter)
    now = _circumstances(setting, judge, job, chapter, read)
    landing = _landing(setting, job, now, read) if setting.gradebook is not None else ""
    if setting.kept_in is not None and (task.there or not landing):
        name = read.submission.name
        kept = kept_result(setting.kept_in, job, name, now)
        before = landed(setting.kept_in, job.path, job.chapter, name) or ""
        if kept is not None and before == landing:
            return Converted(Judged(kept, anew=False))
    work = Path(tempfile.mkdtemp(dir=setting.work))
    try:
        converted = _convert(setting, judge, job, read, now, work)
    except BaseException:
        shutil.rmtree(work)
        raise
    if not landing:
        shutil.rmtree(work)
        return Converted(converted.judged)
    _sync(work)
    return replace(converted, landing=landing, work=work)


def _read(job: Job, chapter: Chapter | None) -> _Read:
    student = student_of(job)
    if chapter is None:
        submission = Submission(student, job.path, (), {}, "", ())
        files = _files(job.path)
    else:
        submission = as_handed_out(read_one_of_many(job.path, chapter=chapter.name), chapter)
        files = _files_of_chapter(job.path, submission, f"{chapter.name}.ipynb")
    timestamp = timestamp_of(job.path) if job.path.is_dir() else None
    return _Read(student, submission, files, digest_of((), files), timestamp)


def _files(path: Path) -> dict[str, bytes]:
    """What was handed in, notebooks and all; nothing where it can't be read any more."""
    try:
        if path.is_dir():
            return read_files(path)
        return {path.name: read_file(path, ReadLimits().notebook)}
    except (OSError, SubmissionError):
        return {}


def _files_of_chapter(path: Path, submission: Submission, notebook: str) -> dict[str, bytes]:
    """The same, with its notebook called as nbgrader wants it; of a zip or a .py file one with the
    cells that are judged."""
    files = _files(path)
    if notebook in files:
        return files
    candidates = [name for name in files if "/" not in name and name.endswith(".ipynb")]
    if len(candidates) == 1:
        return files | {notebook: files.pop(candidates[0])}
    made: str = writes(notebook_of([], submission.cells))  # type: ignore[no-untyped-call]
    return dict(submission.files) | {notebook: made.encode(errors="replace")}


def _circumstances(
    setting: Setting, judge: Judge, job: Job, chapter: Chapter | None, read: _Read
) -> dict[str, Any]:
    """Those fields of the Result that are known before."""
    if chapter is not None:
        return judge.circumstances(chapter, read.submission)
    parts = [setting.digests[job.chapter], setting.course.settings, repr(judge.sandbox.limits)]
    return {
        "submission": SubmissionInfo(shown(read.student), read.digest),
        "course": CourseInfo(job.chapter, hashlib.sha256("\0".join(parts).encode()).hexdigest()),
        **judge.surroundings(),
    }


def _landing(setting: Setting, job: Job, now: Mapping[str, Any], read: _Read) -> str:
    """A digest of all that decides what is written of a submission, and where."""
    course = setting.course
    parts = [
        msgspec.json.encode(now, order="sorted"),
        read.digest.encode(),
        repr(read.timestamp).encode(),
        setting.digests[job.chapter].encode(),
        course.settings.encode(),
        course.shown_url.encode(),
        os.fsencode(course.autograded(read.student, job.chapter)),
    ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _convert(
    setting: Setting, judge: Judge, job: Job, read: _Read, now: Mapping[str, Any], work: Path
) -> Converted:
    course, url = setting.course, f"sqlite:///{work / 'gradebook.db'}"
    shutil.copy(setting.work / DEFINITIONS, work / "gradebook.db")
    stamped = {} if read.timestamp is None else {TIMESTAMP: read.timestamp}
    for name, data in (read.files | stamped).items():
        file = work / "submitted" / read.student / job.chapter / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    steps = course.coursedir.submitted_directory, course.coursedir.autograded_directory
    elsewhere = dict(zip(steps, (work / "submitted", work / "autograded"), strict=True))
    place = course.workplace(job.chapter, url, elsewhere)
    place.student_id = glob.escape(read.student)
    autograde = Autograde(coursedir=place, parent=course.app)
    autograde.create_student = True  # whether it may, the gradebook's writer asks
    autograde.autograde_preprocessors = _sandboxed(autograde.autograde_preprocessors)
    failure: list[str] = []
    with judging_with(judge) as session, course.log() as said:
        try:
            autograde.start()
        except NbGraderException as error:
            failure = [f"nbgrader couldn't convert it: {error}", *said][:_MOST_SAID]
    if session.fault is not None:
        raise session.fault
    result = session.results.get(job.chapter)
    if job.chapter not in judge.course.chapters:
        problems = [*session.said, *failure]
        exercises = exercises_of(url, read.student, job.chapter, work / "autograded")
        result = Result(**now, exercises=exercises, problems=problems)
    elif result is None:
        chapter = judge.course.chapter(job.chapter)
        nothing = [ExerciseResult(e.name, 0, e.points, []) for e in chapter.exercises.values()]
        result = Result(**now, exercises=nothing, faults=[Fault("", "\n".join(failure))])
    else:
        own = [problem.to(judge.language) for problem in read.submission.problems]
        faults = [*result.faults, *(Fault("", text) for text in failure[:1])]
        problems = list(dict.fromkeys([*own, *result.problems]))
        result = msgspec.structs.replace(result, **now, problems=problems, faults=faults)
    return Converted(Judged(result, anew=True), failed=bool(failure))


def _sandboxed(preprocessors: Iterable[Any]) -> list[Any]:
    """What the course configured, with the sandbox in the place of nbgrader's kernel. Penalties
    are for the gradebook itself."""
    found = [import_item(each) if isinstance(each, str) else each for each in preprocessors]
    classes = [
        SandboxedExecute if isinstance(each, type) and issubclass(each, Execute) else each
        for each in found
        if not (isinstance(each, type) and issubclass(each, AssignLatePenalties))
    ]
    return classes if SandboxedExecute in classes else [SandboxedExecute, *classes]


def _sync(folder: Path) -> None:
    """Have the disk hold what is to be landed, before its name says that it does."""
    for path in folder.glob("autograded/**/*"):
        descriptor = os.open(path, os.O_RDONLY)
        with contextlib.suppress(OSError):  # some file systems can't, for folders
            os.fsync(descriptor)
        os.close(descriptor)
