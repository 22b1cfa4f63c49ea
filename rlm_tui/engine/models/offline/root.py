"""The root model's part: writes the next reply of a loop from its messages alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rlm_tui.engine.models.offline import (
    counting,
    happening,
    locating,
    measuring,
    overview,
    ranking,
    reader,
    recursing,
    searching,
)
from rlm_tui.engine.models.offline.grammar import read_question
from rlm_tui.engine.models.offline.pen import NAMED, Pen, finish, table
from rlm_tui.engine.models.offline.question import Kind
from rlm_tui.engine.models.offline.sentences import sentences
from rlm_tui.engine.models.offline.shape import shape_of
from rlm_tui.engine.models.offline.situation import Situation, situation
from rlm_tui.engine.models.offline.task import Task
from rlm_tui.events import Message

Plan = Callable[[Task], str | None]

_PLANS: dict[Kind, Plan] = {
    "count": counting.plan,
    "rank": ranking.plan,
    "list": ranking.plan,
    "measure": measuring.plan,
    "busiest": happening.busiest,
    "errors": happening.errors,
    "locate": locating.locate,
    "define": locating.define,
    "show": locating.show,
    "extreme": measuring.extreme,
    "overview": overview.plan,
    "open": searching.plan,
}

_PEEKING = """
# $total lines: a few from the beginning, the middle and the end
for first in $firsts:
    for number, line in enumerate(lines(first, first + 3$text), first):
        print(f"  $place: {line[:240]}")
print("note: step=peek")
"""

_JOINING = '''
# Several documents: one long text, and where each of them begins in it
import re
from bisect import bisect
names, parts, starts, borders, total = list(context), [], [], [0], 1
for part in context.values():
    starts.append(total)
    parts.append(part.removesuffix("\\n"))
    borders.append(borders[-1] + len(parts[-1]) + 1)
    total += parts[-1].count("\\n") + 1
borders.pop()
text = "\\n".join(parts)

def place(number):
    """The document and the line in it, for a line of the long text."""
    at = bisect(starts, number) - 1
    return f"{names[at]}, line {number - starts[at] + 1:,}"

def placed(quote):
    """A quote that names lines of the long text, with the document and its lines instead."""
    first, last = re.search(r"lines? ([\\d,]+)(?:-([\\d,]+))?", quote).groups()
    there = place(int(first.replace(",", "")))
    if last:
        end = place(int(last.replace(",", ""))).split()[-1]
        there = there.replace(", line ", ", lines ") + "-" + end
    return re.sub(r"lines? [\\d,]+(?:-[\\d,]+)?", lambda _: there, quote, count=1)

for begin, end in list(zip(starts, [*starts[1:], total]))[:8]:
    for first in dict.fromkeys([begin, (begin + end) // 2]):
        for number, line in enumerate(lines(first, min(first + 1, end - 1), text=text), first):
            print(f"  {place(number)}: {line[:240]}")
print("note: step=peek")
'''

_SIMPLER = """
# Something simpler: the lines that have most of the question's words
import re
whole = context if isinstance(context, str) else "\\n".join(context.values())
words = $words
scored = []
for number, line in enumerate(whole.split("\\n"), 1):
    has = sum(bool(re.search(word, line, re.IGNORECASE)) for word in words.values())
    if has:
        scored.append((-has, number, line))
for _, number, line in sorted(scored)[:8]:
    print(f"  line {number:,}: {line[:400]}")
print(f"note: step=simple found={len(scored)}")
"""


def reply(messages: Sequence[Message]) -> str:
    """The next reply of a loop."""
    now = situation(messages)
    if now.whole_text is not None and not now.steps:
        return reader.told(now.question, [("", sentences(now.whole_text))])
    if now.is_forced:
        return _forced(now)
    if now.failures > 1:
        return finish(_given_up(now))
    question = read_question(now.question)
    samples = [(line.first, line.text) for line in now.seen if line.first == line.last]
    task = Task(now, question, shape_of(samples), Pen(is_joined=bool(now.names)))
    if now.failures:
        if "simple" in now.steps:
            return finish(_given_up(now))
        cell = task.pen.cell(_SIMPLER, words=table({t.word: t.search for t in question.terms}))
        return f"That failed ({now.trouble or 'it printed nothing'}). Something simpler.\n\n{cell}"
    if now.last_step == "simple":
        return finish(_simple_answer(task))
    if not now.steps:
        return _opening(task)
    if now.last_step in {searching.SEARCH, searching.ASK, searching.LOOK, recursing.RECURSE}:
        return searching.plan(task)
    return _PLANS[question.kind](task) or _otherwise(task)


_LOOKS = ("", "peek", searching.SEARCH, searching.ASK, searching.LOOK, happening.SAMPLE)
"""Steps after which nothing has been counted yet."""


def _opening(task: Task) -> str:
    """The first reply: a look at the text, and at the question's words in it."""
    now = task.now
    if now.names:
        peek = task.pen.cell(_JOINING)
        lead = f"{len(now.names)} documents. First a look at each."
    else:
        firsts = sorted({1, max(now.lines // 2, 1), max(now.lines - 3, 1)})
        peek = task.pen.cell(
            _PEEKING,
            total=f"{now.lines:,}",
            firsts=firsts,
        )
        lead = "First a look at the text."
    if task.question.kind == "open" and task.question.terms and not recursing.is_worth_it(task):
        return (
            f"{lead} Then at the question's words in it.\n\n{peek}\n\n{searching.searching(task)}"
        )
    if task.question.kind == "errors":
        return (
            f"{lead} Then at the lines that report errors.\n\n{peek}\n\n{happening.sampling(task)}"
        )
    return f"{lead}\n\n{peek}"


def _otherwise(task: Task) -> str:
    """A question that its plan could not answer is asked as an open one."""
    if not task.question.terms:
        return overview.plan(task)
    return searching.plan(task)


def _simple_answer(task: Task) -> str:
    now = task.now
    if task.question.kind == "open":
        return searching.answer_from(now)
    quotes = [line.quote for line in now.seen[-5:]]
    return "\n".join(
        [
            "The code for this question failed, so nothing was counted. Lines with its words:",
            *quotes,
        ]
    )


def _given_up(now: Situation) -> str:
    why = f" ({now.trouble})" if now.trouble else ""
    told = f"No answer: the code for this question failed{why}."
    quotes = [line.quote for line in now.seen[:5]]
    return "\n".join([told, *(["Lines that were seen:", *quotes] if quotes else [])])


def _forced(now: Situation) -> str:
    """The best that can be said when a limit ends the run, in plain words."""
    if not now.seen:
        return f"No answer: the run ended before {NAMED} had seen any of the text."
    early = "The run ended early; this is what was seen so far."
    if read_question(now.question).kind != "open" and now.printed and now.last_step not in _LOOKS:
        return "\n".join([early, *now.printed[:10], *(line.quote for line in now.seen[-3:])])
    return f"{early}\n{searching.answer_from(now)}"
