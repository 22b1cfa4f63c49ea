from __future__ import annotations

from rlm_tui.events import Variable
from rlm_tui.ui.widgets.highlighting import Span
from rlm_tui.ui.widgets.inspector_rows import (
    Row,
    code_lines,
    rule,
    text_rows,
    variable_rows,
    within,
)
from rlm_tui.variables import Held, Variables


def test_code_has_line_numbers_the_next_line_and_breakpoints_in_its_gutter():
    rows = list(code_lines("3.1", "a = 1\nb = 2\nc = 3", marked=2, stops={2, 3}))
    assert [row.number for row in rows] == [" 1  ", "●2► ", "●3  "]
    assert rows[1].meaning == "strong"
    assert [row.place for row in rows] == [("3.1", 1), ("3.1", 2), ("3.1", 3)]


def test_the_gutter_is_as_wide_as_the_last_number_and_a_breakpoint_moves_nothing():
    code = "\n" * 99
    plain = [row.number for row in code_lines("1.1", code)]
    stopped = [row.number for row in code_lines("1.1", code, stops={1, 100})]
    assert {len(number) for number in (*plain, *stopped)} == {6}


def test_a_rule_fills_the_width():
    assert rule("output", 20).text == "── output ──────────"
    assert rule("longer than it is wide", 5).text.startswith("── longer")


def test_each_line_of_a_text_is_a_row():
    assert [row.text for row in text_rows("a\n\nb")] == ["a", "", "b"]


def test_the_colours_of_a_line_fall_into_its_rows():
    row = Row("print(x)", spans=(Span(0, 5, "name"), Span(6, 7, "number")))
    assert within(row, 0, 3) == (Span(0, 3, "name"),)
    assert within(row, 3, 8) == (Span(0, 2, "name"), Span(3, 4, "number"))


def test_variables_say_what_became_of_them():
    held = {
        "old": Held(Variable("old", "str", 5, "'hello'"), "1.1"),
        "hits": Held(Variable("hits", "int", None, "3"), "2.1"),
        "more": Held(Variable("more", "list", 2, "[1, 2]"), "2.1"),
    }
    rows = list(variable_rows(Variables("2.1", held, ["gone"], frozenset({"more"}))))
    assert [row.number + row.text for row in rows] == [
        "~ hits int 3",
        "+ more list[2] [1, 2]",
        "  old  str[5] 'hello'",
        "- gone",
    ]
    assert [row.text for row in variable_rows(Variables())] == ["No variables yet."]


def test_a_variable_that_no_code_has_read_says_so_in_dim():
    held = {"a": Held(Variable("a", "int", None, "1"), "1.1")}
    (row,) = variable_rows(Variables("1.1", held), {"a"})
    assert row.text == "a int 1   never read"
    assert row.text[row.spans[0].start :] == "   never read"
