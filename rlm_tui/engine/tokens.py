"""Counts tokens; the only module that imports tiktoken.

tiktoken ships no vocabulary and would fetch one, so it is pointed at the files in litellm's wheel,
found without importing litellm. Where there are none, a token is taken to be four characters.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

_CHARS_PER_TOKEN = 4
_ENCODING = "o200k_base"
_IN_THREAD_FROM = 50_000

_PIECE = 100_000
"""Characters encoded at once: tiktoken 0.12 panics on half a million blanks in a row. A cut adds
a token at most."""


class _Encoding(Protocol):
    def encode_ordinary(self, text: str) -> list[int]: ...


def _bundled_vocabularies() -> Path | None:
    spec = importlib.util.find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / "litellm_core_utils" / "tokenizers"
    return folder if folder.is_dir() else None


def _load() -> _Encoding | None:
    folder = _bundled_vocabularies()
    if folder is None and not os.environ.get("TIKTOKEN_CACHE_DIR"):
        return None
    if folder is not None:
        os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(folder))
    import tiktoken  # noqa: PLC0415 - loads only when something is counted

    try:
        return tiktoken.get_encoding(_ENCODING)
    except (OSError, ValueError):  # no vocabulary here, and no network to fetch one
        return None


class TokenCounter:
    """Counts with one encoding; loading it takes about 0.3 s and 70 MB, once, in a thread."""

    def __init__(self) -> None:
        self._encoding: _Encoding | None = None
        self._is_loaded = False
        self._loading = asyncio.Lock()

    async def load(self) -> None:
        """Load the vocabulary, if that has not been done."""
        async with self._loading:
            if not self._is_loaded:
                self._encoding = await asyncio.to_thread(_load)
                self._is_loaded = True

    async def count(self, texts: Sequence[str]) -> int:
        """The tokens of some texts together."""
        await self.load()
        if sum(map(len, texts)) >= _IN_THREAD_FROM:
            return await asyncio.to_thread(self._count, texts)
        return self._count(texts)

    def _count(self, texts: Sequence[str]) -> int:
        if self._encoding is None:
            return sum(map(estimate, texts))
        encode = self._encoding.encode_ordinary
        return sum(
            len(encode(text[at : at + _PIECE]))
            for text in texts
            for at in range(0, len(text), _PIECE)
        )

    async def extrapolated(self, sample: str, length: int) -> int:
        """The tokens of a text of `length` characters, of which `sample` is typical."""
        if not sample:
            return 0
        return round(await self.count([sample]) * length / len(sample))


def estimate(text: str) -> int:
    """A guess at a text's tokens from its length alone."""
    return -(-len(text) // _CHARS_PER_TOKEN)
