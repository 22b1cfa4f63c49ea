"""What models cost and hold, read from the table in litellm's wheel without importing litellm.

The table is `model_prices_and_context_window_backup.json` (MIT licensed, about 4,000 models);
prices are US dollars a token. A model that is not in it has no known price, which is not zero.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path

import msgspec
from msgspec import Struct

from rlm_tui.events import Usage


class Price(Struct, frozen=True):
    """A model's line of the table; None where it says nothing."""

    input_cost_per_token: float | None = None
    output_cost_per_token: float | None = None
    cache_read_input_token_cost: float | None = None
    max_input_tokens: float | str | None = None

    def cost(self, usage: Usage) -> float | None:
        """The price of a request in US dollars; None when it is not known."""
        if self.input_cost_per_token is None or self.output_cost_per_token is None:
            return None
        cached = min(usage.cached_tokens, usage.input_tokens)
        cached_price = self.cache_read_input_token_cost
        if cached_price is None:
            cached_price = self.input_cost_per_token
        return (
            (usage.input_tokens - cached) * self.input_cost_per_token
            + cached * cached_price
            + usage.output_tokens * self.output_cost_per_token
        )


FREE = Price(0.0, 0.0)
"""What a model costs that nobody bills: offline, scripted, recorded."""


@functools.cache
def _table() -> dict[str, msgspec.Raw]:
    spec = importlib.util.find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        return {}
    name = "model_prices_and_context_window_backup.json"
    try:
        content = (Path(spec.submodule_search_locations[0]) / name).read_bytes()
        return msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except (OSError, msgspec.DecodeError):
        return {}


def price_of(model: str) -> Price | None:
    """A model's price; None when it is not known. The first call takes about 50 ms."""
    table = _table()
    for name in (model, model.partition("/")[2]):
        if name in table:
            try:
                return msgspec.json.decode(table[name], type=Price)
            except msgspec.DecodeError:
                return None
    return None
