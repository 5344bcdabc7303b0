# %%
import time

time.sleep(2.8)

# %%
time.sleep(2.8)

# %%
def corr2d(X, K):
    time.sleep(1.2)
    return (X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((2, 3))
