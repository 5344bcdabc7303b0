from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import code, encoded, written


def make(folder: Path, canary: Canary) -> Path:
    bait = "</pre><script>fetch('//x')</script>\x1b]0;x\x07\x1b[2J[red]{{7*7}}\u202e"
    outputs = [
        {"output_type": "display_data", "data": {"text/html": bait}, "metadata": {bait: bait}}
    ]
    marks = {"grade_id": bait, "grade": True, "solution": False}
    cells = code(outputs=outputs), code("pass", metadata={"nbgrader": marks, "tags": [bait]})
    kernel = {"name": bait, "display_name": bait, "language": bait}
    return written(folder, encoded(*cells, metadata={"title": bait, "kernelspec": kernel}))
