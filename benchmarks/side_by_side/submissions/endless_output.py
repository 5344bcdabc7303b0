"""Prints for ever."""


def corr2d(X, K):
    while True:
        print("x" * 10_000)
