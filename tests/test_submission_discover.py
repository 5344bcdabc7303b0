"""Which paths of a command line, a class folder or nbgrader's tree are submissions."""

from pathlib import Path

import pytest

from autograder.errors import SubmissionError
from autograder.submission import discover


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return tmp_path


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def found(root: Path, *names: str, chapter: str | None = None) -> list[str]:
    paths = [root / name for name in names]
    return [path.relative_to(root).as_posix() for path in discover(paths, chapter=chapter)]


def test_files_are_taken_as_named_sorted_and_once(tree: Path) -> None:
    touch(tree, "b.ipynb", "a.zip", "c.txt")
    assert found(tree, "c.txt", "b.ipynb", "a.zip", "b.ipynb") == ["a.zip", "b.ipynb", "c.txt"]


@pytest.mark.parametrize(
    "names",
    [
        ["alice/a.ipynb"],
        ["alice/a.ipynb", "alice/helper.py", "alice/data/x.csv", "alice/data.csv"],
        ["alice/a.ipynb", "alice/utils/helper.py"],
        ["alice/a.py", "alice/x.csv"],
        ["alice/alice.ipynb", "alice/scratch.ipynb", "alice/old/alice.ipynb"],
    ],
)
def test_a_folder_with_one_notebook_is_one_submission(tree: Path, names: list[str]) -> None:
    touch(tree, *names)
    assert found(tree, "alice") == ["alice"]


def test_a_class_of_files_and_folders(tree: Path) -> None:
    touch(tree, "class/bob.ipynb", "class/carol.zip", "class/dan.rar", "class/README.md")
    touch(tree, "class/alice/hw.ipynb", "class/erin/hw.zip", "class/shared/x.csv")
    touch(tree, "class/.ipynb_checkpoints/bob.ipynb")
    assert found(tree, "class") == [
        "class/alice",
        "class/bob.ipynb",
        "class/carol.zip",
        "class/dan.rar",
        "class/erin",
    ]


def test_in_a_class_of_scripts_and_folders_nobody_vanishes(tree: Path) -> None:
    touch(tree, "class/bob.py", "class/carol.py", "class/alice/hw.py", "class/data/x.csv")
    assert found(tree, "class") == ["class/alice", "class/bob.py", "class/carol.py"]
    touch(tree, "dan/hw.py", "dan/package/helper.py")
    assert found(tree, "dan") == ["dan"]


def test_in_a_class_of_folders_nobody_vanishes(tree: Path) -> None:
    touch(tree, "class/alice/a.ipynb", "class/alice/b.ipynb", "class/bob/report.docx")
    (tree / "class" / "carol").mkdir()
    (tree / "class" / "dan").mkdir()
    (tree / "class" / "dan" / "hw.ipynb").symlink_to("../alice/a.ipynb")
    assert found(tree, "class") == ["class/alice", "class/bob", "class/dan"]


def test_nbgraders_tree(tree: Path) -> None:
    touch(tree, "submitted/alice/ch06/ch06.ipynb", "submitted/alice/ch09/ch09.ipynb")
    touch(tree, "submitted/bob/ch09/ch09.ipynb", "submitted/bob/ch09/data.zip")
    touch(tree, "submitted/carol/ch06/ch06.ipynb")
    alice, bob, carol = (f"submitted/{name}" for name in ("alice", "bob", "carol"))
    assert found(tree, "submitted", chapter="ch09") == [f"{alice}/ch09", f"{bob}/ch09"]
    assert found(tree, alice, chapter="ch09") == [f"{alice}/ch09"]
    assert found(tree, f"{bob}/ch09") == [f"{bob}/ch09"]
    assert found(tree, "submitted") == [
        f"{alice}/ch06",
        f"{alice}/ch09",
        f"{bob}/ch09",
        f"{carol}/ch06",
    ]


def test_links_below_a_class_are_not_followed(tree: Path) -> None:
    touch(tree, "secret/x.ipynb", "class/alice.ipynb", "class/bob.ipynb")
    (tree / "class" / "carol").symlink_to(tree / "secret")
    (tree / "class" / "dan.ipynb").symlink_to(tree / "secret" / "x.ipynb")
    assert found(tree, "class") == ["class/alice.ipynb", "class/bob.ipynb"]


def test_a_path_without_a_submission_is_an_error(tree: Path) -> None:
    touch(tree, "empty/README.md")
    with pytest.raises(SubmissionError, match="no submission in"):
        discover([tree / "empty"])
    with pytest.raises(SubmissionError, match="no such file"):
        discover([tree / "nobody"])
