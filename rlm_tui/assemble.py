"""Builds sources from settings and files; the only place that knows all the parts."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Generator
from pathlib import Path

from rlm_tui import paths
from rlm_tui.config import Settings, is_billed
from rlm_tui.document.contents import check_readable
from rlm_tui.errors import DocumentError, ModelError, UsageError
from rlm_tui.remote import EngineProcess, RemoteRun
from rlm_tui.replay import RecordedRun
from rlm_tui.source import RunRequest, Source


def live(request: RunRequest) -> Source:
    """A run in this process."""
    from rlm_tui.live import LiveRun  # noqa: PLC0415 - the screen's process never needs it

    return LiveRun(request)


class Runs:
    """Makes the runs of this process; each takes over what it can use of the one before."""

    def __init__(self) -> None:
        from rlm_tui.grounds import KeptGrounds  # noqa: PLC0415 - as above

        self._kept = KeptGrounds()

    def begin(self, request: RunRequest) -> Source:
        """A run; one at a time."""
        from rlm_tui.live import LiveRun  # noqa: PLC0415 - as above

        return LiveRun(request, self._kept)

    async def close(self) -> None:
        """Leave nothing running."""
        await self._kept.close()


async def warm(model: str) -> None:
    """Load the client of a model before a request needs it; whatever is wrong is said then."""
    from rlm_tui.engine.models.book import ModelBook  # noqa: PLC0415 - as above

    book = ModelBook(Settings(model=model), read_records=lambda _: [])
    with contextlib.suppress(UsageError, ModelError):
        await book.recognise()


@contextlib.contextmanager
def documents_of(named: list[str], *, keep: bool) -> Generator[list[str]]:
    """The paths of the documents that were named; `-` is what stdin holds, put into a file.

    Args:
        named: paths, and at most one `-`.
        keep: whether the file for stdin stays, so that the session can be looked at later.

    Raises:
        DocumentError: one of them cannot be read.
    """
    with contextlib.ExitStack() as stack:
        found: list[str] = []
        for name in named:
            path = Path(name)
            if name == "-":
                path = _stdin_in(paths.documents_dir() if keep else None, stack)
            check_readable(path)
            found.append(str(path.absolute()))
        yield found


def _stdin_in(folder: Path | None, stack: contextlib.ExitStack) -> Path:
    """Put stdin into a file named by its content; without a folder, into one that goes away."""
    import hashlib  # noqa: PLC0415 - only for stdin
    import tempfile  # noqa: PLC0415 - likewise

    if sys.stdin is None or sys.stdin.closed:  # pyright: ignore[reportUnnecessaryComparison]
        raise DocumentError("stdin is closed, so there is no document to read from it.")
    try:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rlm-tui-")))
        folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:  # of mode 0600
            coming = stack.enter_context(contextlib.ExitStack())
            coming.callback(Path(file.name).unlink, missing_ok=True)
            while piece := sys.stdin.buffer.read(1 << 20):
                digest.update(piece)
                size += file.write(piece)
        if not size:
            raise DocumentError("stdin is empty: there is nothing to ask about.")
        path = folder / f"stdin-{digest.hexdigest()[:12]}.txt"
        Path(file.name).replace(path)
    except OSError as error:
        raise DocumentError(f"stdin cannot be kept in a file: {error}.") from error
    return path


def recording(path: Path) -> Source:
    """A saved run."""
    return RecordedRun(path)


class Engines:
    """Makes the sources of a screen; keeps an engine process ready for the next run."""

    def __init__(self, settings: Settings) -> None:
        self._warm = settings.root_model if is_billed(settings.root_model) else None
        self._spare: EngineProcess | None = None
        """One that nobody has asked, or that has run something and rests."""
        self._ending: set[asyncio.Task[int]] = set()
        self._is_closed = False

    def ask(self, request: RunRequest) -> Source:
        """A run in an engine process, the one that rests if there is one."""
        engine, self._spare = self._spare, None
        if engine is not None and not engine.is_alive:
            self._end(engine)
            engine = None
        return RemoteRun(request, engine or EngineProcess(self._warm), self._release)

    def _release(self, engine: EngineProcess) -> None:
        """A run is over, and its engine, which holds the document and the run's states, rests."""
        spare, self._spare = self._spare, engine
        if spare is not None:
            self._end(spare)
        if self._is_closed:
            self.forget()

    def _end(self, engine: EngineProcess) -> None:
        task = asyncio.ensure_future(engine.wait())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def fork_trouble(self, request: RunRequest) -> str:
        """Why a branch of a run that is over cannot begin; empty when it can. Blocks."""
        from rlm_tui.branch import fork_trouble  # noqa: PLC0415 - the engine's business as a rule

        if request.fork is None:
            return ""
        # What an engine that rests has kept is found out when it is asked.
        has_kept = self._spare is not None and self._spare.is_resting
        return fork_trouble(request.fork, request.settings, None if has_kept else ())

    def open_session(self, path: str) -> Source:
        """A recording."""
        return recording(Path(path))

    def warm_up(self) -> None:
        """Start an engine that waits for its request; not any more after `close`."""
        if self._spare is None and not self._is_closed:
            self._spare = EngineProcess(self._warm)

    def forget(self) -> None:
        """End the engine that rests, and let go of what it holds."""
        spare, self._spare = self._spare, None
        if spare is not None:
            if not spare.is_resting:
                spare.process.kill()  # it has nothing to keep, and may be loading for seconds
            self._end(spare)

    async def close(self) -> None:
        """End the engine that nobody uses."""
        self._is_closed = True
        self.forget()
        await asyncio.gather(*self._ending)
