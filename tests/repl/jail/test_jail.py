from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rlm_tui.errors import ReplError
from rlm_tui.repl.host import Sandbox
from rlm_tui.repl.jail import jail, landlock, namespaces, seccomp
from rlm_tui.repl.jail.jail import Jail, JailError
from tests.repl.notebook import Box, run


def processes_of(document: str) -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                command = (entry / "cmdline").read_bytes()
                state = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            if os.fsencode(document) in command.split(b"\0") and ") Z " not in state:
                found.add(int(entry.name))
    return found


def children_of(pid: int) -> list[int]:
    stats = [path.read_text(encoding="utf-8") for path in Path("/proc").glob("[0-9]*/stat")]
    return [
        int(stat.split()[0]) for stat in stats if stat.rpartition(")")[2].split()[1] == str(pid)
    ]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def test_off_takes_no_layer_and_leaves_forks_free():
    off = Jail("off")
    off.enter()
    off.seal()
    assert off.described() == {"layers": [], "missing": {}, "has_checkpoints": True}
    assert off.line_for_worker() is None


@pytest.mark.parametrize(
    ("left_out", "named"),
    [(["seccomp"], ["seccomp"]), (["ns", "landlock"], ["ns", "landlock"])],
    ids=["seccomp", "whatever hides files"],
)
async def test_without_a_layer_that_nothing_else_makes_up_for_it_fails_closed(left_out, named):
    with pytest.raises(ReplError, match="cannot be shut in") as raised:
        await Sandbox.start([], "auto", left_out=left_out)
    assert all(f"{name}: it was left out" in str(raised.value) for name in named)
    assert "--sandbox=off" in str(raised.value)


@pytest.mark.parametrize(
    "left_out",
    [[], ["ns"], ["landlock"], ["seccomp"], ["ns", "landlock"], ["ns", "landlock", "seccomp"]],
    ids="+".join,
)
async def test_monty_takes_the_layers_that_can_be_had_and_needs_none(left_out):
    sandbox = await Sandbox.start([], "monty", left_out=left_out)
    try:
        ran = await run(await sandbox.spawn(""), "sum(range(10))", name="1.1")
    finally:
        await sandbox.close()
    assert ran.out == "45\n"
    assert sandbox.layers.startswith("monty")
    assert not set(left_out) & set(sandbox.layers.split("+"))
    assert set(left_out) <= set(sandbox.missing)
    assert sandbox.has_checkpoints


def test_what_the_system_refuses_is_told_with_its_reason(monkeypatch):
    def refused():
        raise OSError(38, "not there")

    monkeypatch.setattr(landlock, "abi", refused)
    monkeypatch.setattr(namespaces, "enter", lambda build: "no user namespaces")
    monkeypatch.setattr(seccomp, "tried", lambda forks: (None, "never"))
    made = Jail("auto")
    with pytest.raises(JailError, match=r"landlock: .*5\.13.*; ns: no user namespaces"):
        made.enter()
    assert "forks" in made.missing
    assert not made.has_checkpoints


def test_elsewhere_than_on_linux_nothing_can_be_had(monkeypatch):
    monkeypatch.setattr(jail.sys, "platform", "darwin")
    with pytest.raises(JailError, match="only Linux has it"):
        Jail("auto").enter()


def test_a_jail_that_does_not_shut_is_an_error(monkeypatch):
    def refused():
        raise OSError(1, "no limits")

    made = Jail("auto", ["ns"])
    made.enter()
    monkeypatch.setattr(jail.rights, "limit_resources", refused)
    before = os.umask(0o022)
    with pytest.raises(JailError, match="no limits"):
        made.seal()
    os.umask(before)


@pytest.mark.parametrize("left_out", [(), ("ns",), ("landlock",)], ids=["all", "no ns", "no ll"])
def test_a_checkpoint_can_be_taken_and_restored_and_neither_can_fork_by_itself(tmp_path, left_out):
    path = tmp_path / "document.txt"
    path.write_text("text", encoding="utf-8")
    with Box(str(path), left_out=left_out) as box:
        first = box.notebook()
        first.ok("x = [1]")
        parked = box.do(first.repl.fork())
        first.ok("x.append(2)")
        again = box.do(parked.fork())
        for repl, value in ((first.repl, "[1, 2]"), (again, "[1]")):
            first.repl = repl
            assert first.ok("x") == f"{value}\n"
            assert first.run("import os\nos.fork()").result.outcome == "error"
            assert first.run("import ctypes\nctypes.CDLL(None).fork()").out == "-1\n"
        assert box.do(parked.fork()).is_alive


def test_strict_has_no_checkpoints(tmp_path):
    path = tmp_path / "document.txt"
    path.touch()
    with Box(str(path), mode="strict") as box:
        assert not box.sandbox.has_checkpoints
        first = box.notebook()
        with pytest.raises(ReplError, match="could not be forked"):
            box.do(first.repl.fork())
        assert first.ok("'alive'") == "'alive'\n"


ENGINE = """
import asyncio, sys
from rlm_tui.repl.cells import Served
from rlm_tui.repl.host import Sandbox

CELL = '''
import ctypes, os
libc = ctypes.CDLL(None)
libc.setsid(), libc.setpgid(0, 0), libc.prctl(1, 0, 0, 0, 0)
libc.fork(), libc.setsid()
llm_query("running")
while True: pass
'''

async def main():
    document, *left_out = sys.argv[1:]
    sandbox = await Sandbox.start([document], left_out=left_out)
    repl = await sandbox.spawn("q")
    parked = await repl.fork()
    restored = await parked.fork()
    async def on_call(request):
        print(sandbox._process.pid, flush=True)
        return Served(request.prompts)
    cells = [one.run("1.1", CELL, budget=1000, on_output=print, on_call=on_call)
             for one in (repl, restored)]
    print(await asyncio.gather(*cells), flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


@pytest.fixture(params=[(), ("ns",)], ids=["all layers", "no namespaces"])
def engine(request, somebody, tmp_path):
    """An engine with a busy worker, a checkpoint and a busy worker restored from it."""
    document = tmp_path / "document of its own.txt"
    document.touch()
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(0o755)
    with somebody.started("-c", ENGINE, str(document), *request.param) as process:
        process.stdout.readline()
        process.zygote = int(process.stdout.readline())
        process.document = str(document)
        yield process
        process.kill()
    wait_until(lambda: not processes_of(str(document)))


def test_when_the_engine_is_killed_everything_ends(engine):
    assert len(processes_of(engine.document) - {engine.pid}) >= 4
    engine.kill()
    engine.wait()
    wait_until(lambda: not processes_of(engine.document))


def test_when_the_zygote_is_killed_everything_but_the_engine_ends(engine):
    os.kill(engine.zygote, signal.SIGKILL)
    assert engine.stdout.readline().count("'killed'") == 2
    wait_until(lambda: processes_of(engine.document) == {engine.pid})


@pytest.mark.parametrize("engine", [()], indirect=True, ids=["all layers"])
def test_when_the_first_process_of_the_namespaces_is_killed_everything_but_the_engine_ends(engine):
    (first,) = children_of(engine.zygote)
    os.kill(first, signal.SIGKILL)
    assert engine.stdout.readline().count("'killed'") == 2
    wait_until(lambda: processes_of(engine.document) == {engine.pid})
