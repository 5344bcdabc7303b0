"""What came of replaying graders, kept for the next submission.

A replay runs a grader with trusted code in the submission's place, on inputs that hang on the
grader and the session's seed alone. So it comes out the same for every submission, and the
replays of one grader are all made when the first submission fails it.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from autograder.judge.transcript import Event
from autograder.sandbox.channel import BODY_GROWTH
from autograder.sandbox.wire import Encoder

MOST_KEPT = 128 << 20  # bytes of the transcripts of a chapter

Transcripts = Mapping[str, Sequence[Event]]
"""The transcript of each misconception, by its name."""


class Replays:
    """Those of one chapter's graders, by the graders' node ids."""

    def __init__(self) -> None:
        self.sound: set[str] = set()
        """Graders that the reference is known to pass."""
        self._transcripts: dict[str, Transcripts] = {}
        self._room = MOST_KEPT

    def of(self, grader: str, make: Callable[[], tuple[Transcripts, bool]]) -> Transcripts:
        """The transcripts that belong to `grader`. `make` replays it where they aren't known, and
        says whether they would come out the same again; only then, and where there is room, they
        are kept."""
        if grader in self._transcripts:
            return self._transcripts[grader]
        transcripts, lasting = make()
        size = sum(_size(event) for events in transcripts.values() for event in events)
        if lasting and size <= self._room:
            self._room -= size
            self._transcripts[grader] = transcripts
        return transcripts


def _size(event: Event) -> int:
    """Bytes that an event takes, at most."""
    encoder = Encoder()
    return BODY_GROWTH * len(msgspec.msgpack.encode(encoder.encode(event.value))) + encoder.size
