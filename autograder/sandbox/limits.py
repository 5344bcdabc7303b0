"""What a worker may use. Crossing a limit ends the call (or the cell), never the judge."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds on the wall's clock and on the processor's."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one worker: times in seconds, sizes in bytes."""

    cell: Span = field(default_factory=lambda: Span(30, 30))
    call: Span = field(default_factory=lambda: Span(10, 10))
    submission: Span = field(default_factory=lambda: Span(300, 300))
    memory: int = 1 << 30  # beyond what the imported libraries take
    processes: int = 64
    file_size: int = 64 << 20
    disk: int = 256 << 20
    output: int = 1 << 20  # of what one cell or call prints or displays
    open_files: int = 256

    def to_plain(self) -> dict[str, Any]:
        """As plain data, for the way into the jail."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Limits":
        """The inverse of `to_plain`."""
        spans = {name: Span(**plain[name]) for name in ("cell", "call", "submission")}
        return cls(**{**plain, **spans})


class Crossed(StrEnum):
    """The limit that ended a worker, or the other ways in which one ends."""

    WALL = "wall time"
    CPU = "CPU time"
    SUBMISSION = "the submission's time"
    MEMORY = "memory"
    PROTOCOL = "protocol"
    EXIT = "exit"
    SIGNAL = "signal"
