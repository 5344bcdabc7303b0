"""nbgrader's real command in a course's folder, as an instructor types it."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from tests.integrations.classroom import (
    CHAPTER,
    HALF,
    HERE,
    NBGRADER_WARNS,
    Classroom,
    by_command,
    cell_of,
)

pytestmark = [
    pytest.mark.slow,
    *(pytest.mark.filterwarnings(warning) for warning in NBGRADER_WARNS),
]


def test_plain_autograde_and_generate_feedback(another: Classroom) -> None:
    """Three students, one with a damaged file: the marks of `autograder grade`, and no noise."""
    another.submit("ann", another.solved())
    another.submit("bob", another.solved(double=HALF))
    another.submit("cut", b'{"cells": [')
    done = another.command("nbgrader", "autograde", CHAPTER)
    assert done.returncode == 0, done.stderr
    for word in ("SAWarning", "Traceback", "ERROR"):
        assert word not in done.stderr
    assert "cut: This notebook is damaged." in done.stderr
    expected = {"ann": (2.0, 3.0), "bob": (0.5, 3.0), "cut": (0.0, 0.0)}
    for student, points in expected.items():
        scores = dict(zip(("double", "Counter"), points, strict=True))
        assert another.scores(student) == scores
        path = another.root / "submitted" / student / CHAPTER / f"{CHAPTER}.ipynb"
        assert by_command(another, path) == scores
    done = another.command("nbgrader", "generate_feedback", CHAPTER)
    assert done.returncode == 0, done.stderr
    page = another.root / "feedback" / "bob" / CHAPTER / f"{CHAPTER}.html"
    assert "3 of 3 elements differ" in page.read_text("utf-8")


def test_a_gradebook_that_another_process_writes_is_waited_for(another: Classroom) -> None:
    """For longer than SQLite itself would wait; then everything is graded."""
    another.submit("ann", another.solved())
    gradebook = another.root / "gradebook.db"
    writer = sqlite3.connect(gradebook, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    grading = subprocess.Popen(
        [Path(sys.executable).parent / "nbgrader", "autograde", CHAPTER],
        cwd=another.root,
        env=os.environ | {"PYTHONPATH": str(HERE)},
        stderr=subprocess.PIPE,
        text=True,
    )
    while gradebook not in open_files(grading.pid):
        assert grading.poll() is None
        time.sleep(0.1)
    time.sleep(7)  # SQLite's default is 5
    assert grading.poll() is None
    writer.execute("COMMIT")
    writer.close()
    _, said = grading.communicate()
    assert grading.returncode == 0, said
    assert another.scores("ann") == {"double": 2.0, "Counter": 3.0}


def open_files(pid: int) -> set[Path]:
    with contextlib.suppress(OSError):
        return {fd.readlink() for fd in Path(f"/proc/{pid}/fd").iterdir()}
    return set()


def test_without_the_judge_every_test_cell_says_what_to_do(another: Classroom) -> None:
    """nbgrader's own Execute in the list, and a real kernel: silence would be full marks."""
    with (another.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write('c.Autograde.autograde_preprocessors[0] = "nbgrader.preprocessors.Execute"\n')
    another.submit("ann", another.solved())
    done = another.command("nbgrader", "autograde", CHAPTER)
    assert done.returncode == 0, done.stderr
    assert another.scores("ann") == {"double": 0.0, "Counter": 0.0}
    for exercise in ("double", "Counter"):
        (error,) = cell_of(another.autograded("ann"), exercise).outputs
        assert error.output_type == "error"
        assert f"exercise {exercise} was not graded" in error.evalue
        assert "pip install 'dl-autograder[nbgrader]'" in error.evalue
        assert "autograder.integrations.nbgrader.SandboxedExecute" in error.evalue


def test_without_bubblewrap_the_command_fails_and_says_what_to_install(
    another: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([sysconfig.get_path("scripts"), str(another.root)]))
    another.submit("ann", another.solved())
    done = another.command("nbgrader", "autograde", CHAPTER)
    assert done.returncode == 1
    assert "sudo apt-get install bubblewrap" in done.stderr
    assert another.scores("ann") == {"double": None, "Counter": None}
    assert not (another.root / "autograded" / "ann" / CHAPTER).exists()
