"""`autograder doctor`."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from autograder.cli.app import Root, app

if TYPE_CHECKING:
    from autograder.course import Course

GIB = 1 << 30
TITLES = {"safe": "green", "reduced": "yellow", "unsafe": "red"}
OLDEST_BUBBLEWRAP = (0, 5)  # that knows --perms and --clearenv
OPTIONAL = ("nbgrader", "jupytext", "jupyterlab", "jupyterhub", "otter-grader")
REMEDIES = {
    "seccomp": "install libseccomp (Debian, Ubuntu: sudo apt-get install libseccomp2)",
    "Landlock": "use a kernel from 5.19 on, with Landlock among its security modules (lsm=…)",
    "cgroup": "run as root, or in a control group of your own:"
    " systemd-run --user --scope -p Delegate=yes autograder …",
}


class State(IntEnum):
    """How a check went; the number is the command's exit code when nothing is worse."""

    SAFE = 0
    REDUCED = 1
    UNSAFE = 2


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    found: str
    state: State = State.SAFE
    remedy: str = ""


@app.command()
def doctor(
    json: Annotated[bool, typer.Option("--json", help="For machines, on standard output.")] = False,
    course: Root = Path(),
) -> None:
    """Look whether this machine can hold hostile submissions, and say what to do where it can't.

    A sandbox is really started, a submission's process is sent through it and looks round. "safe":
    every layer stands. "reduced": one of the layers in depth is missing, those that isolate stand.
    "unsafe": submissions can't be isolated; nothing is graded then.

    Exit codes: 0 safe, 1 reduced, 2 unsafe.

    Examples:

        autograder doctor

        autograder doctor --json | jq .verdict
    """
    checks = list(_checks(course))
    worst = max(check.state for check in checks)
    verdict = worst.name.lower()
    if json:
        plain = [
            {**msgspec.to_builtins(check), "state": check.state.name.lower()} for check in checks
        ]
        content = msgspec.json.format(msgspec.json.encode({"verdict": verdict, "checks": plain}))
        typer.echo(content.decode())
    else:
        _show(checks, verdict)
    raise typer.Exit(int(worst))


def _checks(root: Path) -> Iterator[Check]:
    course, mistake = _course(root)
    yield Check("system", f"{platform.system()} {platform.release()}, {platform.machine()}")
    yield Check("Python", platform.python_version())
    yield from _versions()
    yield _torch()
    if mistake:
        yield mistake
    yield from _sandbox(course)
    yield from _room(course)


def _course(root: Path) -> "tuple[Course | None, Check | None]":
    """The course that the command is about, if it is in one, and what is wrong with it."""
    from autograder.course import load_course
    from autograder.errors import AutograderError, ConfigError

    try:
        course = load_course(root)
    except ConfigError as error:
        if str(error).startswith("no grading_config.yml"):
            return None, None
        return None, Check("course", str(error), State.REDUCED, "mend grading_config.yml")
    except AutograderError as error:
        return None, Check("course", str(error), State.REDUCED, "mend the course")
    return course, None


def _versions() -> Iterator[Check]:
    """What the engine needs, by its own metadata, and what it can work with."""
    from packaging.requirements import Requirement

    for line in importlib.metadata.requires("dl-autograder") or []:
        requirement = Requirement(line)
        name, version = requirement.name, _version(requirement.name)
        if requirement.marker is not None and (name not in OPTIONAL or version is None):
            continue  # of an extra that isn't used here
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            found = f"{version or 'not installed'}, but {requirement.specifier} is needed"
            remedy = f"pip install '{name}{requirement.specifier}'"
            yield Check(name, found, State.REDUCED, remedy)
    for name in OPTIONAL:
        yield Check(name, _version(name) or "not installed (optional)")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _torch() -> Check:
    import torch

    if torch.cuda.is_available():
        return Check("torch", f"{torch.__version__}, {torch.cuda.get_device_name()}")
    return Check("torch", f"{torch.__version__}, no GPU: graded on the CPU")


def _sandbox(course: "Course | None") -> Iterator[Check]:
    """The layers of a sandbox that is really started."""
    from autograder.cli.holds import gaps
    from autograder.sandbox.errors import SandboxError
    from autograder.sandbox.limits import Limits
    from autograder.sandbox.process import Sandbox

    if course is not None and course.config.sandbox.mode == "none":
        remedy = "set sandbox.mode to bubblewrap in grading_config.yml"
        yield Check("sandbox", "none, by grading_config.yml", State.UNSAFE, remedy)
        return
    yield from _bubblewrap()
    try:
        with Sandbox(Limits()) as sandbox:
            for layer in sandbox.layers:
                yield Check("layer", layer)
            for layer, reason in sandbox.absent.items():
                advice = [remedy for name, remedy in REMEDIES.items() if layer.startswith(name)]
                yield Check("layer", f"no {layer}: {reason}", State.REDUCED, *advice)
            through = list(gaps(sandbox))
            for gap in through:
                yield Check("worker", gap, State.UNSAFE, "report this; grade nothing here")
            if not through:
                yield Check("worker", "starts, computes, is held in all that was tried, ends")
    except SandboxError as error:
        found, _, remedy = str(error).partition("\nWhat to do: ")
        yield Check("sandbox", found, State.UNSAFE, remedy or "read the message")


def _bubblewrap() -> Iterator[Check]:
    bwrap = shutil.which("bwrap")
    if bwrap is None:  # the sandbox says so, and what to do
        return
    said = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=False)
    version = said.stdout.strip().removeprefix("bubblewrap ")
    parts = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if parts < OLDEST_BUBBLEWRAP:
        wanted = ".".join(map(str, OLDEST_BUBBLEWRAP))
        yield Check("bubblewrap", version, State.UNSAFE, f"install bubblewrap {wanted} or newer")
    else:
        yield Check("bubblewrap", version)


def _room(course: "Course | None") -> Iterator[Check]:
    """Disk for results, and memory for a submission."""
    folder = course.root if course is not None else Path(tempfile.gettempdir())
    free = shutil.disk_usage(folder).free
    short = free < GIB
    yield Check(
        "disk",
        f"{free / GIB:.1f} GiB free in {folder}",
        State.REDUCED if short else State.SAFE,
        "make room: results can't be written to a full disk" if short else "",
    )
    allowed = course.config.sandbox.limits.memory if course is not None else GIB
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    short = free < allowed
    yield Check(
        "memory",
        f"{free / GIB:.1f} GiB free; a submission may use {allowed / GIB:.1f}",
        State.REDUCED if short else State.SAFE,
        "lower sandbox.limits.memory or --jobs: the kernel kills what doesn't fit" if short else "",
    )


def _show(checks: list[Check], verdict: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table(box=None, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        found = Text(check.found)
        if check.state:
            state = check.state.name.lower()
            found = Text.assemble((f"{state}: ", f"bold {TITLES[state]}"), found)
        if check.remedy:
            found.append(f"\nWhat to do: {check.remedy}")
        table.add_row(check.name, found)
    console.print(table)
    said = Text(verdict, style=f"bold {TITLES[verdict]}")
    reasons = "; ".join(check.found.splitlines()[0] for check in checks if check.state)
    if reasons:
        said.append(f": {reasons}", style="not bold")
    console.print(said, soft_wrap=True)
