"""A `str` whose characters are the pages of a file: an ASCII document without a copy of it.

CPython keeps an ASCII `str` as a header and its bytes, one a character, with a NUL behind them
(PEP 393; `PyASCIIObject` in Include/cpython/unicodeobject.h). So a header written to the end of one
page, with the file mapped from the next page on, is that `str`. The header is copied from a real
one, and what comes out is tested before it is used: where anything differs there is no such `str`.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
from typing import Any, TypeVar, cast

_PAGE = mmap.PAGESIZE
_STR_HEADER = sys.getsizeof("") - 1
_BYTES_HEADER = sys.getsizeof(b"") - 1
_HOLDERS = 1 << 28
"""References that nobody gives back: such an object is never freed. Below what 32 bits hold."""
_LENGTH_AT = 16
"""Where a variable-sized object keeps its length: behind the references and the type."""
_MAP_FIXED = 0x10
_FAILED = ctypes.c_void_p(-1).value

_LIBC = ctypes.CDLL(None)
_LIBC.mmap.restype = ctypes.c_void_p
_LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]

Kind = TypeVar("Kind", str, bytes)


def mapped_text(file: str | int) -> str | None:
    """The text of a file, named or open, without a copy of it, for as long as the process lives.

    None where that cannot be had: the file is empty or not ASCII, or the interpreter keeps its
    strings in another way. A file that gets shorter later ends the process that reads what is gone
    (SIGBUS). Raises OSError.
    """
    if sys.implementation.name != "cpython" or sys.platform != "linux":
        return None
    fd = os.dup(file) if isinstance(file, int) else os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(fd).st_size
        start = _mapped(fd, size) if size else None
    finally:
        os.close(fd)
    if start is None:
        return None
    if not _is_ascii(start, size):
        _LIBC.munmap(ctypes.c_void_p(start - _PAGE), ctypes.c_size_t(2 * _PAGE + size))
        return None
    text = _object_at(start, _STR_HEADER, str(b"ab", "ascii"), size)
    return text if _is_intact(text, size) else None


def _mapped(fd: int, size: int) -> int | None:
    """Where the file's first byte lies: behind a page, and before a NUL."""
    whole = 2 * _PAGE + size
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    place = _LIBC.mmap(None, whole, mmap.PROT_READ | mmap.PROT_WRITE, flags, -1, 0)
    if place == _FAILED:
        return None
    start = place + _PAGE
    laid = _LIBC.mmap(start, size, mmap.PROT_READ, mmap.MAP_PRIVATE | _MAP_FIXED, fd, 0)
    return start if laid == start else None


def _is_ascii(start: int, size: int) -> bool:
    """Asked of the same pages as `bytes`, who must be gone when the other header is written."""
    content = _object_at(start, _BYTES_HEADER, bytes(bytearray(b"ab")), size)
    return _is_intact(content, size) and content.isascii()


def _object_at(start: int, header: int, model: Kind, size: int) -> Kind:
    """The object whose content begins at `start`, its header that of a fresh model."""
    address = start - header
    ctypes.memmove(address, id(model), header)
    ctypes.c_ssize_t.from_address(address).value = _HOLDERS
    ctypes.c_ssize_t.from_address(address + _LENGTH_AT).value = size
    return cast("Kind", ctypes.cast(address, ctypes.py_object).value)


def _is_intact(made: Any, size: int) -> bool:
    """Whether an object behaves as what it claims to be, at both ends."""
    first, last = made[:1], made[-1:]
    return (
        len(made) == size == sys.getsizeof(made) - sys.getsizeof(type(made)())
        and len(first) == len(last) == 1
        and made.startswith(first)
        and made.endswith(last)
        and made.find(last, size - 1) == size - 1
    )
