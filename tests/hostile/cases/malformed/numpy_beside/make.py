from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, code, encoded, written

FORGED = """
import pathlib

pathlib.Path("@FOLDER@/imported").write_text(__name__)


def allclose(*args, **kwargs):
    return True


def __getattr__(name):
    return allclose
"""


def make(folder: Path, canary: Canary) -> Path:
    honest = code(HONEST.replace("import torch", "import numpy\nimport torch"))
    submission = written(folder / "submission", encoded(honest)).parent
    for name in ("numpy.py", "torch.py", "torch/__init__.py", "conftest.py", "sitecustomize.py"):
        written(submission, canary.fill_in(FORGED).encode(), name)
    written(submission, b"import sitecustomize", "first.pth")
    written(submission, b"[pytest]\naddopts = -p numpy --collect-only", "pytest.ini")
    return submission
