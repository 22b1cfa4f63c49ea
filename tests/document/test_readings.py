from __future__ import annotations

import msgspec

from rlm_tui.document.readings import LEVELS, Reading


def test_a_reading_comes_back_as_it_was_sent():
    reading = Reading(7, "1.2.3", "sent", [(5, 90), (1_000, 2_000)], 3, document=2)
    assert msgspec.json.decode(msgspec.json.encode(reading), type=Reading) == reading


def test_what_was_sent_has_come_furthest():
    assert LEVELS[-1] == "sent"
    assert LEVELS.index("printed") > LEVELS.index("matched") > LEVELS.index("scanned")
