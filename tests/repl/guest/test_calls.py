from __future__ import annotations

import asyncio

import pytest

from rlm_tui.repl.cells import CallError, CallReply, CallRequest
from tests.repl.notebook import Notebook, echoed, run, unmarked


def failing(request: CallRequest) -> list[CallReply]:
    """Fail for prompts with a `!`."""
    return [
        CallError("timeout", f"{prompt} took too long") if "!" in prompt else f"<{prompt}>"
        for prompt in request.prompts
    ]


REPLIES = {
    "one": ("llm_query('a')", "'<a>'"),
    "keyword": ("llm_query(prompt='a', model='m')", "'<a>'"),
    "empty": ("llm_query('')", "'<>'"),
    "batch": ("llm_query_batched(['a', 'b', 'a'])", "['<a>', '<b>', '<a>']"),
    "empty batch": ("llm_query_batched([])", "[]"),
    "batch from a generator": ("llm_query_batched(c for c in 'ab')", "['<a>', '<b>']"),
    "batch of one text": ("llm_query_batched('abc')", "['<abc>']"),
    "recursive": ("rlm_query('a')", "'<a>'"),
    "alias": ("recursive_lm('a'), recursive_llm('b')", "('<a>', '<b>')"),
    "recursive batch": ("rlm_query_batched(['a', 'b'])", "['<a>', '<b>']"),
    "unicode": ("llm_query('ü 🎉 \\u2028 \\x00')", "'<ü 🎉 \\u2028 \\x00>'"),
    "lone surrogate": ("llm_query('a\\ud800') == '<a\\ufffd>'", "True"),
    "str of its own": (
        "type('S', (str,), {'__str__': lambda s: 'no'})('a').join([llm_query('b')])",
        "'<b>'",
    ),
}


@pytest.mark.parametrize(("code", "told"), REPLIES.values(), ids=REPLIES)
def test_a_call_returns_its_reply(notebook: Notebook, code: str, told: str):
    assert notebook.ok(code) == f"{told}\n"


@pytest.mark.parametrize("reply", ["ü 🎉", "", "\ud83d", "\x1b[2J\0", "x" * 1_000_000])
def test_a_reply_arrives_as_it_is(notebook: Notebook, reply: str):
    assert notebook.ok(f"llm_query('x') == {reply!r}", answer=lambda _: [reply]) == "True\n"


REQUESTS = {
    "llm_query": ("llm_query('a')", ("llm_query", ["a"], False, None, None)),
    "model": ("llm_query('a', 'm')", ("llm_query", ["a"], False, "m", None)),
    "batch": ("llm_query_batched(['a'], model='m')", ("llm_query", ["a"], True, "m", None)),
    "rlm_query": ("rlm_query('a')", ("rlm_query", ["a"], False, None, None)),
    "text": ("rlm_query('a', 'text')", ("rlm_query", ["a"], False, None, ["text"])),
    "no text": ("rlm_query('a', '')", ("rlm_query", ["a"], False, None, [""])),
    "dict": ("rlm_query('a', {'p': 't'})", ("rlm_query", ["a"], False, None, [{"p": "t"}])),
    "dict of others": ("rlm_query('a', {1: 2})", ("rlm_query", ["a"], False, None, [{"1": "2"}])),
    "list": ("rlm_query('a', ['t', 5])", ("rlm_query", ["a"], False, None, ["t\n5"])),
    "other": ("rlm_query('a', 5)", ("rlm_query", ["a"], False, None, ["5"])),
    "batch of contexts": (
        "rlm_query_batched(['a', 'b'], ['t', None], 'm')",
        ("rlm_query", ["a", "b"], True, "m", ["t", None]),
    ),
}


@pytest.mark.parametrize(("code", "request_"), REQUESTS.values(), ids=REQUESTS)
def test_a_call_asks_for_what_it_was_given(notebook: Notebook, code: str, request_: tuple):
    (asked,) = notebook.run(code).requests
    assert (asked.kind, asked.prompts, asked.batch, asked.model, asked.contexts) == request_


def test_a_call_says_which_line_of_which_cell_made_it(notebook: Notebook):
    notebook.ok("def ask(p):\n    return llm_query(p)", name="1.1")
    ran = notebook.run("\nllm_query('here')\nask(\n'there')\n[llm_query('in')\n for _ in 'a']")
    assert [(r.cell, r.line) for r in ran.requests] == [("1.2", 2), ("1.1", 2), ("1.2", 5)]
    ran = notebook.run(
        "import threading\nt = threading.Thread(target=llm_query, args='x')\nt.start(); t.join()"
    )
    assert [(r.cell, r.line) for r in ran.requests] == [("", 0)]


MISTAKES = {
    "prompt is no text": ("llm_query(5)", "TypeError: llm_query() needs a str, not int"),
    "prompts are no texts": (
        "llm_query_batched(['a', None])",
        "TypeError: llm_query_batched() needs strings, not NoneType",
    ),
    "prompts are no list": ("llm_query_batched(5)", "TypeError: 'int' object is not iterable"),
    "model is no name": ("llm_query('a', model=5)", "TypeError: llm_query(): model is a name"),
    "models": (
        "rlm_query_batched(['a'], model=['m'])",
        "TypeError: rlm_query_batched(): model is a name, not list",
    ),
    "too few contexts": (
        "rlm_query_batched(['a', 'b'], ['t'])",
        "ValueError: 2 queries need as many contexts, not 1",
    ),
    "too large": ("llm_query('x' * 70_000_000)", "FrameTooLargeError: a message of 70,000,"),
}


@pytest.mark.parametrize(("code", "error"), MISTAKES.values(), ids=MISTAKES)
def test_a_call_that_cannot_be_meant_raises_and_asks_nobody(notebook: Notebook, code, error):
    ran = notebook.run(code)
    assert ran.result.outcome == "error"
    assert error in ran.result.error
    assert ran.requests == []
    assert notebook.ok("llm_query('a')") == "'<a>'\n"


def test_a_failed_single_call_raises(notebook: Notebook):
    ran = notebook.run("x = 1\nllm_query('!')", name="1.1", answer=failing)
    assert ran.result.error == "SubCallError: ! took too long"
    assert unmarked(ran.err) == (
        'Traceback (most recent call last):\n  File "<repl 1.1>", line 2, in <module>\n'
        "    llm_query('!')\nSubCallError: ! took too long\n"
    )
    code = "try: rlm_query('!')\nexcept SubCallError as e: print(e.kind)"
    assert notebook.ok(code, answer=failing) == "timeout\n"


def test_a_failed_call_of_a_batch_is_an_error_in_its_place(notebook: Notebook):
    code = "for r in llm_query_batched(['a', '!', 'b', '!!']): print(repr(r))"
    assert notebook.ok(code, answer=failing).splitlines() == [
        "'<a>'",
        "SubCallError('! took too long')",
        "'<b>'",
        "SubCallError('!! took too long')",
    ]


@pytest.mark.parametrize("function", ["llm_query_batched", "rlm_query_batched"])
def test_a_batch_raises_its_first_error_when_asked_to(notebook: Notebook, function: str):
    ran = notebook.run(f"{function}(['a', '!', '!!'], raise_errors=True)", answer=failing)
    assert ran.result.error == "SubCallError: ! took too long"
    code = f"{function}(['a', 'b'], raise_errors=True)"
    assert notebook.ok(code, answer=failing) == "['<a>', '<b>']\n"


THREADS = {
    "a pool": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(8) as pool: print(list(pool.map(llm_query, 'abcdefgh')))"
    ),
    "asyncio.to_thread": (
        "import asyncio\n"
        "print(await asyncio.gather(*(asyncio.to_thread(llm_query, c) for c in 'abcdefgh')))"
    ),
    "threads and the cell itself": (
        "import threading\nfound = {}\n"
        "def ask(c): found[c] = llm_query(c)\n"
        "ts = [threading.Thread(target=ask, args=(c,)) for c in 'bcdefgh']\n"
        "for t in ts: t.start()\nask('a')\nfor t in ts: t.join()\n"
        "print([found[c] for c in 'abcdefgh'])"
    ),
}


@pytest.mark.parametrize("code", THREADS.values(), ids=THREADS)
def test_calls_from_threads_get_their_own_replies(notebook: Notebook, code: str):
    for _ in range(5):
        assert notebook.ok(code) == f"{[f'<{c}>' for c in 'abcdefgh']}\n"


def test_two_hundred_calls_are_in_flight_at_once_and_answered_in_any_order(notebook: Notebook):
    waiting: dict[str, asyncio.Future[None]] = {}

    async def answer(request: CallRequest) -> list[CallReply]:
        waiting[request.prompts[0]] = asyncio.get_running_loop().create_future()
        if len(waiting) == 200:
            for prompt in sorted(waiting, key=lambda p: hash((p, 7))):
                waiting[prompt].set_result(None)
        await waiting[request.prompts[0]]
        return echoed(request)

    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(200) as pool:\n"
        "    r = list(pool.map(llm_query, map(str, range(200))))\n"
        "r == [f'<{n}>' for n in range(200)]"
    )
    assert notebook.ok(code, answer=answer) == "True\n"


def test_a_batch_of_two_hundred_is_one_request(notebook: Notebook):
    ran = notebook.run("len(llm_query_batched([str(n) for n in range(200)]))")
    assert ran.out == "200\n"
    assert len(ran.requests) == 1


def test_calls_and_output_of_many_threads_do_not_get_into_each_others_frames(notebook: Notebook):
    large = 300_000  # more than a socket takes at once
    ran = notebook.run(f"""
from concurrent.futures import ThreadPoolExecutor
def work(n):
    print(chr(97 + n) * {large})
    return llm_query(chr(65 + n) * {large}) == f"<{{chr(65 + n) * {large}}}>"
with ThreadPoolExecutor(8) as pool: print(all(pool.map(work, range(8))))
""")
    assert ran.result.outcome == "ok", (ran.result, ran.err)
    assert ran.out.endswith("True\n")
    assert [ran.out.count(letter) for letter in "abcdfgh"] == [large] * 7
    assert [len(request.prompts[0]) for request in ran.requests] == [large] * 8


LEFT_BEHIND = """
import threading
told = []
def ask(prompt):
    try:
        told.append(llm_query(prompt))
    except BaseException as e:
        told.append(f"{type(e).__name__}: {e}")
threads = [threading.Thread(target=ask, args=(f"left {n}",)) for n in range(3)]
for t in threads: t.start()
llm_query("until they wait")
"""


def test_a_call_still_waiting_when_its_cell_ends_fails_and_takes_nothing_from_later_cells(
    notebook: Notebook,
):
    waiting = 0
    all_wait = asyncio.Event()

    async def answer(request: CallRequest) -> list[CallReply]:
        nonlocal waiting
        if request.prompts == ["until they wait"]:
            await all_wait.wait()
            return ["now"]
        waiting += 1
        if waiting == 3:
            all_wait.set()
        return await asyncio.get_running_loop().create_future()

    assert notebook.ok(LEFT_BEHIND, answer=answer) == "'now'\n"
    for number in range(20):
        assert notebook.ok(f"llm_query('{number}')") == f"'<{number}>'\n"
    told = notebook.ok("for t in threads: t.join()\ntold")
    assert told == f"{['SubCallError: the code block has ended'] * 3}\n"


def test_a_call_after_its_cell_has_ended_is_refused(notebook: Notebook):
    notebook.ok("""
import threading
told = []
def ask_on():
    while len(told) < 2:
        try:
            llm_query("again")
        except SubCallError as e:
            told.append((e.kind, str(e)))
t = threading.Thread(target=ask_on)
t.start()
llm_query("x")
""")
    while notebook.variables()["told"][1] != 2:
        pass
    ran = notebook.run("t.join()\ntold[1]")
    assert ran.out == "('cancelled', 'the code block that could make sub-calls has ended')\n"
    assert ran.requests == []


def test_an_interrupted_call_leaves_no_reply_for_the_next(box, notebook: Notebook):
    async def scenario() -> list[str]:
        asked = asyncio.Event()

        async def never(_request: CallRequest) -> list[CallReply]:
            asked.set()
            return await asyncio.get_running_loop().create_future()

        cell = asyncio.ensure_future(
            run(notebook.repl, "kept = 1\nllm_query('first')", answer=never, name="1.1")
        )
        await asked.wait()
        notebook.repl.interrupt("enough")
        first = (await cell).result
        assert (first.outcome, first.error) == ("interrupted", "enough")
        return [(await run(notebook.repl, f"llm_query('{n}'), kept", name="2.1")).out for n in "ab"]

    assert box.do(scenario()) == ["('<a>', 1)\n", "('<b>', 1)\n"]
