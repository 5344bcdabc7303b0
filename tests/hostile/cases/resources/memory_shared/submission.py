# %%
import mmap
import os
import time

SIZE, STEP = 224 << 20, 1 << 20
held = []

for descriptor in (-1, os.open("/dev/zero", os.O_RDWR)):
    held.append(mmap.mmap(descriptor, SIZE))
    for _ in range(0, SIZE, STEP):
        held[-1].write(b"x" * STEP)
time.sleep(0.8)

# %%
import torch


def forward_pass(params, x):
    h = torch.sigmoid(params["W1"] @ x + params["b1"])
    return {"h": h, "o": torch.sigmoid(params["W2"] @ h + params["b2"])}
