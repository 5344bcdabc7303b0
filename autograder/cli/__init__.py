"""The command `autograder`. Each command imports what it needs when it runs: all start fast.

Exit codes: 0 fine; 1 what was asked about is not so (marks lost, a build out of date); 2 a mistake
in the command line, the course or a submission; 3 the judge itself failed.
"""

from autograder.cli import building, doctor, grading, listing, verifying
from autograder.cli.app import app, main

__all__ = ["app", "building", "doctor", "grading", "listing", "main", "verifying"]
