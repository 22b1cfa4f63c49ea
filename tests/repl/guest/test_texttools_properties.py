"""The text helpers against the plainest code that does the same."""

from __future__ import annotations

import itertools
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.repl.guest.texttools import TextTools, fast_find_all

few = settings(max_examples=120, deadline=None)
texts = st.text(st.sampled_from("aabAB \t\n\n\r1.#=-ßü"), max_size=60)


def over(text: str) -> TextTools:
    return TextTools(lambda: text)


def lines_of(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


atoms = st.sampled_from(
    [
        "a",
        "b",
        "A",
        "1",
        ".",
        " ",
        "\\s",
        "\\S",
        "\\w",
        "\\W",
        "\\d",
        "\\D",
        "\\b",
        "\\B",
        "^",
        "$",
        "\\A",
        "\\Z",
        "[ab]",
        "[^a]",
        "[^\\n]",
        "\\n",
        "(?=a)",
        "(?!a)",
        "(?!\\s)",
        "(?<=a)",
        "(?<!a)",
        "(?<!\\s)",
        "(?<![^a])",
        "(?i:a)",
        "(?s:.)",
        "()",
    ]
)
regexes = st.recursive(
    atoms,
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map("|".join)
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "*?", "++", "*+"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        )
        | inner.map(lambda regex: f"(?>{regex})")
        | inner.map(lambda regex: f"({regex})")
    ),
    max_leaves=5,
)


@settings(max_examples=600, deadline=None)
@given(texts, regexes, st.booleans(), st.none() | st.integers(0, 3))
def test_grep_is_a_search_in_each_line(text, regex, ignore_case, limit):
    pattern = re.compile(regex, re.IGNORECASE if ignore_case else 0)
    expected = [(n, line) for n, line in enumerate(lines_of(text), 1) if pattern.search(line)]
    assert over(text).grep(regex, ignore_case, limit) == expected[:limit]


@few
@given(texts, st.integers(-2, 8), st.integers(-2, 12))
def test_lines_is_a_slice_of_the_lines(text, first, last):
    assert over(text).lines(first, last) == lines_of(text)[max(first, 1) - 1 : max(last, 0)]


@few
@given(texts, st.text("abAB ", min_size=1, max_size=3), st.none() | st.integers(0, 3))
def test_fast_find_all_goes_on_behind_each_occurrence(text, pattern, limit):
    expected, at = [], 0
    while at <= len(text) - len(pattern):
        is_here = text[at : at + len(pattern)] == pattern
        expected += [at] * is_here
        at += len(pattern) if is_here else 1
    assert fast_find_all(text, pattern, limit) == expected[:limit]
    assert over(text).count(pattern) == len(expected)


@few
@given(st.text("abAB "), st.text("abAB ", min_size=1, max_size=3), st.none() | st.integers(0, 3))
def test_without_case_is_as_if_all_were_in_lower_case(text, pattern, limit):
    found = fast_find_all(text, pattern, limit, ignore_case=True)
    assert found == fast_find_all(text.lower(), pattern.lower(), limit)
    expected = len(fast_find_all(text.lower(), pattern.lower()))
    assert over(text).count(pattern, ignore_case=True) == expected


@few
@given(texts, st.integers(1, 20), st.data())
def test_chunks_joined_without_their_overlap_are_the_text(text, size, data):
    overlap = data.draw(st.integers(0, size - 1))
    chunks = over(text).chunks(size, overlap)
    assert chunks[:1] == ([text[:size]] if text else [])
    assert "".join([*chunks[:1], *(chunk[overlap:] for chunk in chunks[1:])]) == text
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(overlap < len(chunk) <= size for chunk in chunks[1:])
    for chunk, following in itertools.pairwise(chunks):
        assert chunk[size - overlap :] == following[:overlap]


@few
@given(texts, st.lists(st.text("abAB.1", min_size=1, max_size=2), max_size=3), st.booleans())
def test_find_lines_with_any_or_all_words(text, words, ignore_case):
    def holds(line: str, word: str) -> bool:
        return word.lower() in line.lower() if ignore_case else word in line

    numbered = list(enumerate(lines_of(text), 1))
    for mode, chosen in (("any", any), ("all", all)):
        found = over(text).find_lines(" ".join(words), mode, ignore_case)
        expected = [(n, line) for n, line in numbered if chosen(holds(line, w) for w in words)]
        assert found == (expected if words else [])


@few
@given(texts, st.text("abAB.1 ", max_size=3), st.booleans())
def test_find_lines_with_a_phrase(text, phrase, ignore_case):
    expected = [
        (n, line)
        for n, line in enumerate(lines_of(text), 1)
        if (phrase.lower() in line.lower() if ignore_case else phrase in line)
    ]
    assert over(text).find_lines(phrase, "phrase", ignore_case) == expected


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["# a", "## b ##", "t", "===", "---", "", " x", "#", "-"])))
def test_sections_partition_the_text_but_for_blank_lines_before_the_first(parts):
    text = "\n".join(parts)
    sections = over(text).sections()
    joined = "".join(body for _, _, body in sections)
    if text.strip():
        assert text.endswith(joined)
        assert not text.removesuffix(joined).strip()
    lines = text.split("\n")
    for number, title, body in sections:
        assert body.split("\n")[0] == lines[number - 1]
        assert title in lines[number - 1]
    assert [number for number, _, _ in sections] == sorted({number for number, _, _ in sections})


@few
@given(st.lists(st.integers(-(10**6), 10**6) | st.decimals(-1000, 1000, places=2), min_size=1))
def test_numeric_stats_are_those_of_the_numbers(values):
    told = over(" ".join(map(str, values))).numeric_stats()
    numbers = sorted(map(float, values))
    assert told["count"] == len(numbers)
    assert (told["min"], told["max"]) == (numbers[0], numbers[-1])
    assert told["sum"] == math.fsum(numbers)
    assert told["mean"] == math.fsum(numbers) / len(numbers)


@pytest.mark.parametrize("count", [*range(1, 130), 199, 200, 201, 700, 1000, 9999])
def test_a_percentile_is_the_nearest_rank(count: int):
    told = over(" ".join(map(str, range(1, count + 1)))).numeric_stats()
    for share in (50, 90, 95, 99):
        # The smallest value that at least that share of the values do not exceed.
        smallest = next(v for v in range(1, count + 1) if v * 100 >= share * count)
        assert told[f"p{share}"] == smallest


def test_twenty_megabytes_are_searched_and_counted():
    line = "2024-01-02 INFO something happened here, user={} ok\n"
    text = "".join(line.format(n) for n in range(400_000)) + "the END: ERROR(17)\nno newline"
    tools = over(text)
    assert len(text) > 20_000_000
    assert tools.grep(r"ERROR\((\d+)\)$") == [(400_001, "the END: ERROR(17)")]
    assert tools.grep(r"something[^|]*NOT THERE") == []
    assert [number for number, _ in tools.grep("user=399999 ")] == [400_000]
    assert len(tools.find_lines("info ok", "all")) == 400_000
    assert tools.lines(400_001, 400_002) == ["the END: ERROR(17)", "no newline"]
    assert tools.lines(400_003, 400_009) == []
    assert tools.count("happened") == 400_000
    assert len(fast_find_all(text, "user=1", limit=5)) == 5
    assert sum(map(len, tools.chunks(1_000_000))) == len(text)
    assert tools.sections() == [(1, "", text)]
    assert tools.numeric_stats(r"user=(\d+)")["p50"] == 199_999
    assert tools.group_count(limit=1) == [
        ("#-#-# INFO something happened here, user=# ok", 400_000)
    ]
    assert tools.word_frequency(1)[0][1] == 400_000
