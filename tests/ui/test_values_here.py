from __future__ import annotations

from rlm_tui.ui.values_here import ValuesHere
from rlm_tui.ui.widgets.watch_pane import Watched


def stop(here: ValuesHere, code: str, **values: str) -> list[Watched]:
    """Stop in a block whose names come to these values, those left out to none."""
    for name in here.begin("1.1", code):
        here.take(name, values.get(name, "NameError"), is_error=name not in values)
    return here.rows


def test_names_that_are_set_are_shown_with_what_they_were_at_the_stop_before():
    here = ValuesHere()
    code = "for n in range(3):\n    total = n + start"
    assert stop(here, code, n="0", start="5") == [Watched("n", "0"), Watched("start", "5")]
    assert stop(here, code, n="1", total="5", start="5") == [
        Watched("n", "1", "0"),
        Watched("total", "5"),
        Watched("start", "5"),
    ]


def test_another_block_begins_anew():
    here = ValuesHere()
    stop(here, "a = 1", a="1")
    here.begin("2.1", "a = 2")
    here.take("a", "2", is_error=False)
    assert here.rows == [Watched("a", "2")]
    here.end()
    assert here.rows == []


def test_the_last_value_is_told_apart_and_there_are_only_so_many():
    here = ValuesHere()
    names = here.begin("1.1", "\n".join(f"v{number:02} = {number}" for number in range(40)))
    assert names == [f"v{number:02}" for number in range(12)]
    told = [here.take(name, "1", is_error=False) for name in names]
    assert told == [False] * 11 + [True]


def test_a_helper_of_the_repl_is_no_value_of_the_code():
    here = ValuesHere()
    helper = "<bound method TextTools.lines of <object>>"
    assert stop(here, "lines = 1\na = 2", lines=helper, a=helper) == [Watched("a", helper)]


def test_a_long_value_is_cut_and_still_told_from_another():
    here = ValuesHere()
    stop(here, "a = 1", a="x" * 500)
    assert stop(here, "a = 1", a="x" * 500 + "y") == [
        Watched("a", "x" * 80 + "…", "x" * 80 + "…"),
    ]
