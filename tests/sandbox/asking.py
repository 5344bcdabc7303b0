"""Short ways to put code into a worker and to read what came of it."""

import dataclasses
import os
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.sandbox.connection import Worker
from autograder.sandbox.limits import Limits, Span
from autograder.sandbox.replies import CellOutputs, Ended, Reply, Value

LIMITS = Limits(
    cell=Span(20, 20),
    call=Span(20, 20),
    submission=Span(120, 120),
    memory=512 << 20,
    processes=32,
    file_size=8 << 20,
    disk=32 << 20,
    output=10_000,
    open_files=64,
)


def limits(**changes: Any) -> Limits:
    """The usual limits with some changed."""
    return dataclasses.replace(LIMITS, **changes)


def run(worker: Worker, source: str, index: int = 0) -> list[dict[str, Any]]:
    """The outputs of a cell, which must not have ended the worker."""
    reply = worker.run_cell(textwrap.dedent(source).strip(), index)
    assert isinstance(reply, CellOutputs), reply
    return reply.outputs


def ok(worker: Worker, source: str) -> str:
    """What a cell printed, which must not have raised."""
    outputs = run(worker, source)
    errors = [item["traceback"] for item in outputs if item["output_type"] == "error"]
    assert not errors, "\n".join(errors[0])
    return "".join(item["text"] for item in outputs if item["output_type"] == "stream")


def error(worker: Worker, source: str) -> dict[str, Any]:
    """The error that a cell raised."""
    found = [item for item in run(worker, source) if item["output_type"] == "error"]
    assert len(found) == 1, found
    return found[0]


def define(worker: Worker, body: str) -> None:
    """Define `f(*args, **kwargs)` with this body."""
    head = "def f(*args, **kwargs):\n"
    ok(worker, head + textwrap.indent(textwrap.dedent(body).strip(), "    "))


def call(worker: Worker, body: str, *args: Any, **options: Any) -> Reply:
    """The reply to a call of a function with this body."""
    define(worker, body)
    return worker.call("f", args, **options)


def value(reply: Reply) -> Any:
    """The value in a reply, which must hold one."""
    assert isinstance(reply, Value), reply
    return reply.value


def ended(reply: Reply) -> Ended:
    """The reply, which must tell of the worker's end."""
    assert isinstance(reply, Ended), reply
    return reply


def processes_with(mark: str) -> list[int]:
    """Every process of this machine that carries `mark` in its command line, zombies aside."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if mark.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether `condition` comes true within a generous time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def open_descriptors() -> int:
    """How many descriptors this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
