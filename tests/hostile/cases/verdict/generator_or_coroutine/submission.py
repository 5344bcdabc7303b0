import asyncio
import functools
import itertools
from concurrent.futures import Future

import torch


def generator(X, K):
    yield from torch.zeros(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)


async def coroutine(X, K):
    return torch.zeros(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)


def future(X, K):
    done = Future()
    done.set_result(torch.zeros(1))
    return done


KINDS = (
    generator,
    coroutine,
    future,
    lambda X, K: torch.jit.fork(torch.neg, X),
    lambda X, K: functools.partial(torch.zeros, X.shape),
    lambda X, K: itertools.repeat(0.0),
    lambda X, K: map(torch.neg, X),
    lambda X, K: asyncio.new_event_loop().create_future(),
    lambda X, K: range(10**18),
)
calls = 0


def corr2d(X, K):
    global calls
    calls += 1
    return KINDS[calls % len(KINDS)](X, K)
