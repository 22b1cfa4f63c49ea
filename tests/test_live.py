import resource
import tempfile
from collections import defaultdict

import msgspec
import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.config import Settings
from rlm_tui.engine import asking
from rlm_tui.errors import DocumentError, UsageError
from rlm_tui.events import (
    ModelDelta,
    Paused,
    RetryScheduled,
    RunStarted,
)
from rlm_tui.live import LiveRun
from rlm_tui.source import Remark, Resume, RunRequest, Saved, SetBreakpoints
from tests.engine.harness import (
    Told,
    at_event,
    finished,
    let_others_run,
    open_files,
    repl,
    started,
)


async def test_a_session_is_begun_before_anything_else_is_told(tmp_path):
    run = await finished(tmp_path, root=["FINAL(x)"], max_iterations=7, text=["one", "two\nlines"])
    header = run.header
    assert (header.question, header.settings["max_iterations"]) == ("what?", 7)
    assert [document.bytes for document in header.documents] == [3, 9]
    assert run.notices == [Saved(str(run.session))]
    first = run.trajectory.root.iterations[0].prompt[1].content
    assert "dict, 12 characters, 3 lines" in first
    assert all(document.path in first for document in header.documents)


async def test_a_run_that_is_not_saved_leaves_no_file(tmp_path):
    run = await finished(tmp_path, root=["FINAL(x)"], save=False)
    assert run.notices == [Saved(None)]
    assert not run.session.exists()


async def test_a_session_without_a_name_gets_one_in_the_sessions_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RLM_TUI_SESSIONS", str(tmp_path / "kept"))
    run = await finished(tmp_path, root=["FINAL(x)"], session=None, question="What IS it?")
    (path,) = (tmp_path / "kept").iterdir()
    assert "what-is-it" in path.name
    assert run.notices == [Saved(str(path))]


async def test_a_binary_file_is_remarked_on_and_read_all_the_same(tmp_path):
    run = await finished(tmp_path, root=[repl("FINAL(context)")], text="a\0b\udcff")
    (remark,) = [notice for notice in run.notices if isinstance(notice, Remark)]
    assert "looks like a binary file" in remark.text
    assert run.answer == "a\0b\ufffd"


async def test_a_run_recorded_and_run_again_from_its_session_is_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(asking, "FIRST_WAIT", 0.0)
    given = {
        "max_depth": 2,
        "max_sub_calls": 9,
        "sub": [
            {"match": "boom", "error": "server_error"},
            {"match": r"n(\d)", "reply": r"<\1>"},
        ],
        "root": [
            "```json\n{}\n```",
            repl(
                "r = llm_query_batched(['n1', 'boom', 'n2', 'n1'])\n"
                "print([getattr(x, 'kind', x) for x in r], r[1])"
            ),
            repl("x = rlm_query('q', 'text')", "1 / 0") + "\nFINAL(no)",
            repl("print(x)\nllm_query_batched(['n3'] * 5)"),
            "My best answer.",
        ],
        "child": [[repl("y = llm_query('n7')\nprint(y)"), "FINAL_VAR(y)"]],
    }
    first = await finished(tmp_path, **given)
    settings = {name: given[name] for name in ("max_depth", "max_sub_calls")}
    again = await finished(tmp_path, model=f"recorded:{first.session}", **settings)
    assert (first.outcome, first.answer) == ("forced", "My best answer.")
    assert told_by_node(again) == told_by_node(first)


def told_by_node(run: Told) -> dict[str, list]:
    """What happened at each node, without times, models, retries and how text was cut up."""
    told = defaultdict(list)
    for record in run.records:
        if not isinstance(record.event, ModelDelta | RetryScheduled):
            event = msgspec.to_builtins(record.event)
            usage = event.get("usage", {})
            for name in ("requests", "cost_usd"):
                usage.pop(name, None)
            told[record.node].append(
                {k: v for k, v in event.items() if k not in {"elapsed", "model", "retries"}}
            )
    return told


async def test_no_key_gets_into_a_session(tmp_path, monkeypatch):
    secret, other = "sk-" + "7" * 30, "sk-" + "8" * 30
    env_file = tmp_path / "keys.env"
    env_file.write_text(f"OTHER_API_KEY={other}\n")
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    monkeypatch.setenv("OTHER_API_KEY", "to be put back")
    run = await finished(
        tmp_path,
        root=[repl("import os\nprint(dict(os.environ))\nFINAL(os.environ)")],
        env_file=str(env_file),
        api_base=f"https://user:{secret}@host.example:8000/v1?key={other}",
    )
    content = run.session.read_text()
    assert secret not in content
    assert other not in content
    assert run.header.settings["api_base"] == "https://host.example:8000/v1"
    assert "env_file" not in run.header.settings


async def test_no_run_leaves_a_file_in_the_temporary_folder(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert tempfile.gettempdir() == str(folder)
    await finished(tmp_path, root=[repl("llm_query('x')"), "FINAL(x)"])
    assert list(folder.iterdir()) == []


async def test_a_session_file_that_cannot_be_written_holds_the_run_until_it_can(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))

    try:
        async with started(tmp_path, root=[repl("1"), "FINAL(x)"]) as run:
            at_event(run, RunStarted, 1, lambda: limit(1_000))
            paused = await run.until(Paused)
            assert paused.reason == "the session file cannot be written"
            (remark,) = [notice for notice in run.notices if isinstance(notice, Remark)]
            assert remark.severity == "error"
            assert str(run.session) in remark.text
            limit(soft)
            run.source.send(Resume())
    finally:
        limit(soft)
    assert run.answer == "x"


# Runs that cannot begin


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"model": "scripted:/no/such/file"}, UsageError),
        ({"model": "offline", "env_file": "/no/such/file"}, UsageError),
        ({"model": "offline"}, DocumentError),
    ],
    ids=["script", "env file", "document"],
)
async def test_a_run_that_cannot_begin_tells_nothing_and_leaves_nothing(tmp_path, settings, error):
    session = tmp_path / "session.jsonl"
    request = RunRequest(
        "what?", [str(tmp_path / "gone.txt")], Settings(**settings, session=str(session))
    )
    source = LiveRun(request)
    told = Told(source, session)
    files_before = open_files()
    with pytest.raises(error, match=r"gone\.txt|/no/such/file"):
        await source.run(told)
    await source.close()
    assert told.header is None
    assert told.records == told.notices == []
    assert not session.exists()
    await let_others_run()
    assert open_files() <= files_before


async def test_a_session_that_exists_already_is_not_written_over(tmp_path):
    first = await finished(tmp_path, root=["FINAL(x)"])
    before = first.session.read_bytes()
    request = RunRequest(
        "what?",
        [first.header.document.path],
        Settings(model=first.header.model, session=str(first.session)),
    )
    with pytest.raises(Exception, match="exists already"):
        await LiveRun(request).run(Told(LiveRun(request), first.session))
    assert first.session.read_bytes() == before


async def test_a_breakpoint_on_lines_of_the_document_holds_the_call_that_would_send_them(tmp_path):
    text = "".join(f"line {number} of the document\n" for number in range(1, 101))
    code = repl("print(llm_query(context[:900]), llm_query(context[900:1800]))")
    async with started(
        tmp_path, text=text, root=[code, "FINAL(x)"], together=False, paused=True
    ) as run:
        await run.until(Paused)
        run.source.send(SetBreakpoints([Breakpoint(1, "doc 50-52")]))
        run.source.send(Resume())
        held = await run.until(Paused, 2)
        assert held.before == "llm_query"
        assert run.nodes_of(Paused)[-1] == "1.1.2"
        run.source.send(Resume())
