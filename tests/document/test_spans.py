from __future__ import annotations

from rlm_tui.document.spans import Located, Repeat, Span


def test_a_prompt_is_unknown_while_no_place_of_the_document_is_sure():
    assert Located().is_unknown
    assert Located(repeats=(Repeat(0, 40, (5, 90)),)).is_unknown
    assert not Located(spans=(Span(5, 45, 0, 40),)).is_unknown
