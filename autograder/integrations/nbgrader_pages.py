"""nbgrader's pages of what students handed in: the feedback, and the view that graders have of it.

nbgrader puts the Markdown, HTML and JavaScript of a notebook into both as they are. So what a
student writes would run in the browser of whoever looks: in that of a grader it could change marks.
nbconvert's configuration has places for these, which take away what runs and leave what is read:

    Harmless          in HTMLExporter.preprocessors: outputs
    markdown2html     in HTMLExporter.filters: text cells, Markdown in outputs, comments
    clean_html        there: raw cells
    highlight_code    there: code, coloured where that doesn't take for ever
    strip_files_prefix  there: nothing, and that quickly
"""

import html
import re
from collections.abc import Mapping
from typing import Any, Final

from jinja2 import pass_context
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode, from_dict

from autograder.integrations.harmless import harmless

_IMAGES: Final = ("image/png", "image/jpeg")
_TEXTS: Final = ("text/html", "text/markdown", "text/latex", "text/plain", "image/svg+xml")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/=\s]*+")
_ESCAPE: Final = re.compile("\x1b\\[[^@-~]*+[@-~]?|\x1b")
_MOST_ESCAPES: Final = 1000
_LARGEST: Final = 10_000  # pixels
# Pygments and mistune may take the square of a text's length, five nanoseconds times that. The
# notebook's texts share this; what is left when it is used up is shown as it was written.
_PATIENCE: Final = 1_000_000_000
_PLAIN: Final = "autograder_plain"  # in the metadata of a cell whose text isn't worth the time


class Harmless(Preprocessor):
    """Takes out of a notebook's outputs what runs, and out of its texts what takes too long."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """nbconvert's entry point."""
        left = _PATIENCE
        for cell in nb.cells:
            left -= len(cell.source) ** 2
            cell.metadata[_PLAIN] = left < 0
            if cell.cell_type == "code":
                outputs = [_harmless_output(output) for output in cell.outputs]
                for data in (output["data"] for output in outputs if "data" in output):
                    left -= len(data.get("text/markdown", "")) ** 2
                    if left < 0:
                        data.pop("text/markdown", None)
                cell.outputs = [output for output in outputs if output.get("data", True)]
        return nb, resources


def _harmless_output(output: NotebookNode) -> NotebookNode:
    if output.output_type == "stream":
        output.text = _few_colours(output.text)
    elif output.output_type == "error":
        output.traceback = [_few_colours(line) for line in output.traceback]
    else:
        data = {
            mime: value
            for mime, value in output.data.items()
            if (isinstance(value, str) and mime in _TEXTS)
            or (isinstance(value, str) and mime in _IMAGES and _BASE64.fullmatch(value))
        }
        if "text/html" in data:
            data["text/html"] = harmless(data["text/html"])
        if "text/plain" in data:
            data["text/plain"] = _few_colours(data["text/plain"])
        sizes = {mime: _sizes(output.metadata.get(mime)) for mime in _IMAGES}
        output |= from_dict({"data": data, "metadata": sizes})  # type: ignore[no-untyped-call]
    return output


def _sizes(metadata: Any) -> dict[str, int]:
    """nbconvert writes a width and a height into the page without quotes round them."""
    if not isinstance(metadata, Mapping):
        return {}
    sizes = {name: metadata.get(name) for name in ("width", "height")}
    return {name: size for name, size in sizes.items() if type(size) is int and size <= _LARGEST}


def _few_colours(text: str) -> str:
    """nbconvert copies the rest of a text for each colour in it."""
    return text if text.count("\x1b") <= _MOST_ESCAPES else _ESCAPE.sub("", text)


@pass_context
def markdown2html(context: Any, source: str) -> str:
    """Markdown as HTML in which nothing runs."""
    cell = context.get("cell") or {}
    if cell.get("metadata", {}).get(_PLAIN):
        return _as_written(source)
    renderer = IPythonRenderer(
        escape=False, attachments=cell.get("attachments", {}), exclude_anchor_links=True
    )
    try:
        return harmless(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # noqa: BLE001 - it trusts types, and the attachments are a stranger's
        return _as_written(source)


def clean_html(text: str) -> str:
    """HTML in which nothing runs."""
    return harmless(text)


def strip_files_prefix(text: str) -> str:
    """The same: an address of a file isn't kept, and nbconvert looks for them for hours."""
    return text


@pass_context
def highlight_code(
    context: Any,
    source: str,
    language: Any = None,  # noqa: ARG001 - nbconvert's
    metadata: Mapping[str, Any] | None = None,
) -> str:
    """Code in Python's colours, or in none; never by the lexer that a student's metadata name."""
    named = context["nb"].metadata.get("language_info", {}).get("name", "python")
    if named != "python" or (metadata or {}).get(_PLAIN):
        return f'<div class="highlight">{_as_written(source)}</div>'
    coloured: str = Highlight2HTML(pygments_lexer="ipython3")(source)  # type: ignore[no-untyped-call]
    return coloured


def _as_written(text: str) -> str:
    return f"<pre>{html.escape(text)}</pre>"
