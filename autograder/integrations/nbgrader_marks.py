"""What nbgrader misreads in the outputs of a test cell, put so that it doesn't.

nbgrader takes the first `execute_result` of a test cell for its marks if that is a number, and
gives full marks for any other. docs/nbgrader.md lists what follows from that, and what is decided.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from nbformat import NotebookNode

_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf)"
_SCALAR: Final = re.compile(
    rf"(?:(?:np|numpy)\.)?(?:float|u?int)\d+\(({_NUMBER})\)"
    rf"|(?:tensor|array)\(({_NUMBER})(?:, [^()]*)?\)"
)
_LONGEST: Final = 200  # characters of a scalar, with its dtype and what it was made by


def make_readable(cell: NotebookNode) -> Iterator[str]:
    """Put the marks that a test cell shows as nbgrader reads them; says what was changed."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    values = [output for output in cell.outputs if output.output_type == "execute_result"]
    if errors:  # what was shown before is no reason for marks
        others = [output for output in cell.outputs if output.output_type != "error"]
        cell.outputs = errors + others
    elif values:
        for output in values[:-1]:  # not the cell's value: a submission can have them all shown
            output.output_type = "display_data"
            del output["execution_count"]
        yield from _make_value_readable(values[-1], float(cell.metadata.nbgrader["points"]))


def _make_value_readable(output: NotebookNode, most: float) -> Iterator[str]:
    shown = _text(output)
    scalar = _SCALAR.fullmatch(shown.strip()) if len(shown) <= _LONGEST else None
    marks = _float((scalar[1] or scalar[2]) if scalar else shown)
    if marks is None:
        if not shown:  # nbgrader wouldn't grade the notebook
            output.data["text/plain"] = "(nothing to show)"
        yield f"{shown[:80]!r} is no number and counts as full marks"
    elif not 0 <= marks <= most:
        right = most if marks > most else 0.0
        output.data["text/plain"] = repr(right)
        yield f"{shown} isn't between 0 and {most:g}; it counts as {right:g}"
    elif scalar:
        output.data["text/plain"] = repr(marks)
        yield f"{shown} counts as {marks:g}"


def _text(output: NotebookNode) -> str:
    text: Any = output.data.get("text/plain", "")
    return text if isinstance(text, str) else "".join(text)


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
