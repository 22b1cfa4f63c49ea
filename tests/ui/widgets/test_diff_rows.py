from __future__ import annotations

from hypothesis import given, settings

from rlm_tui.events import Variable, VariablesChanged
from rlm_tui.trajectory import Trajectory
from rlm_tui.ui.widgets.diff_rows import diff_rows, steps_before
from rlm_tui.ui.widgets.inspector import Inspector
from tests.runs import block, call, chained, numbered, random_runs, turn
from tests.ui.widgets.conftest import all_rows, alone

QUIET = settings(max_examples=25, deadline=None)


def folded(happenings):
    trajectory = Trajectory()
    trajectory.apply_all(numbered(happenings))
    return trajectory


def value(name, text):
    return Variable(name, "int", None, text)


RUN = folded(
    chained(
        turn(
            "1",
            blocks=[
                block(
                    "1.1",
                    "a = 1\nb = 2\nprint(a)",
                    output=["1\n"],
                    calls=chained(call("1.1.1", "which?"), call("1.1.2", "where?", reply="no")),
                    changes=VariablesChanged([value("a", "1"), value("b", "2"), value("c", "3")]),
                )
            ],
        ),
        turn(
            "2",
            blocks=[
                block(
                    "2.1",
                    "a = 1\nb = 3\nprint(a)",
                    output=["1\n"],
                    changes=VariablesChanged([value("d", "4")], [value("b", "3")], ["c"]),
                )
            ],
        ),
        turn("3", blocks=[block("3.1", "a = 1\nb = 2\nprint(a)", output=[])]),
    )
)


def texts(node, back=1):
    rows = diff_rows(RUN, node, back, 50)
    return [(row.number + row.text).rstrip("─ ") for row in rows]


def test_an_iteration_is_compared_with_the_one_before():
    assert texts("2") == [
        "── code · it 1 > it 2 · left right: against another",
        "  a = 1",
        "- b = 2",
        "+ b = 3",
        "  print(a)",
        "── output",
        "the same",
        "── variables",
        "~ b 3 (was 2)",
        "- c 3",
        "+ d 4",
    ]
    assert texts("2.1") == texts("2")


def test_or_with_an_earlier_one():
    rows = texts("3", back=2)
    assert rows[0].startswith("── code · it 1 > it 3")
    assert rows[1] == "the same"
    assert "- 1" in rows
    assert steps_before(RUN, "3") == 2


def test_a_call_is_compared_with_the_one_before():
    assert texts("1.1.2")[1:] == ["- which?", "+ where?", "── reply", "- yes", "+ no"]
    assert steps_before(RUN, "1.1.2") == 1


def test_what_has_nothing_before_it_says_so():
    assert "first iteration" in texts("1")[0]
    assert "first call" in texts("1.1.1")[0]
    assert "Select an iteration" in texts("")[0]
    assert steps_before(RUN, "9.9") == 0


@QUIET
@given(random_runs)
def test_any_two_steps_of_any_run_can_be_compared(records):
    trajectory = Trajectory()
    trajectory.apply_all(records)
    for node in list(trajectory.nodes)[-6:]:
        for back in (1, steps_before(trajectory, node), 99):
            assert list(diff_rows(trajectory, node, back, 40))


async def test_the_inspector_steps_through_what_to_compare_with():
    async with alone(inspector := Inspector(), (60, 30)) as pilot:
        inspector.show(RUN, "3")
        inspector.choose("diff")
        assert "it 2 > it 3" in all_rows(inspector)[0]
        await pilot.press("left", "left", "left")
        assert "it 1 > it 3" in all_rows(inspector)[0]
        await pilot.press("right")
        assert "it 2 > it 3" in all_rows(inspector)[0]
