from __future__ import annotations

import pytest

from rlm_tui.document.scanning import DocumentScan, Wanted, scan_of

PATHS = ["/a.txt", "/b.txt", "/c.txt"]


def scanned(code: str, *assigned: frozenset[str]) -> DocumentScan:
    """What code does to a document that is alone."""
    (scan,) = scan_of(code, *assigned).documents
    return scan


def scanned_of_three(code: str) -> list[int]:
    """Which of three documents code may go through."""
    return [n for n, one in enumerate(scan_of(code, paths=PATHS).documents) if one.is_whole]


@pytest.mark.parametrize(
    "code",
    [
        "print(context.count('x'))",
        "parts = context.split('\\n')",
        "for line in context: pass",
        "hits = grep('ERROR')",
        "c = context",
        "n = len(context.lower())",
        "context[::2]",
        "context[n:m]",
        "r = llm_query_batched(chunks(900))",
    ],
)
def test_code_that_may_go_through_all_of_the_context_scans_it(code):
    assert scanned(code).is_whole


@pytest.mark.parametrize(
    "code",
    ["x = 1", "print(len(context))", "print(type(context))", "", "def f(:", "context = 'mine'"],
)
def test_code_that_asks_for_no_text_scans_nothing(code):
    scan = scanned(code)
    assert not scan.is_whole
    assert not scan.slices


def test_slices_between_fixed_places_are_told():
    scan = scanned("print(context[:500], context[-200:], context[10:20])")
    assert not scan.is_whole
    assert set(scan.slices) == {(None, 500), (-200, None), (10, 20)}


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("hits = grep('E42 disk')", Wanted("E42 disk", is_line=True)),
        ("print(len(find_lines('timeout')))", Wanted("timeout", is_line=True)),
        ("p = fast_find_all(context, 'a.b')", Wanted("a.b", is_line=False)),
        ("import re\nx = re.findall('E42', context)", Wanted("E42", is_line=False)),
    ],
)
def test_a_call_that_is_surely_made_for_a_fixed_text_is_told(code, wanted):
    assert scanned(code).wanted == (wanted,)


@pytest.mark.parametrize(
    "code",
    [
        "if x: grep('E42')",
        "y = x and grep('E42')",
        "f = lambda: grep('E42')",
        "z = [grep('E42') for _ in y]",
        "grep('E4.')",
        "grep(pattern)",
        "grep('E42', limit=3)",
        "grep = print\ngrep('E42')",
        "def grep(x): pass\ngrep('E42')",
    ],
)
def test_a_call_that_may_do_something_else_is_not_told(code):
    assert not scanned(code).wanted


def test_a_name_that_was_given_another_meaning_keeps_it():
    first = scan_of("count = 3")
    assert not scanned("print(count)", first.assigned).is_whole
    assert scanned("print(count('x'))").is_whole
    assert scanned("print(context[0:n])", scan_of("context = 'x'").assigned).is_whole


@pytest.mark.parametrize(
    "code",
    [
        "print(context['/b.txt'].count('x'))",
        "text = context.get('/b.txt', '')",
        "path = '/b.txt'\ntext = context[path]",
        "hits = grep('x.', text=context['/b.txt'])",
        "if '/b.txt' in context: print(context['/b.txt'])",
    ],
)
def test_of_several_documents_the_one_that_is_named_is_scanned(code):
    assert scanned_of_three(code) == [1]


@pytest.mark.parametrize(
    "code",
    [
        "for path, text in context.items(): print(text.count('x'))",
        "n = sum(text.count('x') for text in context.values())",
        "for path in context: print(context[path].count('x'))",
        "for path in sorted(context): print(context[path].count('x'))",
        "paths = list(context.keys())\nfor path in paths: f(context[path])",
        "docs = context",
    ],
)
def test_code_that_goes_through_all_documents_scans_each(code):
    assert scanned_of_three(code) == [0, 1, 2]


@pytest.mark.parametrize(
    "code",
    [
        "print(len(context), type(context), list(context))",
        "for path in context: print(path)",
        "print(len(context['/b.txt']))",
        "text = context['/another.txt']",
        "text = context[list(context)[0]]",
        "hits = grep('x')",
    ],
)
def test_code_that_names_no_document_for_sure_scans_none(code):
    assert scanned_of_three(code) == []


def test_slices_and_searches_are_those_of_their_document():
    code = (
        "head = context['/c.txt'][:100]\nrows = grep('E42', text=context['/a.txt'])\n"
        "places = fast_find_all(context['/b.txt'], 'disk')"
    )
    first, second, third = scan_of(code, paths=PATHS).documents
    assert first.wanted == (Wanted("E42", is_line=True),)
    assert second.wanted == (Wanted("disk", is_line=False),)
    assert (third.slices, third.is_whole) == (((None, 100),), False)
