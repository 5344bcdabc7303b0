"""nbgrader's hidden-tests block: what stands at the end of a test cell that the judge marks.

The block is in source/ and in the gradebook; nbgrader takes it out of release/ and puts it back
when it autogrades. Our preprocessor strips it before a worker sees the cell. So it runs in two
places only: in a source notebook, where it does nothing, and in an autograding that nobody gave the
judge, where it raises, because a silent test cell earns full marks.
"""

from autograder.errors import CourseError

BEGIN = "### BEGIN HIDDEN TESTS"
END = "### END HIDDEN TESTS"

_BLOCK = """\
{begin}
# The hidden graders of {exercise} are not in this notebook: the course's judge runs them.
import os as _os

if _os.environ.get("NBGRADER_EXECUTION") == "autograde":
    raise RuntimeError(
        "exercise {exercise} was not graded: this notebook is being autograded without the "
        "course's judge. Install it with `pip install 'dl-autograder[nbgrader]'` and run nbgrader "
        "in the course's folder, whose nbgrader_config.py puts "
        "autograder.integrations.nbgrader.SandboxedExecute in the place of Execute."
    )
{end}"""


def with_hidden(source: str, exercise: str) -> str:
    """The test cell `source` with the hidden block of `exercise` after it."""
    if "BEGIN HIDDEN TESTS" in source:
        raise CourseError(
            f"exercise {exercise}: the test cell has a hidden-tests block already; "
            f"hidden graders belong in test_{exercise}.py"
        )
    return f"{source.rstrip()}\n{_BLOCK.format(begin=BEGIN, end=END, exercise=exercise)}"


def strip_hidden(source: str) -> str:
    """`source` without its hidden-tests blocks; one that never ends is cut to the end.

    Line by line as nbgrader's ClearHiddenTests does it, so that what is left of a test cell is
    exactly what the student was handed.
    """
    kept: list[str] = []
    hidden = False
    for line in source.split("\n"):
        if "BEGIN HIDDEN TESTS" in line:
            hidden = True
        elif "END HIDDEN TESTS" in line:
            hidden = False
        elif not hidden:
            kept.append(line)
    return "\n".join(kept)
