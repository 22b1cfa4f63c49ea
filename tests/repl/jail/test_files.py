from __future__ import annotations

import json
import os
import sqlite3
from itertools import permutations
from pathlib import Path

import pytest

from rlm_tui.repl.jail import files


def test_the_standard_library_and_its_shared_libraries_can_be_read():
    folders = files.readable_folders()
    needed = [os.__file__, json.__file__, getattr(sqlite3, "_sqlite3", sqlite3).__file__]
    for file in needed:
        assert any(Path(file).is_relative_to(folder) for folder in folders), file


def test_no_folder_lies_in_another_and_none_is_a_home_or_the_root():
    folders = files.readable_folders()
    assert not any(Path(a).is_relative_to(b) for a, b in permutations(folders, 2))
    assert not {"/", "/etc", "/tmp", "/root", str(Path.home()), str(Path.cwd())} & set(folders)


BUILT = """
import json, os
from rlm_tui.repl.jail import files, namespaces
folders = files.readable_folders()
refusal = namespaces.enter(lambda: files.leave_all_others(folders))
if refusal is not None:
    print(json.dumps(None))
    raise SystemExit
files.leave_all_others(folders)

def tried(action):
    try:
        return str(action())
    except OSError as error:
        return type(error).__name__
"""


@pytest.fixture
def told(printed):
    def run(code: str):
        if (found := json.loads(printed(BUILT + code))) is None:
            pytest.skip("this system grants no namespaces")
        return found

    return run


def test_nothing_else_is_left_in_the_tree(told):
    found = told("""
print(json.dumps({
    "root": sorted(os.listdir("/")),
    "dev": sorted(os.listdir("/dev")),
    "etc": os.listdir("/etc") if os.path.exists("/etc") else [],
    "tmp": os.listdir("/tmp"),
    "homes": [tried(lambda: os.listdir(p)) for p in ("/home", "/proc", "/sys", "/var", "/.old")],
    "cwd": os.getcwd(),
}))
""")
    assert {"dev", "tmp"} <= set(found["root"])
    assert found["dev"] == ["null", "urandom"]
    assert set(found["etc"]) <= {"ld.so.cache"}
    assert found["tmp"] == []
    assert found["homes"] == ["FileNotFoundError"] * 5
    assert found["cwd"] == "/"


def test_the_standard_library_goes_on_working_and_cannot_be_changed(told):
    found = told("""
import sqlite3, decimal, zoneinfo, ctypes
print(json.dumps({
    "sqlite": sqlite3.connect(":memory:").execute("select 1 + 1").fetchone()[0],
    "zone": zoneinfo.ZoneInfo("UTC").key,
    "random": len(os.urandom(4)),
    "library": tried(lambda: open(os.__file__, "a")),
    "beside": tried(lambda: os.mkdir(os.path.dirname(os.__file__) + "/new")),
    "root": tried(lambda: os.mkdir("/new")),
}))
""")
    assert (found["sqlite"], found["zone"], found["random"]) == (2, "UTC", 4)
    for place in ("library", "beside", "root"):
        assert found[place] in {"OSError", "PermissionError"}, place


def test_the_private_folder_is_bounded_and_runs_nothing(told):
    found = told("""
import mmap
size = 0
try:
    with open("/tmp/big", "wb", 0) as file:
        while True:
            size += file.write(bytes(1 << 20))
except OSError:
    os.unlink("/tmp/big")
with open("/tmp/code", "wb") as file:
    file.write(bytes(4096))
fd = os.open("/tmp/code", os.O_RDONLY)
map_code = lambda: mmap.mmap(fd, 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
print(json.dumps([size, files.PRIVATE_BYTES, tried(map_code)]))
""")
    size, most, mapped = found
    assert most - (1 << 20) <= size <= most
    assert mapped == "PermissionError"


def test_whether_others_can_reach_a_folder_is_told_by_all_above_it(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert files.can_be_read_by_all(["/usr/lib"])
    inner.parent.chmod(0o700)
    inner.chmod(0o755)
    assert not files.can_be_read_by_all([str(inner)])
