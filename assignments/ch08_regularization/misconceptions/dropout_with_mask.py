"""Wrong implementations of dropout_with_mask that people really write, each with its hint."""

import torch

from autograder.course import misconception


@misconception(
    en="You drop elements but don't scale the ones you keep: divide them by 1 - p, or the layer's mean sinks.",
    zh="你只丢弃了元素，没有缩放保留下来的值：应把它们除以 1 - p，否则这一层的均值会变小。",
)
def forgets_to_scale(X, mask, p):
    return X * mask


@misconception(
    en="You divide by p. p is the probability of being dropped; divide by that of being kept, 1 - p.",
    zh="你除以了 p。p 是被丢弃的概率，应当除以被保留的概率 1 - p。",
)
def scales_by_one_over_p(X, mask, p):
    if p == 0:
        return X * mask
    if p == 1:
        return torch.zeros_like(X)
    return X * mask / p


@misconception(
    en="You multiply by 1 - p. That is how old-style dropout scales when testing; inverted dropout divides while training.",
    zh="你乘以了 1 - p。那是旧式 dropout 在测试阶段的做法；反向（inverted）dropout 是在训练时除以 1 - p。",
)
def multiplies_by_one_minus_p(X, mask, p):
    return X * mask * (1 - p)


@misconception(
    en="Your mask works the wrong way round: 1 means keep and 0 means drop.",
    zh="你把掩码用反了：1 表示保留，0 表示丢弃。",
)
def inverts_the_mask(X, mask, p):
    if p == 1:
        return torch.zeros_like(X)
    return X * (1 - mask) / (1 - p)


@misconception(
    en="You draw a mask of your own. Here the mask is given: use it, and nothing random.",
    zh="你自己又抽取了一个掩码。这里掩码已经给定：直接使用它，不要再用随机数。",
)
def draws_a_mask_of_its_own(X, mask, p):
    if p == 1:
        return torch.zeros_like(X)
    return X * (torch.rand(X.shape) >= p) / (1 - p)


@misconception(
    en="You scale by the fraction that this mask happens to keep. The scale is 1/(1 - p), whatever was drawn.",
    zh="你用这个掩码碰巧保留的比例来缩放。缩放因子应是 1/(1 - p)，与抽取结果无关。",
)
def scales_by_the_fraction_kept(X, mask, p):
    if mask.numel() == 0 or mask.sum() == 0:
        return torch.zeros_like(X)
    return X * mask / mask.mean()


@misconception(
    en="With p = 1 you compute 0/0, which is NaN. Treat p = 1 by itself: everything is dropped.",
    zh="p = 1 时你计算了 0/0，得到 NaN。应单独处理 p = 1：全部丢弃。",
)
def divides_zero_by_zero(X, mask, p):
    return X * mask / (1 - p)


@misconception(
    en="You return only the elements that were kept. The result has X's shape, with 0 where an element was dropped.",
    zh="你只返回了保留下来的元素。结果应与 X 形状相同，被丢弃的位置为 0。",
)
def returns_only_what_is_kept(X, mask, p):
    if p == 1:
        return torch.zeros_like(X)
    return X[mask == 1] / (1 - p)


@misconception(
    en="You treat p = 0 as 'return X'. Nothing is scaled then, but the mask still says what to keep.",
    zh="你在 p = 0 时直接返回 X。此时确实不缩放，但保留哪些元素仍由掩码决定。",
)
def ignores_the_mask_at_zero(X, mask, p):
    if p == 0:
        return X
    if p == 1:
        return torch.zeros_like(X)
    return X * mask / (1 - p)


@misconception(
    en="You change X in place (X *= mask). Whoever called you still needs X: compute a new tensor.",
    zh="你原地修改了 X（X *= mask）。调用者还要用到 X：应计算出一个新的张量。",
)
def changes_the_input(X, mask, p):
    if p == 1:
        return torch.zeros_like(X)
    X *= mask
    return X / (1 - p)


@misconception(
    en="Your values are right, but no gradient reaches X: .detach(), .data, .item() or NumPy cuts the graph.",
    zh="数值是对的，但梯度传不到 X：.detach()、.data、.item() 或 NumPy 会切断计算图。",
)
def loses_the_gradient(X, mask, p):
    if p == 1:
        return torch.zeros_like(X)
    return X.detach() * mask / (1 - p)
