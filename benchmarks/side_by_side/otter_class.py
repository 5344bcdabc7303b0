"""`otter run`, as it comes: a master notebook, `otter assign`, and one run for each submission, in
a shell's loop."""

import json
import zipfile
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from benchmarks.side_by_side.course import NAME, POINTS, TASK, Secrets, hidden, solution, visible
from benchmarks.side_by_side.tool import Files, Marks, Tool, call, lay_down, write_notebook

LOOP = """\
for submission in submitted/*/*; do
    student=$(basename "$(dirname "$submission")")
    [ -d "results/$student" ] && continue
    mkdir -p "results/$student"
    otter run --autograder autograder.zip --output-dir "results/$student" "$submission"
done
"""


class Otter(Tool):
    """See the module."""

    name = "otter"
    command = ("sh", "grade.sh")
    watch = ("course/grade.sh", "course/autograder.zip", f"course/{NAME}.ipynb", "course/dist/**/*")
    collect = ("course/results/*/results.json",)

    def make(self, course: Path, secrets: Secrets) -> None:
        head, body = solution(secrets.solution).split("\n", 1)
        write_notebook(
            course / f"{NAME}.ipynb",
            new_raw_cell("# ASSIGNMENT CONFIG\nrequirements: null\nexport_cell: false"),
            new_code_cell("import torch"),
            new_raw_cell(f"# BEGIN QUESTION\nname: corr2d\npoints: {[*POINTS.values()]}"),
            new_markdown_cell(TASK),
            new_raw_cell("# BEGIN SOLUTION"),
            new_code_cell(f"{head}\n    # BEGIN SOLUTION\n{body}\n    # END SOLUTION"),
            new_raw_cell("# END SOLUTION"),
            new_raw_cell("# BEGIN TESTS"),
            new_code_cell(visible()),
            new_code_cell(f"# HIDDEN\n{hidden(secrets.seed)}"),
            new_raw_cell("# END TESTS"),
            new_raw_cell("# END QUESTION"),
        )
        call(course, "otter", "assign", f"{NAME}.ipynb", "dist")
        (made,) = (course / "dist" / "autograder").glob("*.zip")
        made.rename(course / "autograder.zip")
        lay_down(course, {"grade.sh": LOOP.encode()})

    def notebook(self, course: Path) -> Any:
        return nbformat.read(course / "dist" / "student" / f"{NAME}.ipynb", as_version=4)

    def submit(self, course: Path, student: str, files: Files) -> None:
        folder = course / "submitted" / student
        if len(files) == 1:
            lay_down(folder, files)
            return
        folder.mkdir(parents=True)
        with zipfile.ZipFile(folder / f"{NAME}.zip", "w") as archive:  # as grader.export() makes it
            for name, content in files.items():
                archive.writestr(name, content)

    def marks(self, files: Files) -> Marks:
        return {Path(path).parent.name: _mark(content) for path, content in files.items()}

    def returned(self, files: Files, student: str) -> str:
        found = json.loads(files.get(f"course/results/{student}/results.json", b"{}"))
        tests = [test for test in found.get("tests", []) if test.get("visibility") != "hidden"]
        return json.dumps([tests, found.get("output")])


def _mark(results: bytes) -> float | None:
    try:
        scores = [test["score"] for test in json.loads(results)["tests"] if "score" in test]
        return sum(scores) if scores else None
    except (ValueError, KeyError, TypeError):
        return None
