from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from rlm_tui import cli, paths, stats
from rlm_tui.assemble import live
from rlm_tui.config import Settings
from rlm_tui.document.demo import service_log
from rlm_tui.document.facts import identity
from rlm_tui.session.reader import Recording, read_session
from rlm_tui.source import RunRequest
from tests import runs
from tests.ui.conftest import Unheard

LOG = service_log(3, 3_000)
SCRIPT = {
    "root": [
        (
            "```repl\nr = llm_query_batched(['Look:\\t' + context[a:a + 4000] + '\\t' "
            "for a in (1000, 50000, 52000)] + ['Sum up.'])\n```"
        ),
        "```repl\nprint(context[200_000:201_000])\n```",
        "FINAL(done)",
    ],
    "sub": [{"match": "Sum up", "error": "timeout"}],
}
SENT = [(1_000, 5_000), (50_000, 54_000), (52_000, 56_000)]


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("stats")
    (folder / "service.log").write_text(LOG, encoding="utf-8")
    (folder / "script.json").write_text(json.dumps(SCRIPT), encoding="utf-8")
    path = folder / "run.rlm.jsonl"
    settings = Settings(model=f"scripted:{folder / 'script.json'}", session=str(path), cache=False)
    request = RunRequest("Errors?", [str(folder / "service.log")], settings)
    asyncio.run(live(request).run(Unheard()))
    return path


def as_json(capsys, *arguments: str) -> dict:
    assert cli.run(["stats", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_figures_are_those_of_the_run(session, capsys):
    told = as_json(capsys, str(session))
    assert (told["outcome"], told["iterations"], told["sub_calls"]) == ("answered", 3, 4)
    assert told["by_depth"] == [
        {"depth": 0, "iterations": 3, "sub_calls": 0},
        {"depth": 1, "iterations": 0, "sub_calls": 4},
    ]
    assert sum(of["sub_calls"] for of in told["by_model"].values()) == 4
    assert told["usage"]["requests"] >= 6
    assert told["errors"] >= 1
    assert "calls" not in told


def test_the_share_read_is_what_was_sent_and_printed(session, capsys):
    read = as_json(capsys, str(session))["read"]
    chars = 4_000 + 6_000 + 1_000
    assert abs(read["chars"] - chars) <= 2
    assert read["share"] == round(read["chars"] / len(LOG), 6)
    assert (read["calls_located"], read["calls_unknown"]) == (3, 1)


def test_the_spans_of_each_call_are_told_when_asked_for(session, capsys):
    calls = as_json(capsys, str(session), "--spans")["calls"]
    assert [call["spans"] for call in calls] == [*([list(span)] for span in SENT), []]
    assert [call["node"] for call in calls] == ["1.1.1", "1.1.2", "1.1.3", "1.1.4"]


def test_in_words_there_is_a_line_for_each_figure(session, capsys):
    assert cli.run(["stats", str(session), "--spans"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:9]] == [
        *("outcome", "iterations", "sub-calls", "models", "tokens", "cost", "time", "errors"),
        "read",
    ]
    assert "1,000-5,000" in lines[9]
    assert lines[12].split() == ["1.1.4", "unknown"]


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "is missing"), ("longer", "has changed"), ("same", "its SHA-256 differs")],
    ids=["missing", "another size", "another content"],
)
def test_of_a_document_that_is_not_there_as_it_was_nothing_is_claimed(
    session, tmp_path, monkeypatch, capsys, content, told
):
    monkeypatch.setattr(paths, "documents_dir", lambda: tmp_path / "kept")
    studied = session.parent / "service.log"
    original = studied.read_bytes()
    try:
        studied.unlink()
        if content is not None:
            studied.write_bytes(original + b"x" if content == "longer" else original[::-1])
        assert cli.run(["stats", str(session), "--json", "--spans"]) == 0
    finally:
        studied.write_bytes(original)
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert result["read"] is None
    assert {call["spans"] for call in result["calls"]} == {None}
    assert told in err
    assert result["sub_calls"] == 4


def test_a_document_beside_the_session_is_found_again(session, tmp_path, capsys):
    moved = tmp_path / "run.rlm.jsonl"
    moved.write_bytes(session.read_bytes().replace(str(session.parent).encode(), b"/nowhere"))
    (tmp_path / "service.log").write_text(LOG, encoding="utf-8")
    assert as_json(capsys, str(moved))["read"]["calls_located"] == 3


def test_several_documents_are_counted_together_and_told_apart(tmp_path, session):
    recording = read_session(session)
    other = tmp_path / "other.log"
    other.write_text(service_log(9, 500), encoding="utf-8")
    size, digest = identity(other)
    header = recording.header.__class__(
        **{
            name: getattr(recording.header, name)
            for name in recording.header.__struct_fields__
            if name != "more_documents"
        },
        more_documents=[runs.DocumentRef(str(other), size, digest)],
    )
    told = stats.stats_of(Recording(session, header, recording.records), with_spans=True).result
    assert told["calls"][0]["spans"] == [[1_000, 5_000, 0]]
    assert told["read"]["share"] < 11_000 / len(LOG)


def test_what_a_billed_model_cost_is_told_and_an_unknown_price_is_unknown():
    call = runs.call("1.1.1")
    records = runs.whole(runs.turn("1", blocks=[runs.block("1.1", calls=call)], answer="x"))
    told = stats.stats_of(Recording(Path("/nowhere/a.rlm.jsonl"), runs.HEADER, records))
    assert told.result["usage"]["cost_usd"] > 0
    assert "$" in stats.as_text(told.result)
    told.result["usage"]["cost_usd"] = None
    assert "unknown" in stats.as_text(told.result).split("cost")[1].splitlines()[0]


def test_a_run_that_broke_off_has_no_outcome():
    records = runs.numbered(runs.turn("1"))
    told = stats.stats_of(Recording(Path("/nowhere/a.rlm.jsonl"), runs.HEADER, records)).result
    assert told["outcome"] is None
    assert "ends before" in stats.as_text(told)


def test_stats_needs_a_session(capsys):
    assert cli.run(["stats"]) == 2
    assert "needs a session" in capsys.readouterr().err
