"""What can be said of a text without understanding it."""

from __future__ import annotations

import pytest

from tests.engine.models.offline.rehearsing import rehearse

PROSE = (
    "# River\n\n" + "The river is long and the bridge is old.\n\n" * 30 + "# Bridge\n\nThe end.\n"
)


@pytest.mark.parametrize("question", ["What is this about?", "Summarise the text", "what?"])
def test_it_says_that_it_is_no_summary_and_counts_and_quotes(question):
    done = rehearse(question, PROSE)
    assert done.failures == []
    lines = done.answer.split("\n")
    assert lines[0].startswith("No summary: this model is offline (no language model).")
    assert lines[1].startswith("65 lines, 1,288 characters. Frequent words: river (31)")
    assert lines[2:4] == ["  line 1: River", "  line 63: Bridge"]
    assert len(done.prompts) == 10
    assert any('"The river is long and the bridge is old."' in line for line in lines)


def test_of_a_program_it_names_the_definitions():
    code = "import os\n\n\ndef run():\n    return 1\n\n\nclass Ada:\n    x = 1\n"
    assert "  line 4: def run():\n  line 8: class Ada:" in rehearse("What is this?", code).answer


def test_without_sub_calls_it_does_without():
    done = rehearse("What is this about?", PROSE, depth_left=0)
    assert (done.failures, done.prompts) == ([], [])
    assert done.answer.startswith("No summary")


def test_several_documents_are_named():
    done = rehearse("What is this about?", {"a": PROSE, "b": "# Mill\n\nThe mill is old.\n"})
    assert done.failures == []
    assert "  b, line 1: Mill" in done.answer
