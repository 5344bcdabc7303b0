"""Wrong implementations of conv2d that people really write, each with its hint."""

import torch
from torch.nn.functional import pad

from autograder.course import misconception


def pair(value):
    return (value, value) if isinstance(value, int) else value


def slide(X, K, stride, of_window):
    """The loops that most of them share, over a picture that is padded already.

    of_window makes the (N, C_out) numbers of one place from a window (N, C_in, h, w).
    """
    (s_h, s_w), (h, w) = pair(stride), K.shape[2:]
    sizes = (X.shape[2] - h) // s_h + 1, (X.shape[3] - w) // s_w + 1
    Y = torch.zeros(X.shape[0], K.shape[0], *sizes)
    for i in range(sizes[0]):
        for j in range(sizes[1]):
            Y[:, :, i, j] = of_window(X[:, :, i * s_h : i * s_h + h, j * s_w : j * s_w + w])
    return Y


def with_zeros(X, padding):
    p_h, p_w = pair(padding)
    return pad(X, (p_w, p_w, p_h, p_h))


def right(X, K, bias=None, stride=1, padding=0):
    """What the wrong ones below spoil in one place."""
    X = with_zeros(X, padding)
    Y = slide(X, K, stride, lambda window: (window[:, None] * K).sum((2, 3, 4)))
    return Y if bias is None else Y + bias[:, None, None]


@misconception(
    en="Your kernels are flipped. Cross-correlation lays a kernel on the picture as it is; only the mathematician's convolution turns it round first.",
    zh="你的卷积核被翻转了。互相关把卷积核原样放在图像上；只有数学意义上的卷积才先把它翻转。",
)
def flips_the_kernel(X, K, bias=None, stride=1, padding=0):
    return right(X, K.flip(2, 3), bias, stride, padding)


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
    en="Both axes use the first number of the pair of strides. The second one is the horizontal stride.",
    zh="两个轴都用了步幅中的第一个数。第二个数才是水平方向的步幅。",
)
def uses_the_first_stride_twice(X, K, bias=None, stride=1, padding=0):
    return right(X, K, bias, pair(stride)[0], padding)


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
    en="Your output has a row or column too many: where the stride doesn't divide evenly, the size is rounded down, and windows that would stick out of the padded picture are left out.",
    zh="你的输出多了一行或一列：除不尽时应向下取整，超出填充后图像的窗口不算。",
)
def rounds_sizes_up(X, K, bias=None, stride=1, padding=0):
    X, (h, w), (s_h, s_w) = with_zeros(X, padding), K.shape[2:], pair(stride)
    return right(pad(X, (0, -(X.shape[3] - w) % s_w, 0, -(X.shape[2] - h) % s_h)), K, bias, stride)


@misconception(
    en="Your output takes both of its sizes from the picture's height. The width comes from X.shape[3].",
    zh="你的输出高和宽都取自图像的高。宽应由 X.shape[3] 得出。",
)
def takes_both_sizes_from_the_height(X, K, bias=None, stride=1, padding=0):
    (p_h, p_w), (h, w), (s_h, s_w) = pair(padding), K.shape[2:], pair(stride)
    X, H = with_zeros(X, padding), X.shape[2]
    Y = torch.zeros(len(X), len(K), (H - h + 2 * p_h) // s_h + 1, (H - w + 2 * p_w) // s_w + 1)
    for i in range(Y.shape[2]):
        for j in range(Y.shape[3]):
            window = X[:, :, i * s_h : i * s_h + h, j * s_w : j * s_w + w]
            Y[:, :, i, j] = (window[:, None] * K).sum((2, 3, 4))
    return Y if bias is None else Y + bias[:, None, None]


@misconception(
    en="Your stride spreads the pixels inside a window (that is dilation). The stride is how far the whole window moves.",
    zh="你的步幅拉开了窗口内部像素的间隔（那是空洞卷积）。步幅是整个窗口每次移动的距离。",
)
def takes_the_stride_for_dilation(X, K, bias=None, stride=1, padding=0):
    s_h, s_w = pair(stride)
    C_out, C_in, h, w = K.shape
    spread = torch.zeros(C_out, C_in, (h - 1) * s_h + 1, (w - 1) * s_w + 1)
    spread[:, :, ::s_h, ::s_w] = K
    return right(X, spread, bias, 1, padding)


@misconception(
    en="Only the last input channel is in your result: each channel overwrites (`=`) what the one before it wrote. Sum them up (`+=`).",
    zh="你的结果只含最后一个输入通道：每个通道都用 `=` 覆盖了前一个的结果。应当累加（`+=`）。",
)
def keeps_only_the_last_input_channel(X, K, bias=None, stride=1, padding=0):
    return right(X[:, -1:], K[:, -1:], bias, stride, padding)


@misconception(
    en="Your result is the mean over the input channels; it should be their sum.",
    zh="你对输入通道取了平均；应当求和。",
)
def takes_the_mean_over_the_channels(X, K, bias=None, stride=1, padding=0):
    return right(X, K / K.shape[1], bias, stride, padding)


@misconception(
    en="The first two axes of K have changed places in your function: K[o, c] belongs to output channel o and input channel c.",
    zh="你把 K 的前两个轴弄反了：K[o, c] 对应输出通道 o 和输入通道 c。",
)
def swaps_the_channel_axes_of_the_kernel(X, K, bias=None, stride=1, padding=0):
    return right(X, K.transpose(0, 1), bias, stride, padding)


@misconception(
    en="Every picture of the batch gets the first picture's maps: the index n is missing somewhere.",
    zh="批次中每幅图像得到的都是第一幅的特征图：某处漏了下标 n。",
)
def convolves_the_first_picture_only(X, K, bias=None, stride=1, padding=0):
    return right(X[:1].expand(X.shape), K, bias, stride, padding)


@misconception(
    en="The bias isn't in your result.",
    zh="你的结果里没有加偏置。",
)
def forgets_the_bias(X, K, bias=None, stride=1, padding=0):
    return right(X, K, None, stride, padding)


@misconception(
    en="Your bias is added once for each input channel: it stands inside the loop over them. Each output gets it once.",
    zh="你对每个输入通道都加了一次偏置：它写在了输入通道的循环里。每个输出只应加一次。",
)
def adds_the_bias_for_each_input_channel(X, K, bias=None, stride=1, padding=0):
    return right(X, K, None if bias is None else bias * K.shape[1], stride, padding)


@misconception(
    en="`Y + bias` lines the bias up with the last axis, the columns. It belongs to the channels: give it the shape (C_out, 1, 1) first.",
    zh="`Y + bias` 会让偏置与最后一个轴（列）对齐。偏置属于通道：请先把它变成 (C_out, 1, 1) 的形状。",
)
def adds_the_bias_along_the_columns(X, K, bias=None, stride=1, padding=0):
    Y = right(X, K, None, stride, padding)
    return Y if bias is None else Y + bias


@misconception(
    en="You sum up in place, beginning with an element of `bias`: `total = bias[o]` is a view, and `total += …` writes into the bias itself. Add the bias at the end, or begin with a copy.",
    zh="你从 `bias` 的元素开始原地累加：`total = bias[o]` 是视图，`total += …` 会改写 bias 本身。请最后再加偏置，或者先复制一份。",
)
def sums_up_in_the_bias(X, K, bias=None, stride=1, padding=0):
    if bias is None:
        return right(X, K, None, stride, padding)

    def of_window(window):
        rows = []
        for picture in window:
            for o in range(len(K)):
                total = bias[o]
                total += (picture * K[o]).sum()
            rows.append(bias.clone())
        return torch.stack(rows) if rows else torch.zeros(0, len(K))

    return slide(with_zeros(X, padding), K, stride, of_window)


@misconception(
    en="Your output is still all zeros: `Y[…] == …` compares and forgets the outcome, `Y[…] = …` stores it.",
    zh="你的输出仍然全是 0：`Y[…] == …` 只是比较，结果随即丢弃；`Y[…] = …` 才是赋值。",
)
def compares_instead_of_assigning(X, K, bias=None, stride=1, padding=0):
    return 0 * right(X, K, bias, stride, padding)


@misconception(
    en="Your function computes the maps but hands nothing back: its last line should return them.",
    zh="你的函数算出了特征图却没有返回：最后一行应当返回它。",
)
def forgets_to_return(X, K, bias=None, stride=1, padding=0):
    right(X, K, bias, stride, padding)


@misconception(
    en="Your values are right, but no gradient flows through them: `.item()`, `.data`, `.detach()`, `float(…)`, `torch.no_grad()` and NumPy all cut a number off from what it was computed from.",
    zh="数值正确，但梯度传不回去：`.item()`、`.data`、`.detach()`、`float(…)`、`torch.no_grad()` 和 NumPy 都会切断计算图。",
)
def cuts_the_gradient(X, K, bias=None, stride=1, padding=0):
    return right(X, K, bias, stride, padding).detach()


@misconception(
    en="The gradient reaches X and K but not the bias: `bias[o].item()`, `bias.tolist()` and `bias.data` cut it off.",
    zh="梯度能传到 X 和 K，却传不到偏置：`bias[o].item()`、`bias.tolist()`、`bias.data` 切断了它。",
)
def cuts_the_gradient_of_the_bias(X, K, bias=None, stride=1, padding=0):
    return right(X, K, None if bias is None else bias.detach(), stride, padding)


@misconception(
    en="The gradient reaches K and the bias but not X: a padded picture filled from `X.data` or `torch.tensor(X)` is cut off from X.",
    zh="梯度能传到 K 和偏置，却传不到 X：用 `X.data` 或 `torch.tensor(X)` 填入的填充图像与 X 断开了联系。",
)
def cuts_the_gradient_of_the_picture(X, K, bias=None, stride=1, padding=0):
    return right(X.detach(), K, bias, stride, padding)


_remembered = {}


@misconception(
    en="Your function answers with what it computed for earlier pictures of the same size. Nothing may be kept from one call to the next: look for a default argument, a cache or a global variable.",
    zh="你的函数返回的是之前同样大小图像的结果。两次调用之间不应保留任何东西：请检查默认参数、缓存或全局变量。",
    remembers=True,
)
def answers_from_an_earlier_call(X, K, bias=None, stride=1, padding=0):
    case = (X.shape, K.shape, bias is None, pair(stride), pair(padding))
    if case not in _remembered:
        _remembered[case] = right(X, K, bias, stride, padding)
    return _remembered[case]
