"""Grades the example class twice, by nbgrader and by autograder, and compares the marks.

`make demo` runs this. All of it happens in demo/, or in the folder given, which is made anew each
time: a course folder of its own, a copy of this one's assignments, with its own gradebook.

    demo/submitted/    the example class, as nbgrader collects it: STUDENT/CHAPTER/CHAPTER.ipynb
    demo/autograded/   what a plain `nbgrader autograde CHAPTER` made of it
    demo/feedback/     what students get back, as HTML
    demo/results.json  what `autograder grade submitted` found, for machines
    demo/log.txt       all that the commands said

Both ways run side by side. The exit code is 1 when they disagree about a single exercise.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import yaml
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
CACHES = shutil.ignore_patterns("__pycache__")
SCRIPTS = Path(sysconfig.get_path("scripts"))
COURSE = ("assignments", "solutions", "grading_config.yml", "nbgrader_config.py")
# One student's experiment never ends. An example needn't show for how long that may go on.
CELL_LIMIT = {"wall": "30s", "cpu": "4s"}

Work = tuple[str, str]  # student, chapter
Marks = dict[Work, dict[str, float | None]]  # of each exercise; None: not graded

console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
status = console.status("")
running: list[str] = []


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


class DemoError(Exception):
    """A command ended as it shouldn't."""


def make_course(folder: Path) -> None:
    """A course in `folder` like this repository's, with the example class's submissions."""
    if folder.exists():
        if any(folder.iterdir()) and not (folder / "submitted").is_dir():
            raise DemoError(f"{folder} holds something else; it won't be deleted")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name in COURSE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=CACHES)
        else:
            shutil.copy(ROOT / name, folder / name)
    config = yaml.safe_load((folder / "grading_config.yml").read_text(encoding="utf-8"))
    config["sandbox"]["limits"]["cell"] = CELL_LIMIT
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
    (folder / "grading_config.yml").write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "examples" / "class", folder / "submitted")


def command(folder: Path, *words: str, fine: Sequence[int] = (0,)) -> int:
    """Run a command of this environment in `folder`; its exit code, if that is one of `fine`."""
    path = os.pathsep.join([str(SCRIPTS), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        [SCRIPTS / words[0], *words[1:]],
        cwd=folder,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    with (folder / "log.txt").open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(words)}\n{done.stdout}exit code {done.returncode}\n\n")
    if done.returncode not in fine:
        last = "\n".join(done.stdout.rstrip().splitlines()[-15:])
        raise DemoError(f"{' '.join(words)} ended with {done.returncode}:\n{last}")
    return done.returncode


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show that `what` is going on, and in the end how long it took."""
    began = time.monotonic()
    running.append(what)
    status.update(" and ".join(running))
    yield
    running.remove(what)
    status.update(" and ".join(running))
    console.print(f"{what}  [dim]{time.monotonic() - began:.1f} s[/]")


def by_nbgrader(folder: Path, chapters: Sequence[str]) -> float:
    """Grade with plain nbgrader; the seconds it took."""
    began = time.monotonic()
    for chapter in chapters:
        with step(f"nbgrader autograde {chapter}"):
            # 1: it could not grade some student. The table shows whom: they have no mark.
            command(folder, "nbgrader", "autograde", chapter, fine=(0, 1))
    return time.monotonic() - began


def by_autograder(folder: Path) -> float:
    """Grade with our own command; the seconds it took."""
    began = time.monotonic()
    with step("autograder grade submitted --json results.json"):
        # 1: somebody lost marks.
        command(folder, "autograder", "grade", "submitted", "--json", "results.json", fine=(0, 1))
    return time.monotonic() - began


def nbgraders_marks(folder: Path, works: Sequence[Work]) -> Marks:
    """The automatic scores that stand in the gradebook."""
    from nbgrader.api import Gradebook, MissingEntry

    marks: Marks = {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        for student, chapter in works:
            try:
                notebook = gradebook.find_submission_notebook(chapter, chapter, student)
            except MissingEntry:
                continue
            marks[student, chapter] = {grade.name: grade.auto_score for grade in notebook.grades}
    return marks


def autograders_marks(folder: Path) -> tuple[Marks, dict[Work, list[str]]]:
    """The points in results.json, and what the judge found odd about each submission."""
    file = folder / "results.json"
    if not file.is_file():
        raise DemoError("autograder grade wrote no results.json; log.txt says why")
    document: list[dict[str, Any]] = msgspec.json.decode(file.read_bytes())
    marks: Marks = {}
    problems = {}
    for result in document:
        work = (result["submission"]["name"], result["course"]["chapter"])
        marks[work] = {each["name"]: each["points"] for each in result["exercises"]}
        problems[work] = result["problems"]
    return marks, problems


def agree(theirs: dict[str, float | None], ours: dict[str, float | None]) -> bool:
    """Whether both marked the same exercises, and each with the same points."""
    marked = bool(theirs) and None not in theirs.values() and None not in ours.values()
    return marked and theirs == ours


def compare(works: Sequence[Work], theirs: Marks, ours: Marks) -> tuple[Table, list[Work]]:
    """The table of both marks, and where they differ."""
    table = Table(box=SIMPLE_HEAD)
    for name in ("student", "chapter"):
        table.add_column(name)
    for name in ("nbgrader", "autograder"):
        table.add_column(name, justify="right")
    table.add_column("equal?")
    differing = []
    for work, following in zip(works, [*works[1:], works[-1]], strict=True):
        a, b = theirs.get(work, {}), ours.get(work, {})
        equal = agree(a, b)
        if not equal:
            differing.append(work)
        answer = "[green]yes[/]" if equal else "[bold red]NO[/]"
        table.add_row(*work, _total(a), _total(b), answer, end_section=following[1] != work[1])
    return table, differing


def _total(marks: dict[str, float | None]) -> str:
    values = [value for value in marks.values() if value is not None]
    if not marks or len(values) < len(marks):
        return "no mark"
    return f"{round(sum(values), 4):g}"


def feedback(folder: Path, chapters: Sequence[str]) -> None:
    """The pages for students, two chapters at a time."""
    with step("nbgrader generate_feedback, for all chapters"), ThreadPoolExecutor(2) as pool:
        words = ("nbgrader", "generate_feedback")
        list(pool.map(lambda chapter: command(folder, *words, chapter), chapters))


def main(folder: Path) -> int:
    """Run the demo in `folder`; its exit code."""
    with step(f"making the course in {_shown(folder)}"):
        make_course(folder)
    with step("autograder build"):
        command(folder, "autograder", "build")
    works = [(p.parent.parent.name, p.parent.name) for p in folder.glob("submitted/*/*/*.ipynb")]
    works.sort(key=lambda work: (work[1], work[0]))
    chapters = sorted({chapter for _, chapter in works})
    with ThreadPoolExecutor(2) as pool:  # side by side: neither knows of the other
        ways = pool.submit(by_nbgrader, folder, chapters), pool.submit(by_autograder, folder)
        seconds = [way.result() for way in ways]
    theirs = nbgraders_marks(folder, works)
    ours, problems = autograders_marks(folder)
    table, differing = compare(works, theirs, ours)
    feedback(folder, chapters)

    console.print(table)
    for work in works:
        for problem in problems.get(work, []):
            console.print(f"[dim]{work[0]}, {work[1]}:[/] {escape(problem)}", soft_wrap=True)
    students = len({student for student, _ in works})
    console.print(
        f"\n{len(works)} submissions of {students} students. nbgrader took {seconds[0]:.0f} s,"
        f" autograder {seconds[1]:.0f} s, side by side."
    )
    console.print("\nWhere to look:")
    pages = sorted(folder.glob("feedback/*/*/*.html"))
    for what, where in (
        ("what a student reads", _shown(pages[0]) if pages else "(no feedback)"),
        ("the same, for machines", _shown(folder / "results.json")),
        ("the gradebook", f"cd {_shown(folder)} && jupyter lab, then Nbgrader > Formgrader"),
        ("what the commands said", _shown(folder / "log.txt")),
        ("who these students are", "examples/README.md"),
    ):
        console.print(f"  {what:24}{escape(where)}", soft_wrap=True)
    if differing:
        names = ", ".join(f"{student} ({chapter})" for student, chapter in differing)
        console.print(f"\n[bold red]The two ways differ:[/] {names}")
        return 1
    console.print("\n[bold green]Both ways gave every exercise the same marks.[/]")
    return 0


if __name__ == "__main__":
    try:
        with status:
            code = main(Path(sys.argv[1]).resolve() if sys.argv[1:] else ROOT / "demo")
        sys.exit(code)
    except DemoError as error:
        console.print("[bold red]error:[/]", escape(str(error)))
        sys.exit(1)
