from __future__ import annotations

from rlm_tui.document.line_marks import LineMarks
from rlm_tui.document.line_numbers import LineNumbers

TEXT = "".join(
    f"12:04:{second:02} INFO  request completed with status 200\n" for second in range(60)
)


def marks(text: str = TEXT) -> LineMarks:
    return LineMarks(LineNumbers(text).between)


def test_a_marked_line_is_in_a_prompt_that_holds_it_whole():
    chunk = "".join(TEXT.splitlines(keepends=True)[10:20])
    assert marks().is_in(15, 15, f"Look:\n{chunk}")
    assert marks().is_in(1, 11, chunk)
    assert marks().is_in(15, 15, "> 12:04:14 INFO  request completed with status 200")


def test_lines_that_only_look_like_a_marked_one_are_not_it():
    chunk = "".join(TEXT.splitlines(keepends=True)[10:20])
    assert not marks().is_in(30, 40, f"Look:\n{chunk}")
    assert not marks().is_in(15, 15, "request completed with status 200")


def test_lines_that_do_not_exist_are_in_nothing():
    assert not marks().is_in(100, 120, TEXT)
    assert not marks("").is_in(1, 1, "")


def test_a_bracket_alone_does_not_count_beside_longer_lines_but_does_where_it_is_all():
    text = "{\n  something that is long enough\n}\n"
    assert not marks(text).is_in(2, 3, "}\nunrelated")
    assert marks(text).is_in(3, 3, "a }")


def test_a_part_of_an_endless_line_is_enough():
    text = "".join(f"{number * 7919:x}," for number in range(5_000))
    assert marks(text).is_in(1, 1, f"Piece: {text[9_000:9_400]}")
    assert not marks(text).is_in(1, 1, f"Piece: {text[9_000:9_100]}")
