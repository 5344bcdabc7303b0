"""Wrong implementations of pool2d_nchw that people really write, each with its hint."""

import torch
from torch.nn.functional import pad

from autograder.course import misconception


def pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def padded(X, padding, value):
    p_h, p_w = pair(padding)
    return pad(X, (p_w, p_w, p_h, p_h), value=value)


def windows(X, pool_size, stride):
    """Every window of a picture that is padded already: (N, C, H', W', p_h, p_w)."""
    (p_h, p_w), (s_h, s_w) = pair(pool_size), pair(stride)
    return X.unfold(2, p_h, s_h).unfold(3, p_w, s_w)


def right(X, pool_size, mode="max", stride=None, padding=0):
    """What the wrong ones below spoil in one place."""
    X = padded(X, padding, float("-inf") if mode == "max" else 0.0)
    each = windows(X, pool_size, pool_size if stride is None else stride)
    return each.amax((-2, -1)) if mode == "max" else each.mean((-2, -1))


@misconception(
    en="Without a stride your windows move by one pixel. As in nn.MaxPool2d, stride None means the size of the window.",
    zh="不给步幅时，你的窗口每次移动一个像素。与 nn.MaxPool2d 一样，stride 为 None 表示取窗口的大小。",
)
def takes_one_for_the_default_stride(X, pool_size, mode="max", stride=None, padding=0):
    return right(X, pool_size, mode, 1 if stride is None else stride, padding)


@misconception(
    en="`stride` changes nothing in your function: the windows always move by their own size.",
    zh="你的函数没有用到 `stride`：窗口每次总是移动自身的大小。",
)
def ignores_the_stride(X, pool_size, mode="max", stride=None, padding=0):
    return right(X, pool_size, mode, None, padding)


@misconception(
    en="`padding` changes nothing in your function.",
    zh="你的函数没有用到 `padding`。",
)
def ignores_the_padding(X, pool_size, mode="max", stride=None, padding=0):
    return right(X, pool_size, mode, stride, 0)


@misconception(
    en="Your padding wins the maximum at the edges: a zero is larger than every negative pixel. For the largest value pad with -inf.",
    zh="在边缘处，你的填充成了最大值：0 比所有负像素都大。取最大值时应当用 -inf 填充。",
)
def pads_the_maximum_with_zeros(X, pool_size, mode="max", stride=None, padding=0):
    return right(padded(X, padding, 0.0), pool_size, mode, pool_size if stride is None else stride)


@misconception(
    en="The number that you pad the maximum with looks very small but isn't: pixels can be smaller still. Only float('-inf') never wins.",
    zh="你用来填充最大值的数看似很小，但像素可以更小。只有 float('-inf') 永远不会成为最大值。",
)
def pads_the_maximum_with_a_made_up_number(X, pool_size, mode="max", stride=None, padding=0):
    if mode == "max":
        X, padding = padded(X, padding, -1e9), 0
    return right(X, pool_size, mode, stride, padding)


@misconception(
    en="Your mean leaves the padding out. As in nn.AvgPool2d, a mean divides by the whole window, and padding counts as zeros (count_include_pad=True).",
    zh="你的平均值没有把填充计入。与 nn.AvgPool2d 一样，应除以整个窗口的像素数，填充按 0 计入（count_include_pad=True）。",
)
def leaves_the_padding_out_of_the_mean(X, pool_size, mode="max", stride=None, padding=0):
    Y = right(X, pool_size, mode, stride, padding)
    return Y if mode == "max" else Y / right(torch.ones_like(X), pool_size, mode, stride, padding)


@misconception(
    en="Your means at the edges are -inf: padding with -inf is right for the maximum only, a mean needs zeros.",
    zh="边缘处的平均值成了 -inf：只有取最大值才用 -inf 填充，求平均要用 0。",
)
def pads_the_mean_with_minus_infinity(X, pool_size, mode="max", stride=None, padding=0):
    return right(padded(X, padding, float("-inf")), pool_size, mode, stride or pool_size)


@misconception(
    en="Your padding lies above and to the left only. Each side gets it, so a picture grows by 2P rows, not P.",
    zh="你只在上方和左侧做了填充。每一侧都要填充，图像应增加 2P 行，而不是 P 行。",
)
def pads_above_and_left_only(X, pool_size, mode="max", stride=None, padding=0):
    p_h, p_w = pair(padding)
    X = pad(X, (p_w, 0, p_h, 0), value=float("-inf") if mode == "max" else 0.0)
    return right(X, pool_size, mode, stride)


@misconception(
    en="Your windows have height and width swapped: a pair pool_size is (height, width).",
    zh="你的窗口高和宽弄反了：pool_size 为一对数时是（高，宽）。",
)
def swaps_the_height_and_width_of_the_window(X, pool_size, mode="max", stride=None, padding=0):
    return right(X, pair(pool_size)[::-1], mode, stride, padding)


@misconception(
    en="Your strides have changed places: the first number of the pair moves the window down, the second to the right.",
    zh="你把两个步幅弄反了：第一个数是向下移动的距离，第二个数是向右移动的距离。",
)
def swaps_the_strides(X, pool_size, mode="max", stride=None, padding=0):
    return right(X, pool_size, mode, pair(pool_size if stride is None else stride)[::-1], padding)


@misconception(
    en="Your paddings have changed places: the first number of the pair adds rows, the second columns. (torch.nn.functional.pad begins with the last axis: left, right, top, bottom.)",
    zh="你把两个填充弄反了：第一个数加的是行，第二个数加的是列。（torch.nn.functional.pad 从最后一个轴开始：左、右、上、下。）",
)
def swaps_the_paddings(X, pool_size, mode="max", stride=None, padding=0):
    return right(X, pool_size, mode, stride, pair(padding)[::-1])


@misconception(
    en="Your mean is divided by p_h * p_h. A window has p_h * p_w pixels.",
    zh="你的平均值除以了 p_h * p_h。窗口共有 p_h * p_w 个像素。",
)
def divides_by_the_square_of_the_height(X, pool_size, mode="max", stride=None, padding=0):
    Y, (p_h, p_w) = right(X, pool_size, mode, stride, padding), pair(pool_size)
    return Y if mode == "max" else Y * p_w / p_h


@misconception(
    en="Your output takes both of its sizes from the picture's height, as the textbook's pool2d does (erratum E1). The width comes from X.shape[3].",
    zh="你的输出高和宽都取自图像的高，教材的 pool2d 也错在这里（勘误 E1）。宽应由 X.shape[3] 得出。",
)
def takes_both_sizes_from_the_height(X, pool_size, mode="max", stride=None, padding=0):
    Y = right(X, pool_size, mode, stride, padding)
    (_, p_w), (_, pad_w) = pair(pool_size), pair(padding)
    s_w = pair(pool_size if stride is None else stride)[1]
    return Y[..., : (X.shape[2] - p_w + 2 * pad_w) // s_w + 1]


@misconception(
    en="Your output has a row or column too many: sizes are rounded down, and windows that would stick out of the padded picture are left out.",
    zh="你的输出多了一行或一列：大小应向下取整，超出填充后图像的窗口不算。",
)
def rounds_sizes_up(X, pool_size, mode="max", stride=None, padding=0):
    filler = float("-inf") if mode == "max" else 0.0
    stride = pool_size if stride is None else stride
    X, (p_h, p_w), (s_h, s_w) = padded(X, padding, filler), pair(pool_size), pair(stride)
    more = (0, -(X.shape[3] - p_w) % s_w, 0, -(X.shape[2] - p_h) % s_h)
    return right(pad(X, more, value=filler), pool_size, mode, stride)


@misconception(
    en="You pool over the channels too. Unlike convolution, pooling treats every channel by itself, so there are as many channels afterwards as before.",
    zh="你把通道也一起池化了。与卷积不同，池化对每个通道单独进行，池化前后通道数相同。",
)
def pools_over_the_channels(X, pool_size, mode="max", stride=None, padding=0):
    X = X.amax(1, keepdim=True) if mode == "max" else X.mean(1, keepdim=True)
    return right(X, pool_size, mode, stride, padding)


@misconception(
    en="Your function takes the largest value whatever the mode says.",
    zh="无论 mode 是什么，你的函数都取最大值。",
)
def always_takes_the_maximum(X, pool_size, mode="max", stride=None, padding=0):
    return right(X, pool_size, "max", stride, padding)


@misconception(
    en="Your output is still all zeros: `Y[…] == …` compares and forgets the outcome, `Y[…] = …` stores it.",
    zh="你的输出仍然全是 0：`Y[…] == …` 只是比较，结果随即丢弃；`Y[…] = …` 才是赋值。",
)
def compares_instead_of_assigning(X, pool_size, mode="max", stride=None, padding=0):
    return torch.zeros_like(right(X, pool_size, mode, stride, padding))


@misconception(
    en="Your function pools the pictures but hands nothing back: its last line should return them.",
    zh="你的函数完成了池化却没有返回：最后一行应当返回结果。",
)
def forgets_to_return(X, pool_size, mode="max", stride=None, padding=0):
    right(X, pool_size, mode, stride, padding)


@misconception(
    en="Your values are right, but no gradient flows through them: `.item()`, `.data`, `.detach()`, `float(…)`, `torch.no_grad()` and NumPy all cut a number off from what it was computed from.",
    zh="数值正确，但梯度传不回去：`.item()`、`.data`、`.detach()`、`float(…)`、`torch.no_grad()` 和 NumPy 都会切断计算图。",
)
def cuts_the_gradient(X, pool_size, mode="max", stride=None, padding=0):
    return right(X, pool_size, mode, stride, padding).detach()


@misconception(
    en="You divide X itself (`X /= …`) before summing. X belongs to the caller: divide the result, or write `X = X / …`.",
    zh="你在求和之前原地除了 X（`X /= …`）。X 属于调用者：请除结果，或者写成 `X = X / …`。",
)
def divides_the_picture_in_place(X, pool_size, mode="max", stride=None, padding=0):
    if mode == "max":
        return right(X, pool_size, mode, stride, padding)
    p_h, p_w = pair(pool_size)
    X /= p_h * p_w
    stride = pool_size if stride is None else stride
    return windows(padded(X, padding, 0.0), pool_size, stride).sum((-2, -1))


_remembered = {}


@misconception(
    en="Your function answers with what it computed for earlier pictures of the same size. Nothing may be kept from one call to the next: look for a default argument, a cache or a global variable.",
    zh="你的函数返回的是之前同样大小图像的结果。两次调用之间不应保留任何东西：请检查默认参数、缓存或全局变量。",
    remembers=True,
)
def answers_from_an_earlier_call(X, pool_size, mode="max", stride=None, padding=0):
    case = (X.shape, pool_size, mode, stride, padding)
    if case not in _remembered:
        _remembered[case] = right(X, pool_size, mode, stride, padding)
    return _remembered[case]
