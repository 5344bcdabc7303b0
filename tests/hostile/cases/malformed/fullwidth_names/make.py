from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import code, encoded, written

SOURCE = """import torch


def corr2d(X, K):
    return torch.nn.functional.WIDE(X[None, None], K[None, None])[0, 0]
"""


def make(folder: Path, canary: Canary) -> Path:
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in "conv2d")
    return written(folder, encoded(code(SOURCE.replace("WIDE", wide))))
