from __future__ import annotations

import pytest

from rlm_tui.document.provenance import Locator
from rlm_tui.document.quotations import Mentions, quotations_of

TEXT = "".join(f"row {number} says {number * 7919} and no more\n" for number in range(1, 2_001))


def quoted(answer: str):
    locator = Locator(TEXT)
    (located,) = locator.locate([answer])
    return quotations_of(answer, locator, located)


def line(number: int) -> tuple[int, int]:
    start = TEXT.index(f"row {number} ")
    return start, TEXT.index("\n", start) + 1


@pytest.mark.parametrize(
    ("answer", "places"),
    [
        ("See line 7.", [[line(7)]]),
        ("See line 1,204 of it.", [[line(1204)]]),
        ("lines 12-14", [[(line(12)[0], line(14)[1])]]),
        ("Lines 12 to 14 and so on", [[(line(12)[0], line(14)[1])]]),
        ("lines 3, 5 and 9", [[line(3)], [line(5)], [line(9)]]),
        ("at L17", [[line(17)]]),
        ("line 99,999", [[]]),
        ("line 0", [[]]),
        ("the deadline 5 days ago", []),
    ],
)
def test_line_numbers_are_found_and_looked_up(answer, places):
    assert [list(one.places) for one in quoted(answer)] == places


@pytest.mark.parametrize(
    "marks", ['""', "''", "``", "\u201c\u201d", "\u2018\u2019", "\u00ab\u00bb"]
)
def test_quoted_words_are_found_in_the_document(marks):
    (found,) = quoted(f"It is {marks[0]}says 55433 and{marks[1]} there.")
    start = TEXT.index("says 55433 and")
    assert (found.kind, found.places) == ("quote", ((start, start + 14),))


def test_a_quotation_that_is_not_there_has_no_place():
    (found,) = quoted('He wrote "nothing of the kind" there.')
    assert found.places == ()


def test_a_quotation_that_stands_everywhere_says_so():
    (found,) = quoted('They all end in "and no more".')
    assert found.has_more


def test_a_passage_taken_over_without_marks_is_found():
    first, last = line(50)
    (found,) = quoted(f"The text has this: {TEXT[first : last + 20]}, which is odd.")
    assert found.kind == "passage"
    ((start, end),) = found.places
    assert start <= first
    assert end >= last + 20


def test_an_apostrophe_opens_no_quotation():
    assert not quoted("It's the server's disk that isn't free.")


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        ("In a.txt, line 7 says so.", 0),
        ("line 7 of b.txt, and a.txt", 1),
        ("line 7 in `b.txt`", 1),
        ("/x/b.txt line 7", 1),
        ("b.txt: line 7; a.txt: line 70", 1),
        ("# b.txt\n\n- line 7\n", 1),
        ("line 7 says so", None),
        ("In data.txt, line 7", None),
        ("In c.txt, line 7", None),
        ("In /y/c.txt, line 7", 3),
    ],
)
def test_of_several_documents_a_line_number_is_of_the_one_that_is_spoken_of(answer, meant):
    mentions = Mentions(answer, ["/x/a.txt", "/x/b.txt", "/x/c.txt", "/y/c.txt"])
    at = answer.index("line 7")
    assert [n for n in range(4) if mentions.are_of(n, at, at + 6)] == [meant] * (meant is not None)


def test_a_line_number_right_behind_the_name_of_its_document_is_found():
    locator = Locator(TEXT)
    answer = "It is in rows.txt:12-14, not in other.txt:3."
    mentions = Mentions(answer, ["/x/rows.txt", "/x/other.txt"])
    (located,) = locator.locate([answer])
    (found,) = quotations_of(answer, locator, located, mentions, 0)
    assert found.places == ((line(12)[0], line(14)[1]),)


def test_words_in_marks_within_a_line_that_is_taken_over_are_those_of_that_line():
    rows = [f'{{"number": {n}, "level": "notice", "value": {n * 7919}}}\n' for n in range(900)]
    locator = Locator("".join(rows))
    answer = f"The first is {rows[500]}and the word \u201cnotice\u201d."
    (located,) = locator.locate([answer])
    start = len("".join(rows[:500]))
    for one in quotations_of(answer, locator, located):
        inside = all(start <= first < start + len(rows[500]) for first, _ in one.places)
        assert inside == (one.until < answer.index("\u201c"))
