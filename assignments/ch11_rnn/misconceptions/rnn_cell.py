"""Wrong implementations of rnn_cell that people really write, each with its hint."""

import torch

from autograder.course import misconception


@misconception(
    en="You return the weighted sum itself. The new state is its tanh; without it the state can grow without bound.",
    zh="你直接返回了加权和。新的状态是它的 tanh；没有 tanh，状态可能无限增长。",
)
def forgets_tanh(x, h, W_ih, W_hh, b_ih, b_hh):
    return x @ W_ih.T + b_ih + h @ W_hh.T + b_hh


@misconception(
    en="You squash with the sigmoid. This cell uses tanh, whose values lie between -1 and 1.",
    zh="你用了 sigmoid。这个单元用的是 tanh，取值在 -1 到 1 之间。",
)
def squashes_with_sigmoid(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.sigmoid(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


@misconception(
    en="You use ReLU. This cell uses tanh.",
    zh="你用了 ReLU。这个单元用的是 tanh。",
)
def uses_relu(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.relu(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


@misconception(
    en="Your weights are swapped: W_ih belongs to the input x, W_hh to the hidden state h.",
    zh="你把两个权重矩阵用反了：W_ih 用于输入 x，W_hh 用于隐藏状态 h。",
)
def swaps_the_weights(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_hh.T + b_ih + h @ W_ih.T + b_hh)


@misconception(
    en="Your weights aren't transposed. They have one row for each hidden unit, (hidden, input): with samples in rows you need x @ W_ih.T.",
    zh="你没有转置权重。权重的每一行对应一个隐藏单元，形状为 (hidden, input)：样本按行排列时应写 x @ W_ih.T。",
)
def does_not_transpose(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_ih + b_ih + h @ W_hh + b_hh)


@misconception(
    en="You transpose W_ih but not W_hh. Being square, W_hh fits either way round; only W_hh.T is right.",
    zh="你转置了 W_ih，却没有转置 W_hh。W_hh 是方阵，怎么乘形状都对得上，但只有 W_hh.T 是对的。",
)
def transposes_only_w_ih(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh + b_hh)


@misconception(
    en="You leave out b_hh, the bias of the hidden state.",
    zh="你漏掉了 b_hh，即隐藏状态的偏置。",
)
def drops_b_hh(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T)


@misconception(
    en="You leave out b_ih, the bias of the input.",
    zh="你漏掉了 b_ih，即输入的偏置。",
)
def drops_b_ih(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_ih.T + h @ W_hh.T + b_hh)


@misconception(
    en="You leave out both biases.",
    zh="你把两个偏置都漏掉了。",
)
def drops_both_biases(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_ih.T + h @ W_hh.T)


@misconception(
    en="You ignore the hidden state h. Without it the cell remembers nothing.",
    zh="你没有使用隐藏状态 h。没有它，这个单元就没有记忆。",
)
def ignores_the_state(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_ih.T + b_ih + b_hh)


@misconception(
    en="You take tanh of each part and add them. Add first: tanh is taken once, of the whole sum.",
    zh="你对两部分分别取 tanh 再相加。应先相加：对整个和只取一次 tanh。",
)
def squashes_each_part(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_ih.T + b_ih) + torch.tanh(h @ W_hh.T + b_hh)


@misconception(
    en="You write tanh with exponentials, which overflow for large sums: infinity over infinity is NaN. Use torch.tanh.",
    zh="你用指数函数拼出 tanh，加权和很大时会溢出：无穷除以无穷得到 NaN。请使用 torch.tanh。",
)
def writes_tanh_with_exponentials(x, h, W_ih, W_hh, b_ih, b_hh):
    a = x @ W_ih.T + b_ih + h @ W_hh.T + b_hh
    return (torch.exp(a) - torch.exp(-a)) / (torch.exp(a) + torch.exp(-a))


@misconception(
    en="You drop the batch dimension of a single sample (squeeze). The result is (N, hidden), also when N or hidden is 1.",
    zh="你用 squeeze 去掉了大小为 1 的维度。结果的形状是 (N, hidden)，N 或 hidden 为 1 时也一样。",
)
def squeezes_the_result(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh).squeeze()


@misconception(
    en="You write the new state into h. Whoever called you may still need the old one: return a new tensor.",
    zh="你把新的状态写进了 h。调用者可能还要用旧的状态：应返回一个新的张量。",
)
def changes_the_state_in_place(x, h, W_ih, W_hh, b_ih, b_hh):
    h.copy_(torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh))
    return h


@misconception(
    en="Your values are right, but no gradient flows: .detach(), .data, .item() or NumPy cuts the graph.",
    zh="数值是对的，但没有梯度：.detach()、.data、.item() 或 NumPy 会切断计算图。",
)
def loses_the_gradient(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh).detach()


@misconception(
    en="You detach the hidden state, so no gradient reaches the steps before this one.",
    zh="你对隐藏状态用了 detach，梯度传不到之前的时间步。",
)
def detaches_the_state(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_ih.T + b_ih + h.detach() @ W_hh.T + b_hh)
