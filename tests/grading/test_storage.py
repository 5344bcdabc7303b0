"""`autograder grade` where results can't be written: it says so, and what there is stays whole."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.judge.result import decode, without_times
from tests.judging import GOOD, write_course

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).parent / "autograder"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
STUDENTS = 6


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a class, beside it the results of a run that nothing disturbed."""
    root = write_course(tmp_path_factory.mktemp("course"))
    for number in range(STUDENTS):
        path = root / "class" / f"student{number}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{GOOD}\n# {'.' * 100}\n", "utf-8")
    done = grade(root, root / "undisturbed")
    assert done.returncode == 0, done.stderr
    return root


def command(course: Path, results: Path) -> list[str]:
    words = ["grade", course / "class", "--course", course, "--results", results]
    return [str(word) for word in (COMMAND, *words)]


def grade(course: Path, results: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(course, results), capture_output=True, text=True, env=ENVIRONMENT)


def kept(folder: Path) -> list[object]:
    """Every file of results, each of which must be a whole one."""
    assert [path.name for path in folder.rglob("*tmp*")] == []
    return [without_times(decode(path.read_bytes())) for path in sorted(folder.glob("*/*.json"))]


def test_a_full_disk(course: Path, tmp_path: Path):
    """A real one, too small for the class: what fitted is there, whole; the same command goes on
    when there is room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = next((course / "undisturbed").glob("*/*.json")).stat().st_size
    blocks = f"size={2 * size + 8192},nr_inodes=64"
    words = ["-t", "tmpfs", "-o", blocks, "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(["mount", *words]).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        done = grade(course, disk / "results")
        assert done.returncode == 2
        assert "No space left on device" in done.stderr
        assert "run the same command again" in done.stderr
        assert "Traceback" not in done.stderr
        there = kept(disk / "results")
        assert 0 < len(there) < STUDENTS
        subprocess.run(["mount", "-o", "remount,size=16m", str(disk)], check=True)
        assert grade(course, disk / "results").returncode == 0
        assert kept(disk / "results") == kept(course / "undisturbed")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_folder_that_cannot_be_written(course: Path, tmp_path: Path):
    """It is said before anything is graded."""
    (tmp_path / "file").write_text("")
    done = grade(course, tmp_path / "file" / "results")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"can't write {tmp_path / 'file' / 'results'}: Not a directory" in done.stderr


def test_a_read_only_file_system(course: Path, tmp_path: Path):
    words = ["-t", "tmpfs", "-o", "ro", "tmpfs", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(["mount", *words]).returncode:
        pytest.skip("needs the right to mount a disk")
    try:
        done = grade(course, tmp_path / "results")
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Read-only file system" in done.stderr


def test_two_runs_at_once(course: Path, tmp_path: Path):
    """The second is refused at once and harms nothing; the first ends as if it had been alone."""
    first = subprocess.Popen(command(course, tmp_path), env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    while not (tmp_path / ".lock").exists() or not (tmp_path / ".lock").read_text():
        assert first.poll() is None
        time.sleep(0.01)
    second = grade(course, tmp_path)
    assert first.wait() == 0
    assert second.returncode == 2
    assert f"another run (process {first.pid}) is writing to" in second.stderr
    assert kept(tmp_path) == kept(course / "undisturbed")


def test_two_runs_over_different_folders_do_not_disturb_each_other(course: Path, tmp_path: Path):
    both = [
        subprocess.Popen(
            command(course, tmp_path / name), env=ENVIRONMENT, stdout=subprocess.DEVNULL
        )
        for name in ("one", "other")
    ]
    assert [run.wait() for run in both] == [0, 0]
    assert kept(tmp_path / "one") == kept(tmp_path / "other") == kept(course / "undisturbed")


def test_the_course_keeps_the_results_of_a_class(course: Path):
    """Without --results they are in results/; a single submission leaves nothing."""
    shutil.rmtree(course / "results", ignore_errors=True)
    words = [COMMAND, "grade", "--course", course, "--quiet"]
    one = course / "class" / "student0.py"
    assert subprocess.run([*words, one], env=ENVIRONMENT).returncode == 0
    assert not (course / "results").exists()
    done = subprocess.run([*words, one.parent], env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0
    assert kept(course / "results") == kept(course / "undisturbed")


def test_a_second_run_says_what_it_did_not_judge(course: Path):
    done = grade(course, course / "undisturbed")
    assert done.returncode == 0
    assert f"{STUDENTS} of {STUDENTS} had been judged before" in done.stderr
    assert done.stdout.count("10 / 10 points") == STUDENTS
