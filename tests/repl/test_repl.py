from __future__ import annotations

import asyncio
import signal

import pytest

from rlm_tui.errors import ReplError
from rlm_tui.repl import repl as repl_module
from rlm_tui.repl import wire
from rlm_tui.repl.cells import CallError, CallRequest
from tests.repl.notebook import Box, Notebook, echoed, run, unmarked


def test_a_cell_tells_how_it_ended(notebook: Notebook):
    ran = notebook.run("print('out')\nimport sys\nprint('err', file=sys.stderr)\n'echo'")
    assert (ran.result.outcome, ran.result.error, ran.result.final) == ("ok", "", None)
    assert (ran.result.dropped, ran.result.elapsed > 0) == (0, True)
    assert (ran.out, ran.err) == ("out\n'echo'\n", "err\n")


def test_an_error_is_told_in_one_line_and_with_its_traceback(notebook: Notebook):
    ran = notebook.run("def f():\n    raise ValueError('a\\nb')\nf()", name="3.1")
    assert (ran.result.outcome, ran.result.error) == ("error", "ValueError: a b")
    assert unmarked(ran.err) == (
        "Traceback (most recent call last):\n"
        '  File "<repl 3.1>", line 3, in <module>\n    f()\n'
        "  File \"<repl 3.1>\", line 2, in f\n    raise ValueError('a\\nb')\n"
        "ValueError: a\nb\n"
    )


def test_the_clock_of_a_cell_stands_while_it_waits_for_sub_calls(notebook: Notebook, clock):
    async def answer_an_hour_later(request: CallRequest):
        clock.ahead += 3600
        await asyncio.sleep(0)  # a timer that is due now would go off here
        return echoed(request)

    code = "[llm_query('a'), llm_query('b')]"
    assert notebook.ok(code, budget=60, answer=answer_an_hour_later) == "['<a>', '<b>']\n"


def test_the_time_between_sub_calls_adds_up(notebook: Notebook, clock):
    def an_hour_later(request: CallRequest):
        clock.ahead += 3600
        return echoed(request)

    def half_a_minute_later(_text: str):
        clock.ahead += 25

    def ran(times: int):
        code = f"for i in range({times}):\n    print(i)\n    llm_query('x')\nprint('end')"
        return notebook.run(
            code, budget=80, answer=an_hour_later, heard=half_a_minute_later, together=False
        )

    assert ran(2).result.outcome == "ok"
    late = ran(9)
    assert late.result.outcome == "interrupted"
    assert late.result.error == "the code block ran longer than 80 s"
    assert late.out == "0\n1\n2\n3\n"
    assert len(late.requests) == 3


def test_the_clock_stands_until_the_last_of_several_calls_is_answered(notebook: Notebook, clock):
    first_is_answered = asyncio.Event()

    async def answer(request: CallRequest):
        if request.prompts == ["0"]:
            first_is_answered.set()
            return ["first"]
        await first_is_answered.wait()
        clock.ahead += 3600
        await asyncio.sleep(0)
        return ["second"]

    code = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(2) as pool: print(list(pool.map(llm_query, "01")))
"""
    assert notebook.ok(code, budget=60, answer=answer) == "['first', 'second']\n"


def test_what_the_engine_cannot_serve_stops_the_cell_and_is_raised(notebook: Notebook):
    def full_disk(request: CallRequest):
        raise OSError(28, "No space left on device")

    notebook.ok("kept = 1")
    with pytest.raises(OSError, match="No space left"):
        notebook.run("while True: llm_query_batched(['a', 'b'])", answer=full_disk)
    assert notebook.ok("kept") == "1\n"


def test_cancelling_stops_the_cell_and_keeps_its_variables(box: Box, notebook: Notebook):
    async def start_and_cancel():
        asked = asyncio.Event()

        async def never(_request: CallRequest):
            asked.set()
            await asyncio.get_running_loop().create_future()

        code = "kept = 1\nllm_query('x')\nkept = 2"
        cell = asyncio.ensure_future(run(notebook.repl, code, answer=never, name="1.1"))
        await asked.wait()
        cell.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cell

    box.do(start_and_cancel())
    assert notebook.ok("kept") == "1\n"


def test_calls_that_nobody_waits_for_have_stopped_when_the_cell_has_ended(notebook: Notebook):
    is_asked, events = asyncio.Event(), []

    async def answer(request: CallRequest):
        if request.prompts == ["wait for the other"]:
            await is_asked.wait()
            return echoed(request)
        is_asked.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            events.append("stopped")

    notebook.ok(
        "import threading\nthreading.excepthook = lambda _: None\n"
        "t = threading.Thread(target=llm_query, args=('left behind',))\nt.start()\n"
        "llm_query('wait for the other')",
        answer=answer,
    )
    assert events == ["stopped"]
    assert notebook.ok("t.join()\nt.is_alive()") == "False\n"


def test_a_reply_too_large_for_a_frame_is_an_error_of_its_call(notebook, monkeypatch):
    monkeypatch.setattr(wire, "FRAME_LIMIT", 20_000)
    code = "try: llm_query('x')\nexcept SubCallError as e: print(e.kind, 'too large' in str(e))"
    assert notebook.ok(code, answer=lambda _: ["x" * 30_000]) == "bad_response True\n"


def test_code_too_large_for_a_frame_is_an_error_of_its_cell(notebook, monkeypatch):
    monkeypatch.setattr(wire, "FRAME_LIMIT", 20_000)
    result = notebook.run("#" * 30_000).result
    assert (result.outcome, result.error) == ("error", "the code block is too large to be run")
    assert notebook.ok("1") == "1\n"


def test_a_repl_runs_one_cell_at_a_time(box: Box, notebook: Notebook):
    async def another_in_between(request: CallRequest):
        with pytest.raises(ReplError, match="still running"):
            await run(notebook.repl, "1", name="1.2")
        with pytest.raises(ReplError, match="still running"):
            await notebook.repl.variables()
        return echoed(request)

    assert notebook.ok("llm_query('x')", answer=another_in_between) == "'<x>'\n"


def test_a_closed_repl_runs_nothing(box: Box):
    opened = box.notebook()
    assert opened.repl.is_alive
    opened.repl.close()
    assert not opened.repl.is_alive
    for use in (lambda: opened.run("1"), opened.variables):
        with pytest.raises(ReplError, match="not running"):
            use()


def test_a_repl_that_was_never_connected_runs_nothing(box: Box):
    made = repl_module.Repl(box.sandbox)
    assert not made.is_alive
    with pytest.raises(ReplError, match="not running"):
        box.do(made.variables())


def test_a_worker_that_does_not_answer_is_given_up(notebook: Notebook, box: Box, monkeypatch):
    box.sandbox.signal(notebook.repl.pid, signal.SIGSTOP)
    box.do(box.sandbox.settled())
    monkeypatch.setattr(repl_module, "_ANSWER_TIMEOUT", 0.1)
    with pytest.raises(ReplError, match="the REPL is gone: it does not answer"):
        notebook.variables()
    assert not notebook.repl.is_alive


def test_a_failed_call_and_a_reply_keep_apart(notebook: Notebook):
    code = "a, b = llm_query_batched(['x', 'y'])\na, type(b).__name__, b.kind, str(b)"
    told = notebook.ok(code, answer=lambda _: ["ok", CallError("timeout", "too slow")])
    assert told == "('ok', 'SubCallError', 'timeout', 'too slow')\n"
