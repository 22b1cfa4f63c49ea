"""The command line: parses, chooses a screen or none, and maps errors to exit statuses."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from msgspec.structs import replace

from rlm_tui import __version__, paths, preview
from rlm_tui.cli_help import HELP
from rlm_tui.config import SETTING_TYPES, Settings, load, read_env_file
from rlm_tui.errors import DocumentError, RlmTuiError, SessionError, UsageError
from rlm_tui.spelling import nearest
from rlm_tui.visible import visible_text

USAGE = 2
FAILED = 1
CANCELLED = 130

_LEAST_COLUMNS, _LEAST_ROWS = 40, 12
"""The smallest terminal in which one pane with its bars can be read."""

_RUN_FLAGS: tuple[tuple[str, type[str | int | float], str], ...] = (
    ("model", str, "NAME"),
    ("sub-model", str, "NAME"),
    ("fast-model", str, "NAME"),
    ("api-base", str, "URL"),
    ("max-iterations", int, "N"),
    ("max-depth", int, "N"),
    ("max-sub-calls", int, "N"),
    ("max-tokens", int, "N"),
    ("max-cost", float, "USD"),
    ("max-time", float, "S"),
    ("max-cell-time", float, "S"),
    ("concurrency", int, "N"),
    ("sandbox", str, "MODE"),
    ("encoding", str, "NAME"),
    ("env-file", str, "PATH"),
    ("session", str, "PATH"),
)

Command = Callable[[list[str]], int]


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, with the nearest valid spelling."""

    def __init__(self, command: str) -> None:
        super().__init__(prog=f"rlm-tui {command}".strip(), add_help=False, allow_abbrev=False)
        self._command = command
        self.add_argument("-h", "--help", action="store_true")

    def error(self, message: str) -> NoReturn:
        words = message.removeprefix("unrecognized arguments: ").split()
        if message.startswith("unrecognized arguments") and words:
            known = [flag for flag in self._option_string_actions if flag.startswith("--")]
            raise UsageError(f"There is no option {words[0]}.{nearest(words[0], known)}")
        raise UsageError(f"{message[:1].upper()}{message[1:]}.")

    def format_help(self) -> str:
        return HELP[self._command]

    def add_run_flags(self) -> None:
        for name, kind, metavar in _RUN_FLAGS:
            self.add_argument(f"--{name}", type=kind, metavar=metavar)
        for setting in ("cache", "save", "together"):
            self.add_argument(f"--no-{setting}", dest=setting, action="store_false", default=None)
        self.add_argument("--force-rlm", action="store_true", default=None)

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The arguments; `--help` prints and exits."""
        if "-h" in arguments or "--help" in arguments:
            sys.stdout.write(self.format_help())
            raise SystemExit(0)
        return self.parse_args(arguments)


def _settings(parsed: argparse.Namespace) -> Settings:
    flags = {
        name: value
        for name, value in vars(parsed).items()
        if name in SETTING_TYPES and value is not None
    }
    settings, _ = load(flags, file=paths.config_file())
    return settings if settings.model else _with_found_model(settings)


def _with_found_model(settings: Settings) -> Settings:
    """The settings with the model that a key or a local server offers, if one does."""
    from rlm_tui.discovery import find_model  # noqa: PLC0415 - only where no model is named

    environ = dict(os.environ)
    if settings.env_file:
        environ |= read_env_file(Path(settings.env_file))
    found = find_model(environ)
    if found is None:
        return settings
    return replace(settings, model=found.model, api_base=settings.api_base or found.api_base)


def run(arguments: list[str]) -> int:
    """Run a command line; returns the exit status."""
    commands: dict[str, Command] = {
        "ask": _ask,
        "replay": _replay,
        "demo": _demo,
        "stats": _stats,
        "config": _config,
        "doctor": _doctor,
    }
    first = arguments[0] if arguments else ""
    try:
        if first == "--version":
            sys.stdout.write(f"rlm-tui {__version__}\n")
            return 0
        if first in commands:
            return commands[first](arguments[1:])
        if first and not first.startswith("-") and os.sep not in first and not Path(first).exists():
            hint = nearest(first, commands)
            raise UsageError(f"There is no file or command {first}.{hint}")
        return _open(arguments)
    except (UsageError, DocumentError, SessionError) as error:
        return _complain(str(error), USAGE)
    except RlmTuiError as error:
        return _complain(str(error), FAILED)
    except KeyboardInterrupt:
        return _complain("stopped by ctrl+c before anything ran.", CANCELLED)
    except Exception:
        preview.leave()  # else the traceback would stand where nobody sees it
        raise


def _complain(sentence: str, status: int) -> int:
    preview.leave()
    sys.stderr.write(f"rlm-tui: {sentence}\n")
    return status


def _ask(arguments: list[str]) -> int:
    parser = _Parser("ask")
    parser.add_argument("path", nargs="*")
    parser.add_argument("-q", "--question")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", dest="form", action="store_const", const="json", default="text")
    form.add_argument("--events", dest="form", action="store_const", const="events")
    parser.add_argument("--debug", action="store_true")
    parser.add_argument("--break", dest="breaks", action="append", metavar="SPEC")
    parser.add_run_flags()
    parsed = parser.read(arguments)
    if not parsed.path:
        raise UsageError("ask needs a document: rlm-tui ask PATH -q QUESTION.")
    if not (parsed.question or "").strip():
        raise UsageError("ask needs a question: rlm-tui ask PATH -q QUESTION.")
    if parsed.debug and "-" in parsed.path:
        raise UsageError("With --debug stdin is for commands; put the document into a file.")
    if parsed.breaks and not parsed.debug:
        raise UsageError("--break needs --debug: rlm-tui ask PATH -q QUESTION --debug.")
    if parsed.debug:
        return _debug(parsed)
    return _run_headless(parsed.path, parsed.question, _settings(parsed), parsed.form)


def _debug(parsed: argparse.Namespace) -> int:
    import asyncio  # noqa: PLC0415 - as for a run without stops

    gc.enable()

    from rlm_tui import assemble, debug_console, secrecy  # noqa: PLC0415 - as above
    from rlm_tui.breakpoint import Breakpoint  # noqa: PLC0415 - as above
    from rlm_tui.source import RunRequest  # noqa: PLC0415 - as above
    from rlm_tui.word_parts import spec_of  # noqa: PLC0415 - as above

    named: list[str] = parsed.breaks or []
    specs = [spec_of(spec.strip(), "b") for spec in named]
    breakpoints = [Breakpoint(number, spec) for number, spec in enumerate(specs, 1)]
    settings = _settings(parsed)
    secrecy.keep_memory_private()
    with assemble.documents_of(parsed.path, keep=settings.save) as found:
        request = RunRequest(
            parsed.question, found, settings, paused=not specs, breakpoints=breakpoints
        )

        async def debugged() -> int:
            runs = assemble.Runs()
            try:
                return await debug_console.debug(runs.begin, request, parsed.form)
            finally:
                await runs.close()

        return asyncio.run(debugged())


def _run_headless(documents: list[str], question: str, settings: Settings, form: str) -> int:
    import asyncio  # noqa: PLC0415 - 30 ms that usage errors and --help do not need

    gc.enable()

    from rlm_tui import assemble, headless, secrecy  # noqa: PLC0415 - as above
    from rlm_tui.source import RunRequest  # noqa: PLC0415 - as above

    secrecy.keep_memory_private()
    with assemble.documents_of(documents, keep=settings.save) as found:
        request = RunRequest(question, found, settings, is_attended=False)
        return asyncio.run(headless.answer(assemble.live(request), form))  # type: ignore[arg-type]


def _open(arguments: list[str]) -> int:
    parser = _Parser("")
    parser.add_argument("path", nargs="*")
    parser.add_argument("-q", "--question")
    parser.add_argument("--paused", action="store_true")
    parser.add_run_flags()
    parsed = parser.read(arguments)
    if not parsed.path:
        if parsed.question:
            raise UsageError("A question needs a document: rlm-tui PATH -q QUESTION.")
        return _show(_settings(parsed))
    path = Path(parsed.path[0])
    from rlm_tui.session.reader import is_session  # noqa: PLC0415 - only with a path

    settings = _settings(parsed)
    if path.is_file() and is_session(path):
        if len(parsed.path) > 1:
            raise UsageError(f"{path} is a saved session; open it alone.")
        return _show(settings, session=path)
    if not (_has_screen() or ("-" in parsed.path and _takes_keys_from_terminal(try_only=True))):
        if not parsed.question:
            raise UsageError("Without a terminal there is nothing to show; ask with -q QUESTION.")
        if parsed.paused:
            raise UsageError("--paused needs a terminal; without one: rlm-tui ask ... --debug.")
        return _run_headless(parsed.path, parsed.question, settings, "text")
    from rlm_tui.assemble import documents_of  # noqa: PLC0415 - only with a path

    with documents_of(parsed.path, keep=settings.save) as found:
        if "-" in parsed.path:
            _takes_keys_from_terminal()
        first, *more = map(Path, found)
        return _show(
            settings,
            document=first if parsed.path[0] == "-" else path,
            more_documents=tuple(more),
            question=parsed.question,
            paused=parsed.paused,
        )


def _takes_keys_from_terminal(*, try_only: bool = False) -> bool:
    """Put the terminal where stdin was, once the document has come from there."""
    if not all(stream.isatty() for stream in (sys.stdout, sys.stderr) if stream):
        return False
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return False
    if not try_only:
        os.dup2(terminal, 0)
    os.close(terminal)
    return True


def _replay(arguments: list[str]) -> int:
    parser = _Parser("replay")
    parser.add_argument("session_file", nargs="?")
    parser.add_argument("--at", type=int)
    parser.add_run_flags()
    parsed = parser.read(arguments)
    if parsed.session_file is None:
        raise UsageError("replay needs a session: rlm-tui replay SESSION.")
    from rlm_tui.session.reader import read_session  # noqa: PLC0415 - only for a recording

    path = Path(parsed.session_file)
    settings = _settings(parsed)
    if not _has_screen():
        read_session(path)
        raise UsageError("replay needs a terminal.")
    return _show(settings, session=path, at=parsed.at)


def _demo(arguments: list[str]) -> int:
    parser = _Parser("demo")
    parser.add_argument("-q", "--question")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", dest="form", action="store_const", const="json", default="text")
    form.add_argument("--events", dest="form", action="store_const", const="events")
    parser.add_run_flags()
    parsed = parser.read(arguments)
    from rlm_tui.document.demo import DEMO_QUESTION, write_demo  # noqa: PLC0415 - only here

    if parsed.model is None:
        parsed.model = "offline"
    settings = _settings(parsed)
    path = write_demo(paths.documents_dir())
    question = parsed.question or DEMO_QUESTION
    if parsed.form != "text" or not _has_screen():
        return _run_headless([str(path)], question, settings, parsed.form)
    return _show(settings, document=path, question=question)


def _stats(arguments: list[str]) -> int:
    parser = _Parser("stats")
    parser.add_argument("session_file", nargs="?")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--spans", action="store_true")
    parsed = parser.read(arguments)
    if parsed.session_file is None:
        raise UsageError("stats needs a session: rlm-tui stats SESSION.")
    from rlm_tui import stats  # noqa: PLC0415 - only here
    from rlm_tui.session.reader import read_session  # noqa: PLC0415 - as above

    told = stats.stats_of(read_session(Path(parsed.session_file)), with_spans=parsed.spans)
    for remark in told.remarks:
        sys.stderr.write(f"rlm-tui: {visible_text(remark)}\n")
    if parsed.json:
        sys.stdout.buffer.write(stats.as_json(told.result))
    else:
        sys.stdout.write(visible_text(stats.as_text(told.result)))
    return 0


def _config(arguments: list[str]) -> int:
    parser = _Parser("config")
    parser.add_argument("what", nargs="?", choices=["path", "init"])
    parsed = parser.read(arguments)
    from rlm_tui import settings_file  # noqa: PLC0415 - only here

    file = paths.config_file()
    if parsed.what == "path":
        sys.stdout.write(f"{file}\n")
    elif parsed.what == "init":
        settings_file.write(file)
        sys.stdout.write(f"{file}\n")
    else:
        sys.stdout.write(settings_file.listing(*load({}, file=file)))
    return 0


def _doctor(arguments: list[str]) -> int:
    parser = _Parser("doctor")
    parser.add_argument("--sandbox", metavar="MODE")
    parsed = parser.read(arguments)
    from rlm_tui import doctor  # noqa: PLC0415 - only here

    flags = {} if parsed.sandbox is None else {"sandbox": parsed.sandbox}
    settings, _ = load(flags, file=paths.config_file())
    text, is_possible = doctor.report(settings.sandbox)
    sys.stdout.write(text)
    return 0 if is_possible else FAILED


def _has_screen() -> bool:
    """Whether there is a terminal to show the app in; Textual draws on stderr."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr) if stream)


def _show(settings: Settings, **opening: Any) -> int:
    """Run the app."""
    if not _has_screen():
        raise UsageError("There is no terminal to show the app in; see rlm-tui ask --help.")
    if os.environ.get("TERM", "dumb") == "dumb":
        raise UsageError("This terminal (TERM=dumb) cannot show the app; see rlm-tui ask --help.")
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    if 0 < columns < _LEAST_COLUMNS or 0 < rows < _LEAST_ROWS:  # 0: it does not know
        raise UsageError(
            f"This terminal has {columns} columns and {rows} rows; the app needs "
            f"{_LEAST_COLUMNS} by {_LEAST_ROWS}."
        )
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    # At 60 frames a second every third page that is turned waits 10 ms for its frame.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from rlm_tui.assemble import Engines  # noqa: PLC0415 - behind the usage errors
    from rlm_tui.ui.app import Opening, RlmApp  # noqa: PLC0415 - 150 ms of Textual

    app = RlmApp(Engines(settings), settings, Opening(**opening))
    app.run()
    return app.return_code or 0
