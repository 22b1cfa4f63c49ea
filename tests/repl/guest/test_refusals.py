from __future__ import annotations

import pytest

from tests.repl.notebook import Box, Notebook

NO_PROCESSES = "code in the REPL cannot start other processes"
NO_NETWORK = "code in the REPL has no network; ask with llm_query()"

REFUSED = {
    "fork": ("import os\nos.fork()", NO_PROCESSES),
    "system": ("import os\nos.system('ls')", NO_PROCESSES),
    "popen": ("import os\nos.popen('ls')", NO_PROCESSES),
    "exec": ("import os\nos.execlp('ls', 'ls')", NO_PROCESSES),
    "spawn": ("import os\nos.posix_spawn('/bin/ls', ['ls'], {})", NO_PROCESSES),
    "subprocess": ("import subprocess\nsubprocess.run(['ls'])", NO_PROCESSES),
    "subprocess by a shell": ("import subprocess\nsubprocess.getoutput('ls')", NO_PROCESSES),
    "multiprocessing": (
        "import multiprocessing as m\nm.get_context('fork').Process(target=print).start()",
        NO_PROCESSES,
    ),
    "asyncio": ("import asyncio\nawait asyncio.create_subprocess_exec('ls')", NO_PROCESSES),
    "a socket": ("import socket\nsocket.socket()", NO_NETWORK),
    "a connection": ("import socket\nsocket.create_connection(('127.0.0.1', 80))", NO_NETWORK),
    "a name": ("import socket\nsocket.gethostbyname('localhost')", NO_NETWORK),
    "a page": (
        "from urllib.request import urlopen\nurlopen('http://example.com/')",
        NO_NETWORK,
    ),
    "a stream": ("import asyncio\nawait asyncio.open_connection('127.0.0.1', 80)", NO_NETWORK),
}


@pytest.mark.parametrize(("code", "why"), REFUSED.values(), ids=REFUSED)
def test_what_the_jail_refuses_is_told_in_words(notebook: Notebook, code: str, why: str):
    result = notebook.run(code).result
    assert result.outcome == "error"
    assert why in result.error


def test_a_pair_of_sockets_is_no_network(notebook: Notebook):
    code = "import socket\na, b = socket.socketpair()\na.send(b'x')\nb.recv(1)"
    assert notebook.ok(code) == "1\nb'x'\n"[2:]


def test_an_event_loop_runs(notebook: Notebook):
    code = "import asyncio\nawait asyncio.to_thread(sum, [1, 2])"
    assert notebook.ok(code) == "3\n"


def test_with_the_sandbox_off_nothing_is_refused(tmp_path):
    path = tmp_path / "document.txt"
    path.touch()
    with Box(str(path), mode="off") as box:
        assert box.sandbox.layers == "off"
        code = "import subprocess\nsubprocess.run(['true']).returncode"
        assert box.notebook().ok(code) == "0\n"
