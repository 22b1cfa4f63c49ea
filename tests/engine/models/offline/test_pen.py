"""Cells are Python whatever is put into them."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_tui.engine.models.offline import pen
from rlm_tui.engine.parsing import parse_reply


@given(st.text(max_size=30))
def test_a_pattern_survives_being_written_down(text):
    pattern = re.escape(text)
    assert ast.literal_eval(pen.raw(pattern)) == pattern


@given(st.text(max_size=30))
def test_a_text_survives_being_written_down(text):
    assert ast.literal_eval(pen.said(text)) == text


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8).map(re.escape), max_size=3))
def test_a_table_survives_being_written_down(entries):
    assert ast.literal_eval(pen.table(entries)) == entries


@given(st.text(max_size=60))
def test_a_final_answer_is_taken_as_it_is(text):
    final = parse_reply(pen.finish(text)).final
    assert final is not None
    assert final.content == text


def test_a_cell_is_a_fenced_block_without_indentation():
    cell = pen.Pen(is_joined=False).cell(
        """
        for number in $numbers:
            print(f"$place", len($body))
        """,
        numbers=[1, 2],
    )
    assert cell == (
        '```repl\nfor number in [1, 2]:\n    print(f"line {number:,}", len(context))\n```'
    )


def test_with_several_documents_the_text_and_the_places_are_others():
    cell = pen.Pen(is_joined=True).cell('grep("x"$text); $body; f"$place"; $quote')
    assert 'grep("x", text=text); text; f"{place(number)}"; placed(quote)' in cell


@pytest.mark.parametrize(
    ("statements", "joined"),
    [("first = 'a'", "[first, *quotes]"), ("first = 'a'\nmore = []", "[first, *more, *quotes]")],
)
def test_an_answer_is_its_line_then_more_then_quotes(statements, joined):
    cell = pen.Pen(is_joined=False).answer(statements)
    assert f'"\\n".join({joined})' in cell
    assert cell.endswith('FINAL_VAR("final_answer")\n```')


def test_words_are_listed_in_a_sentence():
    assert pen.listing(["a", "b", "c"]) == '"a", "b" and "c"'
    assert pen.listing(["a"]) == '"a"'
    assert pen.listing([]) == "nothing"
