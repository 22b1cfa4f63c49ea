import asyncio
from collections.abc import Callable

import pytest

from rlm_tui.config import Settings
from rlm_tui.engine import asking
from rlm_tui.engine.asking import (
    ATTEMPTS,
    BROKEN_OFF,
    EXPECTED_OUTPUT,
    Answered,
    Asker,
    Tally,
)
from rlm_tui.engine.limits import Ledger
from rlm_tui.engine.models.book import ModelBook
from rlm_tui.engine.models.client import Ending, ModelRequest, Piece
from rlm_tui.engine.prices import Price
from rlm_tui.engine.tokens import TokenCounter
from rlm_tui.errors import LimitReachedError, ModelError
from rlm_tui.events import Message, ModelDelta, RetryScheduled, Usage

FOREVER = 3600.0


class Model:
    """A model that does what each request's list says: items, errors, or something to await."""

    def __init__(self, *requests: list, is_language_model: bool = False) -> None:
        self.is_language_model = is_language_model
        self.requests = list(requests)
        self.closed = 0

    async def stream(self, _request: ModelRequest):
        try:
            for item in self.requests.pop(0):
                if isinstance(item, Exception):
                    raise item
                if callable(item):
                    await item()
                else:
                    yield item
        finally:
            self.closed += 1


class Asking:
    """An `Asker` over a model, and what it told."""

    def __init__(self, model: Model, role: str = "root", **settings) -> None:
        self.told = []
        chosen = Settings(model="m", **settings)
        book = ModelBook(chosen, read_records=lambda _: [])
        book.client = lambda _name: model
        self.ledger = Ledger(chosen, self.told.append)
        self.asker = Asker(chosen, book, self.ledger, TokenCounter(), self._emit)
        self.request = ModelRequest("m", [Message("user", "x" * 40)], role, "1", "")
        self.tally = Tally()
        self.announced = 0
        self.on_event: Callable = lambda _event: None

    def _emit(self, _node, event) -> None:
        self.told.append(event)
        self.on_event(event)

    def _announce(self) -> None:
        self.announced += 1

    async def ask(self) -> Answered:
        return await self.asker.ask(self.request, self.tally, self._announce)

    def of(self, kind: type) -> list:
        return [event for event in self.told if isinstance(event, kind)]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(asking, "FIRST_WAIT", 0.0)


def failing(kind: str, **more) -> ModelError:
    return ModelError(kind, f"it was {kind}", **more)


async def test_a_reply_is_its_pieces_and_its_reasoning_is_kept_apart():
    model = Model([Piece("why", is_reasoning=True), Piece("a "), Piece("b"), Ending("length")])
    asking_ = Asking(model)
    assert await asking_.ask() == Answered("a b", "why", "length")
    assert asking_.announced == 1
    assert model.closed == 1


async def test_a_stream_that_just_stops_has_ended_by_itself():
    assert (await Asking(Model([Piece("a")])).ask()).finish == "stop"


async def test_text_and_reasoning_are_told_in_the_order_they_come():
    think, say = Piece("t", is_reasoning=True), Piece("s")
    asking_ = Asking(Model([think, think, say, say, think]))
    await asking_.ask()
    assert asking_.of(ModelDelta) == [
        ModelDelta("tt", reasoning=True),
        ModelDelta("ss"),
        ModelDelta("t", reasoning=True),
    ]


async def test_a_slow_reply_is_told_while_it_comes():
    told = asyncio.Event()
    asking_ = Asking(Model([Piece("a"), told.wait, Piece("b")]), role="sub")
    asking_.on_event = lambda _event: told.set()
    await asking_.ask()
    assert asking_.of(ModelDelta) == [ModelDelta("a"), ModelDelta("b")]


async def test_a_quick_sub_call_is_told_only_by_its_end():
    asking_ = Asking(Model([Piece("a")]), role="sub")
    await asking_.ask()
    assert asking_.told == []


async def test_half_a_character_does_not_get_into_an_event():
    answered = await Asking(Model([Piece("a\ud83d")])).ask()
    assert answered.text == "a\ufffd"


# Usage


async def test_usage_is_what_the_provider_reports():
    asking_ = Asking(Model([Ending(usage=Usage(input_tokens=7, output_tokens=3, cached_tokens=2))]))
    await asking_.ask()
    assert asking_.tally.usage == Usage(1, 7, 3, 2, cost_usd=0.0)
    assert asking_.ledger.spent == asking_.tally.usage


async def test_usage_that_is_not_reported_is_counted_and_marked_so():
    asking_ = Asking(Model([Piece("hello world"), Ending()]))
    await asking_.ask()
    assert asking_.tally.usage.output_tokens == 2
    assert asking_.tally.usage.input_tokens > 0
    assert asking_.tally.usage.counted


@pytest.mark.parametrize(
    ("price", "reported", "cost"),
    [
        (Price(0.1, 0.2), None, 0.1 * 10 + 0.2 * 5),
        (Price(0.1, 0.2), 0.7, 0.7),
        (Price(0.1, None), None, None),
        (None, None, None),
        (None, 0.7, 0.7),
    ],
    ids=["by the table", "by the provider", "half known", "unknown", "only the provider's"],
)
async def test_what_a_request_costs(monkeypatch, price, reported, cost):
    monkeypatch.setattr(asking, "price_of", lambda _model: price)
    usage = Usage(input_tokens=10, output_tokens=5, cost_usd=reported)
    asking_ = Asking(Model([Ending(usage=usage)], is_language_model=True))
    await asking_.ask()
    assert asking_.tally.usage.cost_usd == (cost if cost is None else pytest.approx(cost))


async def test_a_model_that_is_none_costs_nothing(monkeypatch):
    monkeypatch.setattr(asking, "price_of", lambda _model: Price(9.0, 9.0))
    asking_ = Asking(Model([Ending(usage=Usage(input_tokens=10))]))
    await asking_.ask()
    assert asking_.tally.usage.cost_usd == 0


# Limits


async def test_a_request_that_does_not_fit_is_neither_announced_nor_sent():
    asking_ = Asking(Model(), max_tokens=EXPECTED_OUTPUT + 9)
    with pytest.raises(LimitReachedError):
        await asking_.ask()
    assert asking_.announced == 0
    assert asking_.tally.usage == Usage()


async def test_a_request_is_held_in_the_account_while_it_runs():
    async def another_does_not_fit() -> None:
        with pytest.raises(LimitReachedError):
            asking_.asker.check(asking_.request)

    asking_ = Asking(Model([another_does_not_fit, Ending()]), max_tokens=EXPECTED_OUTPUT + 10)
    asking_.asker.check(asking_.request)
    await asking_.ask()
    assert asking_.ledger.reached.limit == "tokens"


async def test_an_unknown_price_is_reserved_as_nothing(monkeypatch):
    monkeypatch.setattr(asking, "price_of", lambda _model: None)
    asking_ = Asking(Model([Ending()], is_language_model=True), max_cost=0.01)
    await asking_.ask()
    assert asking_.ledger.spent.cost_usd is None


# Retries


@pytest.mark.parametrize("kind", ["rate_limit", "timeout", "server_error", "connection"])
async def test_a_failure_that_may_pass_is_tried_again_in_sight(kind):
    asking_ = Asking(Model([Piece("half"), failing(kind)], [Piece("whole")]))
    assert (await asking_.ask()).text == "whole"
    assert asking_.tally.usage.requests == 2
    assert asking_.tally.retries == 1
    (retry,) = asking_.of(RetryScheduled)
    assert (retry.attempt, retry.error.kind) == (2, kind)
    assert asking_.of(ModelDelta) == [ModelDelta("whole")]


@pytest.mark.parametrize("kind", ["auth", "not_found", "context_too_long", "refused"])
async def test_a_failure_that_will_not_pass_is_final(kind):
    asking_ = Asking(Model([failing(kind)]))
    with pytest.raises(ModelError):
        await asking_.ask()
    assert asking_.of(RetryScheduled) == []
    assert asking_.ledger.spent == Usage(1, cost_usd=0.0)


async def test_after_four_attempts_a_failure_is_final():
    model = Model(*([failing("server_error")] for _ in range(ATTEMPTS)))
    asking_ = Asking(model)
    with pytest.raises(ModelError, match="server_error"):
        await asking_.ask()
    assert [retry.attempt for retry in asking_.of(RetryScheduled)] == [2, 3, 4]
    assert asking_.tally.usage.requests == ATTEMPTS
    assert model.closed == ATTEMPTS


@pytest.mark.parametrize(
    ("asked_for", "attempt", "least", "most"),
    [
        (None, 1, 0.4, 0.6),
        (None, 3, 1.6, 2.4),
        (7.0, 1, 7.0, 7.0),
        (0.0, 1, 0.4, 0.6),
        (3600.0, 1, asking.LONGEST_WAIT, asking.LONGEST_WAIT),
    ],
    ids=["first", "third", "asked for", "asked for none", "asked for an hour"],
)
async def test_how_long_is_waited_before_another_try(monkeypatch, asked_for, attempt, least, most):
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asking, "FIRST_WAIT", 0.5)
    monkeypatch.setattr(asking.asyncio, "sleep", sleep)
    asking_ = Asking(Model())
    await asking_.asker._wait("1", attempt, failing("rate_limit", retry_after=asked_for))
    assert least <= slept[0] <= most
    assert asking_.of(RetryScheduled)[0].wait == pytest.approx(slept[0], abs=0.01)


async def test_a_provider_that_gives_no_sign_is_given_up():
    async def silence() -> None:
        await asyncio.sleep(FOREVER)

    model = Model([Piece("a"), silence], [Piece("b")])
    asking_ = Asking(model, timeout=0.02)
    assert (await asking_.ask()).text == "b"
    assert asking_.of(RetryScheduled)[0].error.message == "m gave no sign for 0.02 s"
    assert model.closed == 2


# Cancelling


async def test_a_cancelled_request_is_closed_and_counted_by_what_had_arrived():
    arrived = asyncio.Event()

    async def never() -> None:
        arrived.set()
        await asyncio.sleep(FOREVER)

    model = Model([Piece("12345678"), Piece("1234", is_reasoning=True), never])
    asking_ = Asking(model)
    task = asyncio.ensure_future(asking_.ask())
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.closed == 1
    assert asking_.tally.usage == Usage(1, 10, 3, cost_usd=0.0, counted=True)
    assert asking_.ledger.spent == asking_.tally.usage
    assert asking_.ledger._held_tokens == 0


async def test_no_text_is_told_after_a_request_has_ended():
    asking_ = Asking(Model([Piece("a"), failing("auth")]))
    with pytest.raises(ModelError):
        await asking_.ask()
    assert asking_.told == []
    timers = asyncio.get_running_loop()._scheduled
    assert all(timer.cancelled() for timer in timers)


async def test_what_was_begun_because_of_a_reply_makes_what_came_of_it_the_reply():
    """To ask again would run other code after this one."""
    heard = asyncio.Event()
    asking_ = Asking(Model([Piece("code"), heard.wait, failing("connection")]))

    def hear(text: str) -> bool:
        heard.set()
        return text == "code"

    answered = await asking_.asker.ask(asking_.request, asking_.tally, lambda: None, hear)
    assert answered == Answered("code", "", BROKEN_OFF)
    assert asking_.tally.usage.counted
    assert asking_.tally.usage.output_tokens > 0
    assert asking_.of(RetryScheduled) == []


async def test_what_was_only_heard_is_asked_for_again():
    heard = asyncio.Event()
    asking_ = Asking(Model([Piece("co"), heard.wait, failing("connection")], [Piece("code")]))

    def hear(_text: str) -> bool:
        heard.set()
        return False

    answered = await asking_.asker.ask(asking_.request, asking_.tally, lambda: None, hear)
    assert answered == Answered("code", "", "stop")
    assert len(asking_.of(RetryScheduled)) == 1
