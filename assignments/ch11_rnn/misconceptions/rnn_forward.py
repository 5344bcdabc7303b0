"""Wrong implementations of rnn_forward that people really write, each with its hint."""

import torch

from autograder.course import misconception


def step(x, h, W_ih, W_hh, b_ih, b_hh):
    """A right cell: what is wrong below is how it is used."""
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


@misconception(
    en="Every step starts from h0 again. Hand the new state on: the next step starts where this one ended.",
    zh="你的每个时间步都从 h0 重新开始。应把新的状态传下去：下一步从这一步的结果开始。",
)
def does_not_carry_the_state(X, h0, W_ih, W_hh, b_ih, b_hh):
    states = [step(x, h0, W_ih, W_hh, b_ih, b_hh) for x in X]
    return torch.stack(states), states[-1]


@misconception(
    en="You never use h0 and start from zeros. Start from the state that was given.",
    zh="你没有使用 h0，而是从零开始。应从给定的初始状态开始。",
)
def starts_from_zeros(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = torch.zeros_like(h0)
    states = []
    for x in X:
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return torch.stack(states), h


@misconception(
    en="You store the state before updating it: your output begins with h0 and lacks the last state. Store it after the step.",
    zh="你在更新之前就保存了状态：output 以 h0 开头，缺少最后的状态。应在更新之后保存。",
)
def stores_before_the_update(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        states.append(h)
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
    return torch.stack(states), h


@misconception(
    en="Your output is h0 at every step: compute the new state and store that one.",
    zh="你的 output 在每个时间步都是 h0：应计算新的状态并保存它。",
)
def stores_h0_at_every_step(X, h0, W_ih, W_hh, b_ih, b_hh):
    return torch.stack([h0 for _ in X]), h0


@misconception(
    en="You walk from the last step to the first. Time runs forwards: begin with X[0].",
    zh="你从最后一个时间步走向第一个。时间应向前走：从 X[0] 开始。",
)
def walks_backwards(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in reversed(X):
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return torch.stack(states), h


@misconception(
    en="You put each new state in front of the others, so your output runs backwards in time.",
    zh="你把每个新状态都插在最前面，output 的时间顺序反了。",
)
def stores_in_reverse_order(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
        states.insert(0, h)
    return torch.stack(states), h


@misconception(
    en="You return only the last state, twice. The first result holds the state after every step, (T, N, hidden).",
    zh="你两次都返回了最后的状态。第一个返回值应包含每个时间步之后的状态，形状为 (T, N, hidden)。",
)
def returns_only_the_last_state(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    for x in X:
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
    return h, h


@misconception(
    en="You return only the output. The exercise asks for two results: (output, h_T).",
    zh="你只返回了 output。题目要求返回两个值：(output, h_T)。",
)
def returns_the_output_alone(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return torch.stack(states)


@misconception(
    en="Your last state is (1, N, hidden), as nn.RNN's h_n with its dimension for layers. Here it is (N, hidden).",
    zh="你的最后状态是 (1, N, hidden)，就像 nn.RNN 的 h_n 那样带有层数维。这里应为 (N, hidden)。",
)
def adds_a_dimension_for_layers(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return torch.stack(states), h.unsqueeze(0)


@misconception(
    en="You return h0 as the last state. It is the state after the last step, output[-1].",
    zh="你把 h0 当作最后的状态返回了。应返回最后一个时间步之后的状态，即 output[-1]。",
)
def returns_h0_as_the_last_state(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return torch.stack(states), h0


@misconception(
    en="Your results are in the wrong order: the output first, the last state second.",
    zh="两个返回值的顺序反了：先是 output，后是最后的状态。",
)
def swaps_the_results(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return h, torch.stack(states)


@misconception(
    en="You return a Python list of states. Join them into one tensor of shape (T, N, hidden), with torch.stack.",
    zh="你返回的是由状态组成的 Python 列表。应把它们用 torch.stack 合成一个形状为 (T, N, hidden) 的张量。",
)
def forgets_to_stack(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return states, h


@misconception(
    en="You join the states with torch.cat, which makes (T·N, hidden) of them. torch.stack gives time a dimension of its own.",
    zh="你用 torch.cat 连接各个状态，得到的是 (T·N, hidden)。torch.stack 才会为时间单独增加一维。",
)
def concatenates_the_states(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return torch.cat(states), h


@misconception(
    en="You take the first dimension for the batch. It is time, X[t] is one step: X has shape (T, N, input).",
    zh="你把第一维当成了批量维。第一维是时间，X[t] 才是一个时间步：X 的形状是 (T, N, input)。",
)
def takes_the_batch_first(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for t in range(X.shape[1]):
        h = step(X[:, t], h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return torch.stack(states, dim=1), h


@misconception(
    en="You stack the states along dimension 1, so your output is (N, T, hidden). Time comes first.",
    zh="你沿第 1 维堆叠状态，output 成了 (N, T, hidden)。时间应在第一维。",
)
def stacks_along_the_batch(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = step(x, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return torch.stack(states, dim=1), h


@misconception(
    en="You overwrite one tensor and store it at each step, so all your stored states are the last one. Make a new tensor each time.",
    zh="你反复改写并保存同一个张量，于是保存的所有状态都变成了最后一个。每一步都应生成新的张量。",
)
def stores_the_same_tensor(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0.clone()
    states = []
    for x in X:
        h.copy_(step(x, h, W_ih, W_hh, b_ih, b_hh))
        states.append(h)
    return torch.stack(states), h


@misconception(
    en="You write the new states into h0. Whoever called you still needs it: keep the state in a tensor of your own.",
    zh="你把新的状态写进了 h0。调用者还要用到它：应把状态保存在自己的张量里。",
)
def changes_h0_in_place(X, h0, W_ih, W_hh, b_ih, b_hh):
    states = []
    for x in X:
        h0.copy_(step(x, h0, W_ih, W_hh, b_ih, b_hh))
        states.append(h0.clone())
    return torch.stack(states), h0


@misconception(
    en="You detach the state between steps: gradients then reach one step back, not through the whole sequence.",
    zh="你在时间步之间用 detach 切断了状态：梯度只能回传一步，无法穿过整个序列。",
)
def detaches_between_steps(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = step(x, h.detach(), W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return torch.stack(states), h


@misconception(
    en="Your values are right, but no gradient flows: .detach(), .data, .item() or NumPy cuts the graph.",
    zh="数值是对的，但没有梯度：.detach()、.data、.item() 或 NumPy 会切断计算图。",
)
def loses_the_gradient(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = step(x, h, W_ih, W_hh, b_ih, b_hh).detach()
        states.append(h)
    return torch.stack(states), h


@misconception(
    en="Your step lacks tanh: the state is the tanh of the weighted sum.",
    zh="你的时间步里缺少 tanh：状态应是加权和的 tanh。",
)
def forgets_tanh(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = x @ W_ih.T + b_ih + h @ W_hh.T + b_hh
        states.append(h)
    return torch.stack(states), h


@misconception(
    en="Your step leaves out a bias: both b_ih and b_hh are added at every step.",
    zh="你的时间步漏掉了一个偏置：每一步都要加上 b_ih 和 b_hh。",
)
def drops_b_hh(X, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    states = []
    for x in X:
        h = torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T)
        states.append(h)
    return torch.stack(states), h
