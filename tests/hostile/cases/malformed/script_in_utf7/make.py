"""What is forbidden, behind a # and spelt so that only UTF-7 sees its line ends."""

from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import written

BANNED = """import torch.nn.functional as F


def conv2d(X, K, bias=None, stride=1, padding=0):
    return F.conv2d(X, K, bias, stride, padding)
"""


def make(folder: Path, canary: Canary) -> Path:
    hidden = BANNED.replace("=", "+AD0-").replace("\n", "+AAo-")
    source = f"# -*- coding: utf-7 -*-\n# +AAo-{hidden}\n"
    return written(folder, source.encode(), "ch09_convolution.py")
