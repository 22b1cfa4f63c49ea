"""Keeps keys out of error messages: they quote providers, and providers quote keys."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

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
