"""Wrong implementations of pool2d that people really write, each with its hint."""

import torch

from autograder.course import misconception


def pool(X, pool_size, of_window, sizes=None):
    """The loop that all of them share; of_window makes one number of a window."""
    p_h, p_w = pool_size
    Y = torch.zeros(sizes or (X.shape[0] - p_h + 1, X.shape[1] - p_w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = of_window(X[i : i + p_h, j : j + p_w])
    return Y


def statistic(mode):
    return torch.max if mode == "max" else torch.mean


@misconception(
    en="Your output takes both of its sizes from the picture's height, as the textbook's does (erratum E1). The width is X.shape[1] - p_w + 1.",
    zh="你的输出高和宽都取自图像的高，教材也错在这里（勘误 E1）。宽应为 X.shape[1] - p_w + 1。",
)
def takes_both_sizes_from_the_height(X, pool_size, mode="max"):
    p_h, p_w = pool_size
    return pool(X, pool_size, statistic(mode), (X.shape[0] - p_h + 1, X.shape[0] - p_w + 1))


@misconception(
    en="`Y[i: j]` is a slice: it fills whole rows, from row i up to row j. One element is `Y[i, j]` (erratum E1).",
    zh="`Y[i: j]` 是切片：它会填满第 i 行到第 j 行之前的整行。单个元素应写作 `Y[i, j]`（勘误 E1）。",
)
def writes_a_slice_in_the_average_branch(X, pool_size, mode="max"):
    p_h, p_w = pool_size
    Y = torch.zeros(X.shape[0] - p_h + 1, X.shape[1] - p_w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            if mode == "max":
                Y[i, j] = X[i : i + p_h, j : j + p_w].max()
            else:
                Y[i:j] = X[i : i + p_h, j : j + p_w].mean()
    return Y


@misconception(
    en="The window's height and width have changed places in the size of your output: rows go with p_h, columns with p_w.",
    zh="你的输出大小把窗口的高和宽弄反了：行数由 p_h 决定，列数由 p_w 决定。",
)
def swaps_the_window_sizes_in_the_output(X, pool_size, mode="max"):
    p_h, p_w = pool_size
    return pool(X, pool_size, statistic(mode), (X.shape[0] - p_w + 1, X.shape[1] - p_h + 1))


@misconception(
    en="Your windows are p_w high and p_h wide: pool_size is (height, width).",
    zh="你的窗口高为 p_w、宽为 p_h：pool_size 是（高，宽）。",
)
def swaps_the_height_and_width_of_the_window(X, pool_size, mode="max"):
    return pool(X, pool_size[::-1], statistic(mode))


@misconception(
    en="Your windows don't overlap: they move by their own size. In this exercise they move by one pixel.",
    zh="你的窗口互不重叠，每次移动一个窗口的大小。本题中每次只移动一个像素。",
)
def moves_by_the_size_of_the_window(X, pool_size, mode="max"):
    p_h, p_w = pool_size
    return pool(X, pool_size, statistic(mode))[::p_h, ::p_w]


@misconception(
    en="Your output lacks its last row and column: a window of height p_h fits into H rows H - p_h + 1 times.",
    zh="你的输出少了最后一行和最后一列：高为 p_h 的窗口在 H 行中能放 H - p_h + 1 次。",
)
def forgets_the_last_row_and_column(X, pool_size, mode="max"):
    return pool(X, pool_size, statistic(mode))[:-1, :-1]


@misconception(
    en="Your search for the largest value begins with 0, so it never finds a negative one. Begin with a pixel of the window.",
    zh="你从 0 开始找最大值，因此负数永远不会被选中。请从窗口中的某个像素开始。",
)
def begins_the_maximum_with_zero(X, pool_size, mode="max"):
    Y = pool(X, pool_size, statistic(mode))
    return Y.clamp(min=0) if mode == "max" else Y


@misconception(
    en="Your function takes the largest value whatever the mode says.",
    zh="无论 mode 是什么，你的函数都取最大值。",
)
def always_takes_the_maximum(X, pool_size, mode="max"):
    return pool(X, pool_size, torch.max)


@misconception(
    en="Your function takes the mean whatever the mode says.",
    zh="无论 mode 是什么，你的函数都取平均值。",
)
def always_takes_the_mean(X, pool_size, mode="max"):
    return pool(X, pool_size, torch.mean)


@misconception(
    en="Your mean is divided by p_h * p_h. A window has p_h * p_w pixels.",
    zh="你的平均值除以了 p_h * p_h。窗口共有 p_h * p_w 个像素。",
)
def divides_by_the_square_of_the_height(X, pool_size, mode="max"):
    if mode == "max":
        return pool(X, pool_size, torch.max)
    return pool(X, pool_size, lambda window: window.sum() / pool_size[0] ** 2)


@misconception(
    en="Your average branch sums the window up and doesn't divide.",
    zh="你的平均分支只求了和，没有除以像素个数。",
)
def sums_instead_of_averaging(X, pool_size, mode="max"):
    return pool(X, pool_size, torch.max if mode == "max" else torch.sum)


@misconception(
    en="Your output is still all zeros: `Y[i, j] == …` compares and forgets the outcome, `Y[i, j] = …` stores it.",
    zh="你的输出仍然全是 0：`Y[i, j] == …` 只是比较，结果随即丢弃；`Y[i, j] = …` 才是赋值。",
)
def compares_instead_of_assigning(X, pool_size, mode="max"):
    p_h, p_w = pool_size
    Y = torch.zeros(X.shape[0] - p_h + 1, X.shape[1] - p_w + 1)
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] == statistic(mode)(X[i : i + p_h, j : j + p_w])
    return Y


@misconception(
    en="Your function pools the picture but hands nothing back: its last line should be `return Y`.",
    zh="你的函数完成了池化却没有返回：最后一行应为 `return Y`。",
)
def forgets_to_return(X, pool_size, mode="max"):
    pool(X, pool_size, statistic(mode))


@misconception(
    en="Your function returns from inside the loop, after the first row. `return Y` stands below both loops.",
    zh="你的函数在循环里就返回了，只算完第一行。`return Y` 应写在两层循环之外。",
)
def returns_after_the_first_row(X, pool_size, mode="max"):
    Y = pool(X, pool_size, statistic(mode))
    Y[1:] = 0
    return Y


@misconception(
    en="Your values are right, but no gradient flows through them: `.item()`, `.data`, `.detach()`, `float(…)` and NumPy all cut a number off from what it was computed from. Store the tensor itself.",
    zh="数值正确，但梯度传不回去：`.item()`、`.data`、`.detach()`、`float(…)` 和 NumPy 都会切断计算图。请直接保存张量。",
)
def cuts_the_gradient(X, pool_size, mode="max"):
    return pool(X, pool_size, lambda window: statistic(mode)(window).item())


@misconception(
    en="You write the pooled values into X itself. X belongs to the caller: write into a new tensor.",
    zh="你把池化结果写进了 X 本身。X 属于调用者：请写入新的张量。",
)
def writes_into_the_picture(X, pool_size, mode="max"):
    p_h, p_w = pool_size
    sizes = X.shape[0] - p_h + 1, X.shape[1] - p_w + 1
    for i in range(sizes[0]):
        for j in range(sizes[1]):
            X[i, j] = statistic(mode)(X[i : i + p_h, j : j + p_w])
    return X[: sizes[0], : sizes[1]]


_remembered = {}


@misconception(
    en="Your function answers with what it computed for an earlier picture of the same size. Nothing may be kept from one call to the next: look for a default argument, a cache or a global variable.",
    zh="你的函数返回的是之前同样大小图像的结果。两次调用之间不应保留任何东西：请检查默认参数、缓存或全局变量。",
    remembers=True,
)
def answers_from_an_earlier_call(X, pool_size, mode="max"):
    case = (X.shape, tuple(pool_size), mode)
    if case not in _remembered:
        _remembered[case] = pool(X, pool_size, statistic(mode))
    return _remembered[case]
