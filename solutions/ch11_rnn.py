"""Reference solutions of ch11: one step of a recurrent network, and the walk along a sequence.

Weights are laid out as in torch.nn.RNNCell: one row for each hidden unit (DL12 十二 §2).
"""

import torch


def rnn_cell(
    x: torch.Tensor,
    h: torch.Tensor,
    W_ih: torch.Tensor,
    W_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> torch.Tensor:
    """The hidden state after one more input (DL12 十二 §2).

    Args:
        x: the input of this step, (N, input).
        h: the hidden state before it, (N, hidden).
        W_ih: weights of the input, (hidden, input).
        W_hh: weights of the hidden state, (hidden, hidden).
        b_ih: bias of the input, (hidden,).
        b_hh: bias of the hidden state, (hidden,).

    Returns:
        The hidden state after it, (N, hidden), each value in [-1, 1].
    """
    from_input = x @ W_ih.T + b_ih  # (N, hidden)
    from_state = h @ W_hh.T + b_hh  # (N, hidden)
    return torch.tanh(from_input + from_state)


def rnn_forward(
    X: torch.Tensor,
    h0: torch.Tensor,
    W_ih: torch.Tensor,
    W_hh: torch.Tensor,
    b_ih: torch.Tensor,
    b_hh: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The hidden states along a whole batch of sequences (DL12 十二 §2).

    Args:
        X: T ≥ 1 steps for each of N sequences, time first, (T, N, input).
        h0: the hidden state before the first step, (N, hidden); left as it is.
        W_ih: weights of the input, (hidden, input).
        W_hh: weights of the hidden state, (hidden, hidden).
        b_ih: bias of the input, (hidden,).
        b_hh: bias of the hidden state, (hidden,).

    Returns:
        A pair: the state after every step, (T, N, hidden), and the state after the last one,
        (N, hidden).
    """
    h = h0
    states = []
    for x in X:  # (N, input)
        h = torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)  # (N, hidden)
        states.append(h)
    return torch.stack(states), h  # (T, N, hidden), (N, hidden)
