from __future__ import annotations

import pytest

from rlm_tui.repl.guest.texttools import TextTools, fast_contains, fast_find, fast_find_all
from tests.repl.notebook import Notebook

TEXT = "Alpha beta\n\nbeta GAMMA  \nalpha\tbeta.\n"


def over(text: object) -> TextTools:
    return TextTools(lambda: text)


FOUND = {
    "all": (("abcabc", "bc"), {}, [1, 4]),
    "not overlapping": (("aaaaa", "aa"), {}, [0, 2]),
    "none": (("abc", "x"), {}, []),
    "nothing": (("abc", ""), {}, []),
    "nothing, any case": (("abc", ""), {"ignore_case": True}, []),
    "limit": (("aaa", "a", 2), {}, [0, 1]),
    "limit of 0": (("aaa", "a", 0), {}, []),
    "limit, any case": (("aAa", "a"), {"limit": 2, "ignore_case": True}, [0, 1]),
    "limit of 0, any case": (("aAa", "a"), {"limit": 0, "ignore_case": True}, []),
    "any case": (("aBAb", "ab"), {"ignore_case": True}, [0, 2]),
    "a literal, not a regex": (("a.c abc", "a.c"), {"ignore_case": True}, [0]),
    "characters, not bytes": (("ü🎉x", "x"), {}, [2]),
}


@pytest.mark.parametrize(("args", "options", "offsets"), FOUND.values(), ids=FOUND)
def test_fast_find_all_gives_the_offsets_of_a_literal(args, options, offsets):
    assert fast_find_all(*args, **options) == offsets


def test_fast_find_and_fast_contains_look_for_a_literal():
    assert (fast_find("ü.x", ".x"), fast_find("abc", "x"), fast_find("abc", "")) == (1, -1, 0)
    assert (fast_contains("abc", "bc"), fast_contains("abc", ".")) == (True, False)


GREPPED = {
    "in the order of the lines": ("beta", {}, [1, 3, 4]),
    "one line is found once": ("a", {}, [1, 3, 4]),
    "anchors are those of the line": (r"^beta|beta\.$", {}, [3, 4]),
    "anchors of the text, too": (r"\Aalpha|GAMMA\s+\Z", {}, [3, 4]),
    "any case": ("alpha", {"ignore_case": True}, [1, 4]),
    "limit": ("beta", {"limit": 2}, [1, 3]),
    "limit of 0": ("beta", {"limit": 0}, []),
    "an empty line": ("^$", {}, [2]),
    "everything": ("", {}, [1, 2, 3, 4]),
    "nothing": ("delta", {}, []),
    "never across lines": (r"beta\s+beta", {}, []),
    "not behind": (r"beta(?!\s)", {}, [1, 4]),
    "not before": (r"(?<!\s)beta", {}, [3]),
    "not a character": ("GAMMA[^x]*$", {}, [3]),
    "a dot that takes newlines": ("(?s)beta.*", {}, [1, 3, 4]),
    "another text": ("b", {"text": "a\nb"}, [2]),
}


@pytest.mark.parametrize(("regex", "options", "numbers"), GREPPED.values(), ids=GREPPED)
def test_grep_gives_the_lines_in_which_a_regex_matches(regex, options, numbers):
    lines = options.get("text", TEXT).split("\n")
    found = over(TEXT).grep(regex, **options)
    assert found == [(number, lines[number - 1]) for number in numbers]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("\n", [(1, "")]),
        ("a", [(1, "a")]),
        ("a\n", [(1, "a")]),
        ("a\n\n", [(1, "a"), (2, "")]),
        ("\na", [(1, ""), (2, "a")]),
        ("a\r\nb\x0bc\u2028d\x85e", [(1, "a\r"), (2, "b\x0bc\u2028d\x85e")]),
    ],
)
@pytest.mark.parametrize("regex", ["", "(?!x)"])
def test_only_a_newline_ends_a_line_and_a_last_one_begins_none(text, found, regex):
    assert over(text).grep(regex) == found
    assert over(text).lines(1, 99) == [line for _, line in found]


def test_a_wrong_regex_is_named():
    with pytest.raises(Exception, match="unterminated"):
        over(TEXT).grep("(")


FIND_LINES = {
    "phrase": (("beta gamma",), {}, [3]),
    "phrase with its case": (("beta gamma", "phrase", False), {}, []),
    "phrase is no regex": (("beta.",), {}, [4]),
    "phrase over two lines": (("beta\n",), {}, []),
    "any": (("gamma alpha", "any"), {}, [1, 3, 4]),
    "any with its case": (("gamma alpha",), {"mode": "any", "ignore_case": False}, [4]),
    "any of nothing": (("  ", "any"), {}, []),
    "all": (("beta alpha", "all"), {}, [1, 4]),
    "all with their case": (("beta Alpha", "all", False), {}, [1]),
    "all of nothing": (("", "all"), {}, []),
    "words that are no regexes": ((". beta", "all"), {}, [4]),
}


@pytest.mark.parametrize(("args", "options", "numbers"), FIND_LINES.values(), ids=FIND_LINES)
def test_find_lines_gives_lines_with_words(args, options, numbers):
    found = over(TEXT).find_lines(*args, **options)
    assert [number for number, _ in found] == numbers
    assert all(line == TEXT.split("\n")[number - 1] for number, line in found)


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="not 'some'"):
        over(TEXT).find_lines("a", "some")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (1, 1, ["Alpha beta"]),
        (2, 3, ["", "beta GAMMA  "]),
        (4, 4, ["alpha\tbeta."]),
        (4, 400, ["alpha\tbeta."]),
        (5, 9, []),
        (-3, 1, ["Alpha beta"]),
        (3, 2, []),
        (0, 0, []),
    ],
)
def test_lines_are_counted_from_one_and_both_ends_belong(first, last, found):
    assert over(TEXT).lines(first, last) == found


def test_count_counts_a_literal():
    tools = over("aaa AAA a.a")
    assert [tools.count("aa"), tools.count("aa", ignore_case=True)] == [1, 2]
    assert [tools.count("."), tools.count(""), tools.count("x", ignore_case=True)] == [1, 0, 0]


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (-1, 0), (3, 3), (3, 4), (3, -1)])
def test_chunks_that_would_not_end_are_refused(size, overlap):
    with pytest.raises(ValueError, match=r"size > 0 and 0 <= overlap < size"):
        over(TEXT).chunks(size, overlap)


def test_chunks_overlap_and_none_is_only_overlap():
    assert over("abcdefg").chunks(3, 1) == ["abc", "cde", "efg"]
    assert over("abcdefg").chunks(4) == ["abcd", "efg"]
    assert over("abc").chunks(5, 4) == ["abc"]
    assert over("").chunks(5) == []
    assert over("x").chunks(2, text="abc") == ["ab", "c"]


MARKDOWN = (
    "before\n# One\ntext\n\n##  Two ##\n### C#\nTitle\r\n=====\r\nbody\nSub\n---\n#no\n####### 7\n"
)


def test_sections_are_found_with_their_lines_and_headings():
    assert over(MARKDOWN).sections() == [
        (1, "", "before\n"),
        (2, "One", "# One\ntext\n\n"),
        (5, "Two", "##  Two ##\n"),
        (6, "C#", "### C#\n"),
        (7, "Title", "Title\r\n=====\r\nbody\n"),
        (10, "Sub", "Sub\n---\n#no\n####### 7\n"),
    ]


def test_a_text_without_headings_is_one_section():
    assert over("a\nb").sections() == [(1, "", "a\nb")]
    assert over("").sections() == []
    assert over("\n\n# A").sections() == [(3, "A", "# A")]


def test_word_frequency_counts_words_without_case():
    tools = over("Don't don't über-all the THE the 3rd _x 42")
    assert tools.word_frequency() == [
        ("the", 3),
        ("don't", 2),
        ("über-all", 1),
        ("rd", 1),
        ("x", 1),
    ]
    assert tools.word_frequency(1) == [("the", 3)]
    assert tools.word_frequency(text="") == []


def test_group_count_counts_what_a_regex_captures():
    tools = over("GET /a\nPOST /b\nGET /c\nHEAD\n")
    assert tools.group_count(r"^(\w+) ") == [("GET", 2), ("POST", 1)]
    assert tools.group_count(r"^[A-Z]+", limit=1) == [("GET", 2)]
    assert tools.group_count(r"/(a)|/b") == [("a", 1)]
    assert tools.group_count("nothing") == []


def test_group_count_without_a_regex_groups_lines_but_for_their_numbers():
    tools = over("took 5 ms\ntook 17 ms\n\nfailed\n")
    assert tools.group_count() == [("took # ms", 2), ("failed", 1)]


NUMBERS = {
    "whole and broken": ("1 2.5 -3 +4", [1, 2.5, -3, 4]),
    "units and signs": ("5% $7 3.5kg (9)", [5, 7, 3.5, 9]),
    "at the end of a sentence": ("It was 5. Then 6.", [5, 6]),
    "not in a word": ("a1 b_2 x3y", []),
    "not in a version or an address": ("1.2.3 10.0.0.1", []),
    "dates fall apart": ("2024-01-31", [2024, 1, 31]),
    "none": ("no number", []),
}


@pytest.mark.parametrize(("text", "numbers"), NUMBERS.values(), ids=NUMBERS)
def test_which_numbers_count(text, numbers):
    told = over(text).numeric_stats()
    assert (told["count"], told.get("sum", 0)) == (len(numbers), sum(numbers))


def test_numeric_stats_takes_what_a_regex_captures():
    tools = over("t=1.5s\nt=nan\nt=inf\nt=-inf\nt=oops\nt=3s\nu=9s")
    assert tools.numeric_stats(r"^t=(.*?)s?$") == {
        "count": 2,
        "sum": 4.5,
        "min": 1.5,
        "max": 3.0,
        "mean": 2.25,
        "p50": 1.5,
        "p90": 3.0,
        "p95": 3.0,
        "p99": 3.0,
        "percentiles": "nearest rank",
    }
    assert tools.numeric_stats(r"u=(\d)|t") == tools.numeric_stats(r"(?<=u=)\d")
    assert tools.numeric_stats("x") == {"count": 0}


@pytest.mark.parametrize(
    "call",
    [
        lambda tools: tools.grep("a"),
        lambda tools: tools.find_lines("a"),
        lambda tools: tools.lines(1, 2),
        lambda tools: tools.count("a"),
        lambda tools: tools.chunks(2),
        lambda tools: tools.sections(),
        lambda tools: tools.word_frequency(),
        lambda tools: tools.group_count(),
        lambda tools: tools.numeric_stats(),
    ],
)
def test_with_several_documents_the_text_has_to_be_named(call):
    with pytest.raises(TypeError, match=r"name one, such as text=context\[path\]"):
        call(over({"a": "a", "b": "b"}))


def test_the_tools_are_there_in_the_repl_and_read_what_context_was_given(box, notebook: Notebook):
    code = "grep('ERROR'), fast_find(context, 'two'), len(chunks(10)), lines(2, 2), count('line')"
    expected = "([(2, 'line two ERROR')], 14, 7, ['line two ERROR'], 4)\n"
    assert notebook.ok(code) == expected
    assert notebook.ok("context = 'overwritten'\ngrep('overwritten')") == "[]\n"
    assert box.notebook("q", "own").ok("grep('own')") == "[(1, 'own')]\n"
