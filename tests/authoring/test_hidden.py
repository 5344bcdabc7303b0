"""The hidden-tests block of a test cell."""

import os
import subprocess
import sys

import pytest

from autograder.course import strip_hidden
from autograder.errors import CourseError
from autograder.hidden import with_hidden

VISIBLE = "assert double(1) == 2\n\nassert double(2) == 4"


def run(source: str, execution: str | None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "NBGRADER_EXECUTION"}
    if execution:
        environment["NBGRADER_EXECUTION"] = execution
    code = "double = lambda x: 2 * x\n" + source
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_stripping_gives_the_visible_checks_back() -> None:
    """What the worker sees is what the student was handed."""
    assert strip_hidden(with_hidden(VISIBLE, "double")) == VISIBLE
    assert strip_hidden(VISIBLE) == VISIBLE


def test_a_block_that_never_ends_is_hidden_to_the_end() -> None:
    """A damaged cell shows nothing hidden; several blocks all go."""
    assert strip_hidden("a\n### BEGIN HIDDEN TESTS\nsecret") == "a"
    block = "### BEGIN HIDDEN TESTS\nx\n### END HIDDEN TESTS\n"
    assert (
        strip_hidden(f"a\n{block}b\n    # BEGIN HIDDEN TESTS\ny\n# END HIDDEN TESTS\nc")
        == "a\nb\nc"
    )


def test_the_block_is_silent_in_a_kernel_and_when_validating() -> None:
    """A source notebook runs top to bottom."""
    source = with_hidden(VISIBLE, "double")
    assert run(source, None).returncode == 0
    assert run(source, "validate").returncode == 0


def test_the_block_raises_when_autograded() -> None:
    """Without the judge a test cell fails and says what to install and where it is configured."""
    done = run(with_hidden(VISIBLE, "double"), "autograde")
    assert done.returncode == 1
    for words in (
        "exercise double was not graded",
        "pip install 'dl-autograder[nbgrader]'",
        "nbgrader_config.py",
        "autograder.integrations.nbgrader.SandboxedExecute",
    ):
        assert words in done.stderr


def test_an_author_cannot_hide_tests_in_the_handout() -> None:
    """Hidden graders have their own file."""
    with pytest.raises(CourseError, match=r"hidden graders belong in test_double\.py"):
        with_hidden("### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS", "double")
