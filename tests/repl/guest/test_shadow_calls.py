from __future__ import annotations

import pytest

from tests.repl.guest.looping import both_ways

ITEMS = """
import json, re, time, random
from collections import Counter, defaultdict
items = ["a", "b", "c"]
"""

ARGUMENTS = {
    "by position": ("llm_query(x, 'fast')", 3),
    "by name": ("llm_query(prompt=x, model=None)", 3),
    "a context": ("rlm_query('q', context={'p': x})", 3),
    "a context by position": ("rlm_query('q', [x, 1], 'fast')", 3),
    "unpacked": ("llm_query(*[x])", 1),
    "named by a dict": ("llm_query(**{'prompt': x})", 1),
    "a model that is a reply": ("llm_query(x, model=llm_query('m'))", 3),
    "an object as context": ("rlm_query('q', context=Counter)", 1),
}


@pytest.mark.parametrize(("call", "size"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_calls_whose_arguments_are_known_go_together(call: str, size: int):
    together, alone = both_ways(f"{ITEMS}for x in items: {call}", replies=str)
    assert together.error == ""
    assert together.calls.prompts == alone.calls.prompts
    assert max(together.calls.sizes) == size


WRONG = [
    "llm_query()",
    "llm_query(x, y=1)",
    "llm_query(x, 'm', 'n')",
    "llm_query(5)",
    "llm_query(x, 5)",
]
WRONG += ["llm_query(x, prompt=x)", "rlm_query(x, 'c', context='d')"]


@pytest.mark.parametrize("call", WRONG)
def test_calls_that_cannot_be_meant_raise_where_they_stand(call: str):
    together, alone = both_ways(f"{ITEMS}for x in items: {call}")
    assert "TypeError" in together.error
    assert together.calls.sizes == alone.calls.sizes == []


USES = [
    "print(r, x)", "out.append(r)", "out.append((x, r))", "out.extend(r.split())", "out += [r]",
    "found[r] = x", "groups[r[:1]].append(x)", "found.setdefault(r, []).append(x)", "seen.add(r)",
    "tally[r] += 1", "tally.update(r.split())", "print(json.dumps(r))", "out.insert(0, r)",
    "n = int(re.sub(r'\\D', '', r) or 0)", "time.sleep(0)", "random.random()",
    "y = r.strip().lower()", "m = re.search('a', r)\n    y = m.group() if m else ''",
    "print(*r.split(), sep='/')", "isinstance(r, str) and print('text')",
    "out.append({'x': x, 'r': r, 'parts': [p for p in r.split() if p]})",
    "y = sorted(out)[:2]", "print(max(len(r), 3))", "y = '\\n'.join([r, x])",
    "print('\\n'.join(f'{a}: {b}' for a, b in found.items()))", "print(f'{r:>20}|{len(out)}')",
    "y = {'yes': 1}.get(r, 0)\n    out.append(y)", "print(r == x, r in out)",
]  # fmt: skip


@pytest.mark.parametrize("use", USES)
def test_what_is_made_of_replies_does_not_keep_calls_from_going_together(use: str):
    before = "out, found, groups, tally, seen = [], {}, defaultdict(list), Counter(), set()\n"
    together, alone = both_ways(f"{ITEMS}{before}for x in items:\n    r = llm_query(x)\n    {use}")
    assert together.error == ""
    assert together.calls.sizes == [3]
    assert alone.calls.sizes == [1, 1, 1]


REFUSED = {
    "exec": "exec('items.append(1) if len(items) < 5 else 0')",
    "a class": "Own(r)",
    "a method of an object": "Own(0).take(r)",
    "a generator function": "list(gen(r))",
    "a function of a library": "import os; os.path.join(r)",
    "a rebound name": "globals()['llm_query'] = str",
    "next": "next(it, None)",
    "setattr": "setattr(Own, 'x', r)",
    "a print of an object": "print(Own(r))",
    "a callback": "re.sub('r', lambda m: print('called') or 'x', r)",
}


@pytest.mark.parametrize("use", REFUSED.values(), ids=REFUSED)
def test_calls_of_what_is_not_known_keep_a_loop_as_it_is(use: str):
    before = """
class Own:
    def __init__(self, r): self.r = r
    def take(self, r): items.append(r) if len(items) < 5 else None
    def __repr__(self): return "Own"
def gen(r):
    yield r
it = iter("abcdef")
"""
    together, alone = both_ways(f"{ITEMS}{before}for x in items:\n    r = llm_query(x)\n    {use}")
    assert together.calls.sizes == alone.calls.sizes


SHADOWED = [
    "llm_query = lambda p: p.upper()",
    "def llm_query(p): return p",
    "real = llm_query\ndef llm_query(p, n=[0]):\n    n[0] += 1\n    return real(f'{n[0]} {p}')",
    "class llm_query(str): pass",
    "from functools import partial\nllm_query = partial(llm_query, model='fast')",
    "del llm_query",
]


@pytest.mark.parametrize("define", SHADOWED)
def test_a_function_of_the_same_name_is_called_as_it_is(define: str):
    together, alone = both_ways(f"{ITEMS}{define}\nfor x in items: print(llm_query(x))")
    assert together.calls.sizes == alone.calls.sizes


def test_another_name_of_the_function_is_the_function():
    assert both_ways("ask = llm_query\nfor x in 'abc': ask(x)")[0].calls.sizes == [3]


def test_a_name_that_must_mean_a_builtin_is_held_against_it():
    code = "list = lambda g: next(iter(g))\nlist(llm_query(x) for x in 'abc')"
    assert both_ways(code)[0].calls.sizes == [1]
    code = "def map(f, xs): return [f(x) for x in xs[:1]]\nlist(map(llm_query, 'abc'))"
    assert both_ways(code)[0].calls.sizes == [1]
