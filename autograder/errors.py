"""The faults of this package: what is ours, the course's or the instructor's, never the student's.

    AutograderError
    ├── ConfigError        grading_config.yml can't be used
    ├── CourseError        a chapter's files are missing or contradict each other
    ├── SubmissionError    a path names nothing that could be graded
    └── JudgeFault         a grader, or the judge itself, went wrong

The sandbox knows nothing of the course and has a tree of its own, `autograder.sandbox.errors`. What
a student's code does wrong is a verdict (a value), see `autograder.judge.result`.
"""


class AutograderError(Exception):
    """Anything that stops a command; its text says what, where, and what to do."""


class ConfigError(AutograderError):
    """grading_config.yml can't be used."""


class CourseError(AutograderError):
    """A chapter's files are missing or contradict each other."""


class SubmissionError(AutograderError):
    """A path names nothing that could be graded."""


class JudgeFault(AutograderError):
    """A grader, or the judge itself, went wrong: costs no student points."""
