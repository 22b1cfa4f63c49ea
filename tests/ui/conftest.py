"""The app over a small log, live with a scripted model or over a recording of the same run."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from rlm_tui.assemble import Engines, live
from rlm_tui.config import Settings
from rlm_tui.source import RunRequest
from rlm_tui.ui.app import Opening, RlmApp

QUESTION = "Which errors repeat most?"
SCRIPT = {
    "root": [
        (
            "Let me look first.\n\n```repl\nprint(len(context))\nhits = grep('ERROR')\n"
            "print(len(hits), 'errors')\n```\n"
        ),
        (
            "Now I ask about pieces.\n```repl\nfound = llm_query_batched(chunks(900))\n"
            "print(found[0])\n```"
        ),
        "```repl\nprint(nothing)\n```",
        "FINAL(E42 repeats most, 4 times.)",
    ],
    "sub": [{"match": "ERROR (E\\d+)", "reply": "found \\1"}],
    "sub_default": "nothing",
}


class Unheard:
    """A listener that is told everything and does nothing."""

    def begin(self, header):
        pass

    def take(self, records):
        pass

    def say(self, notice):
        pass


@pytest.fixture(scope="session")
def studied(tmp_path_factory) -> Path:
    """A log of 400 lines with four errors."""
    path = tmp_path_factory.mktemp("documents") / "ci.log"
    lines = [
        f"12:00:{n % 60:02} {'ERROR E42 disk full' if n % 100 == 0 else f'INFO  request {n} ok'}\n"
        for n in range(400)
    ]
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def script(tmp_path_factory) -> str:
    """The name of the scripted model."""
    path = tmp_path_factory.mktemp("scripts") / "log.json"
    path.write_text(json.dumps(SCRIPT), encoding="utf-8")
    return f"scripted:{path}"


@pytest.fixture(scope="session")
def recording(tmp_path_factory, studied, script) -> Path:
    """The session file of a finished run."""
    path = tmp_path_factory.mktemp("sessions") / "log.rlm.jsonl"
    settings = Settings(model=script, session=str(path))
    asyncio.run(live(RunRequest(QUESTION, [str(studied)], settings)).run(Unheard()))
    return path


@pytest.fixture
def open_app(script):
    """Makes an app that shows something."""

    def make(model: str = script, **opening) -> RlmApp:
        settings = Settings(model=model, save=False)
        return RlmApp(Engines(settings), settings, Opening(**opening))

    return make


async def until(pilot, holds, limit: float = 20.0):
    """Wait until a state holds."""
    async with asyncio.timeout(limit):
        while not holds():
            await pilot.pause()


async def finished(pilot, app):
    """Wait until the run that is shown has ended and is drawn."""
    await until(pilot, lambda: app.workspace is not None and app.workspace.run.header is not None)
    await until(pilot, lambda: not app.workspace.run.is_live)
    await pilot.pause()
