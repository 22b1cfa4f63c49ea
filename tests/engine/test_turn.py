import pytest

from rlm_tui.engine.asking import Answered
from rlm_tui.engine.parsing import parse_reply
from rlm_tui.engine.turn import Turn


def turn_of(text: str, finish: str = "stop", kind: str = "loop") -> Turn:
    return Turn("1", kind, Answered(text, "", finish), parse_reply(text))


@pytest.mark.parametrize(
    ("text", "finish", "fault"),
    [
        ("thinking aloud", "stop", "no_code"),
        ("", "stop", "empty"),
        (" \n", "stop", "empty"),
        ("<think>hm</think>\n", "stop", "empty"),
        ("", "content_filter", "refused"),
        ("I cannot", "refusal", "refused"),
        ("```repl\n1\n```\nI can", "content_filter", "refused"),
        ("", "length", "cut_off"),
        ("```repl\n1\n```\n```repl\n2", "length", "cut_off"),
        ("FINAL(4", "length", "cut_off"),
        ("FINAL(4", "stop", "final_unclosed"),
        ("```repl\n1\n```\nFINAL(4", "stop", "final_unclosed"),
        ("```json\n{}\n```", "stop", "other_language"),
        ("```json\n{}\n```\n```repl\n1\n```", "stop", None),
        ("```repl\n1\n```", "stop", None),
        ("```repl\n1", "stop", None),
    ],
    ids=[
        *("prose", "nothing", "blanks", "only reasoning", "filtered", "refused", "refused later"),
        *("cut off", "cut off in code", "cut off in an answer", "unclosed", "unclosed with code"),
        *("another language", "two languages", "code", "unclosed code"),
    ],
)
def test_what_is_wrong_with_a_reply_without_an_answer(text, finish, fault):
    assert turn_of(text, finish).fault == fault


@pytest.mark.parametrize(
    ("finish", "codes"),
    [
        ("stop", ["1", "2"]),
        ("tool_calls", ["1", "2"]),
        ("length", ["1"]),
        ("content_filter", ["1"]),
        ("refusal", ["1"]),
    ],
)
def test_a_block_that_was_broken_off_is_not_run(finish, codes):
    turn = turn_of("```repl\n1\n```\n```repl\n2", finish)
    assert [block.code for block in turn.blocks] == codes


@pytest.mark.parametrize("kind", ["direct", "forced"])
@pytest.mark.parametrize(
    ("text", "finish", "answer"),
    [
        ("  Five.\n", "stop", "Five."),
        ("<think>4 or 5</think>\nFive.", "stop", "Five."),
        ("See:\n```json\n{}\n```", "stop", "See:\n```json\n{}\n```"),
        ("```repl\n5\n```", "stop", None),
        ("FINAL(5", "stop", None),
        ("Fi", "length", None),
        ("Fi", "content_filter", None),
        ("", "stop", None),
        ("<think>5</think>", "stop", None),
    ],
    ids=[
        *("words", "reasoning and words", "a block of another language", "code", "unclosed"),
        *("cut off", "withheld", "nothing", "only reasoning"),
    ],
)
def test_a_direct_or_forced_request_is_answered_by_plain_words(kind, text, finish, answer):
    proposed = turn_of(text, finish, kind).plain_answer
    assert (proposed and proposed.answer) == answer
    if proposed is not None:
        start, end = proposed.span
        assert proposed.form == "text"
        assert text[start:end].strip() == answer


def test_plain_words_in_a_loop_are_no_answer():
    assert turn_of("Five.").plain_answer is None


def test_a_rejection_is_noted_told_and_an_event():
    turn = turn_of("```json\n{}\n```")
    rejected = turn.reject("other_language")
    assert turn.faults == [rejected]
    assert turn.reports == [rejected.observation]
    assert "json" in rejected.observation
