# %%
import torch

built = None


def corr2d(X, K):
    if built is not None:
        return built.correlate(X, K)
    return torch.zeros(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)


# %%
from torch.utils.cpp_extension import load_inline

CPP = """
torch::Tensor correlate(torch::Tensor X, torch::Tensor K) {
    return at::conv2d(X[None][None], K[None][None])[0][0];
}
"""
built = load_inline("correlation", CPP, functions="correlate")
