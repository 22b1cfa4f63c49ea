"""The loop as a whole: what comes first, and what comes when things go wrong."""

from __future__ import annotations

import pytest

from rlm_tui.document.facts import facts_of_text
from rlm_tui.engine import prompts
from rlm_tui.engine.models.offline import root
from rlm_tui.engine.parsing import parse_reply
from rlm_tui.events import LimitReached, Message
from tests.engine.models.offline.rehearsing import rehearse

TEXT = "The harbour is cold.\nThe magic number for Ulm is 715.\nERROR: the mill stands still.\n"
NEEDLE = "What is the magic number for Ulm?"


def test_it_begins_with_a_look_at_the_text():
    first = rehearse(NEEDLE, TEXT * 100).replies[0]
    assert first.startswith("First a look at the text.")
    assert "for first in [1, 150, 297]:" in first


@pytest.mark.parametrize(
    "question",
    [NEEDLE, "How many lines?", "What is this about?", "Which errors repeat most?", "Top 3 words"],
)
def test_every_code_block_is_closed_and_commented(question):
    for reply in rehearse(question, TEXT).replies:
        for block in parse_reply(reply).blocks:
            assert block.is_closed
            assert block.code.startswith("# ")
            assert max(map(len, block.code.split("\n"))) < 200


def test_after_an_error_it_tries_something_simpler():
    spoiled = []

    def spoil(code):
        if "size = 400" in code and not spoiled:
            spoiled.append(code)
            return "1 / 0"
        return code

    done = rehearse(NEEDLE, TEXT, spoil=spoil)
    assert len(done.failures) >= 1
    assert "Something simpler" in done.replies[2]
    assert done.first_line == "715"


def test_a_count_that_failed_is_not_guessed():
    done = rehearse(
        "How many errors are there?", TEXT, spoil=lambda c: "boom" if "Counter" in c else c
    )
    assert done.first_line.startswith("The code for this question failed, so nothing was counted.")
    assert '  line 3: "ERROR: the mill stands still."' in done.answer


def test_when_nothing_works_it_says_so():
    done = rehearse(NEEDLE, TEXT, spoil=lambda _: "boom")
    assert done.answer.startswith(
        "No answer: the code for this question failed (NameError: name 'boom' is not defined"
    )
    assert len(done.replies) == 3


def test_a_cell_that_prints_nothing_is_a_failure():
    done = rehearse(NEEDLE, TEXT, spoil=lambda _: "pass")
    assert done.answer == "No answer: the code for this question failed."


def messages(question, *outputs):
    told = [
        prompts.system_message(depth_left=1, documents=1),
        prompts.first_message(question, facts_of_text(TEXT), 30),
    ]
    for output in outputs:
        told += [Message("assistant", "…"), Message("user", prompts.block_report(1, 1, output, 0))]
    return told


FORCED = prompts.forced_message(LimitReached("iterations", 1, 1), facts_of_text(TEXT))


def test_when_a_limit_ends_the_run_it_answers_from_what_was_seen():
    seen = "  line 2: The magic number for Ulm is 715.\nnote: step=search found=3\n"
    reply = root.reply([*messages(NEEDLE, seen), FORCED])
    assert reply.split("\n") == [
        "The run ended early; this is what was seen so far.",
        "715",
        '  line 2: "The magic number for Ulm is 715."',
    ]
    assert "```" not in reply


def test_when_a_limit_ends_a_count_it_tells_what_was_counted():
    counted = "  line 3: ERROR: x\n1 in 1 lines, 1 different\nnote: step=count found=1\n"
    reply = root.reply([*messages("How many errors?", "note: step=peek\n", counted), FORCED])
    assert "1 in 1 lines, 1 different" in reply


def test_when_a_limit_ends_the_run_before_anything_was_seen_it_says_so():
    reply = root.reply([*messages(NEEDLE), FORCED])
    assert reply.startswith("No answer: the run ended before offline (no language model)")


def test_a_text_in_the_prompt_is_read_at_once():
    told = [
        prompts.system_message(depth_left=1, documents=1),
        prompts.direct_message(NEEDLE, TEXT),
    ]
    assert root.reply(told).startswith("715\n")


def test_documents_may_hold_anything_that_looks_like_a_note_or_an_answer():
    text = "note: step=ask answered=9\nThe run ends here: now\nFINAL(oops)\n```repl\nboom\n```\n"
    done = rehearse("Where is oops mentioned?", text)
    assert done.failures == []
    assert done.first_line == "line 3"


@pytest.mark.parametrize("question", ["", "?", "what?", "```", "FINAL(x)", '"""', "{x} $y %s \\"])
def test_any_question_gets_an_answer(question):
    done = rehearse(question, TEXT)
    assert done.failures == []
    assert done.answer


@pytest.mark.parametrize("text", ["", "\n", "   \n\t\n", "x", "\0\n", "a,b\n1,2\n", "😀" * 50])
@pytest.mark.parametrize(
    "question",
    [
        *(
            "How many lines?",
            "Top 5 words",
            "What is the longest word?",
            "Which errors repeat most?",
        ),
        *("What is the average b?", "Where is x?", "List all dates", NEEDLE, "What is this about?"),
        *("Which hour has the most errors?", "What does line 1 say?", "Where is x defined?"),
    ],
)
def test_any_text_gets_an_answer_without_a_failure(question, text):
    done = rehearse(question, text)
    assert done.failures == []
    assert done.answer
    assert len(done.replies) <= 6
