import pickle
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import written


def make(folder: Path, canary: Canary) -> Path:
    class Bait:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.write_text, (canary.folder / "loaded", "gone wrong")

    return written(folder, pickle.dumps(Bait(), protocol=0))
