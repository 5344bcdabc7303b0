"""What may lie in the folder that a student hands in under nbgrader."""

import os
import shutil
from pathlib import Path

import nbformat
import pytest

from tests.integrations.classroom import CHAPTER, NBGRADER_WARNS, Classroom

pytestmark = [pytest.mark.filterwarnings(warning) for warning in NBGRADER_WARNS]

FULL = {"double": 2.0, "Counter": 3.0}
NOTHING = {"double": 0.0, "Counter": 0.0}
GRADER = """\
from pathlib import Path

Path({trace!r}).write_text("ran in the judge")


def test_nothing(student):
    student
"""


def test_a_course_of_the_students_own_grades_nobody(room: Classroom, tmp_path: Path) -> None:
    """A grading_config.yml beside the notebook, with graders that are content with anything."""
    room.submit("mallory", room.release())
    folder = room.submitted("mallory")
    config = (room.root / "grading_config.yml").read_text("utf-8")
    unsafe = config.replace("sandbox:\n", "sandbox:\n  mode: none\n")
    assert unsafe != config
    (folder / "grading_config.yml").write_text(unsafe, "utf-8")
    for name in ("assignments", "solutions", "release"):
        shutil.copytree(room.root / name, folder / name)
    trace = tmp_path / "trace"
    for exercise in FULL:
        grader = folder / "assignments" / CHAPTER / f"test_{exercise}.py"
        grader.write_text(GRADER.format(trace=str(trace)))
    said = room.autograde("mallory")
    assert said["success"], said
    assert not trace.exists()
    assert room.scores("mallory") == NOTHING


READ_ALL = """\
from pathlib import Path

raise ValueError([path.read_text() for path in sorted(Path().rglob("*")) if path.is_file()])"""


def test_what_lies_behind_a_link_never_reaches_the_students_code(
    room: Classroom, tmp_path: Path
) -> None:
    """Links to a file, a folder, nothing, an endless device and the judge's own environment, a
    hard link and a pipe: the rest is graded as if they weren't there."""
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret of a classmate")
    notebook = room.solved()
    notebook.cells.insert(1, nbformat.v4.new_code_cell(READ_ALL))
    room.submit("linker", notebook)
    folder = room.submitted("linker")
    (folder / "data.csv").write_text("1,2")
    (folder / "more").mkdir()
    targets = [secret, tmp_path, tmp_path / "nothing", "/dev/zero", "/proc/self/environ"]
    for number, target in enumerate(targets):
        (folder / f"link{number}.txt").symlink_to(target)
        (folder / "more" / f"link{number}.txt").symlink_to(target)
    os.link(secret, folder / "hard.txt")
    os.mkfifo(folder / "pipe.txt")
    said = room.autograde("linker")
    assert said["success"], said
    assert room.scores("linker") == FULL
    copied = room.root / "autograded" / "linker" / CHAPTER
    assert sorted(path.name for path in copied.rglob("*") if path.is_file()) == [
        f"{CHAPTER}.ipynb",
        "data.csv",
    ]
    page = room.feedback("linker")
    assert "1,2" in page
    assert "the secret" not in page
    assert secret.read_text() == "the secret of a classmate"
    assert "link0.txt is a link or no file" in said["log"]
    assert (folder.parent / ".set_aside" / CHAPTER / "link0.txt").is_symlink()


@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder"])
def test_a_notebook_that_is_no_file_of_its_own_earns_nothing(room: Classroom, kind: str) -> None:
    """And the students after it in the list are graded."""
    thief, other = f"thief-{kind.replace(' ', '-')}", f"victim-{kind.replace(' ', '-')}"
    solved = room.submit(other, room.solved())
    path = room.submitted(thief) / f"{CHAPTER}.ipynb"
    match kind:
        case "link":
            path.symlink_to(solved)
        case "hard link":
            if os.geteuid():
                pytest.skip("only root can make files of two students")
            for number, submitted in enumerate((solved, path), 1001):
                os.chown(submitted.parent, number, number)
            os.chown(solved, 1001, 1001)
            os.link(solved, path)
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
    assert not room.autograde(thief)["success"]
    assert not (room.root / "autograded" / thief / CHAPTER).exists()
    said = room.autograde(other)
    assert said["success"], said
    assert room.scores(other) == FULL
