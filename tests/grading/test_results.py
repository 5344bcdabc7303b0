"""Results as they are kept: whole or not at all, and written by one run at a time."""

import os
from pathlib import Path

import msgspec
import pytest

from autograder.errors import AutograderError
from autograder.grading.results import LOCK, Results, file_of, find
from autograder.judge.result import decode
from tests.report.results import a_result as made


@pytest.mark.parametrize("content", [b"", b"{", b'{"schema_version": 2}', b"\xff"])
def test_a_file_that_is_no_result_counts_for_nothing(tmp_path: Path, content: bytes):
    with Results(tmp_path) as results:
        results.keep(tmp_path / "ann.py", made())
        (file,) = tmp_path.glob("*/*.json")
        file.write_bytes(content)
        name, chapter = made().submission.name, made().course.chapter
        assert find(tmp_path, tmp_path / "ann.py", chapter, name) is None


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
    file = file_of(tmp_path, tmp_path / "x.py", "ch01", name)
    assert file.parent == tmp_path / "ch01"
    assert file.name.isascii()
    assert file.name.isprintable()
    assert not file.name.startswith((".", "-"))
    assert len(file.name) < 120


def test_submissions_of_one_name_do_not_meet(tmp_path: Path):
    one, other = (file_of(tmp_path, tmp_path / place / "x.py", "ch01", "x") for place in "ab")
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
