"""Wrong implementations of dropout_layer that people really write, each with its hint."""

import torch

from autograder.course import misconception


@misconception(
    en="You draw from randn, the normal distribution. A probability needs torch.rand, uniform on [0, 1).",
    zh="你用的是 randn（正态分布）。要按概率丢弃，应使用 [0, 1) 上均匀分布的 torch.rand。",
)
def draws_from_randn(X, dropout):
    if dropout == 0:
        return X
    if dropout == 1:
        return torch.zeros_like(X)
    return X * (torch.randn(X.shape) >= dropout) / (1 - dropout)


@misconception(
    en="You divide by dropout, the probability of being dropped. Divide by that of being kept, 1 - dropout.",
    zh="你除以了 dropout（被丢弃的概率），应当除以被保留的概率 1 - dropout。",
)
def scales_by_one_over_p(X, dropout):
    if dropout == 0:
        return X
    if dropout == 1:
        return torch.zeros_like(X)
    return X * (torch.rand(X.shape) >= dropout) / dropout


@misconception(
    en="You drop elements but don't scale the ones you keep: divide them by 1 - dropout, or the layer's mean sinks.",
    zh="你只丢弃了元素，没有缩放保留下来的值：应把它们除以 1 - dropout，否则这一层的均值会变小。",
)
def forgets_to_scale(X, dropout):
    return X * (torch.rand(X.shape) >= dropout)


@misconception(
    en="You multiply by 1 - dropout. That is how old-style dropout scales when testing; inverted dropout divides while training.",
    zh="你乘以了 1 - dropout。那是旧式 dropout 在测试阶段的做法；反向（inverted）dropout 是在训练时除以 1 - dropout。",
)
def multiplies_by_one_minus_p(X, dropout):
    return X * (torch.rand(X.shape) >= dropout) * (1 - dropout)


@misconception(
    en="Your two special cases are swapped: dropout = 0 drops nothing, dropout = 1 drops everything.",
    zh="你把两个特殊情形弄反了：dropout = 0 时什么都不丢弃，dropout = 1 时全部丢弃。",
)
def swaps_the_endpoints(X, dropout):
    if dropout == 0:
        return torch.zeros_like(X)
    if dropout == 1:
        return X
    return X * (torch.rand(X.shape) >= dropout) / (1 - dropout)


@misconception(
    en="With dropout = 1 you return ones. Everything is dropped then: the result is all zeros.",
    zh="dropout = 1 时你返回了全 1。此时全部被丢弃，结果应全为 0。",
)
def returns_ones_at_one(X, dropout):
    if dropout == 1:
        return torch.ones_like(X)
    return X * (torch.rand(X.shape) >= dropout) / (1 - dropout)


@misconception(
    en="With dropout = 1 you compute 0/0, which is NaN. Treat that case by itself: everything is dropped.",
    zh="dropout = 1 时你计算了 0/0，得到 NaN。应单独处理这种情形：全部丢弃。",
)
def divides_zero_by_zero(X, dropout):
    return X * (torch.rand(X.shape) >= dropout) / (1 - dropout)


@misconception(
    en="Your comparison points the wrong way: you keep an element with probability dropout. Keep it when the draw is not below dropout.",
    zh="你的比较方向反了：现在是以 dropout 的概率保留元素。应当在随机数不小于 dropout 时保留。",
)
def compares_the_wrong_way(X, dropout):
    if dropout == 0:
        return X
    if dropout == 1:
        return torch.zeros_like(X)
    return X * (torch.rand(X.shape) < dropout) / (1 - dropout)


@misconception(
    en="You take dropout for the probability of keeping an element, and scale for it too. It is the probability of dropping.",
    zh="你把 dropout 当成了保留元素的概率，缩放也照此计算。它其实是丢弃的概率。",
)
def takes_dropout_for_the_keep_probability(X, dropout):
    return X * (torch.rand(X.shape) < dropout) / dropout


@misconception(
    en="You draw one mask for a row and use it for all of them. Draw for each element: the mask has X's whole shape.",
    zh="你只为一行抽取了掩码，所有行共用它。应为每个元素分别抽取：掩码的形状应与 X 完全相同。",
)
def shares_one_mask_between_rows(X, dropout):
    if dropout == 1:
        return torch.zeros_like(X)
    return X * (torch.rand(X.shape[-1]) >= dropout) / (1 - dropout)


@misconception(
    en="You draw once for each sample, so whole samples vanish. Draw for each element: the mask has X's whole shape.",
    zh="你只为每个样本抽取一次，整个样本会一起消失。应为每个元素分别抽取：掩码的形状应与 X 完全相同。",
)
def drops_whole_samples(X, dropout):
    if dropout == 1:
        return torch.zeros_like(X)
    keep = torch.rand(X.shape[0], *[1] * (X.dim() - 1)) >= dropout
    return X * keep / (1 - dropout)


@misconception(
    en="You make your mask for a matrix (N, D). X may have any number of dimensions: take the mask's shape from X.shape.",
    zh="你按矩阵 (N, D) 来构造掩码。X 可以有任意多个维度：掩码的形状应取自 X.shape。",
)
def expects_a_matrix(X, dropout):
    if dropout == 1:
        return torch.zeros_like(X)
    flat = X.reshape(X.shape[0], X.numel() // max(X.shape[0], 1))
    return flat * (torch.rand(flat.shape) >= dropout) / (1 - dropout)


@misconception(
    en="You set the dropped elements of X itself to 0. Whoever called you still needs X: compute a new tensor.",
    zh="你直接把 X 中被丢弃的元素改成了 0。调用者还要用到 X：应计算出一个新的张量。",
)
def changes_the_input(X, dropout):
    if dropout == 1:
        return torch.zeros_like(X)
    X[torch.rand(X.shape) < dropout] = 0
    return X / (1 - dropout)


@misconception(
    en="You always drop the same number of elements. Each is dropped by a draw of its own, so their number varies.",
    zh="你每次丢弃的元素个数都一样。每个元素应独立地抽取，因此丢弃的个数会有波动。",
)
def drops_an_exact_number(X, dropout):
    keep = torch.ones(X.numel())
    keep[torch.randperm(X.numel())[: round(dropout * X.numel())]] = 0
    if dropout == 1:
        return torch.zeros_like(X)
    return X * keep.reshape(X.shape) / (1 - dropout)


@misconception(
    en="You seed the generator inside the function, so every call drops the same elements. Leave seeding to the caller.",
    zh="你在函数内部设置了随机种子，于是每次调用丢弃的元素都相同。种子应由调用者设置。",
)
def fixes_the_seed(X, dropout):
    torch.manual_seed(0)
    if dropout == 1:
        return torch.zeros_like(X)
    return X * (torch.rand(X.shape) >= dropout) / (1 - dropout)


@misconception(
    en="You compare X itself with dropout. Dropping is left to chance: compare random numbers, one for each element.",
    zh="你拿 X 本身与 dropout 比较。是否丢弃应由随机数决定：为每个元素抽取一个随机数来比较。",
)
def thresholds_the_input(X, dropout):
    if dropout == 0:
        return X
    if dropout == 1:
        return torch.zeros_like(X)
    return X * (dropout < X) / (1 - dropout)


@misconception(
    en="Your values are right, but no gradient reaches X: .detach(), .data, .item() or NumPy cuts the graph.",
    zh="数值是对的，但梯度传不到 X：.detach()、.data、.item() 或 NumPy 会切断计算图。",
)
def loses_the_gradient(X, dropout):
    if dropout == 1:
        return torch.zeros_like(X)
    return X.detach() * (torch.rand(X.shape) >= dropout) / (1 - dropout)
