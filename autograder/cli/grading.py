"""`autograder grade`."""

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from autograder.cli.app import Root, app
from autograder.cli.nbgrader import (
    assignments_beside,
    course_for,
    grading_for_nbgrader,
    told_apart,
)
from autograder.config import CONFIG_NAME
from autograder.text import Language

if TYPE_CHECKING:
    from autograder.judge.result import Result
    from autograder.sandbox.process import Mode

INTERRUPTED = 130  # the shell's exit code for Ctrl-C

UNSAFE = "WARNING: no sandbox. Submissions run with your rights and can do whatever you can."


@app.command()
def grade(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH... [CHAPTER]",
            help="A notebook, .py file, folder or zip, or a folder of them such as submitted/."
            " Last, where their names don't tell it, their chapter or assignment of nbgrader's.",
        ),
    ],
    chapter: Annotated[
        str | None,
        typer.Option("--chapter", help="The same as CHAPTER, even where a path has that name."),
    ] = None,
    exercise: Annotated[
        list[str] | None, typer.Option("--exercise", help="Only this exercise; may be repeated.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="F", help="Write the results as JSON to F.")
    ] = None,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", metavar="F", help="Write JUnit XML to F, for CI.")
    ] = None,
    results_folder: Annotated[
        Path | None,
        typer.Option(
            "--results",
            metavar="FOLDER",
            help="Keep each result there as soon as it is known. Default, for more than one"
            " submission: results/ of the course.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume/--fresh",
            help="Take a kept result if nothing has changed since, or judge everything again.",
        ),
    ] = True,
    only_changed: Annotated[
        bool,
        typer.Option(
            "--only-changed",
            help="Leave out submissions with a kept result, if nothing has changed since: they are"
            " in no table and no report. What is new, changed or failed by the judge is judged.",
        ),
    ] = False,
    gradebook: Annotated[
        str | None,
        typer.Option(
            "--gradebook",
            metavar="URL",
            help="Write nbgrader's gradebook, an SQLite file or a database's URL, and the folders"
            " autograded/ and feedback/, as nbgrader does.",
            show_default=False,
        ),
    ] = None,
    feedback: Annotated[
        bool,
        typer.Option("--feedback/--no-feedback", help="With --gradebook: write feedback/ too."),
    ] = True,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            metavar="N",
            min=1,
            help="Judge so many submissions at a time. Default: one for each processor.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Of every grader's random inputs.")
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="auto|cpu|cuda", help="Where they compute.")
    ] = None,
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="en|zh", help="The messages' language.")
    ] = None,
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show expected values in messages.")
    ] = False,
    sandbox: Annotated[
        str | None,
        typer.Option("--sandbox", metavar="bubblewrap|none", help="none is UNSAFE."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress, and of the results only one line each.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="A table for each submission, however many.")
    ] = False,
    course: Root = Path(),
) -> None:
    """Grade submissions: verdicts, points and hints for each exercise.

    Results land one by one: a run that was killed goes on where it was when the same command is
    given again. A submission is judged again only if it, the course, an option or this program has
    changed, or the judge had failed.

    A file named - is standard output; what people read then goes to standard error.

    Exit codes: 0 full marks for all; 1 marks were lost; 2 a mistake in the command line or the
    course; 3 the judge itself failed (which costs no points).

    Examples:

        autograder grade ch09_convolution.ipynb

        autograder grade mine.py --chapter ch09 --exercise conv2d --show-values

        autograder grade submitted/ --json results.json --junit results.xml

        autograder grade submitted/ ch09_convolution --gradebook gradebook.db

        autograder grade submitted/ --results /srv/marks/week9 --fresh
    """
    for value, known, option in (
        (device, ("auto", "cpu", "cuda"), "--device"),
        (lang, ("en", "zh"), "--lang"),
        (sandbox, ("bubblewrap", "none"), "--sandbox"),
    ):
        if value is not None and value not in known:
            raise typer.BadParameter(
                f"must be {' or '.join(known)} (got {value!r})", param_hint=option
            )
    _writable(json_file, junit_file)
    if results_folder is not None and exercise:
        raise typer.BadParameter(
            "keeps whole results; leave out --exercise", param_hint="--results"
        )
    if gradebook is not None and exercise:
        raise typer.BadParameter(
            "gets whole results; leave out --exercise", param_hint="--gradebook"
        )
    if only_changed and not resume:
        raise typer.BadParameter("contradicts --fresh", param_hint="--only-changed")
    from autograder.grading.judging import Setup, get_ready, judge_of
    from autograder.integrations.nbgrader_names import ENVIRONMENT
    from autograder.judge.session import UNDRAWN

    loaded = course_for(course)
    assignments = assignments_beside(loaded, gradebook)
    paths, chapter = told_apart(loaded, paths, chapter, assignments)
    # nbgrader shows outputs, and its cells may ask how they are run; else plots aren't drawn.
    environment = ENVIRONMENT if gradebook is not None or assignments else UNDRAWN
    setup = Setup(
        course=loaded.root / CONFIG_NAME,
        mode=cast("Mode | None", sandbox),
        device=device,
        seed=seed,
        language=cast("Language | None", lang),
        show_values=show_values or None,
        exercises=tuple(exercise or ()),
        environment=tuple(environment.items()),
    )
    if (sandbox or loaded.config.sandbox.mode) == "none":
        typer.secho(UNSAFE, fg="red", bold=True, err=True)
    # The judge starts its sandbox first: everything else is read while that imports torch.
    with judge_of(setup, loaded) as judge:
        from autograder.cli.progress import Progress
        from autograder.grading.executors import executor
        from autograder.grading.plan import plan
        from autograder.grading.results import Results
        from autograder.grading.run import grade as grade_all

        planned = plan(loaded, paths, chapter, assignments)
        several = len(planned) > 1 and not exercise
        if results_folder is None and (several or only_changed or gradebook is not None):
            results_folder = loaded.root / "results"
        if gradebook is not None or any(job.chapter in assignments for job in planned):
            grade_all = grading_for_nbgrader(gradebook, feedback=feedback, quiet=quiet)
        number = min(jobs or _processors(judge.device), len(planned))
        out = sys.stderr if Path("-") in (json_file, junit_file) else sys.stdout
        progress = Progress(
            planned, out, judge.language, quiet=quiet, verbose=verbose, only_changed=only_changed
        )
        try:
            with Results(results_folder) if results_folder else nullcontext() as results:
                get_ready(setup, planned)
                with progress:
                    grade_all(
                        executor(number, setup),
                        number,
                        setup,
                        planned,
                        progress.add,
                        results=results,
                        resume=resume,
                    )
        except BaseException as error:  # whatever stopped it, what there is must not be lost
            interrupted = isinstance(error, KeyboardInterrupt)
            if progress.results or interrupted:
                progress.stopped()
                _write(progress.results, json_file, junit_file)
            if interrupted:
                raise typer.Exit(INTERRUPTED) from None
            raise
    progress.conclude()
    _write(progress.results, json_file, junit_file)
    raise typer.Exit(max((result.exit_code for result in progress.results), default=0))


def _processors(device: str) -> int:
    """Those that this process may use; a GPU is timed by one submission at a time."""
    return 1 if device == "cuda" else len(os.sched_getaffinity(0))


def _writable(json_file: Path | None, junit_file: Path | None) -> None:
    """Say that a report can't be written before the grading, not after it."""
    if json_file == junit_file and json_file is not None:
        raise typer.BadParameter(
            f"must be another file than --json {json_file}", param_hint="--junit"
        )
    for path, option in ((json_file, "--json"), (junit_file, "--junit")):
        if path is None or str(path) == "-":
            continue
        if path.is_dir():
            raise typer.BadParameter(f"{path} is a folder", param_hint=option)
        if not path.absolute().parent.is_dir():
            raise typer.BadParameter(f"there is no folder {path.parent}", param_hint=option)
        if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
            raise typer.BadParameter(f"{path} can't be written", param_hint=option)


def _write(results: "Sequence[Result]", json_file: Path | None, junit_file: Path | None) -> None:
    """Write the machine-readable reports, each whole or not at all, and one even where the other
    can't be written."""
    from autograder.errors import AutograderError
    from autograder.report.json_document import json_document
    from autograder.report.junit import junit

    failed: list[str] = []
    for path, document in ((json_file, json_document), (junit_file, junit)):
        if path is None:
            continue
        content = document(results)
        if str(path) == "-":
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
            continue
        target = path.resolve()  # a link stays one
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            if target.exists() and not target.is_file():  # /dev/stderr, a named pipe
                target.write_bytes(content)
                continue
            temporary.write_bytes(content)
            temporary.replace(target)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            failed.append(f"can't write {path}: {error.strerror}")
    if failed:
        raise AutograderError("\n".join(failed))
