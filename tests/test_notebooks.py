"""The built notebooks as a student's Jupyter opens and runs them."""

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.authoring.notebook import source_notebook
from autograder.course import load_course
from autograder.text import Language

HERE = Path(__file__).resolve().parents[1]
COURSE = load_course(HERE / "grading_config.yml")
LANGUAGES: tuple[Language, ...] = ("en", "zh")
BUILT = [
    path
    for chapter in COURSE.chapters.values()
    for path in (chapter.source_path, chapter.release_path)
]


def named(path: Path) -> str:
    return path.relative_to(HERE).parts[0] + "-" + path.stem


@pytest.mark.parametrize("path", BUILT, ids=named)
def test_a_built_notebook_is_valid_and_its_cells_have_lasting_names(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id:  # the id of a cell that somebody refers to says what it is
            assert cell.id == grade_id
        else:
            assert re.fullmatch(r"[A-Za-z0-9_-]+-\d+", cell.id)


@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_cells_are_the_same_in_both_languages_and_for_students(chapter: str) -> None:
    """So that a grade, a comment or a link outlives a translation."""
    own = COURSE.chapters[chapter]
    source, release = (
        nbformat.read(path, as_version=4) for path in (own.source_path, own.release_path)
    )
    chinese = nbformat.reads(source_notebook(own, "zh"), as_version=4)
    assert [cell.id for cell in source.cells] == [cell.id for cell in release.cells]

    def code(notebook: Any) -> list[tuple[str, str]]:
        return [(cell.id, cell.source) for cell in notebook.cells if cell.cell_type == "code"]

    assert code(source) == code(chinese)
    marked = [cell.id for cell in source.cells if "nbgrader" in cell.metadata]
    assert marked == [cell.id for cell in chinese.cells if "nbgrader" in cell.metadata]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_a_solved_notebook_runs_top_to_bottom_in_a_kernel(
    chapter: str, language: Language, tmp_path: Path
) -> None:
    """Without an error, and without a warning on stderr; each plot is there."""
    notebook = nbformat.reads(source_notebook(COURSE.chapters[chapter], language), as_version=4)
    client = NotebookClient(
        notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        wrong = [
            output
            for output in outputs
            if output.output_type == "error" or output.get("name") == "stderr"
        ]
        assert wrong == [], cell.id
        if "plt.show()" in cell.source:
            assert any("image/png" in output.get("data", {}) for output in outputs), cell.id
