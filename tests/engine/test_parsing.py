import re
import warnings
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.engine import parsing
from rlm_tui.engine.parsing import RUNNABLE, closing_bracket, parse_reply, unquoted


def codes(reply: str) -> list[str]:
    return [block.code for block in parse_reply(reply).blocks]


# Fences

FENCES = {
    "repl": ("```repl\nx = 1\n```", ["x = 1"]),
    "python": ("```python\nx = 1\n```", ["x = 1"]),
    "upper case": ("```Python\nx = 1\n```", ["x = 1"]),
    "py with words behind": ("```py title=a.py\nx = 1\n```", ["x = 1"]),
    "attribute syntax": ("```{.python}\nx = 1\n```", ["x = 1"]),
    "bare": ("```\nx = 1\n```", ["x = 1"]),
    "tildes": ("~~~repl\nx = 1\n~~~", ["x = 1"]),
    "a space before the language": ("``` repl\nx = 1\n```", ["x = 1"]),
    "five backticks around three": ("`````repl\ns = '''\n```\n'''\n`````", ["s = '''\n```\n'''"]),
    "backticks in tildes": ("~~~repl\n# ```\n```\n~~~", ["# ```\n```"]),
    "longer closing fence": ("```repl\nx = 1\n`````", ["x = 1"]),
    "shorter fence inside": ("````repl\n# x\n```\ny\n````", ["# x\n```\ny"]),
    "empty": ("```repl\n```", [""]),
    "blank line inside": ("```repl\nx = 1\n\ny = 2\n```", ["x = 1\n\ny = 2"]),
    "prose around": ("See:\n```repl\nx = 1\n```\nDone.", ["x = 1"]),
    "two, in order": ("```repl\n1\n```\nand\n```python\n2\n```", ["1", "2"]),
    "two without a fence between": ("```repl\n1\n```repl\n2\n```", ["1", "2"]),
    "unclosed": ("```repl\nx = 1", ["x = 1"]),
    "unclosed, ending in a newline": ("```repl\nx = 1\n", ["x = 1"]),
    "nothing behind the opening fence": ("Now:\n```repl", [""]),
    "CRLF": ("```repl\r\nx = 1\r\ny = 2\r\n```\r\n", ["x = 1\ny = 2"]),
    "indented by a list": ("1. Do:\n   ```repl\n   if x:\n       y\n   ```", ["if x:\n    y"]),
    "indented by a tab": ("\t```repl\n\tx = 1\n\t```", ["x = 1"]),
    "less indented than its fence": ("   ```repl\n x = 1\n y = 2\n   ```", ["x = 1\ny = 2"]),
    "closing fence less indented": ("  ```repl\n  x = 1\n```", ["x = 1"]),
    "fence in a docstring": (
        '```repl\ns = """\n```json\n{}\n```\n"""\nprint(s)\n```',
        ['s = """\n```json\n{}\n```\n"""\nprint(s)'],
    ),
    "fence in a string with the other quotes": (
        "```repl\ns = '''\n```\n'''\n```\nafter",
        ["s = '''\n```\n'''"],
    ),
    "triple quotes in a comment": (
        '```repl\n# """\n```\n```repl\n2\n# """\n```',
        ['# """', '2\n# """'],
    ),
    "triple quotes in a string": (
        '```repl\ns = \'"""\'\n```\n```repl\nt = \'"""\'\n```',
        ['s = \'"""\'', 't = \'"""\''],
    ),
    "a string that never closes": ('```repl\ns = """\n```\nprose', ['s = """']),
    "an escaped quote in a string": (
        '```repl\ns = """a\\""" ```\n```\n"""\n```',
        ['s = """a\\""" ```\n```\n"""'],
    ),
    "an escaped backslash ends a string": (
        '```repl\ns = """a\\\\"""\n```\n```repl\nt = """b"""\n```',
        ['s = """a\\\\"""', 't = """b"""'],
    ),
    "strings that open and close": (
        '```repl\na = """x"""; b = \'\'\'\n```\n\'\'\'\n```\n```repl\nc = """\n"""\n```',
        ["a = \"\"\"x\"\"\"; b = '''\n```\n'''", 'c = """\n"""'],
    ),
    "inline code": ("Use ```x = 1``` here", []),
    "not run: prose": ("x = 1\nprint(x)", []),
    "not run: another language": ("```json\n{}\n```", []),
    "not run: an indented fence of json": ("  ```JSON\n  {}\n  ```", []),
    "not run: markdown with python in it": ("~~~markdown\n```python\nx\n```\n~~~", []),
    "not run: reasoning": ("<think>\n```repl\n1\n```\n</think>\n```repl\n2\n```", ["2"]),
    "not run: reasoning whose opening tag the template wrote": (
        "I try\n```repl\n1\n```\n</think>\n\n```repl\n2\n```",
        ["2"],
    ),
    "not run: reasoning that does not end": ("<think>\n```repl\n1\n```", []),
    "a tag in the code": ('```repl\ngrep("</think>")\n```', ['grep("</think>")']),
    "empty reply": ("", []),
}


@pytest.mark.parametrize(("reply", "expected"), FENCES.values(), ids=FENCES)
def test_the_blocks_of_a_reply_are(reply, expected):
    assert codes(reply) == expected


@pytest.mark.parametrize(
    ("reply", "languages"),
    [
        ("```json\n{}\n```", ["json"]),
        ("```bash\nls\n```\n```repl\n1\n```\n~~~text\nx\n~~~", ["bash", "text"]),
        ("```json\n```repl\n1\n```", ["json"]),
    ],
    ids=["one", "among others", "up to its bare fence"],
)
def test_blocks_in_other_languages_are_kept_apart(reply, languages):
    assert [block.language for block in parse_reply(reply).foreign] == languages


def test_a_block_knows_whether_it_was_closed():
    parsed = parse_reply("```repl\n1\n```\n```repl\n2")
    assert [block.is_closed for block in parsed.blocks] == [True, False]


def test_a_block_knows_where_its_code_stands():
    reply = "a\n```repl\nx = 1\ny = 2\n```\nb\n```repl\nz = 3\n"
    assert [reply[block.start : block.end] for block in parse_reply(reply).blocks] == [
        "x = 1\ny = 2\n",
        "z = 3\n",
    ]


# FINAL in prose

FINALS = {
    "plain": ("FINAL(42)", "42"),
    "a space before the bracket": ("FINAL (42)", "42"),
    "indented": ("  FINAL(42)", "42"),
    "behind prose": ("So:\nFINAL(42)\nThat is all.", "42"),
    "nested brackets": ("FINAL(f(a, b) is 3)", "f(a, b) is 3"),
    "brackets in a string": ('FINAL("a ) b")', "a ) b"),
    "an opening bracket in a string": ("FINAL(the sign '(' is open)", "the sign '(' is open"),
    "an emoticon": ("FINAL(fine :( or not)", None),
    "several lines": ("FINAL(a\nb\n(c)\n)", "a\nb\n(c)"),
    "CRLF": ("so\r\nFINAL(42)\r\n", "42"),
    "a string over several lines": ('FINAL("a)\nb)")', "a)\nb)"),
    "a triple-quoted string": ("FINAL('''it's )\n(so''')", "it's )\n(so"),
    "an apostrophe": ("FINAL(it's the dog's)", "it's the dog's"),
    "an apostrophe behind a bracket": (
        "FINAL(Rex (a dog)'s and Tom (cat's) owner)",
        "Rex (a dog)'s and Tom (cat's) owner",
    ),
    "a quote that does not close": ('FINAL(5" (five inches))', '5" (five inches)'),
    "a string that does not close": ('FINAL("five)', '"five'),
    "an escaped quote": (r'FINAL("a \" ) b")', 'a " ) b'),
    "double quotes": ('FINAL("x")', "x"),
    "single quotes": ("FINAL('x')", "x"),
    "quotes around a word of several": ('FINAL("a" and "b")', '"a" and "b"'),
    "a quoted sentence with an apostrophe": ("FINAL('don't')", "don't"),
    "quotes inside quotes": ("FINAL(\"say 'hi'\")", "say 'hi'"),
    "an escape sequence": (r'FINAL("a\nb")', "a\nb"),
    "no escape sequence": (r'FINAL("\d+")', r"\d+"),
    "raw string": (r'FINAL(r"\d+")', r"\d+"),
    "not a str": ('FINAL(b"x")', 'b"x"'),
    "trimmed": ("FINAL(  42\n)", "42"),
    "zero": ("FINAL(0)", "0"),
    "False": ("FINAL(False)", "False"),
    "None": ("FINAL(None)", "None"),
    "the empty string": ('FINAL("")', ""),
    "nothing": ("FINAL()", ""),
    "one quote": ("FINAL(')", "'"),
    "two: the first counts": ("FINAL(1)\nFINAL(2)", "1"),
    "a closed one behind an unclosed one": ("FINAL(1\n\nFINAL(2)", "2"),
    "between two blocks": ("```repl\n1\n```\nFINAL(2)\n```repl\n3\n```", "2"),
    "behind a block of another language": ("```json\n{}\n```\nFINAL(2)", "2"),
    "behind reasoning": ("<think>FINAL(1)</think>FINAL(2)", "2"),
    "behind reasoning, on a line of its own": ("<think>\nFINAL(1)\n</think>\nFINAL(2)", "2"),
    "behind reasoning whose opening tag is missing": ("FINAL(1)?\n</think>\nFINAL(2)", "2"),
    "Chinese": ("FINAL(答案「四」是(4))", "答案「四」是(4)"),
    "not taken: inside a line": ("I would say FINAL(42)", None),
    "not taken: in inline code": ("`FINAL(42)`", None),
    "not taken: in a block": ("```repl\nFINAL(42)\n```", None),
    "not taken: in tildes": ("~~~\nFINAL(42)\n~~~", None),
    "not taken: in an unclosed block": ("```repl\nFINAL(42)", None),
    "not taken: in a block of another language": ("```text\nFINAL(42)\n```", None),
    "not taken: a longer word": ("FINALLY(42)", None),
    "not taken: lower case": ("final(42)", None),
    "not taken: without brackets": ("FINAL 42", None),
    "not taken: unclosed": ("FINAL(42", None),
    "not taken: closed only in a later block": ("FINAL(42\n```repl\nx)\n```", None),
    "not taken: in reasoning that does not end": ("<think>FINAL(1)\nFINAL(2)", None),
}


@pytest.mark.parametrize(("reply", "expected"), FINALS.values(), ids=FINALS)
def test_the_final_answer_in_prose_is(reply, expected):
    final = parse_reply(reply).final
    assert (final and final.content) == expected


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ("FINAL_VAR(total)", "total"),
        ('FINAL_VAR("total")', "total"),
        ("FINAL_VAR( 'total' )", "total"),
        ("  FINAL_VAR (total)", "total"),
    ],
    ids=["bare", "quoted", "spaces", "indented"],
)
def test_final_var_in_prose_names_a_variable(reply, name):
    final = parse_reply(reply).final
    assert (final.form, final.content) == ("FINAL_VAR", name)


def test_the_span_of_a_final_runs_from_its_f_to_behind_its_bracket():
    reply = "So:\n  FINAL(f(1)) indeed"
    start, end = parse_reply(reply).final.span
    assert reply[start:end] == "FINAL(f(1))"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("FINAL(42", True),
        ("FINAL(1\n\nFINAL(2)", True),
        ("FINAL(42)", False),
        ("```repl\nFINAL(42\n```", False),
        ("FINAL 42", False),
    ],
    ids=["alone", "before a closed one", "closed", "in code", "no bracket"],
)
def test_an_unclosed_final_is_noticed_in_prose_only(reply, expected):
    assert parse_reply(reply).has_unclosed_final is expected


@pytest.mark.parametrize(
    ("reply", "proper"),
    [
        ("  <think>a</think> b", " b"),
        ("a\n</think>\nb", "\nb"),
        ("<think>a", ""),
        ("a <think>b</think>", "a <think>b</think>"),
    ],
    ids=["tagged", "opening tag missing", "not ended", "tags in the reply"],
)
def test_a_reply_proper_begins_behind_the_reasoning(reply, proper):
    assert reply[parse_reply(reply).start :] == proper


def test_reading_a_quoted_answer_gives_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert unquoted(r'"\d"') == r"\d"
        assert unquoted('1is"x"') == '1is"x"'


@pytest.mark.parametrize(
    "content",
    ["(" * 5_000 + '"', '"' + "\0" + '"', "-" * 5_000 + '"', "[" * 300 + '"', '"a" + "b"'],
    ids=["brackets", "NUL", "signs", "lists", "sum"],
)
def test_what_is_no_literal_is_an_answer_as_it_stands(content):
    assert unquoted(content) in {content, content[1:-1]}


def test_a_closing_bracket_is_looked_for_up_to_the_end_only():
    assert closing_bracket("FINAL(a) b)", 6, 7) is None
    assert closing_bracket("FINAL(a) b)", 6, 11) == 7


# Hostile replies

_N = 200_000
HOSTILE = {
    "unclosed finals": "FINAL(\n" * (_N // 7),
    "escaped quotes": "FINAL(" + "\\'" * (_N // 2),
    "escaped quotes on lines": "FINAL(x" + " \\'\\'\\'\\'\n" * (_N // 10),
    "lonely quotes": "FINAL(" + "\" ' " * (_N // 4),
    "brackets": "FINAL(" + "(" * _N,
    "triple quotes": "FINAL(x" + " ''' \"\"\"\n" * (_N // 9),
    "fences in a string": '```repl\nx = """\n' + "```x\n" * (_N // 5) + '"""\n```\n',
    "fences in strings": '```repl\nx = """\n```\n"""\n' * (_N // 22),
    "blanks behind a fence": "```" + " " * _N + "`",
    "backticks": "`" * _N + "x`",
    "tags": "<think>" * (_N // 7),
    "closing tags": ("\t" * 9 + "</think\n") * (_N // 17),
    "tabs": "\t" * _N + "FINAL",
    "one block a line": "```repl\n```\n" * (_N // 12),
}


@pytest.mark.parametrize("reply", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_reply_of_200_kb_is_parsed(reply):
    """Before each part was walked once only, most of these took minutes."""
    assert parse_reply(reply).final is None


def test_only_so_many_unclosed_finals_are_followed(monkeypatch):
    walked = []
    walk = parsing.closing_bracket
    monkeypatch.setattr(
        parsing, "closing_bracket", lambda *args: walked.append(args) or walk(*args)
    )
    assert parse_reply("FINAL(\n" * 1_000 + "FINAL(1)").final is None
    assert len(walked) < 10


PIECES = st.sampled_from(
    [
        *("```", "```repl", "```json", "~~~", "````", "\n", "\n", "\r\n", " ", "  ", "\t", "x = 1"),
        *("FINAL(", "FINAL_VAR(", ")", "(", '"', "'", '"""', "'''", "\\", "#", "\ud800", "é"),
        *("<think>", "</think>", "a", "0", "\0"),
    ]
)
REPLIES = st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=80))


@settings(max_examples=400, deadline=None)
@given(REPLIES)
def test_any_reply_is_parsed_with_spans_inside_it(reply):
    parsed = parse_reply(reply)
    for block in (*parsed.blocks, *parsed.foreign):
        assert 0 <= parsed.start <= block.start <= block.end <= len(reply)
        assert block.is_closed or block.end == len(reply)
        source = reply[block.start : block.end].removesuffix("\n")
        assert [line.strip() for line in block.code.split("\n")] == [
            line.strip() for line in source.split("\n")
        ]
    assert all(block.language in RUNNABLE for block in parsed.blocks)
    assert not any(block.language in RUNNABLE for block in parsed.foreign)
    spans = sorted((block.start, block.end) for block in (*parsed.blocks, *parsed.foreign))
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    if parsed.final is not None:
        start, end = parsed.final.span
        assert parsed.start <= start
        assert re.match(rf"{parsed.final.form}[ \t]*\(", reply[start:end])
        assert reply[end - 1] == ")"
        assert not any(start < b.end and b.start < end for b in (*parsed.blocks, *parsed.foreign))


BALANCED = st.recursive(
    st.text(alphabet="ab ,.\n=", max_size=6),
    lambda inner: st.lists(inner, max_size=3).map(lambda parts: "(" + " ".join(parts) + ")"),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(BALANCED, st.text(alphabet="xy)(\n", max_size=10))
def test_an_answer_with_balanced_brackets_is_taken_whole(content, behind):
    assert parse_reply(f"FINAL({content}){behind}").final.content == content.strip()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30))
def test_an_answer_written_as_a_string_literal_is_that_string(answer):
    literal = repr(answer.encode("utf-8", "replace").decode())
    final = parse_reply(f"FINAL({literal})").final
    assert repr(final.content) == literal


CODE = st.lists(st.text(alphabet="ab =()'\"#\\:0", max_size=12), min_size=1, max_size=6).map(
    "\n".join
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(CODE, min_size=1, max_size=3),
    st.sampled_from(["", "  ", "\t", "     "]),
    st.sampled_from(["```", "~~~", "````"]),
)
def test_code_without_long_strings_comes_out_as_it_went_in(blocks, indent, mark):
    blocks = [re.sub(r"(['\"])(?=\1\1)", "", block) for block in blocks]
    reply = "".join(
        f"{indent}{mark}repl\n"
        + "".join(f"{indent}{line}\n" for line in code.split("\n"))
        + f"{indent}{mark}\nprose\n"
        for code in blocks
    )
    assert codes(reply) == blocks
