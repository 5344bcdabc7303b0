from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    argv = ["sh", "-c", f"touch {canary.folder}/started"]
    kernel = {"name": "../../bash", "language": "sh", "argv": argv, "env": {"BASH_ENV": "/tmp/x"}}
    return written(
        folder, encoded(metadata={"kernelspec": kernel, "language_info": {"name": "sh"}})
    )
