"""Which of the paths on a command line are submissions.

A path that names a file is a submission. A folder is either one submission (a notebook and its
data) or a class: notebooks, zips and folders of students, or nbgrader's submitted/STUDENT/CHAPTER.
Links inside a folder aren't followed: one student's may lead to another's work.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograder.errors import SubmissionError
from autograder.submission.files import NOTEBOOKS, is_hidden
from autograder.submission.text import shown

# Those that can't be read too: the student is told so, and doesn't vanish from the table.
_ARCHIVES: Final = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".xz", ".bz2")
_DEPTH: Final = 4


def discover(paths: Sequence[Path], *, chapter: str | None = None) -> list[Path]:
    """The submissions at or below `paths`, sorted, each once; for `read_submission`.

    With `chapter`, a folder that holds CHAPTER.ipynb is one submission whatever else it holds,
    and of STUDENT/CHAPTER folders only those of this chapter count. Raises SubmissionError for a
    path that doesn't exist, can't be read, or holds nothing that could be graded.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        try:
            here = _class_or_one(path, chapter) if path.is_dir() else [path]
            exists = path.exists()
        except (OSError, ValueError) as error:
            raise SubmissionError(f"can't be read: {shown(str(path))} ({error})") from error
        if not exists:
            raise SubmissionError(f"no such file or folder: {shown(str(path))}")
        if not here:
            raise SubmissionError(
                f"no submission in {shown(str(path))}; expected notebooks (.ipynb), .py files,"
                " zips, or a folder for each student"
            )
        found.update({one.absolute(): one for one in here})
    return sorted(found.values())


def _class_or_one(folder: Path, chapter: str | None) -> list[Path]:
    files, subfolders = _listing(folder)
    own = {chapter, folder.name, folder.resolve().name}
    if any(file.stem in own for file in _ending(files, *NOTEBOOKS)):
        return [folder]
    notebooks = _ending(files, ".ipynb") or _ending(files, ".py")
    archives = _ending(files, *_ARCHIVES)
    named = [sub for sub in subfolders if sub.name == chapter]
    below = [path for sub in named or subfolders for path in _student(sub, chapter, 1)]
    if not notebooks:
        if not below and not archives:
            return []
        return archives + _of_chapter(below, folder, chapter)
    # Beside notebooks, a folder is a student's only if it holds one too; else it is data. One .py
    # file may have others in folders, which it imports; several are several students'.
    scripts = len(notebooks) > 1 and notebooks[0].suffix.lower() == ".py"
    kinds = NOTEBOOKS if scripts else (".ipynb",)
    students = [path for path in below if _holds_notebook(path, kinds)]
    if len(notebooks) == 1 and not students:
        return [folder]
    return notebooks + archives + _of_chapter(students, folder, chapter)


def _student(folder: Path, chapter: str | None, depth: int) -> list[Path]:
    """The submissions in a student's folder: itself, or a folder for each chapter in it."""
    try:
        files, subfolders = _listing(folder)
    except OSError:
        return [folder]  # reading it will say so, for this student alone
    if not _ending(files, *NOTEBOOKS, *_ARCHIVES) and subfolders and depth < _DEPTH:
        named = [sub for sub in subfolders if sub.name == chapter]
        return [path for sub in named or subfolders for path in _student(sub, chapter, depth + 1)]
    return [folder] if files else []


def _of_chapter(found: list[Path], folder: Path, chapter: str | None) -> list[Path]:
    """Without the other chapters of students who handed in nothing for this one."""
    if not any(path.name == chapter and path.parent != folder for path in found):
        return found
    return [path for path in found if path.name == chapter or path.parent == folder]


def _holds_notebook(path: Path, kinds: Sequence[str]) -> bool:
    try:
        return bool(_ending(_listing(path)[0], *kinds, *_ARCHIVES))
    except OSError:
        return True


def _ending(files: list[Path], *suffixes: str) -> list[Path]:
    return [
        file
        for file in files
        if file.name.lower().endswith(suffixes) and file.is_file() and not file.is_symlink()
    ]


def _listing(folder: Path) -> tuple[list[Path], list[Path]]:
    """What is in a folder, and which of it are folders; sorted, without hidden names."""
    entries = sorted(path for path in folder.iterdir() if not is_hidden(path.name))
    subfolders = [path for path in entries if path.is_dir() and not path.is_symlink()]
    return [path for path in entries if path not in subfolders], subfolders
