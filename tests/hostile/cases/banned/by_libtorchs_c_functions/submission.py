import ctypes
import os

import torch

folder = os.path.join(os.path.dirname(torch.__file__), "lib")
library = ctypes.CDLL(os.path.join(folder, "libtorch_cpu.so"))


def convolve(X, K):
    """X and K have four axes; what comes back has two."""
    handles = [ctypes.c_void_p(t._cdata) for t in (X, K)]
    found, data = ctypes.c_void_p(), ctypes.c_void_p()
    sizes = []
    for size in (0, 1, 1):  # padding, stride, dilation
        sizes += [(ctypes.c_int64 * 2)(size, size), ctypes.c_int64(2)]
    code = library.aoti_torch_cpu_mkldnn__convolution_pointwise(
        *map(ctypes.byref, handles),
        None,
        *sizes,
        ctypes.c_int64(1),
        b"none",
        None,
        ctypes.c_int64(0),
        None,
        ctypes.byref(found),
    )
    assert code == 0
    library.aoti_torch_get_data_ptr(found, ctypes.byref(data))
    shape = X.shape[2] - K.shape[2] + 1, X.shape[3] - K.shape[3] + 1
    numbers = (ctypes.c_float * (shape[0] * shape[1])).from_address(data.value)
    return torch.tensor(list(numbers)).reshape(shape)


class Correlate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, K):
        ctx.save_for_backward(X, K)
        return convolve(X[None, None], K[None, None])

    @staticmethod
    def backward(ctx, G):
        X, K = ctx.saved_tensors
        h, w = K.shape
        padded = torch.nn.functional.pad(G, (w - 1, w - 1, h - 1, h - 1))
        return (
            convolve(padded[None, None], K.flip(0, 1)[None, None].contiguous()),
            convolve(X[None, None], G[None, None].contiguous()),
        )


def corr2d(X, K):
    return Correlate.apply(X, K)
