"""What can be counted and listed by its form alone: addresses, dates, functions, error lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    "|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)

Unit = Literal["match", "line", "special"]


@dataclass(frozen=True, slots=True)
class Thing:
    """A kind of thing with the regex that finds it."""

    one: str
    many: str
    asked: str
    """A regex for how a lower-cased question speaks of it."""
    pattern: str
    """Finds it in a line; its first group, if it has one, is what is listed."""
    unit: Unit = "match"
    """`line`: lines are counted and quoted; `special`: it has a way of its own."""
    ignore_case: bool = False
    folds_case: bool = False
    """Whether `The` and `the` are the same one."""


THINGS = (
    Thing(
        "e-mail address",
        "e-mail addresses",
        r"e-?mails?(?: address(?:es)?)?",
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    ),
    Thing(
        "IP address",
        "IP addresses",
        r"ips?(?:v4)?(?: address(?:es)?)?|client address(?:es)?",
        r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)",
    ),
    Thing(
        "URL",
        "URLs",
        r"urls?|links?|web ?(?:sites?|pages?|address(?:es)?)|hyperlinks?",
        r"https?://[^\s\"'<>)\]}`]*[^\s\"'<>)\]}`.,;:!?*]",
    ),
    Thing(
        "UUID",
        "UUIDs",
        r"uuids?|guids?",
        r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b",
    ),
    Thing(
        "date",
        "dates",
        r"(?:calendar )?dates?",
        rf"\b(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}}"
        rf"|\d{{1,2}}(?:st|nd|rd|th)?[- ]{_MONTH}\.?,?[- ]\d{{4}}"
        rf"|{_MONTH}\.? \d{{1,2}},? \d{{4}})\b",
    ),
    Thing(
        "year",
        "years",
        r"years?",
        r"(?<![\w.,:/])(?:(?<!-)|(?<=\d{4}-))(?:1[5-9]|20)\d\d(?!\w|[.,:/]\d|-\d\d(?!\d))",
    ),
    Thing(
        "time of day",
        "times of day",
        r"timestamps?|times of day|clock times",
        r"\b\d\d?:\d\d(?::\d\d)?\b",
    ),
    Thing("version", "versions", r"version numbers?", r"\bv?\d+\.\d+(?:\.\d+)+\b"),
    Thing(
        "amount of money",
        "amounts of money",
        r"(?:dollar |money |monetary )amounts?|prices?",
        r"[$€£]\s?\d[\d,]*(?:\.\d+)?",
    ),
    Thing("percentage", "percentages", r"percentages?", r"\d+(?:\.\d+)?\s?%"),
    Thing(
        "phone number",
        "phone numbers",
        r"(?:tele)?phone numbers?",
        r"(?<!\w)\+?\d[\d ()-]{7,}\d(?!\w)",
    ),
    Thing(
        "hexadecimal number",
        "hexadecimal numbers",
        r"hex(?:adecimal)?(?: numbers?| values?)",
        r"\b0x[0-9a-fA-F]+\b",
    ),
    Thing(
        "number",
        "numbers",
        r"(?:integers?|numeric values|numerals|numbers)(?! of)",
        r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?!\w)",
    ),
    Thing("RFC", "RFCs", r"rfcs?(?: numbers?)?", r"\bRFC[- ]?\d+\b"),
    Thing("PEP", "PEPs", r"peps?(?: numbers?)?", r"\bPEP[- ]?\d+\b"),
    Thing("hashtag", "hashtags", r"hash ?tags?", r"(?<!\w)#[A-Za-z]\w+"),
    Thing(
        "heading",
        "headings",
        r"(?:section |sub)?headings?|section titles?|sections|chapters",
        "",
        "special",
    ),
    Thing("blank line", "blank lines", r"(?:blank|empty) lines?", r"^\s*$", "line"),
    Thing(
        "comment line",
        "comment lines",
        r"comment lines?|comments",
        r"^\s*(?:#(?!!)|//|--\s|;)",
        "line",
    ),
    Thing(
        "TODO comment",
        "TODO comments",
        r"to-?dos?(?: comments?)?|fixmes?",
        r"\b(?:TODO|FIXME|XXX|HACK)\b",
        "line",
    ),
    Thing(
        "import", "imports", r"imports?(?: statements?)?", r"^\s*(?:from|import)\s+([\w.]+)", "line"
    ),
    Thing(
        "module",
        "modules",
        r"(?:imported )?(?:modules|packages|libraries)",
        r"^\s*(?:from|import)\s+([\w.]+)",
    ),
    Thing("method", "methods", r"methods?", r"^[ \t]+(?:async )?def[ \t]+(\w+)"),
    Thing(
        "function",
        "functions",
        r"functions?(?: definitions?)?|defs?\b",
        r"^[ \t]*(?:(?:async )?def|(?:export )?(?:async )?function\*?|func|(?:pub )?fn)[ \t]+(\w+)",
    ),
    Thing(
        "class",
        "classes",
        r"class(?:es)?(?: definitions?)?",
        r"^[ \t]*(?:export )?class[ \t]+(\w+)",
    ),
    Thing("decorator", "decorators", r"decorators?", r"^[ \t]*@([\w.]+)"),
    Thing("constant", "constants", r"constants?", r"^([A-Z][A-Z0-9_]+)(?::[^=]+)?[ \t]*=(?!=)"),
    Thing(
        "raised exception",
        "raised exceptions",
        r"exceptions? (?:that )?(?:is|are|get|gets)?\s*raised|raised exceptions?",
        r"\braise[ \t]+(\w+)",
    ),
    Thing("return statement", "return statements", r"return statements?", r"^\s*return\b", "line"),
    Thing(
        "exception",
        "exceptions",
        r"exceptions?(?: types?| class(?:es)?| kinds?)?|exception names?",
        r"\b[A-Z]\w*(?:Error|Exception)\b",
    ),
    Thing(
        "error line",
        "error lines",
        r"(?:error|fatal|critical)(?: (?:lines?|messages?|entries|events?|records?|log))?s?"
        r"|errors|failures",
        r"\b(?:ERROR|FATAL|CRITICAL|SEVERE)\b|\[error\]|\"(?:error|fatal|critical)\""
        r"|\blevel=(?:error|fatal)",
        "line",
    ),
    Thing(
        "warning line",
        "warning lines",
        r"warn(?:ing)?s?(?: (?:lines?|messages?|entries|events?|records?))?",
        r"\b(?:WARN|WARNING)\b|\[warn(?:ing)?\]|\"warn(?:ing)?\"|\blevel=warn",
        "line",
    ),
    Thing(
        "INFO line", "INFO lines", r"info (?:lines?|messages?|entries|events?)", r"\bINFO\b", "line"
    ),
    Thing(
        "DEBUG line",
        "DEBUG lines",
        r"debug (?:lines?|messages?|entries|events?)",
        r"\bDEBUG\b",
        "line",
    ),
    Thing(
        "request",
        "requests",
        r"(?:http )?requests?",
        r"\b(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) /",
        "line",
    ),
    Thing("record", "records", r"records?|rows?|entries|(?:log )?events", r"\S", "line"),
    Thing("sentence", "sentences", r"sentences?", "", "special"),
    Thing("paragraph", "paragraphs", r"paragraphs?", "", "special"),
    Thing("character", "characters", r"characters?|chars?|letters", "", "special"),
    Thing("word", "words", r"words?|vocabulary", r"[^\W\d_][\w'\u2019-]*", folds_case=True),
    Thing("line", "lines", r"lines?", r"", "special"),
)

BY_NAME = {thing.one: thing for thing in THINGS}
_ASKED = [(re.compile(rf"(?<![\w-])(?:{thing.asked})(?![\w-])"), thing) for thing in THINGS]


def things_in(question: str) -> list[tuple[int, int, Thing]]:
    """The things a lower-cased question names, as (start, end, thing), in order."""
    found: list[tuple[int, int, Thing]] = []
    for pattern, thing in _ASKED:
        for match in pattern.finditer(question):
            if not any(start < match.end() and match.start() < end for start, end, _ in found):
                found.append((match.start(), match.end(), thing))
    return sorted(found, key=lambda item: item[0])
