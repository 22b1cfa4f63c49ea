import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_tui.document.facts import ContextFacts, facts_of_text
from rlm_tui.engine import prompts
from rlm_tui.engine.parsing import parse_reply
from rlm_tui.events import LimitReached, Message


@pytest.mark.parametrize(
    ("depth_left", "offered", "missing"),
    [
        (0, [], ["llm_query", "rlm_query"]),
        (1, ["llm_query", "llm_query_batched"], ["rlm_query"]),
        (2, ["llm_query", "rlm_query", "rlm_query_batched"], []),
    ],
    ids=["none", "plain", "recursive"],
)
def test_the_system_prompt_offers_the_calls_that_are_allowed(depth_left, offered, missing):
    message = prompts.system_message(depth_left=depth_left, documents=None)
    assert message.role == "system"
    assert all(name in message.content for name in offered)
    assert not any(name in message.content for name in missing)


def test_the_system_prompt_says_what_kind_of_variable_the_context_is():
    assert "(a str)" in prompts.system_message(depth_left=1, documents=None).content
    several = prompts.system_message(depth_left=1, documents=3).content
    assert "a dict from path to text, 3 of them" in several
    assert "text=context[path]" in several
    assert "1 of them" in prompts.system_message(depth_left=1, documents=1).content


def test_the_examples_of_the_system_prompt_give_no_answer_by_themselves():
    parsed = parse_reply(prompts.system_message(depth_left=2, documents=None).content)
    assert parsed.final is None


def test_the_first_message_does_not_grow_with_the_text():
    short, long = (
        prompts.first_message("what?", facts_of_text("line\n" * count), 30).content
        for count in (100, 200_000)
    )
    assert len(long) - len(short) < 50


@pytest.mark.parametrize(
    ("chars", "advice"),
    [
        (1, "It is short enough to be given to one sub-call."),
        (200_000, "It is short enough to be given to one sub-call."),
        (200_001, "About 2 pieces of 200,000 characters hold it."),
        (1_000_000, "About 5 pieces of 200,000 characters hold it."),
    ],
    ids=str,
)
def test_the_first_message_says_how_many_pieces_hold_the_text(chars, advice):
    facts = ContextFacts("str", chars, 1, chars // 4, "head")
    assert advice in prompts.first_message("what?", facts, 30).content


def test_the_first_message_lists_several_documents_with_their_sizes():
    facts = ContextFacts("dict", 3_500, 2, 9, "head", [("a.txt", 1_500), ("b\n.txt", 2_000)])
    content = prompts.first_message("what?", facts, 30).content
    assert "- 'a.txt': 1,500 characters\n- 'b\\n.txt': 2,000 characters" in content


def test_the_direct_message_holds_the_whole_text_and_the_question():
    message = prompts.direct_message("what is it?", "all\nof\nit")
    assert message.role == "user"
    assert "<context>\nall\nof\nit\n</context>" in message.content
    assert "what is it?" in message.content


@given(st.text(max_size=300), st.integers(1, 100))
def test_what_is_cut_out_of_a_text_is_counted(text, limit):
    shown = prompts.cut(text, limit)
    if len(text) <= limit:
        assert shown == text
    else:
        number = re.search(r"\n… \[([\d,]+) characters left out\] …\n", shown)
        left_out = int(number[1].replace(",", ""))
        head, tail = shown[: number.start()], shown[number.end() :]
        assert text.startswith(head)
        assert text.endswith(tail)
        assert len(head) + len(tail) == limit
        assert left_out + limit == len(text)


@pytest.mark.parametrize(
    ("length", "is_cut"), [(20_000, False), (20_001, True)], ids=["at the limit", "above"]
)
def test_the_model_sees_20000_characters_of_a_blocks_output(length, is_cut):
    report = prompts.block_report(1, 1, "x" * length, 0)
    assert ("characters left out" in report) is is_cut
    assert report.count("x") == 20_000


def test_a_block_report_names_the_block_where_there_are_several():
    assert prompts.block_report(2, 3, "5\n", 0) == "Output of code block 2 of 3:\n5\n"
    assert prompts.block_report(1, 1, "", 0) == "Output of the code block:\n(no output)"
    assert prompts.block_report(1, 1, "5", 12_345).endswith(
        "[12,345 more characters of output were not kept]"
    )


def test_blocks_that_did_not_run_are_named():
    assert prompts.not_run_report(2, 2).startswith("Code block 2 did not run")
    assert prompts.not_run_report(2, 4).startswith("Code blocks 2 to 4 did not run")


def test_the_footer_counts_the_turns():
    assert prompts.turn_footer(2, 30) == "[turn 2 of 30 is over, 28 left]"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("no_code", "no code and no final answer"),
        ("empty", "empty"),
        ("refused", "withheld"),
        ("cut_off", "cut off"),
        ("other_language", "json, bash"),
        ("final_unclosed", "no closing bracket"),
        ("unknown_variable", "FINAL_VAR(total)"),
        ("code_raised", "not taken"),
    ],
)
def test_an_observation_says_what_was_wrong_with_a_reply(fault, words):
    foreign = parse_reply("```json\n{}\n```\n```bash\nls\n```\n```json\n[]\n```").foreign
    told = prompts.observation(fault, foreign=foreign, variable="total", known="a, b")
    assert words in told


def test_an_unknown_variable_is_told_with_those_that_there_are():
    told = prompts.observation("unknown_variable", variable="x", known="a, b")
    assert told.endswith("Variables: a, b.")
    assert prompts.observation("unknown_variable", variable="x").endswith("Variables: none yet.")


def test_an_observation_stays_short_whatever_the_names():
    told = prompts.observation("unknown_variable", variable="x" * 9_999, known="y, " * 99_999)
    assert len(told) < 3_000


def test_the_forced_message_names_the_limit_and_how_much_there_was_to_read():
    message = prompts.forced_message(LimitReached("tokens", 9, 10), facts_of_text("a\nb\n"))
    assert isinstance(message, Message)
    assert "the limit of 10 tokens is reached" in message.content
    assert "of the 2 lines" in message.content
