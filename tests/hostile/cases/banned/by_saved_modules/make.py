"""Files that a student's own machine would make, with the submission that loads them."""

import warnings
from pathlib import Path

import torch

SUBMISSION = """
import torch

pickled = torch.load("weights.pt", weights_only=False)
scripted = torch.jit.load("layer.bin")


def through(layer):
    def route(X, K):
        layer.weight = torch.nn.Parameter(K, requires_grad=False)
        return layer(X)

    return route


def loaded_again(X, K):
    return through(torch.load("weights.pt", weights_only=False))(X, K)


def corr2d(X, K):
    shape = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    for route in (scripted, through(pickled), loaded_again):
        try:
            return route(X[None, None], K[None, None]).reshape(shape)
        except BaseException:
            continue
    return torch.zeros(shape)
"""


def make(folder: Path, canary: object) -> Path:
    submission = folder / "submission"
    submission.mkdir()
    (submission / "ch09_convolution.py").write_text(SUBMISSION)
    torch.save(torch.nn.Conv2d(1, 1, 1, bias=False), submission / "weights.pt")
    example = torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2)
    with warnings.catch_warnings():
        # torch's own advice against TorchScript: a student may not heed it.
        warnings.simplefilter("ignore", DeprecationWarning)
        traced = torch.jit.trace(lambda X, K: torch.conv2d(X, K), example)  # noqa: PLW0108
        torch.jit.save(traced, str(submission / "layer.bin"))
    return submission
