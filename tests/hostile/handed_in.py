"""What the makers of damaged submissions start from: sources, notebooks and zips in one line."""

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HONEST = """import torch


def corr2d(X, K):
    h, w = K.shape
    Y = X.new_zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y
"""
GARBAGE = """import torch


def corr2d(X, K):
    return X.new_zeros(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
"""
BANNED = """import torch.nn.functional as F


def conv2d(X, K, bias=None, stride=1, padding=0):
    return F.conv2d(X, K, bias, stride, padding)
"""
# Prints what lies in the files beside it: a secret, if a link was followed.
PEEK = """
import pathlib

for path in pathlib.Path(".").rglob("*"):
    try:
        print(path, path.read_text())
    except (OSError, ValueError) as error:
        print(path, error)
"""
# In the worker they cost nothing: there the shell leaves them out.
SKIP = """shell = get_ipython()
run = shell.run_cell
shell.run_cell = lambda source, **more: run(source if len(source) < 2000 else "", **more)
"""
NAME = "ch09_convolution.ipynb"


def code(source: Any = HONEST, **more: Any) -> dict[str, Any]:
    """A code cell; `more` are further keys, or others in place of the usual ones."""
    usual = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "source": source, **usual, **more}


def notebook(*cells: Any, **more: Any) -> dict[str, Any]:
    """A notebook of these cells, or of the honest one; `more` as for `code`."""
    usual = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return {"cells": list(cells or (code(),)), **usual, **more}


def encoded(*cells: Any, **more: Any) -> bytes:
    """The same as the bytes of a file."""
    return json.dumps(notebook(*cells, **more)).encode()


def written(folder: Path, data: bytes, name: str = NAME) -> Path:
    """`folder/name` with these bytes; its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def zipped(path: Path, entries: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    """A zip of these entries, names as they are; its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path
