"""`autograder build`."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from autograder.cli.app import Root, app, count
from autograder.text import Language


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
    typer.echo(f"source/ and release/ are up to date ({count(wanted, 'chapter')}, {language})")


def _paths(chapter: Any) -> set[Path]:
    return {chapter.source_path, chapter.release_path}


def _progress(chapter: Any) -> None:
    if sys.stderr.isatty():
        typer.secho(f"building {chapter.name} …", dim=True, err=True)
