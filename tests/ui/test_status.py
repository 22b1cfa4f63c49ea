from __future__ import annotations

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from rlm_tui.config import Settings
from rlm_tui.events import CodeStarted, ErrorInfo, Intervened, Paused, Resumed, RetryScheduled
from rlm_tui.playhead import Playhead
from rlm_tui.ui.status import Situation, status_of
from tests.runs import HEADER, NAMED, block, numbered, random_runs, turn, whole


def at_the_end_of(records):
    playhead = Playhead()
    playhead.extend(records)
    return playhead


def status(records, *, position=None, **known):
    playhead = at_the_end_of(records)
    if position is not None:
        playhead.move_to(position)
    given = {"header": HEADER, "is_live": False, "is_playing": False, "speed": 1.0, "broken": None}
    return status_of(playhead, Situation(**(given | known)))


@pytest.mark.parametrize(
    ("name", "mode", "meaning", "reason"),
    [
        ("answered", "DONE", "done", ""),
        ("direct", "DONE", "done", ""),
        ("troubled", "DONE", "done", ""),
        ("forced", "LIMIT", "held", "200 of 200 sub-calls are used"),
        ("limited", "LIMIT", "held", "200 of 200 sub-calls are used"),
        ("cancelled", "STOPPED", "held", ""),
        ("failed", "FAILED", "failed", "openai/gpt-5 refused the key in OPENAI_API_KEY"),
        ("unfinished", "TORN", "failed", "the recording ends before the run did"),
        ("held", "TORN", "failed", "the recording ends before the run did"),
        ("not begun", "TORN", "failed", "the recording ends before the run did"),
    ],
)
def test_what_became_of_a_recording_is_a_word_and_why(name, mode, meaning, reason):
    told = status(NAMED[name]())
    assert (told.mode, told.meaning, told.reason) == (mode, meaning, reason)


@pytest.mark.parametrize(
    ("name", "mode", "reason"),
    [
        ("not begun", "LIVE", ""),
        ("unfinished", "LIVE", ""),
        ("held", "PAUSED", "before code 2.1 · breakpoint 1 (code)"),
        ("answered", "DONE", ""),
    ],
)
def test_what_a_live_run_does_is_a_word(name, mode, reason):
    told = status(NAMED[name](), is_live=True)
    assert (told.mode, told.reason) == (mode, reason)


def test_before_the_first_question_there_is_nothing_to_say():
    told = status([], header=None)
    assert (told.mode, told.meaning, told.reason, told.figures) == ("IDLE", "idle", "", [])


def test_a_run_without_a_header_yet_is_starting_or_did_not_begin():
    assert status([], header=None, is_live=True).mode == "STARTING"
    told = status([], header=None, broken="no such model")
    assert (told.mode, told.meaning, told.reason) == ("FAILED", "failed", "no such model")


def test_a_pause_says_before_what_and_why():
    records = numbered([("1.1.3", Paused("llm_query", "breakpoint 1", cost_usd=0.0006))])
    told = status(records, is_live=True)
    assert told.reason == "before llm_query #3 · breakpoint 1"
    assert told.next == "next step ~$0.0006"


def test_where_a_step_in_a_recording_ended_is_told_with_why_and_that_it_costs_nothing():
    records = NAMED["answered"]()
    position = next(i for i, r in enumerate(records) if isinstance(r.event, CodeStarted))
    told = status(records, position=position, stop="step")
    assert (told.mode, told.reason) == ("REPLAY", "before code 1.1 · step")
    assert told.next == "next step is recorded: free"
    assert status(records, position=position, is_playing=True, stop="step").next == ""


def test_a_live_run_that_waits_for_a_retry_says_how_long_and_until_it_goes_on():
    records = whole(turn("1", retries=1))
    at = next(i for i, r in enumerate(records) if isinstance(r.event, RetryScheduled)) + 1
    told = status(records[:at], is_live=True)
    assert (told.mode, told.meaning) == ("WAITING", "held")
    assert told.reason == "attempt 2 in 0 s: too many requests"
    assert status(records[: at + 1], is_live=True).mode == "LIVE"


def test_a_run_that_broke_off_says_why_unless_it_had_finished():
    assert status(NAMED["unfinished"](), broken="the engine died").reason == "the engine died"
    assert status(NAMED["answered"](), broken="the engine died").mode == "DONE"


def test_standing_back_is_replay_and_says_whether_the_run_goes_on():
    records = NAMED["answered"]()
    assert status(records, position=3).mode == "REPLAY"
    assert status(records, position=3).reason == ""
    assert status(records, position=3, is_live=True).reason == "the run goes on"


@pytest.mark.parametrize(("speed", "mode"), [(0.25, "REPLAY 0.25x"), (32.0, "REPLAY 32x")])
def test_playing_says_how_fast(speed, mode):
    told = status(NAMED["answered"](), position=0, is_playing=True, speed=speed)
    assert told.mode == mode


# The figures


def test_the_figures_stand_in_their_fixed_order():
    assert status(NAMED["parallel"]()).figures == [
        "it 1/20",
        "calls 5/200",
        "2.9k tok (in 2.7k out 180)",
        "$0.875",
        "00:08",
        "openai/gpt-5 > openai/gpt-5-mini",
        "sandbox: ns+landlock+seccomp",
    ]


def test_a_setting_that_is_not_in_the_header_had_its_default():
    header = replace(HEADER, settings={})
    figures = status(NAMED["nested"](), header=header).figures
    defaults = Settings()
    assert f"it 1/{defaults.max_iterations}" in figures
    assert f"calls 4/{defaults.max_sub_calls}" in figures
    assert f"depth 2/{defaults.max_depth}" in figures


@pytest.mark.parametrize("limit", [2.0, 2], ids=["float", "int"])
def test_a_limit_of_cost_is_shown_with_what_was_spent(limit):
    header = replace(HEADER, settings={"max_cost": limit})
    assert "$0.750 of $2.00" in status(NAMED["answered"](), header=header).figures


def test_what_nobody_bills_has_no_price_and_what_has_no_price_is_unknown_not_free():
    free = replace(HEADER, model="offline", sub_model="offline")
    figures = status(NAMED["answered"](), header=free).figures
    assert not any("$" in figure or "cost" in figure for figure in figures)
    assert "offline (no language model)" in figures
    unknown = with_usage(NAMED["answered"](), cost_usd=None)
    assert "cost unknown" in status(unknown).figures


def test_cached_tokens_are_named_where_there_are_some():
    records = with_usage(NAMED["answered"](), cached_tokens=1000)
    assert "3.8k tok (in 3.6k out 240 cached 3.0k)" in status(records).figures
    assert "3.8k tok (in 3.6k out 240)" in status(NAMED["answered"]()).figures


def with_usage(records, **changed):
    """The same run with another usage of every request."""

    def change(record):
        usage = getattr(record.event, "usage", None)
        if usage is None:
            return record
        event = replace(record.event, usage=replace(usage, **changed))
        return replace(record, event=event)

    return list(map(change, records))


def test_a_failure_is_told_in_the_words_of_its_error():
    records = whole(turn("1", blocks=[block("1.1")]), "failed", error=ErrorInfo("auth", "no key"))
    assert status(records).reason == "no key"


@settings(max_examples=40, deadline=None)
@given(random_runs)
def test_every_event_of_every_run_has_a_status(records):
    playhead = Playhead()
    known = Situation(HEADER, is_live=True, is_playing=False, speed=1.0, broken=None)
    for record in records:
        playhead.extend([record])
        told = status_of(playhead, known)
        assert told.mode in {"LIVE", "PAUSED", "WAITING", "DONE", "LIMIT", "STOPPED", "FAILED"}
        assert told.figures[0].startswith("it ")


@pytest.mark.parametrize("read", ["", "read 12%", "read unknown"])
def test_how_much_was_read_is_told_once_it_is_known(read):
    known = Situation(HEADER, is_live=True, is_playing=False, speed=1.0, broken=None, read=read)
    figures = status_of(Playhead(), known).figures
    assert [figure for figure in figures if "read" in figure] == ([read] if read else [])


def test_a_limit_that_was_raised_is_the_one_that_is_shown():
    raised = [
        ("", Intervened("raised_limit", "iterations 2", "iterations 20")),
        ("", Intervened("raised_limit", "cost none", "cost 3")),
    ]
    header = replace(HEADER, settings={"max_iterations": 2})
    figures = status(numbered(raised), header=header).figures
    assert "it 0/20" in figures
    assert any(figure.endswith(" of $3.00") for figure in figures)


def test_the_request_for_the_best_answer_so_far_does_not_count_as_an_iteration():
    header = replace(HEADER, settings={"max_iterations": 1})
    assert "it 1/1" in status(NAMED["forced"](), header=header).figures


def test_time_in_which_a_run_was_held_is_not_shown():
    happenings = [("1.1", Paused("code block", "")), ("1.1", Resumed())]
    first, second = numbered(happenings)
    records = [first, replace(second, at=first.at + 28)]
    assert "00:00" in status(records, is_live=True).figures
    assert "00:05" in status(records, is_live=True, passed=5.5).figures
