"""`autograder verify`."""

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.app import Root, app, count


@app.command()
def verify(
    chapters: Annotated[
        list[str] | None,
        typer.Argument(metavar="CHAPTER", help="ch09_convolution, or ch09; all if none."),
    ] = None,
    details: Annotated[
        bool, typer.Option("--details", help="List the graders that each misconception fails.")
    ] = False,
    course: Root = Path(),
) -> None:
    """Prove chapters: references pass, misconceptions fail and are told apart, graders can fail.

    The reference must pass everything within half its limits; each misconception must fail by its
    verdict and get its own hint and no other; each grader must be failed by one; the handout must
    build in both languages. Exits with 1 when something isn't so.

    Examples:

        autograder verify ch09

        autograder verify --details
    """
    from autograder.course import load_course
    from autograder.judge.session import UNDRAWN, Judge

    loaded = load_course(course, only=chapters)
    wanted = [loaded.chapter(name) for name in chapters or loaded.chapters]
    broken = 0
    with Judge(loaded, hints=True, environment=UNDRAWN) as judge:
        from autograder.grading.verify import verify as prove

        for chapter in wanted:

            def began(step: str, name: str = chapter.name) -> None:
                typer.secho(f"{name}: {step} …", dim=True, err=True)

            proof = prove(judge, loaded, chapter, began)
            broken += len(proof.complaints)
            for complaint in proof.complaints:
                typer.secho(f"{chapter.name}: {complaint}", fg="red")
            if details:
                for misconception, tests in proof.caught.items():
                    typer.echo(f"  {misconception} fails {', '.join(tests) or 'nothing'}")
            state = f"{(proof.complaints and 'NOT proven') or 'proven'}"
            typer.echo(
                f"{chapter.name} is {state}: {proof.graders} graders, "
                f"{proof.misconceptions} misconceptions, {count(proof.complaints, 'complaint')}"
            )
    raise typer.Exit(1 if broken else 0)
