"""The Typer application, and what its commands share."""

import atexit
import os
import sys
import traceback
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from autograder.errors import AutograderError, JudgeFault
from autograder.sandbox.errors import SandboxError


class _Commands(TyperGroup):
    """Ends a command that raises one of our faults with its message and exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (AutograderError, SandboxError) as error:
            fail(error)
        except (typer.Exit, typer.Abort, TyperException):
            raise
        except Exception as error:  # a mistake of ours must not read as "marks were lost"
            traceback.print_exc()
            raise typer.Exit(3) from error


def fail(error: AutograderError | SandboxError) -> NoReturn:
    """Say what `error` is and leave with its exit code."""
    lines = str(error).splitlines() or [type(error).__name__]
    typer.secho(f"error: {lines[0]}", fg="red", err=True)
    for line in lines[1:]:
        typer.secho(f"       {line}", fg="red", err=True)
    raise typer.Exit(3 if isinstance(error, JudgeFault | SandboxError) else 2)


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


def main() -> None:
    """The command. It ends without taking itself apart, for which Python needs long with torch."""
    try:
        app()
    except SystemExit as end:
        if not isinstance(end.code, int):
            raise
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:  # Python says so in its own way
            raise end from None
        atexit._run_exitfuncs()
        os._exit(end.code)


@app.callback()
def _main() -> None:
    """Build, grade and prove an auto-graded deep-learning course."""


def count(things: Collection[object], noun: str) -> str:
    """'1 chapter', '3 chapters'."""
    return f"{len(things)} {noun}" + ("" if len(things) == 1 else "s")
