"""What a submission is once it has been read: cells, data files, problems."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.text import Text

MIB = 1 << 20
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much of a submission is read before it is called too much. Sizes are in bytes."""

    notebook: int = 64 * MIB
    """The notebook or .py file itself, outputs included."""
    values: int = 2_000_000
    """Commas and opening brackets in a notebook's JSON: each may cost a hundred bytes of memory."""
    cells: int = 10_000
    cell: int = 1 * MIB
    """One cell's source."""
    sources: int = 8 * MIB
    """All sources together."""
    file: int = 32 * MIB
    """One data file."""
    total: int = 128 * MIB
    """Everything that is read of a folder or a zip, and a zip's own size."""
    files: int = 1_000
    entries: int = 20_000
    """Folder or zip entries that are looked at, whether or not they are used."""
    depth: int = 16
    """Folders within folders."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell."""

    index: int
    """Position among all cells of the notebook, from 0."""
    source: str
    grade_id: str | None = None
    """nbgrader's, if the metadata has a valid one."""
    graded: bool = False
    """nbgrader's metadata call it an autograded test cell."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's work for one chapter."""

    name: str
    path: Path | None
    cells: tuple[Cell, ...]
    files: Mapping[str, bytes]
    """Data files beside the notebook (of a folder or zip), by relative POSIX name."""
    digest: str
    """SHA-256 over the cells and files: equal digests mean equal work."""
    problems: tuple[Text, ...]


class Problems:
    """Collects what is wrong, each sentence once and not without end."""

    def __init__(self) -> None:
        self._texts: dict[Text, None] = {}
        self._unsaid = 0

    def add(self, en: str, zh: str) -> None:
        text = Text(en, zh)
        if text in self._texts:
            return
        if len(self._texts) >= _MOST_PROBLEMS:
            self._unsaid += 1
        else:
            self._texts[text] = None

    def texts(self) -> tuple[Text, ...]:
        """The sentences in the order in which they were found."""
        if not self._unsaid:
            return tuple(self._texts)
        more = Text(
            f"{self._unsaid} further problems of this kind aren't listed.",
            f"另有 {self._unsaid} 个类似的问题未列出。",
        )
        return (*self._texts, more)


def digest_of(cells: Iterable[Cell], files: Mapping[str, bytes]) -> str:
    """SHA-256 in which no two different submissions read as the same run of bytes."""
    sha = hashlib.sha256()

    def feed(*parts: bytes) -> None:
        for part in parts:
            sha.update(len(part).to_bytes(8, "big"))
            sha.update(part)

    for cell in cells:
        marks = f"{cell.grade_id or ''}:{cell.graded:d}"
        feed(b"cell", marks.encode(), cell.source.encode("utf-8", "surrogatepass"))
    for name in sorted(files):
        feed(b"file", name.encode("utf-8", "surrogatepass"), files[name])
    return sha.hexdigest()
