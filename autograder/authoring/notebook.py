"""Handout and solutions → the instructor's notebook (nbgrader metadata v3), always the same bytes.

Cell ids say what a cell is (`conv2d-prompt`, `conv2d-solution`, `conv2d`, `setup`); other cells are
numbered after the last cell that has such a name (`conv2d-after-1`), so that an edit in one place
leaves the ids elsewhere alone and both languages of one cell have the same.
"""

from collections.abc import Iterator
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.authoring.handout import Handout, HandoutCell, as_python, read_handout
from autograder.authoring.stubs import bound_names, free_names, solution_cell
from autograder.course import Chapter
from autograder.errors import CourseError
from autograder.hidden import with_hidden
from autograder.text import Language

# What a Python kernel writes here when a notebook is saved, without its version: that would differ.
_LANGUAGE_INFO = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}


def source_notebook(chapter: Chapter, language: Language) -> str:
    """The text of source/CHAPTER/CHAPTER.ipynb in `language`."""
    handout = read_handout(chapter)
    cells = [_filled(cell, chapter) for cell in handout.to(language)]
    _check_names(cells, chapter)
    notebook = new_notebook(  # type: ignore[no-untyped-call]
        cells=[
            _notebook_cell(cell, cell_id, chapter)
            for cell, cell_id in zip(cells, _ids(cells), strict=True)
        ],
        metadata={
            "autograder": {"chapter": chapter.name, "language": language},
            "kernelspec": _kernelspec(handout),
            "language_info": _LANGUAGE_INFO,
        },
    )
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]


def _kernelspec(handout: Handout) -> dict[str, str]:
    return {key: handout.kernelspec[key] for key in sorted(handout.kernelspec)}


def _filled(cell: HandoutCell, chapter: Chapter) -> HandoutCell:
    """`cell` with its solution or its hidden-tests block."""
    if cell.exercise is None or cell.role == "prompt":
        return cell
    exercise = chapter.exercises[cell.exercise]
    source = (
        solution_cell(chapter, exercise)
        if cell.role == "solution"
        else with_hidden(cell.source, exercise.name)
    )
    return HandoutCell(cell.kind, source, cell.role, cell.exercise, cell.lang, cell.tags)


def _check_names(cells: list[HandoutCell], chapter: Chapter) -> None:
    """A solution finds in the notebook every name that it finds in its own file."""
    known: set[str] = set()
    problems = []
    for cell in cells:
        if cell.role == "setup":
            known |= bound_names(as_python(cell.source))
        elif cell.role == "solution":
            missing = sorted(free_names(cell.source) - known)
            if missing:
                problems.append(
                    f"solutions/{chapter.name}.py: {cell.exercise} uses {', '.join(missing)}, "
                    "which the notebook's setup cell doesn't import"
                )
            known |= bound_names(cell.source)
    if problems:
        raise CourseError("\n".join(problems))


def _ids(cells: list[HandoutCell]) -> Iterator[str]:
    last, count = "opening", 0
    for cell in cells:
        name = _grade_id(cell)
        if name is None:
            count += 1
            yield f"{last}-{count}"
        else:
            last, count = f"{name}-after", 0
            yield name


def _grade_id(cell: HandoutCell) -> str | None:
    match cell.role:
        case "text":
            return None
        case "setup":
            return "setup"
        case "test":
            return cell.exercise
        case role:
            return f"{cell.exercise}-{role}"


def _notebook_cell(cell: HandoutCell, cell_id: str, chapter: Chapter) -> Any:
    metadata: dict[str, Any] = {"tags": list(cell.tags)} if cell.tags else {}
    grade_id = _grade_id(cell)
    if grade_id is not None:
        metadata["nbgrader"] = {
            "grade": cell.role == "test",
            "grade_id": grade_id,
            "locked": cell.role != "solution",
            "schema_version": 3,
            "solution": cell.role == "solution",
            "task": False,
        }
    if cell.role == "test" and cell.exercise is not None:
        points = chapter.exercises[cell.exercise].points
        metadata["nbgrader"]["points"] = int(points) if points.is_integer() else points
    new = new_markdown_cell if cell.kind == "markdown" else new_code_cell
    return new(cell.source, id=cell_id, metadata=metadata)  # type: ignore[no-untyped-call]
