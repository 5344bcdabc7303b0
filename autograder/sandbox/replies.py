"""What came of a request to a worker: values that the judge built itself, never the worker's
objects."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.sandbox.errors import ProtocolError
from autograder.sandbox.limits import Crossed
from autograder.sandbox.outputs import clean_outputs
from autograder.sandbox.wire import Decoder

MAX_TEXT = 4000
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds, measured from outside: on the wall's clock, on the worker's processor clock, and
    those in which its main thread, or the judge's, could have run but had no processor."""

    wall: float = 0.0
    cpu: float = 0.0
    queued: float = 0.0
    gpu: float | None = None  # by CUDA events, as the worker says: shown, but nothing goes by it


@dataclass(frozen=True, slots=True)
class Frame:
    """A line of the student's own code in a traceback; `cell` is the cell's index, `line` counts
    from 1."""

    cell: int
    line: int
    function: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The base of all replies; `interrupted` when a cell had to be stopped at its limit, `size` are
    the bytes that it takes here, at most."""

    times: Times = field(default_factory=Times)
    interrupted: bool = False
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(Reply):
    """A value came back; `changed` names the first argument that was changed in place."""

    value: Any
    changed: int | str | None = None
    printed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellOutputs(Reply):
    """A cell ran to its end, or raised: its outputs in nbformat's form, cleaned."""

    outputs: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised(Reply):
    """The student's code raised."""

    type_name: str
    message: str
    frames: tuple[Frame, ...]
    memory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotTravel(Reply):
    """What was returned is no plain data; `what` describes it: 'a generator'."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing(Reply):
    """Nothing of that name, or (`what` says so) nothing that can be called."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden(Reply):
    """A banned operation was used: its name."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoGradient(Reply):
    """No gradient flows: to argument number `argument`, or to none at all."""

    argument: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherShape(Reply):
    """The output can't be paired with the cotangent; `value` is the output."""

    value: Any


@dataclass(frozen=True, slots=True)
class Ended(Reply):
    """The worker is dead."""

    crossed: Crossed
    detail: str = ""


def read_reply(
    body: Any, buffers: bytearray, times: Times, *, interrupted: bool, size: int = 0
) -> Reply:
    """The reply in a frame's body; raises ProtocolError when it is none."""
    if not isinstance(body, dict):
        raise ProtocolError("a reply that is no dictionary")
    base: dict[str, Any] = {
        "times": _with_gpu(times, body.get("gpu")),
        "interrupted": interrupted,
        "size": size,
    }
    decoder = Decoder(buffers)
    match body.get("status"):
        case "value":
            changed = body.get("changed")
            if not (changed is None or type(changed) in (int, str)):
                raise ProtocolError("a position that is none")
            if isinstance(changed, str):
                changed = changed[:MAX_NAME]
            printed = _text(body.get("printed", ""))
            value = decoder.decode(body.get("value"))
            base["size"] += decoder.extra
            return Value(value=value, changed=changed, printed=printed, **base)
        case "outputs":
            return CellOutputs(outputs=clean_outputs(body.get("outputs")), **base)
        case "raised":
            frames = tuple(map(_frame, _list(body.get("frames"))[:20]))
            kind, message = _text(body.get("type")), _text(body.get("message"))
            return Raised(
                type_name=kind,
                message=message,
                frames=frames,
                memory=body.get("memory") is True,
                **base,
            )
        case "unsendable":
            return CannotTravel(what=_text(body.get("what")), **base)
        case "missing":
            return Missing(what=_text(body.get("what")), **base)
        case "forbidden":
            return Forbidden(what=_text(body.get("what")), **base)
        case "no_gradient":
            argument = body.get("argument")
            return NoGradient(argument=argument if type(argument) is int else None, **base)
        case "shape":
            value = decoder.decode(body.get("value"))
            base["size"] += decoder.extra
            return OtherShape(value=value, **base)
        case _:
            raise ProtocolError("a reply of no known status")


def _with_gpu(times: Times, gpu: Any) -> Times:
    if gpu is None:
        return times
    if type(gpu) is not float or not 0 <= gpu < math.inf:
        raise ProtocolError("a time that is none")
    return replace(times, gpu=gpu)


def _frame(raw: Any) -> Frame:
    match raw:
        case [int(cell), int(line), str(function), str(source)] if type(cell) is type(line) is int:
            return Frame(cell, line, function[:200], source[:400])
        case _:
            raise ProtocolError("a traceback that is none")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ProtocolError("a list that is none")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ProtocolError("a text that is none")
    return value[:MAX_TEXT]
