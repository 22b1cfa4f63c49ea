"""Words: taking a question apart into tokens, and the patterns that find a word's forms in a text.

A pattern finds whole words only: `all` is not in `valley`. It is written for lower-cased text or
for `re.IGNORECASE`, and begins with a literal wherever it can, because `re` then searches
10 million characters in 25 ms instead of 150 ms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

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
    | [@#]?\w+(?:['’]\w+)?(?:\(\))?                         # word, id42, @property, len()
    """,
    re.VERBOSE,
)

QUOTED = re.compile(r"\"([^\"]+)\"|“([^”]+)”|`([^`]+)`|«([^»]+)»|(?<!\w)'([^']+)'(?!\w)|‘([^’]+)’")

STOP = frozenset(
    """
    a about above after again all also am an and any anybody anyone are aren't as at be because been
    before being below between both but by can can't cannot could did didn't do does doesn't doing don't
    done down during each either else ever every few for from further get gets given had has have
    having he hence her here hers him his how however i if in into is isn't it it's its itself just let
    like many may me might more most much must my need neither no nor not now of off often on once one
    ones only or other others our out over own per quite rather same shall she should since so some
    somebody someone something such than that that's the their them themselves then there these they
    thing things this those through thus to together too toward under until up upon us used using very
    via was wasn't we were weren't what what's when where whether which while who who's whom whose why
    will with within without would yes yet you your
    """.split()
)
"""Words that carry no content in a question."""

SCAFFOLD = frozenset(
    """
    according anywhere appear appeared appears answer call called come comes contain containing contained
    contains context describe described describes document documents exactly
    exist exists explain explained file files find found give happen happened happens include included includes
    indicated know known line lines list listed lists locate located mention mentioned mentions name
    named names occur occurred occurrence occurrences occurs passage passages phrase please print question
    quote read refer referred refers said say says sentence sentences show shown specified state
    stated states string tell term text texts true word words kind kinds type types
    """.split()
)
"""Words that speak about the text or the asking rather than about its subject."""

_FAMILIES = (
    "write writes wrote written writing writer author authors authored",
    "begin begins began begun beginning start starts started starting",
    "create creates created creating creation creator creators",
    "found founded founder founders founding",
    "invent invented inventor inventors invention",
    "maintain maintained maintainer maintainers maintains",
    "buy buys bought",
    "build builds built building",
    "bring brings brought",
    "break breaks broke broken",
    "catch catches caught",
    "choose chooses chose chosen",
    "become becomes became",
    "die dies died death",
    "draw draws drew drawn",
    "drive drives drove driven driver drivers",
    "fall falls fell fallen",
    "feel feels felt",
    "fly flies flew flown",
    "forget forgets forgot forgotten",
    "give gives gave given",
    "go goes went gone going",
    "grow grows grew grown growth",
    "hide hides hid hidden",
    "hold holds held holding",
    "keep keeps kept keeping",
    "know knows knew known",
    "lead leads led leader",
    "leave leaves left leaving",
    "lose loses lost loss",
    "make makes made making maker",
    "mean means meant meaning",
    "meet meets met meeting",
    "pay pays paid payment",
    "raise raises raised raising",
    "rise rises rose risen",
    "run runs ran running",
    "sell sells sold seller",
    "send sends sent sending sender",
    "speak speaks spoke spoken",
    "spend spends spent",
    "stand stands stood",
    "steal steals stole stolen",
    "take takes took taken taking",
    "teach teaches taught teacher",
    "think thinks thought",
    "throw throws threw thrown",
    "understand understands understood",
    "win wins won winner winners",
    "child children",
    "man men",
    "woman women",
    "person people persons",
    "foot feet",
    "index indices indexes",
    "matrix matrices",
    "license licence licenses licences licensed",
    "color colour colors colours",
    "email e-mail emails e-mails",
    "maximum max",
    "minimum min",
    "average mean avg",
    "first 1st",
    "second 2nd",
    "third 3rd",
    "program programme programs programmes",
    "center centre centers centres",
)
_FAMILY = {word: line for line in _FAMILIES for word in line.split()}


@dataclass(frozen=True, slots=True)
class Term:
    """Something a question asks for: a word in its forms, or a quoted or numeric literal."""

    word: str
    """As the question has it, without quotes."""
    pattern: str
    """Finds it in lower-cased text, without the boundary in front."""
    is_exact: bool
    """A literal rather than a word that may be inflected."""

    @property
    def regex(self) -> str:
        """The pattern with both boundaries."""
        return BEFORE + self.pattern


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
    low = token.lower().removesuffix("()")
    return low not in STOP and low not in SCAFFOLD and low.removesuffix("'s") not in STOP


def terms(text: str) -> list[Term]:
    """The content of a question, in order, each once: quoted phrases first."""
    found = [literal(phrase) for phrase in quoted(text)]
    found += [term(token) for token in tokens(without_quotes(text)) if is_content(token)]
    unique: dict[str, Term] = {}
    for item in found:
        unique.setdefault(item.pattern, item)
    return list(unique.values())


def term(token: str) -> Term:
    """A token with its forms, if it is a plain word; else as it is."""
    plain = token.removesuffix("'s").removesuffix("’s")
    if plain.isalpha() and not (plain.isupper() and len(plain) > 1):
        return Term(plain, forms(plain.lower()) + AFTER, is_exact=False)
    if re.fullmatch(r"[^\W\d_]+(?:-[^\W\d_]+)+", plain) and plain.lower() not in _FAMILY:
        first, *rest = plain.lower().split("-")
        tail = "".join(rf"[-\s]?{part}" for part in rest[:-1]) + rf"[-\s]?{forms(rest[-1])}"
        return Term(plain, first + tail + AFTER, is_exact=False)
    if plain.lower() in _FAMILY:
        return Term(plain, forms(plain.lower()) + AFTER, is_exact=False)
    return literal(plain.removesuffix("()"))


def literal(phrase: str) -> Term:
    """A phrase as it stands, in any case; spaces stand for any white space."""
    low = phrase.strip().lower()
    pattern = re.escape(low).replace(r"\ ", r"\s+")
    tail = AFTER if low[-1:].isalnum() else ""
    if low[-1:].isdigit():
        tail = r"(?![^\W_]|[.,]\d)"
    return Term(phrase.strip(), pattern + tail, is_exact=True)


@cache
def forms(word: str) -> str:
    """A pattern for a lower-case word and its inflections, without boundaries."""
    if word in _FAMILY:
        members = sorted(_FAMILY[word].split(), key=len, reverse=True)
        return f"(?:{'|'.join(map(re.escape, members))})"
    stem, endings = _taken_apart(word)
    return re.escape(stem) + f"(?:{endings})?" if endings else re.escape(stem)


_VOWEL = re.compile(r"[aeiouy]")
_AFTER_E = "e|es|ed|er|ers|ing|ings|ion|ions|or|ors|able|ely"
_AFTER_Y = "y|ies|ied|ying|ier|iest|ily"
_LONGER = "s|es|ed|er|ers|ing|ings|ly"


def _taken_apart(word: str) -> tuple[str, str]:
    """A stem, and what may follow it; a memoised suffix stripper for English inflection."""
    if len(word) <= 2 or not _VOWEL.search(word):
        return word, "s" if len(word) == 3 else ""
    stem = _singular(word)
    for ending in ("ing", "ed"):
        cut = stem.removesuffix(ending)
        if cut != stem and len(cut) > 2 and _VOWEL.search(cut) and not stem.endswith("eed"):
            return _of_verb(cut)
    if stem.endswith("ly") and len(stem) > 5:
        stem = stem.removesuffix("ly")
    if stem.endswith("y") and len(stem) > 3 and stem[-2] not in "aeiou":
        return stem[:-1], _AFTER_Y
    if stem.endswith("e") and len(stem) > 3:
        return stem[:-1], _AFTER_E
    return stem, _endings(stem)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(?:ss|x|ch|sh|z)es$", word):
        return word[:-2]
    if word.endswith("s") and len(word) > 3 and word[-2] not in "sui":
        return word[:-1]
    return word


def _of_verb(cut: str) -> tuple[str, str]:
    """What is left of a verb without -ed or -ing."""
    if cut[-1] == cut[-2] and cut[-1] not in "lsz":
        return cut[:-1], _endings(cut[:-1])
    if cut.endswith("i"):
        return cut[:-1], _AFTER_Y
    # `creat` may have lost an e and `print` none: both ways of going on are let in.
    return cut, f"{_AFTER_E}|{_LONGER}"


def _endings(stem: str) -> str:
    if re.search(r"[^aeiou][aeiou][bdglmnprt]$", stem) and len(stem) < 7:
        last = stem[-1]
        return f"{_LONGER}|{last}ed|{last}ing|{last}er|{last}ers"
    return _LONGER if len(stem) > 3 else "s|es|ed|ing"
