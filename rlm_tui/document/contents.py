"""What a file is: the one place that answers in which bytes and which encoding its text is read.

Text that can be read where it lies is read there. What is compressed, or encoded so that a newline
is not one byte, is put into a file without a name, piece by piece, so that its beginning can be
shown at once; the system removes that file with the process, however it ends. It is done once for
a document, whoever opens it (`unpacked`).
"""

from __future__ import annotations

import codecs
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

from rlm_tui.document.encoding import MARKER, Encoding, detected, named
from rlm_tui.document.packing import damages, packing_of, unpacked, why_unreadable
from rlm_tui.document.unpacked import Unpacked, keep, kept, key_of
from rlm_tui.errors import DocumentError

_Read: TypeAlias = Callable[[int], bytes]

HEAD = 64 * 1024
"""Bytes from which an encoding is found out, besides samples."""

_SAMPLES = 16
_SAMPLE = 4 * 1024
_PIECE = 256 * 1024
_SETTLED = 1_000_000_000
"""Nanoseconds since a file was written, from which on another change would show in its time."""

_ROOM_KEPT = 256 * 1024 * 1024
"""Bytes of a disk that are left free; a few kilobytes can unpack to terabytes."""


def check_readable(path: Path) -> os.stat_result:
    """Make sure that a document can be read.

    Raises:
        DocumentError: it is missing, not a regular file, empty, or not ours to read.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DocumentError(f"{path} is a directory; name a file in it.")
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError(
                f"{path} is not a regular file; send it through a pipe: rlm-tui ask - < {path}"
            )
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise DocumentError(f"{path} does not exist.") from error
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}.") from error
    if status.st_size == 0:
        raise DocumentError(f"{path} is empty: there is nothing to ask about.")
    return status


class Contents:
    """A document's text as bytes that can be read anywhere. One thread unpacks, others may read."""

    def __init__(self, path: Path, encoding: str = "") -> None:
        """Open a file and find out what it is.

        Args:
            path: the file.
            encoding: the name of its encoding; empty to find it out.

        Raises:
            DocumentError: it cannot be read.
            UsageError: there is no such encoding.
        """
        self.path = path
        self.status = check_readable(path)
        """The file as it was when it was opened."""
        self.trouble = ""
        """Why the end is missing; empty when it is not."""
        self.invalid = 0
        """Bytes that were no text, where the text was converted."""
        self._is_short_of_room = False
        self._closing = ExitStack()
        try:
            file = self._closing.enter_context(path.open("rb", buffering=0))
        except OSError as error:
            raise DocumentError(f"{path} cannot be read: {error.strerror}.") from error
        self._file = file
        try:
            self._find_out(encoding)
        except BaseException:
            self._closing.close()
            raise

    def _find_out(self, encoding: str) -> None:
        self.file_fd = self._file.fileno()
        """The file itself, packed or not."""
        self.fd = self.file_fd
        """What the text is read from."""
        self.size = self.status.st_size
        """Bytes that are there by now."""
        head = os.pread(self.fd, HEAD, 0)
        self.packing = packing_of(head)
        """`gzip`, `bzip2`, `xz`, `zstd`, or empty."""
        read = self._file.read
        if self.packing:
            # Not `read`: it forgets what it has when it comes to damage.
            read = unpacked(self.packing, self._file, self.path).read1
            head = self._first(read)
            pieces = [head]
        else:
            step = max(self.size // _SAMPLES, HEAD)
            pieces = [
                head,
                *(os.pread(self.fd, _SAMPLE, at) for at in range(step, self.size, step)),
            ]
        is_whole = not self.packing and self.size <= HEAD
        self.encoding: Encoding = (
            named(encoding, head) if encoding else detected(pieces, is_whole=is_whole)
        )
        """How the text is encoded, in what was unpacked."""
        self.codec = self.encoding.codec if self.encoding.is_direct else "utf-8"
        """How the bytes that are read are text."""
        mark = len(self.encoding.mark)
        if self.encoding.is_direct and not self.packing:
            self.start = mark
            """Where the text begins: behind the byte order mark."""
            self._rest = None
            return
        if not self.packing:
            self._file.seek(len(head))
        self._rest: Iterator[bytes] | None = self._converted(head[mark:], read)
        self.start = self.size = 0
        self._key = key_of(self.status, self.encoding.codec, str(mark))
        if (known := kept(self._key)) is not None:
            text, self.fd = known
            self._closing.callback(os.close, self.fd)
            self.size, self.invalid, self.trouble = text.size, text.invalid, text.trouble
            self._rest = None
            return
        self._folder = _roomy_folder()
        try:
            spool = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - closed with us
        except OSError as error:
            raise DocumentError(f"{self.path} cannot be unpacked: {error.strerror}.") from error
        self.fd = self._closing.enter_context(spool).fileno()
        self.unpack_more()

    def _first(self, read: _Read) -> bytes:
        try:
            head = read(HEAD)
        except damages() as error:
            why = why_unreadable(self.packing, error)
            raise DocumentError(f"{self.path} cannot be read: {why}.") from error
        if not head:
            raise DocumentError(f"{self.path} holds nothing: there is nothing to ask about.")
        return head

    def _converted(self, head: bytes, read: _Read) -> Iterator[bytes]:
        """The text in bytes of `codec`, piece by piece."""
        is_direct, codec = self.encoding.is_direct, self.encoding.codec
        marking = codecs.getincrementaldecoder(codec)(MARKER)
        leaving_out = codecs.getincrementaldecoder(codec)("ignore")
        piece = head
        while True:
            if is_direct:
                yield piece
            else:
                text = marking.decode(piece, final=not piece)
                self.invalid += len(text) - len(leaving_out.decode(piece, final=not piece))
                yield text.encode("utf-8")
            if not piece:
                return
            piece = read(_PIECE)

    @property
    def is_whole(self) -> bool:
        """Whether all of the text is there."""
        return self._rest is None

    @property
    def unpacked_share(self) -> float:
        """How much of the file is unpacked, from 0 to 1."""
        if self.is_whole:
            return 1.0
        return min(self._file.tell() / max(self.status.st_size, 1), 1.0)

    def unpack_more(self) -> None:
        """Add a piece of text; a file that is damaged ends where it is. Blocks for milliseconds."""
        if self._rest is None:
            return
        try:
            piece = next(self._rest)
            if piece:
                self._check_room()
                at = self.size
                while piece:
                    written = os.pwrite(self.fd, piece, at)
                    at, piece = at + written, piece[written:]
                self.size = at
        except StopIteration:
            self._end()
        except damages() as error:
            self.trouble = why_unreadable(self.packing, error) if self.packing else str(error)
            self._end()

    def _end(self) -> None:
        """Nothing more comes; nobody else needs to unpack it, unless the disk was full."""
        self._rest = None
        is_settled = time.time_ns() - self.status.st_mtime_ns > _SETTLED
        if is_settled and not self._is_short_of_room:
            keep(Unpacked(self._key, self.size, self.invalid, self.trouble), self.fd)

    def _check_room(self) -> None:
        status = os.statvfs(self._folder)
        if status.f_bavail * status.f_frsize < _ROOM_KEPT:
            self._is_short_of_room = True
            raise OSError(f"too little room is left in {self._folder}")

    def unpack(self) -> None:
        """Bring all of the text. Blocks; to be called in a thread."""
        while not self.is_whole:
            self.unpack_more()

    def read(self, count: int, at: int) -> bytes:
        """Some bytes; none of those that the file has grown by since it was opened."""
        return os.pread(self.fd, max(min(count, self.size - at), 0), at)

    def close(self) -> None:
        """Let the files go."""
        self._rest = None
        self._closing.close()
        self.fd = -1  # the number may soon be another file's


def _roomy_folder() -> str:
    """Where large temporary files go: `TMPDIR`, else a folder on a disk rather than in memory."""
    for folder in (os.environ.get("TMPDIR", ""), "/var/tmp"):  # noqa: S108 - files without a name
        if folder and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return tempfile.gettempdir()
