"""Which calls a loop is going to make, by the paths that its code may take."""

from __future__ import annotations

import pytest

from rlm_tui.repl.guest.calls import SubCallError
from tests.repl.guest.looping import both_ways


def echo(prompt: str) -> str:
    return f"<{prompt}>"


TOGETHER = {
    "two calls": "a = llm_query(x)\nb = llm_query(x + '2')",
    "a second that depends on the first": "a = llm_query(x)\nb = llm_query(a)",
    "a prompt made before": "p = f'{x}?'\np += '!'\nr = llm_query(p)",
    "a counter": "n += 1\nllm_query(f'{n} {x}')",
    "a known choice": "if x > 'b': llm_query(x)\nelse: llm_query(x + '-')",
    "a known skip": "if x == 'b': continue\nllm_query(x)",
    "a known skip in an else": "if x != 'b': pass\nelse: continue\nllm_query(x)",
    "a choice of the reply behind it": "r = llm_query(x)\nif 'b' in r: n += 1\nelse: out.append(r)",
    "a skip behind it": "r = llm_query(x)\nif 'b' in r: continue\nout.append(r)",
    "a failure that is caught": (
        "try: r = llm_query(x)\nexcept SubCallError as e: r = f'{e}'\nout.append(r)"
    ),
    "a failure that skips": "try: r = llm_query(x)\nexcept Exception: continue\nout.append(r)",
    "a finally": "try: r = llm_query(x)\nfinally: n += 1",
    "an else of a try": "try: r = llm_query(x)\nexcept Exception: pass\nelse: out.append(r)",
    "a loop over the reply": "for w in llm_query(x).split():\n    if w: out.append(w)",
    "a loop before": "p = ''\nfor y in 'ab':\n    if y == 'b': break\n    p += y + x\nllm_query(p)",
    "a loop with a skip": (
        "p = ''\nfor y in 'ab':\n    if y == 'a': continue\n    p += y + x\nllm_query(p)"
    ),
    "annotated": "r: str = llm_query(x)",
    "named on the way": "if (r := llm_query(x)) and r > '': out.append(r)",
    "pass": "pass; llm_query(x)",
    "a break that does not come": "llm_query(x)\nif x == 'z': break",
    "a raise that does not come": "llm_query(x)\nif x == 'z': raise ValueError",
}


@pytest.mark.parametrize("body", TOGETHER.values(), ids=TOGETHER)
def test_calls_that_come_whatever_the_replies_are_go_together(body: str):
    code = f"n, out = 0, []\nfor x in 'abcd':\n{indented(body)}"
    together, alone = both_ways(code, replies=echo)
    assert together.error == ""
    assert together.calls.sizes[0] >= 2
    assert together.calls.prompts == alone.calls.prompts


def indented(body: str) -> str:
    return "\n".join(f"    {line}" for line in body.split("\n"))


ALONE = {
    "an accumulator": "acc = llm_query(acc + x)",
    "a list of replies": "out.append(llm_query(f'{out} {x}'))",
    "a counter of replies": "if 'b' in llm_query(f'{n}{x}'): n += 1",
    "a break on the reply": "if 'c' in llm_query(x): break",
    "a raise on the reply": "if 'c' in llm_query(x): raise ValueError(x)",
    "an assertion": "assert 'c' not in llm_query(x)",
    "a break on a failure": "try: llm_query(x)\nexcept SubCallError: break",
    "a failure passed on": "try: llm_query(x)\nexcept SubCallError: raise",
    "a call that a reply decides on": "r = llm_query(acc)\nif r > acc: acc = r\nllm_query(acc + x)",
    "while": "while len(acc) < 4: acc += x\nllm_query(x)",
    "with": "with __import__('threading').Lock(): llm_query(x)",
    "a function within": "def f(): return x\nllm_query(x)",
    "an import": "import math\nllm_query(x)",
    "a deletion": "r = llm_query(x)\ndel r",
    "a match": "match llm_query(x):\n    case 'a': pass",
    "a global": "out.append(llm_query(x))\nglobals().update(q=1)",
}


@pytest.mark.parametrize("body", ALONE.values(), ids=ALONE)
def test_calls_that_may_not_come_or_cannot_be_told_go_alone(body: str):
    together, alone = both_ways(
        f"n, out, acc = 0, [], ''\nfor x in 'abcd':\n{indented(body)}", replies=echo
    )
    assert together.calls.sizes == alone.calls.sizes
    assert together.calls.prompts == alone.calls.prompts


DECIDED = {
    "if": "r = llm_query(x)\nif 'b' in r: llm_query(x + '2')",
    "else": "r = llm_query(x)\nif 'b' in r: pass\nelse: llm_query(x + '2')",
    "behind a skip": "r = llm_query(x)\nif 'b' in r: continue\nllm_query(x + '2')",
    "and": "'b' in llm_query(x) and llm_query(x + '2')",
    "or": "'b' in llm_query(x) or llm_query(x + '2')",
    "a conditional": "r = llm_query(x + '2') if 'b' in llm_query(x) else ''",
    "behind a call that may fail": (
        "try:\n    llm_query(x)\n    llm_query(x + '2')\nexcept SubCallError: pass"
    ),
    "in a handler": "try: llm_query(x)\nexcept SubCallError: llm_query(x + '2')",
    "in an else": "try: llm_query(x)\nexcept SubCallError: pass\nelse: llm_query(x + '2')",
    "behind a handler that skips": (
        "try: llm_query(x)\nexcept SubCallError: continue\nllm_query(x + '2')"
    ),
    "in an inner loop": "for w in llm_query(x): llm_query(x + '2')",
    "in a condition": "z = [y for y in 'ab' if llm_query(x) and llm_query(x + y)]",
    "in a function": "def_(x)",
}


@pytest.mark.parametrize("body", DECIDED.values(), ids=DECIDED)
@pytest.mark.parametrize("fails", [False, True])
def test_a_call_that_a_reply_decides_on_is_not_made_for_nothing(body: str, fails: bool):  # noqa: FBT001
    define = "def def_(x):\n    r = llm_query(x)\n    if 'b' in r: return r\n"
    define += "    return llm_query(x + '2')\n"
    replies = (lambda p: SubCallError(p, "timeout") if p == "c" else f"<{p}>") if fails else echo
    together, alone = both_ways(f"{define}for x in 'abcd':\n{indented(body)}", replies=replies)
    if not together.error:
        assert together.calls.prompts == alone.calls.prompts


FUNCTIONS = {
    "a wrapper": "def ask(c): return llm_query(f'about {c}')",
    "defaults": "def ask(c, how='short', *, n=2): return llm_query(f'{how} {n} {c}')",
    "several returns": (
        "def ask(c):\n    '''Says.'''\n    if c == 'a': return 'skipped'\n    r = llm_query(c)\n"
        "    if 'b' in r: return r.upper()\n    return r"
    ),
    "a failure caught": (
        "def ask(c):\n    try:\n        return llm_query(c)\n    except SubCallError:\n"
        "        return ''"
    ),
    "functions within functions": (
        "def prompt(c): return c + '?'\ndef once(c): return llm_query(prompt(c))\n"
        "def ask(c): return once(c)"
    ),
    "a lambda": "ask = lambda c: llm_query(c)",
    "a global": "how = 'short'\ndef ask(c): return llm_query(f'{how} {c}')",
    "nothing returned": "def ask(c):\n    print(llm_query(c))",
}


@pytest.mark.parametrize("define", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize(
    "loop",
    ["print([ask(c) for c in 'abcd'])", "for c in 'abcd': print(ask(c))", "list(map(ask, 'abcd'))"],
)
def test_functions_that_wrap_a_call_are_looked_into(define: str, loop: str):
    for code, earlier in ((f"{define}\n{loop}", []), (loop, [define])):
        together, alone = both_ways(code, *earlier, replies=echo)
        assert together.error == ""
        assert len(together.calls.sizes) == 1
        assert together.calls.prompts == alone.calls.prompts


OTHER_FUNCTIONS = {
    "one that changes a global": (
        "n = 0\ndef ask(c):\n    global n\n    n += 1\n    return llm_query(f'{n}{c}')"
    ),
    "a closure": (
        "def make(how):\n    def ask(c): return llm_query(how + c)\n    return ask\nask = make('x')"
    ),
    "decorated": "import functools\n@functools.lru_cache\ndef ask(c): return llm_query(c)",
    "any arguments": "def ask(*cs): return llm_query(*cs)",
    "without end": (
        "def ask(c): return ask(c) if len(c) > 9 else deep(c)\ndef deep(c): return llm_query(c)"
    ),
    "one that keeps a list": (
        "def ask(c, kept=[]):\n    kept.append(c)\n    return llm_query(f'{kept}')"
    ),
    "one that raises": (
        "def ask(c):\n    r = llm_query(c)\n    if 'c' in r: raise ValueError\n    return r"
    ),
    "a generator": "def gen(c): yield llm_query(c)\ndef ask(c): return list(gen(c))",
}


@pytest.mark.parametrize("define", OTHER_FUNCTIONS.values(), ids=OTHER_FUNCTIONS)
def test_other_functions_run_as_they_are(define: str):
    together, alone = both_ways(f"{define}\nfor c in 'abcab': print(ask(c))", replies=echo)
    assert together.calls.prompts == alone.calls.prompts


def test_a_loop_in_a_function_sees_the_names_of_the_function():
    code = """
c = word = "outside"
def run(word, more=()):
    got = []
    for c in ("a", "b", "c"):
        got.append(llm_query(f"{word} {c} {len(more)}"))
    return got, [llm_query(f"{word} {c}") for c in more]
run("inside", more=["x", "y"])
"""
    together, _ = both_ways(code, replies=echo)
    assert together.calls.sizes == [3, 2]
    assert "<inside a 2>" in together.printed


def test_a_name_that_is_not_set_yet_is_not_the_one_outside():
    loop = "for c in 'ab':\n        llm_query(word)\n        word = c"
    code = f"word = 'outside'\ndef f():\n    {loop}\nf()"
    together, alone = both_ways(code)
    assert "UnboundLocalError" in together.error
    assert together.calls.sizes == alone.calls.sizes == []


def test_the_target_of_a_comprehension_is_not_what_functions_see():
    code = "c = 'outside'\ndef ask(x): return llm_query(f'{c} {x}')\n[ask(c) for c in 'ab']"
    together, _ = both_ways(code, replies=echo)
    assert "<outside a>" in together.printed
    assert together.calls.sizes == [2]
