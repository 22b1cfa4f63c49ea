"""One sandbox for the tests of the REPL that do not end it, and a clock to put forward."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.repl.notebook import Box, Notebook

DOCUMENT = "line one\nline two ERROR\n\nümläut 🎉 line four\nno newline at the end"


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    path = tmp_path_factory.mktemp("document") / "document.txt"
    path.write_text(DOCUMENT, encoding="utf-8")
    with Box(str(path)) as started:
        yield started


@pytest.fixture
def notebook(box: Box) -> Iterator[Notebook]:
    opened = box.notebook()
    yield opened
    opened.repl.close()


@pytest.fixture(scope="session")
def monty_box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    path = tmp_path_factory.mktemp("document") / "document.txt"
    path.write_text(DOCUMENT, encoding="utf-8")
    with Box(str(path), mode="monty") as started:
        yield started


@pytest.fixture
def monty(monty_box: Box) -> Iterator[Notebook]:
    opened = monty_box.notebook("what is it?")
    yield opened
    opened.repl.close()


class Clock:
    """The clock of the engine's end, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._real = time.monotonic

    def __call__(self) -> float:
        return self._real() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time for this process, its event loops included; a guest has a clock of its own."""
    made = Clock()
    monkeypatch.setattr(time, "monotonic", made)
    return made
