"""The parts of a course that run: reference solutions and misconceptions, by trusted authors.

Files are executed under private module names, straight from their source: no `import` statement
finds them, no bytecode cache can be stale, and each call gives a fresh module.
"""

import ast
import hashlib
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Protocol, TypeVar, get_args

from autograder.errors import CourseError
from autograder.text import Text

WrongVerdict = Literal[
    "wrong answer", "error", "time limit", "memory limit", "over budget", "forbidden"
]
"""How a misconception may fail."""

_RECORD = "__misconception__"
_Implementation = TypeVar("_Implementation", bound=Callable[..., Any])


class _Exercise(Protocol):
    """What is needed here of `autograder.course.Exercise`."""

    @property
    def name(self) -> str: ...
    @property
    def chapter(self) -> str: ...
    @property
    def misconceptions_path(self) -> Path: ...


class _Chapter(Protocol):
    """What is needed here of `autograder.course.Chapter`."""

    @property
    def name(self) -> str: ...
    @property
    def exercises(self) -> Mapping[str, object]: ...
    @property
    def solution_path(self) -> Path: ...


@dataclass(frozen=True)
class Misconception:
    """A wrong implementation that people really write, and what to tell them."""

    name: str
    hint: Text
    verdict: WrongVerdict
    implementation: Callable[..., Any]
    remembers: bool = False
    """Whether it keeps something from one call to the next, and so from one grader to the next."""


def misconception(
    *, en: str, zh: str, verdict: WrongVerdict = "wrong answer", remembers: bool = False
) -> Callable[[_Implementation], _Implementation]:
    """Mark a function or class as a misconception; its name names the mistake.

    It must fail a grader by `verdict`; a student whose outputs equal its own reads `en` or `zh`.
    One that `remembers` keeps something between calls: what it answers hangs on the graders before.
    """
    if verdict not in get_args(WrongVerdict):
        known = ", ".join(get_args(WrongVerdict))
        raise CourseError(f"a misconception can't fail by {verdict!r} (there are {known})")
    if not en.strip() or not zh.strip():
        raise CourseError("a misconception needs its hint in both languages")

    def mark(implementation: _Implementation) -> _Implementation:
        hint = Text(en, zh)
        record = Misconception(implementation.__name__, hint, verdict, implementation, remembers)
        setattr(implementation, _RECORD, record)
        return implementation

    return mark


def load_misconceptions(exercise: _Exercise) -> list[Misconception]:
    """The misconceptions of `exercise` as they stand in their file; none where there is no file."""
    path = exercise.misconceptions_path
    if not path.is_file():
        return []
    module = _run(path, f"misconceptions_{exercise.chapter}_{exercise.name}")
    records: list[Misconception] = []
    for value in vars(module).values():
        # A subclass inherits the attribute, an alias shares it: neither is a misconception itself.
        record = vars(value).get(_RECORD) if hasattr(value, "__dict__") else None
        if not isinstance(record, Misconception) or record.implementation is not value:
            continue
        if record not in records:
            records.append(record)
    written = [node.name for node in _definitions(path)]
    for record in records:
        if written.count(record.name) > 1:
            raise CourseError(f"{path} defines {record.name} twice")
    return records


def load_solution(chapter: _Chapter) -> ModuleType:
    """The reference solutions of `chapter`, as a fresh module."""
    module = _run(chapter.solution_path, f"solutions_{chapter.name}")
    for name in chapter.exercises:
        if not callable(getattr(module, name, None)):
            raise CourseError(f"{chapter.solution_path} has no solution of {name}")
    return module


def _definitions(path: Path) -> list[ast.FunctionDef | ast.ClassDef]:
    body = ast.parse(path.read_bytes()).body
    return [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def _run(path: Path, name: str) -> ModuleType:
    # Two courses in one process (a test-suite) may share chapter names.
    tag = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]
    module = ModuleType(f"_autograder_{name}_{tag}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses and pickling look a class's module up
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except OSError as error:
        raise CourseError(f"can't read {path}: {error.strerror}") from None
    except CourseError as error:
        raise CourseError(f"{path}, line {_line(error, path)}: {error}") from None
    except Exception as error:  # whatever an author's module raises is the course's fault
        where = error.lineno if isinstance(error, SyntaxError) else _line(error, path)
        message = f"{path}, line {where}: {type(error).__name__}: {error}"
        raise CourseError(message) from error
    return module


def _line(error: BaseException, path: Path) -> int | None:
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(path)), None)
