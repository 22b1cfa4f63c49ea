"""The program: shows the document's first lines, then loads the rest of itself."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and exit with its status."""
    gc.disable()  # until a run begins or the screen is there: a quarter of the time of imports
    from rlm_tui import preview  # noqa: PLC0415 - in the order in which the user sees it

    preview.show(sys.argv[1:])
    from rlm_tui.cli import run  # noqa: PLC0415 - as above

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
