"""Monty against CPython: what it runs it runs alike, and what it lacks it refuses."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.repl.guest.test_language import ECHO, TABLE
from tests.repl.notebook import Notebook

LACKING = {
    "abstract class",
    "annotations are values",
    "async for, async with, async comprehension",
    "asyncio.run in a plain cell",
    "class with inheritance and super",
    "collections",
    "comprehension leaves no variable",
    "csv",
    "dataclass",
    "decimal and fractions",
    "del",
    "decorator with arguments",
    "enum",
    "exception groups",
    "exec with its own namespace",
    "forward reference to a class",
    "future import",
    "generator across cells",
    "globals and vars",
    "import as, from, submodule",
    "inspect finds a cell's source",
    "metaclass",
    "named tuple",
    "own class is pickled",
    "own module by name",
    "property and slots",
    "redirected stdout",
    "singledispatch by annotation",
    "statistics",
    "task made before the last expression awaits it",
    "threads",
    "with and contextlib",
    "yield from and return value",
}
"""Rows of the table that Monty 1.4 does not run."""

RUN = {name: row for name, row in TABLE.items() if name not in LACKING}


@pytest.mark.parametrize(("cells", "printed"), RUN.values(), ids=RUN)
def test_code_behaves_as_in_python(monty: Notebook, cells, printed):
    *earlier, last = cells
    for code in earlier:
        monty.ok(code)
    assert monty.ok(last) == printed


@pytest.mark.parametrize("name", sorted(LACKING))
def test_what_is_lacking_is_refused_and_never_run_otherwise(monty: Notebook, name):
    cells, printed = TABLE[name]
    ran = [monty.run(code) for code in cells]
    if all(cell.result.outcome == "ok" for cell in ran):
        pytest.skip("this version of Monty runs it")
    assert ran[-1].result.outcome == "error" or ran[-1].out == printed


@pytest.mark.parametrize(("code", "printed"), ECHO.values(), ids=ECHO)
def test_what_is_echoed(monty: Notebook, code, printed):
    assert monty.ok(code) == printed


NUMBERS = st.one_of(
    st.integers(-50, 50), st.integers(), st.integers(-(10**6), 10**6).map(lambda n: n / 8)
)
TEXTS = st.text(alphabet="aB1 \n\té🎉ß,.", max_size=12)
LISTS = st.lists(st.integers(-9, 9), max_size=6)

EXPRESSIONS = (
    """
a + b; a - b; a * b; a // b; a % b; a / 4 if abs(a) < 1e6 else 0; divmod(a, b)
round(a, 1); abs(a); a < b; min(a, b); f"{a:>12}|{b:,}"; int(a); float(b) == b; bool(a)
str(a); f"{a:.3f}|{b:08.2f}"; "%.2f|%d" % (a, b)
s.upper(); s.split(); s.splitlines(); s.strip(); s[::-1]; s[1:4]; s.count(t); s.find(t); s in t
s.replace(t, "-"); s.partition(t); s + t; s * 2; len(s); s.title(); s.isalpha(); sorted(s)
[ord(c) for c in s]; s.encode(); repr(s); s.split(t); s.zfill(6); s.startswith(t); s < t
f"{s!r:>14}"; "%s|%5s" % (s, t); s.rsplit(t, 1); s.lower().casefold(); s.join([t, t]); s.index(t)
sorted(l); sum(l); max(l); l[::-2]; l + m; l < m; sorted(set(l) & set(m)); list(zip(l, m))
dict(zip(l, m)); list(enumerate(l, 1)); l.index(0); {x: x * x for x in l}; any(l); all(m)
[x * y for x in l for y in m if x != y]; list(map(str, l)); [*l, *m]; l.count(1); tuple(l); l[1]
sorted(l, key=lambda x: (-abs(x), x)); list(filter(None, l)); l == m; list(reversed(l)); l * 2
re.findall(r"\\w+", s); re.sub(r"[aB]", "x", s); re.split(r",\\s*", s); json.dumps([a, s, l])
json.loads(json.dumps({s: l})); Counter(s).most_common(2); math.floor(a); math.sqrt(abs(a) % 1000)
""".replace("\\\\", "\\")
    .replace("\n", ";")
    .split(";")
)
IMPORTS = "import json, math, re\nfrom collections import Counter\n"


# The last digit of a float may differ: both write what reads back as the same number.


def guarded(expression: str) -> str:
    """What prints the value, or the class of the exception."""
    return (
        f"try:\n    print(repr({expression.strip()}))\n"
        "except Exception as e:\n    print(type(e).__name__)\n"
    )


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    values=st.tuples(NUMBERS, NUMBERS, TEXTS, TEXTS, LISTS, LISTS),
    made=st.lists(
        st.sampled_from([one for one in EXPRESSIONS if one.strip()]), min_size=1, max_size=20
    ),
)
def test_expressions_have_the_values_they_have_in_python(notebook, monty, values, made):
    code = f"{IMPORTS}a, b, s, t, l, m = {values!r}\n" + "".join(map(guarded, made))
    for expression, ours, theirs in zip(
        made, monty.ok(code).splitlines(), notebook.ok(code).splitlines(), strict=True
    ):
        assert ours == theirs, expression
