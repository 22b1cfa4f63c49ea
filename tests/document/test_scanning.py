from __future__ import annotations

import pytest

from rlm_tui.document.scanning import Wanted, scan_of


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
    assert scan_of(code).is_whole


@pytest.mark.parametrize(
    "code",
    ["x = 1", "print(len(context))", "print(type(context))", "", "def f(:", "context = 'mine'"],
)
def test_code_that_asks_for_no_text_scans_nothing(code):
    scan = scan_of(code)
    assert not scan.is_whole
    assert not scan.slices


def test_slices_between_fixed_places_are_told():
    scan = scan_of("print(context[:500], context[-200:], context[10:20])")
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
    assert scan_of(code).wanted == (wanted,)


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
    assert not scan_of(code).wanted


def test_a_name_that_was_given_another_meaning_keeps_it():
    first = scan_of("count = 3")
    assert not scan_of("print(count)", first.assigned).is_whole
    assert scan_of("print(count('x'))").is_whole
    assert scan_of("print(context[0:n])", scan_of("context = 'x'").assigned).is_whole
