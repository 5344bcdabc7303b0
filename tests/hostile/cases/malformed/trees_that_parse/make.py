from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, code, encoded, written

DEPTHS = (200, 950)  # a visitor that calls itself overflows at the second
FORMS = [
    lambda depth: "1" + " + 1" * depth,
    lambda depth: "-" * depth + "1",
    lambda depth: "not " * depth + "1",
    lambda depth: "lambda: " * depth + "1",
    lambda depth: "lambda: torch" + ".nn" * depth,
    lambda depth: "lambda: torch" + "()" * depth,
    lambda depth: "lambda: torch" + "[0]" * depth,
    lambda depth: "1 if 1 else " * depth + "1",
    lambda depth: "lambda: (" + "torch." * depth + "x)",
]
CHAIN = "def chain(x):\n    if x == 0:\n        pass\n"


def make(folder: Path, canary: Canary) -> Path:
    cells, names = [], []
    for depth in DEPTHS:
        for form in FORMS:
            names.append(f"deep{len(names)}")
            cells.append(code(f"import torch\n{names[-1]} = 0\n{names[-1]} = {form(depth)}"))
        elifs = "".join(f"    elif x == {number}:\n        pass\n" for number in range(depth))
        cells.append(code(CHAIN.replace("chain", f"chain{depth}") + elifs))
        names.append(f"chain{depth}")
    # So that whoever looks for what the solution uses comes to each of them.
    uses = "".join(f"    {name} if False else None\n" for name in names)
    honest = HONEST.replace("    h, w", f"{uses}    h, w")
    return written(folder, encoded(*cells, code(honest)))
