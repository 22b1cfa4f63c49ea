"""One request to a model: reserved, streamed, tried again when that may help, and settled."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from rlm_tui.codec import printable
from rlm_tui.config import Settings
from rlm_tui.engine.limits import Ledger, Reservation
from rlm_tui.engine.models.book import ModelBook
from rlm_tui.engine.models.client import Ending, ModelRequest, Piece
from rlm_tui.engine.prices import FREE, price_of
from rlm_tui.engine.prices import Price as TokenPrice
from rlm_tui.engine.stops import Price
from rlm_tui.engine.tokens import TokenCounter, estimate
from rlm_tui.errors import ModelError
from rlm_tui.events import AnyEvent, ErrorInfo, ModelDelta, NodeId, RetryScheduled, Usage

ATTEMPTS = 4
"""How often a request is sent at most."""

FIRST_WAIT = 0.5
"""Seconds before the second attempt; each wait after it is twice as long."""

LONGEST_WAIT = 60.0
DELTA_EVERY = 0.05
"""Seconds between the events that carry a reply's text."""

EXPECTED_OUTPUT = 500
"""Tokens reserved for a reply."""

BROKEN_OFF = "broken_off"
"""How a reply ended whose stream failed after code of it had begun to run."""

Clear: TypeAlias = Callable[[], Awaitable[None]]
Hear: TypeAlias = Callable[[str], bool]
Emit: TypeAlias = Callable[[NodeId, AnyEvent], object]


@dataclass(slots=True)
class Tally:
    """What a request has used so far; the caller keeps it, whatever becomes of the request."""

    usage: Usage = field(default_factory=Usage)
    retries: int = 0
    started: float = field(default_factory=time.monotonic)
    text: list[str] = field(default_factory=list[str])
    """What arrived of the reply."""
    reasoning: list[str] = field(default_factory=list[str])

    @property
    def elapsed(self) -> float:
        """Seconds since the request was made."""
        return time.monotonic() - self.started


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole reply."""

    text: str
    reasoning: str
    finish: str


async def _at_once() -> None:
    """Nothing is ever held."""


def _nothing() -> None:
    """Nobody listens."""


@dataclass(slots=True)
class _Deltas:
    """Gathers pieces and tells them every 50 ms."""

    node: NodeId
    emit: Emit
    tells_always: bool
    """Whether a reply that is over before the first 50 ms is told, too."""
    has_told: bool = False
    on_told: Callable[[], None] = _nothing
    pending: list[Piece] = field(default_factory=list[Piece])
    timer: asyncio.TimerHandle | None = None

    def add(self, piece: Piece) -> None:
        if self.pending and self.pending[-1].is_reasoning != piece.is_reasoning:
            self.flush()
        self.pending.append(piece)
        if self.timer is None:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_later(DELTA_EVERY, self.flush)

    def flush(self) -> None:
        self.drop_timer()
        if self.pending:
            text = "".join(piece.text for piece in self.pending)
            self.emit(self.node, ModelDelta(text, self.pending[0].is_reasoning))
            self.pending.clear()
            self.has_told = True
            self.on_told()

    def drop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def end(self) -> None:
        if self.tells_always or self.has_told:
            self.flush()
        self.drop_timer()


class Asker:
    """Makes the requests of a run."""

    def __init__(
        self,
        settings: Settings,
        book: ModelBook,
        ledger: Ledger,
        counter: TokenCounter,
        emit: Emit,
        *,
        clear: Clear = _at_once,
    ) -> None:
        """Make an asker; `clear` is waited for before another attempt is sent."""
        self._settings = settings
        self._book = book
        self._ledger = ledger
        self._counter = counter
        self._emit = emit
        self._clear = clear

    def estimated_price(self, request: ModelRequest) -> Price:
        """What a request may cost, for people."""
        known = self._price(request.model)
        tokens = self.estimated_input(request)
        cost = known.cost(Usage(1, tokens, EXPECTED_OUTPUT)) if known else None
        per_token = known.input_cost_per_token if known else None
        return Price(request.model, tokens, cost, per_token)

    def _price(self, model: str) -> TokenPrice | None:
        """What a model costs; None when it is not known."""
        return price_of(model) if self._book.client(model).is_language_model else FREE

    def estimated_input(self, request: ModelRequest) -> int:
        """The request's input tokens, by its length."""
        return sum(estimate(message.content) for message in request.messages)

    def check(self, request: ModelRequest) -> None:
        """Raise LimitReachedError when the ledger would not allow a request."""
        self._ledger.settle(self._reserve(request), Usage())

    def _reserve(self, request: ModelRequest) -> Reservation:
        price = self._price(request.model)
        expected = Usage(1, self.estimated_input(request), EXPECTED_OUTPUT)
        return self._ledger.reserve(
            expected.input_tokens + expected.output_tokens,
            price.cost(expected) if price else None,
            sub_call=request.role == "sub",
        )

    async def ask(
        self,
        request: ModelRequest,
        tally: Tally,
        announce: Callable[[], None],
        hear: Hear | None = None,
    ) -> Answered:
        """Send a request, several times when that may help.

        Args:
            request: what to send.
            tally: takes what it uses.
            announce: called once the ledger allows it, before it is sent.
            hear: is told the text so far while it streams, and returns whether something was begun
                because of it; from then on what has arrived is the reply, even if no more comes.

        Raises:
            LimitReachedError: the ledger does not allow it; nothing was sent.
            ModelError: it was sent and failed for good.
        """
        price = self._price(request.model)
        reservation = self._reserve(request)
        try:
            announce()
            return await self._ask(request, tally, price, hear)
        except asyncio.CancelledError:
            # A provider bills what it has done, which nobody tells any more: an estimate.
            usage = Usage(
                input_tokens=self.estimated_input(request),
                output_tokens=sum(map(estimate, (*tally.text, *tally.reasoning))),
                counted=True,
            )
            self._book_usage(tally, usage, price)
            raise
        finally:
            self._ledger.settle(reservation, tally.usage)

    async def _ask(
        self, request: ModelRequest, tally: Tally, price: TokenPrice | None, hear: Hear | None
    ) -> Answered:
        is_bound = False

        def on_told() -> None:
            nonlocal is_bound
            if hear is not None:
                is_bound = hear("".join(tally.text))

        for attempt in range(1, ATTEMPTS + 1):
            # What failed is not billed, as far as providers say.
            tally.usage = Usage(requests=attempt, cost_usd=None if price is None else 0.0)
            tally.retries = attempt - 1
            try:
                ending = await self._attempt(request, tally, on_told)
            except ModelError as error:
                if is_bound:
                    return await self._broken_off(request, tally, price)
                if not error.is_retryable or attempt == ATTEMPTS:
                    raise
                await self._wait(request.node, attempt, error)
            else:
                answered = Answered("".join(tally.text), "".join(tally.reasoning), ending.finish)
                usage = ending.usage or await self._counted(request, answered)
                self._book_usage(tally, usage, price)
                return answered
        raise AssertionError("the last attempt returns or raises")

    async def _broken_off(
        self, request: ModelRequest, tally: Tally, price: TokenPrice | None
    ) -> Answered:
        """The reply as far as it came."""
        answered = Answered("".join(tally.text), "".join(tally.reasoning), BROKEN_OFF)
        self._book_usage(tally, await self._counted(request, answered), price)
        return answered

    async def _attempt(
        self, request: ModelRequest, tally: Tally, on_told: Callable[[], None]
    ) -> Ending:
        is_root = request.role == "root"
        deltas = _Deltas(request.node, self._emit, tells_always=is_root, on_told=on_told)
        tally.text.clear()
        tally.reasoning.clear()
        ending = Ending()
        stream = self._book.client(request.model).stream(request)
        try:
            while True:
                try:
                    async with asyncio.timeout(self._settings.timeout):
                        item = await anext(stream)
                except StopAsyncIteration:
                    break
                except TimeoutError as error:
                    raise ModelError(
                        "timeout",
                        f"{request.model} gave no sign for {self._settings.timeout:g} s",
                    ) from error
                if isinstance(item, Ending):
                    ending = item
                else:
                    piece = Piece(printable(item.text), item.is_reasoning)
                    (tally.reasoning if piece.is_reasoning else tally.text).append(piece.text)
                    deltas.add(piece)
            deltas.end()
        finally:
            deltas.drop_timer()
            await stream.aclose()
        return ending

    async def _counted(self, request: ModelRequest, answered: Answered) -> Usage:
        prompt = [message.content for message in request.messages]
        return Usage(
            input_tokens=await self._counter.count(prompt),
            output_tokens=await self._counter.count([answered.text, answered.reasoning]),
            counted=True,
        )

    @staticmethod
    def _book_usage(tally: Tally, usage: Usage, price: TokenPrice | None) -> None:
        cost = usage.cost_usd
        if cost is None and price is not None:
            cost = price.cost(usage)
        requests = max(tally.usage.requests, usage.requests, 1)
        tally.usage = msgspec.structs.replace(usage, requests=requests, cost_usd=cost)

    async def _wait(self, node: NodeId, attempt: int, error: ModelError) -> None:
        wait = FIRST_WAIT * 2 ** (attempt - 1) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        wait = min(max(wait, error.retry_after or 0.0), LONGEST_WAIT)
        info = ErrorInfo(error.kind, str(error))
        self._emit(node, RetryScheduled(attempt + 1, round(wait, 2), info))
        await asyncio.sleep(wait)
        await self._clear()
