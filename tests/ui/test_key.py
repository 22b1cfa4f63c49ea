from __future__ import annotations

from rlm_tui.ui.key import Key


def test_a_key_is_in_the_footer_only_if_it_says_so():
    key = Key("x.y", "x,f5", "do", "Do", "Do it", "Run")
    assert not key.in_footer
    assert key._replace(in_footer=True).in_footer
