from __future__ import annotations

import asyncio
import copy
import json
import pickle

import pytest

from rlm_tui.repl.cells import CallError, CallReply, CallRequest
from rlm_tui.repl.guest.awaitable import Replies, Reply
from tests.repl.guest.looping import both_ways, ran
from tests.repl.notebook import Notebook


async def test_a_reply_is_a_text_that_can_be_awaited():
    reply = Reply("text")
    assert (reply, f"{reply:>6}", reply + "s", repr(reply)) == ("text", "  text", "texts", "'text'")
    assert json.dumps([reply]) == '["text"]'
    assert {reply: 1}["text"] == 1
    awaited = await reply
    assert (awaited, type(awaited)) == ("text", str)


async def test_replies_are_a_list_that_can_be_awaited():
    replies = Replies(["a", "b"])
    assert replies == ["a", "b"]
    awaited = await replies
    assert (awaited, type(awaited)) == (["a", "b"], list)


@pytest.mark.parametrize("reply", [Reply("a"), Replies(["a"])], ids=["one", "several"])
async def test_asyncio_takes_a_reply_where_it_wants_a_coroutine(reply):
    assert await asyncio.gather(reply, Reply("a"), reply) == [reply, "a", reply]
    assert await asyncio.create_task(reply) == reply
    assert await asyncio.wait_for(reply, 5) == reply
    async with asyncio.TaskGroup() as group:
        task = group.create_task(reply)
    assert task.result() == reply


def test_a_reply_that_is_thrown_into_fails_with_that():
    with pytest.raises(ValueError, match="why"):
        Reply("a").throw(ValueError("why"))
    with pytest.raises(asyncio.CancelledError):
        Reply("a").throw(asyncio.CancelledError)
    Reply("a").close()


@pytest.mark.parametrize("reply", [Reply("a"), Replies(["a"])], ids=["one", "several"])
def test_a_copy_of_a_reply_is_the_plain_one(reply):
    for twin in (copy.copy(reply), copy.deepcopy(reply), pickle.loads(pickle.dumps(reply))):
        assert twin == reply
        assert type(twin) in {str, list}


AWAITED = {
    "await": "print(await llm_query('a'))",
    "a recursive one": "print(await rlm_query('a', 'text'))",
    "a batch": "print(await llm_query_batched(['a', 'b']))",
    "gather": "print(await asyncio.gather(llm_query('a'), llm_query('b')))",
    "gather of a list": "print(await asyncio.gather(*[llm_query(c) for c in 'abcab']))",
    "gather of a generator": "print(await asyncio.gather(*(llm_query(c) for c in 'abc')))",
    "gather of what was made": "m = [llm_query(c) for c in 'abc']\nprint(await asyncio.gather(*m))",
    "gather of functions": (
        "async def ask(c): return (await llm_query(c)).upper()\n"
        "print(await asyncio.gather(*[ask(c) for c in 'abc']))"
    ),
    "gather of batches": (
        "print(await asyncio.gather(llm_query_batched(['a']), llm_query_batched(['b'])))"
    ),
    "a task": "t = asyncio.create_task(llm_query('a'))\nprint(await t)",
    "a task group": (
        "async with asyncio.TaskGroup() as g: ts = [g.create_task(llm_query(c)) for c in 'ab']\n"
        "print([t.result() for t in ts])"
    ),
    "wait_for": "print(await asyncio.wait_for(llm_query('a'), timeout=60))",
    "as_completed": (
        "print(sorted([await t for t in asyncio.as_completed([llm_query(c) for c in 'ab'])]))"
    ),
    "one after another": "for c in 'abc': print(await llm_query(c))",
    "in a comprehension": "print([await llm_query(c) for c in 'abc'])",
    "not awaited": "r = llm_query('a')\nprint(r.upper(), r + 'b', r)",
    "failing": "try: await llm_query('!')\nexcept SubCallError as e: print(e.kind)",
    "failing in gather": (
        "print(await asyncio.gather(llm_query('a'), llm_query('!'), return_exceptions=True))"
    ),
    "asyncio.run": (
        "async def main(): return await asyncio.gather(*[llm_query(c) for c in 'abc'])\n"
        "print(asyncio.run(main()))"
    ),
    "a thread": "print(await asyncio.to_thread(llm_query, 'a'))",
}


def answered(request: CallRequest) -> list[CallReply]:
    return [CallError("timeout", "late") if p == "!" else f"<{p}>" for p in request.prompts]


@pytest.mark.parametrize("code", AWAITED.values(), ids=AWAITED)
def test_calls_can_be_awaited_like_any_coroutine(notebook: Notebook, code: str):
    for together in (True, False):
        ran = notebook.run(f"import asyncio\n{code}", answer=answered, together=together)
        assert ran.result.outcome == "ok", ran.err
        assert ran.err == ""
        for request in ran.requests:
            for prompt in request.prompts:
                assert (
                    f"<{prompt}>" in ran.out or f"<{prompt}>".upper() in ran.out
                ) or prompt == "!"


@pytest.mark.parametrize(
    "code",
    [
        "await asyncio.gather(*[llm_query(c) for c in cs])",
        "await asyncio.gather(*[ask(c) for c in cs])",
        "[await task for task in [asyncio.create_task(llm_query(c)) for c in cs]]",
        "await asyncio.gather(*tasks)",
        "[await llm_query(c) for c in cs]",
    ],
    ids=["calls", "functions", "tasks", "made before", "awaited one by one"],
)
def test_calls_of_an_event_loop_are_in_flight_at_the_same_time(notebook: Notebook, code: str):
    waiting: list[str] = []
    all_wait = asyncio.Event()

    async def answer_one(prompt: str) -> CallReply:
        waiting.append(prompt)
        if len(waiting) == 20:
            all_wait.set()
        await all_wait.wait()
        return f"<{prompt}>"

    async def answer(request: CallRequest) -> list[CallReply]:
        return await asyncio.gather(*map(answer_one, request.prompts))

    made = "tasks = [llm_query(c) for c in cs]" if "tasks)" in code else ""
    printed = notebook.ok(
        f"import asyncio\ncs = [str(n) for n in range(20)]\n"
        f"async def ask(c): return await llm_query(c)\n{made}\ngot = {code}\n"
        f"print(got == [f'<{{c}}>' for c in cs])",
        answer=answer,
    )
    assert printed == "True\n"


def test_other_tasks_go_on_while_a_call_is_awaited(notebook: Notebook):
    code = """
import asyncio
asked, told = asyncio.Event(), []
async def other():
    told.append(await llm_query("first"))
    asked.set()
async def waiting():
    await asked.wait()
    return await llm_query("second")
print(await asyncio.gather(waiting(), other()), told)
"""
    assert notebook.ok(code) == "['<second>', None] ['<first>']\n"


def test_a_cancelled_call_leaves_nothing_for_the_next(notebook: Notebook):
    async def answer(request: CallRequest) -> list[CallReply]:
        if request.prompts == ["never"]:
            return await asyncio.get_running_loop().create_future()
        return [f"<{prompt}>" for prompt in request.prompts]

    code = """
import asyncio
task = asyncio.create_task(llm_query("never"))
print(await llm_query("one"))
task.cancel()
print(*map(type, await asyncio.gather(task, return_exceptions=True)))
print(await llm_query("two"))
"""
    assert (
        notebook.ok(code, answer=answer)
        == "<one>\n<class 'asyncio.exceptions.CancelledError'>\n<two>\n"
    )
    assert notebook.ok("await llm_query('three')") == "'<three>'\n"


def test_a_call_that_nobody_awaits_is_told_of_as_python_does(notebook: Notebook):
    ran = notebook.run(
        "import asyncio\nasync def f():\n    asyncio.wait_for(llm_query('a'), 1)\nawait f()"
    )
    assert ran.requests == []
    assert "was never awaited" in ran.err


def test_waiting_threads_and_waiting_tasks_share_the_reading(notebook: Notebook):
    code = """
import asyncio
async def ask(n):
    return await (llm_query(f"{n}") if n % 2 else asyncio.to_thread(llm_query, f"{n}"))
async def also(n): return await llm_query(f"{n}")
got = await asyncio.gather(*[ask(n) for n in range(60)], *[also(n) for n in range(60)])
got == [f"<{n}>" for n in [*range(60), *range(60)]]
"""
    for _ in range(3):
        assert notebook.ok(code) == "True\n"


def test_awaited_calls_of_a_loop_are_made_together():
    together, alone = both_ways("for c in 'abc': print(await llm_query(c))")
    assert (together.calls.sizes, alone.calls.sizes) == ([3], [1, 1, 1])
    code = "async def ask(c): return await llm_query(c + '?')\n[await ask(c) for c in 'abc']"
    assert ran(code).calls.sizes == [3]


def test_a_reply_that_was_kept_is_shown_as_a_text(notebook: Notebook):
    notebook.ok("import asyncio\nawait asyncio.sleep(0)\nkept = llm_query('a')")
    assert notebook.variables()["kept"][2] == "'<a>'"
