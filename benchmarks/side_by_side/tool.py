"""What the benchmark has to know of a tool, and what the three have in common.

Each makes the assignment as its documentation has an instructor do it, in a folder that becomes
`course` in the instructor's home. A class hands in: alice, whose mark is there already; mallory,
who attacks; zoe, who comes after her. alice and zoe are honest: full marks are coming to them.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from benchmarks.side_by_side.course import NAME, Secrets, solution

SCRIPTS = Path(sys.executable).parent
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

Files = dict[str, bytes]
Marks = dict[str, float | None]  # of each student; None: there is no mark


class Tool(Protocol):
    """One way to grade the class."""

    name: str
    command: tuple[str, ...]  # in the course: grade those who aren't graded yet
    watch: tuple[str, ...]  # in the home: what neither the tool nor a submission has to write
    collect: tuple[str, ...]  # in the home: where the marks are, and what students get back

    def make(self, course: Path, secrets: Secrets) -> None:
        """The course, and the command that its students' notebook comes of."""

    def notebook(self, course: Path) -> Any:
        """What students are given."""

    def submit(self, course: Path, student: str, files: Files) -> None:
        """Hand in a notebook and, it may be, files beside it."""

    def marks(self, files: Files) -> Marks:
        """The marks in what was collected."""

    def returned(self, files: Files, student: str) -> str:
        """What the student is given back, of what was collected."""


def make(tool: Tool, course: Path, secrets: Secrets) -> None:
    """A course of this tool: alice has her mark, zoe has handed in."""
    tool.make(course, secrets)
    honest = answered(tool.notebook(course), solution(secrets.classmate))
    for student in ("alice", "zoe"):
        tool.submit(course, student, {f"{NAME}.ipynb": honest})
        if student == "alice":
            call(course, *tool.command)


def answered(notebook: Any, answer: str) -> bytes:
    """The students' notebook with `answer` where corr2d is to be written; `# %%` begins a cell."""
    (place,) = [
        index
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and "def corr2d" in cell.source
    ]
    first, *more = answer.split("# %%\n")
    notebook.cells[place].source = first
    notebook.cells[place + 1 : place + 1] = map(new_code_cell, more)
    return str(nbformat.writes(notebook)).encode()


def write_notebook(path: Path, *cells: Any) -> None:
    """Write an instructor's notebook."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[*cells], metadata={"kernelspec": KERNEL}), path)


def lay_down(folder: Path, files: Files) -> None:
    """Write `files` into `folder`, which may be new."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def call(course: Path, *command: str, fine: tuple[int, ...] = (0,)) -> None:
    """Run an instructor's command, at home where nobody else's settings are."""
    home = course.parent
    path = os.pathsep.join([str(SCRIPTS), os.environ.get("PATH", os.defpath)])
    environment = {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=course, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode not in fine:
        said = f"{done.stdout}{done.stderr}"[-4000:]
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{said}")
