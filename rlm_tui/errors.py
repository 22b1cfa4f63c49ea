"""Every error that rlm-tui raises on purpose.

RlmTuiError
├── UsageError         what was asked for cannot be meant (exit status 2)
├── DocumentError      the document cannot be read
├── SessionError       a session file cannot be read or written
├── ModelError         a model did not answer; `kind` says why
├── ReplError          the process that runs model code is gone or broke the protocol
└── LimitReachedError  the run may not go on; `limit` names the limit

A message is a sentence that names the file, line or key and what to do.
"""

from __future__ import annotations

from typing import Literal

ModelErrorKind = Literal[
    "auth",
    "not_found",
    "context_too_long",
    "rate_limit",
    "timeout",
    "server_error",
    "connection",
    "bad_response",
    "refused",
    "empty",
    "cancelled",
]
"""Why a model did not answer. Of these `rate_limit`, `timeout`, `server_error` and `connection`
are worth another try."""

RETRYABLE: frozenset[ModelErrorKind] = frozenset(
    {"rate_limit", "timeout", "server_error", "connection"}
)


class RlmTuiError(Exception):
    """The root of them all; `str()` is the sentence for the user."""


class UsageError(RlmTuiError):
    """What was asked for cannot be meant: a wrong flag, path, name or setting."""


class DocumentError(RlmTuiError):
    """The document cannot be read."""


class SessionError(RlmTuiError):
    """A session file cannot be read or written."""


class ModelError(RlmTuiError):
    """A model did not answer."""

    def __init__(
        self, kind: ModelErrorKind, message: str, *, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.kind: ModelErrorKind = kind
        self.retry_after = retry_after
        """Seconds the provider asked us to wait; None when it did not say."""

    @property
    def is_retryable(self) -> bool:
        """Whether the same request may succeed a little later."""
        return self.kind in RETRYABLE


class ReplError(RlmTuiError):
    """The process that runs model code is gone, or broke the protocol."""


class LimitReachedError(RlmTuiError):
    """The run may not go on."""

    def __init__(self, limit: str, message: str) -> None:
        super().__init__(message)
        self.limit = limit
