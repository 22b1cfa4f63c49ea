"""Reads a provider's failure off the exceptions that litellm and its libraries made of it.

litellm's own classes are not enough to go by: it calls a refused connection an internal server
error, a 403 a bad request, and a timeout in the middle of a stream a connection error. So the whole
chain of causes is read, by class name, because its libraries are not ours to import.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast

import msgspec

from rlm_tui.engine.models.redaction import redact

LONGEST_QUOTE = 300
"""Characters kept of what a provider says."""

TransportTrouble: TypeAlias = Literal[
    "silence", "no_host", "closed_port", "no_tls", "bad_url", "no_way", "cut_off"
]

TRANSPORT_ERRORS: dict[TransportTrouble, tuple[str, ...]] = {
    "silence": ("TimeoutException", "APITimeoutError", "TimeoutError", "Timeout"),
    "no_host": ("gaierror",),
    "closed_port": ("ConnectionRefusedError",),
    "no_tls": ("SSLError", "SSLCertVerificationError"),
    "bad_url": ("UnsupportedProtocol", "LocalProtocolError", "InvalidURL"),
    "no_way": ("ConnectError", "ClientConnectorError"),
    "cut_off": ("TransportError", "ClientConnectionError", "ClientPayloadError", "ConnectionError"),
}
"""Why no response came, by the classes of httpx, aiohttp and the standard library; the first one
that fits holds."""

_TRANSPORT = frozenset(name for names in TRANSPORT_ERRORS.values() for name in names)

_BOILERPLATE = re.compile(
    r"^(?:\s*(?:\w+\.)*(?:Timeout )?\w*(?:Error|Exception|Timeout)\b\s*[:-]\s*"
    r"|\s*Error code: \d+ - )+"
)
"""Such as `litellm.RateLimitError: RateLimitError: OpenAIException - ` before what was said."""

_TAGS = re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]*>", re.DOTALL | re.IGNORECASE)

_WRAPPERS = frozenset({"APIConnectionError", "MidStreamFallbackError"})
"""Classes whose status is litellm's invention: what they wrap had none."""

_HTTP_ERRORS = range(400, 600)


@dataclass(frozen=True, slots=True)
class Failure:
    """What a chain of exceptions says."""

    classes: frozenset[str] = frozenset()
    """All in it and their ancestors, by name."""
    status: int | None = None
    """Of the HTTP response; None when there was none."""
    words: str = ""
    """The provider's own."""
    code: str = ""
    """The provider's `code` and `type`; empty when it gave none."""
    retry_after: float | None = None

    mentions: str = ""
    """Everything that was said, for looking up a word."""

    def is_a(self, *names: str) -> bool:
        """Whether one of these classes is in it."""
        return not self.classes.isdisjoint(names)

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether the provider's words or code match."""
        return bool(pattern.search(self.words) or pattern.search(self.code))


def read_failure(error: BaseException) -> Failure:
    """What can be known of a failed request.

    Args:
        error: what litellm raised.
    """
    chain = list(_chain(error))
    statuses = [status for each in chain if (status := _status(each)) is not None]
    classes = frozenset(cls.__name__ for each in chain for cls in type(each).__mro__)
    # litellm gives a refused connection a status, too; a response's own is the innermost.
    is_answered = "HTTPStatusError" in classes or classes.isdisjoint(_TRANSPORT)
    return Failure(
        classes,
        status=statuses[-1] if statuses and is_answered else None,
        words=_words(chain),
        code=next((code for each in chain if (code := _code(each))), ""),
        retry_after=next((s for each in chain if (s := _retry_after(each)) is not None), None),
        mentions=" ".join(f"{each} {getattr(each, 'body', '')}" for each in chain),
    )


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
        text = _BOILERPLATE.sub("", str(getattr(error, "message", "")))
        try:
            body = msgspec.json.decode(text) if text.startswith("{") else None
        except msgspec.DecodeError:
            body = None
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
