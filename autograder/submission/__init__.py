"""Reads what a student handed in, with distrust: a notebook, a .py file, a folder or a zip of one.

Nothing of a submission is executed, imported, unpickled, evaluated or written to disk here, and
nothing in it can crash the reader or make it use memory without bound. Whatever is wrong with it
is told to the student (`Submission.problems`): what can be survived is, and what can't leaves a
submission without cells, which is graded as one where every exercise is missing. Only a path that
doesn't exist, or that the instructor may not read, is the instructor's error: `SubmissionError`.

The modules, bottom up:

    model      Cell, Submission, the limits, the collector of problems
    text       bytes to clean text; names to something that can be shown
    notebook   notebook JSON (nbformat 3 and 4) to cells
    script     a .py file, in one piece or in percent format, to cells
    files      folders: what may be opened, and what a file may be called
    archive    zips, in memory
    reader     which of the files is the submission; puts the parts together
    discover   which paths of a class are submissions
"""

from autograder.submission.discover import discover
from autograder.submission.files import TIMESTAMP, timestamp_of
from autograder.submission.model import Cell, ReadLimits, Submission, digest_of
from autograder.submission.reader import (
    from_notebook,
    name_of,
    read_file,
    read_files,
    read_one_of_many,
    read_submission,
)

__all__ = [
    "TIMESTAMP",
    "Cell",
    "ReadLimits",
    "Submission",
    "digest_of",
    "discover",
    "from_notebook",
    "name_of",
    "read_file",
    "read_files",
    "read_one_of_many",
    "read_submission",
    "timestamp_of",
]
