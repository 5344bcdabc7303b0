"""Reference solutions of chapter 10, pooling: the largest or the mean value of each window."""

import torch


def pool2d(X: torch.Tensor, pool_size: tuple[int, int], mode: str = "max") -> torch.Tensor:
    """Pool one picture with windows that move by one pixel, without padding.

    X: picture, shape (H, W).
    pool_size: height and width (p_h, p_w) of the window, with p_h <= H and p_w <= W.
    mode: "max" for the largest value of each window, "avg" for its mean.
    Returns the pooled picture, shape (H - p_h + 1, W - p_w + 1).
    Source: D2L6 §6.5, DL12 十一 §4.
    """
    p_h, p_w = pool_size
    Y = X.new_zeros(X.shape[0] - p_h + 1, X.shape[1] - p_w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            window = X[i : i + p_h, j : j + p_w]
            Y[i, j] = window.max() if mode == "max" else window.mean()
    return Y


def pool2d_nchw(
    X: torch.Tensor,
    pool_size: int | tuple[int, int],
    mode: str = "max",
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
) -> torch.Tensor:
    """Pool every channel of a batch of pictures, as nn.MaxPool2d and nn.AvgPool2d do.

    X: pictures, shape (N, C, H, W); N may be 0.
    pool_size: size of the window; an int for both axes or (height, width).
    mode: "max" for the largest value of each window, "avg" for its mean.
    stride: pixels from one window to the next; an int, (vertical, horizontal), or None for
        pool_size.
    padding: rows and columns added on every side; an int or (vertical, horizontal), at most half
        the window. It never wins a maximum; it counts as zeros in a mean.
    Returns the pooled pictures, shape (N, C, H', W'), each size (H - p + 2P) / S + 1 rounded down.
    Source: D2L6 §6.5, DL12 十一 §4.
    """
    if stride is None:
        stride = pool_size
    p_h, p_w = (pool_size, pool_size) if isinstance(pool_size, int) else pool_size
    stride_h, stride_w = (stride, stride) if isinstance(stride, int) else stride
    pad_h, pad_w = (padding, padding) if isinstance(padding, int) else padding

    filler = float("-inf") if mode == "max" else 0.0
    X = torch.nn.functional.pad(X, (pad_w, pad_w, pad_h, pad_h), value=filler)  # (N, C, H+2P, W+2P)
    windows = X.unfold(2, p_h, stride_h).unfold(3, p_w, stride_w)  # (N, C, H', W', p_h, p_w)
    if mode == "max":
        return windows.amax(dim=(-2, -1))  # (N, C, H', W')
    return windows.mean(dim=(-2, -1))  # (N, C, H', W')
