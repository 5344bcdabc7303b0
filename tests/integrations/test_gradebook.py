"""`autograder grade --gradebook` writes what `nbgrader autograde` writes."""

import os
import re
import stat
import sysconfig
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Base, Gradebook
from sqlalchemy import insert, select

from autograder.integrations import nbgrader as integration
from tests.integrations.classroom import (
    CHAPTER,
    HALF,
    NBGRADER_WARNS,
    Classroom,
    cell_of,
    without,
)
from tests.integrations.own_cells import OWN
from tests.integrations.postgres import binaries, server

pytestmark = [pytest.mark.filterwarnings(warning) for warning in NBGRADER_WARNS]

LATE = """
c.AssignLatePenalties.plugin_class = "late.Tenth"
"""
PLUGIN = '''
from nbgrader.plugins import BasePlugin


class Tenth(BasePlugin):
    """A tenth of the score for each hour."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score * 0.1 * total_seconds_late / 3600
'''
_ID = re.compile(rb'"id": "[0-9a-f]{8}"|id=[0-9a-f]{8}\b')
DUE = datetime.fromisoformat("2026-03-01T12:00")
STUDENTS = ("ann", "bob", "cyd", "eve", "zoe")


def enter(room: Classroom) -> None:
    """A class of five: on time, late with an extension, late, with nothing done, damaged."""
    for student, hour in (("ann", 11), ("bob", 13), ("cyd", 14)):
        folder = room.submitted(student)
        (folder / "timestamp.txt").write_text(f"2026-03-01 {hour}:00:00 UTC")
    solved = room.solved()
    cell_of(solved, "essay").source = "Because."
    cell_of(solved, "drawing").source += "\nDone."
    room.submit("ann", solved)
    half = room.solved(double=HALF)
    cell_of(half, "by-hand").source = "answer = 42"
    room.submit("bob", half)
    (room.submitted("bob") / "data").mkdir()
    (room.submitted("bob") / "data" / "numbers.csv").write_text("1,2\n")
    room.submit("cyd", without(room.solved(double=HALF), "silent", "essay"))
    room.submit("eve", room.release())
    room.submit("zoe", nbformat.writes(room.solved()).encode()[:-700])


@pytest.fixture(scope="module")
def rooms(
    built: Classroom, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Classroom, Classroom]]:
    """The same class twice: for nbgrader, and for us."""
    folder = tmp_path_factory.mktemp("gradebook")
    room = built.copy(folder / "theirs")
    path = room.root / "source" / CHAPTER / f"{CHAPTER}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells += OWN
    nbformat.write(notebook, path)
    assert room.api().generate_assignment(CHAPTER)["success"]
    with (room.root / "nbgrader_config.py").open("a") as config:
        config.write(LATE)
    (room.root / "late.py").write_text(PLUGIN)
    with Gradebook(url(room), "dl") as gradebook:
        gradebook.update_or_create_assignment(CHAPTER, duedate=DUE)
        gradebook.add_student("ann", first_name="Ann")
        gradebook.add_student("bob")
        gradebook.add_submission(CHAPTER, "bob")
        gradebook.grant_extension(CHAPTER, "bob", hours=1)
    enter(room)
    yield room, room.copy(folder / "ours")
    integration._judge(room.root).close()


Tables = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def pristine(
    rooms: tuple[Classroom, Classroom], tmp_path_factory: pytest.TempPathFactory
) -> Classroom:
    """The class before anything was graded."""
    return rooms[1].copy(tmp_path_factory.mktemp("pristine") / "course")


@pytest.fixture(scope="module")
def by_nbgrader(pristine: Classroom, rooms: tuple[Classroom, Classroom]) -> Tables:
    """The gradebook when nbgrader has graded the class."""
    autograde(rooms[0])
    return tables(url(rooms[0]))


def url(room: Classroom) -> str:
    return f"sqlite:///{room.root}/gradebook.db"


def autograde(room: Classroom) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(room.root))
        for student in STUDENTS:
            said = room.autograde(student)
            assert said["success"], said


def by_us(room: Classroom, address: str, *words: str) -> str:
    done = room.command("autograder", "grade", "submitted", "--gradebook", address, *words)
    assert done.returncode == 1, done.stderr
    return done.stderr


def tables(address: str) -> Tables:
    """Every row of a gradebook, with what a uuid means in its place."""
    with Gradebook(address, "dl") as gradebook:
        meaning = {}
        for assignment in gradebook.assignments:
            for submission in assignment.submissions:
                meaning[submission.id] = f"{submission.student_id}/{assignment.name}"
                for notebook in submission.notebooks:
                    meaning[notebook.id] = f"{meaning[submission.id]}/{notebook.name}"
                    for row in (*notebook.grades, *notebook.comments):
                        meaning[row.id] = f"{meaning[notebook.id]}/{row.cell.name}"
        return {
            table.name: sorted(
                (
                    tuple(meaning.get(value, value) for value in row)
                    for row in gradebook.db.execute(select(table))
                ),
                key=repr,
            )
            for table in Base.metadata.sorted_tables
        }


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of everything below, but for cells' ids: to a task that nbgrader puts back
    it gives a random one."""
    return {
        path.relative_to(folder).as_posix(): (
            stat.S_IMODE(path.stat().st_mode),
            _ID.sub(b"", path.read_bytes()) if path.is_file() else b"",
        )
        for path in folder.rglob("*")
        if ".autograder" not in path.parts
    }


def test_the_same_rows_files_and_pages(
    rooms: tuple[Classroom, Classroom], by_nbgrader: Tables
) -> None:
    """Also when a class is graded for the second time, after somebody graded by hand."""
    theirs, ours = rooms
    by_us(ours, "gradebook.db")
    assert tables(url(ours)) == by_nbgrader
    marks = ours.marks("bob")
    assert marks["double"] == (0.5, False)
    assert marks["by-hand"] == (None, True)
    assert penalty(ours, "bob") is None
    assert penalty(ours, "cyd") == pytest.approx(0.2 * ours_score(ours, "cyd"))
    assert files(ours.root / "autograded") == files(theirs.root / "autograded")

    for room in rooms:
        with Gradebook(url(room), "dl") as gradebook:
            grade = gradebook.find_grade("by-hand", CHAPTER, CHAPTER, "bob")
            grade.manual_score, grade.needs_manual_grade = 3, False
            gradebook.find_grade("double", CHAPTER, CHAPTER, "bob").extra_credit = 0.5
            comment = gradebook.find_comment("by-hand", CHAPTER, CHAPTER, "bob")
            comment.manual_comment = "Nearly."
            gradebook.db.commit()
        room.submit("bob", room.solved())
        (room.submitted("cyd") / "timestamp.txt").write_text("2026-03-01 11:00:00 UTC")
    autograde(theirs)
    said = by_us(ours, "gradebook.db", "--only-changed")
    assert "3 of 5 are unchanged and left out" in said
    assert tables(url(ours)) == tables(url(theirs))
    assert ours.marks("bob")["double"] == (2.0, False)
    assert penalty(ours, "cyd") is None

    for student in STUDENTS:
        theirs.feedback(student)
    assert files(ours.root / "feedback") == files(theirs.root / "feedback")


@pytest.mark.postgresql
def test_the_same_rows_in_postgresql(
    pristine: Classroom, by_nbgrader: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a real server; nbgrader's own commands go on from there."""
    commands = binaries()
    if commands is None:
        pytest.skip("needs the programs of a PostgreSQL server (Debian: apt install postgresql)")
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    monkeypatch.setenv("PATH", path)  # for a new gradebook nbgrader calls alembic by its bare name
    with server(commands) as address:
        _copy(url(pristine), address)
        by_us(pristine, address)
        assert tables(address) == by_nbgrader
        assert (pristine.root / f"feedback/ann/{CHAPTER}/{CHAPTER}.html").is_file()
        said = by_us(pristine, address)
        assert "5 of 5 had been judged before" in said
        done = pristine.command("nbgrader", "export", "--db", address)
        assert done.returncode == 0, done.stderr
        lines = (pristine.root / "grades.csv").read_text().splitlines()
        (bob,) = [line for line in lines if ",bob," in line]
        assert ",7.75,0.0,7.75," in bob


def _copy(source: str, target: str) -> None:
    """Every row of a gradebook into a new one."""
    with Gradebook(source, "dl") as old, Gradebook(target, "") as new:
        for table in Base.metadata.sorted_tables:
            there = set(new.db.execute(select(table)).scalars())
            rows = [dict(row) for row in old.db.execute(select(table)).mappings()]
            if rows := [row for row in rows if row["id"] not in there]:
                new.db.execute(insert(table), rows)
        new.db.commit()


def penalty(room: Classroom, student: str) -> float | None:
    with Gradebook(url(room), "dl") as gradebook:
        found = gradebook.find_submission_notebook(CHAPTER, CHAPTER, student)
        return found.late_submission_penalty  # type: ignore[no-any-return]


def ours_score(room: Classroom, student: str) -> float:
    with Gradebook(url(room), "dl") as gradebook:
        return float(gradebook.find_submission(CHAPTER, student).score)
