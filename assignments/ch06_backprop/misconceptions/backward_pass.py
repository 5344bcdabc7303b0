"""Wrong implementations of backward_pass that people really write, each with its hint."""

import torch

from autograder.course import misconception


def activations(params, x):
    h = torch.sigmoid(params["W1"] @ x + params["b1"])
    return h, torch.sigmoid(params["W2"] @ h + params["b2"])


def gradients(delta_h, delta_o, x, h):
    return {
        "W1": torch.outer(delta_h, x),
        "b1": delta_h,
        "W2": torch.outer(delta_o, h),
        "b2": delta_o,
    }


def from_output_delta(params, x, h, delta_o):
    """The right way back from the output layer's delta."""
    return gradients(params["W2"].T @ delta_o * h * (1 - h), delta_o, x, h)


@misconception(
    en="Your gradients are twice too large: E carries a factor ½, which cancels the 2 that comes "
    "down from the square.",
    zh="梯度大了一倍：E 前面有系数 ½，正好与平方求导得到的 2 抵消。",
)
def forgets_the_half(params, x, target):
    h, o = activations(params, x)
    return from_output_delta(params, x, h, 2 * (o - target) * o * (1 - o))


@misconception(
    en="You average over the outputs, as nn.MSELoss does. E = ½·Σ(o - t)² sums; the two agree "
    "only where there are just two outputs.",
    zh="像 nn.MSELoss 那样对输出取了平均。E = ½·Σ(o - t)² 是求和；只有恰好两个输出时两者才相同。",
)
def averages_over_the_outputs(params, x, target):
    h, o = activations(params, x)
    return from_output_delta(params, x, h, 2 * (o - target) / len(o) * o * (1 - o))


@misconception(
    en="You divide the gradient by the number of outputs. E is a sum over the outputs, not a mean.",
    zh="把梯度除以了输出的个数。E 是对各输出求和，不是求平均。",
)
def divides_by_the_outputs(params, x, target):
    h, o = activations(params, x)
    return from_output_delta(params, x, h, (o - target) / len(o) * o * (1 - o))


@misconception(
    en="Your signs are reversed: dE/do is o - t. With t - o, gradient descent climbs.",
    zh="符号反了：dE/do 是 o - t。若用 t - o，梯度下降就变成了上升。",
)
def takes_target_minus_output(params, x, target):
    h, o = activations(params, x)
    return from_output_delta(params, x, h, (target - o) * o * (1 - o))


@misconception(
    en="The output layer's slope is missing: between E and the weighted sum stands a sigmoid, so "
    "dE/dz = (o - t)·o·(1 - o). The bare o - t belongs to cross-entropy.",
    zh="漏了输出层的斜率：E 与加权和之间隔着一个 sigmoid，所以 dE/dz = (o - t)·o·(1 - o)。只有交叉熵损失才是 o - t。",
)
def forgets_the_output_slope(params, x, target):
    h, o = activations(params, x)
    return from_output_delta(params, x, h, o - target)


@misconception(
    en="The hidden layer's slope is missing: on the way to W1 the gradient also passes the hidden "
    "sigmoid, a factor h·(1 - h).",
    zh="漏了隐藏层的斜率：梯度传到 W1 之前还要经过隐藏层的 sigmoid，即乘上 h·(1 - h)。",
)
def forgets_the_hidden_slope(params, x, target):
    h, o = activations(params, x)
    delta_o = (o - target) * o * (1 - o)
    return gradients(params["W2"].T @ delta_o, delta_o, x, h)


@misconception(
    en="You apply s·(1 - s) to the weighted sum. In sigmoid' = s·(1 - s), s is the sigmoid's "
    "output, that is o or h, not what went into it.",
    zh="把 s·(1 - s) 用在了加权和上。sigmoid' = s·(1 - s) 中的 s 是 sigmoid 的输出（o 或 h），而不是它的输入。",
)
def takes_the_slope_at_the_weighted_sum(params, x, target):
    net_h = params["W1"] @ x + params["b1"]
    h = torch.sigmoid(net_h)
    net_o = params["W2"] @ h + params["b2"]
    delta_o = (torch.sigmoid(net_o) - target) * net_o * (1 - net_o)
    return gradients(params["W2"].T @ delta_o * net_h * (1 - net_h), delta_o, x, h)


@misconception(
    en="Your slopes go through the sigmoid twice: o and h are activations already, so the slope "
    "is o·(1 - o), without another sigmoid(o).",
    zh="求斜率时多过了一次 sigmoid：o 和 h 已经是激活值，斜率就是 o·(1 - o)，不必再算 sigmoid(o)。",
)
def applies_the_sigmoid_twice(params, x, target):
    def slope(s):
        return torch.sigmoid(s) * (1 - torch.sigmoid(s))

    h, o = activations(params, x)
    delta_o = (o - target) * slope(o)
    return gradients(params["W2"].T @ delta_o * slope(h), delta_o, x, h)


@misconception(
    en="A transpose is missing: forwards, W2 leads from h to o; backwards, it is W2.T that leads "
    "from the outputs to h.",
    zh="漏了转置：前向时 W2 把 h 送到 o；反向时要用 W2.T 把梯度从输出送回 h。",
)
def forgets_the_transpose(params, x, target):
    h, o = activations(params, x)
    delta_o = (o - target) * o * (1 - o)
    return gradients(params["W2"] @ delta_o * h * (1 - h), delta_o, x, h)


@misconception(
    en="Your weight gradients are turned over. dE/dW[i, j] is unit i's delta times input j: rows "
    "belong to the units, as in W itself.",
    zh="权重的梯度转置了。dE/dW[i, j] 是第 i 个单元的 delta 乘第 j 个输入：行对应单元，与 W 本身一致。",
)
def turns_the_outer_products_over(params, x, target):
    h, o = activations(params, x)
    right = from_output_delta(params, x, h, (o - target) * o * (1 - o))
    return {name: grad.T if grad.ndim == 2 else grad for name, grad in right.items()}


@misconception(
    en="You follow only one path from the hidden layer to E. A hidden unit feeds every output, so "
    "its gradient is the sum over all of them.",
    zh="从隐藏层到 E 只走了一条路径。每个隐藏单元都连着所有输出，它的梯度是各条路径之和。",
)
def follows_one_path_only(params, x, target):
    h, o = activations(params, x)
    delta_o = (o - target) * o * (1 - o)
    return gradients(params["W2"][0] * delta_o[0] * h * (1 - h), delta_o, x, h)


@misconception(
    en="You send the bare error o - t back to the hidden layer. What travels back is the output "
    "layer's delta, its own slope o·(1 - o) included.",
    zh="传回隐藏层的是未乘斜率的误差 o - t。应当传回输出层的 delta，其中已含 o·(1 - o)。",
)
def sends_the_bare_error_back(params, x, target):
    h, o = activations(params, x)
    error = o - target
    return gradients(params["W2"].T @ error * h * (1 - h), error * o * (1 - o), x, h)


@misconception(
    en="You propagate through W2 after updating it. All gradients belong to the same parameters: "
    "compute every one of them first, then step.",
    zh="反向传播用了已更新的 W2。所有梯度都应对应同一组参数：先全部求出，再一起更新。",
)
def propagates_through_updated_weights(params, x, target):
    h, o = activations(params, x)
    delta_o = (o - target) * o * (1 - o)
    updated = params["W2"] - 0.5 * torch.outer(delta_o, h)
    return gradients(updated.T @ delta_o * h * (1 - h), delta_o, x, h)


@misconception(
    en="Your bias gradients are pooled over the layer. Each unit has its own bias, and its "
    "gradient is that unit's delta alone.",
    zh="把整层的偏置梯度加在了一起。每个单元有自己的偏置，其梯度只是该单元的 delta。",
)
def pools_the_bias_gradients(params, x, target):
    h, o = activations(params, x)
    right = from_output_delta(params, x, h, (o - target) * o * (1 - o))
    for name in ("b1", "b2"):
        right[name] = torch.full_like(right[name], right[name].sum().item())
    return right


@misconception(
    en="Your bias gradients are all 1. A bias's input is 1, but its gradient is that input times "
    "the unit's delta.",
    zh="偏置的梯度全成了 1。偏置的输入确实是 1，但梯度是这个输入乘以该单元的 delta。",
)
def gives_every_bias_the_gradient_one(params, x, target):
    h, o = activations(params, x)
    right = from_output_delta(params, x, h, (o - target) * o * (1 - o))
    return {name: torch.ones_like(g) if g.ndim == 1 else g for name, g in right.items()}


@misconception(
    en="In dE/dW1 you multiply by h. W1 is fed by x, so its gradient is the hidden delta times x.",
    zh="求 dE/dW1 时乘的是 h。W1 的输入是 x，所以它的梯度是隐藏层 delta 与 x 的外积。",
)
def feeds_W1_with_h(params, x, target):
    h, o = activations(params, x)
    right = from_output_delta(params, x, h, (o - target) * o * (1 - o))
    return {**right, "W1": torch.outer(right["b1"], h)}


@misconception(
    en="Your sigmoid's slope e^(-z) / (1 + e^(-z))² overflows to inf / inf = NaN for a very "
    "negative z. From the activation, s·(1 - s), it is safe.",
    zh="斜率写成 e^(-z) / (1 + e^(-z))²，当 z 为很大的负数时得到 inf / inf = NaN。用激活值计算 s·(1 - s) 就没有问题。",
)
def overflows_in_the_slope(params, x, target):
    def slope(z):
        return torch.exp(-z) / (1 + torch.exp(-z)) ** 2

    h, o = activations(params, x)
    delta_o = (o - target) * slope(params["W2"] @ h + params["b2"])
    delta_h = params["W2"].T @ delta_o * slope(params["W1"] @ x + params["b1"])
    return gradients(delta_h, delta_o, x, h)


totals = {}


@misconception(
    en="Your gradients add up from call to call. The function returns those of this one sample: "
    "start from zero in each call.",
    zh="梯度在多次调用之间累加了。函数只返回这一个样本的梯度：每次调用都要从零开始。",
    remembers=True,
)
def adds_up_over_calls(params, x, target):
    h, o = activations(params, x)
    right = from_output_delta(params, x, h, (o - target) * o * (1 - o))
    for name, grad in right.items():
        same_network = name in totals and totals[name].shape == grad.shape
        totals[name] = totals[name] + grad if same_network else grad
    return dict(totals)
