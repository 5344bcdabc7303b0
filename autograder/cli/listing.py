"""`autograder list`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autograder.cli.app import Root, app, count

if TYPE_CHECKING:
    from autograder.course import Course


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
        f"{count(course.chapters, 'chapter')}, {count(exercises, 'exercise')}, "
        f"{points:g} points. "
        "Wall, CPU and Memory are limits of one call; Budget is the time allowed beside the "
        "reference's; Forbidden counts the names that an exercise bans.",
        highlight=False,
    )


if __name__ == "__main__":
    app()
