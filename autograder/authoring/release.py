"""source/ → release/ by nbgrader's own generate_assignment, called as a library and quietly.

nbgrader works in a temporary course folder: a build that fails leaves release/ as it was. The
gradebook is the course's own, so that `nbgrader autograde` knows the assignment, or a temporary one
when a build is only compared.
"""

import logging
import os
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.errors import CourseError

PREPROCESSORS = (
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "autograder.authoring.clear.ClearNamedSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
)
"""nbgrader's own list with our ClearSolutions; nbgrader_config.py gives it to plain nbgrader."""


class _Complaints(logging.Handler):
    """Keeps what nbgrader logs as errors: its exceptions say nothing."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += record.getMessage().strip().splitlines()


def release_notebook(
    root: Path, chapter: str, source: bytes, *, gradebook: Path | None = None
) -> bytes:
    """The student's version of the notebook `source`.

    The gradebook of the course at `root` learns the assignment, unless another file is given.
    """
    try:
        from nbgrader.converters import GenerateAssignment
        from nbgrader.converters.base import NbGraderException
        from nbgrader.coursedir import CourseDirectory
    except ImportError:
        raise CourseError(
            "building release/ needs nbgrader: pip install 'dl-autograder[nbgrader]'"
        ) from None
    complaints = _Complaints()
    log = logging.Logger("autograder.nbgrader")  # noqa: LOG001 - a private one: nobody else hears it
    log.addHandler(complaints)
    with tempfile.TemporaryDirectory(prefix="autograder-build-") as name:
        folder = Path(name).resolve()
        notebook = folder / "source" / chapter / f"{chapter}.ipynb"
        notebook.parent.mkdir(parents=True)
        notebook.write_bytes(source)
        config = _config(root, folder, gradebook)
        course = CourseDirectory(config=config, log=log)
        course.assignment_id = chapter
        converter = GenerateAssignment(coursedir=course, config=config, log=log)
        try:
            with _scripts_on_path():
                converter.start()
        except NbGraderException:
            raise CourseError(_explain(chapter, complaints.lines)) from None
        return (folder / "release" / chapter / notebook.name).read_bytes()


@contextmanager
def _scripts_on_path() -> Iterator[None]:
    """A new gradebook makes nbgrader call `alembic` by its bare name."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _config(root: Path, folder: Path, gradebook: Path | None) -> Any:
    """The course's nbgrader_config.py, but working in `folder`."""
    from traitlets.config.loader import Config, PyFileConfigLoader

    config = Config()
    if (root / "nbgrader_config.py").is_file():
        config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    if gradebook is not None or "db_url" not in config.CourseDirectory:
        config.CourseDirectory.db_url = f"sqlite:///{gradebook or root / 'gradebook.db'}"
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.notebook_id = "*"
    config.GenerateAssignment.preprocessors = list(PREPROCESSORS)
    return config


def _explain(chapter: str, lines: list[str]) -> str:
    said = [line for line in lines if line and not line.startswith((" ", "There was an error"))]
    text = "\n".join(lines)
    if "there are submissions associated" in text:
        return (
            f"{chapter}: the gradebook holds submissions to a version of this notebook with other "
            "cells, and nbgrader won't change the cells under them. Keep the exercises as they "
            "are, or move gradebook.db away to begin a new gradebook"
        )
    why = next((line for line in reversed(said) if "Error" in line or "Exception" in line), text)
    return f"{chapter}: nbgrader can't make the release: {why}"
