"""Wrong implementations of adam_step that people really write, each with its hint."""

import torch

from autograder.course import misconception


def averages(grad, state, betas):
    """t, m and v after this gradient, as they should be."""
    t = state.get("t", 0) + 1
    m = betas[0] * state.get("m", torch.zeros_like(grad)) + (1 - betas[0]) * grad
    v = betas[1] * state.get("v", torch.zeros_like(grad)) + (1 - betas[1]) * grad**2
    return t, m, v


def corrected(t, m, v, betas):
    return m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)


@misconception(
    en="The bias correction is missing. m and v start at zero and are too small at first: divide "
    "them by 1 - β1^t and 1 - β2^t.",
    zh="漏了偏差修正。m 和 v 从零开始，最初偏小：要分别除以 1 - β1^t 和 1 - β2^t。",
)
def leaves_out_the_bias_correction(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    return param - lr * m / (v.sqrt() + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="Only m is corrected. v starts at zero too: divide it by 1 - β2^t.",
    zh="只修正了 m。v 同样从零开始，要除以 1 - β2^t。",
)
def corrects_only_the_first_average(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    m_hat, _ = corrected(t, m, v, betas)
    return param - lr * m_hat / (v.sqrt() + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="Only v is corrected. m starts at zero too: divide it by 1 - β1^t.",
    zh="只修正了 v。m 同样从零开始，要除以 1 - β1^t。",
)
def corrects_only_the_second_average(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    _, v_hat = corrected(t, m, v, betas)
    return param - lr * m / (v_hat.sqrt() + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="Your t is 1 in every call, so every step is corrected as if it were the first. Keep the "
    "count in the state.",
    zh="每次调用 t 都是 1，每一步都被当作第一步来修正。要把步数存进 state。",
)
def resets_t(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    _, m, v = averages(grad, state, betas)
    m_hat, v_hat = corrected(1, m, v, betas)
    return param - lr * m_hat / (v_hat.sqrt() + eps), {"m": m, "v": v}


@misconception(
    en="Your t is 0 at the first step, and 1 - β^0 is 0: count first, then correct.",
    zh="第一步时 t 为 0，而 1 - β^0 等于 0：应先计数，再修正。",
)
def counts_from_zero(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    m_hat, v_hat = corrected(torch.tensor(t - 1.0), m, v, betas)
    return param - lr * m_hat / (v_hat.sqrt() + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="You correct with β·t. It is a power: 1 - β^t.",
    zh="修正时用了 β·t。应是乘方：1 - β^t。",
)
def multiplies_beta_by_t(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    m_hat, v_hat = m / (1 - betas[0] * t), v / (1 - betas[1] * t)
    return param - lr * m_hat / (v_hat.sqrt() + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="Your eps is inside the root: √(v̂ + eps). It stands outside, √v̂ + eps; inside, 1e-8 weighs "
    "as much as 1e-4 and brakes small gradients.",
    zh="eps 放进了根号：√(v̂ + eps)。它应在根号外：√v̂ + eps；放在里面，1e-8 就相当于 1e-4，会拖住小梯度。",
)
def puts_eps_inside_the_root(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    m_hat, v_hat = corrected(t, m, v, betas)
    return param - lr * m_hat / (v_hat + eps).sqrt(), {"t": t, "m": m, "v": v}


@misconception(
    en="You add eps to √v before the correction. Correct v first: the denominator is √v̂ + eps.",
    zh="在修正之前就把 eps 加到了 √v 上。应先修正 v：分母是 √v̂ + eps。",
)
def adds_eps_before_the_correction(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    rate = lr * (1 - betas[1] ** t) ** 0.5 / (1 - betas[0] ** t)
    return param - rate * m / (v.sqrt() + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="Your denominator has no eps: where all gradients so far were zero, 0 / 0 gives NaN.",
    zh="分母里没有 eps：若至今梯度一直为零，0 / 0 会得到 NaN。",
)
def leaves_out_eps(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    m_hat, v_hat = corrected(t, m, v, betas)
    return param - lr * m_hat / v_hat.sqrt(), {"t": t, "m": m, "v": v}


@misconception(
    en="The square root is missing: divide by √v̂ + eps, not by v̂ + eps.",
    zh="漏了开方：应除以 √v̂ + eps，而不是 v̂ + eps。",
)
def leaves_out_the_root(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    m_hat, v_hat = corrected(t, m, v, betas)
    return param - lr * m_hat / (v_hat + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="The betas are swapped: the first belongs to the gradient's average, the second to the "
    "squares'.",
    zh="两个 β 用反了：第一个用于梯度的平均，第二个用于梯度平方的平均。",
)
def swaps_the_betas(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    betas = betas[::-1]
    t, m, v = averages(grad, state, betas)
    m_hat, v_hat = corrected(t, m, v, betas)
    return param - lr * m_hat / (v_hat.sqrt() + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="Your step climbs: subtract it from the parameter.",
    zh="这一步在上坡：应当从参数中减去它。",
)
def adds_the_step(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    m_hat, v_hat = corrected(t, m, v, betas)
    return param + lr * m_hat / (v_hat.sqrt() + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="v averages the square of m. It averages the square of the gradient.",
    zh="v 平均的是 m 的平方。它应当平均梯度的平方。",
)
def squares_the_average(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, _ = averages(grad, state, betas)
    v = betas[1] * state.get("v", torch.zeros_like(grad)) + (1 - betas[1]) * m**2
    m_hat, v_hat = corrected(t, m, v, betas)
    return param - lr * m_hat / (v_hat.sqrt() + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="Your m is a sum, β1·m + g, as in torch's SGD with momentum. Adam averages: "
    "β1·m + (1 - β1)·g.",
    zh="m 写成了求和 β1·m + g，那是 torch 的 SGD 动量。Adam 取平均：β1·m + (1 - β1)·g。",
)
def sums_like_sgd_momentum(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, _, v = averages(grad, state, betas)
    m = betas[0] * state.get("m", torch.zeros_like(grad)) + grad
    m_hat, v_hat = corrected(t, m, v, betas)
    return param - lr * m_hat / (v_hat.sqrt() + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="You start the averages at the first gradient, S1 = Y1, instead of correcting them. That "
    "agrees at the first step only: Adam starts at zero and divides by 1 - β^t.",
    zh="你让滑动平均从第一个梯度开始（S1 = Y1）来代替偏差修正。两者只在第一步相同：Adam 从零开始，再除以 1 - β^t。",
)
def starts_at_the_first_gradient(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m = betas[0] * state["m"] + (1 - betas[0]) * grad if state else grad
    v = betas[1] * state["v"] + (1 - betas[1]) * grad**2 if state else grad**2
    return param - lr * m / (v.sqrt() + eps), {"m": m, "v": v}


@misconception(
    en="You keep the corrected averages in the state, so the next step corrects them again. Keep m "
    "and v as they are; m̂ and v̂ serve this step only.",
    zh="state 里存的是修正后的平均值，下一步又会再修正一次。应保存 m 和 v 本身；m̂、v̂ 只用于这一步。",
)
def keeps_the_corrected_averages(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    m_hat, v_hat = corrected(t, m, v, betas)
    return param - lr * m_hat / (v_hat.sqrt() + eps), {"t": t, "m": m_hat, "v": v_hat}


@misconception(
    en="Your state gets lost: every call starts again from t = 0, m = 0, v = 0. Read them from the "
    "state passed in and return the new ones.",
    zh="state 丢了：每次调用都从 t = 0、m = 0、v = 0 重新开始。应从传入的 state 读取，并返回新的 state。",
)
def loses_the_state(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, {}, betas)
    m_hat, v_hat = corrected(t, m, v, betas)
    return param - lr * m_hat / (v_hat.sqrt() + eps), state


shared = {}


@misconception(
    en="Your averages live outside of the state, so all parameters share them. Everything that is "
    "remembered belongs into the state that you return.",
    zh="滑动平均存在了 state 之外，所有参数共用一份。需要记住的一切都应放进返回的 state。",
    remembers=True,
)
def shares_state_between_parameters(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    if shared and shared["m"].shape != grad.shape:
        shared.clear()
    t, m, v = averages(grad, shared, betas)
    shared.update(t=t, m=m, v=v)
    m_hat, v_hat = corrected(t, m, v, betas)
    return param - lr * m_hat / (v_hat.sqrt() + eps), state


@misconception(
    en="Your betas are fixed at 0.9 and 0.999. Use the argument.",
    zh="β 被写死为 0.9 和 0.999。应使用参数 betas。",
)
def fixes_the_betas(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    betas = (0.9, 0.999)
    t, m, v = averages(grad, state, betas)
    m_hat, v_hat = corrected(t, m, v, betas)
    return param - lr * m_hat / (v_hat.sqrt() + eps), {"t": t, "m": m, "v": v}


@misconception(
    en="You change the state you were given (with `m *= …`, `m.mul_` or `state[…] = …`). Compute new "
    "tensors and return them in a new dict.",
    zh="传入的 state 被就地修改了（`m *= …`、`m.mul_` 或 `state[…] = …`）。应算出新的张量，放进新的字典返回。",
)
def changes_the_state_in_place(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    m_hat, v_hat = corrected(t, m, v, betas)
    state.update(t=t, m=m, v=v)
    return param - lr * m_hat / (v_hat.sqrt() + eps), state


@misconception(
    en="You change the parameter you were given. Return `param - …` instead of `param -= …`.",
    zh="传入的参数被就地修改了。应返回 `param - …`，而不是 `param -= …`。",
)
def changes_the_parameter_in_place(param, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    t, m, v = averages(grad, state, betas)
    m_hat, v_hat = corrected(t, m, v, betas)
    param -= lr * m_hat / (v_hat.sqrt() + eps)
    return param, {"t": t, "m": m, "v": v}
