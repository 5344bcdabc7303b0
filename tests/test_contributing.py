"""CONTRIBUTING.md's worked example, followed step by step on a copy of the course."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHAPTER = "ch08_regularization"
# A line that starts with a file in backquotes and ends with a colon, then a fenced block.
BLOCK = re.compile(r"^`([\w/]+\.\w+)`[^\n]*:\n\n(`{3,})\w+\n(.*?)^\2$", re.MULTILINE | re.DOTALL)


def follow(guide: str, course: Path) -> None:
    """Do what steps 1 to 5 say in the course at `course`."""
    blocks = {path: text for path, _, text in BLOCK.findall(guide)}
    for path, text in blocks.items():
        file = course / path
        if path == "grading_config.yml":
            before, chapter, after = file.read_text(encoding="utf-8").partition(f"  {CHAPTER}:\n")
            points = re.search(r"points: (\d+)\n", after)
            assert points is not None
            after = after.replace(points[0], f"points: {int(points[1]) + 2}\n", 1)
            after = after.replace("    exercises:\n", f"    exercises:\n{text}", 1)
            file.write_text(before + chapter + after, encoding="utf-8")
        elif path.endswith("notebook.md"):
            closing = '+++ {"lang": "en"}\n\n## What you built'
            handout = file.read_text(encoding="utf-8")
            assert closing in handout
            file.write_text(handout.replace(closing, f"{text}\n{closing}"), encoding="utf-8")
        elif path.startswith("solutions/"):
            file.write_text(file.read_text(encoding="utf-8") + f"\n\n{text}", encoding="utf-8")
        else:
            assert not file.exists()
            file.write_text(text, encoding="utf-8")


def autograder(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("autograder")
    return subprocess.run([command, *arguments], cwd=cwd, capture_output=True, text=True)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course in which the guide's steps were followed."""
    copy = tmp_path_factory.mktemp("course")
    for folder in ("assignments", "solutions"):
        shutil.copytree(ROOT / folder, copy / folder)
    for file in ("grading_config.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / file, copy)
    follow(GUIDE, copy)
    return copy


def test_the_new_exercise_is_part_of_the_course(course: Path):
    run = autograder("list", "--json", cwd=course)
    assert run.returncode == 0, run.stderr
    assert '"l2_penalty"' in run.stdout


@pytest.mark.slow
def test_the_new_exercise_builds_and_is_proven(course: Path):
    for command in ("build", "verify"):
        run = autograder(command, CHAPTER, cwd=course)
        assert run.returncode == 0, run.stdout + run.stderr
    released = (course / "release" / CHAPTER / f"{CHAPTER}.ipynb").read_text(encoding="utf-8")
    assert "def l2_penalty" in released
    assert "(w * w)" not in released


def test_the_examples_code_is_clean(course: Path):
    """The guide doesn't teach what ruff refuses."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "ruff", "check", "--config", ROOT / "pyproject.toml"),
            *(path for path, _, _ in BLOCK.findall(GUIDE) if path.endswith(".py")),
        ],
        cwd=course,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
