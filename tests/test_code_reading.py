from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.code_reading import calls_made, names_read, names_used


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("x = 1\nprint(y)", {"print", "y"}),
        ("x += y", {"y"}),
        ("FINAL_VAR('best')", {"FINAL_VAR", "best"}),
        ("for a in b: c = a", {"b", "a"}),
        ("d[k] = 1", {"d", "k"}),
        ("f'{shown}'", {"shown"}),
        ("del gone", set()),
    ],
)
def test_what_code_reads(code, names):
    assert names_read(code) == names


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("one = (two", {"one", "two"}),
        ("one = 1\nprint(globals())", {"one"}),
        ("exec('one')", {"one"}),
    ],
)
def test_where_it_cannot_be_told_every_name_counts_as_read(code, names):
    assert names <= names_read(code)


VARIABLES = {"chunks_": list("abcdefg"), "pairs": {"a": 1, "b": 2}, "context": "x" * 95, "n": 3}


def evaluated(code: str) -> int | None:
    told = calls_made(code)
    return None if told is None else eval(told, {}, dict(VARIABLES))


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("print(len(context))", 0),
        ("llm_query('a')", 1),
        ("a = llm_query('a') + rlm_query('b')", 2),
        ("for c in chunks_: llm_query(c)", 7),
        ("for c in chunks_[:3]:\n    r = llm_query(c)\n    out.append(r)", 3),
        ("[llm_query(c) for c in chunks_]", 7),
        ("{c: llm_query(c) for c in chunks_[2:]}", 5),
        ("r = llm_query_batched([f'{c}' for c in chunks_])", 7),
        ("ps = [f'{c}' for c in chunks_]\nr = llm_query_batched(ps)", 7),
        ("for i, c in enumerate(chunks_): llm_query(c)", 7),
        ("for k, v in pairs.items():\n    for c in chunks_:\n        llm_query(c)", 14),
        ("for i in range(0, len(chunks_), n): llm_query(chunks_[i])", 3),
        ("for c in chunks(10): llm_query(c)", 10),
        ("for a, b in zip(chunks_, range(4)): llm_query(a)", 4),
        ("list(map(llm_query, chunks_))", 7),
        ("with ThreadPoolExecutor() as pool: r = list(pool.map(llm_query, chunks_))", 7),
        ("rs = await asyncio.gather(*[llm_query(c) for c in chunks_])", 7),
        ("print(llm_query(llm_query('a')))", 2),
    ],
)
def test_how_many_calls_code_makes(code, count):
    assert evaluated(code) == count


@pytest.mark.parametrize(
    "code",
    [
        "while True: llm_query('a')",
        "if n: llm_query('a')",
        "for c in split(context): llm_query(c)",
        "for c in chunks_:\n    if c: break\n    llm_query(c)",
        "[llm_query(c) for c in chunks_ if c]",
        "def f(): return llm_query('a')\nf()",
        "ask = llm_query\nask('a')",
        "x = a or llm_query('b')",
        "chunks_ = make()\nfor c in chunks_: llm_query(c)",
        "xs = []\nxs.append(1)\nfor x in xs: llm_query(x)",
        "n = 9\nfor i in range(n): llm_query('a')",
        "try: llm_query('a')\nexcept Exception: llm_query('b')",
        "llm_query('a'",
    ],
)
def test_what_the_text_does_not_tell_is_not_told(code):
    assert calls_made(code) is None


ITEMS = st.sampled_from(["chunks_", "chunks_[:2]", "range(4)", "pairs", "[1, 2, 3]", "chunks(20)"])


@st.composite
def blocks(draw) -> str:
    """Code of loops and comprehensions around calls."""
    lines, indent = [], ""
    for depth in range(draw(st.integers(0, 3))):
        lines.append(f"{indent}for v{depth} in {draw(ITEMS)}:")
        indent += "    "
    made = draw(
        st.sampled_from(
            ["llm_query('a')", "[llm_query(x) for x in {}]", "llm_query_batched(list({}))"]
        )
    )
    lines.append(indent + made.format(draw(ITEMS)))
    return "\n".join(lines)


@settings(max_examples=200)
@given(st.lists(blocks(), max_size=3).map("\n".join))
def test_the_count_is_that_of_running_the_code(code):
    made = []

    def llm_query(_):
        made.append(1)

    def llm_query_batched(prompts):
        made.extend(prompts)

    def chunks(size):
        text = VARIABLES["context"]
        return [text[at : at + size] for at in range(0, len(text), size)]

    helpers = {"llm_query": llm_query, "llm_query_batched": llm_query_batched, "chunks": chunks}
    exec(code, {**VARIABLES, **helpers})
    assert evaluated(code) == len(made)


def test_the_variables_of_code_are_those_it_sets_then_those_it_reads():
    code = (
        "import re as r\nfrom a.b import c\ndef f(x, *y):\n    z = x + g\n    return z\n"
        "hits = [llm_query(p) for p in chunks(9) if r.match(old, p)]\nprint(hits, f, c, context)"
    )
    assert names_used(code) == ["x", "y", "z", "hits", "p", "g", "old"]


def test_code_that_is_none_has_no_variables():
    assert names_used("for x in") == []


def test_a_name_of_the_repl_that_code_sets_is_a_variable_of_its_own():
    assert names_used("lines = context.split()\nfor max in lines: print(count(max))") == [
        "lines",
        "max",
    ]
