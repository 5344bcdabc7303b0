"""Writes requirements.lock anew: the newest versions that pyproject.toml allows, resolved by pip.

Nothing is installed. torch stays at the version given here; a build's local suffix (`+cpu`) and
the CUDA packages that some builds bring are left out, since they belong to the machine.
"""

import json
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

TORCH = "torch==2.13.0"
HELD_BACK = ["soupsieve<3"]  # which wants Python 3.11.5, and Debian 12 has 3.11.2
ROOT = Path(__file__).resolve().parent.parent
PROJECT = f"{ROOT}[nbgrader,otter,hub,dev]"
CUDA = re.compile(r"nvidia-|cuda-|triton$|pytorch-triton")

HEADER = """\
# Every package of `make demo` and `make test`, all extras of pyproject.toml included.
# Written by `make lock` with Python {python}: change pyproject.toml, then run that.
# torch is installed first and by itself: see scripts/setup.
"""


def resolve() -> dict[str, str]:
    """Name → version of all that pip would install into an empty environment."""
    pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    report = subprocess.run(
        [*pip, "--report", "-", TORCH, *HELD_BACK, PROJECT], check=True, stdout=subprocess.PIPE
    ).stdout
    found = {}
    for item in json.loads(report)["install"]:
        name = re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower()
        found[name] = item["metadata"]["version"].partition("+")[0]
    del found["dl-autograder"]
    return {name: found[name] for name in sorted(found) if not CUDA.match(name)}


if __name__ == "__main__":
    lines = [f"{name}=={version}\n" for name, version in resolve().items()]
    header = HEADER.format(python=sysconfig.get_python_version())
    (ROOT / "requirements.lock").write_text(header + "".join(lines))
    print(f"requirements.lock: {len(lines)} packages")
