from __future__ import annotations

import asyncio

import pytest

from rlm_tui.repl.cells import CallRequest
from rlm_tui.repl.wire import OUTPUT_LIMIT
from tests.repl.notebook import Box, Notebook, run

PRINTED = {
    "lines": ("for i in range(3): print(i)", "0\n1\n2\n", ""),
    "without an end": ("print('a', 'b', sep='-', end='')", "a-b", ""),
    "stderr": ("import sys\nprint('e', file=sys.stderr)", "", "e\n"),
    "unicode": ("print('ü 🎉 \\u2028')", "ü 🎉 \u2028\n", ""),
    "lone surrogate": ("print('a\\ud800b')", "a\ufffdb\n", ""),
    "control characters": ("print('\\x1b[2J\\x00\\r')", "\x1b[2J\0\r\n", ""),
    "flush": ("print('a', flush=True)\nprint('b', end='', flush=True)", "a\nb", ""),
    "write": ("import sys\nsys.stdout.write('abc')", "abc3\n", ""),
    "writelines": ("import sys\nsys.stdout.writelines(['a', 'b'])", "ab", ""),
    "the original stream": ("import sys\nsys.__stdout__.write('x');", "x", ""),
    "logging": ("import logging\nlogging.warning('careful')", "", "WARNING:root:careful\n"),
    "warnings": (
        "import warnings\nwarnings.showwarning = lambda m, *a: print(m)\nwarnings.warn('w')",
        "w\n",
        "",
    ),
    "pprint": ("import pprint\npprint.pprint({'b': 1, 'a': 2})", "{'a': 2, 'b': 1}\n", ""),
    "a traceback of its own": (
        (
            "import traceback\ntry: 1 / 0\n"
            "except Exception: print(traceback.format_exc().splitlines()[-1])"
        ),
        "ZeroDivisionError: division by zero\n",
        "",
    ),
    "nothing": ("print(end='')", "", ""),
    "after a close": ("import sys\nsys.stdout.close()\nprint('still')", "still\n", ""),
}


@pytest.mark.parametrize(("code", "out", "err"), PRINTED.values(), ids=PRINTED)
def test_what_code_prints_arrives(notebook: Notebook, code: str, out: str, err: str):
    ran = notebook.run(code)
    assert (ran.result.outcome, ran.out, ran.err) == ("ok", out, err)


def test_the_streams_are_what_libraries_expect(notebook: Notebook):
    code = (
        "import sys\ns = sys.stdout\n"
        "s.name, s.encoding, s.errors, s.isatty(), s.writable(), s.readable(), s.closed"
    )
    assert notebook.ok(code) == "('<stdout>', 'utf-8', 'replace', False, True, False, False)\n"
    error = notebook.run("import sys\nsys.stderr.write(b'x')").result.error
    assert error == "TypeError: write() argument must be str, not bytes"


def test_both_streams_arrive_in_the_order_they_were_printed(notebook: Notebook):
    ran = notebook.run(
        "import sys\nfor i in range(500): print(i, file=[sys.stdout, sys.stderr][i % 3 == 0])"
    )
    assert "".join(text for _, text in ran.pieces) == "".join(f"{i}\n" for i in range(500))
    assert {stream for stream, _ in ran.pieces} == {"stdout", "stderr"}


def test_what_was_printed_before_a_sub_call_is_seen_while_it_waits(notebook: Notebook):
    seen: list[str] = []
    at_the_call: list[str] = []

    def answer(request: CallRequest) -> list[str]:
        at_the_call.append("".join(seen))
        return request.prompts

    notebook.ok("print('a', end='')\nllm_query('x')", answer=answer, heard=seen.append)
    assert at_the_call == ["a"]


@pytest.mark.parametrize("end", ["\n", ""], ids=["a line", "part of a line"])
def test_what_is_printed_is_seen_while_the_cell_runs_on(box: Box, notebook: Notebook, end: str):
    async def scenario() -> str:
        seen = asyncio.Event()
        cell = asyncio.ensure_future(
            run(
                notebook.repl,
                f"print('early', end={end!r})\nprint('more', end='')\nwhile True: pass",
                heard=lambda text: "more" in text and seen.set(),
                name="1.1",
            )
        )
        await seen.wait()
        notebook.repl.interrupt("seen")
        return (await cell).out

    assert box.do(scenario()) == f"early{end}more"


def test_a_flood_is_cut_and_what_was_dropped_is_counted(notebook: Notebook):
    ran = notebook.run("print('x' * 17_000_000)\nprint('more')")
    assert ran.result.outcome == "ok"
    assert ran.out == "x" * OUTPUT_LIMIT
    assert ran.result.dropped == 17_000_000 - OUTPUT_LIMIT + len("\nmore\n")
    following = notebook.run("print('again')")
    assert (following.out, following.result.dropped) == ("again\n", 0)


def test_a_flood_of_lines_is_cut_across_both_streams(notebook: Notebook):
    ran = notebook.run(
        "import sys\nline = 'ü' * 100_000\n"
        "for i in range(200): print(line, file=[sys.stdout, sys.stderr][i % 2])"
    )
    assert len(ran.out) + len(ran.err) == OUTPUT_LIMIT
    assert ran.result.dropped == 200 * 100_001 - OUTPUT_LIMIT


def test_an_error_after_a_flood_is_still_told(notebook: Notebook):
    ran = notebook.run("print('x' * 17_000_000)\n1 / 0")
    assert ran.result.error == "ZeroDivisionError: division by zero"


def test_threads_print_whole_pieces(notebook: Notebook):
    ran = notebook.run("""
import sys, threading
def work(n):
    for i in range(100): sys.stdout.write(f"{n}:{i}\\n")
threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
for t in threads: t.start()
for t in threads: t.join()
""")
    assert sorted(ran.out.split()) == sorted(f"{n}:{i}" for n in range(5) for i in range(100))


def test_a_thread_that_prints_on_after_its_cell_disturbs_no_later_one(notebook: Notebook):
    notebook.ok("""
import threading
stop = False
def chatter():
    while not stop: print("chatter", flush=True)
t = threading.Thread(target=chatter)
t.start()
""")
    for number in range(20):
        out = notebook.ok(f"print('<{number}>')")
        assert f"<{number}>" in out
    notebook.ok("stop = True\nt.join()")
    assert notebook.ok("print('quiet')").endswith("quiet\n")


def test_output_goes_on_when_no_thread_can_be_started(notebook: Notebook):
    notebook.ok("""
import threading
def refuse(self): raise RuntimeError("can't start new thread")
threading.Thread.start = refuse
""")
    assert notebook.ok("for i in range(50): print(i, end=' ')") == "".join(
        f"{i} " for i in range(50)
    )


def test_output_of_a_cell_that_is_killed_is_kept(notebook: Notebook):
    ran = notebook.run("print('before', flush=True)\nimport os\nos._exit(1)")
    assert (ran.result.outcome, ran.out) == ("killed", "before\n")
