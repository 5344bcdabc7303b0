"""Builds chapters, and tells which built notebooks are out of date."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.authoring.notebook import source_notebook
from autograder.authoring.release import release_notebook
from autograder.course import Chapter, Course
from autograder.text import Language

State = Literal["built", "unchanged", "missing", "differs", "left over"]


@dataclass(frozen=True)
class Notebook:
    """A notebook below source/ or release/, and how it fared."""

    path: Path
    state: State


def _quietly(_: Chapter) -> None:
    """The progress report of nobody who waits."""


def build(
    course: Course,
    chapters: Sequence[Chapter],
    language: Language,
    *,
    began: Callable[[Chapter], object] = _quietly,
) -> list[Notebook]:
    """Write source/ and release/ of `chapters` and enter them in the course's gradebook.

    A chapter is written whole or not at all; what is up to date already isn't touched.
    """
    notebooks = []
    for chapter in chapters:
        began(chapter)
        source, release = _texts(course, chapter, language)
        notebooks += [
            _write(chapter.source_path, source),
            _write(chapter.release_path, release),
        ]
    return notebooks


def out_of_date(
    course: Course,
    chapters: Sequence[Chapter],
    language: Language,
    *,
    began: Callable[[Chapter], object] = _quietly,
) -> list[Notebook]:
    """What `build` would change; neither the course's files nor its gradebook are touched."""
    stale = []
    with tempfile.TemporaryDirectory(prefix="autograder-check-") as folder:
        for chapter in chapters:
            began(chapter)
            gradebook = Path(folder) / "gradebook.db"
            source, release = _texts(course, chapter, language, gradebook)
            for path, text in ((chapter.source_path, source), (chapter.release_path, release)):
                if not path.is_file():
                    stale.append(Notebook(path, "missing"))
                elif path.read_bytes() != text:
                    stale.append(Notebook(path, "differs"))
    return stale


def left_over(course: Course) -> Iterator[Notebook]:
    """Notebooks in source/ and release/ that no chapter of the course builds."""
    built = {chapter.source_path for chapter in course.chapters.values()}
    built |= {chapter.release_path for chapter in course.chapters.values()}
    for step in ("source", "release"):
        for path in sorted((course.root / step).glob("*/*.ipynb")):
            if path not in built:
                yield Notebook(path, "left over")


def _texts(
    course: Course, chapter: Chapter, language: Language, gradebook: Path | None = None
) -> tuple[bytes, bytes]:
    source = source_notebook(chapter, language).encode()
    return source, release_notebook(course.root, chapter.name, source, gradebook=gradebook)


def _write(path: Path, text: bytes) -> Notebook:
    if path.is_file() and path.read_bytes() == text:
        return Notebook(path, "unchanged")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(text)
    temporary.replace(path)
    return Notebook(path, "built")
