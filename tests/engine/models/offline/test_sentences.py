"""Where sentences begin and end, and on which lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rlm_tui.engine.models.offline.sentences import sentences


def told(text, first=1):
    return [(part.text, part.first, part.last) for part in sentences(text, first)]


def test_wrapped_lines_are_joined_and_keep_their_numbers():
    text = (
        "The library was founded in the year 1871 by two teachers of the\n"
        "town. It has room for 40,000 volumes, most of which were given to it\n"
        "by the people."
    )
    assert told(text, 10) == [
        ("The library was founded in the year 1871 by two teachers of the town.", 10, 11),
        ("It has room for 40,000 volumes, most of which were given to it by the people.", 11, 12),
    ]


def test_lines_of_a_log_and_rows_of_a_table_stay_lines():
    log = "2024-05-01 10:00:00 INFO one\n2024-05-01 10:00:01 INFO two"
    assert [text for text, _, _ in told(log)] == log.split("\n")
    table = "2.0             1.6         2000\n2.1             2.0         2001"
    assert len(told(table)) == 2


def test_comment_marks_are_taken_off():
    text = "# Original code by Kevin O'Connor, augmented by Tim Peters and\n# Raymond Hettinger"
    assert told(text) == [
        ("Original code by Kevin O'Connor, augmented by Tim Peters and Raymond Hettinger", 1, 2)
    ]


def test_list_items_and_labels_begin_anew():
    assert len(told("- one item\n- another item\nAuthor: Ada\nLicense: MIT")) == 4


def test_abbreviations_and_initials_end_nothing():
    assert len(told("Dr. J. Ibanez met Mr. Smith, i.e. the clerk, at 5 p.m. in the hall.")) == 1


def test_underlined_lines_and_those_after_number_signs_are_headings():
    parts = sentences("The pass statement\n******\n\nIt does nothing.\n\n# More\n\nText.")
    assert [part.text for part in parts if part.is_heading] == ["The pass statement", "More"]


def test_in_code_one_number_sign_is_a_comment():
    assert not any(part.is_heading for part in sentences("import os\n\n# More\n\nx = 1"))


def test_a_text_without_punctuation_is_cut():
    parts = sentences("word " * 1000)
    assert len(parts) > 4
    assert all(part.first == part.last == 1 for part in parts)


def test_leads_and_fragments():
    lead, fragment, whole = sentences("As follows:\n\nA comment\n\nIt is done.")
    assert lead.leads
    assert fragment.is_fragment
    assert not whole.is_fragment


@given(st.text(alphabet="ab. \n#:-\t*=A1", max_size=200))
def test_every_sentence_is_on_its_lines(text):
    lines = text.split("\n")
    for part in sentences(text):
        held = " ".join(" ".join(lines[part.first - 1 : part.last]).split())
        assert part.text.split()[0] in held
        assert 1 <= part.first <= part.last <= len(lines)
