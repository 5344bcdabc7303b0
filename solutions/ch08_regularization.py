"""Reference solutions of ch08: dropout with a given mask, and dropout that draws its own.

Both are inverted dropout (DL12 十 §1): what is kept is scaled while training, so that the layer
can simply be left out afterwards.
"""

import torch


def dropout_layer(X: torch.Tensor, dropout: float) -> torch.Tensor:
    """Dropout as it is applied while training, with a fresh draw at every call (DL12 十 §1).

    Args:
        X: activations of any shape; left as they are.
        dropout: the probability in [0, 1] that an element is dropped. 0 drops nothing, 1 drops
            everything.

    Returns:
        A tensor of X's shape whose expected value is X, for every dropout below 1.
    """
    if dropout == 1:
        return torch.zeros_like(X)  # 0 / 0 would be NaN
    keep = torch.rand(X.shape, device=X.device) >= dropout  # X's shape: a draw for each element
    return X * keep / (1 - dropout)


def dropout_with_mask(X: torch.Tensor, mask: torch.Tensor, p: float) -> torch.Tensor:
    """Dropout whose draw was made elsewhere (DL12 十 §1).

    Args:
        X: activations of any shape; left as they are.
        mask: X's shape and dtype; 1 where an element is kept, 0 where it is dropped.
        p: the probability in [0, 1] of being dropped, with which the mask was drawn. p = 1 comes
            with a mask of zeros.

    Returns:
        A tensor of X's shape.
    """
    if p == 1:
        return torch.zeros_like(X)  # 0 / 0 would be NaN
    return X * mask / (1 - p)
