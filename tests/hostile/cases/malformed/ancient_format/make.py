import json
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, written


def make(folder: Path, canary: Canary) -> Path:
    honest = {"cell_type": "code", "input": HONEST, "outputs": [], "prompt_number": 1}
    sheets = [{"cells": None}, 7, {"cells": {"cell_type": "code"}}, {"cells": [honest]}]
    return written(folder, json.dumps({"nbformat": 2, "worksheets": sheets}).encode())
