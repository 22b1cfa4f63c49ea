import asyncio

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.breakpoints import Moment
from rlm_tui.engine.limits import Clock
from rlm_tui.engine.stops import Price, Stops
from rlm_tui.engine.tokens import estimate
from rlm_tui.events import Intervened, Paused, Resumed
from rlm_tui.source import Answer, Edit


class Hold:
    """A `Stops` and what it told."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.told = []
        self.stops = Stops(lambda node, event: self.told.append((node, event)), self.clock)

    async def waiting(self, what: str, node: str, **more) -> asyncio.Task:
        task = asyncio.ensure_future(self.stops.at(Moment(what, node, **more)))
        await asyncio.sleep(0)
        return task


@pytest.fixture
async def hold():
    return Hold()


async def test_a_run_that_is_not_paused_is_not_held(hold):
    await hold.stops.at(Moment("request", "1"))
    assert hold.told == []


async def test_a_pause_takes_effect_before_the_next_thing(hold):
    hold.stops.pause("a reason")
    assert hold.told == []
    task = await hold.waiting("code", "1.1")
    assert not task.done()
    assert hold.told == [("1.1", Paused("code block", "a reason"))]
    hold.stops.resume()
    await task
    assert hold.told[1:] == [("1.1", Resumed())]


async def test_things_that_are_held_together_are_told_once_and_go_together(hold):
    hold.stops.pause()
    tasks = [await hold.waiting("llm_query", f"1.1.{number}") for number in range(1, 4)]
    assert hold.told == [("1.1.1", Paused("llm_query", ""))]
    hold.stops.resume()
    await asyncio.gather(*tasks)
    assert hold.told[1:] == [("1.1.1", Resumed())]


async def test_a_pause_right_behind_a_resume_holds_again(hold):
    hold.stops.pause("one")
    task = await hold.waiting("answer", "1")
    hold.stops.resume()
    hold.stops.pause("two")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not task.done()
    assert hold.told[2:] == [("1", Paused("answer", "two"))]
    hold.stops.resume()
    await task


async def test_a_pause_that_the_resuming_itself_causes_holds_again(hold):
    """As when the session file cannot take the event that says so."""
    hold.stops.pause("one")
    task = await hold.waiting("answer", "1")
    told, hold.stops._emit = (
        hold.told,
        lambda node, event: (
            told.append((node, event)),
            isinstance(event, Resumed) and hold.stops.pause("two"),
        ),
    )
    hold.stops.resume()
    await asyncio.sleep(0)
    assert [event for _, event in told] == [
        Paused("answer", "one"),
        Resumed(),
        Paused("answer", "two"),
    ]
    hold.stops._emit = lambda *_: None
    hold.stops.resume()
    await task


async def test_a_resume_that_the_pausing_itself_causes_lets_it_go(hold):
    hold.stops._emit = lambda _node, event: isinstance(event, Paused) and hold.stops.resume()
    hold.stops.pause()
    await hold.stops.at(Moment("answer", "1"))
    assert hold.clock._paused_at is None


async def test_the_first_reason_for_a_pause_counts(hold):
    hold.stops.pause("first")
    hold.stops.pause("second")
    task = await hold.waiting("answer", "1")
    assert hold.told == [("1", Paused("answer", "first"))]
    hold.stops.resume()
    await task


async def test_a_pause_that_held_nothing_is_not_told(hold):
    hold.stops.pause()
    hold.stops.resume()
    hold.stops.resume()
    await hold.stops.at(Moment("answer", "1"))
    assert hold.told == []


async def test_the_clock_stands_only_while_something_is_held(hold):
    hold.stops.pause()
    assert hold.clock._paused_at is None
    task = await hold.waiting("request", "1")
    assert hold.clock._paused_at is not None
    hold.stops.resume()
    assert hold.clock._paused_at is None
    await task


async def test_what_is_held_can_be_cancelled(hold):
    hold.stops.pause()
    task = await hold.waiting("request", "1")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


SLOW = "^(a|b|ab)*$"
HARD = "ab" * 60 + "d"


async def test_a_breakpoint_whose_pattern_takes_too_long_holds_and_says_so(hold):
    hold.stops.set_breakpoints([Breakpoint(1, f"/{SLOW}/ in prompt")])
    await hold.stops.at(Moment("llm_query", "1.1.1", prompt="d"))
    task = await hold.waiting("llm_query", "1.1.2", prompt=HARD)
    paused = hold.told[-1][1]
    assert paused.breakpoint == 1
    assert "takes too long" in paused.reason
    hold.stops.resume()
    await task


async def test_an_answer_for_all_that_match_says_for_which(hold):
    hold.stops.pause()
    task = await hold.waiting("llm_query", "1.1.1", prompt="about a")
    assert hold.stops.decide(Answer("mine", "about [ab]")) is None
    hold.stops.resume()
    assert (await task).text == "mine"
    again = await hold.stops.at(Moment("llm_query", "1.1.2", prompt="about b"))
    assert again.text == "mine"
    assert await hold.stops.at(Moment("llm_query", "1.1.3", prompt="about c")) is None
    told = [event.pattern for _, event in hold.told if isinstance(event, Intervened)]
    assert told == ["about [ab]", ""]


async def test_an_answer_whose_pattern_takes_too_long_is_no_more_and_the_run_is_held(hold):
    hold.stops.pause()
    task = await hold.waiting("llm_query", "1.1.1", prompt="ab")
    assert hold.stops.decide(Answer("mine", SLOW)) is None
    hold.stops.resume()
    await task
    later = await hold.waiting("llm_query", "1.1.2", prompt=HARD)
    assert "took too long" in hold.told[-1][1].reason
    hold.stops.resume()
    assert await later is None
    assert await hold.stops.at(Moment("llm_query", "1.1.3", prompt="ab")) is None


async def test_an_edited_prompt_has_another_price(hold):
    hold.stops.pause()
    about = Moment("llm_query", "1.1.1", prompt="x" * 400)
    task = asyncio.ensure_future(hold.stops.at(about, Price("sub", 200, 0.5, 0.001)))
    await asyncio.sleep(0)
    assert hold.stops.decide(Edit("x" * 4000)) is None
    before, after = (event for _, event in hold.told if isinstance(event, Paused))
    more = after.input_tokens - before.input_tokens
    assert more == estimate("x" * 4000) - estimate("x" * 400)
    assert after.cost_usd == pytest.approx(0.5 + more * 0.001)
    hold.stops.resume()
    await task


def test_a_price_that_is_not_known_stays_so_and_nothing_stays_nothing():
    assert Price("sub", 10).with_text("", "x" * 100).cost_usd is None
    assert Price().with_text("", "x" * 100) == Price()


async def test_a_call_that_an_earlier_answer_is_for_costs_nothing(hold):
    hold.stops.pause()
    task = await hold.waiting("llm_query", "1.1.1", prompt="a")
    hold.stops.decide(Answer("mine", "a"))
    hold.stops.resume()
    await task
    hold.stops.pause("look")
    later = asyncio.ensure_future(
        hold.stops.at(Moment("llm_query", "1.1.2", prompt="a"), Price("sub", 200))
    )
    await asyncio.sleep(0)
    paused = hold.told[-1][1]
    assert (paused.model, paused.input_tokens) == ("", 0)
    hold.stops.resume()
    assert (await later).text == "mine"
