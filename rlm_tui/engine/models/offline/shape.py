"""What sample lines tell about a text: time stamps, named fields, columns, log levels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rlm_tui.engine.models.offline import words


@dataclass(frozen=True, slots=True)
class Field:
    """Something that every line may have a value of."""

    name: str
    regex: str
    """Finds it in a line; its group is the value."""
    is_number: bool
    example: str

    @property
    def label(self) -> str:
        """A short name; one that is only guessed at has several words for it."""
        return self.name.split()[0] if self.name in _GUESSED else self.name


@dataclass(frozen=True, slots=True)
class Stamp:
    """How the lines tell the time, as regexes with one group each."""

    day: str
    hour: str
    ten_minutes: str
    minute: str
    second: str

    def rounded_to(self, period: str) -> str:
        """The regex for a period."""
        return {"minute": self.minute, "hour": self.hour}.get(period, self.day)


@dataclass(frozen=True, slots=True)
class Shape:
    """What was learned from samples."""

    fields: list[Field] = field(default_factory=list[Field])
    stamp: Stamp | None = None
    has_header: bool = False
    """Whether the first line names columns."""
    is_code: bool = False
    """Whether it looks like a program."""
    has_records: bool = False
    """Whether most lines look like records rather than prose or code."""

    def field_for(self, asked: Iterable[str], *, wants_number: bool = False) -> Field | None:
        """The field that one of some words names, or else may mean."""
        usable = [item for item in self.fields if item.is_number or not wants_number]
        for match in (_is_named, _is_meant):
            for word in asked:
                for item in usable:
                    if match(item.name, word):
                        return item
        return None


_STAMPS = tuple(
    (re.compile(day + gap + r"\d\d:\d\d"), day, gap)
    for day, gap in (
        (r"\d{4}-\d\d-\d\d", "[T ]"),
        (r"\d{4}/\d\d/\d\d", " "),
        (r"\d\d/[A-Z][a-z]{2}/\d{4}", ":"),
        (r"[A-Z][a-z]{2} [ \d]\d", " "),
        (r"", ""),
    )
)

_LEVELS = r"\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)\b"
_METHOD = r"(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS)"
_UNNAMED = (
    ("level severity", _LEVELS, False),
    (
        "service component logger",
        r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\]?\s+\[?([a-z][\w.-]*)",
        False,
    ),
    ("path endpoint route page resource", rf"\b{_METHOD} ([^\s?\"]+)", False),
    ("method verb", rf"\b({_METHOD}) /", False),
    ("status response", rf"\b{_METHOD} \S+(?: HTTP/[\d.]+\")? (\d{{3}})\b", True),
    ("latency duration elapsed took time", r"(?<![\w.])(\d+(?:\.\d+)?) ?ms\b", True),
    ("client ip address", r"(?<![\w.])((?:\d{1,3}\.){3}\d{1,3})(?!\.?\d)", False),
)

_CODE = re.compile(
    r"^\s*(?:def |class |import |from \S+ import |return\b|#include|function |const |var |if .*:$"
    r"|else:|@\w)"
)
_GUESSED = frozenset(names for names, _, _ in _UNNAMED)

_PAIR = re.compile(r"(?<![\w.\"-])([A-Za-z_][\w.-]*)=(\"[^\"]*\"|[^\s,;|\"]+)")
_JSON = re.compile(r"\"([\w .-]+)\"\s*:\s*(\"(?:[^\"\\]|\\.)*\"|-?[\d.]+|true|false|null)")
_LABEL = re.compile(
    r"(?:^|[;|,]\s*|\s{2,})([A-Z][\w-]*(?: [\w-]+){0,2}|[a-z][\w-]*):\s+"
    r"([^;|,]+?)(?=\s*(?:[;|,]|$))"
)
_NUMERIC = re.compile(r"-?\d+(?:\.\d+)?")
_CELL = r"(?:\"[^\"]*\"|[^$]*)"


def shape_of(samples: Sequence[tuple[int, str]]) -> Shape:
    """Learn from sample lines, given with their numbers."""
    texts = [text for _, text in samples if text.strip()]
    columns = _columns(samples)
    found: dict[str, Field] = {}
    for item in columns or _named_fields(texts):
        found.setdefault(item.name.lower(), item)
    if not columns:
        for names, regex, is_number in _UNNAMED:
            match = next((m for text in texts if (m := re.search(regex, text))), None)
            if match and not any(
                _is_named(have, name) for have in found for name in names.split()[:1]
            ):
                found.setdefault(names, Field(names, regex, is_number, match[1]))
    stamp = _stamp(texts)
    is_field = [sum(bool(re.search(item.regex, text)) for text in texts) for item in found.values()]
    return Shape(
        list(found.values()),
        stamp,
        has_header=bool(columns),
        is_code=sum(bool(_CODE.search(text)) for text in texts) > len(texts) / 8,
        has_records=stamp is not None or bool(columns) or any(2 * n > len(texts) for n in is_field),
    )


def _stamp(texts: Sequence[str]) -> Stamp | None:
    for pattern, day, gap in _STAMPS:
        if sum(bool(pattern.search(text[:80])) for text in texts) * 2 > len(texts):
            before = day + gap
            return Stamp(
                day=rf"({day})" if day else r"()",
                hour=rf"({before}\d\d):\d\d",
                ten_minutes=rf"({before}\d\d:\d)\d",
                minute=rf"({before}\d\d:\d\d)",
                second=rf"({before}\d\d:\d\d(?::\d\d)?)",
            )
    return None


def _named_fields(texts: Sequence[str]) -> list[Field]:
    """Fields as `name=value`, `"name": value` and `Name: value`, on a quarter of the lines."""
    values: dict[tuple[str, str], list[str]] = {}
    for text in texts:
        for form, pattern in (("pair", _PAIR), ("json", _JSON), ("label", _LABEL)):
            if form == "label" and _JSON.search(text):
                continue
            for name, value in pattern.findall(text):
                values.setdefault((form, name), []).append(value)
    return [
        _field(form, name, examples)
        for (form, name), examples in values.items()
        if len(examples) > (1 if form == "json" else 0.25 * len(texts))
    ]


def _field(form: str, name: str, examples: list[str]) -> Field:
    key = re.escape(name)
    bare = [example.strip('"') for example in examples]
    is_number = all(_NUMERIC.match(example) for example in bare)
    is_number = is_number and all(re.fullmatch(r"-?[\d.]+\s?[A-Za-z%]{0,4}", e) for e in bare)
    is_quoted = examples[0].startswith('"')
    if form == "json":
        value = r"\"([^\"]*)\"" if is_quoted else r"(-?[\w.]+)"
        return Field(name, rf"\"{key}\"\s*:\s*{value}", is_number, bare[0])
    if form == "pair":
        value = (
            r"\"([^\"]*)\""
            if is_quoted
            else r"(-?\d+(?:\.\d+)?)"
            if is_number
            else r"([^\s,;|\"]+)"
        )
        return Field(name, rf"\b{key}={value}", is_number, bare[0])
    value = r"(-?\d+(?:\.\d+)?)" if is_number else r"([^;|,]+?)\s*(?:[;|,]|$)"
    return Field(name, rf"\b{key}:\s+{value}", is_number, bare[0])


def _columns(samples: Sequence[tuple[int, str]]) -> list[Field]:
    """The columns that the first line names, where the text is a table with separators."""
    header = next((text for number, text in samples if number == 1), "")
    rows = [text for number, text in samples if number != 1 and text.strip()]
    for separator in ("\t", ",", ";", "|"):
        names = [name.strip().strip('"') for name in header.split(separator)]
        if (
            len(names) == 1
            or not rows
            or not all(re.fullmatch(r"[A-Za-z_][\w /().-]*", n) for n in names)
        ):
            continue
        cell = _CELL.replace("$", re.escape(separator))
        cells = [re.findall(rf"(?:^|{re.escape(separator)})({cell})", row) for row in rows]
        if sum(len(row) == len(names) for row in cells) < 0.8 * len(rows):
            continue
        found: list[Field] = []
        for at, name in enumerate(names):
            examples = [row[at].strip().strip('"') for row in cells if len(row) == len(names)]
            is_number = all(_NUMERIC.fullmatch(example) for example in examples if example)
            skipped = rf"(?:{cell}{re.escape(separator)}){{{at}}}" if at else ""
            found.append(Field(name, rf"^{skipped}({cell})", is_number, examples[0]))
        return found
    return []


def _parts(name: str) -> list[str]:
    """The words of a field's name: `user_id`, `userId` → user, id."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[_.\-/]+", " ", name)
    return [part.lower() for part in spaced.split()]


def _is_named(name: str, word: str) -> bool:
    """Whether a word is a field's name, or a part of it, in some form."""
    low = word.lower()
    return low == name.lower() or any(
        re.fullmatch(words.forms(low), part) or re.fullmatch(words.forms(part), low)
        for part in _parts(name)
        if part not in {"of", "the", "per", "in"}
    )


_MEANT = (
    "latency duration elapsed took time ms millis milliseconds rt response slow slowest fast",
    "status code",
    "user account customer client member",
    "service component app application logger module",
    "price amount cost total value",
    "town city location place",
    "severity level",
    "endpoint path route url uri page",
    "host server machine node",
    "ip address addr client remote",
    "error code err kind exception errno",
    "message msg text",
)


def _is_meant(name: str, word: str) -> bool:
    """Whether a word may stand for a field's name."""
    low = word.lower().removesuffix("s")
    parts = set(_parts(name))
    return any(low in group.split() and parts & set(group.split()) for group in _MEANT)
