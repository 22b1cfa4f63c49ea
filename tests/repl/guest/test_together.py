from __future__ import annotations

import asyncio
import gc
import textwrap

from hypothesis import HealthCheck, given, settings

from rlm_tui.repl.cells import CallError, CallReply, CallRequest
from rlm_tui.repl.guest.calls import SubCallError
from rlm_tui.repl.guest.together import WINDOW, Loop
from tests.repl.guest import programs
from tests.repl.guest.looping import both_ways, ran
from tests.repl.notebook import Notebook, echoed, unmarked


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs.cells())
def test_a_cell_does_the_same_whether_its_calls_are_made_together_or_one_by_one(code: str):
    both_ways(code)


def echo(prompt: str) -> str:
    return f"<{prompt}>"


def failing_at(*prompts: str):
    return lambda prompt: SubCallError(f"no {prompt}", "timeout") if prompt in prompts else "r"


def counted(code: str, *earlier: str) -> list[int]:
    """How many calls each request of a cell is for, in either way the same in all."""
    together, alone = both_ways(code, *earlier, replies=echo)
    assert sum(together.calls.sizes) == sum(alone.calls.sizes)
    assert set(alone.calls.sizes) <= {1}
    return together.calls.sizes


def test_calls_go_out_a_window_at_a_time():
    assert counted("[llm_query(f'{n}') for n in range(150)]") == [WINDOW, WINDOW, 150 - 2 * WINDOW]


def test_no_window_goes_out_before_its_first_iteration():
    code = "for n in range(1000):\n    llm_query(f'{n}')\n    if n == 63: 1 / 0"
    assert both_ways(code)[0].calls.sizes == [WINDOW]


def test_a_single_call_behind_a_window_is_made_as_it_is_written():
    assert counted(f"[llm_query(f'{{n}}') for n in range({WINDOW + 1})]") == [WINDOW, 1]


def test_a_window_is_as_long_as_its_prompts_fit_into_one_message():
    sizes = counted("for n in range(9): llm_query(str(n) * 1_000_000)")
    assert sizes == [4, 4, 1]


def test_prompts_too_long_to_go_together_go_alone():
    assert counted("for n in range(3): llm_query(str(n) * 3_000_000)") == [1, 1, 1]


def test_few_calls_among_many_items_are_found_up_to_a_bound():
    code = "[llm_query(str(n)) for n in range({}) if n % {} == 0]"
    assert counted(code.format(1000, 100)) == [10]
    assert counted(code.format(3000, 1500)) == [1, 1]


def test_every_place_in_the_code_has_a_batch_of_its_own_with_its_line():
    code = "for c in 'abc':\n    a = llm_query(c)\n    b = llm_query(\n        c + '2')"
    calls = ran(code, replies=echo).calls
    assert calls.sizes == [3, 3]
    assert calls.lines == [2, 3]
    assert [message["cell"] for message in calls.requests] == ["1.1", "1.1"]


def test_calls_of_different_models_are_batches_of_their_own():
    calls = ran("for c in 'abc': llm_query(c, model='fast' if c == 'b' else None)").calls
    assert [(m["model"], m["prompts"]) for m in calls.requests] == [
        (None, ["a", "c"]),
        ("fast", ["b"]),
    ]


def test_contexts_travel_with_their_queries():
    calls = ran("[rlm_query('q', context=[c, 5]) for c in 'ab']").calls
    (message,) = calls.requests
    assert (message["prompts"], message["contexts"]) == (["q", "q"], ["a\n5", "b\n5"])


def test_an_error_is_raised_at_its_own_iteration_and_line():
    code = "done = []\nfor c in 'abcd':\n    done.append(c)\n    llm_query(c)"
    together, _ = both_ways(code, replies=failing_at("c"))
    assert together.variables["done"] == "['a', 'b', 'c']"
    assert together.calls.sizes == [4]
    assert unmarked(together.error) == (
        'Traceback (most recent call last):\n  File "<repl 1.1>", line 4, in <module>\n'
        "    llm_query(c)\nSubCallError: no c\n"
    )


def test_an_exception_of_the_code_costs_no_call_that_could_be_told():
    together, alone = both_ways("for n in range(9): llm_query(str(10 // (n - 3)))")
    assert together.calls.sizes == [3]
    assert alone.calls.sizes == [1, 1, 1]


def test_a_call_that_a_limit_refused_is_made_again_where_it_stands():
    """A batch reserves more than one call after another does, so it may be refused too early."""
    left = ["a", "b"]

    def replies(prompt: str) -> str | SubCallError:
        return left.pop(0) if left else SubCallError("too many", "limit")

    together = ran("for c in 'abc': print(llm_query(c))", replies=replies)
    assert together.printed == "a\nb\n"
    assert together.error.endswith("SubCallError: too many\n")
    assert together.calls.sizes == [3, 1]


def test_a_reply_is_taken_once_and_by_the_same_place_only():
    code = (
        "def ask(p): return llm_query(p)\nfor c in 'ab':\n    ask(c)\n    llm_query(c)\n    ask(c)"
    )
    together, alone = both_ways(code)
    assert together.calls.prompts == alone.calls.prompts
    assert together.calls.sizes == [4, 2]


def test_a_look_ahead_that_is_wrong_is_given_up_and_changes_nothing():
    code = """
class Last:
    def __del__(self):
        global word
        word = "other"
word, held, got = "word", Last(), []
for n in range(200):
    got.append(llm_query(f"{n} {word}"))
    if n == 2: held = None
del held, Last
"""
    together, alone = ran(code, replies=echo), ran(code, replies=echo, together=False)
    assert together.variables == alone.variables
    assert "'<2 word>', '<3 other>'" in together.variables["got"]
    assert together.calls.sizes == [WINDOW] + [1] * (200 - 3)


def test_off_means_one_by_one():
    assert ran("[llm_query(c) for c in 'abc']", together=False).calls.sizes == [1, 1, 1]


def test_a_loop_that_was_left_is_forgotten():
    loop = "for c in 'abc':\n    llm_query(c)\n    if c == 'b': 1 / 0"
    ran(f"def f():\n{textwrap.indent(loop, '  ')}\ntry: f()\nexcept Exception: pass")
    gc.collect()
    assert not [loop for loop in gc.get_objects() if type(loop) is Loop]


def test_objects_of_model_code_are_not_touched_ahead():
    code = """
class Loud:
    def __init__(self, x): self.x = x
    def __getattr__(self, name): print("asked for", name); raise AttributeError(name)
    def __repr__(self): return "Loud"
    def __str__(self): print("told"); return self.x
    def __eq__(self, other): print("compared"); return False
    def __hash__(self): return 1
    def __iter__(self): print("gone through"); return iter("ab")
    def __len__(self): print("measured"); return 2
    def __bool__(self): print("doubted"); return True
    def __format__(self, spec): print("formatted"); return "f"
    def __add__(self, other): print("added"); return "s"
    def __getitem__(self, key): print("looked into"); return "i"
loud = [Loud("a"), Loud("b")]
for l in loud:
    {line}
"""
    lines = ["f'{l}'", "str(l)", "l + 'x'", "l[0]", "'a'.join(l)", "'y' if l else 'n'", "f'{l:>5}'"]
    lines += ["f'{len(l)}'", "'p' if l == 5 else 'q'", "f'{[*l]}'", "'i' if 1 in l else 'o'"]
    for line in lines:
        both_ways(code.format(line=f"llm_query({line})"))


# In real processes.


def test_twenty_calls_in_a_plain_loop_are_in_flight_at_the_same_time(notebook: Notebook):
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

    code = "got = []\nfor n in range(20):\n    got.append(llm_query(f'part {n}'))\nprint(got[19])"
    assert notebook.ok(code, answer=answer) == "<part 19>\n"
    assert waiting == [f"part {n}" for n in range(20)]


def test_the_batch_names_the_cell_and_line_of_the_call(notebook: Notebook):
    notebook.ok("def ask(c):\n    return llm_query(f'about {c}')", name="1.1")
    ran = notebook.run("\n[ask(c)\n for c in 'abc']", name="2.1")
    (request,) = ran.requests
    assert (request.cell, request.line, request.batch) == ("1.1", 2, True)
    assert request.prompts == ["about a", "about b", "about c"]


def test_the_engine_can_have_calls_made_one_by_one(notebook: Notebook):
    code = "[llm_query(c) for c in 'abc']"
    assert len(notebook.run(code, together=False).requests) == 3
    assert len(notebook.run(code).requests) == 1


def test_an_interrupt_stops_a_loop_whose_calls_are_in_flight(box, notebook: Notebook):
    async def scenario():
        asked = asyncio.Event()

        async def never(_request: CallRequest) -> list[CallReply]:
            asked.set()
            return await asyncio.get_running_loop().create_future()

        cell = asyncio.ensure_future(
            notebook.repl.run(
                "1.1",
                "for c in 'abc': llm_query(c)",
                budget=60.0,
                on_output=lambda *_: None,
                on_call=never,
            )
        )
        await asked.wait()
        notebook.repl.interrupt("enough")
        return await cell

    assert box.do(scenario()).outcome == "interrupted"
    assert notebook.ok("[llm_query(c) for c in 'ab']") == "['<a>', '<b>']\n"


def test_failures_of_a_batch_are_those_of_their_calls(notebook: Notebook):
    def answer(request: CallRequest) -> list[CallReply]:
        return [CallError("timeout", "late") if p == "b" else p.upper() for p in request.prompts]

    code = """
for c in 'abc':
    try: print(llm_query(c))
    except SubCallError as error: print(error.kind, error)
"""
    ran = notebook.run(code, answer=answer)
    assert ran.out == "A\ntimeout late\nC\n"
    assert [len(request.prompts) for request in ran.requests] == [3]


def test_threads_and_loops_do_not_take_each_others_replies(notebook: Notebook):
    code = """
from concurrent.futures import ThreadPoolExecutor
def work(k): return [llm_query(f"{k} {n}") for n in range(5)]
with ThreadPoolExecutor(8) as pool: got = list(pool.map(work, range(8)))
got == [[f"<{k} {n}>" for n in range(5)] for k in range(8)]
"""
    ran = notebook.run(code, answer=echoed)
    assert ran.out == "True\n"
    assert sorted(len(request.prompts) for request in ran.requests) == [5] * 8
