"""Replies that can be awaited, because models write `await llm_query(…)`.

In a running event loop a reply is still the str or list that it always is; `await` gives the plain
one. They have a coroutine's methods, because `asyncio.create_task` takes nothing else.
"""

from __future__ import annotations

from collections.abc import Generator
from types import TracebackType
from typing import Any, NoReturn


class _Here:
    """The part of a coroutine that has nothing to wait for."""

    __slots__ = ()

    def _plain(self) -> Any:
        raise NotImplementedError

    def __await__(self) -> Generator[Any, Any, Any]:
        yield from ()
        return self._plain()

    def send(self, _value: object, /) -> NoReturn:
        """Be done at once."""
        raise StopIteration(self._plain())

    def throw(
        self,
        kind: Any,
        value: BaseException | None = None,
        _traceback: TracebackType | None = None,
        /,
    ) -> NoReturn:
        """Fail with what is thrown in, as a coroutine would that has not begun."""
        raise kind if value is None else value

    def close(self) -> None:
        """There is nothing to end."""


class Reply(_Here, str):
    """A reply."""

    __slots__ = ()
    __module__ = "builtins"  # what `type(reply)` shows

    def __reduce__(self) -> tuple[type, tuple[str]]:
        return str, (self._plain(),)

    def _plain(self) -> str:
        return str.__str__(self)


class Replies(_Here, list[Any]):
    """The replies to a batch. It has a hash because `asyncio.gather` asks for one."""

    __slots__ = ()
    __hash__ = object.__hash__  # pyright: ignore[reportAssignmentType]
    __module__ = "builtins"

    def __reduce__(self) -> tuple[type, tuple[list[Any]]]:
        return list, (self._plain(),)

    def _plain(self) -> list[Any]:
        return list(self)
