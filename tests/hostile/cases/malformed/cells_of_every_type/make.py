from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, code, encoded, written


def make(folder: Path, canary: Canary) -> Path:
    wrong = [None, 7, "cell", [code()], {}, code(cell_type=["code"]), code(cell_type="markdwon")]
    wrong += [code([1, 2, 3]), code({"a": 1}), code(None), code(["x = 1", None]), code(7.5)]
    wrong += [
        code("y = 1", metadata=kind) for kind in ([], "x", {"nbgrader": [1]}, {"nbgrader": 1})
    ]
    wrong += [code("z = 1", outputs={"a": 1}), code("z = 1", outputs=[None, 7]), code("z", id=[])]
    return written(folder, encoded(*wrong, code(HONEST.splitlines(keepends=True)), metadata=[]))
