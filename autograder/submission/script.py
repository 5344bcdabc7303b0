"""A .py file to cells: one cell, or one for each `# %%` of the percent format.

Jupytext, VS Code, Spyder and PyCharm write `# %%`; nbconvert's scripts have `# In[3]:`.
"""

import re
from typing import Final

from autograder.submission.model import Cell, Problems, ReadLimits
from autograder.submission.notebook import say_too_many_cells, within_limits
from autograder.submission.text import clean, decode

_MARKER: Final = re.compile(r"#[ \t]*%%([ \t].*)?$|# In\[[ \d]*\]:[ \t]*$")
_PROSE: Final = re.compile(r"\[(markdown|md|raw)\]", re.IGNORECASE)
# What begins a string or a comment, or is escaped; what ends a string, or its line.
_BEGINS: Final = re.compile(r"""\"{3}|'{3}|["'#]|\\.""", re.DOTALL)
_ENDS: Final = {
    quote: re.compile(rf"{quote}|\\." + ("" if len(quote) == 3 else r"|(?=\n)"), re.DOTALL)
    for quote in ('"""', "'''", '"', "'")
}


def cells_of_script(data: bytes, limits: ReadLimits, problems: Problems) -> tuple[Cell, ...]:
    """The code cells of a .py file."""
    text = clean(decode(data, problems, cookie=True), problems, "The file", "文件")
    lines = text.split("\n")
    markers = [i for i, line in enumerate(lines) if _MARKER.match(line)]
    if markers:
        markers = _outside_strings(text, markers)
    if not markers:
        return within_limits([Cell(0, text)] if text.strip() else [], limits, problems)
    # What stands before the first marker is a cell if it has code, else a header of Jupytext's.
    head = "\n".join(lines[: markers[0]])
    chunks = [("", head)] if _has_code(head) else []
    if len(chunks) + len(markers) > limits.cells:
        say_too_many_cells(limits, problems)
        markers = markers[: limits.cells - len(chunks) + 1]
        lines = lines[: markers.pop()]
    for start, end in zip(markers, [*markers[1:], len(lines)], strict=True):
        chunks.append((lines[start], "\n".join(lines[start + 1 : end]).rstrip()))
    return within_limits(
        [
            Cell(index, body)
            for index, (marker, body) in enumerate(chunks)
            if body and not _PROSE.search(marker)
        ],
        limits,
        problems,
    )


def _has_code(body: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in body.split("\n"))


def _outside_strings(text: str, markers: list[int]) -> list[int]:
    """Those of the markers' lines, counted from 0 and sorted, that don't begin inside of a string.

    Magics and broken code are read like any other. Python's own tokenizer isn't asked: before 3.12
    it takes a time that grows with the square of a line's length, days for a megabyte.
    """
    outside: list[int] = []
    place = line = passed = 0
    while passed < len(markers) and (begin := _BEGINS.search(text, place)):
        line += text.count("\n", place, begin.end())
        place = begin.end()
        if begin[0] == "#":
            end_of_line = text.find("\n", place)
            place = end_of_line if end_of_line >= 0 else len(text)
        elif begin[0] in _ENDS:
            while (end := _ENDS[begin[0]].search(text, place)) and end[0].startswith("\\"):
                place = end.end()
            place = end.end() if end else len(text)
            while passed < len(markers) and markers[passed] <= line:
                outside.append(markers[passed])
                passed += 1
            line += text.count("\n", begin.end(), place)
            while passed < len(markers) and markers[passed] <= line:
                passed += 1
    return outside + markers[passed:]
