"""A race: what was looked at isn't what is opened. It goes on for half a second.

Where the link is met, there is a .py file of the same name, with no better answer.
"""

import contextlib
import threading
import time
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import GARBAGE, NAME, code, encoded, written


def make(folder: Path, canary: Canary) -> Path:
    classmates = written(folder / "classmate", encoded())
    submission = written(folder / "submission", encoded(code(GARBAGE))).parent
    written(submission, GARBAGE.encode(), "ch09_convolution.py")

    def swap() -> None:
        end = time.monotonic() + 0.5
        with contextlib.suppress(OSError):  # the case is over, and its folder gone
            while time.monotonic() < end:
                (folder / "link").symlink_to(classmates)
                (folder / "link").replace(submission / NAME)
                written(folder, encoded(code(GARBAGE)), "own").replace(submission / NAME)

    threading.Thread(target=swap, daemon=True).start()
    return submission
