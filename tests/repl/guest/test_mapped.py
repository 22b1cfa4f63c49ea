from __future__ import annotations

import json
import mmap
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_tui.repl.guest.mapped import mapped_text

PAGE = mmap.PAGESIZE


@pytest.mark.parametrize("size", [1, 2, 100, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 3 * PAGE + 17])
def test_a_mapped_text_is_in_every_way_the_str_it_stands_for(tmp_path: Path, size: int):
    path = tmp_path / "document.txt"
    text = "".join(chr(32 + (at * 7919) % 95) for at in range(size))
    path.write_text(text, encoding="ascii")
    mapped = mapped_text(str(path))
    assert mapped is not None
    assert type(mapped) is str
    assert mapped == text
    assert hash(mapped) == hash(text)
    assert {mapped: 1}[text] == 1
    assert mapped.encode() == text.encode()
    assert mapped[1:-1] == text[1:-1]
    assert mapped.upper() == text.upper()
    assert mapped + "ü" == text + "ü"
    assert json.loads(json.dumps(mapped)) == text
    assert mapped.find(text[-1], size - 1) == size - 1
    assert mapped.isascii()


def test_a_text_lives_on_when_nobody_holds_it_any_more(tmp_path: Path):
    path = tmp_path / "document.txt"
    path.write_text("x" * 5 * PAGE)
    for _ in range(50):
        mapped = mapped_text(str(path))
        assert mapped is not None
        kept = mapped[:10]
        del mapped
        assert kept == "x" * 10


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", "ü".encode(), b"a" * 5 * PAGE + b"\x80", b"\xef\xbb\xbfmark"],
    ids=["empty", "no text", "umlaut", "a last byte that is not ASCII", "byte order mark"],
)
def test_what_is_not_ascii_is_not_mapped(tmp_path: Path, content: bytes):
    path = tmp_path / "document.txt"
    path.write_bytes(content)
    assert mapped_text(str(path)) is None


def test_what_was_not_mapped_after_all_takes_no_room(tmp_path: Path):
    path = tmp_path / "document.txt"
    path.write_bytes(b"a" * PAGE + b"\xff" * PAGE)
    for _ in range(3):
        assert mapped_text(str(path)) is None
    assert str(path) not in Path("/proc/self/maps").read_text()


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        mapped_text(str(tmp_path / "none"))


def test_a_mapped_text_costs_no_memory_of_its_own(tmp_path: Path):
    """What counts is anonymous memory: the file's own pages belong to the page cache."""
    path = tmp_path / "document.txt"
    path.write_text("0123456789abcde\n" * (4 << 20))  # 64 MB
    code = (
        "import sys\n"
        "from rlm_tui.repl.guest.mapped import mapped_text\n"
        "def anonymous():\n"
        "    lines = open('/proc/self/status').read().splitlines()\n"
        "    return next(int(l.split()[1]) for l in lines if l.startswith('RssAnon'))\n"
        "before = anonymous()\n"
        "text = mapped_text(sys.argv[1])\n"
        "assert text.count('\\n') == 4 << 20\n"
        "print(anonymous() - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 4 * 1024  # kB
