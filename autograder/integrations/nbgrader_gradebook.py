"""nbgrader's gradebook, and the one who writes it while a class is graded.

A submission lands in one transaction: the rows that `nbgrader autograde` would have written, by
nbgrader's own model and preprocessors, and the autograded folder, renamed into its place. Nothing
of it is there before, and no connection is open between two submissions, when processes are forked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat.v4
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry, SubmittedNotebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    AssignLatePenalties,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import NullPool
from traitlets.utils.importstring import import_item

from autograder.errors import AutograderError
from autograder.integrations.nbgrader_course import NbgraderCourse, engine_for


class GradebookWriter:
    """Writes the gradebook and the autograded/ folder of `course`, which it makes where there is
    none."""

    def __init__(self, course: NbgraderCourse) -> None:
        self._course = course
        self._engine = engine_for(course.url, poolclass=NullPool)
        try:
            self._gradebook = Gradebook(course.url, course.coursedir.course_id)
        except FileNotFoundError as error:
            raise AutograderError(
                f"a new gradebook needs the command {error.filename}: activate the virtual"
                " environment"
            ) from error
        except (SQLAlchemyError, ImportError) as error:
            raise self._failed(error) from error
        self._gradebook.close()
        self._autograde = Autograde(coursedir=course.coursedir, parent=course.app)

    def submissions(self) -> set[tuple[str, str]]:
        """(student, assignment) of every submission that the gradebook has."""
        with self._transaction() as gradebook:
            return {
                (submission.student_id, assignment.name)
                for assignment in gradebook.assignments
                for submission in assignment.submissions
            }

    def land(self, student: str, assignment: str, work: Path, *, failed: bool) -> list[str]:
        """Enter a submission that was converted in `work`, and put its notebooks in their place;
        what kept some of it from being entered."""
        submitted = work / "submitted" / student / assignment
        made = work / "autograded" / student / assignment
        target = self._course.autograded(student, assignment)
        with self._transaction() as gradebook:
            try:
                if self._autograde.create_student:
                    gradebook.update_or_create_student(student)
                else:
                    gradebook.find_student(student)
            except MissingEntry:
                return [f"the gradebook has no student {student}, and may not get one"]
            try:
                timestamp = self._course.coursedir.get_existing_timestamp(str(submitted))
            except (AttributeError, ValueError):  # nbgrader trips over it too
                return ["timestamp.txt can't be read; nothing was entered"]
            known = {"timestamp": timestamp} if timestamp else {}
            submission = gradebook.update_or_create_submission(assignment, student, **known)
            missing = [
                notebook
                for notebook in submission.notebooks
                if not (submitted / f"{notebook.name}.ipynb").is_file()
            ]
            if len(missing) < len(submission.notebooks):
                _give_nothing(missing)
            try:
                for notebook in submission.notebooks:
                    if not failed and notebook not in missing:
                        self._enter(gradebook, notebook, made / f"{notebook.name}.ipynb")
            except MissingEntry as error:  # the assignment was generated anew since
                gradebook.db.rollback()
                return [f"the gradebook has no room for all marks, nothing was entered: {error}"]
            gradebook.db.commit()
            place(work, None if failed else made, target)
        return []

    def _enter(self, gradebook: Gradebook, notebook: SubmittedNotebook, file: Path) -> None:
        """What nbgrader's SaveAutoGrades and AssignLatePenalties do, in this transaction."""
        nb = nbformat.v4.reads(file.read_text("utf-8"))  # type: ignore[no-untyped-call]
        student = notebook.student.id
        for step in self._writing():
            step.gradebook, step.student_id = gradebook, student
            step.notebook_id, step.assignment_id = notebook.name, notebook.assignment.name
            NbGraderPreprocessor.preprocess(step, nb, {})
            if isinstance(step, AssignLatePenalties):
                gradebook.db.expire_all()  # scores are sums of what was entered
                _assign_penalty(step, notebook, student)

    def _writing(self) -> Iterator[Any]:
        """Those of the configured preprocessors that write to the gradebook."""
        for each in self._autograde.autograde_preprocessors:
            found = import_item(each) if isinstance(each, str) else each
            if isinstance(found, type) and issubclass(found, SaveAutoGrades | AssignLatePenalties):
                yield found(parent=self._autograde)

    @contextmanager
    def _transaction(self) -> Iterator[Gradebook]:
        """The gradebook; what nbgrader's code commits is committed in the end, all or nothing."""
        try:
            with self._engine.begin() as connection:
                session = sessionmaker(
                    bind=connection,
                    join_transaction_mode="rollback_only",
                    expire_on_commit=False,
                )
                self._gradebook.db = scoped_session(session)
                try:
                    yield self._gradebook
                finally:
                    self._gradebook.db.remove()
        except (SQLAlchemyError, InvalidEntry) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> AutograderError:
        return AutograderError(
            f"can't use the gradebook {self._course.shown_url}: {error}\nWhat was written before is"
            " safe; the same command goes on where this one stopped."
        )


def place(work: Path, made: Path | None, target: Path) -> None:
    """Put a folder in the place of the one before it, which goes to `work`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rename(work / "before")
    if made is not None:
        made.rename(target)


def _give_nothing(missing: list[SubmittedNotebook]) -> None:
    """Notebooks that weren't handed in get zero, as nbgrader gives it."""
    for notebook in missing:
        for grade in notebook.grades:
            grade.auto_score = 0
            grade.needs_manual_grade = False


def _assign_penalty(step: AssignLatePenalties, notebook: SubmittedNotebook, student: str) -> None:
    step.init_plugin()
    notebook.late_submission_penalty = None
    late = notebook.assignment.total_seconds_late
    if late > 0:
        penalty = step.plugin_inst.late_submission_penalty(student, notebook.score, late)
        if penalty is not None:
            notebook.late_submission_penalty = step._check_late_penalty(notebook, penalty)
