"""Locked cells as they were handed out, whatever a submission made of them.

nbgrader puts the source of a locked cell (the imports, the visible checks) back before it runs a
notebook. Grading a path does the same, so that both ways give the same marks: a solution that
stands in a test cell counts in neither.
"""

import json
from dataclasses import replace

from autograder.course import Chapter
from autograder.submission import Submission, digest_of


def as_handed_out(submission: Submission, chapter: Chapter) -> Submission:
    """`submission` with the locked cells of release/, and the digest of what it is with them; as it
    is where nothing was built."""
    locked = _locked(chapter)
    cells = tuple(
        replace(cell, source=locked[cell.grade_id]) if cell.grade_id in locked else cell
        for cell in submission.cells
    )
    return replace(submission, cells=cells, digest=digest_of(cells, submission.files))


def _locked(chapter: Chapter) -> dict[str | None, str]:
    """The source of each locked code cell of the student's notebook, by grade id."""
    if not chapter.release_path.is_file():
        return {}
    cells = json.loads(chapter.release_path.read_bytes())["cells"]
    marked = [
        (cell, cell["metadata"]["nbgrader"]) for cell in cells if "nbgrader" in cell["metadata"]
    ]
    return {
        marks["grade_id"]: "".join(cell["source"])
        for cell, marks in marked
        if marks["locked"] and cell["cell_type"] == "code"
    }
