"""Code in Monty that takes too much, and code that lies about itself."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from rlm_tui.errors import ReplError
from rlm_tui.repl import host
from rlm_tui.repl.host import Sandbox
from rlm_tui.repl.interpreter import Interpreter, located
from tests.repl.monty_attacks import FLOODS, SHADOWS
from tests.repl.notebook import Box


@pytest.mark.parametrize("code", FLOODS.values(), ids=FLOODS)
def test_what_takes_too_much_ends_and_nothing_else_does(monty_box: Box, monty, code):
    bystander = monty_box.notebook()
    bystander.ok("x = 1")
    ran = monty.run(code, budget=3.0)
    assert ran.result.outcome in {"ok", "error", "interrupted", "killed"}
    assert "ESCAPED" not in ran.out
    assert bystander.ok("x") == "1\n"
    assert monty_box.notebook().ok("1") == "1\n"
    bystander.repl.close()


@pytest.mark.parametrize(
    "code", ["while True: pass", "sum(range(10**12))", "[x for x in range(10**9) if x < 0]"]
)
def test_what_never_ends_is_ended(monty, code):
    ran = monty.run(code, budget=0.3)
    assert ran.result.outcome == "killed"
    assert ran.result.error == "the code block ran longer than 0.3 s"


@pytest.mark.parametrize("code", SHADOWS.values(), ids=SHADOWS)
def test_code_that_lies_about_its_variables_harms_nobody(monty_box: Box, monty, code):
    monty.run(code)
    monty.run("context = 1\nx = [1]")
    monty.run("FINAL_VAR('x')")
    assert monty_box.notebook().ok("x = 1\nx") == "1\n"


def group_of(box: Box) -> dict[int, str]:
    """The processes of a sandbox that still run, with what they are, as this process sees them."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            pid = int(entry.name)
            if os.getpgid(pid) == box.sandbox._process.pid:
                status = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                if status[0] != "Z":
                    found[pid] = (entry / "comm").read_text(encoding="utf-8").strip()
        except OSError:
            continue
    return found


def wait_until(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def interpreters_of(box: Box) -> set[int]:
    return {pid for pid, name in group_of(box).items() if name == "monty"}


@pytest.fixture(params=[[], ["ns"]], ids=["all layers", "no namespaces"])
def fresh_box(request, tmp_path):
    path = tmp_path / "document.txt"
    path.write_text("text", encoding="utf-8")
    with Box(str(path), mode="monty", left_out=request.param) as box:
        yield box


def test_the_interpreter_is_behind_every_layer_itself(fresh_box):
    """Whoever breaks out of Monty is where model code is in the other modes."""
    opened = fresh_box.notebook()
    (pid,) = interpreters_of(fresh_box)
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    assert "NoNewPrivs:\t1" in status
    assert "CapEff:\t0000000000000000" in status
    if "seccomp" in fresh_box.sandbox.layers:
        assert "Seccomp:\t2" in status
    if "+ns" in fresh_box.sandbox.layers:
        for kind in ("mnt", "pid", "net", "ipc", "uts"):
            ours, its = (Path(f"/proc/{one}/ns/{kind}").readlink() for one in ("self", pid))
            assert ours != its, kind
    opened.repl.close()


def test_the_interpreter_holds_two_pipes_and_nothing_else(fresh_box):
    opened = fresh_box.notebook()
    opened.ok("1")
    (pid,) = interpreters_of(fresh_box)
    held = {int(fd.name): str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()}
    assert {fd: name.split(":")[0] for fd, name in held.items()} == {
        0: "pipe",
        1: "pipe",
        2: "/dev/null",
    }
    assert Path(f"/proc/{pid}/environ").read_bytes() == b""
    opened.repl.close()


def test_an_interpreter_that_computes_ends_with_its_worker(fresh_box):
    if "seccomp" not in fresh_box.sandbox.layers:
        pytest.skip("without seccomp the zygote does not hear of the interpreter")
    opened = fresh_box.notebook()
    (child,) = interpreters_of(fresh_box)
    sandbox = fresh_box.sandbox

    def kill_worker(_text):
        sandbox.signal(opened.repl.pid, signal.SIGKILL)

    ran = opened.run("print('begun')\nwhile True: pass", heard=kill_worker)
    assert ran.result.outcome == "killed"
    assert "SIGKILL" in ran.result.error
    wait_until(lambda: child not in group_of(fresh_box))


def test_an_interpreter_that_cannot_begin_is_told_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(host, "located", lambda: Interpreter(located().folder, "/bin/false"))
    with Box(mode="monty") as box, pytest.raises(ReplError, match="could not be set up: "):
        box.notebook()


async def test_a_package_that_cannot_be_imported_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setattr(host, "located", lambda: Interpreter("/nowhere", located().program))
    with pytest.raises(ReplError, match=r"Monty cannot be used: .*rlm-tui\[monty\]"):
        await Sandbox.start([], "monty")


def test_closing_a_repl_ends_its_interpreter(fresh_box):
    opened = fresh_box.notebook()
    opened.ok("x = 1")
    assert len(interpreters_of(fresh_box)) == 1
    opened.repl.close()
    wait_until(lambda: not interpreters_of(fresh_box))


def test_a_kept_state_is_no_process(fresh_box):
    opened = fresh_box.notebook()
    before = group_of(fresh_box)
    kept = [fresh_box.do(opened.repl.parked()) for _ in range(3)]
    assert group_of(fresh_box) == before
    assert all(state.is_alive for state in kept)
