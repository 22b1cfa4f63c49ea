"""The sub-model takes prompts apart, whoever wrote them."""

from __future__ import annotations

import pytest

from rlm_tui.engine.models.offline import happening, overview, sub

ANSWER = "The magic number for Ulm is 715."


def test_a_prompt_of_its_own_root_says_everything():
    asked = sub.taken_apart(
        "Question: Who?\n\nWords to look for, with how often: Ulm (3), a, b (2)\n\n"
        "Answer.\n\nText (lines 1,204-1251 of a.txt):\nAda.\n\nBob."
    )
    assert (asked.question, asked.text, asked.first_line) == ("Who?", "Ada.\n\nBob.", 1204)
    assert (asked.counts, asked.source) == ({"Ulm": 3, "a, b": 2}, "a.txt")


@pytest.mark.parametrize(
    "prompt",
    [
        f"Question: What is the magic number for Ulm?\n\nText:\n{ANSWER}",
        f"What is the magic number for Ulm?\n\n{ANSWER}",
        f"{ANSWER}\n\nWhat is the magic number for Ulm?",
        f"Query: What is the magic number for Ulm?\n\nContext (chunk 3):\n\n{ANSWER}",
        f"Some text: {ANSWER}\n\nQuestion: What is the magic number for Ulm?",
        f"What is the magic number for Ulm? {ANSWER}",
    ],
)
def test_question_and_text_are_found_in_prompts_of_others(prompt):
    assert sub.reply(prompt).startswith("715\n")


@pytest.mark.parametrize("prompt", ["", "Ulm", "?", "\n\n\n", "Question:", "Question: a\n\nText:"])
def test_any_prompt_gets_a_reply(prompt):
    assert sub.reply(prompt).startswith("not stated")


LOG = """\
12:00:01 INFO  gateway  GET /a status=200
12:00:02 INFO  deploy   orders 4.12.0 rolled out to six of six pods
12:00:03 INFO  gateway  GET /b status=200
12:00:04 ERROR orders   code=POOL_EMPTY msg="no free connection after 5000 ms"
12:00:05 INFO  gateway  GET /c status=200
12:00:06 ERROR orders   code=POOL_EMPTY msg="no free connection after 5000 ms"
"""


def test_of_an_error_it_tells_message_number_and_what_stood_out_before():
    question = happening.ABOUT.format(kind="POOL_EMPTY")
    reply = sub.reply(f"Question: {question}\n\nText (lines 7-12):\n{LOG}").split("\n")
    assert reply[0] == 'POOL_EMPTY: "no free connection after 5000 ms", 2 times in these lines'
    assert reply[1].startswith('  line 10: "12:00:04 ERROR')
    assert reply[2].startswith('  before it, line 8: "12:00:02 INFO  deploy')


def test_a_kind_made_from_a_message_is_found_with_its_numbers():
    told = sub.story(
        "disk full on sda#", "ok 1\nERROR disk full on sda2\nERROR disk full on sda17", 1
    )
    assert "2 times" in told
    assert sub.story("other", "ok 1", 1).startswith("not stated")


def test_a_typical_line_has_the_frequent_words():
    text = "The river is long.\nThe river and the bridge over the river.\nA cat sat there."
    reply = sub.reply(f"Question: {overview.TYPICAL}\n\nText (lines 5-7):\n{text}")
    assert "river" in reply.split("\n")[0]
    assert "  line " in reply.split("\n")[1]
    assert sub.typical("", 1).startswith("not stated")
