"""Wrong implementations of sgd_step that people really write, each with its hint."""

import torch

from autograder.course import misconception


@misconception(
    en="Your step climbs: the gradient points uphill, so gradient descent subtracts it.",
    zh="这一步在上坡：梯度指向上升最快的方向，梯度下降应当减去它。",
)
def adds_the_gradient(params, grads, lr):
    return {name: p + lr * grads[name] for name, p in params.items()}


@misconception(
    en="The learning rate is missing: the step is lr times the gradient.",
    zh="漏了学习率：步长是 lr 乘梯度。",
)
def leaves_out_the_learning_rate(params, grads, lr):
    return {name: p - grads[name] for name, p in params.items()}


@misconception(
    en="Your learning rate is fixed at the walkthrough's 0.5. Use the argument lr.",
    zh="学习率被写死为例题中的 0.5。应使用参数 lr。",
)
def fixes_the_learning_rate(params, grads, lr):
    return {name: p - 0.5 * grads[name] for name, p in params.items()}


@misconception(
    en="Your biases stay where they were: they are parameters too, and take the same step.",
    zh="偏置没有更新：偏置也是参数，要做同样的更新。",
)
def leaves_the_biases_alone(params, grads, lr):
    return {n: p - lr * grads[n] if n.startswith("W") else p for n, p in params.items()}


@misconception(
    en="Only your output layer moves. W1 and b1 take their step as well.",
    zh="只更新了输出层。W1 和 b1 也要更新。",
)
def leaves_the_hidden_layer_alone(params, grads, lr):
    return {n: p - lr * grads[n] if n.endswith("2") else p for n, p in params.items()}


@misconception(
    en="You return the change, -lr·grad, instead of the parameter after it.",
    zh="返回的是改变量 -lr·grad，而不是更新之后的参数。",
)
def returns_the_change(params, grads, lr):
    return {name: -lr * grads[name] for name in params}


@misconception(
    en="Brackets: lr·(p - g) shrinks the parameter itself. Only the gradient is multiplied by lr: "
    "p - lr·g.",
    zh="括号加错了：lr·(p - g) 把参数本身也缩小了。只有梯度要乘 lr：p - lr·g。",
)
def scales_the_parameter_too(params, grads, lr):
    return {name: lr * (p - grads[name]) for name, p in params.items()}


@misconception(
    en="Your parameters come back unchanged: `p = p - lr * g` in a loop only gives the name p a "
    "new tensor. Put the result into the dict you return.",
    zh="参数原样返回了：循环里的 `p = p - lr * g` 只是让名字 p 指向新的张量。要把结果放进返回的字典里。",
)
def rebinds_the_loop_variable(params, grads, lr):
    for name, p in params.items():
        p = p - lr * grads[name]  # noqa: PLW2901 the mistake itself
    return dict(params)


@misconception(
    en="You compute the new parameters and return nothing: a `return` of the new dict is missing.",
    zh="算出了新参数却没有返回：漏了返回新字典的 `return`。",
)
def returns_nothing(params, grads, lr):
    new = {}
    for name in params:
        new[name] = params[name] - lr * grads[name]


@misconception(
    en="You change the parameters you were given. Build new tensors, `p - lr * g`, instead of "
    "`p -= lr * g` or a write into `params`.",
    zh="传入的参数被就地修改了。应生成新的张量 `p - lr * g`，而不是 `p -= lr * g`，也不要写回 `params`。",
)
def changes_the_parameters_in_place(params, grads, lr):
    for name in params:
        params[name] -= lr * grads[name]
    return params


@misconception(
    en="You pair parameters and gradients by their position. The two dicts may list their keys in "
    "different orders: look the gradient up by its name.",
    zh="按位置配对了参数与梯度。两个字典的键顺序可能不同：应按名字取梯度。",
)
def pairs_by_position(params, grads, lr):
    pairs = zip(params.items(), grads.values(), strict=True)
    return {name: p - lr * g for (name, p), g in pairs}


velocity = {}


@misconception(
    en="Your step carries momentum over from earlier calls. Plain gradient descent uses this "
    "call's gradient only.",
    zh="这一步带上了之前调用的动量。普通梯度下降只用本次的梯度。",
    remembers=True,
)
def keeps_momentum(params, grads, lr):
    for name, g in grads.items():
        known = name in velocity and velocity[name].shape == g.shape
        velocity[name] = 0.9 * velocity[name] + g if known else torch.clone(g)
    return {name: p - lr * velocity[name] for name, p in params.items()}
