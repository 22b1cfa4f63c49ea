from __future__ import annotations

from rlm_tui.spelling import nearest


def test_the_nearest_word_is_offered_only_when_one_is_near():
    assert nearest("repaly", ["ask", "replay"]) == " Did you mean replay?"
    assert nearest("xyz", ["ask", "replay"]) == ""
    assert nearest("", []) == ""


def test_a_word_in_another_case_is_near():
    assert nearest("final", ["code", "FINAL"]) == " Did you mean FINAL?"
