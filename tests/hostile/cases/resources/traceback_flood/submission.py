# %%
def deep(depth):
    return deep(depth + 1)


deep(0)

# %%
error = None
for number in range(200):
    following = ValueError(f"link {number}")
    following.__cause__ = error
    error = following
raise error

# %%
raise ExceptionGroup("group", [ValueError(number) for number in range(3000)])

# %%
raise ValueError("x" * 8_000_000)


# %%
class Slow(Exception):
    def __str__(self):
        return "\n".join(["a line"] * 100_000)


raise Slow

# %%
for _ in range(40):
    try:
        1 / 0
    except ZeroDivisionError:
        get_ipython().showtraceback()

# %%
error = ValueError("x")
error.__notes__ = ["y" * 1000] * 2000
raise error

# %%
def corr2d(X, K):
    if X.shape[1] % 2:
        raise ValueError("x" * 8_000_000)
    raise error from Slow()
