"""Turns whatever a provider's client raises into a `ModelError` with one sentence for the user.

litellm's own classes are not enough to go by: it calls a refused connection an internal server
error, a 403 a bad request, and a timeout in the middle of a stream a connection error. So the whole
chain of causes is read, by class name, because its libraries are not ours to import.
"""

from __future__ import annotations

import email.utils
import math
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast
from urllib.parse import urlsplit

from rlm_tui.errors import ModelError, ModelErrorKind

LONGEST_QUOTE = 300
"""Characters kept of what a provider says."""

HOW_TO_GIVE_KEY = "or name a file that does with --env-file, or try --model offline."

_SECRET_VARIABLES = ("_KEY", "_TOKEN", "_SECRET")
_PLAIN_FROM = 8
"""From this length on a secret is struck out wherever it stands, below it only as a whole word."""

_SECRET_SHAPES = re.compile(
    r"\bsk[-_][\w*.-]{6,}"
    r"|\b(?:pk-|rk-|gsk_|xai-|hf_|pplx-|nvapi-|AIza)[\w*-]{16,}"
    r"|(?i:bearer)\s+[\w*.~+/=-]{6,}"
    r"|(?i:(?<=[?&]key=)|(?<=token=))[^&\s\"']+"
)
_STRUCK_OUT = "[key]"

_BOILERPLATE = re.compile(
    r"^(?:\s*(?:litellm\.)?\w*(?:Error|Exception|Timeout)\b\s*[:-]\s*|\s*Error code: \d+ - )+"
)
"""Such as `litellm.RateLimitError: RateLimitError: OpenAIException - ` before what was said."""

_TAGS = re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]*>", re.DOTALL | re.IGNORECASE)

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
_NO_KEY = re.compile(r"missing credentials|api_key client option must be set", re.IGNORECASE)
_TOO_MANY = re.compile(r"rate.?limit|too_many_requests|\b429\b", re.IGNORECASE)

_WRAPPERS = frozenset({"APIConnectionError", "MidStreamFallbackError"})
"""Classes whose status is litellm's invention: what they wrap had none."""

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
    401: "no_key",
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
_HTTP_ERRORS = range(400, 600)
_SERVER_ERRORS = range(500, 600)
_CLIENTS_FAULT = (None, 400, 422)
"""Statuses whose words tell what was wrong; of a 500 they may tell anything."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request went, for sentences."""

    model: str
    """The name that the user gave."""
    provider: str
    """litellm's word, such as `openai`."""
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


@dataclass(frozen=True, slots=True)
class _Failure:
    """What a chain of exceptions says."""

    classes: frozenset[str]
    """The names of all classes in it, ancestors included."""
    status: int | None
    """Of the HTTP response; None when there was none."""
    words: str
    """The provider's own."""
    code: str
    """The provider's `code` and `type`; empty when it gave none."""
    retry_after: float | None

    def is_a(self, *names: str) -> bool:
        return not self.classes.isdisjoint(names)

    def says(self, pattern: re.Pattern[str]) -> bool:
        return bool(pattern.search(self.words) or pattern.search(self.code))


_RULES: tuple[tuple[_Cause, Callable[[_Failure], bool]], ...] = (
    ("too_long", lambda it: it.is_a("ContextWindowExceededError")),
    ("too_long", lambda it: it.status in _CLIENTS_FAULT and it.says(_TOO_LONG)),
    ("withheld", lambda it: it.is_a("ContentPolicyViolationError")),
    ("withheld", lambda it: it.status in _CLIENTS_FAULT and it.says(_WITHHELD)),
    ("no_credit", lambda it: it.says(_NO_CREDIT)),
    ("no_key", lambda it: it.says(_NO_KEY)),
    ("not_installed", lambda it: it.is_a("ImportError")),
)
"""What goes before the status, the first that holds."""

_WITHOUT_STATUS: tuple[tuple[_Cause, tuple[str, ...]], ...] = (
    ("silence", ("TimeoutException", "APITimeoutError", "TimeoutError", "Timeout")),
    ("no_host", ("gaierror",)),
    ("closed_port", ("ConnectionRefusedError",)),
    ("no_tls", ("SSLError", "SSLCertVerificationError")),
    ("bad_url", ("UnsupportedProtocol", "LocalProtocolError", "InvalidURL")),
    ("no_way", ("ConnectError", "ClientConnectorError")),
    ("cut_off", ("TransportError", "ClientError", "ConnectionError", "IncompleteRead")),
)
"""What no response came for, by the classes of httpx, aiohttp and the standard library."""


def translate(error: BaseException, target: Target) -> ModelError:
    """The error as one of ours.

    Args:
        error: what litellm raised.
        target: where the request went.
    """
    failure = _read(error)
    cause = _cause(failure)
    if cause == "no_key" and target.has_key:
        cause = "bad_key"
    if cause == "closed_port" and target.base is None:
        cause = "no_way"
    return _error(cause, target, failure)


def cut_off(target: Target) -> ModelError:
    """The error for a reply without an end."""
    return _error("cut_off", target, None)


def no_chat(target: Target, words: str) -> ModelError:
    """The error for a response that is no reply."""
    return _error("garbage", target, _Failure(frozenset(), None, words, "", None))


def rejects_option(error: BaseException, option: str) -> bool:
    """Whether the host refused the request because of an option that it does not know."""
    if _read(error).status not in {400, 422}:
        return False
    return any(option in f"{each} {getattr(each, 'body', '')}" for each in _chain(error))


def redact(text: str) -> str:
    """The text without keys: those in the environment, and whatever looks like one."""
    for name, value in os.environ.items():
        secret = value.strip()
        if secret and name.upper().endswith(_SECRET_VARIABLES):
            pattern = re.escape(secret)
            if len(secret) < _PLAIN_FROM:
                pattern = rf"(?<!\w){pattern}(?!\w)"
            text = re.sub(pattern, _STRUCK_OUT, text)
    return _SECRET_SHAPES.sub(_STRUCK_OUT, text)


def shown_url(url: str) -> str:
    """A URL without user, password and query."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return redact(url)
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def seconds_to_wait(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """The seconds that a response asks to wait; None when it does not say.

    Args:
        headers: of the response; `retry-after` is a number or an HTTP date (RFC 9110, 10.2.3),
            `retry-after-ms` is OpenAI's.
        now: seconds since the epoch; None asks the clock.
    """
    told = {str(name).lower(): str(value).strip() for name, value in headers.items()}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(told[name]) / unit
        except (KeyError, ValueError):
            continue
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    try:
        then = email.utils.parsedate_to_datetime(told["retry-after"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return None
    return max(then - (time.time() if now is None else now), 0.0)


def _cause(failure: _Failure) -> _Cause:
    for cause, holds in _RULES:
        if holds(failure):
            return cause
    status = failure.status
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status is not None:
        return "failed" if status in _SERVER_ERRORS else "not_taken"
    for cause, names in _WITHOUT_STATUS:
        if failure.is_a(*names):
            return cause
    if failure.code:  # an error event in the middle of a stream
        return "too_many" if failure.says(_TOO_MANY) else "failed_midway"
    return "garbage"


def _error(cause: _Cause, target: Target, failure: _Failure | None) -> ModelError:
    kind, template = _SENTENCES[cause]
    words = failure.words if failure else ""
    url = f", and that {target.who} is the API's base URL (mostly it ends in /v1)"
    sentence = template.format(
        who=target.who,
        model=target.model,
        variable=target.key,
        timeout=target.timeout,
        where="the address" if target.base else "the network",
        spelling="the name" + (url if target.base else ""),
        status=failure.status if failure else None,
        quote=f": {words}" if words else "",
    )
    wait = failure.retry_after if failure and kind in {"rate_limit", "server_error"} else None
    return ModelError(kind, redact(sentence), retry_after=wait)


def _read(error: BaseException) -> _Failure:
    chain = list(_chain(error))
    statuses = [status for each in chain if (status := _status(each)) is not None]
    classes = frozenset(cls.__name__ for each in chain for cls in type(each).__mro__)
    return _Failure(
        classes,
        # A refused connection has a status, too, by litellm; the response's own is the innermost.
        status=statuses[-1] if statuses and not _was_never_answered(classes) else None,
        words=_words(chain),
        code=next((code for each in chain if (code := _code(each))), ""),
        retry_after=next((s for each in chain if (s := _retry_after(each)) is not None), None),
    )


def _was_never_answered(classes: frozenset[str]) -> bool:
    """Whether the chain holds an error of the transport, which an HTTP status cannot come with."""
    return any(
        not classes.isdisjoint(names) for cause, names in _WITHOUT_STATUS if cause != "silence"
    ) or not classes.isdisjoint({"TimeoutException", "APITimeoutError", "TimeoutError"})


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was made from, outermost first."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        inner: object = getattr(at, "original_exception", None)
        at = inner if isinstance(inner, BaseException) else at.__cause__ or at.__context__


def _status(error: BaseException) -> int | None:
    if type(error).__name__ in _WRAPPERS:
        return None
    response: object = getattr(error, "response", None)
    for status in (getattr(response, "status_code", None), getattr(error, "status_code", None)):
        if isinstance(status, int) and status in _HTTP_ERRORS:
            return status
    return None


def _error_object(error: BaseException) -> Mapping[str, Any]:
    """The provider's own error object: `{"message", "type", "code"}`, or what it has of these."""
    body: object = getattr(error, "body", None)
    if not isinstance(body, Mapping):
        return {}
    told = cast("Mapping[str, Any]", body)
    inner = told.get("error")
    return cast("Mapping[str, Any]", inner) if isinstance(inner, Mapping) else told


def _code(error: BaseException) -> str:
    told = _error_object(error)
    return " ".join(str(told[name]) for name in ("code", "type") if told.get(name))


def _words(chain: list[BaseException]) -> str:
    """What the provider said, on one line, without litellm's additions."""
    for error in chain:
        told = _error_object(error)
        for name in ("message", "detail", "error"):
            if isinstance(told.get(name), str):
                return _plain(told[name])
    is_wrapped = type(chain[0]).__name__ in _WRAPPERS
    said = chain[-1] if is_wrapped else chain[0]
    return _plain(str(getattr(said, "message", "") or said))


def _plain(text: str) -> str:
    text = text.partition("Traceback (most recent call last)")[0]
    text = _TAGS.sub(" ", _BOILERPLATE.sub("", text))
    text = "".join(char if char.isprintable() else " " for char in text)
    text = redact(" ".join(text.split()))  # before the cut, which might halve a key
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE].rstrip() + "…"


def _retry_after(error: BaseException) -> float | None:
    response: object = getattr(error, "response", None)
    for headers in (
        getattr(error, "litellm_response_headers", None),
        getattr(response, "headers", None),
        getattr(error, "headers", None),
    ):
        if isinstance(headers, Mapping):
            seconds = seconds_to_wait(cast("Mapping[str, str]", headers))
            if seconds is not None:
                return seconds
    return None
