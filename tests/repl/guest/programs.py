"""Cells with loops that make sub-calls, made at random: such as can be looked ahead, and others."""

# ruff: noqa: FBT001 - whether a loop is over rows is passed on from strategy to strategy

from __future__ import annotations

import textwrap

from hypothesis import strategies as st

PREAMBLE = '''
import json, re
from collections import Counter, defaultdict
items = {items!r}
data = {{f"k{{i}}": t for i, t in enumerate(items)}}
rows = [{{"t": t, "n": i}} for i, t in enumerate(items)]
out, acc, n, seen, r, e, p = [], "", 0, {{}}, "", "", "p"
groups, tally, state = defaultdict(list), Counter(), [0]

def wrap(x, extra="!"):
    """A wrapper."""
    return llm_query(f"w {{x}}{{extra}}")

def careful(x):
    try:
        return llm_query("careful " + str(x))
    except SubCallError as e:
        return f"failed {{e.kind}}"

def choosy(x):
    if "a" in str(x):
        return "skipped"
    reply = llm_query(f"choosy {{x}}")
    if "r1" in reply:
        return reply.upper()
    return reply

def impure(x):
    out.append(str(x))
    return str(len(out))

def counting(x):
    global n
    n += 1
    return f"{{n}} {{x}}"

def tail(x): return str(x)[-2:]
short = lambda x: llm_query("short " + tail(x))

def looking(xs):
    for x in xs:
        print("gave", x)
        yield x

class Loud:
    def __init__(self, x): self.x = x
    def __repr__(self): return f"Loud({{self.x}})"
    def __str__(self):
        items.append("loud") if len(items) < 12 else None
        return f"loud {{self.x}}"

def other(prompt): return f"other {{prompt}}"
'''

ITERABLES = (
    ("items", "x"),
    ("items", "x"),
    ("items[:]", "x"),
    ("enumerate(items)", "n, x"),
    ("list(enumerate(items, 1))", "n, x"),
    ("zip(items, items[1:])", "x, y"),
    ("reversed(items)", "x"),
    ("range(len(items))", "x"),
    ("range(0, 40, 7)", "x"),
    ("data", "x"),
    ("data.items()", "y, x"),
    ("sorted(data)", "x"),
    ("rows", "row"),
    ("rows", "row"),
    ("enumerate(rows)", "n, row"),
    ("zip(rows, items)", "row, x"),
    ("iter(items)", "x"),
    ("looking(items)", "x"),
    ("(z for z in items)", "x"),
    ("'abcab'", "x"),
    ("dict.fromkeys(items)", "x"),
    ("[Loud(1), 'a', 'b']", "x"),
    ("map(str, items)", "x"),
    ("seen or items", "x"),
)

PROMPTS = (
    'f"{x}"',
    '"a " + str(x)',
    'f"{n} {x!r:>8}"',
    'f"{acc}{x}"',
    'f"{len(out)} {x}"',
    'f"{items[0]} {x} {len(items)}"',
    'f"{p}{x}"',
    '"-".join([str(x), "b", p])',
    '"\\n".join(f"- {z}" for z in items if z != x)',
    "counting(x)",
    "impure(x)",
    "f\"{data.get('k0')} {x}\"",
    "f\"{seen.get(x, 'none')} {x}\"",
    "f\"{row['t']} {row.get('n')}\"",
    'f"{row}"',
    "str(x).upper().replace('A', 'b')[:3]",
    "'{} of {}'.format(x, len(items))",
    "'%s/%d' % (x, len(items))",
    'f"{x}" if n % 2 else f"odd {x}"',
    "re.sub('[aeiou]', '', str(x)) + json.dumps([str(x)])",
    'f"{r} {x}"',
    "f\"{out[-1] if out else 'first'} {x}\"",
    'f"{groups} {x}"',
    "f\"{tally['r1']} {state[0]} {x}\"",
    "context[:n + 3] + str(x)",
    "x",
)

CALLS = (
    "llm_query({p})",
    "llm_query({p})",
    "llm_query(prompt={p}, model=None)",
    'rlm_query({p}, context=f"about {{x}}")',
    "rlm_query({p}, items)",
    "wrap({p})",
    "wrap(x, extra={p})",
    "careful({p})",
    "choosy({p})",
    "short({p})",
    "llm_query({p}).strip().upper()",
    "llm_query(llm_query({p}))",
    "str({p})",
    "recursive_lm({p})",
    "llm_query_batched([{p}, 'b'])[0]",
)

CONDITIONS = (
    '"a" in str(x)',
    '"r1" in str(r)',
    "n > 2",
    "out",
    "x == items[-1]",
    "len(out) % 3 == 1",
    "not seen.get(x)",
    "state[0]",
    'isinstance(x, str) and x.startswith("b")',
    "0 < n < 3",
    'r and "r2" in r',
    "p is None",
)

SIMPLE = (
    "out.append(r)",
    "out.append(x)",
    "p = f'{x}:'",
    "p = str(n) + p[:5]",
    "acc += str(x)",
    "acc = acc + r",
    "acc = r",
    "n += 1",
    "n = len(r)",
    "seen[x] = r",
    "seen[r] = x",
    "data['k0'] = r",
    "data[x] = r",
    "row['s'] = r",
    "row['t'] = r",
    "row['n'] += 1",
    "groups[r[:2]].append(x)",
    "groups[r[:2]].append(row)",
    "groups[str(r)[:2]][0]['t'] = 'new'",
    "tally[r[:2]] += 1",
    "tally.update(r.split())",
    "state[0] += 1",
    "out += [r, x]",
    "items.append('more') if len(items) < 12 else None",
    "items[0] = 'changed'",
    "items[-1:] = [r]",
    "items.pop() if len(items) > 2 else None",
    "print(x, r)",
    "print(f'{n:>3}', len(out), end=';')",
    "print(Loud(x))",
    "counting(x)",
    "impure(x)",
    "n = 1 / (n - 3)",
    "n = int(r[-2:])",
    "found = re.findall(r'\\d+', r)",
    "state = [int(z) for z in re.findall(r'\\d+', r)] or state",
    "m = re.search(r'(\\d+)', r); n = int(m.group(1)) if m else n",
    "y, z = r[:1], str(x)",
    "r = r.strip() or p",
    "alias = items",
    "alias = out; alias.append(n)",
    "row = dict(row, n=n)",
    "llm_query = other",
    "items = items[1:] + ['t']",
    "del p",
    "pass",
)


def _of(lines: tuple[str, ...], *, rows: bool) -> st.SearchStrategy[str]:
    """Of these the ones that make sense in a loop over rows, or in another."""
    return st.sampled_from([line for line in lines if rows or "row" not in line])


@st.composite
def statements(draw, rows: bool, depth: int = 0) -> list[str]:
    """The lines of a loop's body."""
    lines: list[str] = []
    if depth == 0:
        lines += draw(_call(rows, depth))
    for _ in range(draw(st.integers(1, 4 if depth == 0 else 2))):
        kind = draw(st.sampled_from("ccccsssssiiftlnh" if depth < 2 else "cs"))
        lines += draw(_FORMS[kind](rows, depth))
    return lines


def _made(*, rows: bool) -> st.SearchStrategy[str]:
    prompts = _of(PROMPTS, rows=rows)
    return st.builds(lambda form, p: form.format(p=p), st.sampled_from(CALLS), prompts)


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _simple(rows: bool, _depth: int) -> st.SearchStrategy[list[str]]:
    return _of(SIMPLE, rows=rows).map(lambda line: [line])


def _call(rows: bool, _depth: int) -> st.SearchStrategy[list[str]]:
    forms = ("r = {c}", "r = {c}", "out.append({c})", "seen[str(x)] = {c}", "print({c})", "p = {c}")
    return st.builds(
        lambda form, made: [form.format(c=made)], st.sampled_from(forms), _made(rows=rows)
    )


@st.composite
def _choice(draw, rows: bool, depth: int) -> list[str]:
    lines = [
        f"if {draw(st.sampled_from(CONDITIONS))}:",
        *_indented(draw(statements(rows, depth + 1))),
    ]
    if draw(st.booleans()):
        lines += ["else:", *_indented(draw(statements(rows, depth + 1)))]
    return lines


@st.composite
def _jump(draw, rows: bool, _depth: int) -> list[str]:
    jump = draw(st.sampled_from(["continue", "continue", "break", "break", "raise ValueError(x)"]))
    return [f"if {draw(st.sampled_from(CONDITIONS))}: {jump}"]


@st.composite
def _attempt(draw, rows: bool, depth: int) -> list[str]:
    lines = ["try:", *_indented(draw(statements(rows, depth + 1)))]
    kind = draw(st.sampled_from(["SubCallError", "Exception", "(ValueError, SubCallError)"]))
    lines.append(f"except {kind} as error:")
    handled = [["continue"], ["r = f'failed: {error}'"], ["pass"], ["raise"], ["n += 1"]]
    lines += _indented(draw(st.one_of(st.sampled_from(handled), statements(rows, depth + 1))))
    last = draw(st.sampled_from(["", "", "else", "finally"]))
    return [*lines, f"{last}:", *_indented(draw(_simple(rows, depth)))] if last else lines


@st.composite
def _inner_loop(draw, rows: bool, depth: int) -> list[str]:
    over = draw(st.sampled_from(["'ab'", "items[:2]", "r", "range(n)", "rows", "list(seen)"]))
    return [f"for y in {over}:", *_indented(draw(statements(rows, depth + 1)))]


@st.composite
def _nested_comprehension(draw, rows: bool, _depth: int) -> list[str]:
    made = draw(_made(rows=rows))
    return [draw(st.sampled_from([f"z = [{made} for y in 'ab']", f"z = [y for y in {made}]"]))]


@st.composite
def _held_apart(draw, rows: bool, _depth: int) -> list[str]:
    one, other = draw(_made(rows=rows)), draw(_made(rows=rows))
    test = draw(st.sampled_from(CONDITIONS))
    forms = [
        f"r = {one} if {test} else {other}",
        f"r = ({test}) and {one}",
        f"r = {one} or {other}",
    ]
    return [draw(st.sampled_from(forms))]


_FORMS = {
    "c": _call,
    "s": _simple,
    "i": _choice,
    "f": _jump,
    "t": _attempt,
    "l": _inner_loop,
    "n": _nested_comprehension,
    "h": _held_apart,
}

COMPREHENSIONS = (
    "out = [{c} for {t} in {i}]",
    "out = [{c} for {t} in {i} if {k}]",
    "out = {{str({p}): {c} for {t} in {i}}}",
    "out = sorted({{{c} for {t} in {i} if {k}}})",
    "out = ' '.join({c} for {t} in {i})",
    "out = list({c} for {t} in {i} if {k})",
    "out = [{c} for z in 'ab' for {t} in {i}]",
    "out = [({c}, {d}) for {t} in {i}]",
    "out = [z for {t} in {i} if (z := {c})]",
    "out = any({c} for {t} in {i})",
    "out = list(map(wrap, {i}))",
    "out = list(map(llm_query, {i}))",
    "out = [{c} for {t} in {i} if {k} if {d}]",
    "out = next({c} for {t} in {i})",
    "out = dict(zip(items, [{c} for {t} in {i}]))",
    "out = max([{c} for {t} in {i}], key=len)",
)


@st.composite
def cells(draw) -> str:
    """A cell with a loop."""
    words = st.sampled_from(["a", "b", "cab", "bee", "x1", "ä", "", "long words here"])
    preamble = PREAMBLE.format(
        items=draw(st.lists(words, min_size=draw(st.integers(0, 3)), max_size=6))
    )
    over, target = draw(st.sampled_from(ITERABLES))
    rows = "row" in target
    if draw(st.integers(0, 2)) == 0:
        form = draw(st.sampled_from(COMPREHENSIONS))
        loop = [
            form.format(
                c=draw(_made(rows=rows)),
                d=draw(_made(rows=rows)),
                k=draw(st.sampled_from(CONDITIONS)),
                p=draw(_of(PROMPTS, rows=rows)),
                t=target,
                i=over,
            )
        ]
    else:
        loop = [f"for {target} in {over}:", *_indented(draw(statements(rows)))]
        if draw(st.booleans()):
            loop += ["else:", "    out.append('done')"]
    code = f"{preamble}\nx = row = y = i = z = ''\n" + "\n".join(loop) + "\nout\n"
    if draw(st.integers(0, 3)) == 0:
        code = (
            f"def main():\n{textwrap.indent(code, '    ')}    return out, acc, n, seen, r\nmain()\n"
        )
    return code
