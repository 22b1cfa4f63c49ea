"""The offline model: no key, no network, no language model.

It plays both parts through the interface of any other model. As root it writes REPL code by rules,
as sub-model it quotes; it is deterministic and knows nothing but the messages, so it replays, steps
and branches like a real one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator

from rlm_tui.engine.models.client import Ending, ModelRequest, Piece
from rlm_tui.engine.models.offline import root, sub


class OfflineModel:
    """The client named `offline`. Any number of requests may run at once."""

    is_language_model = False

    def __init__(self, typing_pace: float = 0.0) -> None:
        """Choose how fast it types.

        Args:
            typing_pace: seconds between words, so that a person can follow; 0 for none.
        """
        self._typing_pace = typing_pace

    async def recognise(self, models: list[str]) -> None:
        """Its name was enough."""

    async def prepare(self, models: list[str]) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing is open."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Piece | Ending, None]:
        """The reply in words."""
        if request.role == "root":
            text = root.reply(request.messages)
        else:
            text = sub.reply(request.messages[-1].content)
        for word in re.findall(r"\S*\s*", text)[:-1]:
            yield Piece(word)
            if self._typing_pace > 0:
                await asyncio.sleep(self._typing_pace)
        yield Ending()
