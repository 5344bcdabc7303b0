"""Trusted code called in the judge's own process, exactly as a worker calls a submission.

References and misconceptions are served by the servant that runs inside workers: arguments are
copied by the same encoding, results rebuilt by the same decoding, in-place changes noticed in the
same way.
"""

from collections.abc import Mapping
from typing import Any

import torch

from autograder.sandbox.limits import Limits, Span
from autograder.sandbox.replies import CannotTravel, Reply, Times, read_reply
from autograder.sandbox.requests import Requests
from autograder.sandbox.servant import Servant
from autograder.sandbox.wire import Encoder, Unsendable


class TrustedServant(Servant):
    """A servant that lets the judge's own interruptions through."""

    shield = Exception


class Local(Requests):
    """The names of `namespace`, in this process."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.limits = Limits()
        self.call_limit = self.limits.call
        self._servant = TrustedServant(namespace)
        self._random = torch.get_rng_state()

    def _request(
        self,
        request: dict[str, Any],
        values: Mapping[str, Any],
        span: Span,
        *,
        timed: bool = False,
        interrupt: bool = False,
    ) -> Reply:
        encoder = Encoder()
        try:
            request |= {name: encoder.encode(value) for name, value in values.items()}
        except Unsendable as error:
            return CannotTravel(what=str(error))
        with torch.random.fork_rng(devices=[]):  # seeded draws of its own, and none of the judge's
            torch.set_rng_state(self._random)
            reply, buffers = self._servant.answer(request, bytearray(b"".join(encoder.buffers)))
            self._random = torch.get_rng_state()
        return read_reply(reply, bytearray(b"".join(buffers)), Times(), interrupted=False)
