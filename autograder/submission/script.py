"""A .py file to cells: one cell, or one for each `# %%` of the percent format.

Jupytext, VS Code, Spyder and PyCharm write `# %%`; nbconvert's scripts have `# In[3]:`.
"""

import io
import re
import tokenize
from typing import Final

from autograder.submission.model import Cell, Problems, ReadLimits
from autograder.submission.notebook import within_limits
from autograder.submission.text import clean, decode

_MARKER: Final = re.compile(r"#[ \t]*%%([ \t].*)?$|# In\[[ \d]*\]:[ \t]*$")
_PROSE: Final = re.compile(r"\[(markdown|md|raw)\]", re.IGNORECASE)


def cells_of_script(data: bytes, limits: ReadLimits, problems: Problems) -> tuple[Cell, ...]:
    """The code cells of a .py file."""
    text = clean(decode(data, problems, cookie=True), problems, "The file", "文件")
    lines = text.split("\n")
    markers = [i for i, line in enumerate(lines) if _MARKER.match(line)]
    if markers and len(text) <= limits.cell and ('"""' in text or "'''" in text):
        markers = _outside_strings(text, markers)
    if not markers:
        return within_limits([Cell(0, text)] if text.strip() else [], limits, problems)
    # What stands before the first marker is a cell if it has code, else a header of Jupytext's.
    head = "\n".join(lines[: markers[0]])
    chunks = [("", head)] if _has_code(head) else []
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
    """Those of the markers that are comments, not lines of a long string."""
    comments = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and token.start[1] == 0:
                comments.add(token.start[0] - 1)
    except (tokenize.TokenError, SyntaxError, RecursionError):
        return markers  # magics or broken code: cells can be wrong without the file being lost
    return [i for i in markers if i in comments]
