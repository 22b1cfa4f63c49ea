"""What is found by its form, and how questions speak of it."""

from __future__ import annotations

import re

import pytest

from rlm_tui.engine.models.offline.things import BY_NAME, THINGS, things_in


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        (
            "e-mail address",
            "to ada.l@example.org, bob@x-y.co.uk.",
            ["ada.l@example.org", "bob@x-y.co.uk"],
        ),
        ("IP address", "10.0.0.1 and 1.2.3.4.5 and 192.0.2.7.", ["10.0.0.1", "192.0.2.7"]),
        ("URL", "(see https://a.org/b?c=1).", ["https://a.org/b?c=1"]),
        (
            "date",
            "on 2024-05-01, 3 March 2021 and May 4, 1999",
            ["2024-05-01", "3 March 2021", "May 4, 1999"],
        ),
        ("year", "1999-2001, 2024, not 2024-05-01.", ["1999", "2001", "2024"]),
        ("number", "a1 has 3 of 4.5", ["3", "4.5"]),
        ("word", "It's a well-known fact", ["It's", "a", "well-known", "fact"]),
        ("function", "    async def run(self):", ["run"]),
        ("class", "class Ada(Base):", ["Ada"]),
        ("module", "from os.path import join", ["os.path"]),
        ("raised exception", "raise ValueError('x')", ["ValueError"]),
        ("decorator", "    @functools.cache", ["functools.cache"]),
        ("RFC", "RFC 821 and RFC-2554", ["RFC 821", "RFC-2554"]),
        ("percentage", "up 12.5 % or 3%", ["12.5 %", "3%"]),
        ("error line", "12:00 ERROR x", ["ERROR"]),
        ("error line", '{"level": "error"}', ['"error"']),
    ],
)
def test_a_thing_is_found_by_its_form(name, text, found):
    assert re.findall(BY_NAME[name].pattern, text) == found


def test_a_comment_of_one_line_is_no_shebang():
    pattern = BY_NAME["comment line"].pattern
    assert re.search(pattern, "  # why")
    assert not re.search(pattern, "#!/bin/sh")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("which ip addresses cause the most errors", ["IP address", "error line"]),
        ("list all e-mail addresses", ["e-mail address"]),
        ("how many blank lines", ["blank line"]),
        ("how many lines", ["line"]),
        ("which words are used", ["word"]),
        ("what is this", []),
    ],
)
def test_a_question_names_things_longest_first_and_in_order(question, names):
    assert [thing.one for _, _, thing in things_in(question)] == names


def test_a_pattern_has_one_group_at_most():
    assert all(re.compile(thing.pattern).groups <= 1 for thing in THINGS)
