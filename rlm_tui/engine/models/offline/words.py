"""Words: taking a question apart into tokens, and the patterns that find a word's forms in a text.

A pattern finds whole words only: `all` is not in `valley`. It is written for lower-cased text or
for `re.IGNORECASE`, and begins with a literal wherever it can, because `re` then searches
10 million characters in 25 ms instead of 150 ms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from rlm_tui.engine.models.offline.vocabulary import FAMILY, KINDS, SCAFFOLD, STOP

BEFORE = r"(?<![^\W_])"
"""No letter or digit stands before; an underscore may, as in `_heap`."""
AFTER = r"(?![^\W_])"

TOKEN = re.compile(
    r"""
    [0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}    # UUID
    | https?://[^\s"'<>)\]]+[^\s"'<>)\].,;:?!]              # URL
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                          # e-mail address
    | \d+(?:[.,:/-]\d+)*(?![\w])                            # number, version, date, IP address
    | @?[^\W\d][\w]*(?:(?:\.|::|->|/)[^\W\d]\w*)+(?:\(\))?  # os.path.join, a/b
    | /?\w+(?:[/-]\w+)+                                     # long-context, /v1/login
    | [@#]?\w+(?:['\u2019]\w+)?(?:\(\))?                         # word, id42, @property, len()
    """,
    re.VERBOSE,
)

QUOTED = re.compile(
    r"\"([^\"]+)\"|“([^”]+)”|`([^`]+)`|«([^»]+)»|(?<!\w)'([^']+)'(?!\w)|\u2018([^\u2019]+)\u2019"
)


@dataclass(frozen=True, slots=True)
class Term:
    """Something a question asks for: a word in its forms, or a quoted or numeric literal."""

    word: str
    """As the question has it, without quotes."""
    pattern: str
    """Finds it, in lower case and without boundaries."""
    is_exact: bool
    """A literal rather than a word that may be inflected."""

    search: str = ""
    """A short pattern for code that a person reads; it may find a little more."""
    names: tuple[str, ...] = ()
    """For a word that only says what others name: those others. With one of them it is used."""

    @property
    def regex(self) -> str:
        """The pattern as a whole word, for text in any case; an underscore is no part of a word."""
        after = AFTER if self.word[-1:].isalnum() else ""
        return f"{BEFORE}(?:{self.pattern}){after}"


@cache
def compiled(term: Term) -> re.Pattern[str]:
    """The term's regex, for text in any case."""
    return re.compile(term.regex, re.IGNORECASE)


def tokens(text: str) -> list[str]:
    """The tokens of a text; UUIDs, URLs, addresses, numbers and dotted names stay whole."""
    return [match[0] for match in TOKEN.finditer(text)]


def quoted(text: str) -> list[str]:
    """What stands in quotes, in order."""
    return ["".join(filter(None, match.groups())) for match in QUOTED.finditer(text)]


def without_quotes(text: str, filler: str = " ") -> str:
    """The text with everything in quotes replaced."""
    return QUOTED.sub(filler, text)


def is_content(token: str) -> bool:
    """Whether a token of a question says what the question is about."""
    if not token:
        return False
    low = token.lower().removesuffix("()")
    return low not in STOP and low not in SCAFFOLD and low.removesuffix("'s") not in STOP


def terms(text: str) -> list[Term]:
    """The content of a question, in order, each once: quoted phrases first."""
    phrases = quoted(text)
    found = [literal(phrase) for phrase in phrases]
    masks = {f"quote{number}d": phrase for number, phrase in enumerate(phrases)}
    mask = iter(masks)
    plain = QUOTED.sub(lambda _: f" {next(mask)} ", text)
    plain = re.sub(r"(?<=\w)['\u2019]s\b|\bstands? for\b|\bmean\W*$", "", plain)
    told = tokens(plain)
    for at, token in enumerate(told):
        if is_content(token) and token not in masks:
            before, after = told[at - 1 : at] or [""], told[at + 1 : at + 2] or [""]
            named = _named(term(token), before[0], after[0])
            found.append(replace(named, names=tuple(masks.get(n, n) for n in named.names)))
    unique: dict[str, Term] = {}
    for item in found:
        unique.setdefault(item.pattern, item)
    return list(unique.values())


def _named(kind: Term, before: str, after: str) -> Term:
    """A word such as `module` with the name beside it: `the uuid module`, `class Ada`."""
    if kind.word.lower() not in KINDS:
        return kind
    if is_content(before) and before.lower() not in KINDS:
        return replace(kind, names=(before,))
    if after and not after.isalpha():
        return replace(kind, names=(after.removesuffix("()"),))
    return replace(kind, names=(after,)) if after[1:] != after[1:].lower() else kind


def term(token: str) -> Term:
    """A token with its forms, if it is a plain word; else as it is."""
    plain = re.sub(r"['\u2019]s$", "", token)
    low = plain.lower()
    if low in FAMILY or (plain.isalpha() and not (plain.isupper() and len(plain) > 1)):
        return Term(plain, forms(low), is_exact=False, search=beginnings(low))
    if re.fullmatch(r"[^\W\d_]+(?:-[^\W\d_]+)+", plain):
        first, *rest = low.split("-")
        tail = "".join(rf"[-\s]?{part}" for part in rest[:-1]) + rf"[-\s]?{forms(rest[-1])}"
        search = r"[-\s]?".join([first, *rest])
        return Term(plain, first + tail, is_exact=False, search=search)
    return literal(plain.removesuffix("()"))


def literal(phrase: str) -> Term:
    """A phrase as it stands, in any case; spaces stand for any white space."""
    low = phrase.strip().lower()
    pattern = re.escape(low).replace(r"\ ", r"\s+").replace(r"\-", "-")
    # 3.1 is not 3.14, and 500 is not 500.2.
    tail = r"(?![.,]\d)" if low[-1:].isdigit() else ""
    return Term(phrase.strip(), pattern + tail, is_exact=True, search=pattern)


@cache
def beginnings(word: str) -> str:
    """A short pattern for a lower-case word and its inflections."""
    if word in FAMILY:
        return forms(word)
    stem, endings = _taken_apart(word)
    if len(stem) <= _SHORT:
        return re.escape(stem) + (f"(?:{endings})?" if endings else "") + "(?![a-z])"
    return re.escape(stem) + "[a-z]{0,4}(?![a-z])"


@cache
def forms(word: str) -> str:
    """A pattern for a lower-case word and its inflections, without boundaries."""
    if word in FAMILY:
        members = sorted(FAMILY[word].split(), key=len, reverse=True)
        return f"(?:{'|'.join(map(re.escape, members))})"
    stem, endings = _taken_apart(word)
    return re.escape(stem) + f"(?:{endings})?" if endings else re.escape(stem)


_VOWEL = re.compile(r"[aeiouy]")
_AFTER_E = "e|es|ed|er|ers|ing|ion|ions|or|ors"
_AFTER_Y = "y|ys|ies|ied|ying|ier|iest|ily"
_LONGER = "s|es|ed|er|ers|ing|ly"
_SHORT = 3
"""A stem of so few letters takes few endings, or every word would be a form of it."""


def _taken_apart(word: str) -> tuple[str, str]:
    """A stem, and what may follow it; a memoised suffix stripper for English inflection."""
    if len(word) < _SHORT or not _VOWEL.search(word):
        return word, "s" if len(word) == _SHORT else ""
    stem = _singular(word)
    for ending in ("ing", "ed"):
        cut = stem.removesuffix(ending)
        is_verb = cut != stem and len(cut) >= _SHORT and _VOWEL.search(cut)
        if is_verb and not stem.endswith("eed"):
            return _of_verb(cut)
    if re.search(r"\w{4}ly$", stem):
        stem = stem.removesuffix("ly")
    if re.search(r"\w\w[^aeiou]y$", stem):
        return stem[:-1], _AFTER_Y
    if stem.endswith("e") and len(stem) > _SHORT:
        return stem[:-1], _AFTER_E
    return stem, _endings(stem)


def _singular(word: str) -> str:
    if re.search(r"\w\wies$", word):
        return word[:-3] + "y"
    if re.search(r"(?:ss|x|ch|sh|z)es$", word):
        return word[:-2]
    if re.search(r"\w\w[^sui]s$", word):
        return word[:-1]
    return word


def _of_verb(cut: str) -> tuple[str, str]:
    """What is left of a verb without -ed or -ing."""
    if cut[-1] == cut[-2] and cut[-1] not in "lsz":
        return cut[:-1], _endings(cut[:-1])
    if cut.endswith("i"):
        return cut[:-1], _AFTER_Y
    # `creat` may have lost an e and `print` none: both ways of going on are let in.
    return cut, f"{_AFTER_E}|s|ly"


def _endings(stem: str) -> str:
    if re.fullmatch(r"\w{0,3}[^aeiou][aeiou][bdglmnprt]", stem):
        last = stem[-1]
        return f"{_LONGER}|{last}ed|{last}ing|{last}er|{last}ers"
    return _LONGER if len(stem) > _SHORT else "s|es|ed|ing"
