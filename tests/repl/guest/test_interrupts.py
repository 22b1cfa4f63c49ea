from __future__ import annotations

import asyncio
import signal

import pytest

from rlm_tui.repl import repl as repl_module
from rlm_tui.repl.cells import CallReply, CallRequest, CellResult
from tests.repl.notebook import Box, Notebook, run

PRELUDE = """
def begun():
    try:
        llm_query("begun")
    except BaseException:
        pass
kept = "kept"
"""
"""The first signal may come before `begun()` has returned and is lost then; the others are not."""


def interrupted(box: Box, notebook: Notebook, code: str, *, again: bool = False) -> CellResult:
    """Run a cell and interrupt it when it makes its first sub-call.

    With `again`, signal until it ends: by hand, since two steps of a ladder may fall together.
    """

    async def scenario() -> CellResult:
        async def answer(request: CallRequest) -> list[CallReply]:
            asyncio.get_running_loop().call_soon(notebook.repl.interrupt, "enough")
            if request.prompts == ["begun"]:
                has_begun.set()
                return ["go on"]
            return await asyncio.get_running_loop().create_future()

        has_begun = asyncio.Event()
        cell = asyncio.ensure_future(run(notebook.repl, PRELUDE + code, answer=answer, name="1.1"))
        if again:
            await has_begun.wait()
            while not cell.done():
                box.sandbox.signal(notebook.repl.pid, signal.SIGINT)
                await asyncio.wait([cell], timeout=0.02)
            await box.sandbox.settled()
        return (await cell).result

    return box.do(scenario())


@pytest.fixture
def quick_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repl_module, "HARD_AFTER", 0.03)
    monkeypatch.setattr(repl_module, "KILL_AFTER", 0.1)


@pytest.fixture
def no_killing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repl_module, "KILL_AFTER", 600)


GIVES_IN = {
    "a loop": "begun()\nwhile True: pass",
    "a loop in a function": "def f():\n    while True: pass\nbegun()\nf()",
    "sleep": "import time\nbegun()\ntime.sleep(1e6)",
    "a regex that backtracks": "import re\nbegun()\nre.match(r'(a+)+$', 'a' * 60 + 'b')",
    "a lock": "import threading\nl = threading.Lock(); l.acquire()\nbegun()\nl.acquire()",
    "a queue": "import queue\nbegun()\nqueue.Queue().get()",
    "a thread that is joined": (
        "import threading, time\n"
        "t = threading.Thread(target=time.sleep, args=(1e6,), daemon=True)\n"
        "t.start()\nbegun()\nt.join()"
    ),
    "an event loop": "import asyncio\nbegun()\nawait asyncio.sleep(1e6)",
    "a list being made": "begun()\n[x for x in iter(int, 1) if x]",
    "what is echoed": (
        "class A:\n    def __repr__(self):\n        begun()\n        while True: pass\nA()"
    ),
    "the text of an answer": (
        "class A:\n    def __str__(self):\n        begun()\n        while True: pass\nFINAL(A())"
    ),
    "the text of an error": (
        "class E(Exception):\n    def __str__(self):\n        begun()\n        while True: pass\n"
        "raise E"
    ),
    "a print flood": "begun()\nwhile True: print('x' * 1000)",
    "a flood of small prints": "begun()\nwhile True: print('x', end='')",
    "a sub-call": "llm_query('never answered')",
    "finally": "try:\n    llm_query('never answered')\nfinally:\n    cleaned = True",
    "a batch": "while True: llm_query_batched(['never', 'answered'])",
    "sub-calls that are caught": (
        "while True:\n    try: llm_query('never answered')\n    except SubCallError: pass"
    ),
    "sub-calls in a pool": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool: list(pool.map(llm_query, map(str, range(100))))"
    ),
    "sub-calls in an event loop": (
        "import asyncio\n"
        "await asyncio.gather(*(asyncio.to_thread(llm_query, str(n)) for n in range(20)))"
    ),
}


@pytest.mark.parametrize("code", GIVES_IN.values(), ids=GIVES_IN)
def test_an_interrupted_cell_keeps_its_variables(
    box: Box, notebook: Notebook, no_killing, code: str
):
    result = interrupted(box, notebook, code, again="begun()" in code)
    assert (result.outcome, result.error, result.final) == ("interrupted", "enough", None)
    assert notebook.ok("kept") == "'kept'\n"
    assert notebook.ok("llm_query('x')") == "'<x>'\n"
    if "cleaned" in code:
        assert notebook.ok("cleaned") == "True\n"


DOES_NOT = {
    "C code that never looks up": (
        "try:\n    llm_query('begun')\n    sum(range(10**15))\n"
        "except BaseException:\n    sum(range(10**15))"
    ),
    "handlers that go on": (
        "def f(depth):\n    while True:\n        try:\n            if depth: f(depth - 1)\n"
        "            llm_query('begun')\n            while True: str(depth)\n"
        "        except BaseException:\n            continue\nf(20)"
    ),
    "signals turned off": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nbegun()\nwhile True: pass"
    ),
    "a pool that never ends": (
        "from concurrent.futures import ThreadPoolExecutor\nimport time\ndef f(depth):\n"
        "    while True:\n        try:\n            if depth: f(depth - 1)\n"
        "            with ThreadPoolExecutor() as pool:\n                llm_query('begun')\n"
        "                pool.submit(time.sleep, 1e6)\n"
        "        except BaseException: pass\nf(20)"
    ),
}


@pytest.mark.parametrize("code", DOES_NOT.values(), ids=DOES_NOT)
def test_a_cell_that_does_not_give_in_is_killed(box: Box, notebook, quick_ladder, code: str):
    result = interrupted(box, notebook, code)
    assert (result.outcome, result.error) == ("killed", "enough")
    assert not notebook.repl.is_alive
    assert box.notebook().ok("'alive'") == "'alive'\n"


def test_a_cell_over_its_budget_is_interrupted(notebook: Notebook):
    result = notebook.run("kept = 1\nwhile True: pass", budget=0.05).result
    assert (result.outcome, result.error) == (
        "interrupted",
        "the code block ran longer than 0.05 s",
    )
    assert notebook.ok("kept") == "1\n"


def test_an_interrupt_as_a_cell_ends_does_not_hit_the_next(box: Box, notebook: Notebook):
    async def scenario() -> list[CellResult]:
        loop = asyncio.get_running_loop()
        next_ones = []
        for number in range(150):
            cell = asyncio.ensure_future(run(notebook.repl, "x = 1", name=f"{number}.1"))
            # From before the cell begins to after it has ended.
            timer = loop.call_later(number * 1e-5, notebook.repl.interrupt, "just now")
            result = (await cell).result
            timer.cancel()
            assert result.outcome in {"ok", "interrupted"}, result
            code = "for i in range(300): str(i)"
            next_ones.append((await run(notebook.repl, code, name=f"{number}.2")).result)
        return next_ones

    assert {(result.outcome, result.error) for result in box.do(scenario())} == {("ok", "")}
    assert notebook.ok("'alive'") == "'alive'\n"


STORMED = {
    "computing": "for i in range(3000): str(i)",
    "printing": "for i in range(300): print('x' * 100)",
    "failing": "def f(n): return f(n - 1) if n else 1 / 0\nf(30)",
    "asking": "[llm_query('x') for _ in range(20)]",
    "asking in threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(3) as pool: list(pool.map(llm_query, 'abcdef'))"
    ),
    "finishing": (
        "class A:\n    def __str__(self): return str([str(i) for i in range(500)])\nFINAL(A())"
    ),
}


@pytest.mark.parametrize("code", STORMED.values(), ids=STORMED)
def test_a_storm_of_signals_leaves_the_repl_in_order(box: Box, notebook: Notebook, code: str):
    """Many signals at any moment: while it prints, asks, fails and tells of its failure."""
    notebook.ok("kept = 1")

    async def storm(cell: asyncio.Future) -> None:
        while not cell.done():
            box.sandbox.signal(notebook.repl.pid, signal.SIGINT)
            await asyncio.sleep(0.0003)

    async def scenario() -> set[str]:
        outcomes = set()
        for number in range(40):
            cell = asyncio.ensure_future(run(notebook.repl, code, name=f"{number}.1"))
            await asyncio.sleep(number * 1e-4)
            await storm(cell)
            outcomes.add((await cell).result.outcome)
        await box.sandbox.settled()
        return outcomes

    assert box.do(scenario()) <= {"ok", "error", "interrupted"}
    assert notebook.ok("kept, llm_query('x')") == "(1, '<x>')\n"
    for thread in range(3):
        assert notebook.ok(f"llm_query_batched(['{thread}', 'b'])") == f"['<{thread}>', '<b>']\n"
