from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.ui.widgets import document_filter as module
from rlm_tui.ui.widgets.document_filter import FilteredLines


class Answering:
    """A window over known lines whose questions are answered when they are asked for."""

    def __init__(self, starts):
        self.starts = starts
        self.asked = []
        self.window = FilteredLines(lambda at, step: self.asked.append((at, step)))

    def answer(self):
        asked, self.asked = self.asked, []
        for at, step in asked:
            ahead = [start for start in self.starts if start >= at]
            behind = [start for start in self.starts if start < at][::-1]
            self.window.take(at, step, (ahead if step > 0 else behind)[: module.AT_ONCE])

    def get(self, name, at):
        """What the window says in the end."""
        for _ in range(60):
            found = getattr(self.window, name)(at)
            if not self.asked:
                return found
            self.answer()
        raise AssertionError("it asks for ever")


@given(st.sets(st.integers(0, 60)), st.lists(st.tuples(st.booleans(), st.integers(0, 61))))
@settings(max_examples=200, deadline=None)
def test_the_nearest_line_is_found_wherever_one_jumps(starts, jumps):
    known = sorted(starts)
    before, module.AT_ONCE = module.AT_ONCE, 3
    try:
        lines = Answering(known)
        for is_ahead, at in jumps:
            if is_ahead:
                expected = next((start for start in known if start >= at), None)
                assert lines.get("following", at) == expected
            else:
                expected = next((start for start in known[::-1] if start < at), None)
                assert lines.get("preceding", at) == expected
    finally:
        module.AT_ONCE = before


def test_what_is_not_known_yet_is_asked_for_and_none_until_it_comes():
    lines = Answering([5, 9])
    assert lines.window.following(0) is None
    assert lines.window.is_waiting
    assert lines.asked == [(0, 1)]
    lines.answer()
    assert lines.window.following(0) == 5
    assert lines.window.following(6) == 9


def test_only_some_stretches_are_remembered(monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 5)
    lines = Answering(list(range(100)))
    assert [lines.get("following", at) for at in range(100)] == list(range(100))
    assert len(lines.window._stretches) == module._KEPT
