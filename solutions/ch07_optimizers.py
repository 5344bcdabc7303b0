"""Reference solutions of ch07: Adam as a function and as an optimizer object."""

from collections.abc import Iterable
from typing import Any

import torch


def adam_step(
    param: torch.Tensor,
    grad: torch.Tensor,
    state: dict[str, Any],
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> tuple[torch.Tensor, dict[str, Any]]:
    """One step of Adam on one parameter (DL12 八 §4).

    Args:
        param: the parameter, of any shape; not changed.
        grad: its gradient, same shape; not changed.
        state: {} before the parameter's first step, afterwards what the last call returned for
            it; not changed. What it holds is your own affair, as long as it is plain data.
        lr: the learning rate.
        betas: the decay rates of the averages of grad and of grad².
        eps: keeps the denominator from zero.

    Returns:
        (new param, new state).
    """
    t = state.get("t", 0) + 1
    m = betas[0] * state.get("m", torch.zeros_like(grad)) + (1 - betas[0]) * grad
    v = betas[1] * state.get("v", torch.zeros_like(grad)) + (1 - betas[1]) * grad**2
    m_hat = m / (1 - betas[0] ** t)
    v_hat = v / (1 - betas[1] ** t)
    return param - lr * m_hat / (v_hat.sqrt() + eps), {"t": t, "m": m, "v": v}


class Adam:
    """The Adam optimizer on tensors that carry their gradient in `.grad` (DL12 八 §4).

    Args:
        params: the tensors to optimize, any iterable of them; they are changed in place.
        lr: the learning rate.
        betas: the decay rates of the averages of the gradient and of its square.
        eps: keeps the denominator from zero.
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        self.params = list(params)
        self.lr, self.betas, self.eps = lr, betas, eps
        self.t = [0 for _ in self.params]
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]

    def step(self) -> None:
        """One step on every parameter that has a gradient; the others, and their state, rest."""
        beta1, beta2 = self.betas
        with torch.no_grad():
            for i, (p, m, v) in enumerate(zip(self.params, self.m, self.v, strict=True)):
                if p.grad is None:
                    continue
                self.t[i] += 1
                m.mul_(beta1).add_((1 - beta1) * p.grad)
                v.mul_(beta2).add_((1 - beta2) * p.grad**2)
                m_hat = m / (1 - beta1 ** self.t[i])
                v_hat = v / (1 - beta2 ** self.t[i])
                p.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters: afterwards each `.grad` is None or zero."""
        for p in self.params:
            p.grad = None
