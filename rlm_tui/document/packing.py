"""Compressed files, read as what they contain: gzip, bzip2, xz and zstd."""

from __future__ import annotations

import bz2
import gzip
import importlib
import lzma
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from rlm_tui.errors import DocumentError

_BEGINNINGS = {
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "bzip2": re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\0"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
}


class Stream(Protocol):
    """What comes out of a compressed file."""

    def read1(self, size: int, /) -> bytes:
        """At most `size` bytes, as many as are there at once; none at the end."""
        ...


def packing_of(head: bytes) -> str:
    """How a file that begins like this is compressed; empty when it is not."""
    return next((name for name, begin in _BEGINNINGS.items() if begin.match(head)), "")


def unpacked(packing: str, file: BinaryIO, path: Path) -> Stream:
    """The contents of a compressed file, several streams in a row included.

    Raises:
        DocumentError: zstd cannot be read here.
    """
    match packing:
        case "gzip":
            return gzip.GzipFile(fileobj=file)
        case "bzip2":
            return bz2.BZ2File(file)
        case "xz":
            return lzma.LZMAFile(file)
        case _:
            return _zstd(path)(file)


def why_unreadable(packing: str, error: Exception) -> str:
    """What is wrong with a compressed file, in words."""
    if isinstance(error, EOFError):
        return f"the {packing} data end too early"
    return f"the {packing} data are damaged: {error}"


def _zstd(path: Path) -> Callable[[BinaryIO], Stream]:
    module = _zstd_module()
    if module is None:
        raise DocumentError(
            f"{path} is compressed with zstd, which this Python cannot read; "
            "install backports.zstd, or send it through a pipe: zstd -dc … | rlm-tui ask -"
        )
    return cast("Callable[[BinaryIO], Stream]", module.ZstdFile)


def _zstd_module() -> Any:
    """Python has it from 3.14 on, the `backports.zstd` package before."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def damages() -> tuple[type[Exception], ...]:
    """What reading a damaged or cut file raises."""
    own = (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError)
    module = _zstd_module()
    return own if module is None else (*own, module.ZstdError)
