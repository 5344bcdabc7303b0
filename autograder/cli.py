"""The command `autograder`. Each command imports what it needs when it runs: all start fast.

Exit codes: 0 fine; 1 what was asked about is not so (marks lost, a build out of date); 2 a mistake
in the command line, the course or a submission; 3 the judge itself failed.
"""

import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from autograder.errors import AutograderError, JudgeFault
from autograder.text import Language

if TYPE_CHECKING:
    from autograder.course import Course


class _Commands(TyperGroup):
    """Ends a command that raises one of our faults with its message and exit code, no traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except AutograderError as error:
            fail(error)


def fail(error: AutograderError) -> NoReturn:
    """Say what `error` is and leave with its exit code."""
    lines = str(error).splitlines() or [type(error).__name__]
    typer.secho(f"error: {lines[0]}", fg="red", err=True)
    for line in lines[1:]:
        typer.secho(f"       {line}", fg="red", err=True)
    raise typer.Exit(3 if isinstance(error, JudgeFault) else 2)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    help="Build, grade and prove an auto-graded deep-learning course.",
    epilog="Run it inside a course: a folder with a [bold]grading_config.yml[/bold], or below one.",
)

Root = Annotated[
    Path,
    typer.Option(
        "--course",
        metavar="FOLDER",
        help="The course, if not the one you are in.",
        show_default=False,
    ),
]
"""The option that each command about a course has."""


@app.callback()
def _main() -> None:
    """Build, grade and prove an auto-graded deep-learning course."""


@app.command("list")
def list_(
    course: Root = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show the chapters and exercises with their points, limits and budgets.

    Examples:

        autograder list

        autograder list --json | jq '.chapters[].exercises[].name'
    """
    from autograder.course import load_course

    loaded = load_course(course)
    if as_json:
        import json

        typer.echo(json.dumps(_description(loaded), ensure_ascii=False, indent=2))
    else:
        _table(loaded)


@app.command()
def build(
    chapters: Annotated[
        list[str] | None,
        typer.Argument(metavar="CHAPTER", help="ch09_convolution, or ch09; all if none."),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang", metavar="en|zh", help="The handouts' language, if not the course's."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if anything is out of date.")
    ] = False,
    course: Root = Path(),
) -> None:
    """Make the notebooks: assignments/ and solutions/ into source/, source/ into release/.

    The gradebook learns the assignments too, so that nbgrader can grade them afterwards.

    Examples:

        autograder build

        autograder build ch09 ch10 --lang zh

        autograder build --check
    """
    from autograder.authoring.build import build as build_chapters
    from autograder.authoring.build import left_over, out_of_date
    from autograder.course import load_course

    if lang not in (None, "en", "zh"):
        raise typer.BadParameter(f"must be en or zh (got {lang!r})", param_hint="--lang")
    loaded = load_course(course, only=chapters)
    wanted = [loaded.chapter(name) for name in chapters or loaded.chapters]
    language: Language = lang or loaded.config.language  # type: ignore[assignment]
    if not check:
        for notebook in build_chapters(loaded, wanted, language, began=_progress):
            typer.echo(f"{notebook.state:9} {notebook.path.relative_to(loaded.root)}")
        return
    stale = out_of_date(loaded, wanted, language, began=_progress)
    unwanted = [] if chapters else list(left_over(loaded))
    for notebook in [*stale, *unwanted]:
        typer.echo(f"{notebook.path.relative_to(loaded.root)} {notebook.state}")
    if stale:
        names = [chapter for chapter in wanted if {n.path for n in stale} & _paths(chapter)]
        command = ["autograder build", *(chapter.name for chapter in names)]
        command += ["--lang", lang] if lang else []
        typer.echo(f"out of date; to mend it: {' '.join(command)}")
    if unwanted:
        typer.echo("left over: no chapter builds these; delete them")
    if stale or unwanted:
        raise typer.Exit(1)
    typer.echo(f"source/ and release/ are up to date ({_count(wanted, 'chapter')}, {language})")


def _count(things: Collection[object], noun: str) -> str:
    return f"{len(things)} {noun}" + ("" if len(things) == 1 else "s")


def _paths(chapter: Any) -> set[Path]:
    return {chapter.source_path, chapter.release_path}


def _progress(chapter: Any) -> None:
    if sys.stderr.isatty():
        typer.secho(f"building {chapter.name} …", dim=True, err=True)


def _description(course: "Course") -> dict[str, Any]:
    return {
        "root": str(course.root),
        "language": course.config.language,
        "points": sum(chapter.points for chapter in course.chapters.values()),
        "chapters": [
            {
                "name": chapter.name,
                "title": {"en": chapter.title.en, "zh": chapter.title.zh},
                "points": chapter.points,
                "digest": course.digest(chapter),
                "exercises": [
                    {
                        "name": exercise.name,
                        "kind": chapter.kinds[exercise.name],
                        "points": exercise.points,
                        "limits": {
                            "call": exercise.limits.call.model_dump(),
                            "memory": exercise.limits.memory,
                        },
                        "budget": exercise.budget,
                        "forbidden": list(exercise.forbidden),
                    }
                    for exercise in chapter.exercises.values()
                ],
            }
            for chapter in course.chapters.values()
        ],
    }


def _table(course: "Course") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    table.add_column("Chapter / exercise")
    for name in ("Points", "Wall", "CPU", "Memory", "Budget", "Forbidden"):
        table.add_column(name, justify="right")
    for chapter in course.chapters.values():
        title = chapter.title.to(course.config.language)
        table.add_row(f"[bold]{chapter.name}[/]  {title}", f"[bold]{chapter.points:g}[/]")
        for exercise in chapter.exercises.values():
            call = exercise.limits.call
            table.add_row(
                f"  {exercise.name}",
                f"{exercise.points:g}",
                f"{call.wall:g} s",
                f"{call.cpu:g} s",
                f"{exercise.limits.memory / 2**20:g} MiB",
                f"{exercise.budget:g}x" if exercise.budget else "–",
                str(len(exercise.forbidden)) if exercise.forbidden else "–",
            )
        table.add_section()
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table)
    exercises = [name for chapter in course.chapters.values() for name in chapter.exercises]
    points = sum(chapter.points for chapter in course.chapters.values())
    console.print(
        f"{_count(course.chapters, 'chapter')}, {_count(exercises, 'exercise')}, "
        f"{points:g} points. "
        "Wall, CPU and Memory are limits of one call; Budget is the time allowed beside the "
        "reference's; Forbidden counts the names that an exercise bans.",
        highlight=False,
    )


if __name__ == "__main__":
    app()
