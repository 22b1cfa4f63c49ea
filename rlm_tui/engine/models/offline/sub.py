"""The sub-model's part: takes a prompt apart into question and text, and answers from the text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from rlm_tui.engine.models.offline import happening, overview, reader
from rlm_tui.engine.models.offline.sentences import Sentence, sentences
from rlm_tui.engine.models.offline.words import is_content, tokens

_QUESTION = re.compile(
    r"^\s*(?:question|query|task)\s*:\s*(.+?)(?=\n\s*\n|\Z)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_WORDS = re.compile(r"^Words to look for[^\n:]*: ([^\n]*)", re.MULTILINE)
_COUNT = re.compile(r"(?:^|, )(.+?) \((\d+)\)(?=, |$)")
_TEXT = re.compile(
    r"^\s*(?:text|context|passage|document|content|excerpt|chunk|snippet|article|lines)\b"
    r"(?:[^\n:(]*\(lines? ([\d,]+)(?:-[\d,]+)?(?: of ([^)\n]+))?[^)\n]*\))?[^\n:]{0,60}:[ \t]*\n?",
    re.IGNORECASE | re.MULTILINE,
)
_ABOUT = re.compile(re.escape(happening.ABOUT).replace(r"\{kind\}", "(.+)"))
_RARE = 4.5
"""Words that no other line has, more or less: from so many on a line stands out."""
_FAR = 0.2
"""What a line of distance takes away from how far a line stands out."""
_REQUESTS = re.compile(r"\b(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) /")


def reply(prompt: str) -> str:
    """Answer one prompt."""
    asked = taken_apart(prompt)
    about = _ABOUT.match(asked.question)
    if about:
        return story(about[1], asked.text, asked.first_line)
    if asked.question == overview.TYPICAL:
        return typical(asked.text, asked.first_line)
    return reader.answer(
        asked.question, asked.text, asked.first_line, counts=asked.counts, source=asked.source
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt, taken apart."""

    question: str
    text: str
    first_line: int = 1
    counts: dict[str, int] = field(default_factory=dict[str, int])
    """How often the whole document has the question's words, where the prompt says so."""
    source: str = ""
    """The name of the document, where the prompt says so."""


def taken_apart(prompt: str) -> Asked:
    """Find question and text in a prompt.

    A prompt that does not say which is which has its question in the paragraph with a question
    mark, first or last, else in its last paragraph.
    """
    question = _QUESTION.search(prompt)
    words = _WORDS.search(prompt)
    counts = {word: int(n) for word, n in _COUNT.findall(words[1])} if words else {}
    if question:
        asked = " ".join(question[1].split())
        text = _TEXT.search(prompt, question.end())
        if text:
            first = int(text[1].replace(",", "")) if text[1] else 1
            return Asked(asked, prompt[text.end() :], first, counts, text[2] or "")
        return Asked(asked, prompt[: question.start()] + prompt[question.end() :])
    paragraphs = [part for part in re.split(r"\n\s*\n", prompt) if part.strip()]
    if len(paragraphs) < 2:  # noqa: PLR2004
        head, mark, tail = prompt.partition("?")
        return Asked(head + mark, tail) if mark else Asked(prompt, prompt)
    at = next((at for at in (-1, 0) if "?" in paragraphs[at]), -1)
    asked = " ".join(paragraphs.pop(at).split())
    return Asked(asked, "\n\n".join(paragraphs))


def story(kind: str, text: str, first_line: int) -> str:
    """What lines of a log say about an error, and what stands out just before it."""
    lines = list(enumerate(text.split("\n"), first_line))
    # The number sign stands for any number in kinds that were made from messages.
    named = re.compile(re.escape(kind).replace(r"\#", r"(?:#|\d[\w.:-]*)"))
    having = [at for at, (_, line) in enumerate(lines) if named.search(line)]
    if not having:
        return f"{reader.NOT_STATED}\nnot used: {kind}"
    number, line = lines[having[0]]
    message = re.search(r"\"([^\"]{8,})\"", line)
    said = f': "{message[1]}"' if message else ""
    told = [f"{kind}{said}, {len(having)} times in these lines"]
    told.append(f'  line {number:,}: "{line.strip()[:240]}"')
    before = _standing_out(lines[: having[0]], lines)
    if before is not None:
        told.append(f'  before it, line {before[0]:,}: "{before[1].strip()[:240]}"')
    return "\n".join(told)


def _standing_out(
    candidates: list[tuple[int, str]], lines: list[tuple[int, str]]
) -> tuple[int, str] | None:
    """The line that has most words its neighbours do not have, leaving out requests and errors."""
    often = Counter(word for _, line in lines for word in _plain_words(line))
    best: tuple[float, int, str] | None = None
    for number, line in candidates:
        told = _plain_words(line)
        if not told or _REQUESTS.search(line) or re.search(happening.ERROR_LINE, line):
            continue
        rarity = sum(1 / often[word] ** 2 for word in told)
        if rarity < _RARE:
            continue
        rarity -= _FAR * (candidates[-1][0] - number)
        if best is None or (rarity, number) > best[:2]:
            best = (rarity, number, line)
    return None if best is None else (best[1], best[2])


def _plain_words(line: str) -> set[str]:
    return {word.lower() for word in tokens(line) if word.isalpha() and len(word) > 2}  # noqa: PLR2004


def typical(text: str, first_line: int) -> str:
    """The sentence whose words are the most frequent ones of the text."""
    parts = [part for part in sentences(text, first_line) if len(part.text) > 12]  # noqa: PLR2004
    often = Counter(
        word.lower() for part in parts for word in set(tokens(part.text)) if is_content(word)
    )

    def weight(part: Sentence) -> float:
        told = {word.lower() for word in tokens(part.text) if is_content(word)}
        return sum(often[word] for word in told) / (len(told) + 4)

    if not parts:
        return f"{reader.NOT_STATED}\nnot used: the text is empty"
    best = max(parts, key=lambda part: (weight(part), -part.first))
    return f"{best.text[:200]}\n{reader.quote(best)}\nnot used: none"
