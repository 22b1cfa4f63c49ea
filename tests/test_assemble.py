from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from rlm_tui import paths
from rlm_tui.assemble import Engines, documents_of, live, recording, warm
from rlm_tui.config import Settings
from rlm_tui.errors import DocumentError
from rlm_tui.live import LiveRun
from rlm_tui.replay import RecordedRun
from rlm_tui.source import RunRequest
from tests.test_remote import gone

REQUEST = RunRequest("what?", ["/no/such.txt"], Settings())


@pytest.fixture
def stdin(monkeypatch):
    """Puts bytes into stdin."""

    def put(content):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return put


def test_documents_keep_their_order_and_become_absolute(tmp_path, monkeypatch):
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with documents_of(["b.txt", "./a.txt", str(tmp_path / "b.txt")], keep=True) as found:
        assert found == [str(tmp_path / name) for name in ("b.txt", "a.txt", "b.txt")]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing.txt", "missing.txt does not exist"),
        (".", "is a directory"),
        ("empty.txt", "is empty"),
        ("pipe", "not a regular file"),
    ],
    ids=["missing", "folder", "empty", "fifo"],
)
def test_what_cannot_be_read_is_refused_before_anything_is_started(
    tmp_path, monkeypatch, name, told
):
    monkeypatch.chdir(tmp_path)
    Path("empty.txt").touch()
    os.mkfifo("pipe")
    with pytest.raises(DocumentError, match=told), documents_of([name], keep=True):
        raise AssertionError


def test_a_file_named_like_the_sign_for_stdin_is_reached_by_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("-").write_text("a file", encoding="utf-8")
    with documents_of(["./-"], keep=True) as [found]:
        assert Path(found).read_text(encoding="utf-8") == "a file"


CONTENTS = pytest.mark.parametrize(
    "content", [b"text\n", b"\xff\xfe\0\r\n", "\ufeffgrüße 😀".encode()], ids=repr
)


@CONTENTS
def test_stdin_is_kept_byte_for_byte_where_sessions_find_it_and_only_its_owner(stdin, content):
    stdin(content)
    with documents_of(["-"], keep=True) as [found]:
        pass
    path = Path(found)
    assert path.parent == paths.documents_dir()
    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@CONTENTS
def test_stdin_that_is_not_kept_leaves_nothing_behind(stdin, content):
    stdin(content)
    with documents_of(["-"], keep=False) as [found]:
        assert Path(found).read_bytes() == content
    assert not Path(found).parent.exists()
    assert not paths.documents_dir().exists()


def test_the_same_stdin_is_kept_once_and_another_beside_it(stdin):
    for content in (b"one", b"two", b"one"):
        stdin(content)
        with documents_of(["-"], keep=True):
            pass
    kept = {path.read_bytes() for path in paths.documents_dir().iterdir()}
    assert (len(list(paths.documents_dir().iterdir())), kept) == (2, {b"one", b"two"})


def test_stdin_can_stand_among_files(stdin, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a")
    stdin(b"piped")
    with documents_of([str(tmp_path / "a.txt"), "-"], keep=False) as found:
        assert [Path(path).read_bytes() for path in found] == [b"a", b"piped"]


def test_an_empty_stdin_is_nothing_to_ask_about(stdin):
    stdin(b"")
    with pytest.raises(DocumentError, match="stdin is empty"), documents_of(["-"], keep=True):
        raise AssertionError


def test_a_closed_stdin_is_a_sentence(stdin, monkeypatch):
    for closed in (None, io.TextIOWrapper(io.BytesIO())):
        monkeypatch.setattr(sys, "stdin", closed)
        if closed is not None:
            closed.close()
        with pytest.raises(DocumentError, match="closed"), documents_of(["-"], keep=True):
            raise AssertionError


def test_a_folder_that_cannot_be_written_is_a_sentence(stdin, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("RLM_TUI_SESSIONS", str(tmp_path / "file" / "sessions"))
    stdin(b"text")
    with pytest.raises(DocumentError, match="cannot be kept"), documents_of(["-"], keep=True):
        raise AssertionError


def test_a_run_here_and_a_recording_are_sources_of_their_own_kinds():
    assert isinstance(live(REQUEST), LiveRun)
    assert isinstance(recording(Path("a.rlm.jsonl")), RecordedRun)
    assert isinstance(Engines(Settings()).open_session("a.rlm.jsonl"), RecordedRun)


@pytest.mark.parametrize("model", ["offline", "scripted:/no/such.json", "no-such/model"])
async def test_warming_up_keeps_what_is_wrong_to_itself(model):
    assert await warm(model) is None


async def test_the_engine_that_was_warmed_up_is_used_once(request):
    engines = Engines(Settings())
    engines.warm_up()
    engines.warm_up()
    first, second = engines.ask(REQUEST), engines.ask(REQUEST)
    pids = [source._engine.process.pid for source in (first, second)]
    for source in (first, second):
        await source.close()
    await engines.close()
    assert pids[0] != pids[1]
    await gone(pids)


async def test_an_engine_that_died_while_it_waited_is_replaced():
    engines = Engines(Settings())
    engines.warm_up()
    dead = engines._spare.process
    dead.kill()
    dead.wait()
    source = engines.ask(REQUEST)
    assert source._engine.process.pid != dead.pid
    await source.close()
    await engines.close()


async def test_closing_twice_ends_what_nobody_used():
    engines = Engines(Settings(model="openai/gpt-5"))
    engines.warm_up()
    pid = engines._spare.process.pid
    await engines.close()
    await engines.close()
    await gone([pid])


async def test_nothing_is_warmed_up_after_the_end():
    engines = Engines(Settings())
    await engines.close()
    engines.warm_up()
    assert engines._spare is None


@pytest.mark.parametrize(
    ("model", "warmed"),
    [(None, []), ("scripted:a.json", []), ("openai/gpt-5", ["openai/gpt-5"])],
    ids=["offline", "scripted", "litellm"],
)
async def test_only_a_model_that_takes_long_to_load_is_loaded_ahead(model, warmed):
    engines = Engines(Settings(model=model))
    engines.warm_up()
    assert engines._spare.process.args[5:] == warmed
    await engines.close()
