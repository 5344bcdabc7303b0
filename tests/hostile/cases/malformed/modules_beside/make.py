"""In whichever process imports them, they tell what can be read there and make comparisons true."""

from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import GARBAGE, code, encoded, written

TAKE_OVER = """import pathlib, sys

for place in ("@FOLDER@/secret.txt", "/proc/self/environ"):
    try:
        print(pathlib.Path(place).read_text())
        pathlib.Path("@FOLDER@/owned").write_text("owned")
    except OSError:
        pass
for name in ("torch", "torch.testing", "numpy", "numpy.testing", "autograder.judge.compare"):
    for function in ("allclose", "equal", "assert_close", "assert_allclose", "assert_equal"):
        if name in sys.modules:
            setattr(sys.modules[name], function, lambda *a, **k: True)
"""
IMPORTED = ["numpy", "torch", "msgspec", "yaml", "struct", "matplotlib", "autograder", "pytest"]
FOUND = ["sitecustomize", "usercustomize", "linecache", "encodings", "solutions", "assignments"]
SETTINGS = {
    "evil.pth": "import sitecustomize",
    "pyvenv.cfg": "home = .",
    ".env": "PYTHONPATH=.",
    "grading_config.yml": "sandbox: {mode: none}",
    "nbgrader_config.py": TAKE_OVER,
    "ipython_config.py": TAKE_OVER,
    "startup/00-first.py": TAKE_OVER,
    "timestamp.txt": "1970-01-01 00:00:00 UTC",
}


def make(folder: Path, canary: Canary) -> Path:
    imports = code("".join(f"import {name}\n" for name in IMPORTED))
    submission = written(folder / "submission", encoded(imports, code(GARBAGE))).parent
    files = dict(SETTINGS)
    for name in [*IMPORTED, *FOUND]:
        files |= {f"{name}.py": TAKE_OVER, f"{name}/__init__.py": TAKE_OVER}
    for name, text in files.items():
        written(submission, canary.fill_in(text).encode(), name)
    return submission
