"""Asks ahead, all together, for the sub-calls of a loop that do not depend on one another.

The code runs as it is written; only what a loop goes over is handed through a function first. When
the loop begins, that function goes through its body in thought (`Shadow`), asks for the replies of
a window of iterations at once, and keeps them. A call takes its reply from there when it stands at
the same place and asks for exactly the same; otherwise it is made. So a look ahead that is wrong
costs calls, but changes nothing else.
"""

from __future__ import annotations

import builtins
import itertools
import sys
import threading
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from types import CodeType, FrameType
from typing import Any

from rlm_tui.repl.guest import lookahead
from rlm_tui.repl.guest.awaitable import Reply
from rlm_tui.repl.guest.calls import Calls, SubCallError, cell_of
from rlm_tui.repl.guest.loops import HOOK, LoopCode, Marked
from rlm_tui.repl.guest.shadow import LoopOver, Shadow
from rlm_tui.repl.guest.shadow_calls import Place, Query
from rlm_tui.repl.guest.unknowns import Ended, Refused, Scope
from rlm_tui.repl.wire import Frame, FrameTooLargeError

WINDOW = 64
"""Calls that are asked for at once."""

_MOST_ITEMS = 1_000
"""Iterations that are looked ahead at once; most of them may make no call."""
_MOST_CHARS = 4_000_000
"""Characters of all prompts of a window; in JSON one takes up to 12 bytes."""


class _Awaited:
    """A query of an iteration, and its reply once it has been asked for."""

    __slots__ = ("query", "reply")

    def __init__(self, query: Query) -> None:
        self.query = query
        self.reply: str | SubCallError | None = None


class Together:
    """What one worker knows of the loops in its cells."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.is_on = True
        """Whether calls are asked for ahead; may change from cell to cell."""
        self.marked = Marked()
        self._running = threading.local()
        calls.ahead = self

    def install(self) -> None:
        """Put the function where code that was compiled here finds it."""
        setattr(builtins, HOOK, self.begin)

    def begin(self, filename: str, number: int, iterable: Any) -> Any:
        """What a loop goes over: the same, or the same with a look ahead."""
        if not self.is_on or not lookahead.is_readable(iterable):
            return iterable
        frame = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - a loop's names
        code = self.marked.loops[filename, number]
        for name in code.builtin_names:
            if _global(frame, name) is not getattr(builtins, name):
                return iterable
        loop = Loop(self, code, frame, iter(iterable))
        if loop.look_ahead():
            self._loops().append(weakref.ref(loop))
            return loop
        return iterable

    def _loops(self) -> list[weakref.ref[Loop]]:
        """The loops of this thread, the innermost last."""
        loops: list[weakref.ref[Loop]] = self._running.__dict__.setdefault("loops", [])
        return loops

    def take(self, caller: FrameType, message: Frame) -> str | SubCallError | None:
        """The reply to a call that was asked for ahead; None when it was not."""
        refs = self._loops()
        if not refs:
            return None
        refs[:] = [ref for ref in refs if ref() is not None]
        place = place_of(caller)
        for ref in reversed(refs):
            loop = ref()
            if loop is not None and _is_below(caller, loop.frame):
                reply = loop.take(place, message)
                if reply is not None:
                    return reply
        return None

    def is_awaited(self, caller: FrameType) -> bool:
        """Whether the call that this frame is making stands where a coroutine must."""
        awaited = self.marked.awaited.get(caller.f_code.co_filename)
        return bool(awaited) and place_of(caller)[1:] in awaited


class Loop:
    """A loop's iterator, which knows what the next iterations will ask for."""

    def __init__(
        self, together: Together, code: LoopCode, frame: FrameType, items: Iterator[Any]
    ) -> None:
        self.frame = frame
        """Where the loop runs; let go of when the loop is."""
        self._together = together
        self._code = code
        self._items = items
        self._ahead: deque[list[_Awaited]] = deque()
        """What each of the next iterations asks for."""
        self._now: list[_Awaited] = []
        self._is_over = False
        """Whether nothing more is asked for ahead."""

    def __iter__(self) -> Loop:
        return self

    def __next__(self) -> Any:
        if not self._ahead and not self._is_over:
            self.look_ahead()
        item = next(self._items)
        self._is_over |= bool(self._now)  # the look ahead was wrong
        self._now = self._ahead.popleft() if self._ahead else []
        return item

    def take(self, place: Place, message: Frame) -> str | SubCallError | None:
        """The reply to a call of this iteration, once."""
        for number, awaited in enumerate(self._now):
            if awaited.query.place == place:
                if not _asks_for(message, awaited.query):
                    self._is_over = True  # the look ahead was wrong
                    continue
                del self._now[number]
                return awaited.reply
        return None

    def look_ahead(self) -> bool:
        """Ask for the calls of the next iterations, if there are several; whether there were."""
        self._is_over = True
        try:
            foreseen = [[_Awaited(query) for query in queries] for queries in self._foreseen()]
        except Refused:
            return False
        if sum(map(bool, foreseen)) < 2:  # noqa: PLR2004 - one call alone gains nothing
            return False
        try:
            self._ask([awaited for iteration in foreseen for awaited in iteration])
        except (SubCallError, FrameTooLargeError):
            return False  # the code will see that for itself
        self._ahead.extend(foreseen)
        self._is_over = False
        return True

    def _foreseen(self) -> list[list[Query]]:
        """The calls of each of the next iterations. Raises Refused."""
        shadow = _shadow_of(self._code, self.frame, self._together.calls)
        found: list[list[Query]] = []
        count = chars = 0
        try:
            sources = lookahead.sources(self._items)
            items = lookahead.copied(self._items)
        except RuntimeError:  # a dict that has changed, as the loop will say itself
            return []
        for item in itertools.islice(items, _MOST_ITEMS):
            if any(map(shadow.heap.is_changed, sources)):
                break
            goes_on = _goes_on(shadow, self._code, item)
            count += len(shadow.queries)
            chars += sum(map(_size, shadow.queries))
            if count > WINDOW or chars > _MOST_CHARS:
                break
            found.append(shadow.queries)
            if not goes_on:
                break
        return found

    def _ask(self, all_awaited: list[_Awaited]) -> None:
        """Ask for all replies at once, in a batch for each place in the code."""
        batches: dict[tuple[Place, str | None], list[_Awaited]] = {}
        for awaited in all_awaited:
            batches.setdefault((awaited.query.place, awaited.query.model), []).append(awaited)
        messages = [_message([a.query for a in batch]) for batch in batches.values()]
        for batch, replies in zip(
            batches.values(), self._together.calls.ask(messages), strict=True
        ):
            for awaited, reply in zip(batch, replies, strict=True):
                if not (isinstance(reply, SubCallError) and reply.kind == "limit"):
                    awaited.reply = reply


def _goes_on(shadow: Shadow, code: LoopCode, item: object) -> bool:
    """Look ahead over one more iteration; whether what comes behind can be told. Raises Refused."""
    try:
        shadow.iteration(code.target, item, code.body)
    except (Ended, LoopOver):
        return False
    except Refused:
        raise
    except Exception:  # noqa: BLE001 - the model's own code, which will fail there, too
        return False
    return True


def _message(queries: list[Query]) -> Frame:
    first = queries[0]
    contexts = [query.context for query in queries]
    return {
        "kind": first.kind,
        "prompts": [query.prompt for query in queries],
        "batch": True,
        "model": first.model,
        "contexts": None if all(context is None for context in contexts) else contexts,
        "cell": cell_of(first.place[0]),
        "line": first.place[1],
    }


def _asks_for(message: Frame, query: Query) -> bool:
    (prompt,), (context,) = message["prompts"], message.get("contexts") or [None]
    return (
        message["kind"] == query.kind
        and (type(prompt) is str or type(prompt) is Reply)
        and prompt == query.prompt
        and type(message["model"]) is type(query.model)
        and message["model"] == query.model
        and type(context) is type(query.context)
        and context == query.context
    )


def _size(query: Query) -> int:
    context = query.context
    if context is None:
        return len(query.prompt)
    texts: Iterable[str] = [context] if isinstance(context, str) else context.values()
    return len(query.prompt) + sum(map(len, texts))


def _shadow_of(code: LoopCode, frame: FrameType, calls: Calls) -> Shadow:
    everywhere = Scope(frame.f_builtins)
    module = Scope(frame.f_globals, everywhere)
    scope = module
    if frame.f_locals is not frame.f_globals:
        own = frame.f_code.co_varnames + frame.f_code.co_cellvars + frame.f_code.co_freevars
        scope = Scope(frame.f_locals, module, frozenset(own))
    if code.is_comprehension:
        scope = Scope({}, scope, is_comprehension=True)
    return Shadow(scope, module, code.filename, calls)


def _global(frame: FrameType, name: str) -> object:
    for names in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if name in names:
            return names[name]
    return None


def _is_below(frame: FrameType | None, above: FrameType) -> bool:
    while frame is not None and frame is not above:
        frame = frame.f_back
    return frame is not None


def place_of(frame: FrameType) -> Place:
    """The place in the code of the call that a frame is making."""
    code: CodeType = frame.f_code
    at = next(itertools.islice(code.co_positions(), frame.f_lasti // 2, None), (None,) * 4)
    line, last_line, column, last_column = (part or 0 for part in at)
    return code.co_filename, line, last_line, column, last_column
