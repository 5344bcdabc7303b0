"""What a course, a chapter and an exercise are, and where their files lie.

    grading_config.yml
    assignments/CHAPTER/notebook.md              the handout
    assignments/CHAPTER/test_EXERCISE.py         the hidden graders
    assignments/CHAPTER/misconceptions/EXERCISE.py
    solutions/CHAPTER.py                         the reference solutions
    source/CHAPTER/, release/CHAPTER/            built, see `autograder.authoring`

`load_course` looks and parses but runs nothing of the course; `load_solution` and
`load_misconceptions` (in `autograder.course_code`) do, and trust its authors.
"""

import ast
import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Literal

import autograder
from autograder.config import CONFIG_NAME, Config, ExerciseConfig, Limits, find_config, load_config
from autograder.course_code import (
    Misconception,
    load_misconceptions,
    load_solution,
    misconception,
)
from autograder.errors import CourseError
from autograder.hidden import strip_hidden
from autograder.text import Text

__all__ = [
    "Chapter",
    "Course",
    "Exercise",
    "Misconception",
    "load_course",
    "load_misconceptions",
    "load_solution",
    "misconception",
    "strip_hidden",
]

Kind = Literal["function", "class"]


@dataclass(frozen=True)
class Exercise:
    """A graded function or class. `limits` are the course's with this exercise's changes."""

    name: str
    chapter: str
    points: float
    limits: Limits
    budget: float | None
    forbidden: tuple[str, ...]
    grader_path: Path
    misconceptions_path: Path


@dataclass(frozen=True)
class Chapter:
    """One notebook with its exercises, in the order of grading_config.yml."""

    name: str
    title: Text
    points: float
    exercises: dict[str, Exercise]
    folder: Path
    notebook_path: Path
    solution_path: Path
    source_path: Path
    release_path: Path

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Every top-level function and class of the solution file, by name."""
        kinds: dict[str, Kind] = {}
        for node in self.solution_tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                kinds[node.name] = "function"
            elif isinstance(node, ast.ClassDef):
                kinds[node.name] = "class"
        return kinds

    @cached_property
    def solution_tree(self) -> ast.Module:
        """The solution file, parsed and not run."""
        try:
            return ast.parse(self.solution_path.read_bytes(), str(self.solution_path))
        except OSError as error:
            raise CourseError(f"can't read {self.solution_path}: {error.strerror}") from None
        except (SyntaxError, ValueError) as error:
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
            raise CourseError(
                f"{self.solution_path}{line} is not Python: {error.args[0]}"
            ) from None

    def exercise(self, name: str) -> Exercise:
        """The exercise called `name`."""
        if name not in self.exercises:
            raise CourseError(_unknown("exercise", name, self.exercises, f" in {self.name}"))
        return self.exercises[name]


@dataclass(frozen=True)
class Course:
    """A folder with a grading_config.yml, and what it grades."""

    root: Path
    config: Config
    chapters: dict[str, Chapter]

    def chapter(self, name: str) -> Chapter:
        """The chapter called `name`, or the only one whose name begins with it (`ch09`)."""
        if name in self.chapters:
            return self.chapters[name]
        starting = [chapter for full, chapter in self.chapters.items() if full.startswith(name)]
        if name and len(starting) == 1:
            return starting[0]
        raise CourseError(_unknown("chapter", name, self.chapters, f" in {CONFIG_NAME}"))

    def digest(self, chapter: Chapter | str) -> str:
        """A sha256 over all that decides marks in `chapter`, the same on every machine."""
        if isinstance(chapter, str):
            chapter = self.chapter(chapter)
        config = self.config.model_dump(mode="json")
        config["chapters"] = {chapter.name: config["chapters"][chapter.name]}
        parts = [("engine", autograder.__version__.encode())]
        parts.append((CONFIG_NAME, json.dumps(config, sort_keys=True).encode()))
        for path in sorted({*_files(chapter.folder), chapter.solution_path}):
            # A checkout may have turned \n into \r\n.
            content = path.read_bytes().replace(b"\r\n", b"\n")
            parts.append((path.relative_to(self.root).as_posix(), content))
        digest = hashlib.sha256()
        for name, content in parts:
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


def load_course(start: str | Path = ".", *, only: Collection[str] | None = None) -> Course:
    """The course whose grading_config.yml is `start`, or in it, or in a folder above it.

    All files of all chapters must be there, and nothing may be graded that isn't configured: one
    CourseError lists every problem. `only` names the chapters to check, for an author who is still
    writing another one.
    """
    start = Path(start)
    path = start.resolve() if start.is_file() else find_config(start)
    config = load_config(path)
    course = Course(path.parent, config, dict(_chapters(path.parent, config)))
    checked = [course.chapter(name) for name in only] if only else course.chapters.values()
    problems = [problem for chapter in checked for problem in _problems(course, chapter)]
    if not only:
        problems += _unconfigured(course)
    if problems:
        raise CourseError("\n".join(problems))
    return course


def without_chapters(root: Path) -> Course:
    """A folder that has no grading_config.yml: the defaults hold."""
    return Course(root.resolve(), Config.model_construct(chapters={}), {})


def _chapters(root: Path, config: Config) -> Iterator[tuple[str, Chapter]]:
    for name, settings in config.chapters.items():
        folder = root / "assignments" / name
        yield (
            name,
            Chapter(
                name=name,
                title=settings.title.text,
                points=settings.points,
                exercises={
                    exercise: _exercise(exercise, name, folder, its, config.sandbox.limits)
                    for exercise, its in settings.exercises.items()
                },
                folder=folder,
                notebook_path=folder / "notebook.md",
                solution_path=root / "solutions" / f"{name}.py",
                source_path=root / "source" / name / f"{name}.ipynb",
                release_path=root / "release" / name / f"{name}.ipynb",
            ),
        )


def _exercise(
    name: str, chapter: str, folder: Path, settings: ExerciseConfig, default: Limits
) -> Exercise:
    override = settings.limits.call
    call = default.call.model_copy(
        update={
            clock: seconds
            for clock, seconds in (("wall", override.wall), ("cpu", override.cpu))
            if seconds is not None
        }
    )
    memory = settings.limits.memory if settings.limits.memory is not None else default.memory
    return Exercise(
        name=name,
        chapter=chapter,
        points=settings.points,
        limits=default.model_copy(update={"call": call, "memory": memory}),
        budget=settings.budget,
        forbidden=settings.forbidden,
        grader_path=folder / f"test_{name}.py",
        misconceptions_path=folder / "misconceptions" / f"{name}.py",
    )


def _problems(course: Course, chapter: Chapter) -> Iterator[str]:
    def at(path: Path) -> str:
        return path.relative_to(course.root).as_posix()

    if not chapter.folder.is_dir():
        yield f"{chapter.name}: no folder {at(chapter.folder)}"
        return
    if not chapter.notebook_path.is_file():
        yield f"{chapter.name}: no handout {at(chapter.notebook_path)}"
    if not chapter.solution_path.is_file():
        yield f"{chapter.name}: no solutions {at(chapter.solution_path)}"
    else:
        for name in chapter.exercises:
            if name not in chapter.kinds:
                yield f"{chapter.name}: {at(chapter.solution_path)} has no solution of {name}"
    for exercise in chapter.exercises.values():
        if not exercise.grader_path.is_file():
            yield f"{chapter.name}: no graders {at(exercise.grader_path)} of {exercise.name}"
    graded = [(path, path.stem.removeprefix("test_")) for path in chapter.folder.glob("test_*.py")]
    graded += [(path, path.stem) for path in chapter.folder.glob("misconceptions/[!_]*.py")]
    for path, name in sorted(graded):
        if name not in chapter.exercises:
            near = get_close_matches(name, chapter.exercises, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            yield f"{chapter.name}: {at(path)} is about an exercise that {CONFIG_NAME} lacks{hint}"


def _unconfigured(course: Course) -> Iterator[str]:
    for path in sorted((course.root / "assignments").glob("*/notebook.md")):
        if path.parent.name not in course.chapters:
            yield f"assignments/{path.parent.name} is a chapter that {CONFIG_NAME} lacks"


def _files(folder: Path) -> Iterator[Path]:
    """Files that somebody wrote: no caches, no editor's leftovers."""
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if path.is_file() and not hidden and not path.name.endswith("~"):
            yield path


def _unknown(what: str, name: str, known: Collection[str], where: str) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return f"no {what} {name!r}{where} ({hint})"
