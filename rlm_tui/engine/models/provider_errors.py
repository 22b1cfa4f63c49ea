"""Turns whatever a provider's client raises into a `ModelError` with one sentence for the user."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rlm_tui.engine.models.provider_failure import TRANSPORT_ERRORS, Failure, read_failure
from rlm_tui.engine.models.redaction import redact, shown_url
from rlm_tui.errors import ModelError, ModelErrorKind

HOW_TO_GIVE_KEY = "or name a file that does with --env-file, or try --model offline."

_TOO_LONG = re.compile(
    r"context[ _](?:length|window|limit|size)|maximum (?:context|input|prompt)|prompt is too long"
    r"|too many (?:input )?tokens",
    re.IGNORECASE,
)
_WITHHELD = re.compile(r"content[ _](?:policy|filter|management)|safety system", re.IGNORECASE)
_NO_CREDIT = re.compile(
    r"insufficient[ _](?:quota|balance|credits|funds)|exceeded your current quota|credit balance"
    r"|billing_hard_limit",
    re.IGNORECASE,
)
_NO_KEY = re.compile(r"missing .{0,20}(?:credentials|api key)|api_key client option", re.IGNORECASE)
_TOO_MANY = re.compile(r"rate.?limit|too_many_requests|\b429\b", re.IGNORECASE)

_Cause: TypeAlias = Literal[
    "too_long",
    "withheld",
    "silence",
    "too_slow",
    "no_host",
    "closed_port",
    "no_tls",
    "bad_url",
    "no_way",
    "cut_off",
    "no_key",
    "bad_key",
    "no_credit",
    "forbidden",
    "not_installed",
    "no_model",
    "too_many",
    "not_now",
    "failed",
    "failed_midway",
    "not_taken",
    "garbage",
]

_SENTENCES: dict[_Cause, tuple[ModelErrorKind, str]] = {
    "too_long": ("context_too_long", "The request is too long for {model}{quote}"),
    "withheld": ("refused", "{who} refused the request for its content{quote}"),
    "silence": ("timeout", "{who} gave no sign for {timeout:g} s"),
    "too_slow": ("timeout", "{who} took too long (status {status}){quote}"),
    "no_host": ("connection", "The host of {who} cannot be found; check {where}."),
    "closed_port": ("connection", "{who} refuses the connection; is the server running?"),
    "no_tls": ("connection", "No safe connection to {who} can be made{quote}"),
    "bad_url": ("bad_response", "{who} is no address that can be asked{quote}"),
    "no_way": ("connection", "{who} cannot be reached; check {where}."),
    "cut_off": ("connection", "{who} broke the connection off before the reply was complete."),
    "no_key": ("auth", f"{{who}} wants a key. Set {{variable}}, {HOW_TO_GIVE_KEY}"),
    "bad_key": (
        "auth",
        "{who} refused the key in {variable}; check it or use another with --env-file.",
    ),
    "no_credit": ("auth", "{who} says that the account has no credit left{quote}"),
    "forbidden": ("auth", "{who} does not allow {model} with this key{quote}"),
    "not_installed": ("bad_response", "{model} needs what is not installed here{quote}"),
    "no_model": ("not_found", "{who} has no model {model}; check {spelling}{quote}"),
    "too_many": ("rate_limit", "{who} asks for fewer requests{quote}"),
    "not_now": ("server_error", "{who} could not do it now (status {status}){quote}"),
    "failed": ("server_error", "{who} failed (status {status}){quote}"),
    "failed_midway": ("server_error", "{who} failed in the middle of the reply{quote}"),
    "not_taken": ("bad_response", "{who} did not take the request (status {status}){quote}"),
    "garbage": ("bad_response", "{who} sent something that is no chat reply{quote}"),
}

_BY_STATUS: dict[int, _Cause] = {
    401: "bad_key",
    402: "no_credit",
    403: "forbidden",
    404: "no_model",
    408: "too_slow",
    409: "not_now",
    413: "too_long",
    425: "not_now",
    429: "too_many",
    504: "too_slow",
}
_SERVER_ERRORS = range(500, 600)
_CLIENTS_FAULT = (None, 400, 422)
"""Statuses whose words tell what was wrong; of a 500 they may tell anything."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request went, for sentences."""

    model: str
    """The name that the user gave."""
    provider: str
    """Such as `openai`."""
    base: str | None
    """The URL of the server, when it is not the provider's own."""
    key: str
    """The environment variable that holds the key, or should."""
    has_key: bool
    """Whether there was one to send."""
    timeout: float
    """Seconds."""

    @property
    def who(self) -> str:
        """The server's address without credentials, or the provider."""
        return shown_url(self.base) if self.base else self.provider


_RULES: tuple[tuple[_Cause, Callable[[Failure], bool]], ...] = (
    ("too_long", lambda it: it.is_a("ContextWindowExceededError")),
    ("too_long", lambda it: it.status in _CLIENTS_FAULT and it.says(_TOO_LONG)),
    ("withheld", lambda it: it.is_a("ContentPolicyViolationError")),
    ("withheld", lambda it: it.status in _CLIENTS_FAULT and it.says(_WITHHELD)),
    ("no_credit", lambda it: it.says(_NO_CREDIT)),
    ("no_key", lambda it: it.says(_NO_KEY)),
    ("not_installed", lambda it: it.is_a("ImportError")),
)
"""What goes before the status, the first that holds."""


def translate(error: BaseException, target: Target) -> ModelError:
    """The error as one of ours.

    Args:
        error: what litellm raised.
        target: where the request went.
    """
    failure = read_failure(error)
    cause = _cause(failure)
    if cause == "bad_key" and not target.has_key:
        cause = "no_key"
    if cause == "closed_port" and target.base is None:
        cause = "no_way"
    return _error(cause, target, failure)


def cut_off(target: Target) -> ModelError:
    """The error for a reply without an end."""
    return _error("cut_off", target, Failure())


def no_chat(target: Target, words: str) -> ModelError:
    """The error for a response that is no reply."""
    return _error("garbage", target, Failure(words=words))


def rejects_option(error: BaseException, option: str) -> bool:
    """Whether a request was refused because of an option that the host does not know."""
    failure = read_failure(error)
    return failure.status in _CLIENTS_FAULT and option in failure.mentions


def _cause(failure: Failure) -> _Cause:
    for cause, holds in _RULES:
        if holds(failure):
            return cause
    status = failure.status
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status is not None:
        return "failed" if status in _SERVER_ERRORS else "not_taken"
    for why, names in TRANSPORT_ERRORS.items():
        if failure.is_a(*names):
            return why
    if failure.code:  # an error event in the middle of a stream
        return "too_many" if failure.says(_TOO_MANY) else "failed_midway"
    return "garbage"


def _error(cause: _Cause, target: Target, failure: Failure) -> ModelError:
    kind, template = _SENTENCES[cause]
    url = f", and that {target.who} is the API's base URL (mostly it ends in /v1)"
    sentence = template.format(
        who=target.who,
        model=target.model,
        variable=target.key,
        timeout=target.timeout,
        where="the address" if target.base else "the network",
        spelling="the name" + (url if target.base else ""),
        status=failure.status,
        quote=f": {failure.words}" if failure.words else "",
    )
    wait = failure.retry_after if kind in {"rate_limit", "server_error"} else None
    return ModelError(kind, redact(sentence), retry_after=wait)
