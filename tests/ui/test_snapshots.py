"""States of the screen that a person would notice; `make accept` takes the new ones over.

Before taking one over, look for what its docstring says.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from rlm_tui.document.facts import identity
from rlm_tui.ui.provenance import Provenance
from rlm_tui.ui.screens.help import Help
from rlm_tui.ui.screens.prompt import Prompt
from tests.runs import HEADER, NAMED, block, call, chained, file_of, turn, whole
from tests.ui.conftest import finished, until

TEXT = "".join(
    f"12:00:{n:02} {'ERROR E42 disk full' if n % 7 == 3 else f'INFO  request {n} ok'}\n"
    for n in range(60)
)
COUNTED = "hits = grep('ERROR')\nfor line in hits:\n    print(llm_query(f'Which disk? {line}'))"


@pytest.fixture(autouse=True)
def same_everywhere(monkeypatch):
    """Nothing on the screen comes from this machine."""
    monkeypatch.setenv("RLM_TUI_SESSIONS", "/home/ann/.local/share/rlm-tui/sessions")


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "server.log"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def recorded(tmp_path, document):
    """The session file of a run over the document."""

    def write(records):
        size, digest = identity(document)
        studied = replace(HEADER.document, path=str(document), bytes=size, sha256=digest)
        path = tmp_path / "run.rlm.jsonl"
        path.write_bytes(file_of(records, replace(HEADER, document=studied)))
        return path

    return write


def run_with_an_error():
    """A block that raises, then one that asks three times, then the answer."""
    raised = block("1.1", "print(pat)", outcome="error", error="NameError: name 'pat'")
    calls = chained(
        call("2.1.1", "Which disk? 12:00:03 ERROR E42", reply="/var"),
        call("2.1.2", "Which disk? 12:00:10 ERROR E42", reply="/var"),
        call("2.1.3", "Which disk? 12:00:17 ERROR E42", reply="/home"),
    )
    asked = block("2.1", COUNTED, calls=calls, output=["/var\n", "/var\n", "/home\n"])
    answer = "E42 (disk full) repeats most: nine times, mostly on /var."
    return whole(
        chained(turn("1", blocks=[raised]), turn("2", blocks=[asked]), turn("3", answer=answer)),
        answer=answer,
    )


@pytest.fixture(autouse=True)
def nothing_is_looked_for(monkeypatch):
    """How much was read comes from a process of its own, in its own time."""
    monkeypatch.setattr(Provenance, "look", lambda _self: None)


def stand(*keys):
    """Wait for the recording, then press keys."""

    async def before(pilot):
        await finished(pilot, pilot.app)
        await pilot.press(*keys)
        await pilot.pause()

    return before


def test_start_screen_without_a_key(snap_compare, open_app):
    """What the program is, the cursor on Demo, the offline model named as no language model."""
    assert snap_compare(open_app(model=None))


def test_a_document_before_the_first_question(snap_compare, open_app, document):
    """The document has the focus; the tree says which key asks; IDLE stands in the status."""
    assert snap_compare(open_app(document=document), terminal_size=(80, 24))


def test_a_finished_run(snap_compare, open_app, recorded):
    """DONE in the status, the cursor on the answer, the answer in the inspector, ERR at it 1."""
    app = open_app(session=recorded(run_with_an_error()))
    assert snap_compare(app, terminal_size=(120, 36), run_before=stand())


def test_a_code_block_that_raised(snap_compare, open_app, recorded):
    """The code and its NameError in the inspector; the word ERR, not only a colour."""
    app = open_app(session=recorded(run_with_an_error()))
    assert snap_compare(app, terminal_size=(80, 24), run_before=stand("2", "g", "j", "enter"))


def test_standing_in_the_middle_of_a_run(snap_compare, open_app, recorded):
    """REPLAY, the playhead left of the end, and nothing in the tree that came later."""
    app = open_app(session=recorded(NAMED["nested"]()))
    keys = stand("5", "home", *["full_stop"] * 20)
    assert snap_compare(app, terminal_size=(80, 24), run_before=keys)


def test_asking_a_question(snap_compare, open_app, document):
    """The dialog over the workspace: the file's name, the question, which model, enter and esc."""

    async def ask(pilot):
        await until(pilot, lambda: pilot.app.workspace is not None)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: isinstance(pilot.app.screen, Prompt))
        pilot.app.screen.query_one(Input).cursor_blink = False
        pilot.app.screen.query_one(Input).value = "Which errors repeat most?"
        await pilot.pause()

    app = open_app(document=document, model="offline")
    assert snap_compare(app, terminal_size=(80, 24), run_before=ask)


def test_the_key_sheet(snap_compare, open_app, recorded):
    """The keys of the tree first, each with its sentence; how to close it."""

    async def help_over_tree(pilot):
        await finished(pilot, pilot.app)
        await pilot.press("2", "question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, Help))
        await pilot.pause()

    app = open_app(session=recorded(NAMED["answered"]()))
    assert snap_compare(app, terminal_size=(80, 24), run_before=help_over_tree)


def test_the_light_theme(snap_compare, open_app, recorded):
    """The same as the finished run, dark on light: every word can be read."""
    app = open_app(session=recorded(run_with_an_error()))
    app.theme = "rlm-light"
    assert snap_compare(app, terminal_size=(100, 24), run_before=stand())


def test_a_step_in_a_recording(snap_compare, open_app, recorded):
    """The second call has a row with NEXT, its line of code is marked, and going on is free."""
    app = open_app(session=recorded(run_with_an_error()))
    keys = ("5", "home", *"oooo", *"ss", "2")
    assert snap_compare(app, terminal_size=(120, 36), run_before=stand(*keys))
