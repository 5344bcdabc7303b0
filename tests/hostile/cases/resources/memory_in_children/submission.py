# %%
import os
import time

EACH, CHILDREN = 56 << 20, 8

heard, told = os.pipe()
for _ in range(CHILDREN):
    if os.fork() == 0:
        memory = bytearray(b"x") * EACH
        os.write(told, b"x")
        time.sleep(600)
for _ in range(CHILDREN):
    os.read(heard, 1)
time.sleep(0.8)  # all of them hold it at the same time

# %%
import torch


def forward_pass(params, x):
    h = torch.sigmoid(params["W1"] @ x + params["b1"])
    return {"h": h, "o": torch.sigmoid(params["W2"] @ h + params["b2"])}
