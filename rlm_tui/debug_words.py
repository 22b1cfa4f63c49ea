"""Reads what was typed after `:` or in `ask --debug` into a closed set of values.

    s   n   r   c   until 12          u   d   w   l   p hits   pp hits   ! hits = []
    b llm_query if depth>=1           tbreak it 5   disable 1   ignore 2 10   delete
    edit x = 1   answer TEXT          fail timeout   skip   reject TEXT   budget cost=2
    rs  rn  rc   when hits            1204   50%   it 3   #7   event 28

`debug_word` has the values, `debug_help` says what each word does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Literal, TypeAlias, get_args

from rlm_tui.breakpoint import Action
from rlm_tui.debug_help import ENTRIES, help_text, unknown
from rlm_tui.debug_word import (
    AnyWord,
    Back,
    Branch,
    Break,
    Budget,
    Checkpoint,
    Compose,
    Condition,
    Delete,
    Display,
    Enable,
    Execute,
    Filter,
    Find,
    Frames,
    GoTo,
    Help,
    Ignore,
    Info,
    List,
    Look,
    Option,
    Place,
    Play,
    Quit,
    Repeat,
    Restart,
    SkipIdle,
    Speed,
    Theme,
    Then,
    Topic,
    Undisplay,
    Until,
    When,
    Where,
    WhereAmI,
)
from rlm_tui.source import (
    Answer,
    Cancel,
    Edit,
    Fail,
    FailKind,
    Pause,
    RaiseLimit,
    Reject,
    Resume,
    Retry,
    RunTo,
    Skip,
    Step,
    Told,
)
from rlm_tui.word_parts import (
    REGEX,
    amount_of,
    for_all,
    needed,
    numbers_of,
    one_of,
    refused,
    regex_of,
    spec_of,
    whole_number,
)

Reader: TypeAlias = Callable[[str], AnyWord]
"""Makes a word from what follows its name, without blanks around it."""

_WORD = re.compile(r"[A-Za-z]+(?:-[a-z]+)*(?![\w-])")
_PLACE = re.compile(r"(#)?([0-9][0-9,]*(?:\.[0-9]+)?)(%)?")
_NODE = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_LIMITS = ("iterations", "sub-calls", "tokens", "cost", "time", "errors")
_LIMIT_ALIASES = {"it": "iterations", "calls": "sub-calls"}
_MARK = "in:"


def parse_words(line: str) -> AnyWord:
    """What a line means. Raises UsageError, whose sentence names the nearest word."""
    line = line.strip().removeprefix(":").strip()
    if not line:
        return Repeat()
    if line.startswith("!"):
        return _execute(line[1:].strip())
    if line.startswith("/"):
        return _find(line)
    if place := _PLACE.fullmatch(line):
        return _go_to_number(place)
    word = _WORD.match(line)
    if word is None:
        raise unknown(line.split()[0])
    name, rest = word[0], line[word.end() :].strip()
    if name in {"it", "event"}:
        return GoTo("iteration" if name == "it" else "event", whole_number(rest, "go", least=1))
    entry = ENTRIES.get(name)
    if entry is None:
        raise unknown(name)
    return _READERS[entry.names[0]](rest)


def _alone(word: str, value: AnyWord) -> Reader:
    """A word that takes nothing."""

    def read(rest: str) -> AnyWord:
        if rest:
            raise refused(word, f"takes nothing behind it, not {rest[:40]!r}")
        return value

    return read


def _until(rest: str) -> AnyWord:
    if _NODE.fullmatch(rest):
        return RunTo(rest)
    return Until(spec_of(rest, "until") if rest else "")


def _break(rest: str, *, once: bool) -> AnyWord:
    if not rest and not once:
        return Info("breakpoints")
    return Break(spec_of(rest, "tbreak" if once else "b"), once)


def _condition(rest: str) -> AnyWord:
    number, _, spec = rest.partition(" ")
    spec = spec.strip().removeprefix("if ").strip()
    if spec:
        spec_of(spec, "condition")
    return Condition(whole_number(number, "condition", least=1), spec)


def _ignore(rest: str) -> AnyWord:
    number, _, count = rest.partition(" ")
    return Ignore(whole_number(number, "ignore", least=1), whole_number(count.strip(), "ignore"))


def _then(rest: str) -> AnyWord:
    number, _, action = rest.partition(" ")
    known: tuple[Action, ...] = get_args(Action)
    return Then(whole_number(number, "then", least=1), one_of(action.strip(), known, "then"))


def _edit(rest: str) -> AnyWord:
    told: Told = "ran"
    if rest.startswith("told="):
        given, _, rest = rest.removeprefix("told=").partition(" ")
        known: tuple[Told, ...] = get_args(Told)
        told, rest = one_of(given, known, "edit"), rest.strip()
    if rest in {"", "<<"}:
        return Compose("edit", "lines" if rest else "editor", told)
    return Edit(rest, told)


def _answer(rest: str) -> AnyWord:
    on, rest = for_all(rest, "answer")
    if rest in {"", "<<"}:
        return Compose("answer", "lines" if rest else "editor", pattern=on)
    return Answer(rest, on)


def _fail(rest: str) -> AnyWord:
    on, rest = for_all(rest, "fail")
    known: tuple[FailKind, ...] = get_args(FailKind)
    return Fail(one_of(rest.replace(" ", "_"), known, "fail"), on)


def _execute(rest: str) -> AnyWord:
    return Execute(needed(rest, "!", "a statement"))


def _budget(rest: str) -> AnyWord:
    limits: list[RaiseLimit] = []
    for part in rest.split():
        name, equals, amount = part.partition("=")
        name = name.replace("_", "-").removeprefix("max-")
        limit = one_of(_LIMIT_ALIASES.get(name, name), _LIMITS, "budget")
        if not equals:
            raise refused("budget", f"needs a number for {limit}")
        value = amount_of(amount, "budget")
        if not value or (limit not in {"cost", "time"} and not value.is_integer()):
            raise refused("budget", f"cannot allow {amount[:40]} {limit}")
        limits.append(RaiseLimit(limit, value))
    return Budget(tuple(limits))


def _retry(rest: str) -> AnyWord:
    if rest and not rest.startswith("model="):
        raise refused("retry", f"cannot mean {rest[:40]!r}")
    model = rest.removeprefix("model=").strip()
    if rest and not model:
        raise refused("retry", "needs the name of a model")
    return Retry(model)


def _list(rest: str) -> AnyWord:
    first, dash, last = rest.replace(" ", "").partition("-")
    if not rest:
        return List()
    begin = whole_number(first, "l", least=1)
    end = whole_number(last, "l", least=1) if dash else begin
    if end < begin:
        raise refused("l", f"cannot go from {begin} back to {end}")
    return List(begin, end)


def _look(rest: str, word: str, form: Literal["value", "pretty", "type"]) -> AnyWord:
    return Look(needed(rest, word, "an expression"), form)


def _info(rest: str) -> AnyWord:
    known: tuple[Topic, ...] = get_args(Topic)
    # As in gdb, the beginning of a topic will do.
    fitting: list[Topic] = [topic for topic in known if rest and topic.startswith(rest)]
    if len(fitting) == 1:
        return Info(fitting[0])
    return Info(one_of(rest, known, "info"))


def _find(rest: str) -> AnyWord:
    where: Where = ""
    words = rest.split()
    if len(words) > 1 and words[-1].startswith(_MARK):
        known: tuple[Where, ...] = tuple(w for w in get_args(Where) if w)
        where = one_of(words[-1].removeprefix(_MARK), known, "find")
        rest = rest[: -len(words[-1])].strip()
    match = REGEX.fullmatch(rest)
    given = match[1].replace("\\/", "/") if match else re.escape(rest)
    return Find(regex_of(needed(given, "find", "something to look for"), "find"), where)


def _option(rest: str) -> AnyWord:
    name = needed(rest, "set", "an option")
    if len(name.split()) > 1:
        raise refused("set", f"takes one option, not {name[:40]!r}")
    return Option(name.removeprefix("no"), is_on=not name.startswith("no"))


def _help(rest: str) -> AnyWord:
    help_text(rest)  # else an unknown word would be told only when it is shown
    return Help(rest)


def _go_to_number(match: re.Match[str]) -> AnyWord:
    sign, number, percent = match.groups()
    if percent and not sign:
        share = amount_of(number, "go")
        if share > 100:  # noqa: PLR2004 - of a hundred
            raise refused("go", f"cannot mean {match[0][:40]}")
        return GoTo("percent", share)
    if percent:
        raise refused("go", f"cannot mean {match[0][:40]}")
    place: Place = "call" if sign else "line"
    return GoTo(place, whole_number(number, "go", least=1))


def _go(rest: str) -> AnyWord:
    place = _PLACE.fullmatch(rest)
    if place is None:
        raise refused("go", f"cannot mean {rest[:40]!r}" if rest else "needs a place")
    return _go_to_number(place)


_READERS: dict[str, Reader] = {
    "s": _alone("s", Step("into")),
    "n": _alone("n", Step("over")),
    "r": _alone("r", Step("out")),
    "c": _alone("c", Resume()),
    "until": _until,
    "pause": _alone("pause", Pause()),
    "b": partial(_break, once=False),
    "tbreak": partial(_break, once=True),
    "delete": lambda rest: Delete(numbers_of(rest, "delete")),
    "disable": lambda rest: Enable(numbers_of(rest, "disable"), is_on=False),
    "enable": lambda rest: Enable(numbers_of(rest, "enable")),
    "condition": _condition,
    "ignore": _ignore,
    "then": _then,
    "edit": _edit,
    "answer": _answer,
    "fail": _fail,
    "skip": _alone("skip", Skip()),
    "reject": lambda rest: Reject(needed(rest, "reject", "a message for the model")),
    "accept": _alone("accept", Resume()),
    "!": _execute,
    "budget": _budget,
    "fork": Branch,
    "retry": _retry,
    "stop": _alone("stop", Cancel()),
    "w": _alone("w", WhereAmI()),
    "u": _alone("u", Frames(-1)),
    "d": _alone("d", Frames(1)),
    "l": _list,
    "p": partial(_look, word="p", form="value"),
    "pp": partial(_look, word="pp", form="pretty"),
    "whatis": partial(_look, word="whatis", form="type"),
    "display": Display,
    "undisplay": lambda rest: Undisplay(numbers_of(rest, "undisplay")),
    "v": _alone("v", Info("variables")),
    "info": _info,
    "rs": _alone("rs", Back("step")),
    "rn": _alone("rn", Back("next")),
    "rc": _alone("rc", Back("continue")),
    "when": When,
    "checkpoint": Checkpoint,
    "restart": lambda rest: Restart(whole_number(rest, "restart", least=1)),
    "go": _go,
    "find": _find,
    "play": _alone("play", Play()),
    "speed": lambda rest: Speed(amount_of(needed(rest, "speed", "a number"), "speed")),
    "skip-idle": lambda rest: SkipIdle(amount_of(rest, "skip-idle")) if rest else SkipIdle(),
    "filter": lambda rest: Filter(regex_of(rest, "filter")),
    "set": _option,
    "theme": lambda rest: Theme(needed(rest, "theme", "a name")),
    "help": _help,
    "q": _alone("q", Quit()),
}
