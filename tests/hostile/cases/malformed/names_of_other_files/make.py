"""Newlines, escapes, hyphens, bidirectional marks, markup, and bytes that nothing decodes."""

import contextlib
import os
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written

NAMES = [
    b"a\nmallory  ch09_convolution  15/15\n",
    b"\x1b]0;owned\x07\x1b[2J\x1b[31m",
    b"-rf",
    b"--help",
    b"\xe2\x80\xaegpj.exe",
    b"<script>alert(1)<",
    b"'; rm -rf ~; '",
    b"$(touch owned)",
    b"\xff\xfe\x80",
    b"a\\..\\..\\b",
    b"%s%n{0.__class__}",
    b"n" * 255,
    b"\xd0\xb0" * 127,
    b"CON",
    b" ",
    b"\xcc\x81",
    b"=cmd|' &C calc'!A0",
    b"*",
    b"\r",
]


def make(folder: Path, canary: Canary) -> Path:
    submission = written(folder / "submission", encoded()).parent
    for name in NAMES:
        with contextlib.suppress(OSError):  # some file systems refuse some of them
            written(submission, b"1,2", os.fsdecode(name))
    return submission
