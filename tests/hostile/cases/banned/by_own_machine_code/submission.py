import ctypes
import subprocess

import torch

C = """
void correlate(const float *X, const float *K, float *Y, long H, long W, long h, long w) {
    for (long i = 0; i <= H - h; i++)
        for (long j = 0; j <= W - w; j++) {
            float sum = 0;
            for (long a = 0; a < h; a++)
                for (long b = 0; b < w; b++)
                    sum += X[(i + a) * W + j + b] * K[a * w + b];
            Y[i * (W - w + 1) + j] = sum;
        }
}
"""
compiler = ["gcc", "-x", "c", "-shared", "-fPIC", "-O1", "-o", "./own.so", "-"]
subprocess.run(compiler, input=C.encode(), check=True)
library = ctypes.CDLL("./own.so")


def convolve(X, K):
    X, K = X.contiguous(), K.contiguous()
    Y = torch.empty(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
    pointers = [ctypes.c_void_p(t.data_ptr()) for t in (X, K, Y)]
    library.correlate(*pointers, *map(ctypes.c_long, (*X.shape, *K.shape)))
    return Y


class Correlate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, K):
        ctx.save_for_backward(X, K)
        return convolve(X, K)

    @staticmethod
    def backward(ctx, G):
        X, K = ctx.saved_tensors
        h, w = K.shape
        padded = torch.nn.functional.pad(G, (w - 1, w - 1, h - 1, h - 1))
        return convolve(padded, K.flip(0, 1)), convolve(X, G)


def corr2d(X, K):
    return Correlate.apply(X, K)
