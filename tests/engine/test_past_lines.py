from __future__ import annotations

from rlm_tui.breakpoints import Moment
from rlm_tui.engine.past_lines import PastLines
from rlm_tui.events import CodeFinished, Paused, Record, ReplOutput, Resumed, SubCallStarted


def asked() -> SubCallStarted:
    return SubCallStarted("llm_query", "m", "a prompt", 1)


def at(line: int, text: str = "x = 1") -> Paused:
    return Paused("line", text=text, line=line)


def learned(*events, next_one=None) -> PastLines:
    """The stops of code 1.1."""
    lines = PastLines()
    for event in events:
        lines.learn("1.1.1" if isinstance(event, SubCallStarted) else "1.1", event)
    lines.end(Record(99, 0.0, "1.1", next_one) if next_one else None)
    return lines


def is_last(lines: PastLines, line: int, text: str = "x = 1") -> bool:
    return lines.is_last(Moment("line", "1.1", line=line, code=text))


def test_the_last_of_the_stops_is_where_a_branch_is_held():
    lines = learned(at(1), at(2), next_one=at(1))
    assert (lines.lines_of("1.1"), lines.lines_of("2.1")) == ([1, 2, 1], [])
    assert [is_last(lines, line) for line in (1, 1, 2, 1)] == [False, False, False, True]
    assert lines.step == ""


def test_a_stop_comes_behind_as_many_calls_and_printed_lines_as_then():
    lines = learned(asked(), ReplOutput("stdout", "a\nb\n"), next_one=at(1))
    assert not is_last(lines, 1)
    lines.hear("1.1.1", asked())
    lines.hear("1.1", ReplOutput("stdout", "c\n"))
    assert not is_last(lines, 1)
    lines.hear("1.1", ReplOutput("stdout", "d\n"))
    assert is_last(lines, 1)


def test_the_way_to_a_line_of_another_blocks_function_goes_through_every_line():
    lines = learned(at(1), next_one=at(3, ""))
    assert (lines.step, lines.lines_of("1.1")) == ("go", [1])
    is_last(lines, 1)
    assert (lines.step, lines.lines_of("1.1")) == ("into", [])
    assert is_last(lines, 3, "")


def test_nothing_is_waited_for_where_something_else_than_a_line_comes_next():
    for lines in (
        learned(at(1), Resumed()),
        learned(at(1), Resumed(), next_one=Paused("llm_query")),
        learned(at(1), Resumed(), CodeFinished("ok", 0.1)),
    ):
        assert lines.lines_of("1.1") == []


def test_a_stop_that_is_shared_itself_is_the_last_while_the_run_was_held_there():
    lines = learned(at(1), Resumed(), at(2))
    assert [is_last(lines, 1), is_last(lines, 2)] == [False, True]
