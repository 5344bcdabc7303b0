"""Reference solutions of chapter 9, convolution: sliding a kernel, then doing it fast."""

import torch


def corr2d(X: torch.Tensor, K: torch.Tensor) -> torch.Tensor:
    """Cross-correlate one picture with one kernel: no padding, stride 1.

    X: picture, shape (H, W).
    K: kernel, shape (h, w), with 1 <= h <= H and 1 <= w <= W.
    Returns the feature map, shape (H - h + 1, W - w + 1).
    Source: D2L6 §6.2, DL12 十一 §3.1.
    """
    h, w = K.shape
    Y = X.new_zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


def conv2d(
    X: torch.Tensor,
    K: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> torch.Tensor:
    """Cross-correlate a batch of pictures with a bank of kernels.

    X: pictures, shape (N, C_in, H, W); N may be 0.
    K: one kernel for each output channel, shape (C_out, C_in, h, w).
    bias: one number for each output channel, shape (C_out,), or None for no bias.
    stride: pixels from one window to the next; an int for both axes or (vertical, horizontal).
    padding: zeros around X, on every side; an int for both axes or (vertical, horizontal).
    Returns the feature maps, shape (N, C_out, H', W'), each size (H - h + 2P) / S + 1 rounded down.
    Source: D2L6 §6.3, §6.4, DL12 十一 §3.2-3.6.
    """
    stride_h, stride_w = (stride, stride) if isinstance(stride, int) else stride
    pad_h, pad_w = (padding, padding) if isinstance(padding, int) else padding
    N, _, H, W = X.shape
    C_out, _, h, w = K.shape
    out_h = (H - h + 2 * pad_h) // stride_h + 1
    out_w = (W - w + 2 * pad_w) // stride_w + 1

    X = torch.nn.functional.pad(X, (pad_w, pad_w, pad_h, pad_h))  # (N, C_in, H + 2P, W + 2P)
    Y = X.new_zeros(N, C_out, out_h, out_w)
    for i in range(out_h):
        for j in range(out_w):
            top, left = i * stride_h, j * stride_w
            window = X[:, :, top : top + h, left : left + w]  # (N, C_in, h, w)
            Y[:, :, i, j] = window.flatten(1) @ K.flatten(1).T  # (N, C_out)
    if bias is not None:
        Y = Y + bias.reshape(-1, 1, 1)
    return Y


def conv2d_fast(
    X: torch.Tensor,
    K: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> torch.Tensor:
    """The same as conv2d, within its time budget.

    X: pictures, shape (N, C_in, H, W); N may be 0.
    K: one kernel for each output channel, shape (C_out, C_in, h, w).
    bias: one number for each output channel, shape (C_out,), or None for no bias.
    stride: pixels from one window to the next; an int for both axes or (vertical, horizontal).
    padding: zeros around X, on every side; an int for both axes or (vertical, horizontal).
    Returns the feature maps, shape (N, C_out, H', W'), each size (H - h + 2P) / S + 1 rounded down.
    Source: D2L6 §6.3, §6.4, DL12 十一 §3.2-3.6.
    """
    stride_h, stride_w = (stride, stride) if isinstance(stride, int) else stride
    pad_h, pad_w = (padding, padding) if isinstance(padding, int) else padding
    h, w = K.shape[2:]

    X = torch.nn.functional.pad(X, (pad_w, pad_w, pad_h, pad_h))  # (N, C_in, H + 2P, W + 2P)
    windows = X.unfold(2, h, stride_h).unfold(3, w, stride_w)  # (N, C_in, H', W', h, w)
    Y = torch.einsum("ncyxhw,ochw->noyx", windows, K)  # (N, C_out, H', W')
    if bias is not None:
        Y = Y + bias.reshape(-1, 1, 1)
    return Y
