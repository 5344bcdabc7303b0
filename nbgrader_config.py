"""Makes plain nbgrader judge with autograder: run `nbgrader autograde CHAPTER` in this folder.

Needs `pip install 'dl-autograder[nbgrader]'`. Whatever nbgrader can be told may be added here.
"""

from pathlib import Path

from autograder.authoring.release import PREPROCESSORS

c = get_config()  # noqa: F821 - nbgrader's loader gives this name

c.CourseDirectory.course_id = "dl"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
# The gradebook is gradebook.db in this folder; any SQLAlchemy URL will do:
# c.CourseDirectory.db_url = "postgresql://grader@localhost/gradebook"

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

# So `nbgrader generate_assignment` makes the same release/ as `autograder build`.
c.GenerateAssignment.preprocessors = list(PREPROCESSORS)
