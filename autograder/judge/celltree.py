"""The syntax tree of a notebook cell, IPython's additions to the language included.

Text in, tree out: nothing is compiled or run. A cell that can't be read as Python has no tree;
running it in the worker shows the student why.
"""

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator
from typing import Final, NamedTuple

# Cell magics whose text isn't code of this notebook. Under any other (%%time, %%capture…) it is.
_NOT_PYTHON: Final = {
    "!", "HTML", "SVG", "bash", "cmd", "file", "html", "javascript", "js", "latex", "markdown",
    "perl", "pypy", "python", "python2", "python3", "ruby", "script", "sh", "svg", "sx", "system",
    "writefile",
}  # fmt: skip
_SPECIAL: Final = re.compile(r"^([ \t]*+)(?:[%!?,;/].*|.*\?[ \t]*)$", re.MULTILINE)
_SPECIAL_VALUE: Final = re.compile(r"=[ \t]*[%!].*$", re.MULTILINE)
_MOST_PATIENCE: Final = 10_000  # nanoseconds for a character
_BLANKS: Final = re.compile(r"[ \t\f]{2,}")
_LONGEST: Final = 128 * 1024


class CellTree(NamedTuple):
    """A cell's tree, and the lines that its line numbers are about."""

    tree: ast.Module
    lines: list[str]


class Patience:
    """How much of a notebook is read by IPython's rules.

    IPython reads a cell anew for each magic in it: 400 of them in 43 kB take minutes.
    """

    def __init__(self, work: int = 300_000) -> None:
        self.left = work  # characters, times the readings of each

    def allows(self, body: str) -> bool:
        """Whether this is worth a reading, which then is taken off."""
        readings = 1 + len(_SPECIAL.findall(body)) + len(_SPECIAL_VALUE.findall(body))
        work = len(body) * readings
        if work > self.left or _tokenizing(body) * readings > _MOST_PATIENCE * len(body):
            return False
        self.left -= work
        return True


def parse_cell(source: str, patience: Patience) -> CellTree | None:
    """The cell's tree, or None if it isn't Python, is nested too deeply or is too long."""
    if len(source) > _LONGEST:
        return None
    for reading in _readings(source, patience):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the student's escapes aren't our warnings
                return CellTree(ast.parse(reading), reading.split("\n"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _readings(source: str, patience: Patience) -> Iterator[str]:
    """The source as Python: as it stands, by IPython's rules, and with magics crossed out."""
    yield source
    lines = source.split("\n")
    for number, line in enumerate(lines):
        magic = re.match(r"[ \t]*%%(\w+|!)", line)
        if magic and magic[1] in _NOT_PYTHON:
            return
        if magic:
            lines[number] = ""  # line numbers stay
        elif line.strip():
            break
    body = "\n".join(lines)
    yield body
    if patience.allows(body):
        transformed = _by_ipython(body)
        if transformed is not None:
            yield transformed
    crossed_out = _SPECIAL.sub(r"\1pass", body)
    yield textwrap.dedent(_SPECIAL_VALUE.sub("= None", crossed_out))


def _tokenizing(body: str) -> int:
    """Nanoseconds that the tokenizer which IPython uses may take, before Python 3.12 the square of
    a line's length: where nothing fits it tries each blank again, and each quote to the line's end.
    """
    blanks = sum(len(run) ** 2 for run in _BLANKS.findall(body))
    quotes = sum(len(line) * sum(map(line.count, "\\'\"")) for line in body.split("\n"))
    return 200 * blanks + 30 * quotes


def _by_ipython(body: str) -> str | None:
    from IPython.core.inputtransformer2 import TransformerManager

    blank = 0  # lines that IPython drops from the start
    for line in body.split("\n"):
        if line.strip():
            break
        blank += 1
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            transform = TransformerManager()  # type: ignore[no-untyped-call]
            return "\n" * blank + transform.transform_cell(body)
    except Exception:  # noqa: BLE001
        return None  # it took apart what a stranger wrote, and there is another way to read it
