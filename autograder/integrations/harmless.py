"""HTML that runs nothing and fetches nothing, made of HTML that a stranger wrote.

The result is written anew, from elements and attributes that are listed here; everything else in it
is text. None of the elements changes how a browser reads what follows, so it sees the same elements
that are written here. The work grows with the length of the text and no faster, whatever is in it:
parsers that build a tree, as a browser does, can be made to take the square of it.
"""

import html
import re
from collections.abc import Iterator
from typing import Final

_VOID: Final = {"br", "col", "hr", "img"}
_ELEMENTS: Final = _VOID | {
    "a", "abbr", "b", "blockquote", "caption", "center", "code", "colgroup", "dd", "del", "details",
    "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "i", "ins",
    "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub",
    "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
# Left out with all that is in them; of other elements that aren't listed the text stays.
_LEFT_OUT: Final = {
    name: re.compile(rf"</{name}(?![a-z0-9])", re.ASCII | re.IGNORECASE)
    for name in ("script", "style", "svg", "math", "template", "title")
}
_DEEPEST: Final = 100

_FLAGS: Final = re.ASCII | re.IGNORECASE | re.DOTALL
_TAG: Final = re.compile(
    r"""<(/?)([a-z][a-z0-9]*+)((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>""", _FLAGS
)
_ATTRIBUTE: Final = re.compile(
    r"""(?<![a-z])([a-z]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'`=]++))""", _FLAGS
)
_BARE: Final = re.compile(r"&(?!(?:[a-z][a-z0-9]{1,30}|#[0-9]{1,7}|#x[0-9a-f]{1,6});)", _FLAGS)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

# Those of nbgrader's own pages and of Pygments; any other could dress up as a part of the page.
_CLASS: Final = re.compile(
    r"alert(-\w+)?|label(-\w+)?|text-muted|list-unstyled|dataframe|highlight|err|[a-z][a-z0-9]?",
    re.ASCII,
)
_NUMBER: Final = r"\d{1,4}%?"
_VALUES: Final = {
    name: re.compile(pattern, _FLAGS)
    for name, pattern in {
        "align": "left|right|center",
        "alt": ".*",
        "border": _NUMBER,
        "colspan": _NUMBER,
        "height": _NUMBER,
        "href": r"(?:https?://|mailto:)[^\s\"'<>`]+",
        "rowspan": _NUMBER,
        "src": r"data:image/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=\s]+",
        "start": _NUMBER,
        "style": r"text-align:\s?(?:left|right|center);?",
        "title": ".*",
        "width": _NUMBER,
    }.items()
}
_LONGEST: Final = 2000  # of a value that isn't an image


def harmless(text: str) -> str:
    """`text`, which is HTML, with nothing in it that runs, fetches or looks like the page's own."""
    return "".join(_pieces(_CONTROL.sub("", text)))


def _pieces(text: str) -> Iterator[str]:
    open_elements: list[str] = []
    place = 0
    while (found := text.find("<", place)) >= 0:
        yield _escaped(text[place:found])
        tag = _TAG.match(text, found)
        if tag is not None:
            closing, name, attributes = tag[1], tag[2].lower(), tag[3]
            place = tag.end()
            if name in _LEFT_OUT and not closing:
                end = _LEFT_OUT[name].search(text, place)
                place = end.start() if end else len(text)
            elif name in _ELEMENTS and closing:
                if name in open_elements:
                    while (last := open_elements.pop()) != name:
                        yield f"</{last}>"
                    yield f"</{name}>"
            elif name in _VOID:
                yield f"<{name}{_kept(attributes)}>"
            elif name in _ELEMENTS and len(open_elements) < _DEEPEST:
                yield f"<{name}{_kept(attributes)}>"
                open_elements.append(name)
        elif text.startswith("<!--", found):
            end_of_comment = text.find("-->", found)
            place = end_of_comment + 3 if end_of_comment >= 0 else len(text)
        else:
            yield "&lt;"
            place = found + 1
    yield _escaped(text[place:])
    yield from (f"</{name}>" for name in reversed(open_elements))


def _escaped(text: str) -> str:
    return _BARE.sub("&amp;", text).replace(">", "&gt;")


def _kept(attributes: str) -> str:
    """The attributes of a tag that may stay, each once."""
    kept: dict[str, str] = {}
    for found in _ATTRIBUTE.finditer(attributes):
        name, value = found[1].lower(), next(filter(None, found.groups()[1:]), "")
        if name != "src":
            value = html.unescape(value[:_LONGEST])
        if name == "class":
            kept[name] = " ".join(word for word in value.split() if _CLASS.fullmatch(word))
        elif name in _VALUES and _VALUES[name].fullmatch(value):
            kept[name] = value
    return "".join(f' {name}="{html.escape(value)}"' for name, value in kept.items())
