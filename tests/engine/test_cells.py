import signal

from rlm_tui.events import (
    CodeFinished,
    CodeStarted,
    IterationStarted,
    Paused,
    ReplOutput,
    ReplReplaced,
    ReplyRejected,
    SubCallFinished,
    VariablesChanged,
)
from rlm_tui.source import Pause, Resume
from tests.engine.harness import finished, repl, started


async def test_what_code_prints_is_told_by_stream_and_in_order(tmp_path):
    run = await finished(
        tmp_path,
        root=[
            repl("import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('again')\n6 * 7"),
            "FINAL(x)",
        ],
    )
    streams = [(event.stream, event.text) for event in run.of(ReplOutput)]
    assert "".join(text for _, text in streams) == "out\nerr\nagain\n42\n"
    assert "".join(text for stream, text in streams if stream == "stderr") == "err\n"
    assert "Output of the code block:\nout\nerr\nagain\n42\n" in run.observations[0]


async def test_a_block_that_runs_too_long_is_stopped_and_keeps_its_variables(tmp_path):
    run = await finished(
        tmp_path,
        root=[repl("x = 5\nwhile True:\n    pass", "print('never')"), repl("FINAL(x)")],
        max_cell_time=0.4,
    )
    assert run.answer == "5"
    stopped = run.of(CodeFinished)[0]
    assert stopped.outcome == "interrupted"
    assert stopped.error == "the code block ran longer than 0.4 s"
    assert (
        "[the code block was stopped: the code block ran longer than 0.4 s]"
        in (run.observations[0])
    )
    assert "Code block 2 did not run" in run.observations[0]


async def test_waiting_for_sub_calls_does_not_count_against_a_blocks_time(tmp_path):
    run = await finished(
        tmp_path,
        root=[repl("FINAL(llm_query_batched(['a', 'b']))")],
        sub=[{"match": "", "reply": "r", "delay": 0.6}],
        max_cell_time=0.5,
    )
    assert run.answer == "['r', 'r']"


async def test_a_block_that_ends_its_process_gets_the_next_one_a_new_repl(tmp_path):
    run = await finished(
        tmp_path,
        root=[
            repl("kept = 1"),
            repl("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
            repl("import os\nos._exit(3)", "print('never')"),
            repl("FINAL(('kept' in globals(), len(context), query))"),
        ],
        text="abc",
    )
    assert run.answer == "(True, 3, 'what?')"
    assert [event.outcome for event in run.of(CodeFinished)] == ["ok", "killed", "killed", "ok"]
    for told in run.observations[1:3]:
        assert "[the code block was stopped: its process" in told
        assert "[the REPL was restarted: your variables are as they were before it]" in told
    assert "Code block 2 did not run" in run.observations[2]


async def test_where_there_is_no_checkpoint_the_variables_are_gone_and_the_model_is_told(tmp_path):
    run = await finished(
        tmp_path,
        root=[repl("kept = 1\nimport os\nos._exit(3)"), repl("FINAL('kept' in globals())")],
    )
    assert run.answer == "False"
    assert (
        "[the REPL was restarted: `context` is there, your variables are gone]"
        in (run.observations[0])
    )
    assert run.of(ReplReplaced) == [ReplReplaced(None)]


async def test_a_killed_block_loses_only_itself(tmp_path):
    """A checkpoint can be restored again and again, and what is restored can be kept in turn."""
    run = await finished(
        tmp_path,
        root=[
            repl("import random\nx = [random.random()]", "x.append(2)"),
            repl("x.append(3)\nimport os\nos._exit(3)"),
            repl("x.append(4)"),
            repl("x.append(5)\nimport os\nos._exit(3)"),
            repl("FINAL([x[1:], random.random() != x[0]])"),
        ],
    )
    assert run.answer == "[[2, 4], True]"
    assert run.of(ReplReplaced) == [ReplReplaced("1.2"), ReplReplaced("3.1")]
    assert run.nodes_of(ReplReplaced) == ["2", "4"]


async def test_what_a_block_changed_is_told_before_its_end(tmp_path):
    run = await finished(
        tmp_path,
        root=[repl("a = 1\nb = [1]", "b.append(2)\ndel a", "print(b)"), "FINAL(x)"],
    )
    told = [
        (node, [v.name for v in event.new], [v.value for v in event.changed], event.gone)
        for node, event in zip(
            run.nodes_of(VariablesChanged), run.of(VariablesChanged), strict=True
        )
    ]
    assert told == [("1.1", ["a", "b"], [], []), ("1.2", [], ["[1, 2]"], ["a"])]
    assert run.names(of="1.2")[-2:] == ["variables_changed", "code_finished"]


async def test_a_repl_that_dies_between_two_blocks_is_replaced_too(tmp_path):
    """As when a timer of the model's code ends the process, or the system runs out of memory."""
    async with started(
        tmp_path, root=[repl("kept = 1"), repl("kept"), "FINAL_VAR(lost)", "FINAL_VAR(kept)"]
    ) as run:
        run.on_record = lambda record: (
            isinstance(record.event, IterationStarted)
            and record.node in {"2", "3"}
            and run.source.send(Pause())
        )
        for turn in (1, 2):
            await run.until(Paused, turn)
            live = run.source._run._loop.cells.repl
            live._keeper.signal(live.pid, signal.SIGKILL)
            await live._wire.closed
            run.source.send(Resume())
    assert run.answer == "1"
    assert "[the REPL was restarted" in run.observations[1]
    assert "NameError" not in run.observations[1]
    assert "[the REPL was restarted" in run.observations[2]
    assert [event.fault for event in run.of(ReplyRejected)] == ["unknown_variable"]


async def test_an_answer_is_read_without_sub_calls_and_within_a_blocks_time(tmp_path):
    run = await finished(
        tmp_path,
        root=[
            repl(
                "class Asks:\n"
                "    def __str__(self): return llm_query('sly')\n"
                "class Waits:\n"
                "    def __str__(self):\n"
                "        while True: pass\n"
                "asks, waits = Asks(), Waits()"
            ),
            "FINAL_VAR(asks)",
            "FINAL_VAR(waits)",
            "FINAL(x)",
        ],
        max_cell_time=0.4,
    )
    assert run.of(SubCallFinished) == []
    assert "[reading asks failed: SubCallError: an answer is being read]" in run.observations[1]
    assert "[reading waits failed: the code block ran longer than 0.4 s]" in run.observations[2]
    assert [event.fault for event in run.of(ReplyRejected)] == ["code_raised"] * 2
    assert len(run.of(CodeStarted)) == 1


async def test_output_without_end_is_kept_up_to_a_bound_and_the_rest_counted(tmp_path):
    run = await finished(
        tmp_path,
        root=[repl("line = 'x' * (1 << 20)\nfor _ in range(20): print(line)"), "FINAL(x)"],
    )
    (end,) = run.of(CodeFinished)
    assert len(run.output) == 16 << 20
    assert len(run.output) + end.dropped_chars == 20 * ((1 << 20) + 1)
    assert (
        f"[{end.dropped_chars:,} more characters of output were not kept]" in (run.observations[0])
    )
