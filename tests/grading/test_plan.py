"""Which paths are graded, for which chapter, and in what order."""

from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import SubmissionError
from autograder.grading.plan import _chapter_of, plan
from autograder.judge.session import Judge
from tests.judging import GOOD, TIMED


@pytest.fixture
def course(judge: Judge) -> Course:
    return judge.course


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_a_name_tells_the_chapter(course: Course, tmp_path: Path) -> None:
    for path in ("ch03_timed.py", "ann/ch03_timed/mine.py", "ch03_timed/bob/work/x.py"):
        assert _chapter_of(course, write(tmp_path / path, GOOD), ()) == "ch03_timed"


def test_the_exercises_in_it_tell_the_chapter_where_the_name_does_not(
    course: Course, tmp_path: Path
) -> None:
    assert _chapter_of(course, write(tmp_path / "mine.py", GOOD), ()) == "ch01_lab"
    assert _chapter_of(course, write(tmp_path / "yours.py", TIMED), ()) == "ch03_timed"


@pytest.mark.parametrize("text", ["x = 1", GOOD + TIMED])
def test_a_chapter_that_cannot_be_told_is_asked_for(
    course: Course, tmp_path: Path, text: str
) -> None:
    path = write(tmp_path / "mine.py", text)
    with pytest.raises(SubmissionError, match="can't tell which chapter "):
        plan(course, [path])
    assert [job.chapter for job in plan(course, [path], "ch01")] == ["ch01_lab"]


def test_one_that_tells_nothing_is_for_the_chapter_of_the_others(
    course: Course, tmp_path: Path
) -> None:
    """Where these agree; a damaged file doesn't keep a class from being graded."""
    paths = [write(tmp_path / f"{name}.py", text)
             for name, text in (("a", GOOD), ("b", ""), ("c", GOOD))]  # fmt: skip
    assert [job.chapter for job in plan(course, paths)] == ["ch01_lab"] * 3
    paths.append(write(tmp_path / "d.py", TIMED))
    with pytest.raises(SubmissionError, match="can't tell which chapter "):
        plan(course, paths)


def test_jobs_go_chapter_by_chapter(course: Course, tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{name}.py", text)
             for name, text in (("a", TIMED), ("b", GOOD), ("c", TIMED), ("d", GOOD))]  # fmt: skip
    assert [job.path.stem for job in plan(course, paths)] == ["b", "d", "a", "c"]


def test_the_folders_of_nbgrader(course: Course, tmp_path: Path) -> None:
    for student in ("ann", "bob"):
        for chapter, text in (("ch01_lab", GOOD), ("ch03_timed", TIMED)):
            write(tmp_path / "submitted" / student / chapter / f"{chapter}.py", text)
    jobs = plan(course, [tmp_path / "submitted"])
    assert [(job.path.parent.name, job.chapter) for job in jobs] == [
        ("ann", "ch01_lab"),
        ("bob", "ch01_lab"),
        ("ann", "ch03_timed"),
        ("bob", "ch03_timed"),
    ]
    only = plan(course, [tmp_path / "submitted"], "ch03")
    assert [job.path.parent.name for job in only] == ["ann", "bob"]
