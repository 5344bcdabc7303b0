"""Wrong implementations of conv2d_fast that people really write, each with its hint."""

import itertools

import torch
from torch.nn.functional import pad, unfold

from autograder.course import misconception


def pair(value):
    return (value, value) if isinstance(value, int) else value


def out_sizes(X, K, stride, padding):
    (s_h, s_w), (p_h, p_w) = pair(stride), pair(padding)
    return (
        (X.shape[2] - K.shape[2] + 2 * p_h) // s_h + 1,
        (X.shape[3] - K.shape[3] + 2 * p_w) // s_w + 1,
    )


def right(X, K, bias=None, stride=1, padding=0):
    """What the wrong ones below spoil in one place: windows as columns, one matrix product."""
    columns = unfold(X, K.shape[2:], padding=padding, stride=stride)  # (N, C·h·w, H'·W')
    Y = K.flatten(1) @ columns  # (N, C_out, H'·W')
    Y = Y.unflatten(2, out_sizes(X, K, stride, padding))
    return Y if bias is None else Y + bias[:, None, None]


@misconception(
    en="The answers are right, but the time goes into many small steps (a Python loop over pixels or pairs of channels) or into one huge intermediate product. Lay all windows side by side (unfold) and multiply once.",
    zh="答案正确，但时间耗在了许多细碎的步骤上（对像素或成对的通道做 Python 循环），或者耗在一个巨大的中间乘积上。请把所有窗口并排展开（unfold），再做一次乘法。",
    verdict="over budget",
)
def loops_over_the_pixels(X, K, bias=None, stride=1, padding=0):
    (s_h, s_w), (p_h, p_w), (h, w) = pair(stride), pair(padding), K.shape[2:]
    X, sizes = pad(X, (p_w, p_w, p_h, p_h)), out_sizes(X, K, stride, padding)
    Y = torch.zeros(X.shape[0], K.shape[0], *sizes)
    for i in range(sizes[0]):
        for j in range(sizes[1]):
            window = X[:, None, :, i * s_h : i * s_h + h, j * s_w : j * s_w + w]
            Y[:, :, i, j] = (window * K).sum((2, 3, 4))
    return Y if bias is None else Y + bias[:, None, None]


@misconception(
    en="Loops inside loops down to single products: there are millions of them, and Python needs microseconds for each. Lay all windows side by side (unfold) and multiply once.",
    zh="循环层层嵌套，直到单个乘积：乘积有几百万个，Python 每算一个都要好几微秒。请把所有窗口并排展开（unfold），再做一次乘法。",
    verdict="time limit",
)
def loops_over_every_product(X, K, bias=None, stride=1, padding=0):
    (s_h, s_w), (p_h, p_w) = pair(stride), pair(padding)
    sizes = out_sizes(X, K, stride, padding)
    X = pad(X, (p_w, p_w, p_h, p_h))
    Y = torch.zeros(X.shape[0], K.shape[0], *sizes)
    for n, o, i, j in itertools.product(*map(range, Y.shape)):
        for c, a, b in itertools.product(*map(range, K.shape[1:])):
            Y[n, o, i, j] += X[n, c, i * s_h + a, j * s_w + b] * K[o, c, a, b]
    return Y if bias is None else Y + bias[:, None, None]


@misconception(
    en="Your kernels are flipped. Cross-correlation lays a kernel on the picture as it is; only the mathematician's convolution turns it round first.",
    zh="你的卷积核被翻转了。互相关把卷积核原样放在图像上；只有数学意义上的卷积才先把它翻转。",
)
def flips_the_kernel(X, K, bias=None, stride=1, padding=0):
    return right(X, K.flip(2, 3), bias, stride, padding)


@misconception(
    en="The columns run along the rows of the output, so their last axis unfolds into (H', W'). You have it as (W', H').",
    zh="各列按输出的行依次排列，因此最后一个轴应还原为 (H', W')。你写成了 (W', H')。",
)
def unfolds_the_output_the_wrong_way(X, K, bias=None, stride=1, padding=0):
    return right(X, K, bias, stride, padding).mT.reshape(
        len(X), len(K), *out_sizes(X, K, stride, padding)[::-1]
    )


@misconception(
    en="The rows of unfold's columns run over channels first, then over the window: (c, i, j). Your kernel is flattened in another order, so the wrong numbers meet.",
    zh="unfold 得到的列先按通道、再按窗口内的位置排列：(c, i, j)。你把卷积核按别的顺序展平，相乘的数就对不上了。",
)
def flattens_the_kernel_with_the_channels_last(X, K, bias=None, stride=1, padding=0):
    return right(X, K.permute(0, 2, 3, 1).reshape(K.shape), bias, stride, padding)


@misconception(
    en="Pictures and output channels are mixed up: one product over the whole batch has the channels first, so its axes must be permuted; reshape or view only counts the numbers anew.",
    zh="图像与输出通道混在一起了：对整个批次做一次乘积时，结果的通道在最前面，需要 permute 换轴；reshape 或 view 只会按顺序重新划分。",
)
def reshapes_where_axes_should_be_permuted(X, K, bias=None, stride=1, padding=0):
    Y = right(X, K, bias, stride, padding)
    return Y.transpose(0, 1).reshape(Y.shape)


@misconception(
    en="Your strides have changed places: the first number of the pair moves the window down, the second to the right.",
    zh="你把两个步幅弄反了：第一个数是向下移动的距离，第二个数是向右移动的距离。",
)
def swaps_the_strides(X, K, bias=None, stride=1, padding=0):
    return right(X, K, bias, pair(stride)[::-1], padding)


@misconception(
    en="Your paddings have changed places: the first number of the pair adds rows, the second columns. (torch.nn.functional.pad begins with the last axis: left, right, top, bottom.)",
    zh="你把两个填充弄反了：第一个数加的是行，第二个数加的是列。（torch.nn.functional.pad 从最后一个轴开始：左、右、上、下。）",
)
def swaps_the_paddings(X, K, bias=None, stride=1, padding=0):
    return right(X, K, bias, stride, pair(padding)[::-1])


@misconception(
    en="`stride` changes nothing in your function: the windows move by one pixel whatever it says.",
    zh="你的函数没有用到 `stride`：无论它是多少，窗口每次都只移动一个像素。",
)
def ignores_the_stride(X, K, bias=None, stride=1, padding=0):
    return right(X, K, bias, 1, padding)


@misconception(
    en="`padding` changes nothing in your function.",
    zh="你的函数没有用到 `padding`。",
)
def ignores_the_padding(X, K, bias=None, stride=1, padding=0):
    return right(X, K, bias, stride, 0)


@misconception(
    en="Your padding lies above and to the left only. Each side gets it, so a picture grows by 2P rows, not P.",
    zh="你只在上方和左侧做了填充。每一侧都要填充，图像应增加 2P 行，而不是 P 行。",
)
def pads_above_and_left_only(X, K, bias=None, stride=1, padding=0):
    p_h, p_w = pair(padding)
    return right(pad(X, (p_w, 0, p_h, 0)), K, bias, stride, 0)


@misconception(
    en="Your padding repeats the pixels at the edge. Here the padding is zeros.",
    zh="你的填充重复了边缘的像素。这里填充的应是 0。",
)
def pads_with_the_edge(X, K, bias=None, stride=1, padding=0):
    p_h, p_w = pair(padding)
    return right(pad(X, (p_w, p_w, p_h, p_h), mode="replicate"), K, bias, stride, 0)


@misconception(
    en="Your output keeps the input channels apart. Sum over them: in an einsum, the letter of the input channels doesn't stand behind the arrow.",
    zh="你的输出仍把各输入通道分开。应对它们求和：einsum 中，输入通道的字母不应出现在箭头之后。",
)
def keeps_the_input_channels_apart(X, K, bias=None, stride=1, padding=0):
    maps = [
        right(X[:, c : c + 1], K[:, c : c + 1], bias, stride, padding) for c in range(X.shape[1])
    ]
    return torch.stack(maps, dim=2)


@misconception(
    en="The bias isn't in your result.",
    zh="你的结果里没有加偏置。",
)
def forgets_the_bias(X, K, bias=None, stride=1, padding=0):
    return right(X, K, None, stride, padding)


@misconception(
    en="`Y + bias` lines the bias up with the last axis, the columns. It belongs to the channels: give it the shape (C_out, 1, 1) first.",
    zh="`Y + bias` 会让偏置与最后一个轴（列）对齐。偏置属于通道：请先把它变成 (C_out, 1, 1) 的形状。",
)
def adds_the_bias_along_the_columns(X, K, bias=None, stride=1, padding=0):
    Y = right(X, K, None, stride, padding)
    return Y if bias is None else Y + bias


@misconception(
    en="Half precision is fast, but three digits aren't enough: compute in the dtype of X.",
    zh="半精度虽快，但三位有效数字不够：请用 X 的 dtype 计算。",
)
def computes_in_half_precision(X, K, bias=None, stride=1, padding=0):
    Y = right(X.bfloat16(), K.bfloat16(), None, stride, padding).float()
    return Y if bias is None else Y + bias[:, None, None]


@misconception(
    en="Your values are right, but no gradient flows through them: `torch.no_grad()`, `.data`, `.detach()`, `.item()` and NumPy all cut a number off from what it was computed from.",
    zh="数值正确，但梯度传不回去：`torch.no_grad()`、`.data`、`.detach()`、`.item()` 和 NumPy 都会切断计算图。",
)
def cuts_the_gradient(X, K, bias=None, stride=1, padding=0):
    with torch.no_grad():
        return right(X, K, bias, stride, padding)


@misconception(
    en="The gradient reaches the kernels and the bias but not X: the windows were taken from `X.data`, `X.detach()` or a NumPy array.",
    zh="梯度能传到卷积核和偏置，却传不到 X：窗口取自 `X.data`、`X.detach()` 或 NumPy 数组。",
)
def cuts_the_gradient_of_the_windows(X, K, bias=None, stride=1, padding=0):
    return right(X.detach(), K, bias, stride, padding)


_remembered = {}


@misconception(
    en="Your function keeps the windows of an earlier picture of the same size. Indices may be kept from call to call, pixels may not: look for a cache, a default argument or a global variable.",
    zh="你的函数保留了之前同样大小图像的窗口。下标可以在多次调用间复用，像素不行：请检查缓存、默认参数或全局变量。",
    remembers=True,
)
def keeps_the_windows_of_an_earlier_call(X, K, bias=None, stride=1, padding=0):
    case = (X.shape, K.shape, pair(stride), pair(padding))
    return right(_remembered.setdefault(case, X), K, bias, stride, padding)
