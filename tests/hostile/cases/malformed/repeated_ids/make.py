from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import GARBAGE, code, encoded, written


def make(folder: Path, canary: Canary) -> Path:
    marks = {"grade_id": "corr2d", "grade": True, "solution": False, "locked": True, "points": 4}
    forged = [
        code("pass", id="same", metadata={"nbgrader": marks | {"points": points}})
        for points in (4, 1e9, -4, "4")
    ]
    return written(folder, encoded(code(GARBAGE, id="same"), *forged))
