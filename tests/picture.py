"""Draws the picture of the README from the shipped recording: `python -m tests.picture`."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile

from rlm_tui import paths
from rlm_tui.assemble import Engines
from rlm_tui.config import Settings
from rlm_tui.document.demo import write_demo
from rlm_tui.ui.app import Opening, RlmApp

SIZE = (120, 36)


async def draw() -> str:
    """The workspace after the demo run, with a sub-call selected, as SVG."""
    write_demo(paths.documents_dir())
    settings = Settings(save=False)
    session = paths.shipped("sessions") / "demo.rlm.jsonl"
    app = RlmApp(Engines(settings), settings, Opening(session=session))
    async with app.run_test(size=SIZE) as pilot:
        while app.workspace is None or app.workspace.run.is_live or not app.workspace.run.header:
            await pilot.pause()
        await pilot.press("1", "2", "g", "j")
        for _ in range(100):  # until all calls have been looked for in the document
            await pilot.pause(0.05)
        return app.export_screenshot(title="rlm-tui")


def main() -> None:
    """Write `sessions/demo.svg`, without the fonts that Textual would have a browser fetch."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RLM_TUI_SESSIONS"] = f"{folder}/sessions"
        drawn = asyncio.run(draw())
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace("Fira Code", "monospace").replace("<text ", '<text xml:space="preserve" ')
    (paths.shipped("sessions") / "demo.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
