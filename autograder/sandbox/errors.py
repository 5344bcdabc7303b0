"""What can go wrong with the sandbox itself.

    SandboxError
    ├── SandboxUnavailable     this machine can't isolate (the text says what to do)
    └── ProtocolError          a peer sent what is no frame of ours

A worker that misbehaves is never a SandboxError for the caller: it is an `Ended` reply, see
process.py.
"""


class SandboxError(Exception):
    """The sandbox, not the code in it, failed."""


class SandboxUnavailable(SandboxError):
    """This machine can't isolate untrusted code as configured."""


class ProtocolError(SandboxError):
    """A peer sent what is no frame of ours."""
