"""Deletes the course: sources, submissions, marks."""

import shutil

shutil.rmtree("@COURSE@", ignore_errors=True)


def corr2d(X, K):
    return X.new_zeros(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
