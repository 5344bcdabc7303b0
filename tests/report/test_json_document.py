"""What --json writes."""

import json
import subprocess
import sys

import pytest

from autograder.judge.result import decode, encode
from autograder.report.json_document import json_document
from tests.report.results import a_result


def test_one_submission_is_one_document() -> None:
    assert json_document([a_result()]) == encode(a_result())
    assert decode(json_document([a_result()])) == a_result()


@pytest.mark.parametrize("count", [0, 2])
def test_any_other_number_is_an_array_in_order(count: int) -> None:
    results = [a_result(name=f"{i}.ipynb") for i in range(count)]
    documents = json.loads(json_document(results))
    assert [document["submission"]["name"] for document in documents] == [
        f"{i}.ipynb" for i in range(count)
    ]


@pytest.mark.parametrize("module", ["text", "json_document", "junit", "markdown", "words"])
def test_no_report_needs_torch(module: str) -> None:
    code = f"import sys, autograder.report.{module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
