"""nbgrader's side of a course: its configuration, its folders, its gradebook's assignments.

`autograder grade` reads the configuration that nbgrader reads. What a gradebook knows of the
assignments (their cells, points and due dates) goes into a small one, the definitions, without any
student: judging processes get copies of it, and neither the gradebook nor a way to it.
"""

import hashlib
import json
import logging
import re
import sqlite3
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import nbgrader
from nbgrader import api
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import chdir
from sqlalchemy import Engine, create_engine, event, insert, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from autograder.errors import AutograderError, CourseError

_TABLES: Final = (
    api.Course,
    api.Assignment,
    api.Notebook,
    api.BaseCell,
    api.GradeCell,
    api.SolutionCell,
    api.TaskCell,
    api.SourceCell,
)
_BUSY: Final = 60_000  # milliseconds; what else writes an SQLite gradebook is soon done


class Workplace(CourseDirectory):  # type: ignore[misc]
    """The course's folders, but for those of some of nbgrader's steps, which are elsewhere."""

    elsewhere: Mapping[str, Path] = {}
    """By the steps' names, the folders in which STUDENT/ASSIGNMENT are."""

    def format_path(
        self, nbgrader_step: str, student_id: str, assignment_id: str, escape: bool = False
    ) -> str:
        """nbgrader's way to every folder."""
        if nbgrader_step not in self.elsewhere:
            path: str = super().format_path(nbgrader_step, student_id, assignment_id, escape)
            return path
        folder = str(self.elsewhere[nbgrader_step])
        return "/".join((re.escape(folder) if escape else folder, student_id, assignment_id))


@dataclass(frozen=True)
class NbgraderCourse:
    """What nbgrader's commands go by in a course's folder."""

    app: NbGrader
    coursedir: CourseDirectory
    url: str
    """The gradebook's."""

    @property
    def shown_url(self) -> str:
        """The gradebook's URL, without a password."""
        return make_url(self.url).render_as_string(hide_password=True)

    @property
    def settings(self) -> str:
        """A digest of nbgrader's version and configuration."""
        config = json.dumps(self.app.config, sort_keys=True, default=_name)
        return hashlib.sha256(f"{nbgrader.__version__}\0{config}".encode()).hexdigest()

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Where a step of nbgrader's has a student's assignment."""
        return Path(self.coursedir.format_path(step, student, assignment))

    def autograded(self, student: str, assignment: str) -> Path:
        """Where the autograded notebooks of a submission are."""
        return self.folder(self.coursedir.autograded_directory, student, assignment)

    def feedback(self, student: str, assignment: str) -> Path:
        """Where the feedback for a submission is."""
        return self.folder(self.coursedir.feedback_directory, student, assignment)

    def workplace(self, assignment: str, url: str, elsewhere: Mapping[str, Path]) -> Workplace:
        """The folders for a conversion with another gradebook, and some folders elsewhere."""
        place = Workplace(parent=self.app)
        place.root, place.course_id = self.coursedir.root, self.coursedir.course_id
        place.assignment_id, place.db_url, place.elsewhere = assignment, url, elsewhere
        return place

    @contextmanager
    def log(self) -> Iterator[list[str]]:
        """What nbgrader warns of, instead of printing it."""
        collector = _Collector()
        handlers, self.app.log.handlers = self.app.log.handlers, [collector]
        try:
            yield collector.lines
        finally:
            self.app.log.handlers = handlers


def _name(value: Any) -> str:
    """A class or function by its name: where it lies in memory says nothing."""
    return str(getattr(value, "__qualname__", value))


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@cache
def course_at(root: Path, gradebook: str | None = None) -> NbgraderCourse:
    """nbgrader's configuration for the folder `root`. `gradebook` is a file or a URL; None: what
    the configuration says."""
    app = NbGrader(log_level=logging.WARNING)
    app.raise_config_file_errors = True
    try:
        with chdir(str(root)):
            app.initialize([], root=str(root))
            coursedir = CourseDirectory(parent=app)
    except (Exception, SystemExit) as error:
        raise CourseError(f"nbgrader's configuration for {root} can't be used: {error}") from error
    app.log.propagate = False
    return NbgraderCourse(app, coursedir, url_of(gradebook) if gradebook else coursedir.db_url)


def url_of(gradebook: str) -> str:
    """The SQLAlchemy URL that `gradebook`, a file or already one, means."""
    if "://" not in gradebook:
        return f"sqlite:///{Path(gradebook).absolute()}"
    try:
        make_url(gradebook)
    except ArgumentError as error:
        raise AutograderError(f"--gradebook is no database URL: {error}") from error
    return gradebook


def engine_for(url: str, **options: Any) -> Engine:
    """A way to a gradebook; an SQLite file is waited for while others write it."""
    try:
        engine = create_engine(url, **options)
    except (SQLAlchemyError, ImportError) as error:
        raise AutograderError(f"can't use the gradebook: {error}") from error
    event.listen(engine, "connect", _be_patient)
    return engine


def _be_patient(connection: Any, _: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA busy_timeout = {_BUSY}")


def define(
    course: NbgraderCourse, assignments: Collection[str], file: Path, *, written: bool
) -> dict[str, str]:
    """Write what is known of `assignments` to an SQLite file; a digest of each.

    What the gradebook doesn't know is taken from source/ or else release/, unless the gradebook is
    to be `written`: it must know then what it gets marks for.
    """
    engine = create_engine(f"sqlite:///{file}")
    api.Base.metadata.create_all(engine)
    known = _copy(course.url, engine)
    for name in assignments:
        if name in known:
            continue
        if written:
            raise CourseError(
                f"the gradebook {course.shown_url} has no notebook of {name}; run: nbgrader"
                f" generate_assignment {name}"
            )
        _from_folder(course, name, f"sqlite:///{file}")
    with api.Gradebook(f"sqlite:///{file}", course.coursedir.course_id) as gradebook:
        digests = {name: _digest(gradebook.find_assignment(name)) for name in assignments}
    engine.dispose()
    return digests


def assignments_in(course: NbgraderCourse) -> set[str]:
    """The assignments that the gradebook has notebooks of."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    api.Base.metadata.create_all(engine)
    try:
        return _copy(course.url, engine)
    finally:
        engine.dispose()


def _copy(url: str, definitions: Engine) -> set[str]:
    """Copy every assignment of a gradebook; the names of those that have notebooks."""
    address = make_url(url)
    if address.drivername.startswith("sqlite") and not Path(address.database or "").is_file():
        return set()
    engine = engine_for(url)
    try:
        with engine.connect() as source, definitions.begin() as target:
            if not inspect(source).has_table(api.Assignment.__tablename__):
                return set()
            for model in _TABLES:
                rows = [dict(row) for row in source.execute(select(model.__table__)).mappings()]
                if rows:
                    target.execute(insert(model.__table__), rows)
            names = select(api.Assignment.name).join(
                api.Notebook, api.Notebook.assignment_id == api.Assignment.id
            )
            return set(source.execute(names).scalars())
    except SQLAlchemyError as error:
        raise AutograderError(f"can't read the gradebook {address!r}: {error}") from error
    finally:
        engine.dispose()


def _from_folder(course: NbgraderCourse, name: str, url: str) -> None:
    """Enter an assignment as `nbgrader generate_assignment` would, and keep none of its files."""
    source, release = course.coursedir.source_directory, course.coursedir.release_directory
    for step in (source, release):
        if not any(course.folder(step, ".", name).glob("*.ipynb")):
            continue
        with tempfile.TemporaryDirectory() as folder, course.log() as said:
            place = course.workplace(name, url, {"nowhere": Path(folder)})
            place.source_directory, place.release_directory = step, "nowhere"
            generate = GenerateAssignment(coursedir=place, parent=course.app)
            if step == release:  # what students got: the visible tests
                generate.preprocessors = [SaveCells]
            try:
                generate.start()
            except NbGraderException as error:
                said.insert(0, f"nbgrader can't read {name} in {step}/: {error}")
                raise CourseError("\n".join(said)) from error
        return
    raise CourseError(
        f"neither the gradebook {course.shown_url} nor {source}/ nor {release}/ has a notebook of"
        f" {name}"
    )


def _digest(assignment: api.Assignment) -> str:
    """Of all that the gradebook has of an assignment, its submissions aside."""
    notebooks = {
        notebook.name: {
            "kernelspec": notebook.kernelspec,
            "cells": _described(notebook.source_cells),
            "graded": _described([*notebook.grade_cells, *notebook.task_cells]),
            "solutions": _described(notebook.solution_cells),
        }
        for notebook in assignment.notebooks
    }
    known = {"due": assignment.duedate, "notebooks": notebooks}
    return hashlib.sha256(json.dumps(known, sort_keys=True, default=str).encode()).hexdigest()


def _described(cells: Iterable[Any]) -> dict[str, Any]:
    return {cell.name: cell.to_dict() | {"id": None} for cell in cells}
