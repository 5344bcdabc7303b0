"""Hints: which known misconception gives what the student's code gave.

A grader that failed is run again with each misconception of its exercise in the student's place, on
the same inputs. Where the misconception's transcript (every call and what came of it) equals the
student's, its hint explains the failure. Misconceptions fail in other ways too (over budget,
forbidden): those are told by the verdict alone.
"""

from collections import Counter
from collections.abc import Sequence

from autograder.course import Misconception
from autograder.judge.compare import assert_close
from autograder.judge.result import Verdict, WrongAnswer
from autograder.judge.student import Remote
from autograder.judge.transcript import Event
from autograder.sandbox.wire import Handle
from autograder.text import Text

BY_VERDICT = (Verdict.OVER_BUDGET, Verdict.FORBIDDEN, Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT)


def same(ours: Sequence[Event], theirs: Sequence[Event]) -> bool:
    """Whether two transcripts tell the same story."""
    return len(ours) == len(theirs) and all(map(_same_event, ours, theirs))


def by_verdict(misconceptions: Sequence[Misconception], verdict: Verdict) -> list[str]:
    """The misconceptions that fail by this verdict."""
    return [m.name for m in misconceptions if m.verdict == verdict and verdict in BY_VERDICT]


def choose(
    suspects: Sequence[Sequence[str]], misconceptions: Sequence[Misconception]
) -> list[Text | None]:
    """One hint for each failed test: that of the misconception that explains most of the failures
    of the exercise; of equals, the one that its author wrote first."""
    counts = Counter(name for names in suspects for name in names)
    order = {m.name: (-counts[m.name], place) for place, m in enumerate(misconceptions)}
    hints = {m.name: m.hint for m in misconceptions}
    return [hints[min(names, key=order.__getitem__)] if names else None for names in suspects]


def _same_event(ours: Event, theirs: Event) -> bool:
    if ours.asked != theirs.asked or ours.failed != theirs.failed:
        return False
    return _same_value(ours.value, theirs.value)


def _same_value(ours: object, theirs: object) -> bool:
    if isinstance(ours, Handle | Remote) or isinstance(theirs, Handle | Remote):
        return type(ours) is type(theirs)
    try:
        assert_close(ours, theirs, equal_nan=True)
    except (WrongAnswer, TypeError):  # TypeError: what a misconception gave can't be compared
        return False
    return True
