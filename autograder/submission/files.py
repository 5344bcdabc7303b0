"""The files of a folder: which may be opened, and what a file may be called.

A student's folder may hold links to other people's files, named pipes that block for ever,
devices, or names that forge a terminal's output. So folders are walked by descriptor, every file
is opened without following links and without waiting, and only plain files are read, of those that
have several names (a hard link may be another student's file) only a student's own in the student's
own folder. `Basket` holds the rules that folders and zips share.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from autograder.submission.model import MIB, Problems, ReadLimits
from autograder.submission.text import is_plain, shown

NOTEBOOKS: Final = (".ipynb", ".py")
TIMESTAMP: Final = "timestamp.txt"
"""nbgrader's: when a folder was handed in, not what."""
_IGNORED: Final = {"__pycache__", "__MACOSX", "Thumbs.db", "desktop.ini"}
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


_MOST_FAILURES: Final = 20
_LONGEST_TIMESTAMP: Final = 1000


def is_own(file: os.stat_result, folder: os.stat_result) -> bool:
    """Whether a plain file is handed in by whoever owns the folder that it lies in.

    Other names of it tell: one of them may be in a folder where it belongs. A classmate who makes
    a hard link to a student's work doesn't take it away from the student, though.
    """
    return file.st_nlink == 1 or os.geteuid() != file.st_uid == folder.st_uid


class TooManyEntries(Exception):
    """A folder or zip has more entries than are worth looking at."""


class Refused(Exception):
    """One file isn't used; the reason in English and in Chinese."""


def is_hidden(name: str) -> bool:
    """Names that no student means to hand in (any part of them): .git, .DS_Store, __MACOSX…"""
    return any(part.startswith(".") or part in _IGNORED for part in name.split("/"))


def reading_order(name: str) -> tuple[bool, bool, str]:
    """Sorts what could be the notebook first, so that data can't use up its room."""
    return "/" in name, not name.lower().endswith(NOTEBOOKS), name


class Basket:
    """Takes files within the limits, and says why it doesn't take others."""

    def __init__(self, limits: ReadLimits, problems: Problems) -> None:
        self.files: dict[str, bytes] = {}
        self.limits = limits
        self._problems = problems
        self._left = limits.total
        self._failures = 0  # a damaged file costs time to find out, and no room

    def offer(self, name: str, read: Callable[[int], bytes]) -> None:
        """Keep the file if it can be kept.

        `read(n)` gives at most `n` bytes of it, or raises Refused or OSError.
        """
        if not self.allows_name(name):
            return
        limits = self.limits
        if len(self.files) >= limits.files or self._failures > _MOST_FAILURES:
            self._problems.add(
                f"There are more than {limits.files} files, or too many damaged ones; the rest was"
                " left out.",
                f"文件超过 {limits.files} 个，或损坏的文件过多，其余已忽略。",
            )
            return
        whole = "/" not in name and name.lower().endswith(NOTEBOOKS)
        most = min(limits.notebook if whole else limits.file, self._left)
        try:
            data = read(most + 1)
        except (Refused, OSError) as error:
            self._failures += 1
            en, zh = error.args if isinstance(error, Refused) else ("it can't be read", "无法读取")
            self.refuse(name, en, zh)
            return
        self._left -= min(len(data), most)
        if len(data) > most and most < (limits.notebook if whole else limits.file):
            mib = limits.total / MIB
            self.refuse(
                name, f"all files are larger than {mib:.0f} MiB", f"所有文件共超过 {mib:.0f} MiB"
            )
        elif len(data) > most:
            mib = most / MIB
            self.refuse(name, f"it is larger than {mib:.0f} MiB", f"超过 {mib:.0f} MiB")
        else:
            self.files[name] = data

    def allows_name(self, name: str) -> bool:
        """Whether a file of this relative POSIX name may be laid beside the notebook."""
        parts = name.split("/")
        size = len(name.encode("utf-8", "surrogatepass"))
        if not is_plain(name):
            self.refuse(name, "its name holds invisible characters", "名称含有不可见字符")
        elif "\\" in name or any(part in {"", ".", ".."} for part in parts):
            self.refuse(name, "its name leads out of the folder", "名称指向文件夹之外")
        elif any(part.startswith("-") for part in parts):
            self.refuse(name, "its name begins with a hyphen", "名称以连字符开头")
        elif size > 1000 or any(len(part.encode()) > 255 for part in parts):
            self.refuse(name, "its name is too long", "名称过长")
        elif len(parts) > self.limits.depth:
            self.refuse(name, "it lies too deep in folders", "文件夹层级过深")
        else:
            return True
        return False

    def refuse(self, name: str, en: str, zh: str) -> None:
        """Say that the file isn't used, and why."""
        self._problems.add(
            f"The file {shown(name)} was left out: {en}.", f"已忽略文件 {shown(name)}：{zh}。"
        )


def fill_from_folder(folder: Path, basket: Basket) -> None:
    """Put a folder's files into the basket. OSError if the folder itself can't be opened."""
    # The folder is the instructor's choice and may be a link; nothing below it may.
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _walk(top, "", basket, basket.limits.entries)
    finally:
        os.close(top)


def timestamp_of(folder: Path) -> bytes | None:
    """What nbgrader noted of when `folder` was handed in; None where there is nothing readable."""
    try:
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _read_plain(top, TIMESTAMP, _LONGEST_TIMESTAMP)
    except (Refused, OSError):
        return None
    finally:
        os.close(top)


def _walk(folder: int, prefix: str, basket: Basket, entries_left: int) -> int:
    names = []
    with os.scandir(folder) as listing:
        for entry in listing:
            entries_left -= 1
            if entries_left < 0:
                raise TooManyEntries
            if not is_hidden(entry.name):
                names.append(entry.name)
    subfolders = []
    for name in sorted(names, key=reading_order):
        full = prefix + name
        try:
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        except OSError:
            mode = 0  # gone meanwhile
        if stat.S_ISDIR(mode):
            subfolders.append(name)
        elif stat.S_ISLNK(mode):
            basket.refuse(full, "it is a link; hand in the file itself", "它是链接，请提交文件本身")
        elif not stat.S_ISREG(mode):  # opening a device may do something
            basket.refuse(full, "it is not a plain file", "它不是普通文件")
        elif full != TIMESTAMP:
            basket.offer(full, lambda most, name=name: _read_plain(folder, name, most))  # type: ignore[misc]
    for name in subfolders:
        full = prefix + name
        if full.count("/") + 1 >= basket.limits.depth or not basket.allows_name(full):
            continue
        try:
            inner = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=folder)
        except OSError:
            basket.refuse(full, "it can't be opened", "无法打开")
            continue
        try:
            entries_left = _walk(inner, full + "/", basket, entries_left)
        finally:
            os.close(inner)
    return entries_left


def _read_plain(folder: int, name: str, most: int) -> bytes:
    with os.fdopen(os.open(name, _OPEN, dir_fd=folder), "rb") as file:
        # Checked on what was opened: the name may mean something else by now.
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Refused("it is not a plain file", "它不是普通文件")
        if not is_own(status, os.fstat(folder)):
            raise Refused("it is a hard link; hand in a copy of the file", "它是硬链接，请提交副本")
        return file.read(most)
