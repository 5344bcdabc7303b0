"""What is known of nbgrader without importing it, which takes seconds."""

from pathlib import Path
from typing import Final

NBGRADER_CONFIG: Final = "nbgrader_config.py"
ENVIRONMENT: Final = {"NBGRADER_EXECUTION": "autograde"}
"""What nbgrader sets for the kernel while it autogrades; an instructor's cells may ask for it."""


def assignments_below(root: Path) -> set[str]:
    """The assignments with notebooks in the folders that nbgrader has unless told otherwise."""
    return {
        path.parent.name
        for step in ("source", "release")
        for path in root.glob(f"{step}/*/*.ipynb")
    }
