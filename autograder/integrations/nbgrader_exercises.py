"""The marks that nbgrader's own rules gave, as exercises of a result: one for each graded cell."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from nbgrader.api import Grade, Gradebook, MissingEntry, Notebook, SubmittedNotebook

from autograder.judge.result import ExerciseResult, TestResult, Verdict

_CHECKS: Final = "the cell's own tests"
_NO_RESPONSE: Final = "No response."  # as nbgrader says it


def exercises_of(url: str, student: str, assignment: str, autograded: Path) -> list[ExerciseResult]:
    """What the gradebook at `url` has of a submission whose notebooks are below `autograded`; no
    points where it has none."""
    with Gradebook(url) as gradebook:
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            notebooks = gradebook.find_assignment(assignment).notebooks
            return [each for notebook in _by_name(notebooks) for each in _nothing(notebook)]
        notebooks = _by_name(submission.notebooks)
        return [
            exercise
            for notebook in notebooks
            for exercise in _exercises(
                notebook,
                autograded / student / assignment / f"{notebook.name}.ipynb",
                f"{notebook.name}/" if len(notebooks) > 1 else "",
            )
        ]


def _by_name(notebooks: Any) -> list[Any]:
    return sorted(notebooks, key=lambda notebook: str(notebook.name))


def _nothing(notebook: Notebook) -> Iterator[ExerciseResult]:
    for cell in (*notebook.grade_cells, *notebook.task_cells):
        yield _exercise(cell.name, 0.0, float(cell.max_score), Verdict.MISSING, "")


def _exercises(notebook: SubmittedNotebook, file: Path, prefix: str) -> Iterator[ExerciseResult]:
    order = {cell.name: place for place, cell in enumerate(notebook.notebook.source_cells)}
    grades = sorted(notebook.grades, key=lambda grade: order.get(grade.name, len(order)))
    errors = _errors(file)
    for grade in grades:
        verdict, message = _verdict(grade, errors)
        points = float(grade.auto_score or 0)
        yield _exercise(prefix + grade.name, points, float(grade.max_score), verdict, message)


def _exercise(
    name: str, points: float, most: float, verdict: Verdict, message: str
) -> ExerciseResult:
    return ExerciseResult(name, points, most, [TestResult(name, _CHECKS, verdict, 1.0, message)])


def _verdict(grade: Grade, errors: dict[str, str] | None) -> tuple[Verdict, str]:
    if errors is None:
        return Verdict.MISSING, ""
    if grade.needs_manual_grade:
        return Verdict.BY_HAND, ""
    if grade.auto_score is None:
        return Verdict.MISSING, ""
    if grade.auto_score >= grade.max_score:
        return Verdict.PASSED, ""
    if grade.name in errors:
        return Verdict.ERROR, errors[grade.name]
    comments = {comment.name: comment.auto_comment for comment in grade.notebook.comments}
    if comments.get(grade.name) == _NO_RESPONSE:
        return Verdict.MISSING, _NO_RESPONSE
    return Verdict.WRONG_ANSWER, ""


def _errors(file: Path) -> dict[str, str] | None:
    """What the graded cells of an autograded notebook raised, by grade id; None: there is none."""
    if not file.is_file():
        return None
    errors: dict[str, str] = {}
    for cell in json.loads(file.read_bytes())["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        for output in cell.get("outputs", []):
            if name and output["output_type"] == "error":
                errors.setdefault(name, f"{output['ename']}: {output['evalue']}")
    return errors
