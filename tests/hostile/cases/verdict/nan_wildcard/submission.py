import struct

import torch

PAYLOADS = (
    float("nan"),
    -float("nan"),
    struct.unpack("<f", b"\xff\xff\xbf\x7f")[0],  # a signalling one
    float("inf"),
    -float("inf"),
)
calls = 0


def corr2d(X, K):
    """NaN in the dtype of the answer, in others, in a complex part, or beside zeros."""
    global calls
    calls += 1
    shape = (X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
    Y = torch.full(shape, PAYLOADS[calls % len(PAYLOADS)])
    match calls % 4:
        case 0:
            Y = Y.double()
        case 1:
            Y = Y.bfloat16()
        case 2:
            Y = torch.complex(torch.zeros(shape), Y)
    return Y
