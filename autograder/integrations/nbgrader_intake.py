"""What nbgrader does with a notebook before it is run, made to hold for whatever students hand in.

nbgrader gives up on a submission that it can't read or whose marks (the nbgrader metadata of its
cells) are damaged, and some of these stop the whole class. For a chapter of the course these go
over it first, each at a place that nbgrader's configuration has for it:

    set_aside          Autograde.pre_convert_hook: links and pipes, which nbgrader would follow
    TolerantExporter   Autograde.exporter_class: of a corrupt file, what can be read
    CheckIn            in Autograde.sanitize_preprocessors: marks as the gradebook has them
    RestoreCells       there, for OverwriteCells: puts deleted test cells back

An assignment that is no chapter is an instructor's own and is read as nbgrader reads it; only
set_aside and RestoreCells work for both.
"""

import json
import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbformat.validator import get_validator
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor, OverwriteCells
from traitlets.log import get_logger

from autograder.integrations.nbgrader import chapter_of
from autograder.submission import Cell, ReadLimits
from autograder.submission.files import is_hidden, is_own
from autograder.submission.model import Problems
from autograder.submission.notebook import cells_of, parse
from autograder.text import Language, Text

_TITLE = Text(
    "This notebook is damaged. What could be read of it was graded.",
    "这个笔记本已损坏，只评了能读取的部分。",
)
_LARGEST_OLD = 64 * 1024  # bytes
_CELL_ID = re.compile(r"[a-zA-Z0-9\-_]{1,64}")


def set_aside(*, notebooks: Sequence[str], **_: Any) -> None:
    """Move what nbgrader mustn't copy or open out of the folder of these notebooks.

    nbgrader copies what lies beside a notebook and follows links: one leads to a classmate's work,
    to the gradebook or, without end, to /dev/zero; a named pipe lets it wait for ever. What isn't a
    plain file of the student's own goes to .set_aside in the student's folder, where nobody looks
    for submissions, and nothing is lost.
    """
    folder = Path(notebooks[0]).parent
    aside = folder.parent / ".set_aside" / folder.name
    for place, _folders, names in os.walk(folder):
        around = Path(place).stat()
        for path in (Path(place, name) for name in names):
            status, name = path.lstat(), path.relative_to(folder).as_posix()
            own = is_own(status, around) or is_hidden(name)  # git's files have many names
            if stat.S_ISREG(status.st_mode) and own:
                continue
            target = aside / name
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
            except OSError as error:
                # nbgrader goes on after any Exception, and would follow the link.
                raise SystemExit(
                    f"{path} is a link or no file, and can't be moved: {error}"
                ) from None
            get_logger().warning("%s is a link or no file; it is now in %s", path, aside)


class TolerantExporter(NotebookExporter):
    """Reads a submission for a chapter, however damaged its file is."""

    def from_file(
        self, file_stream: Any, resources: Any = None, **more: Any
    ) -> tuple[NotebookNode, Any]:
        """As nbconvert's, for a file that it opened."""
        chapter = chapter_of(resources)
        if chapter is None:
            return super().from_file(file_stream, resources=resources, **more)
        notebook, problems = _read(file_stream.buffer.read(), chapter[0].config.language)
        for problem in problems:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], problem)
        convert: Any = self.from_notebook_node
        notebook, resources = convert(notebook, resources=resources, **more)
        return notebook, resources


def _read(data: bytes, language: Language) -> tuple[NotebookNode, list[str]]:
    """The notebook, and what was wrong with it."""
    limits, problems = ReadLimits(), Problems()
    found = parse(data, limits, problems)
    if found is not None and not problems.texts():
        try:
            return _checked(found, len(data), limits), []
        except Exception:  # noqa: BLE001 - nbformat trusts types: anything can be raised by a stranger's file
            pass
    cells = cells_of(found, limits, problems) if found is not None else ()
    texts = [_TITLE, *problems.texts()]
    lines = "\n".join(f"- {_escaped(text.to(language))}" for text in texts[1:])
    opening = new_markdown_cell(f"**{_TITLE.to(language)}**\n\n{lines}".rstrip(), id="damaged")  # type: ignore[no-untyped-call]
    return notebook_of([opening], cells), [text.en for text in texts]


def notebook_of(before: Sequence[NotebookNode], cells: Iterable[Cell]) -> NotebookNode:
    """A notebook of what was read of one, after the cells `before`; the same each time."""
    notebook: NotebookNode = new_notebook(cells=list(before))  # type: ignore[no-untyped-call]
    for cell in cells:
        marks = {"nbgrader": {"grade_id": cell.grade_id}} if cell.grade_id else {}
        made = new_code_cell(cell.source, metadata=marks, id=f"cell-{cell.index}")  # type: ignore[no-untyped-call]
        notebook.cells.append(made)
    return notebook


def _checked(found: dict[str, Any], size: int, limits: ReadLimits) -> NotebookNode:
    """The notebook, without the outputs that nobody asks for; raises where it isn't valid.

    A notebook that isn't is found out by the validator that stops at the first mistake. nbformat's
    own way describes every one, for which a megabyte of mistakes takes minutes and gigabytes; it is
    left for notebooks of older formats, which are small.
    """
    major, minor = found["nbformat"], found["nbformat_minor"]
    if major != nbformat.current_nbformat and size > _LARGEST_OLD:
        raise ValueError("too large to be converted")
    if len(found.get("cells", ())) > limits.cells:
        raise ValueError("more cells than are run")
    for sheet in (found, *found.get("worksheets", ())):
        for cell in sheet.get("cells", ()):
            if "outputs" in cell:
                cell["outputs"] = []
    get_validator(major, minor, name="fastjsonschema").validate(found)  # type: ignore[no-untyped-call]
    notebook: NotebookNode = nbformat.reads(json.dumps(found), as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    return notebook


def _escaped(text: str) -> str:
    """Text that may hold a file's name or a language's: no markup in it."""
    return re.sub(r"[\\`*_{}\[\]<>#|$~&!@]", lambda match: f"&#{ord(match[0])};", text)


class CheckIn(NbGraderPreprocessor):  # type: ignore[misc]
    """Gives every cell of a chapter the marks that the gradebook has for it.

    A cell that the gradebook doesn't know is an ordinary cell. So a student's edit of the metadata
    neither moves points nor keeps a notebook from being graded.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """nbgrader's entry point."""
        if chapter_of(resources) is None:
            return nb, resources
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"]) as gradebook:
            known = _marks(gradebook.find_notebook(ids["notebook"], ids["assignment"]))
        for number, cell in enumerate(nb.cells, 1):
            if "nbgrader" not in cell.metadata:
                continue
            found = cell.metadata.pop("nbgrader")
            grade_id = found.get("grade_id") if isinstance(found, Mapping) else None
            if isinstance(grade_id, str) and grade_id in known:
                right = known[grade_id]
                changed = [key for key in _TOLD if key in found and found[key] != right.get(key)]
                if changed:
                    self._warn(ids, number, f"{', '.join(changed)} of {grade_id} put right")
                cell.metadata["nbgrader"] = from_dict(right)  # type: ignore[no-untyped-call]
            elif found:
                self._warn(ids, number, "unknown nbgrader metadata; it counts as an ordinary cell")
        return nb, resources

    def _warn(self, ids: Mapping[str, str], number: int, what: str) -> None:
        self.log.warning("%s: cell %d: %s", ids["student"], number, what)


_TOLD = ("grade", "solution", "task", "locked", "points")


def _marks(notebook: Any) -> dict[str, dict[str, Any]]:
    """The metadata of each cell that the gradebook has of a notebook, by grade id."""
    grades = {cell.name: cell.max_score for cell in notebook.grade_cells}
    tasks = {cell.name: cell.max_score for cell in notebook.task_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    marks: dict[str, dict[str, Any]] = {}
    for cell in notebook.source_cells:
        name = cell.name
        marks[name] = {
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "grade": name in grades,
            "grade_id": name,
            "locked": cell.locked,
            "schema_version": 3,
            "solution": name in solutions,
            "task": name in tasks,
        }
        points = (grades | tasks).get(name)
        if points is not None:
            marks[name]["points"] = points
    return marks


class RestoreCells(OverwriteCells):  # type: ignore[misc]
    """nbgrader's OverwriteCells, able to put a cell back whichever others are missing too.

    A restored cell follows the nearest cell before it that is there, or else ends the notebook.
    nbgrader's own looks for the very cell before, and fails where that is gone as well.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """nbgrader's entry point."""
        for cell in nb.cells:  # DeduplicateIds leaves an empty mark, which nbgrader trips over
            if cell.metadata.get("nbgrader") == {}:
                del cell.metadata["nbgrader"]
        return super().preprocess(nb, resources)  # type: ignore[no-any-return]

    def add_missing_grade_cells(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """nbgrader's step, called when add_missing_cells is set."""
        notebook = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        grades = {cell.name: cell.max_score for cell in notebook.grade_cells}
        solutions = {cell.name for cell in notebook.solution_cells}
        before: str | None = None
        for number, source in enumerate(notebook.source_cells):
            if _position(nb, source.name) is None:
                if source.name not in grades:
                    continue
                self.log.warning("The graded cell %s is missing; it is put back", source.name)
                at = _position(nb, before)
                if at is None:
                    at = -1 if number == 0 else len(nb.cells) - 1
                cell = self.missing_cell_transform(
                    source, grades[source.name], is_solution=source.name in solutions
                )
                cell["id"] = _free_id(nb, source.name)
                nb.cells.insert(at + 1, cell)
            before = source.name
        return nb, resources


def _position(nb: NotebookNode, grade_id: str | None) -> int | None:
    for index, cell in enumerate(nb.cells):
        if grade_id and cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            return index
    return None


def _free_id(nb: NotebookNode, grade_id: str) -> str:
    """A cell id for a cell that is put back; the same each time."""
    taken = {cell.get("id") for cell in nb.cells}
    stem = grade_id if _CELL_ID.fullmatch(grade_id) else "restored"
    names = [stem, *(f"{stem[:50]}-{number}" for number in range(1, len(taken) + 2))]
    return next(name for name in names if name not in taken)
