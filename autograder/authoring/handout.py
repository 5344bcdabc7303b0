"""Reads a chapter's notebook.md: Jupytext's MyST Markdown in both languages, a role for each cell.

    +++ {"lang": "en"}                                           kept in English only
    +++ {"lang": "en", "exercise": "conv2d", "role": "prompt"}   what the student shall write
    code cell  :exercise: conv2d  :role: solution                empty, filled from solutions/
    code cell  :exercise: conv2d  :role: test                    the checks that the student sees
    code cell  :role: setup                                      the imports; the first code cell

Anything else is text or a demonstration. `read_handout` gives the cells of both languages, or one
CourseError with a line for each thing that can't be built.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, get_args

from autograder.course import Chapter
from autograder.errors import CourseError
from autograder.text import Language

Role = Literal["text", "setup", "prompt", "solution", "test"]

_KEYS = ("lang", "exercise", "role", "tags")
_LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True)
class HandoutCell:
    """A cell as it is written; `lang` None means both languages."""

    kind: Literal["markdown", "code"]
    source: str
    role: Role = "text"
    exercise: str | None = None
    lang: Language | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Handout:
    """The cells of both languages, and the kernel that runs them."""

    cells: tuple[HandoutCell, ...]
    kernelspec: dict[str, str]

    def to(self, language: Language) -> list[HandoutCell]:
        """The cells that a build in `language` keeps."""
        return [cell for cell in self.cells if cell.lang in (None, language)]


def read_handout(chapter: Chapter) -> Handout:
    """The handout of `chapter`, with everything in its place."""
    path = chapter.notebook_path
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"can't read {path}: {error}") from None
    return parse_handout(text, chapter)


def parse_handout(text: str, chapter: Chapter) -> Handout:
    """The handout written in `text`."""
    where = f"assignments/{chapter.name}/notebook.md"
    notebook = _jupytext(text, where)
    problems: list[str] = []
    cells: list[HandoutCell] = []
    for number, raw in enumerate(notebook.cells, 1):
        found = list(_cell_problems(raw, chapter))
        problems += [f"cell {number} ({_words(raw.source)}): {problem}" for problem in found]
        if not found:
            cells.append(_cell(raw))
    problems = problems or list(_handout_problems(cells, chapter))
    kernelspec = dict(notebook.metadata.get("kernelspec", {}))
    if kernelspec.get("language") != "python" or not kernelspec.get("name"):
        problems.append("the header needs a kernelspec with language: python and a name")
    if problems:
        raise CourseError("\n".join(f"{where}: {problem}" for problem in problems))
    return Handout(tuple(cells), kernelspec)


def _jupytext(text: str, where: str) -> Any:
    try:
        import jupytext
    except ImportError:
        raise CourseError(
            "building notebooks needs Jupytext and nbgrader: pip install 'dl-autograder[nbgrader]'"
        ) from None
    try:
        return jupytext.reads(text, fmt="md:myst")
    except Exception as error:  # noqa: BLE001 - whatever its parsers raise: YAML, JSON, its own
        raise CourseError(f"{where} is not MyST Markdown: {error}") from None


def _cell(raw: Any) -> HandoutCell:
    metadata = raw.metadata
    return HandoutCell(
        kind=raw.cell_type,
        source=raw.source,
        role=metadata.get("role", "text"),
        exercise=metadata.get("exercise"),
        lang=metadata.get("lang"),
        tags=tuple(metadata.get("tags", ())),
    )


def _cell_problems(raw: Any, chapter: Chapter) -> Iterator[str]:
    metadata = raw.metadata
    for key in metadata:
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            yield f"unknown key {key!r}" + (f" (did you mean {near[0]!r}?)" if near else "")
    if raw.cell_type not in ("markdown", "code"):
        yield f"a {raw.cell_type} cell can't be handed out"
    lang, role, exercise = (metadata.get(key) for key in ("lang", "role", "exercise"))
    if lang not in (None, *_LANGUAGES):
        yield f"lang must be {' or '.join(_LANGUAGES)} (got {lang!r})"
    if role is not None and role not in ("setup", "prompt", "solution", "test"):
        yield f"role must be setup, prompt, solution or test (got {role!r})"
    if role in ("prompt", "solution", "test"):
        if exercise not in chapter.exercises:
            known = ", ".join(chapter.exercises)
            yield f"exercise must be one of {known} (got {exercise!r})"
    elif exercise is not None:
        yield "a cell of an exercise needs a role: prompt, solution or test"
    if role and raw.cell_type != ("markdown" if role == "prompt" else "code"):
        yield f"a {role} can't be a {raw.cell_type} cell"
    if role in ("solution", "test", "setup") and lang is not None:
        yield f"a {role} belongs to both languages: it has no lang"
    if role == "prompt" and lang is None:
        yield "a prompt needs its lang"
    if role == "solution" and raw.source.strip():
        yield f"leave it empty: the build fills it from solutions/{chapter.name}.py"
    if role in ("test", "setup") and not raw.source.strip():
        yield f"a {role} cell can't be empty"
    if raw.cell_type == "code" and (error := syntax_error(raw.source)):
        yield error


def _handout_problems(cells: list[HandoutCell], chapter: Chapter) -> Iterator[str]:
    code = [cell for cell in cells if cell.kind == "code"]
    if [cell.role for cell in code].count("setup") != 1 or code[0].role != "setup":
        yield "the first code cell, and only that, must have the role setup"
    for name in chapter.exercises:
        for role in ("solution", "test"):
            count = len([cell for cell in cells if (cell.exercise, cell.role) == (name, role)])
            if count != 1:
                yield f"{name} must have one {role} cell (it has {count})"
        for language in _LANGUAGES:
            roles = [c.role for c in cells if c.exercise == name and c.lang in (None, language)]
            if roles.count("prompt") != 1:
                yield f"{name} must have one prompt in {language} (it has {roles.count('prompt')})"
            elif sorted(roles) == ["prompt", "solution", "test"] and roles != sorted(roles):
                yield f"{name} must come as prompt, solution, test (it comes as {', '.join(roles)})"


def as_python(source: str) -> str:
    """A code cell with its magics turned into the calls that IPython makes of them."""
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]


def syntax_error(source: str) -> str | None:
    """Why a code cell can't run in IPython, if so."""
    try:
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        compile(as_python(source), "cell", "exec", flags)
    except SyntaxError as error:
        return f"line {error.lineno} is not Python: {error.msg}"
    return None


def _words(source: str) -> str:
    first = source.strip().split("\n")[0]
    return first if len(first) <= 40 else first[:39] + "…"
