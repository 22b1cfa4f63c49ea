import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.engine import prices
from rlm_tui.engine.prices import FREE, Price, price_of
from rlm_tui.events import Usage

AMOUNTS = st.floats(0, 1, allow_nan=False)
COUNTS = st.integers(0, 1_000_000)


@pytest.fixture
def table(monkeypatch):
    """A table of our own in place of litellm's."""
    lines = {
        "cheap": b'{"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}',
        "host/cheap": b'{"input_cost_per_token": 5e-6, "output_cost_per_token": 5e-6}',
        "by-the-second": b'{"input_cost_per_second": 0.1, "max_input_tokens": "many"}',
        "broken": b'{"input_cost_per_token": "much"}',
    }
    monkeypatch.setattr(
        prices, "_table", lambda: {name: msgspec.Raw(line) for name, line in lines.items()}
    )


def test_prices_come_from_the_table_that_litellm_ships_without_importing_it():
    imported = "litellm" in sys.modules
    price = price_of("gpt-4o")
    assert price.input_cost_per_token > 0
    assert price.output_cost_per_token > price.input_cost_per_token
    assert ("litellm" in sys.modules) is imported


def test_a_models_own_line_goes_before_that_of_its_bare_name(table):
    assert price_of("host/cheap").input_cost_per_token == 5e-6
    assert price_of("another/cheap").input_cost_per_token == 1e-6


@pytest.mark.parametrize("name", ["nobody/knows-it", "unknown", "", "broken"])
def test_a_model_that_is_not_in_the_table_has_no_known_price(table, name):
    assert price_of(name) is None


def test_a_price_that_is_not_by_the_token_gives_no_cost(table):
    price = price_of("by-the-second")
    assert price.max_input_tokens == "many"
    assert price.cost(Usage(1, 100, 100)) is None


def test_cached_tokens_have_a_price_of_their_own():
    usage = Usage(1, input_tokens=100, output_tokens=10, cached_tokens=60)
    assert Price(1.0, 2.0, 0.5).cost(usage) == 40 + 30 + 20
    assert Price(1.0, 2.0).cost(usage) == 100 + 20


def test_more_cached_than_sent_tokens_are_not_paid_back():
    assert Price(1.0, 2.0, 0.5).cost(Usage(1, input_tokens=10, cached_tokens=99)) == 5


@pytest.mark.parametrize("price", [Price(None, 1.0), Price(1.0, None), Price()])
def test_half_a_price_is_no_price(price):
    assert price.cost(Usage(1, 1, 1)) is None


@settings(max_examples=100, deadline=None)
@given(AMOUNTS, AMOUNTS, st.none() | AMOUNTS, COUNTS, COUNTS, COUNTS)
def test_a_cost_is_never_negative_and_free_is_zero(dear, out, cached_price, sent, got, cached):
    usage = Usage(1, sent, got, cached)
    assert Price(dear, out, cached_price).cost(usage) >= 0
    assert FREE.cost(usage) == 0


@pytest.mark.parametrize("content", [None, b"{", b"[]"], ids=["missing", "torn", "a list"])
def test_without_a_table_no_price_is_known(monkeypatch, tmp_path, content):
    spec = type(sys)("spec")
    spec.submodule_search_locations = [str(tmp_path)]
    if content is not None:
        name = "model_prices_and_context_window_backup.json"
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(prices.importlib.util, "find_spec", lambda _name: spec)
    assert prices._table.__wrapped__() == {}


def test_without_litellm_no_price_is_known(monkeypatch):
    monkeypatch.setattr(prices.importlib.util, "find_spec", lambda _name: None)
    assert prices._table.__wrapped__() == {}
