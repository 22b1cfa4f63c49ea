"""What a prompt may be made of: each is looked ahead at in a loop, and then made as written."""

from __future__ import annotations

import pytest

from tests.repl.guest.looping import both_ways


def echo(prompt: str) -> str:
    return f"<{prompt}>"


BEFORE = """
import re
items = ["ab", "cde", "", "f g"]
n, word, table, rows = 7, "Word", {"ab": 1, "k": [1, 2]}, [{"t": "x"}, {"t": "y"}]
pairs = [("a", 1), ("b", 2)]
matches = [re.search("(b)(c)?", t) for t in ("abc", "ab", "xb")]
class Own:
    x = "x"
    def __init__(self): self.y = "y"
own = Own()
"""

KNOWN = [
    "x", "'a'", "f'{x}'", "f'{x!r}{n:>5}{x!s:_<{n}}'", "x + word", "x * 3", "'%s %d' % (x, n)",
    "str(n + 1)", "str(-n)", "str(n / 2 - 1)", "str(n // 2) + str(n % 4)", "str([x, n, (1,)])",
    "x[0:1]", "x[::-1]", "word[n % 4]", "items[-1] + x", "str(table['k'][0])", "pairs[0][0] + x",
    "x if n > 3 else undefined", "'y' if x == 'ab' else x", "x or 'empty'", "x and word",
    "str(x in items)", "str('a' not in x)", "str(1 < n < 9 < 12)", "str(x is None)", "str(not x)",
    "'-'.join(items)", "'-'.join(f'{i}{x}' for i in items if i)",
    "str([i for i in range(n) if i % 2])",
    "str({i: len(i) for i in items})", "str(sorted({i for i in items}))",
    "str([(i, j) for i in 'ab' for j in items])", "str(list(enumerate(items)))",
    "''.join(a + str(b) for a, b in pairs)",
    "str(max(items, key=len))", "str([len(i) for i in items])", "rows[0]['t'] + x",
    "table.get('nothing', x)", "str({'x': x}['x'])", "re.sub('a', 'b', x)",
    "matches[0].group(1) + matches[0][2]", "str(re.findall('.', x))", "f'{len(items):03}'",
    "str(round(n / 3, 2))", "x.upper().strip().replace('A', 'b')", "str(table)",
]  # fmt: skip


@pytest.mark.parametrize("prompt", KNOWN)
def test_prompts_that_can_be_told_go_together(prompt: str):
    together, alone = both_ways(f"{BEFORE}\nfor x in items: llm_query({prompt})", replies=echo)
    assert together.error == ""
    assert together.calls.sizes == [4]
    assert together.calls.prompts == alone.calls.prompts


UNKNOWN = {
    "an attribute of an object": "own.y + x",
    "an object in a text": "f'{x} {type(own).__name__}'",
    "a power": "str(2 ** n)",
    "bits": "str(n << 2)",
    "a lambda": "sorted(items, key=lambda i: len(i))[0] + x",
    "a dict unpacked": "str({**table})",
    "a generator kept": "str((i for i in items))[:9] + x",
    "an enumeration kept": "str(enumerate(items))[:9] + x",
    "a format that looks inside": "'{0.y}'.format(own)",
    "a list unpacked": "str([*items, x])",
    "a dunder": "x.__class__.__name__",
    "an unfinished comparison": "str(1 < len(llm_query(x)) < 9)",
    "the time": "f'{__import__(\"time\").time() > 0}'",
}


@pytest.mark.parametrize("prompt", UNKNOWN.values(), ids=UNKNOWN)
def test_prompts_that_cannot_be_told_for_sure_go_alone(prompt: str):
    together, alone = both_ways(f"{BEFORE}\nfor x in items: llm_query({prompt})", replies=echo)
    assert together.error == ""
    assert together.calls.sizes == alone.calls.sizes


RAISING = [
    "items[9]",
    "table['no']",
    "x[0] + undefined",
    "'a' + n",
    "str(1 / 0)",
    "x[:1] % x",
    "int(x)",
]


@pytest.mark.parametrize("prompt", RAISING)
def test_what_would_raise_is_raised_where_it_stands(prompt: str):
    together, alone = both_ways(
        f"{BEFORE}\nfor x in items:\n    print(x)\n    llm_query({prompt})", replies=echo
    )
    assert together.error
    assert together.calls.prompts == alone.calls.prompts


CHANGED = {
    "a list that grows": ("seen = []", "llm_query(f'{len(seen)}{x}'); seen.append(x)", 1),
    "a list of another name": ("also = items", "llm_query(f'{also[0]}{x}'); items[0] = 'n'", 1),
    "through another list": ("all = [items]", "llm_query(f'{items[0]}{x}'); all[0][0] = 'n'", 1),
    "a dict at the key": ("", "llm_query(f\"{table['k']}{x}\"); table['k'] = x", 1),
    "a dict at another key": ("", "llm_query(f\"{table['k']}{x}\"); table['l'] = x", 4),
    "a dict as a whole": ("", "llm_query(f'{len(table)}{x}'); table['l'] = x", 1),
    "a list that is not read": ("seen = []", "llm_query(x); seen.append(x)", 4),
    "a reply's key": ("kept = {}", "r = llm_query(f\"{kept.get('a')}{x}\"); kept[r] = x", 1),
    "an unknown part": ("", "r = llm_query(f\"{rows[0]['t']}{x}\"); rows[len(r) % 2]['t'] = x", 1),
    "a part of nothing else": ("", "r = llm_query(f'{word}{x}'); rows[len(r) % 2]['t'] = x", 4),
    "a set": ("s = set()", "llm_query(f'{sorted(s)}{x}'); s.add(x)", 1),
    "a slice": ("", "llm_query(f'{items[1]}{x}'); rows[:] = [{'t': 'z'}, {'t': 'z'}]", 4),
}


@pytest.mark.parametrize(("before", "body", "size"), CHANGED.values(), ids=CHANGED)
def test_what_is_changed_by_the_loop_is_not_known_behind_the_change(before, body, size):
    together, alone = both_ways(f"{BEFORE}\n{before}\nfor x in items: {body}", replies=echo)
    assert together.error == ""
    assert together.calls.prompts == alone.calls.prompts
    assert together.calls.sizes[0] == size


def test_a_list_that_the_loop_itself_changes_is_not_looked_ahead_at():
    body = "llm_query(x)\n    if len(items) < 5: items.append(x + 'c')"
    code = f"items = ['a', 'b']\nfor x in items:\n    {body}"
    assert both_ways(code)[0].calls.sizes == [1] * 5


def test_targets_of_several_names_are_taken_apart():
    code = (
        "for (i, (a, b)), [c] in [((1, 'xy'), ['c']), ((2, 'zw'), 'd')]: llm_query(f'{i}{a}{b}{c}')"
    )
    assert both_ways(code)[0].calls.sizes == [2]
