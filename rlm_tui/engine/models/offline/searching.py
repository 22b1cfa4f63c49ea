"""Open questions: finds where the words stand together, has those pieces read, compares."""

from __future__ import annotations

from rlm_tui.engine.models.offline import reader, recursing
from rlm_tui.engine.models.offline.pen import NAMED, finish, listing, table
from rlm_tui.engine.models.offline.sentences import Sentence, sentences
from rlm_tui.engine.models.offline.situation import Situation
from rlm_tui.engine.models.offline.task import Task

SEARCH, ASK, LOOK = "search", "ask", "look"
_PIECES = 14
_PIECES_WITHOUT_CALLS = 6

SEARCHING = """
# Where do the question's words stand? Their beginnings, in lower case
import re
low = $body.replace("İ", "i").lower()  # the one letter whose lower case is longer
places = {}
for word, start in $words.items():
    found = [m.start() for m in re.finditer(start, low)]
    places[word] = [at for at in found if not low[max(at - 1, 0) : at].isalnum()]
    print(f"{word}: {len(places[word]):,} times")
    for at in places[word][:1]:
        number = low.count("\\n", 0, at) + 1
        print(f"  $place: {lines(number, number$text)[0][:200]}")
print(f"note: step=search found={sum(map(len, places.values()))}")
"""

CHOOSING = """
# Windows of 2 x $size characters; each scores by the words in it, and rare words count more
import math
from collections import Counter
size = $size
weight = {word: math.log(1 + len(low) / size / len(at)) for word, at in places.items() if at}
score = Counter()
for word in weight:
    for window in {at // size - back for at in places[word] for back in (0, 1)}:
        score[window] += weight[word]
best = []
for window in sorted(score, key=lambda window: (-score[window], window)):
    if not {window - 1, window, window + 1} & set(best):
        best.append(window)
    if len(best) == $pieces:
        break

# Each window with the whole lines around it, but no more than 600 characters on either side
pieces = []
for window in best:
    begin, end = max(window * size, 0), (window + 2) * size
    start = max($body.rfind("\\n", 0, max(begin - 200, 0)) + 1, begin - 600)
    stop = $body.find("\\n", end + 200)
    stop = min(stop if stop >= 0 else len($body), end + 600)
    $taking
"""

ASKING = '''
# One question for each piece; the sub-model sees nothing else
ask = """Question: {query}

Words to look for, with how often the whole text has them: {words}

Answer from the text below alone. First line: the answer in a few words, or "not stated".
Then the sentences it rests on, each as `line N: "…"`. Last line: `not used:` and the words
of the question that these sentences do not have.

Text (lines {first}-{last}$of):
{piece}"""
words = ", ".join(f"{word} ({len(at)})" for word, at in places.items())
prompts = [
    ask.format(
        query=query, words=words, first=first, last=first + piece.count("\\n"), piece=piece$name
    )
    for first, piece in pieces
]
replies = llm_query_batched(prompts)
for (first, _), reply in zip(pieces, replies):
    head, *rest = str(reply).split("\\n")
    print(f"- from line {first:,}: {head[:160]}")
    print(*[line for line in rest if line.startswith("  line")][:1], sep="\\n")
answered = sum(isinstance(reply, str) for reply in replies)
print(f"note: step=ask pieces={len(pieces)} answered={answered}")
'''

LOOKING = """
for first, piece in pieces:
    for number, line in enumerate(piece.split("\\n"), first):
        print(f"  $place: {line[:1000]}")
print(f"note: step=look pieces={len(pieces)}")
"""

COMPARING = r"""
# What a reply leaves unused counts against it, rare words most; a failed call has no say
dearest = max(weight.values(), default=1) + 1
def unused(reply):
    said = re.search(r"^not used: (.*)$$", reply, re.MULTILINE)
    default = "an answer" if reply.lower().startswith("not stated") else "none"
    return [word for word in (said[1] if said else default).split(", ") if word != "none"]

def cost(reply):
    return sum(weight.get(word, dearest) for word in unused(reply))

told = sorted((reply for reply in replies if isinstance(reply, str)), key=cost)
plain = [reply for reply in told if not unused(reply)]
quotes = [
    line
    for reply in plain or told[:4]
    for line in [line for line in reply.split("\n") if line.startswith("  line")][:2]
]
quotes = [$quote for quote in dict.fromkeys(quotes)][:6]
"""
TELLING = r"""
heads = list(dict.fromkeys(reply.split("\n")[0] for reply in plain))
short = [head for head in heads if len(head) <= 60]
if heads and heads[0] in short and len(short) > 1:
    first = f"The text says more than one thing: {' or '.join(short[:4])}."
elif heads:
    first = heads[0]
elif quotes:
    first = f"Not stated in the question's words (not used: {', '.join(unused(told[0]))})."
    first += " Closest passages:"
else:
    first = "Nothing found: no passage has the question's words."
"""


def plan(task: Task) -> str:
    """The next reply to an open question."""
    now, pen = task.now, task.pen
    if recursing.is_worth_it(task):
        reply = recursing.plan(task)
        if reply is not None:
            return reply
    if SEARCH not in now.steps:
        return f"I look for the question's words.\n\n{searching(task)}"
    if not now.number("found") and now.last_step == SEARCH:
        return _nothing(task)
    if now.last_step == ASK and now.number("answered"):
        return f"The replies are in; now I compare them.\n\n{_comparing(task)}"
    if now.last_step == LOOK:
        return _from_seen(task)
    if now.can_ask and ASK not in now.steps:
        choosing = pen.cell(_choosing(task), size=400, pieces=_PIECES)
        return (
            "Rare words tell where to look. I choose the pieces, then ask about each of them.\n\n"
            f"{choosing}\n\n{_asking(task)}"
        )
    cell = pen.cell(_choosing(task) + LOOKING, size=300, pieces=_PIECES_WITHOUT_CALLS)
    return f"There are no sub-calls here, so I read the best pieces myself.\n\n{cell}"


_TAKING = r'pieces.append(($body.count("\n", 0, start) + 1, $body[start:stop].rstrip("\n")))'
_TAKING_EACH = """\
# No piece crosses from one document into the next
    for at in range(bisect(borders, begin) - 1, bisect(borders, min(end, len(text)) - 1)):
        head, tail = max(start, borders[at]), min(stop, [*borders[1:], len(text)][at])
        pieces.append((text.count("\\n", 0, head) + 1, text[head:tail].rstrip("\\n")))"""


def _choosing(task: Task) -> str:
    """The template of the cell that chooses pieces."""
    return CHOOSING.replace("$taking", _TAKING_EACH if task.now.names else _TAKING)


def _asking(task: Task) -> str:
    if not task.now.names:
        return task.pen.cell(ASKING, of="", name="")
    return task.pen.cell(
        ASKING, of=" of {name}", name=",\n        name=names[bisect(starts, first) - 1],"
    )


def searching(task: Task) -> str:
    """The cell that finds the places of the question's words."""
    starts = {term.word: term.search for term in task.question.terms}
    return task.pen.cell(SEARCHING, words=table(starts))


def _nothing(task: Task) -> str:
    asked = listing(term.word for term in task.question.terms)
    return finish(
        f"Nothing found: none of the question's words occurs in the text ({asked}). "
        f"This model is {NAMED}; it finds only what the text says in these words."
    )


def _comparing(task: Task) -> str:
    return task.pen.cell(
        COMPARING
        + TELLING
        + """
final_answer = "\\n".join([first, *quotes])
print(final_answer)
FINAL_VAR("final_answer")
""",
    )


def _from_seen(task: Task) -> str:
    """An answer from the lines that the outputs showed."""
    return finish(answer_from(task.now))


def answer_from(now: Situation) -> str:
    """Read what the outputs showed, as the sub-model would."""
    pieces: list[tuple[str, int, list[str]]] = []
    texts: list[tuple[str, list[Sentence]]] = []
    for line in sorted(now.seen, key=lambda line: (line.document, line.first)):
        if line.last > line.first:  # a sentence over several lines, quoted by the sub-model
            texts.append((line.document, [Sentence(line.text, line.first, line.last, 0)]))
        elif pieces and (line.document, line.first) == _next(pieces[-1]):
            pieces[-1][2].append(line.text)
        else:
            pieces.append((line.document, line.first, [line.text]))
    texts += [(name, sentences("\n".join(lines), first)) for name, first, lines in pieces]
    return reader.told(now.question, texts)


def _next(piece: tuple[str, int, list[str]]) -> tuple[str, int]:
    return piece[0], piece[1] + len(piece[2])
