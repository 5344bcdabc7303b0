"""What `--json` writes."""

from collections.abc import Sequence

import msgspec

from autograder.judge.result import Result, encode


def json_document(results: Sequence[Result]) -> bytes:
    """The document of docs/result.md for one submission; an array of these for any other number."""
    if len(results) == 1:
        return encode(results[0])
    array = b"[" + b",".join(map(encode, results)) + b"]"
    return msgspec.json.format(array, indent=2) + b"\n"
