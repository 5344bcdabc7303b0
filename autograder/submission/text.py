"""Bytes to clean text, and names to something that can be shown on a terminal."""

import re
import unicodedata
from typing import Final

from autograder.submission.model import Problems

_LONGEST_SHOWN = 80
_REPLACEMENT = "\ufffd"
_UNCLEAN: Final = re.compile("[\x00\ud800-\udfff]")
_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# PEP 263. Only encodings of text are looked up: any other name is the student's say in which
# module Python imports, or a codec that runs or expands something.
_COOKIE: Final = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_ENCODINGS: Final = {
    "utf-8": "utf-8", "utf8": "utf-8", "utf-8-sig": "utf-8", "ascii": "ascii", "us-ascii": "ascii",
    "latin-1": "latin-1", "latin1": "latin-1", "iso-8859-1": "latin-1", "iso-8859-15": "iso8859-15",
    "iso-latin-1": "latin-1", "cp1252": "cp1252", "windows-1252": "cp1252",
    "gbk": "gb18030", "cp936": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030",
    "big5": "big5", "cp950": "cp950", "shift-jis": "shift-jis", "cp932": "cp932",
    "euc-jp": "euc-jp", "euc-kr": "euc-kr", "cp949": "cp949", "koi8-r": "koi8-r",
    "cp1251": "cp1251", "windows-1251": "cp1251",
}  # fmt: skip


def shown(name: str) -> str:
    """A name that a student chose, safe to print: escaped, and cut when it is long."""
    if len(name) > _LONGEST_SHOWN:
        name = name[: _LONGEST_SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def is_plain(name: str) -> bool:
    """Whether a name holds nothing invisible: no controls, newlines, bidi marks or surrogates."""
    return all(c.isprintable() or unicodedata.category(c) == "Zs" for c in name)


def clean(source: str, problems: Problems, en: str, zh: str) -> str:
    """The source with `\\n` line ends, and without what no file or compiler could take.

    `en` and `zh` name the place in a problem.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    source, replaced = _UNCLEAN.subn(_REPLACEMENT, source)
    if replaced:
        problems.add(
            f"{en} holds characters that no Python file may hold (null characters or halves of a"
            f" surrogate pair); they were replaced by {_REPLACEMENT}. Type these places anew.",
            f"{zh}含有 Python 文件不允许的字符（空字符或不成对的代理字符），"
            f"已替换为 {_REPLACEMENT}。请重新输入这些地方。",
        )
    return source


def decode(data: bytes, problems: Problems, *, cookie: bool = False) -> str:
    """The file's text: by its byte order mark, by its coding cookie if wanted, else UTF-8."""
    encoding = None
    for bom, name in _BOMS:
        if data.startswith(bom):
            data, encoding = data[len(bom) :], name
            break
    if encoding is None:
        encoding = (_declared(data, problems) if cookie else None) or "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        problems.add(
            f"The file isn't valid {encoding.upper()} (first at byte {error.start}); what couldn't"
            f" be read was replaced by {_REPLACEMENT}. Save it as UTF-8 and hand it in again.",
            f"文件不是有效的 {encoding.upper()} 编码（第一处在第 {error.start} 字节），"
            f"无法读取的部分已替换为 {_REPLACEMENT}。请以 UTF-8 保存后重新提交。",
        )
        return data.decode(encoding, "replace")


def _declared(data: bytes, problems: Problems) -> str | None:
    for line in re.split(rb"\r\n|\r|\n", data[:1000], maxsplit=2)[:2]:
        found = _COOKIE.match(line)
        if found:
            name = found[1].decode("ascii", "replace")
            encoding = _ENCODINGS.get(name.lower().replace("_", "-"))
            if encoding is None:
                problems.add(
                    f"The file declares the encoding {shown(name)}, which isn't accepted; it was"
                    " read as UTF-8. Save it as UTF-8.",
                    f"文件声明了不支持的编码 {shown(name)}，已按 UTF-8 读取。请以 UTF-8 保存。",
                )
            return encoding
        if line.strip() and not line.lstrip().startswith(b"#"):
            return None
    return None
