"""Breakpoints: where a run is to be held, in words one can type.

    llm_query                         before each plain sub-call
    after rlm_query if depth>=1       when a recursive one has its reply
    /E42/ in prompt and not it 1      a pattern in what is about to be sent
    it 5      line 4      line 3.1:4  an iteration; a line of any code block, or of one
    doc 1204-1251                     lines of the document stand in a prompt
    cost>0.5  tokens>1e5  calls>20  time>60
    error     empty       refused     cut_off      changed results

`and`, `or`, `not` and brackets combine them; what follows `if` is one more condition. A breakpoint
is asked about each `Moment` of a run, live or recorded.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.errors import UsageError
from rlm_tui.events import NodeId, depth_of
from rlm_tui.spelling import nearest
from rlm_tui.typed_pattern import TimedPattern

Kind = Literal["request", "code", "line", "llm_query", "rlm_query", "answer"]

IsInPrompt: TypeAlias = Callable[[int, int, str], bool]
"""Whether lines of the document, from first to last, stand in a prompt."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that is about to happen in a run, or just has."""

    kind: Kind
    node: NodeId
    is_after: bool = False
    line: int = 0
    code: str = ""
    prompt: str = ""
    output: str = ""
    answer: str = ""
    """A reply, or the run's answer."""
    fault: str = ""
    """`error`, `empty`, `refused` or `cut_off`; empty when nothing is wrong."""
    changed: frozenset[str] = frozenset()
    """Variables that a code block left different."""
    cost: float = 0.0
    tokens: int = 0
    calls: int = 0
    time: float = 0.0

    @property
    def iteration(self) -> int:
        """The number of the iteration in its own loop; 0 outside of all."""
        parts = self.node.split(".")
        return int(parts[3 * depth_of(self.node)] or 0)

    @property
    def depth(self) -> int:
        """The depth of what happens: a sub-call is one below the code that makes it."""
        return depth_of(self.node) + (self.kind in {"llm_query", "rlm_query"})

    @property
    def name(self) -> str:
        """What `Paused` calls it."""
        word = _NAMES.get(self.kind, self.kind)
        if not self.is_after:
            return word
        return "reply" if self.kind in {"llm_query", "rlm_query"} else f"what follows the {word}"


Test: TypeAlias = Callable[[Moment], bool]

_NAMES: dict[Kind, str] = {"request": "model request", "code": "code block"}

_KINDS: dict[str, Kind] = {
    "llm_query": "llm_query",
    "rlm_query": "rlm_query",
    "code": "code",
    "request": "request",
    "answer": "answer",
    "FINAL": "answer",
    "FINAL_VAR": "answer",
}
_FAULTS = frozenset({"error", "empty", "refused", "cut_off"})
_TEXTS = ("code", "prompt", "output", "answer")
_QUANTITIES = ("cost", "tokens", "calls", "time")
_OTHERS = ("it", "depth", "before", "after", "line", "doc", "changed")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_LONGEST = 1_000
"""Characters of a spec."""

_TOKEN = re.compile(
    r"\s*(?:(?P<regex>/(?:\\.|[^/\\])+/)|(?P<op>[><=!]=|[><=()])|(?P<word>[^\s()<>=!/]+))"
)


class _Words:
    """The words of a spec, taken one after another."""

    def __init__(self, spec: str) -> None:
        self.spec = spec
        if len(spec) > _LONGEST:
            raise UsageError(f"a breakpoint of {len(spec):,} characters is too long to be meant.")
        self._left: list[str] = []
        at, spec = 0, spec.strip()
        while at < len(spec):
            match = _TOKEN.match(spec, at)
            if match is None:
                raise self.refused(f"{spec[at:].strip()[:20]!r} cannot be read")
            self._left.append(match[0].strip())
            at = match.end()

    def refused(self, why: str) -> UsageError:
        return UsageError(f"breakpoint {self.spec!r}: {why}; `help b` shows what can be said.")

    @property
    def next(self) -> str:
        return self._left[0] if self._left else ""

    def take(self) -> str:
        if not self._left:
            raise self.refused("something is missing at its end")
        return self._left.pop(0)

    def took(self, word: str) -> bool:
        if self.next != word:
            return False
        self._left.pop(0)
        return True

    def number(self) -> float:
        word = self.take()
        try:
            return float(word.removeprefix("$").replace(",", ""))
        except ValueError:
            raise self.refused(f"{word!r} is not a number") from None


@dataclass(slots=True)
class Condition:
    """What a spec says, ready to be asked."""

    test: Test
    lines: list[tuple[NodeId | None, int]] = field(
        default_factory=list[tuple["NodeId | None", int]]
    )
    """Lines of code it names, of one block or of any."""
    document_lines: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Lines of the document it names, from the first to the last."""
    patterns: list[TimedPattern] = field(default_factory=list[TimedPattern])
    """Those that it looks for."""
    is_after: bool = False
    """Whether it is about what has happened, not what is about to."""
    has_kind: bool = False
    """Whether it says what is to happen; an iteration alone is held before its request."""
    has_place: bool = False
    """Whether it says anything but quantities: those hold on once they hold, and hit only once."""


class _Parser:
    """Reads one spec."""

    def __init__(self, spec: str, is_in_prompt: IsInPrompt) -> None:
        self._words = _Words(spec)
        self._is_in_prompt = is_in_prompt
        self._condition = Condition(lambda _: False)
        self._names_iteration = False

    def read(self) -> Condition:
        test = self._either()
        if self._words.took("if"):
            first, second = test, self._either()
            test = _all_of(first, second)
        if self._words.next:
            raise self._words.refused(f"{self._words.next!r} is not expected there")
        condition = self._condition
        if self._names_iteration and not condition.has_kind:
            test = _all_of(test, lambda moment: moment.kind == "request")
        condition.test = test
        return condition

    def _either(self) -> Test:
        test = self._both()
        while self._words.took("or"):
            test = _any_of(test, self._both())
        return test

    def _both(self) -> Test:
        test = self._one()
        while self._words.took("and"):
            test = _all_of(test, self._one())
        return test

    def _one(self) -> Test:
        words, condition = self._words, self._condition
        if words.took("not"):
            inner = self._one()
            return lambda moment: not inner(moment)
        if words.took("("):
            test = self._either()
            if not words.took(")"):
                raise words.refused("a bracket is not closed")
            return test
        word = words.take()
        if word in _QUANTITIES:
            return self._compared(word)
        condition.has_place = True
        if word.startswith("/"):
            return self._pattern(word)
        if word in {"it", "depth"}:
            self._names_iteration |= word == "it"
            return self._compared("iteration" if word == "it" else word)
        condition.has_kind = True
        if word in {"before", "after"} or word in _KINDS:
            return self._kind(word)
        if word == "line":
            return self._line()
        if word == "doc":
            first, last = self._range()
            self._condition.document_lines.append((first, last))
            return lambda moment: (
                bool(moment.prompt) and self._is_in_prompt(first, last, moment.prompt)
            )
        if word in _FAULTS:
            condition.is_after = True
            return lambda moment: bool(moment.fault) and word in {"error", moment.fault}
        if word == "changed":
            condition.is_after = True
            name = words.take()
            return lambda moment: name in moment.changed
        hint = nearest(word, (*_KINDS, *_FAULTS, *_QUANTITIES, *_OTHERS))
        raise UsageError(f"{words.refused(f'{word!r} is not known')}{hint}")

    def _kind(self, word: str) -> Test:
        words = self._words
        if word in {"before", "after"}:
            self._condition.is_after = word == "after"
            word = words.take()
        kind = _KINDS.get(word)
        if kind is None:
            raise words.refused(f"{word!r} is not one of {', '.join(_KINDS)}")
        return lambda moment: moment.kind == kind

    def _compared(self, name: str) -> Test:
        words = self._words
        compare = _COMPARE[words.take()] if words.next in _COMPARE else operator.eq
        limit = words.number()
        return lambda moment: compare(getattr(moment, name), limit)

    def _pattern(self, word: str) -> Test:
        words = self._words
        try:
            pattern = TimedPattern(word[1:-1].replace("\\/", "/"))
        except ValueError as error:
            raise words.refused(f"the pattern {word} is not one: {error}") from error
        where = words.take() if words.took("in") else ""
        if where == "reply":
            where = "answer"
        if where and where not in _TEXTS:
            raise words.refused(f"{where!r} is not one of {', '.join(_TEXTS)}")
        if where == "output":
            self._condition.is_after = True
        fields = (where,) if where else ("code", "prompt", "answer")
        self._condition.patterns.append(pattern)
        # What cannot be told in time counts as found: better a stop too many than a call.
        return lambda moment: any(pattern.may_be_in(getattr(moment, name)) for name in fields)

    def _line(self) -> Test:
        block, colon, number = self._words.take().rpartition(":")
        if not number.isdecimal():
            raise self._words.refused(f"{number!r} is not the number of a line")
        line = int(number)
        self._condition.lines.append((block if colon else None, line))
        return lambda moment: (
            moment.kind == "line" and moment.line == line and block in {"", moment.node}
        )

    def _range(self) -> tuple[int, int]:
        words = self._words
        word = words.take()
        first, dash, last = word.replace(",", "").partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise words.refused(f"{word!r} are no lines, such as 1204-1251")
        if dash and int(last) < int(first):
            raise words.refused(f"{word!r} ends before it begins")
        return int(first), int(last if dash else first)


def _all_of(one: Test, other: Test) -> Test:
    return lambda moment: one(moment) and other(moment)


def _any_of(one: Test, other: Test) -> Test:
    return lambda moment: one(moment) or other(moment)


def _never(_first: int, _last: int, _prompt: str) -> bool:
    return False


def parse(spec: str, is_in_prompt: IsInPrompt = _never) -> Condition:
    """What a spec says. Raises UsageError."""
    return _Parser(spec, is_in_prompt).read()


class Breakpoints:
    """A run's breakpoints and how often each was hit."""

    def __init__(self, is_in_prompt: IsInPrompt = _never) -> None:
        self.all: list[Breakpoint] = []
        self.hits: dict[int, int] = {}
        self._is_in_prompt = is_in_prompt
        self._conditions: dict[int, tuple[str, Condition]] = {}
        self._holding: set[int] = set()
        """Those of quantities only that held at the last moment."""

    def set(self, breakpoints: list[Breakpoint]) -> None:
        """Have these and no others; what stays the same keeps its hits. Raises UsageError."""
        read = {
            item.number: (item.spec, parse(item.spec, self._is_in_prompt)) for item in breakpoints
        }
        self.hits = {
            number: self.hits.get(number, 0)
            for number, (spec, _) in read.items()
            if self._conditions.get(number, ("", None))[0] == spec
        }
        self._holding &= self.hits.keys()
        self.all, self._conditions = list(breakpoints), read

    def lines_of(self, block: NodeId) -> list[int]:
        """The lines of a code block that a breakpoint names."""
        return sorted(
            {
                line
                for item in self.all
                if item.enabled
                for node, line in self._conditions[item.number][1].lines
                if node in {None, block}
            }
        )

    def too_slow_of(self, number: int) -> str | None:
        """The pattern of a breakpoint that takes too long to look for, if one does."""
        _, condition = self._conditions.get(number, ("", None))  # it may be no more
        patterns = condition.patterns if condition is not None else []
        return next((pattern.text for pattern in patterns if pattern.is_too_slow), None)

    @property
    def names_lines(self) -> bool:
        """Whether one waits at a line of code."""
        return any(condition.lines for _, condition in self._conditions.values())

    def hit(self, moment: Moment) -> list[Breakpoint]:
        """Those that a moment hits, beyond the hits that are to be passed over."""
        found: list[Breakpoint] = []
        for item in self.all:
            if not item.enabled or (item.once and self.hits.get(item.number, 0) > item.ignore):
                continue
            condition = self._conditions[item.number][1]
            if condition.is_after != moment.is_after or not self._holds(item, condition, moment):
                continue
            self.hits[item.number] = self.hits.get(item.number, 0) + 1
            if self.hits[item.number] > item.ignore:
                found.append(item)
        return found

    def _holds(self, item: Breakpoint, condition: Condition, moment: Moment) -> bool:
        holds = condition.test(moment)
        if condition.has_place:
            return holds
        was_holding = item.number in self._holding
        if holds:
            self._holding.add(item.number)
        else:
            self._holding.discard(item.number)
        return holds and not was_holding
