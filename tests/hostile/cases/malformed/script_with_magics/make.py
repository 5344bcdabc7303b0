"""The percent format, with magics as they stand in notebooks."""

from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, written

MAGICS = """# %%
!cat @FOLDER@/secret.txt; echo owned > @FOLDER@/owned
# %%
%run @FOLDER@/course/solutions/ch09_convolution.py
# %%
%load @FOLDER@/secret.txt
# %%
%%bash
cat @FOLDER@/secret.txt /proc/*/environ
# %%
files = !cat @FOLDER@/*
print(files)
# %%
%cd @FOLDER@
%env PYTHONPATH=@FOLDER@
%alias corr2d cat @FOLDER@/secret.txt
%writefile @FOLDER@/owned
# %%
%%writefile @FOLDER@/owned
owned
# %% [markdown]
# corr2d = 1
# %%
"""


def make(folder: Path, canary: Canary) -> Path:
    return written(folder, (canary.fill_in(MAGICS) + HONEST).encode(), "ch09_convolution.py")
