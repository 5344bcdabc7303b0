"""Reference solutions of ch06: one forward pass, one backward pass and one update, by hand.

The network has one hidden layer and a sigmoid on every unit, and its error is E = ½·Σ(o - t)²
(DL12 七 §2.3). `params` is a dict of tensors: W1 (hidden, in), b1 (hidden,), W2 (out, hidden),
b2 (out,), for any layer sizes.
"""

import torch


def forward_pass(params: dict[str, torch.Tensor], x: torch.Tensor) -> dict[str, torch.Tensor]:
    """What every unit of the network says to one input (DL12 七 §2.1, §2.3).

    Args:
        params: W1 (hidden, in), b1 (hidden,), W2 (out, hidden), b2 (out,); each unit has its
            own bias.
        x: one input, (in,).

    Returns:
        A dict with two keys: h, the activations of the hidden layer, (hidden,), and o, those
        of the output layer, (out,), in the dtype of the inputs.
    """
    h = torch.sigmoid(params["W1"] @ x + params["b1"])  # (hidden,)
    o = torch.sigmoid(params["W2"] @ h + params["b2"])  # (out,)
    return {"h": h, "o": o}


def backward_pass(
    params: dict[str, torch.Tensor], x: torch.Tensor, target: torch.Tensor
) -> dict[str, torch.Tensor]:
    """The gradient of E = ½·Σ(o - target)² by every parameter (DL12 七 §2.2, §2.3).

    Args:
        params: W1 (hidden, in), b1 (hidden,), W2 (out, hidden), b2 (out,).
        x: one input, (in,).
        target: what the output layer should have said, (out,).

    Returns:
        A dict with the keys of `params`: under each the gradient, in that parameter's shape and
        dtype.
    """
    h = torch.sigmoid(params["W1"] @ x + params["b1"])  # (hidden,)
    o = torch.sigmoid(params["W2"] @ h + params["b2"])  # (out,)
    delta_o = (o - target) * o * (1 - o)  # (out,): dE by the output layer's weighted sums
    delta_h = (params["W2"].T @ delta_o) * h * (1 - h)  # (hidden,): every path from h to E
    return {
        "W1": torch.outer(delta_h, x),  # (hidden, in)
        "b1": delta_h,
        "W2": torch.outer(delta_o, h),  # (out, hidden)
        "b2": delta_o,
    }


def sgd_step(
    params: dict[str, torch.Tensor], grads: dict[str, torch.Tensor], lr: float
) -> dict[str, torch.Tensor]:
    """One step of gradient descent on every parameter (DL12 七 §1, §2.3).

    Args:
        params: the parameters by name; neither the dict nor its tensors are changed.
        grads: the gradients under the same names, in any order.
        lr: the learning rate.

    Returns:
        A new dict with the keys of `params` and the tensors after the step.
    """
    return {name: param - lr * grads[name] for name, param in params.items()}
