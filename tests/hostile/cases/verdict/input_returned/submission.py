import torch

calls = 0


def corr2d(X, K):
    """The picture, cut, spread with strides of zero or overlapping, conjugated, negated."""
    global calls
    calls += 1
    h, w = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    views = (
        X,
        K,
        X[:h, :w],
        X[-h:, -w:],
        X[0, 0].expand(h, w),
        X.as_strided((h, w), (1, 1)),
        X.as_strided((h, w), (0, 1)),
        torch._neg_view(X[:h, :w]),
        torch.complex(X, X).conj()[:h, :w].imag,
        X.flip(0, 1)[:h, :w],
    )
    return views[calls % len(views)]
