"""The whole exception tree. Expected outcomes are values; these are broken worlds.

LspDebuggerError
├── ConfigInvalid          a setting or a file of ours that cannot be read
├── PolicyInvalid          a policy that cannot be loaded: nothing remote until it can
├── AuditUnavailable       a record cannot be written: nothing is sent
├── EgressRefused          a connection that no route allows
├── SpawnRefused           a program that may not be started
├── ToolFailed             a helper program failed, is missing or took too long
├── BackendUnavailable     no answer from the model's server
│   └── ModelMissing       the server answers, the model is not there
├── ContextTooLong         the prompt does not fit the model
├── IndexUnavailable       the worker or its table is not usable now
├── StateUnavailable       the state directory cannot be used
└── FrameInvalid           a stream of messages that cannot be followed any further
    └── MessageInvalid     one message in it that cannot be read; the next one can
"""

from __future__ import annotations


class LspDebuggerError(Exception):
    """Base of all. `hint` is one line that says what to do next. No source text in either."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigInvalid(LspDebuggerError):
    pass


class PolicyInvalid(LspDebuggerError):
    pass


class AuditUnavailable(LspDebuggerError):
    pass


class EgressRefused(LspDebuggerError):
    pass


class SpawnRefused(LspDebuggerError):
    pass


class ToolFailed(LspDebuggerError):
    pass


class BackendUnavailable(LspDebuggerError):
    pass


class ModelMissing(BackendUnavailable):
    pass


class ContextTooLong(LspDebuggerError):
    pass


class IndexUnavailable(LspDebuggerError):
    pass


class StateUnavailable(LspDebuggerError):
    pass


class FrameInvalid(LspDebuggerError):
    pass


class MessageInvalid(FrameInvalid):
    pass
