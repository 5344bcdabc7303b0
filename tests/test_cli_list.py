"""`autograder list`, as a user meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_course import edit, write_tiny_course

HERE = Path(__file__).resolve().parents[1]


def autograder(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "autograder", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(HERE), "PYTHONUTF8": "1"},
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tiny_course(tmp_path)


def test_table(root: Path) -> None:
    """Chapters, exercises, points, limits, budgets and the number of banned names."""
    done = autograder(root, "list")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines() if line.strip()]
    assert ["ch01_tiny", "Tiny", "5"] in rows
    assert ["double", "2", "1", "s", "3", "s", "1024", "MiB", "–", "1"] in rows
    assert ["Counter", "3", "4", "s", "3", "s", "1024", "MiB", "3x", "–"] in rows
    assert "1 chapter, 2 exercises, 5 points." in done.stdout


def test_table_in_the_courses_language(root: Path) -> None:
    """A Chinese course has Chinese titles."""
    edit(root / "grading_config.yml", "sandbox:", "language: zh\nsandbox:")
    assert "ch01_tiny  小" in autograder(root, "list").stdout


def test_json(root: Path) -> None:
    """Machines get seconds, bytes, factors and names."""
    done = autograder(root / "solutions", "list", "--json")
    data = json.loads(done.stdout)
    (chapter,) = data["chapters"]
    double, counter = chapter["exercises"]
    assert (chapter["title"], chapter["points"]) == ({"en": "Tiny", "zh": "小"}, 5)
    assert double == {
        "name": "double",
        "kind": "function",
        "points": 2,
        "limits": {"call": {"wall": 1, "cpu": 3}, "memory": 2**30},
        "budget": None,
        "forbidden": ["torch.add"],
    }
    assert (counter["kind"], counter["budget"]) == ("class", 3)


def test_another_folder(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """`--course` names a course from anywhere."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert autograder(elsewhere, "list", "--course", str(root)).returncode == 0
    done = autograder(elsewhere, "list")
    assert done.returncode == 2
    assert done.stderr.startswith("error: no grading_config.yml in ")


def test_several_mistakes_are_one_message(root: Path) -> None:
    """Exit code 2, a line for each mistake, no traceback."""
    edit(root / "grading_config.yml", "points: 5", "points: 6")
    edit(root / "grading_config.yml", "wall: 4s", "wall: 4")
    done = autograder(root, "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: wall needs a unit, as in 500ms, 5s or 2min (got 4) in grading_config.yml: "
        "sandbox.limits.call\n"
        "       points must be the sum of its exercises' 5 (got 6) in grading_config.yml: "
        "chapters.ch01_tiny\n"
    )


def test_help_has_examples(root: Path) -> None:
    """Both commands show how they are called."""
    assert "autograder list --json" in autograder(root, "list", "--help").stdout
    assert "autograder build --check" in autograder(root, "build", "--help").stdout


def test_the_command_starts_light(root: Path) -> None:
    """Listing imports neither torch nor nbgrader."""
    code = (
        "import sys, autograder.cli\n"
        "autograder.cli.app(['list'], standalone_mode=False)\n"
        "print([n for n in ('torch', 'nbgrader', 'jupytext') if n in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": str(HERE)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, env=environment
    )
    assert done.stdout.strip().endswith("[]"), done.stderr
