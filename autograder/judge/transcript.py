"""What a grader asked and what came of it, kept to be compared with what misconceptions answer."""

from dataclasses import dataclass
from typing import Any

from autograder.judge.result import Verdict
from autograder.sandbox.replies import (
    CannotTravel,
    Ended,
    Forbidden,
    Missing,
    NoGradient,
    OtherShape,
    Raised,
    Reply,
)


@dataclass(frozen=True, slots=True)
class Event:
    """One exchange: what was asked of which name, and the value or the failure that came of it."""

    asked: str
    value: Any = None
    failed: tuple[Verdict, str] | None = None
    size: int = 0
    """Bytes that the value takes, at most."""


def failure_key(reply: Reply) -> str:
    """The same for the same mistake, whatever names its message mentions: a misconception's class
    has another name than the student's, an exception another text."""
    match reply:
        case Raised(type_name=kind):
            return kind
        case CannotTravel(what=what) | Missing(what=what) | Forbidden(what=what):
            return f"{type(reply).__name__} {what}"
        case NoGradient(argument=argument):
            return f"no gradient {argument}"
        case OtherShape(value=value):
            return f"shape {getattr(value, 'shape', None)}"
        case Ended(crossed=crossed):
            return str(crossed)
        case _:
            return type(reply).__name__
