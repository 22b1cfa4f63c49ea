from __future__ import annotations

import pytest

from rlm_tui.repl.cells import Final
from tests.repl.notebook import Notebook

FINALS = {
    "FINAL text": ("FINAL('x')", Final("FINAL", "x", None, "str")),
    "FINAL zero": ("FINAL(0)", Final("FINAL", "0", None, "int")),
    "FINAL False": ("FINAL(False)", Final("FINAL", "False", None, "bool")),
    "FINAL None": ("FINAL(None)", Final("FINAL", "None", None, "NoneType")),
    "FINAL empty": ("FINAL('')", Final("FINAL", "", None, "str")),
    "FINAL of nothing": ("FINAL()", Final("FINAL", "", None, "str")),
    "FINAL list": ("FINAL(['a', 1])", Final("FINAL", "['a', 1]", None, "list")),
    "FINAL unicode": ("FINAL('ü 🎉')", Final("FINAL", "ü 🎉", None, "str")),
    "FINAL surrogate": ("FINAL('a\\ud800')", Final("FINAL", "a\ufffd", None, "str")),
    "FINAL of its own class": (
        "class A:\n    def __str__(self): return 'said'\nFINAL(A())",
        Final("FINAL", "said", None, "A"),
    ),
    "FINAL text of its own class": (
        "class S(str):\n    def __str__(self): return self\nFINAL(S('s'))",
        Final("FINAL", "s", None, "S"),
    ),
    "FINAL in a function": ("def f(): FINAL('x')\nf()", Final("FINAL", "x", None, "str")),
    "FINAL in a thread": (
        "import threading\nt = threading.Thread(target=FINAL, args='x')\nt.start(); t.join()",
        Final("FINAL", "x", None, "str"),
    ),
    "FINAL after await": (
        "import asyncio\nawait asyncio.sleep(0)\nFINAL(1)",
        Final("FINAL", "1", None, "int"),
    ),
    "FINAL_VAR": ("x = [1]\nFINAL_VAR('x')", Final("FINAL_VAR", "[1]", "x", "list")),
    "FINAL_VAR falsy": ("x = ''\nFINAL_VAR('x')", Final("FINAL_VAR", "", "x", "str")),
    "FINAL_VAR of a value": ("x = 5\nFINAL_VAR(x)", Final("FINAL_VAR", "5", None, "int")),
    "FINAL_VAR of given": ("FINAL_VAR('query')", Final("FINAL_VAR", "", "query", "str")),
    "SUBMIT": ("SUBMIT('x')", Final("SUBMIT", "x", None, "str")),
    "SUBMIT falsy": ("SUBMIT(0)", Final("SUBMIT", "0", None, "int")),
    "SUBMIT several": ("SUBMIT(1, 'a')", Final("SUBMIT", "(1, 'a')", None, "tuple")),
    "SUBMIT a field": ("SUBMIT(answer='x')", Final("SUBMIT", "x", None, "str")),
    "SUBMIT fields": ("SUBMIT(a=1, b='c')", Final("SUBMIT", "{'a': 1, 'b': 'c'}", None, "dict")),
    "answer set": (
        "answer['content'] = 'x'\nanswer['ready'] = True",
        Final("answer", "x", "answer", "str"),
    ),
    "answer rebound": (
        "answer = {'content': 5, 'ready': True}",
        Final("answer", "5", "answer", "int"),
    ),
    "answer falsy": (
        "answer = {'ready': True, 'content': ''}",
        Final("answer", "", "answer", "str"),
    ),
    "the first of two": ("FINAL(1)\nFINAL(2)\nSUBMIT(3)", Final("FINAL", "1", None, "int")),
    "a call before the dict": (
        "answer = {'content': 1, 'ready': True}\nSUBMIT(2)",
        Final("SUBMIT", "2", None, "int"),
    ),
}


@pytest.mark.parametrize(("code", "final"), FINALS.values(), ids=FINALS)
def test_code_finishes_with_an_answer(notebook: Notebook, code: str, final: Final):
    ran = notebook.run(code)
    assert (ran.result.outcome, ran.result.final) == ("ok", final)


NO_FINALS = {
    "nothing": "x = 1",
    "answer as it is given": "answer",
    "answer not ready": "answer['content'] = 'x'",
    "answer ready is not a bool": "answer = {'content': 'x', 'ready': 'no'}",
    "answer without content": "answer = {'ready': True}",
    "answer is no dict": "answer = 'x'",
    "answer of a class of its own": (
        "class D(dict): pass\nanswer = D(content='x', ready=True)\nanswer.get = 5"
    ),
    "answer deleted": "del answer",
    "FINAL only named": "FINAL",
    "FINAL in a text": "s = 'FINAL(1)'",
}


@pytest.mark.parametrize("code", NO_FINALS.values(), ids=NO_FINALS)
def test_code_does_not_finish_by_the_way(notebook: Notebook, code: str):
    ran = notebook.run(code)
    assert (ran.result.outcome, ran.result.final) == ("ok", None)


MISTAKEN_FINALS = {
    "unknown variable": (
        "x, y = 1, 2\nFINAL_VAR('z')",
        "NameError: FINAL_VAR: there is no variable 'z'. Variables: x, y",
    ),
    "unknown, none made": ("FINAL_VAR('z')", "Variables: none yet"),
    "SUBMIT nothing": ("SUBMIT()", "TypeError: SUBMIT() takes one answer, or named fields"),
    "SUBMIT both": ("SUBMIT(1, a=2)", "TypeError: SUBMIT()"),
    "text that raises": (
        "class A:\n    def __str__(self): raise ValueError('no text')\nFINAL(A())",
        "ValueError: no text",
    ),
    "text that is none": (
        "class A:\n    def __str__(self): return 5\nFINAL(A())",
        "TypeError: __str__ returned non-string",
    ),
    "class that raises": (
        (
            "class A:\n    @property\n    def __class__(self): raise ValueError('no class')\n"
            "FINAL(A())"
        ),
        "ValueError: no class",
    ),
    "answer whose text raises": (
        (
            "class A:\n    def __str__(self): raise ValueError('no text')\n"
            "answer = {'content': A(), 'ready': True}"
        ),
        "ValueError: no text",
    ),
    "too large for a frame": ("FINAL('x' * 70_000_000)", "a message of 70,0"),
    "too large as JSON": ("FINAL('🎉' * 6_000_000)", "a message of 72,0"),
    "an error after the dict": (
        "answer = {'content': 'x', 'ready': True}\n1 / 0",
        "ZeroDivisionError",
    ),
}


@pytest.mark.parametrize(("code", "error"), MISTAKEN_FINALS.values(), ids=MISTAKEN_FINALS)
def test_an_answer_that_fails_is_none_and_the_repl_goes_on(notebook: Notebook, code, error):
    ran = notebook.run(code)
    assert (ran.result.outcome, ran.result.final) == ("error", None)
    assert error in ran.result.error
    assert notebook.run("del answer").result.final is None


def test_an_answer_of_a_metaclass_that_raises_is_told_by_its_name(notebook: Notebook):
    ran = notebook.run(
        "class M(type):\n    __name__ = property(lambda c: 1 // 0)\n"
        "    def __getattribute__(c, n): raise SystemExit\n"
        "class A(metaclass=M):\n    def __str__(self): return 'said'\nFINAL(A())"
    )
    assert ran.result.final == Final("FINAL", "said", None, "A")


def test_an_answer_of_eight_million_characters_arrives(notebook: Notebook):
    ran = notebook.run("FINAL('x' * 8_000_000)")
    assert ran.result.final is not None
    assert len(ran.result.final.text) == 8_000_000


PROTECTED = [
    "context",
    "llm_query",
    "llm_query_batched",
    "rlm_query",
    "rlm_query_batched",
    "recursive_lm",
    "recursive_llm",
    "SHOW_VARS",
    "FINAL",
    "FINAL_VAR",
    "SUBMIT",
    "SubCallError",
    "fast_find",
    "fast_contains",
    "fast_find_all",
    "grep",
    "find_lines",
]

PLAIN = [
    "query",
    "lines",
    "count",
    "chunks",
    "sections",
    "word_frequency",
    "group_count",
    "numeric_stats",
    "answer",
]


@pytest.mark.parametrize("change", ["{name} = 5", "del {name}", "def {name}(): return 5"])
def test_protected_names_are_back_in_the_next_cell_with_a_warning(notebook: Notebook, change: str):
    notebook.ok("def same(): return [id(globals()[n]) for n in names]")
    notebook.ok(f"names = {PROTECTED}\nbefore = same()")
    ran = notebook.run("\n".join(change.format(name=name) for name in PROTECTED))
    assert ran.result.outcome == "ok"
    assert ran.err.splitlines() == [
        f"Warning: this code overwrote {name}; it is back for the next code block."
        for name in PROTECTED
    ]
    ran = notebook.run("same() == before")
    assert (ran.out, ran.err) == ("True\n", "")


@pytest.mark.parametrize("name", PROTECTED)
def test_a_protected_name_may_be_used_otherwise_within_its_cell(notebook: Notebook, name: str):
    ran = notebook.run(f"for {name} in [1, 2]: pass\n{name}")
    assert ran.out == "2\n"
    assert ran.err == f"Warning: this code overwrote {name}; it is back for the next code block.\n"


@pytest.mark.parametrize("name", PLAIN)
def test_a_helper_with_a_plain_name_gives_way_for_good(notebook: Notebook, name: str):
    ran = notebook.run(f"{name} = [1]")
    assert ran.err == ""
    assert notebook.ok(name) == "[1]\n"
    assert notebook.variables() == {name: ("list", 1, "[1]")}


def test_clearing_all_names_takes_only_ones_own_away(notebook: Notebook):
    assert notebook.run("x = 1\nglobals().clear()").result.outcome == "ok"
    assert notebook.ok("len(context) > 0, llm_query('a')") == "(True, '<a>')\n"
    assert notebook.ok("print(len('abc'))") == "3\n"
    assert "x" not in notebook.variables()


def test_what_a_repl_begins_with_is_not_among_its_variables(notebook: Notebook):
    assert notebook.variables() == {}
    assert notebook.ok("SHOW_VARS()") == "'(no variables yet)'\n"


def test_show_vars_tells_names_types_sizes_and_values(notebook: Notebook):
    notebook.ok("b, a, _hidden = 'text' * 1000, 5, 1\nimport re\ndef f(): ...")
    assert notebook.ok("print(SHOW_VARS())").splitlines() == [
        "a: int = 5",
        f"b: str[4,000] = {('text' * 30 + '…')!r}",
        "f: function = <function f>",
    ]


def test_nobody_types_into_a_cell(notebook: Notebook):
    assert notebook.run("input('name: ')").result.error == (
        "EOFError: input('name: '): nobody can type here; ask with llm_query()"
    )


def test_an_answer_dict_left_ready_by_a_cell_that_failed_is_not_taken_later(notebook: Notebook):
    notebook.run("answer = {'content': 1, 'ready': True}\n1 / 0")
    assert notebook.run("2 + 2").result.final is None


def test_an_answer_before_an_error_is_told_with_the_error(notebook: Notebook):
    result = notebook.run("FINAL('x')\n1 / 0").result
    assert (result.outcome, result.final) == ("error", Final("FINAL", "x", None, "str"))
