import codecs
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import GARBAGE, HONEST, written


def make(folder: Path, canary: Canary) -> Path:
    hidden = "".join(f"# {codecs.encode(line, 'rot13')}\n" for line in HONEST.splitlines())
    source = f"#!/usr/bin/python\n# vim: set fileencoding=rot13 :\n{hidden}{GARBAGE}"
    return written(folder, source.encode(), "work.py")
