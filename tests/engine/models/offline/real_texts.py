"""Texts that are on every machine with this project: Python's own, and packages' descriptions."""

from __future__ import annotations

import sys
import sysconfig
from importlib import metadata
from pathlib import Path
from pydoc_data.topics import topics

from rlm_tui.document.demo import demo_document, records

STDLIB = Path(sysconfig.get_paths()["stdlib"])
PACKAGES = (
    *("textual", "rich", "httpx", "pydantic", "click"),
    *("jinja2", "msgspec", "platformdirs", "pygments"),
)
MODULES = (
    *("heapq", "random", "statistics", "uuid", "secrets", "sched", "shelve", "tempfile", "difflib"),
    *("calendar", "smtplib", "doctest", "_pydecimal", "colorsys", "csv", "string", "argparse"),
    *("textwrap", "bisect", "fractions", "queue", "shlex", "getpass", "glob", "fnmatch", "hmac"),
    *("cmd", "code", "pprint", "reprlib", "copy", "types", "weakref", "functools", "contextlib"),
    *("gettext", "getopt", "imaplib", "poplib", "ftplib", "socketserver", "mimetypes"),
    *("pickletools", "webbrowser", "timeit", "trace", "bdb", "pdb"),
)


def text(name: str) -> str:
    """A text by its name: `licence`, `library`, `topics`, `log`, `records`, a package or a module.

    The licence is empty where this Python came without.
    """
    if name == "licence":
        return _licence()
    if name == "library":
        return "\n".join(text(module) for module in MODULES)
    if name == "topics":
        return "\n\n".join(topics.values())
    if name == "log":
        return demo_document()
    if name == "records":
        return records(7, 2000)
    if name in PACKAGES:
        return metadata.distribution(name).read_text("METADATA") or ""
    return (STDLIB / f"{name}.py").read_text(encoding="utf-8")


def _licence() -> str:
    places = (STDLIB, Path(sys.base_prefix))
    names = ("LICENSE.txt", "LICENSE")
    files = [place / name for place in places for name in names if (place / name).is_file()]
    return files[0].read_text(encoding="utf-8") if files else ""
