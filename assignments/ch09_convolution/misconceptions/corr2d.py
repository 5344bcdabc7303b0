"""Wrong implementations of corr2d that people really write, each with its hint."""

import torch

from autograder.course import misconception


def slide(X, K, of_window):
    """The loop that all of them share; of_window makes one number of a window of K's shape."""
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = of_window(X[i : i + h, j : j + w])
    return Y


@misconception(
    en="Your kernel is flipped. Cross-correlation lays the kernel on the picture as it is; only the mathematician's convolution turns it round first.",
    zh="你的卷积核被翻转了。互相关把卷积核原样放在图像上；只有数学意义上的卷积才先把它翻转。",
)
def flips_the_kernel(X, K):
    flipped = K.flip(0, 1)
    return slide(X, K, lambda window: (window * flipped).sum())


@misconception(
    en="Your output takes both of its sizes from the picture's height. The width is X.shape[1] - w + 1.",
    zh="你的输出高和宽都取自图像的高。宽应为 X.shape[1] - w + 1。",
)
def takes_both_sizes_from_the_height(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[0] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@misconception(
    en="The kernel's height and width have changed places in the size of your output: rows go with h, columns with w.",
    zh="你的输出大小把卷积核的高和宽弄反了：行数由 h 决定，列数由 w 决定。",
)
def swaps_the_kernel_sizes_in_the_output(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - w + 1, X.shape[1] - h + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


@misconception(
    en="Your output lacks its last row and column: a kernel of height h fits into H rows H - h + 1 times, not H - h times.",
    zh="你的输出少了最后一行和最后一列：高为 h 的卷积核在 H 行中能放 H - h + 1 次，不是 H - h 次。",
)
def forgets_the_last_row_and_column(X, K):
    return slide(X, K, lambda window: (window * K).sum())[:-1, :-1]


@misconception(
    en="Your output is as large as the picture: somewhere zeros were put round it. This exercise has no padding, so only windows that lie inside the picture count.",
    zh="你的输出与图像一样大，说明周围补了 0。本题没有填充，只计算完全落在图像内的窗口。",
)
def pads_to_keep_the_size(X, K):
    h, w = K.shape
    top, left = (h - 1) // 2, (w - 1) // 2
    padded = torch.nn.functional.pad(X, (left, w - 1 - left, top, h - 1 - top))
    return slide(padded, K, lambda window: (window * K).sum())


@misconception(
    en="You divide the sum of each window by the number of its pixels. Cross-correlation sums the products and leaves it at that.",
    zh="你把每个窗口的和又除以了像素个数。互相关只对乘积求和，不取平均。",
)
def takes_the_mean(X, K):
    return slide(X, K, lambda window: (window * K).mean())


@misconception(
    en="You multiply window and kernel as matrices. Here pixel is multiplied by the number that lies on it (`*`), and the products are summed.",
    zh="你把窗口与卷积核做了矩阵乘法。这里应当逐元素相乘（`*`），再把乘积求和。",
)
def multiplies_as_matrices(X, K):
    return slide(X, K, lambda window: (window @ K).sum())


@misconception(
    en="Your output is still all zeros: `Y[i, j] == …` compares and forgets the outcome, `Y[i, j] = …` stores it.",
    zh="你的输出仍然全是 0：`Y[i, j] == …` 只是比较，结果随即丢弃；`Y[i, j] = …` 才是赋值。",
)
def compares_instead_of_assigning(X, K):
    h, w = K.shape
    Y = torch.zeros(X.shape[0] - h + 1, X.shape[1] - w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] == (X[i : i + h, j : j + w] * K).sum()
    return Y


@misconception(
    en="Your function computes the map but hands nothing back: its last line should be `return Y`.",
    zh="你的函数算出了特征图却没有返回：最后一行应为 `return Y`。",
)
def forgets_to_return(X, K):
    slide(X, K, lambda window: (window * K).sum())


@misconception(
    en="Your values are right, but no gradient flows through them: `.item()`, `.data`, `.detach()`, `float(…)` and NumPy all cut a number off from what it was computed from. Store the tensor itself.",
    zh="数值正确，但梯度传不回去：`.item()`、`.data`、`.detach()`、`float(…)` 和 NumPy 都会切断计算图。请直接保存张量。",
)
def cuts_the_gradient(X, K):
    return slide(X, K, lambda window: (window * K).sum().item())


@misconception(
    en="The gradient reaches the picture but not the kernel: `K.data`, `K.detach()` and `torch.tensor(K)` are copies cut off from it, and then the kernel can't be learnt.",
    zh="梯度传到了图像，却没有传到卷积核：`K.data`、`K.detach()`、`torch.tensor(K)` 都与 K 断开了联系，这样卷积核就无法学习。",
)
def cuts_the_gradient_of_the_kernel(X, K):
    weights = K.detach()
    return slide(X, K, lambda window: (window * weights).sum())


@misconception(
    en="You multiply in place: `window *= K` writes into the picture itself, for a slice is a view of it, and the next windows see changed pixels. `window * K` makes a new tensor.",
    zh="你做了原地乘法：切片是图像的视图，`window *= K` 会改写图像本身，后面的窗口看到的就是改过的像素。`window * K` 才会得到新张量。",
)
def multiplies_in_place(X, K):
    def of_window(window):
        window *= K
        return window.sum()

    return slide(X, K, of_window)


_remembered = {}


@misconception(
    en="Your function answers with what it computed for an earlier picture of the same size. Nothing may be kept from one call to the next: look for a default argument, a cache or a global variable.",
    zh="你的函数返回的是之前同样大小图像的结果。两次调用之间不应保留任何东西：请检查默认参数、缓存或全局变量。",
    remembers=True,
)
def answers_from_an_earlier_call(X, K):
    sizes = (X.shape, K.shape)
    if sizes not in _remembered:
        _remembered[sizes] = slide(X, K, lambda window: (window * K).sum())
    return _remembered[sizes]
