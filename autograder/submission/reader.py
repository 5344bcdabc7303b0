"""Finds the notebook among what was handed in and makes a Submission of it."""

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from autograder.errors import SubmissionError
from autograder.submission.archive import NotAZip, fill_from_zip
from autograder.submission.files import NOTEBOOKS, Basket, TooManyEntries, fill_from_folder
from autograder.submission.model import (
    MIB,
    Cell,
    Problems,
    ReadLimits,
    Submission,
    digest_of,
)
from autograder.submission.notebook import cells_of, cells_of_notebook
from autograder.submission.script import cells_of_script
from autograder.submission.text import shown

_DEFAULT: Final = ReadLimits()


def read_submission(
    path: Path, *, chapter: str | None = None, limits: ReadLimits = _DEFAULT
) -> Submission:
    """What the student handed in at `path`: an .ipynb, .py or .zip file, or a folder.

    In a folder or zip the submission is CHAPTER.ipynb or CHAPTER.py, else the only notebook, else
    the only .py file; everything else is data. Raises SubmissionError if there is no such path,
    or if it may not be read; what is wrong with the content is in the submission's `problems`.
    """
    problems = Problems()
    basket = Basket(limits, problems)
    data = None
    try:
        if path.is_dir():
            fill_from_folder(path, basket)
        else:
            data = read_file(path, max(limits.notebook, limits.total) + 1)
    except TooManyEntries:
        _say_too_many(problems, limits)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise SubmissionError(
            f"submission can't be read: {shown(str(path))} ({reason}); name a notebook, a .py file,"
            " a zip, or a folder that holds one"
        ) from error
    if data is None:
        cells, files = _from_files(basket.files, chapter, limits, problems)
    else:
        cells, files = _from_file(path.name, data, chapter, limits, problems)
    return _submission(name_of(path, chapter), path, cells, files, problems)


def read_one_of_many(path: Path, *, chapter: str) -> Submission:
    """As `read_submission`; one that can't be read at all has no cells, and a problem that says
    so: it may have been taken away meanwhile, and the others are to be graded."""
    try:
        return read_submission(path, chapter=chapter)
    except SubmissionError as error:
        problems, reason = Problems(), getattr(error.__cause__, "strerror", None) or "no file"
        problems.add(
            f"The submission couldn't be read when its turn came ({reason}). Hand it in again.",
            f"评分时无法读取这份提交（{reason}）。请重新提交。",
        )
        return _submission(name_of(path, chapter), path, (), {}, problems)


def from_notebook(
    nb: Mapping[str, Any], *, name: str, files: Mapping[str, bytes] | None = None
) -> Submission:
    """A submission from a notebook in memory: an nbformat node or a plain dict, as distrusted."""
    problems = Problems()
    basket = Basket(_DEFAULT, problems)
    for file, data in sorted((files or {}).items()):
        basket.offer(file, lambda most, data=data: data[:most])  # type: ignore[misc]
    cells = cells_of(nb, _DEFAULT, problems)
    return _submission(name, None, cells, basket.files, problems)


def read_files(
    folder: Path, *, without: Iterable[str] = (), limits: ReadLimits = _DEFAULT
) -> dict[str, bytes]:
    """A folder's data files by the same rules, without the named ones; for `from_notebook`."""
    basket = Basket(limits, Problems())
    try:
        fill_from_folder(folder, basket)
    except TooManyEntries:
        pass  # what was read until then is what there is
    except OSError as error:
        raise SubmissionError(
            f"folder can't be read: {shown(str(folder))} ({error.strerror})"
        ) from error
    left_out = set(without)
    return {name: data for name, data in basket.files.items() if name not in left_out}


def _submission(
    name: str,
    path: Path | None,
    cells: tuple[Cell, ...],
    files: dict[str, bytes],
    problems: Problems,
) -> Submission:
    if not cells and not problems.texts():
        problems.add(
            "There is no code in it. Save the notebook and hand it in again.",
            "其中没有代码。请保存笔记本后重新提交。",
        )
    return Submission(
        name=shown(name),
        path=path,
        cells=cells,
        files=files,
        digest=digest_of(cells, files),
        problems=problems.texts(),
    )


def read_file(path: Path, most: int) -> bytes:
    """Up to `most` bytes of a file that the instructor named: links are fine, pipes and devices
    aren't, which is an OSError."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "neither a file nor a folder")
        return file.read(most)


def _from_file(
    name: str, data: bytes, chapter: str | None, limits: ReadLimits, problems: Problems
) -> tuple[tuple[Cell, ...], dict[str, bytes]]:
    suffix = Path(name).suffix.lower()
    if suffix == ".ipynb" or (suffix not in {".py", ".zip"} and data.lstrip()[:1] == b"{"):
        return cells_of_notebook(data, limits, problems), {}
    if suffix == ".py":
        return _script(data, limits, problems), {}
    if suffix == ".zip" or data.startswith(b"PK\x03\x04"):
        unzipped = _unzipped(data, limits, problems)
        return _from_files(unzipped, chapter, limits, problems, zipped=True)
    problems.add(
        f"{shown(name)} is neither a notebook nor a .py file nor a zip of one. Hand in the .ipynb"
        " file.",
        f"{shown(name)} 不是笔记本、.py 文件，也不是包含它们的 zip。请提交 .ipynb 文件。",
    )
    return (), {}


def _script(data: bytes, limits: ReadLimits, problems: Problems) -> tuple[Cell, ...]:
    if len(data) > limits.sources:
        problems.add(
            f"The .py file is larger than {limits.sources / MIB:.0f} MiB. Move data out of it.",
            f".py 文件超过 {limits.sources / MIB:.0f} MiB。请把数据移到其他文件中。",
        )
        return ()
    return cells_of_script(data, limits, problems)


def _unzipped(data: bytes, limits: ReadLimits, problems: Problems) -> dict[str, bytes]:
    if len(data) > limits.total:
        problems.add(
            f"The zip is larger than {limits.total / MIB:.0f} MiB. Leave large data out.",
            f"zip 文件超过 {limits.total / MIB:.0f} MiB。请不要放入大型数据。",
        )
        return {}
    basket = Basket(limits, problems)
    try:
        fill_from_zip(data, basket)
    except TooManyEntries:
        _say_too_many(problems, limits)
    except NotAZip:
        problems.add(
            "The zip is damaged, or isn't a zip. Pack it again and check that it opens.",
            "zip 文件已损坏或不是 zip。请重新打包并确认可以打开。",
        )
    return basket.files


def _from_files(
    found: dict[str, bytes],
    chapter: str | None,
    limits: ReadLimits,
    problems: Problems,
    *,
    zipped: bool = False,
) -> tuple[tuple[Cell, ...], dict[str, bytes]]:
    # A folder may hold just a zip (learning platforms do that); a zip within a zip is data, or
    # one that contains itself would never end.
    main = _choose(found, chapter, NOTEBOOKS if zipped else (*NOTEBOOKS, ".zip"), problems)
    if main is None:
        return (), {}
    cells, inner = _from_file(main, found[main], chapter, limits, problems)
    files = {name: data for name, data in found.items() if name != main}
    return cells, inner or files


def _choose(
    found: Mapping[str, bytes],
    chapter: str | None,
    suffixes: tuple[str, ...],
    problems: Problems,
) -> str | None:
    """The one file that is the submission, or None with a problem."""
    top = sorted(name for name in found if "/" not in name)
    for exact in (f"{chapter}.ipynb", f"{chapter}.py") if chapter else ():
        if exact in top:
            return exact
    for suffix in suffixes:
        candidates = [name for name in top if name.lower().endswith(suffix)]
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            names = ", ".join(shown(name) for name in candidates[:5])
            names += ", …" if len(candidates) > 5 else ""
            wanted = f"{chapter}.ipynb" if chapter else "CHAPTER.ipynb"
            problems.add(
                f"Which one is it? There are {len(candidates)} candidates: {names}. Name the one to"
                f" be graded {wanted}, or hand in just one.",
                f"应当评哪一个？共有 {len(candidates)} 个候选：{names}。"
                f"请把要评分的命名为 {wanted}，或只提交一个。",
            )
            return None
    deeper = sorted(name for name in found if name.lower().endswith(".ipynb"))
    hint = f" (there is {shown(deeper[0])}: move it up)" if deeper else ""
    hint_zh = f"（有 {shown(deeper[0])}：请移到最上层）" if deeper else ""
    problems.add(
        f"There is no notebook and no .py file to grade{hint}.",
        f"没有可评分的笔记本或 .py 文件{hint_zh}。",
    )
    return None


def name_of(path: Path, chapter: str | None) -> str:
    """Whose it is: in nbgrader's STUDENT/CHAPTER/CHAPTER.ipynb, the student's folder."""
    full = path.resolve() if ".." in path.parts else path.absolute()
    name = full.name if full.is_dir() else full.stem
    parents = iter(full.parents)
    while name == chapter and (parent := next(parents, None)) is not None:
        name = parent.name
    return name or full.stem or str(full)


def _say_too_many(problems: Problems, limits: ReadLimits) -> None:
    problems.add(
        f"There are more than {limits.entries:,} files and folders. Hand in the notebook and its"
        " data only.",
        f"文件和文件夹超过 {limits.entries:,} 个。请只提交笔记本及其数据。",
    )
