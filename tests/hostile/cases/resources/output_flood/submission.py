# %%
for number in range(10_000):
    print("flood", number)

# %%
import sys

print("x" * 8_000_000)
sys.stderr.write("y" * 8_000_000)

# %%
import logging
import warnings

warnings.simplefilter("always")
for number in range(200):
    warnings.warn(f"flood {number}")
    logging.warning("flood %d", number)

# %%
import os

try:
    while True:
        os.write(1, b"z" * (1 << 20))
except OSError:
    pass

# %%
!yes flood | head -c 300000
os.system("yes flood; yes flood >&2")

# %%
import ctypes

LIBC = ctypes.CDLL(None)
for number in range(2000):
    LIBC.puts(b"c" * 10_000)
LIBC.fflush(None)

# %%
def corr2d(X, K):
    print("x" * 1_000_000)
    os.write(1, b"z" * 1_000_000)
    warnings.warn("x" * 1_000_000)
    return (X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((2, 3))
