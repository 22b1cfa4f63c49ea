import pytest

from rlm_tui.engine.early import _first_whole
from rlm_tui.events import CodeFinished, CodeStarted, ModelResponded, Paused, ReplOutput
from rlm_tui.source import Cancel, Pause, Resume
from tests.engine.harness import finished, repl, started

PROSE = "\nThen I look at what comes out and go on from there." * 10


def order(run, node: str) -> list[str]:
    """What happened to an iteration's reply and its first block, in order."""
    return [
        record.event.__struct_config__.tag
        for record in run.records
        if (record.node == node and isinstance(record.event, ModelResponded))
        or (record.node == f"{node}.1" and not isinstance(record.event, ReplOutput))
    ]


async def test_code_runs_while_the_prose_behind_it_still_streams(tmp_path):
    run = await finished(
        tmp_path,
        root=[repl("x = 1") + PROSE, repl("print(x)") + PROSE, "FINAL(x)"],
        chunk_delay=0.005,
    )
    assert order(run, "2") == ["code_started", "code_finished", "model_responded"]
    assert "Output of the code block:\n1\n" in run.observations[1]
    assert run.nodes_of(CodeStarted) == ["1.1", "2.1"]


async def test_the_first_reply_is_waited_for_as_it_may_be_reasoning_all_along(tmp_path):
    """A model whose template writes the opening tag shows only at the end what was reasoning."""
    thought = repl("print('never')") + PROSE + "\n</think>\n" + repl("print('meant')")
    run = await finished(tmp_path, root=[thought, thought, "FINAL(x)"], chunk_delay=0.005)
    assert run.output == "meant\nmeant\n"
    assert order(run, "2")[0] == "model_responded"


async def test_the_blocks_behind_the_first_wait_for_the_whole_reply(tmp_path):
    second = repl("a = 1\nprint('a')", "print('b', a)") + PROSE
    run = await finished(tmp_path, root=[repl("0") + PROSE, second, "FINAL(x)"], chunk_delay=0.005)
    assert run.output == "0\na\nb 1\n"
    assert run.nodes_of(CodeStarted) == ["1.1", "2.1", "2.2"]


async def test_nothing_starts_early_while_the_run_is_about_to_be_held(tmp_path):
    async with started(
        tmp_path, root=[repl("0"), repl("1") + PROSE, "FINAL(x)"], chunk_delay=0.005
    ) as run:
        run.on_record = lambda record: (
            record.node == "2"
            and record.event.__struct_config__.tag == "model_requested"
            and run.source.send(Pause())
        )
        await run.until(Paused)
        assert run.of(Paused)[0].before == "code block"
        assert order(run, "2") == ["model_responded", "paused"]
        run.source.send(Resume())
    assert run.outcome == "answered"


async def test_a_run_that_is_stopped_stops_the_block_that_started_early(tmp_path):
    async with started(
        tmp_path,
        root=[repl("0"), repl("import time\ntime.sleep(600)") + PROSE * 30],
        chunk_delay=0.005,
    ) as run:
        await run.until(CodeStarted, 2)
        run.source.send(Cancel())
    assert run.outcome == "cancelled"
    assert [event.outcome for event in run.of(CodeFinished)] == ["ok", "interrupted"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```repl\nx = 1\n```\n", "x = 1"),
        ("Some prose.\n```python\nx = 1\n```\nand more", "x = 1"),
        ("```repl\nx = 1\n```", None),
        ("```repl\nx = 1\n", None),
        ("prose only\n", None),
        ("```repl\nx = '''\n```\n", None),
        ("```repl\nx = (\n```\n", None),
        ("<think>\n```repl\nx = 1\n```\n", None),
        ("<think>hm</think>\n```repl\nx = 1\n```\n", "x = 1"),
        ("```json\n{}\n```\n", None),
    ],
)
def test_a_block_is_whole_when_nothing_that_follows_can_change_it(text, code):
    block = _first_whole(text)
    assert (block.code if block else None) == code
