"""Makes plain nbgrader judge with autograder: run `nbgrader autograde CHAPTER` in this folder.

Needs `pip install 'dl-autograder[nbgrader]'`. Whatever nbgrader can be told may be added here.
"""

import sqlite3
import warnings
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SAWarning

from autograder.authoring.release import PREPROCESSORS

c = get_config()  # noqa: F821 - nbgrader's loader gives this name

c.CourseDirectory.course_id = "dl"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
# The gradebook is gradebook.db in this folder; any SQLAlchemy URL will do:
# c.CourseDirectory.db_url = "postgresql://grader@localhost/gradebook"


@event.listens_for(Engine, "connect")
def wait_while_another_process_writes(connection, _):
    """A minute, in place of SQLite's five seconds, after which nbgrader stops grading."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA busy_timeout = 60000")


# Three warnings for each submission, about nbgrader's own queries, hide the ones that matter.
warnings.filterwarnings("ignore", category=SAWarning, module=r"nbgrader\.")

# Whatever is handed in is graded for what is there: a damaged file, damaged marks, deleted cells.
# Links and pipes are moved out of nbgrader's way, which would follow them.
c.Autograde.pre_convert_hook = "autograder.integrations.nbgrader_intake.set_aside"
c.Autograde.exporter_class = "autograder.integrations.nbgrader_intake.TolerantExporter"
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "autograder.integrations.nbgrader_intake.CheckIn",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "autograder.integrations.nbgrader_intake.RestoreCells",  # in place of OverwriteCells
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.OverwriteCells.add_missing_cells = True

# The one change to grading: student code runs in the sandbox and the hidden graders mark it. With
# nbgrader's own Execute here instead, each test cell raises and says so.
c.Autograde.autograde_preprocessors = [
    "autograder.integrations.nbgrader.SandboxedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Students see the visible checks and the messages, not the hidden tests.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "autograder.integrations.nbgrader.HideTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

# What a student wrote runs neither in the feedback nor in the formgrader.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.preprocessors = ["autograder.integrations.nbgrader_pages.Harmless"]
c.HTMLExporter.filters = {
    name: f"autograder.integrations.nbgrader_pages.{name}"
    for name in ("markdown2html", "clean_html", "highlight_code", "strip_files_prefix")
}

# So `nbgrader generate_assignment` makes the same release/ as `autograder build`.
c.GenerateAssignment.preprocessors = list(PREPROCESSORS)
