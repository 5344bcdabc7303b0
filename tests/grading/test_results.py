"""Results as they are kept: whole or not at all, by one run at a time, and judged again only where
they would be others."""

import os
from pathlib import Path

import msgspec
import pytest

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.grading.results import LOCK, Results
from autograder.grading.run import Job, grade, plan
from autograder.judge.result import Fault, Result, decode
from autograder.judge.session import Judge
from tests.judging import GOOD, variant
from tests.report.results import a_result as made

LEAST = GOOD.replace("x * times", "x")


@pytest.fixture
def course(judge: Judge) -> Course:
    return judge.course


@pytest.fixture
def jobs(course: Course, tmp_path: Path) -> list[Job]:
    for name, text in (("ann", GOOD), ("bob", LEAST)):
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    return plan(course, [tmp_path / "ann.py", tmp_path / "bob.py"], "ch01")


def judged(judge: Judge, jobs: list[Job], folder: Path, *, resume: bool = True) -> list[str]:
    """The names of those that were judged; every job's result must be handed on."""
    names: list[str] = []
    handed_on: list[Result] = []
    grade_one = judge.begin

    def begin(bench, submission):  # type: ignore[no-untyped-def]
        names.append(submission.name)
        return grade_one(bench, submission)

    watched = variant(judge)
    watched.begin = begin  # type: ignore[method-assign]
    with Results(folder) as results:
        count = grade(watched, jobs, handed_on.append, results=results, resume=resume)
    assert [result.submission.name for result in handed_on] == [job.path.stem for job in jobs]
    assert count == len(names)
    return names


def test_what_is_kept_is_not_judged_again(judge: Judge, jobs: list[Job], tmp_path: Path):
    assert judged(judge, jobs, tmp_path / "results") == ["ann", "bob"]
    assert judged(judge, jobs, tmp_path / "results") == []
    assert judged(judge, jobs, tmp_path / "results", resume=False) == ["ann", "bob"]


def test_another_submission_is_judged(judge: Judge, jobs: list[Job], tmp_path: Path):
    judged(judge, jobs, tmp_path / "results")
    jobs[1].path.write_text(GOOD, "utf-8")
    assert judged(judge, jobs, tmp_path / "results") == ["bob"]


@pytest.mark.parametrize(
    ("setting", "value"), [("seed", 7), ("language", "zh"), ("show_values", True)]
)
def test_other_circumstances_are_judged(
    judge: Judge, jobs: list[Job], tmp_path: Path, setting: str, value: object
):
    judged(judge, jobs, tmp_path / "results")
    assert judged(variant(judge, **{setting: value}), jobs, tmp_path / "results") == ["ann", "bob"]


def test_another_course_or_engine_is_judged(
    judge: Judge, jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    judged(judge, jobs, tmp_path / "results")
    monkeypatch.setattr(Course, "digest", lambda *_: "another")
    assert judged(judge, jobs, tmp_path / "results") == ["ann", "bob"]
    monkeypatch.setattr("autograder.__version__", "0.0.0")
    assert judged(judge, jobs, tmp_path / "results") == ["ann", "bob"]


def test_a_judge_fault_is_judged_again(judge: Judge, jobs: list[Job], tmp_path: Path):
    judged(judge, jobs, tmp_path / "results")
    with Results(tmp_path / "results") as results:
        kept = results.find(jobs[0].path, "ch01_lab", "ann")
        assert kept is not None
        results.keep(jobs[0].path, msgspec.structs.replace(kept, faults=[Fault("x", "y")]))
    assert judged(judge, jobs, tmp_path / "results") == ["ann"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"schema_version": 2}', b"\xff"])
def test_a_file_that_is_no_result_counts_for_nothing(tmp_path: Path, content: bytes):
    with Results(tmp_path) as results:
        results.keep(tmp_path / "ann.py", made())
        (file,) = tmp_path.glob("*/*.json")
        file.write_bytes(content)
        name, chapter = made().submission.name, made().course.chapter
        assert results.find(tmp_path / "ann.py", chapter, name) is None


HOSTILE = [
    "../../up",
    "/etc/passwd",
    "-rf",
    ".hidden",
    "",
    "a\nb",
    "\x1b[2J",
    "é" * 300,
    "<b>",
    "..",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_may_hold_anything(tmp_path: Path, name: str):
    with Results(tmp_path) as results:
        file = results.file(tmp_path / "x.py", "ch01", name)
    assert file.parent == tmp_path / "ch01"
    assert file.name.isascii()
    assert file.name.isprintable()
    assert not file.name.startswith((".", "-"))
    assert len(file.name) < 120


def test_submissions_of_one_name_do_not_meet(tmp_path: Path):
    with Results(tmp_path) as results:
        one, other = (results.file(tmp_path / place / "x.py", "ch01", "x") for place in "ab")
    assert one != other


def test_one_run_at_a_time(tmp_path: Path):
    """The second is told who is in its way, and may go on as soon as the first has ended."""
    with Results(tmp_path), pytest.raises(AutograderError, match=rf"process {os.getpid()}\b"):
        Results(tmp_path)
    Results(tmp_path).close()


def test_what_a_killed_run_left_is_removed(tmp_path: Path):
    with Results(tmp_path) as results:
        results.keep(tmp_path / "ann.py", made())
        (file,) = tmp_path.glob("*/*.json")
    left = file.with_name(".tmp-4711")
    left.write_bytes(file.read_bytes()[:100])
    Results(tmp_path).close()
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [LOCK, file.name]


@pytest.mark.parametrize("moment", ["os.fsync", "pathlib.Path.replace"])
def test_a_result_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with Results(tmp_path) as results:
        results.keep(tmp_path / "ann.py", made())
        (file,) = tmp_path.glob("*/*.json")
        before = file.read_bytes()
        with monkeypatch.context() as patched:
            patched.setattr(moment, full)
            with pytest.raises(AutograderError, match="No space left on device"):
                results.keep(tmp_path / "ann.py", msgspec.structs.replace(made(), seed=99))
        assert file.read_bytes() == before
        assert decode(before).seed != 99
        assert [path.name for path in file.parent.iterdir()] == [file.name]
