"""nbgrader's autograde, with the judge in place of its kernel.

`SandboxedExecute` stands where nbgrader's `Execute` stood in `Autograde.autograde_preprocessors`.
It runs the notebook's cells in a worker, writes their outputs into the notebook and has the judge
grade each exercise. The test cell of an exercise gets a plain float as its result, which is what
nbgrader reads as partial credit, and the messages beside it. A graded cell that is no exercise of
the course (an instructor's own) keeps the outputs that it had in the worker, and nbgrader scores it
by its own rules; only stderr never zeroes a cell.

The sandbox lives as long as the process, for all submissions of a run; under `autograder grade` it
is that run's (`judging_with`). nbgrader_intake.py is about what happens to a notebook before,
nbgrader_marks.py about what nbgrader would misread in a cell's outputs.
"""

import atexit
import contextlib
import json
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from autograder.config import find_config
from autograder.course import Chapter, Course, load_course
from autograder.errors import ConfigError, CourseError
from autograder.hidden import strip_hidden
from autograder.integrations.nbgrader_marks import make_readable
from autograder.integrations.nbgrader_names import ENVIRONMENT
from autograder.judge.attempt import Attempt
from autograder.judge.result import ExerciseResult, Result
from autograder.judge.session import Judge
from autograder.report.markdown import exercise_html, exercise_markdown
from autograder.sandbox.limits import Limits, Span
from autograder.sandbox.process import Sandbox
from autograder.submission import Submission, from_notebook, read_files
from autograder.text import Language


@dataclass
class Session:
    """A judge for the notebooks that nbgrader converts in this process, and what came of them."""

    judge: Judge
    results: dict[str, Result] = field(default_factory=dict)
    """Of the chapters."""
    said: list[str] = field(default_factory=list)
    """What is odd about the other notebooks."""
    fault: Exception | None = None
    """What kept a notebook from being judged; nbgrader goes on after it."""


_session: ContextVar[Session | None] = ContextVar("session", default=None)


@contextlib.contextmanager
def judging_with(judge: Judge) -> Iterator[Session]:
    """Have nbgrader's conversions judged by `judge`, which knows their course."""
    session = Session(judge)
    token = _session.set(session)
    try:
        yield session
    finally:
        _session.reset(token)


class SandboxedExecute(NbGraderPreprocessor):  # type: ignore[misc]
    """Runs a submission in the sandbox and has the judge grade it."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """nbgrader's entry point."""
        ids = resources["nbgrader"]
        language = _language(ids)
        if language != "python":
            self._say(f"language {language}: nbgrader itself runs this notebook, WITHOUT a sandbox")
            return Execute(parent=self.parent).preprocess(nb, resources)  # type: ignore[no-any-return]
        try:
            self._judge(nb, resources)
        except Exception as error:
            if (session := _session.get()) is not None:
                session.fault = error
            raise
        return nb, resources

    def _judge(self, nb: NotebookNode, resources: Any) -> None:
        folder = Path(resources["metadata"]["path"])
        submission = from_notebook(
            nb, name=resources["nbgrader"]["student"], files=_data_files(folder)
        )
        found = chapter_of(resources)
        if found is None:
            self._only_run(nb, submission, _course_here())
        else:
            self._grade(nb, _as_released(submission, found[1]), *found)

    def _only_run(self, nb: NotebookNode, submission: Submission, course: Course | None) -> None:
        """A notebook that the course doesn't know: its cells, with nbgrader's rules."""
        sandbox = _judge_of(course).sandbox if course else _sandbox()
        limits = self._limits(sandbox.limits)
        attempt = _run(sandbox, submission, limits)
        if attempt.disturbed:
            attempt = _run(sandbox, submission, limits)
        _write_outputs(nb, attempt)
        for problem in attempt.problems:
            self._say(f"{submission.name}: {problem.en}")
        for name, cell in _test_cells(nb).items():
            self._make_readable(submission, name, cell)

    def _make_readable(self, submission: Submission, name: str, cell: NotebookNode) -> None:
        for text in make_readable(cell):
            self._say(f"{submission.name}: {name}: {text}")

    def _limits(self, limits: Limits) -> Limits:
        """nbgrader's time limit of a cell counts, where the instructor has set one."""
        timeout = self.config.Execute.get("timeout")
        if not isinstance(timeout, int) or timeout <= 0:
            return limits
        return replace(limits, cell=Span(wall=timeout, cpu=max(timeout, limits.cell.cpu)))

    def _say(self, text: str) -> None:
        self.log.warning("%s", text)
        if (session := _session.get()) is not None:
            session.said.append(text)

    def _grade(
        self, nb: NotebookNode, submission: Submission, course: Course, chapter: Chapter
    ) -> None:
        cells = _test_cells(nb)
        _check_points(cells, chapter)
        judge = _judge_of(course)
        results: list[Result] = []

        def emit(result: Result, attempt: Attempt) -> None:
            _write_outputs(nb, attempt)
            results.append(result)

        judge.grade(chapter, [submission], emit)
        result = results[0]
        if (session := _session.get()) is not None:
            session.results[chapter.name] = result
        for exercise in result.exercises:
            if exercise.name in cells:
                _write_score(cells[exercise.name], exercise, judge.language)
            else:
                self.log.warning(
                    "%s: the test cell of %s is missing", submission.name, exercise.name
                )
        for name, cell in cells.items():
            if name not in chapter.exercises:
                self._make_readable(submission, name, cell)
        if not result.sandbox.safe:
            self.log.warning("sandbox: none. Submissions run UNSAFELY, with your rights")
        for problem in result.problems:
            self.log.warning("%s: %s", submission.name, problem)
        for fault in result.faults:
            self.log.error(
                "judge fault, costs no points: %s: %s\n%s", fault.test, fault.cause, fault.traceback
            )


class HideTests(NbGraderPreprocessor):  # type: ignore[misc]
    """Takes hidden tests out of the feedback, and out of what is quoted there of their code."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        """nbconvert's entry point for one cell."""
        if is_grade(cell) and not is_solution(cell) and cell.cell_type == "code":
            visible = strip_hidden(cell.source)
            if visible != cell.source:
                cell.source = visible
                for output in cell.outputs:
                    if output.output_type == "error":
                        output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources


def chapter_of(resources: Any) -> tuple[Course, Chapter] | None:
    """The course and chapter that a notebook which nbgrader is converting is for, if any."""
    ids = resources["nbgrader"]
    course = _course_here()
    chapter = course.chapters.get(ids["assignment"]) if course else None
    if course is None or chapter is None or ids["notebook"] != chapter.name:
        return None
    return course, chapter


def _data_files(folder: Path) -> dict[str, bytes]:
    """What lies beside the notebook, but for notebooks: those are graded already, tests and all."""
    files = read_files(folder)
    return {name: data for name, data in files.items() if not name.endswith(".ipynb")}


def _language(ids: dict[str, str]) -> str:
    """The language of the instructor's notebook.

    The submission isn't asked: a student who calls Python by another name would leave the sandbox.
    """
    with Gradebook(ids["db_url"]) as gradebook:
        kernelspec = gradebook.find_notebook(ids["notebook"], ids["assignment"]).kernelspec
    language = (json.loads(kernelspec) or {}).get("language") if kernelspec else None
    return str(language or "python").lower()


def _as_released(submission: Submission, chapter: Chapter) -> Submission:
    """Without our hidden block, which would raise; an instructor's own hidden tests are run."""
    return replace(
        submission,
        cells=tuple(
            replace(cell, source=strip_hidden(cell.source))
            if cell.graded and cell.grade_id in chapter.exercises
            else cell
            for cell in submission.cells
        ),
    )


def _run(sandbox: Sandbox, submission: Submission, limits: Limits) -> Attempt:
    """The submission's cells, run; its outputs stay."""
    attempt = Attempt(sandbox, submission, limits)
    try:
        attempt.worker()
    finally:
        attempt.close()
    return attempt


def _test_cells(nb: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that are graded by what comes of running them, by grade id."""
    return {
        cell.metadata.nbgrader["grade_id"]: cell
        for cell in nb.cells
        if is_grade(cell) and not is_solution(cell) and cell.cell_type == "code"
    }


def _check_points(cells: dict[str, NotebookNode], chapter: Chapter) -> None:
    """nbgrader refuses a score above the cell's points: say what really is wrong."""
    for name, exercise in chapter.exercises.items():
        points = (
            float(cells[name].metadata.nbgrader["points"]) if name in cells else exercise.points
        )
        if points != exercise.points:
            raise CourseError(
                f"{name} has {points:g} points in the gradebook and {exercise.points:g} in "
                f"grading_config.yml: chapters.{chapter.name}. Run: autograder build {chapter.name}"
            )


def _write_outputs(nb: NotebookNode, attempt: Attempt) -> None:
    """Give every code cell the outputs that it had in the worker."""
    count = 0
    for index, cell in enumerate(nb.cells):
        if cell.cell_type != "code":
            continue
        count += 1
        outputs = attempt.outputs.get(index, [])
        if is_grade(cell):
            outputs = [_as_stdout(output) for output in outputs]
        cell.execution_count = count
        cell.outputs = from_dict(outputs)  # type: ignore[no-untyped-call]


def _as_stdout(output: dict[str, Any]) -> dict[str, Any]:
    """A warning on stderr is no reason for a zero, which it is in nbgrader."""
    if output["output_type"] == "stream":
        return output | {"name": "stdout"}
    return output


def _write_score(cell: NotebookNode, exercise: ExerciseResult, language: Language) -> None:
    """The messages, what the visible checks said, and last the score as nbgrader reads it."""
    message = {
        "output_type": "display_data",
        "metadata": {},
        "data": {
            "text/html": exercise_html(exercise, language),
            "text/markdown": exercise_markdown(exercise, language),
            "text/plain": f"{exercise.name}: {exercise.points:g} / {exercise.max_points:g}",
        },
    }
    score = {
        "output_type": "execute_result",
        "execution_count": cell.execution_count,
        "metadata": {},
        "data": {"text/plain": repr(float(exercise.points))},
    }
    checks = [
        _quoted(output) for output in cell.outputs if output["output_type"] in ("stream", "error")
    ]
    cell.outputs = from_dict([message, *checks, score])  # type: ignore[no-untyped-call]


def _quoted(output: dict[str, Any]) -> dict[str, Any]:
    """An output that can't be taken for a score or a failure."""
    text = output["text"] if "text" in output else f"{output['ename']}: {output['evalue']}\n"
    return {"output_type": "stream", "name": "stdout", "text": text}


def _course_here() -> Course | None:
    """The course around nbgrader's own root, where its converters work.

    It isn't looked for from the submission's folder upwards: a student who hands in a
    grading_config.yml, graders and solutions would be graded by these, outside of the sandbox.
    """
    session = _session.get()
    return session.judge.course if session is not None else _course(str(Path.cwd()))


@cache
def _course(folder: str) -> Course | None:
    """The course around `folder`; None where there is no grading_config.yml above it."""
    try:
        return load_course(find_config(folder))
    except ConfigError as error:
        if "no grading_config.yml" in str(error):
            return None
        raise


def _judge_of(course: Course) -> Judge:
    session = _session.get()
    return session.judge if session is not None else _judge(course.root)


@cache
def _judge(root: Path) -> Judge:
    course = _course(str(root))
    assert course is not None
    judge = Judge(course, environment=ENVIRONMENT)
    atexit.register(judge.close)
    return judge


@cache
def _sandbox() -> Sandbox:
    """For a folder without a course."""
    sandbox = Sandbox(Limits(), environment=ENVIRONMENT)
    atexit.register(sandbox.close)
    return sandbox
