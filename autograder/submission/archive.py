"""The files of a zip, read in memory: nothing is extracted, and no header is believed.

Sizes count as they are really read, names are the student's to choose, and a zip can be made so
that two programs see different files in it: clashing names are refused, not resolved.
"""

import io
import re
import stat
import unicodedata
import zipfile
from typing import Final

from autograder.submission.files import Basket, Refused, TooManyEntries, is_hidden, reading_order

# The only methods that ordinary programs use, and whose output zipfile bounds while it unpacks.
_METHODS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENTRY: Final = b"PK\x01\x02"
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_ENCRYPTED: Final = 0x1


class NotAZip(Exception):
    """The bytes aren't a zip, or are too damaged to list."""


def fill_from_zip(data: bytes, basket: Basket) -> None:
    """Put a zip's files into the basket; a single folder round everything is taken off."""
    if data.count(_ENTRY) > basket.limits.entries:
        raise TooManyEntries  # before zipfile makes an object of each
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:  # zipfile fails in many ways on forged headers
        raise NotAZip from error
    if sum(info.compress_size for info in archive.infolist()) > len(data):
        raise NotAZip  # entries overlap: a few bytes would be unpacked again and again
    with archive:
        entries = _usable(archive, basket)
        shift = _common_folder([name for name, _ in entries])
        seen: set[str] = set()
        folders: set[str] = set()
        for name, info in sorted(
            ((name[shift:], info) for name, info in entries), key=lambda e: reading_order(e[0])
        ):
            key = unicodedata.normalize("NFC", name).casefold()
            above = {key[:i] for i, c in enumerate(key) if c == "/"}
            if key in seen or key in folders or above & seen:
                basket.refuse(
                    name, "another file in the zip has the same name", "压缩包中有同名文件"
                )
                continue
            seen.add(key)
            folders |= above
            basket.offer(name, lambda most, info=info: _read(archive, info, most))  # type: ignore[misc]


def _usable(archive: zipfile.ZipFile, basket: Basket) -> list[tuple[str, zipfile.ZipInfo]]:
    entries = []
    for info in archive.infolist():
        name = info.orig_filename.replace("\\", "/")  # some Windows programs write these
        mode = info.external_attr >> 16
        if name.endswith("/") or stat.S_ISDIR(mode):
            continue
        while name.startswith("./"):
            name = name[2:]
        if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
            basket.refuse(name, "its name leads out of the zip", "名称指向压缩包之外")
        elif is_hidden(name):
            continue
        elif stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
            basket.refuse(name, "it is a link or a device", "它是链接或设备文件")
        elif info.flag_bits & _ENCRYPTED:
            basket.refuse(
                name, "it is encrypted; zip it without a password", "文件已加密，请勿设密码"
            )
        elif info.compress_type not in _METHODS:
            basket.refuse(
                name, "its compression isn't supported; use ordinary zip", "不支持其压缩方式"
            )
        elif basket.allows_name(name):
            entries.append((name, info))
    return entries


def _common_folder(names: list[str]) -> int:
    """How many leading characters of all names are folders with nothing beside them."""
    shift = 0
    while names:
        top, slash, _ = names[0][shift:].partition("/")
        if not slash or not all(name.startswith(top + "/", shift) for name in names):
            break
        shift += len(top) + 1
    return shift


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    try:
        with archive.open(info) as file:
            return file.read(most)
    except Exception as error:  # as above
        raise Refused("it is damaged", "它已损坏") from error
