"""`autograder grade` for nbgrader's own assignments, and runs that end early."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_notebook
from nbgrader.utils import compute_checksum

from autograder.judge.result import Result, Verdict, decode
from tests.integrations.classroom import (
    CHAPTER,
    HALF,
    NBGRADER_WARNS,
    Classroom,
    command,
    environment,
)
from tests.integrations.own_cells import marked
from tests.integrations.test_gradebook import files, tables

pytestmark = [pytest.mark.filterwarnings(warning) for warning in NBGRADER_WARNS]

HIDDEN = "assert answer() > 0\n### BEGIN HIDDEN TESTS\nassert answer() == 42\n### END HIDDEN TESTS"
BARE = "c = get_config()\n"
KILLS = 4


def homework(answer: str, essay: str = "YOUR ANSWER HERE") -> str:
    cells = [
        marked(f"def answer():\n    return {answer}", "answer", "solution"),
        marked(HIDDEN, "test", points=2),
        marked(essay, "essay", "answer", 3),
    ]
    text: str = nbformat.writes(new_notebook(cells=cells))
    return text


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder of nbgrader's, with an assignment that no gradebook knows and four submissions."""
    root = tmp_path / "bare"
    for place, text in (
        ("source/hw", homework("42")),
        ("submitted/ann/hw", homework("42", "Because.")),
        ("submitted/bob/hw", homework("41")),
        ("submitted/eve/hw", '{"cells": ['),
    ):
        (root / place).mkdir(parents=True)
        (root / place / "hw.ipynb").write_text(text, "utf-8")
    (root / "nbgrader_config.py").write_text(BARE)
    return root


def points(root: Path) -> dict[str, list[tuple[float, Verdict]]]:
    found: dict[str, list[tuple[float, Verdict]]] = {}
    for file in sorted((root / "results" / "hw").glob("*.json")):
        result: Result = decode(file.read_bytes())
        found[result.submission.name] = [
            (each.points, each.tests[0].verdict) for each in result.exercises
        ]
    return found


def test_an_assignment_of_nbgraders_without_a_gradebook(bare: Path) -> None:
    """By the tests in its cells: those of source/, or of release/ where that is all there is."""
    done = command(bare, "autograder", "grade", "submitted", "hw")
    assert done.returncode == 1, done.stderr
    nothing = (0.0, Verdict.MISSING)
    assert points(bare) == {
        "ann": [(2.0, Verdict.PASSED), (0.0, Verdict.BY_HAND)],
        "bob": [(0.0, Verdict.ERROR), nothing],
        "eve": [nothing, nothing],
    }
    assert "? / 3" in done.stdout
    assert not (bare / "gradebook.db").exists()
    assert not (bare / "autograded").exists()
    again = command(bare, "autograder", "grade", "submitted", "hw", "--only-changed", "--json", "-")
    assert again.stdout.strip() == "[]"
    assert "3 of 3 are unchanged and left out" in again.stderr
    assert again.returncode == 0

    shutil.copytree(bare / "source", bare / "release")
    shutil.rmtree(bare / "source")
    released = bare / "release" / "hw" / "hw.ipynb"
    notebook = nbformat.read(released, as_version=4)
    notebook.cells[1].source = "assert answer() > 0"
    for cell in notebook.cells:
        cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    nbformat.write(notebook, released)
    done = command(bare, "autograder", "grade", "submitted/bob", "hw", "--fresh")
    assert "bob  hw  2 / 5 points" in done.stdout
    assert "Warning" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("submitted", "hw", "--gradebook", "new.db"), "has no notebook of hw; run: nbgrader"),
        (("submitted", "hw9"), "no chapter 'hw9'"),
        (("submitted", "hw", "--gradebook", "mysql//x://"), "--gradebook is no database URL"),
        (("submitted", "hw", "--only-changed", "--fresh"), "contradicts --fresh"),
        (("submitted", "hw", "--gradebook", "g.db", "--exercise", "test"), "leave out --exercise"),
    ],
)
def test_mistakes(bare: Path, words: tuple[str, ...], said: str) -> None:
    done = command(bare, "autograder", "grade", *words)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


def test_two_submissions_of_one_student(another: Classroom) -> None:
    another.submit("ann", another.solved())
    (another.root / "mails").mkdir()
    for name in ("ann", "bob"):
        nbformat.write(another.release(), another.root / "mails" / f"{name}.ipynb")
    words = ("submitted", "mails", CHAPTER, "--gradebook", "gradebook.db")
    done = another.command("autograder", "grade", *words)
    assert done.returncode == 2
    assert f"two submissions of ann for {CHAPTER}" in done.stderr


@pytest.mark.slow
def test_kills_change_nothing(another: Classroom, tmp_path: Path) -> None:
    """Whenever a run is killed, gradebook and folders hold whole submissions only, and the next
    run ends with what an undisturbed one writes."""
    for number in range(6):
        kind = (another.solved(), another.solved(double=HALF), another.release())[number % 3]
        another.submit(f"student{number}", kind)
    undisturbed = another.copy(tmp_path / "undisturbed")
    words = ("grade", "submitted", CHAPTER, "--gradebook", "gradebook.db", "--no-feedback")
    start = time.monotonic()
    assert undisturbed.command("autograder", *words).returncode == 1
    duration = time.monotonic() - start
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)  # shown when the test fails
    draw = random.Random(seed)
    expected = files(undisturbed.root / "autograded")
    for _ in range(KILLS):
        run = subprocess.Popen(
            [Path(sys.executable).parent / "autograder", *words],
            cwd=another.root,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(draw.uniform(duration / 2, duration))
        run.send_signal(signal.SIGKILL)
        run.wait()
        there = files(another.root / "autograded")
        assert there.items() <= expected.items()
    done = another.command("autograder", *words)
    assert done.returncode == 1, done.stderr
    assert files(another.root / "autograded") == expected
    urls = [f"sqlite:///{room.root}/gradebook.db" for room in (another, undisturbed)]
    assert tables(urls[0]) == tables(urls[1])
    assert not [*(another.root / "autograded" / ".autograder").glob("*/")]
