"""The notebooks of this repository: up to date, runnable, and as nbgrader means them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.notebook import source_notebook
from autograder.authoring.release import PREPROCESSORS
from autograder.course import load_course

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course(ROOT)
CHAPTERS = list(COURSE.chapters.values())

# One kernel start for each notebook: every cell of source/ must run clean, plots included. A busy
# machine may take longer for a cell than nbgrader's 30 s.
VALIDATE = """
import json, sys
from nbgrader.validator import Validator
from traitlets.config import Config
config = Config({"Execute": {"timeout": 240}})
result = Validator(config=config, validate_all=sys.argv[2] == "all").validate(sys.argv[1])
print(json.dumps({kind: [cell.get("raw_error", "") for cell in cells]
                  for kind, cells in result.items()}))
"""


def validate(path: Path, which: str) -> dict[str, list[str]]:
    """nbgrader's findings: the cells that failed or were changed, with their errors."""
    path_of_scripts = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-c", VALIDATE, str(path), which],
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": path_of_scripts},
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_handout_builds_in_both_languages(chapter, language):
    """A build has a prompt, a filled solution and a test cell for each exercise."""
    notebook = nbformat.reads(source_notebook(chapter, language), as_version=4)
    ids = {cell.id for cell in notebook.cells}
    for name in chapter.exercises:
        assert {f"{name}-prompt", f"{name}-solution", name} <= ids


@pytest.mark.slow
def test_source_and_release_are_up_to_date():
    """What is committed is what a build gives."""
    done = subprocess.run(
        [Path(sys.executable).parent / "autograder", "build", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_source_notebook_runs_top_to_bottom(chapter):
    """In a real kernel no cell raises or writes to stderr, and all test cells pass."""
    assert validate(chapter.source_path, "all") == {}


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_test_cell_fails_before_the_student_has_written_anything(chapter):
    """A release is handed out unsolved: each exercise's cell fails for want of code."""
    failed = validate(chapter.release_path, "graded")
    assert list(failed) == ["failed"]
    assert len(failed["failed"]) == len(chapter.exercises)
    assert all("NotImplementedError" in error for error in failed["failed"])


def test_nbgrader_config_names_the_same_preprocessors():
    """Ours differ from nbgrader's own lists in one place each."""
    from nbgrader.converters import Autograde, GenerateAssignment
    from traitlets.config.loader import PyFileConfigLoader

    def names(classes):
        return [name if isinstance(name, str) else name.__name__ for name in classes]

    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    assert config.CourseDirectory.root == str(ROOT)
    ours = [name.rsplit(".")[-1] for name in config.Autograde.autograde_preprocessors]
    theirs = names(Autograde.autograde_preprocessors.default_args[0])
    assert ours == [n.replace("Execute", "SandboxedExecute") for n in theirs]
    ours = [name.rsplit(".")[-1] for name in PREPROCESSORS]
    theirs = names(GenerateAssignment.preprocessors.default_args[0])
    assert ours == [n.replace("ClearSolutions", "ClearNamedSolutions") for n in theirs]
