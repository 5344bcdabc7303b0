"""Wrong implementations of forward_pass that people really write, each with its hint."""

import torch

from autograder.course import misconception


def layer(W, b, x):
    return torch.sigmoid(W @ x + b)


@misconception(
    en="You multiply from the wrong side: row i of W holds the weights of unit i, so it is W @ x. "
    "x @ W reads the columns, which goes unnoticed only while W is square.",
    zh="乘法的方向反了：W 的第 i 行是第 i 个单元的权重，应为 W @ x。x @ W 用的是列，只有 W 为方阵时才不会报错。",
)
def reads_the_columns(params, x):
    h = torch.sigmoid(x @ params["W1"] + params["b1"])
    return {"h": h, "o": torch.sigmoid(h @ params["W2"] + params["b2"])}


@misconception(
    en="Your output layer stops at the weighted sum. In this network the outputs go through "
    "the sigmoid as well.",
    zh="输出层只算到加权和。这个网络的输出也要经过 sigmoid。",
)
def leaves_the_output_linear(params, x):
    h = layer(params["W1"], params["b1"], x)
    return {"h": h, "o": params["W2"] @ h + params["b2"]}


@misconception(
    en="Your hidden layer stops at the weighted sum: h is what comes after the sigmoid. "
    "Two linear layers in a row are no more than one.",
    zh="隐藏层只算到加权和：h 是经过 sigmoid 之后的值。两个线性层叠在一起，仍只是一个线性层。",
)
def leaves_the_hidden_layer_linear(params, x):
    h = params["W1"] @ x + params["b1"]
    return {"h": h, "o": layer(params["W2"], params["b2"], h)}


@misconception(
    en="You return the weighted sums. h and o are the activations: what the sigmoid makes of them.",
    zh="返回的是加权和。h 和 o 应是激活值，即加权和经过 sigmoid 之后的结果。",
)
def returns_the_weighted_sums(params, x):
    net_h = params["W1"] @ x + params["b1"]
    return {"h": net_h, "o": params["W2"] @ torch.sigmoid(net_h) + params["b2"]}


@misconception(
    en="Your biases are missing: each unit adds its own bias before the sigmoid.",
    zh="漏了偏置：每个单元在经过 sigmoid 之前都要加上自己的偏置。",
)
def leaves_out_the_biases(params, x):
    h = torch.sigmoid(params["W1"] @ x)
    return {"h": h, "o": torch.sigmoid(params["W2"] @ h)}


@misconception(
    en="You add the bias after the sigmoid. It belongs to the weighted sum, inside the sigmoid: "
    "outside it, an activation can leave (0, 1).",
    zh="偏置加在了 sigmoid 之后。它属于加权和，应在 sigmoid 之内；加在外面，激活值会跑出 (0, 1)。",
)
def adds_the_bias_after_the_sigmoid(params, x):
    h = torch.sigmoid(params["W1"] @ x) + params["b1"]
    return {"h": h, "o": torch.sigmoid(params["W2"] @ h) + params["b2"]}


@misconception(
    en="You give a whole layer one bias. The figure draws a single b for each layer, "
    "but every unit owns an entry of b1 or b2.",
    zh="整层共用了一个偏置。图上每层虽只画了一个 b，但每个单元在 b1 或 b2 中都有自己的一项。",
)
def shares_one_bias_in_a_layer(params, x):
    h = layer(params["W1"], params["b1"][0], x)
    return {"h": h, "o": layer(params["W2"], params["b2"][0], h)}


@misconception(
    en="Your output layer reads x. It must read h: otherwise the hidden layer has no say in o.",
    zh="输出层读的是 x。它应当读 h，否则隐藏层对 o 毫无作用。",
)
def feeds_x_to_the_output_layer(params, x):
    h = layer(params["W1"], params["b1"], x)
    return {"h": h, "o": layer(params["W2"], params["b2"], x)}


@misconception(
    en="You use tanh. This network's activation is the sigmoid, 1 / (1 + e^(-z)), on every unit.",
    zh="用成了 tanh。这个网络每个单元的激活函数都是 sigmoid：1 / (1 + e^(-z))。",
)
def takes_tanh_for_the_sigmoid(params, x):
    h = torch.tanh(params["W1"] @ x + params["b1"])
    return {"h": h, "o": torch.tanh(params["W2"] @ h + params["b2"])}


@misconception(
    en="You put a softmax on the outputs. Here each output has a sigmoid of its own, "
    "so the outputs need not sum to 1.",
    zh="输出层用了 softmax。这里每个输出各有一个 sigmoid，各输出之和不必为 1。",
)
def puts_a_softmax_on_the_outputs(params, x):
    h = layer(params["W1"], params["b1"], x)
    return {"h": h, "o": torch.softmax(params["W2"] @ h + params["b2"], dim=0)}


@misconception(
    en="Your sigmoid e^z / (1 + e^z) overflows: for a large z it is inf / inf = NaN. "
    "Written with e^(-z), or as torch.sigmoid, it is safe.",
    zh="sigmoid 写成 e^z / (1 + e^z) 会溢出：z 很大时是 inf / inf = NaN。改用 e^(-z) 的写法或 torch.sigmoid 就没有问题。",
)
def overflows_in_the_sigmoid(params, x):
    def sigmoid(z):
        return torch.exp(z) / (1 + torch.exp(z))

    h = sigmoid(params["W1"] @ x + params["b1"])
    return {"h": h, "o": sigmoid(params["W2"] @ h + params["b2"])}


@misconception(
    en="Your function computes with the walkthrough's numbers, whatever it is given. "
    "Read the weights and the input from its arguments.",
    zh="无论传入什么，函数都只用例题里的数来计算。请从参数 params 和 x 中读取权重与输入。",
)
def knows_only_the_walkthrough(params, x):
    h = layer(torch.tensor([[0.15, 0.20], [0.25, 0.30]]), 0.35, torch.tensor([0.05, 0.10]))
    return {"h": h, "o": layer(torch.tensor([[0.40, 0.45], [0.50, 0.55]]), 0.60, h)}


first_hidden = []


@misconception(
    en="Your hidden layer is computed once and then kept: later calls get the first call's h. "
    "Compute it anew in every call.",
    zh="隐藏层只算了一次就被保存下来，之后的调用拿到的都是第一次的 h。每次调用都应重新计算。",
    remembers=True,
)
def keeps_the_first_hidden_layer(params, x):
    if not first_hidden:
        first_hidden.append(layer(params["W1"], params["b1"], x))
    h = first_hidden[0]
    return {"h": h, "o": layer(params["W2"], params["b2"], h)}
