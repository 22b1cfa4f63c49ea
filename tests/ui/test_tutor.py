from __future__ import annotations

import json

from textual.widgets._toast import Toast

from rlm_tui import paths
from rlm_tui.source import Pause, Resume
from rlm_tui.tutorial import Course
from rlm_tui.ui.screens.start import Start
from rlm_tui.ui.tutor import Overheard
from rlm_tui.ui.widgets.lesson import LessonPanel
from tests.ui.conftest import until


def lesson(app) -> str:
    return app.workspace.query_one(LessonPanel).render().plain


def is_held(app) -> bool:
    return app.workspace.run.transport.playhead.trajectory.paused is not None


async def test_t_on_the_start_screen_teaches_step_by_step(open_app, tmp_path, monkeypatch):
    monkeypatch.setenv("RLM_TUI_SESSIONS", str(tmp_path / "sessions"))
    app = open_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Start))
        await pilot.press("t")
        await until(pilot, lambda: app.workspace is not None and app.workspace.query(LessonPanel))
        await until(pilot, lambda: is_held(app))
        assert "Tutorial 1/" in lesson(app)
        await pilot.press("p")
        await until(pilot, lambda: not is_held(app))
        await pilot.press("p")
        await until(pilot, lambda: "Tutorial 2/" in lesson(app))
        await pilot.press("o")
        await until(pilot, lambda: "Tutorial 3/" in lesson(app))
        panel = app.workspace.query_one(LessonPanel)
        assert panel.region.bottom == 29
        app.notify("something happened")
        await until(pilot, lambda: any(toast.region for toast in app.screen.query(Toast)))
        assert app.screen.query(Toast).first().region.bottom <= 5
        script = json.loads((paths.documents_dir() / "tutorial.json").read_text(encoding="utf-8"))
        assert len(script["root"]) == 4


async def test_a_source_is_overheard_and_does_the_same():
    class Asked:
        def __init__(self):
            self.did = []

        async def run(self, listener):
            self.did.append(listener)

        def send(self, command):
            self.did.append(command)

        async def close(self):
            self.did.append("closed")

    source, course = Asked(), Course()
    overheard = Overheard(source, course)
    await overheard.run("listener")
    overheard.send(Pause())
    overheard.send(Resume())
    await overheard.close()
    assert source.did == ["listener", Pause(), Resume(), "closed"]
    assert course._sent == {Pause, Resume}
