"""An alarm for what runs in the judge's own process: graders, and replays of them.

It raises `Hung` where the main thread stands, and leaves an alarm that somebody else had set (the
test-suite's own pytest-timeout, say) as it was.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Hung(BaseException):
    """It ran longer than its guard lets it; no `except Exception` may swallow that."""


def arm(seconds: float) -> Callable[[], None]:
    """Set the alarm; what is returned calls it off. Only a main thread can be guarded."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None

    def ring(*_: object) -> None:
        raise Hung(f"it took more than {seconds:g} s")

    began = time.monotonic()
    handler = signal.signal(signal.SIGALRM, ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)

    def disarm() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler if handler is not None else signal.SIG_DFL)
        if left:
            rest = max(left - (time.monotonic() - began), 1e-3)
            signal.setitimer(signal.ITIMER_REAL, rest, interval)

    return disarm


@contextmanager
def guarded(seconds: float) -> Iterator[None]:
    """Raise `Hung` when the block takes longer."""
    disarm = arm(seconds)
    try:
        yield
    finally:
        disarm()
