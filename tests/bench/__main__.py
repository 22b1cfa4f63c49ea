"""Runs every measurement and prints the tables."""

from __future__ import annotations

import platform
import tempfile
from pathlib import Path

from rlm_tui import __version__
from rlm_tui.document.demo import write_demo
from tests.bench import (
    debugger,
    engine,
    first_paint,
    latency,
    monty,
    provenance,
    replaying,
    sandbox,
    viewers,
)
from tests.bench import document as document_pane
from tests.bench.table import show


def main() -> None:
    """Measure everything, the fast things first."""
    print(f"rlm-tui {__version__}, Python {platform.python_version()}, {platform.platform()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        document = write_demo(folder)
        show("Engine", engine.measure(document, folder))
        show("Sandbox", sandbox.measure(document, folder))
        show("Sandbox: Monty", monty.measure(document))
        show("Debugger", debugger.measure(document, folder))
        show("Recordings", replaying.measure(folder))
        gigabyte = folder / "gigabyte.log"
        document_pane.write_log(gigabyte)
        show("Document", document_pane.measure(gigabyte))
        show("Document viewers", viewers.measure(gigabyte))
        gigabyte.unlink()
        show("Provenance", provenance.measure(folder))
        show("First paint", first_paint.measure(document))
        show("Key latency", latency.measure(document, folder))


if __name__ == "__main__":
    main()
