"""Which most often, which are there: values of a form or of a field, ranked or listed."""

from __future__ import annotations

from rlm_tui.engine.models.offline.choosing import filtering, heeding
from rlm_tui.engine.models.offline.pen import raw, wrapped
from rlm_tui.engine.models.offline.task import Task
from rlm_tui.engine.models.offline.things import Thing
from rlm_tui.engine.models.offline.vocabulary import STOP
from rlm_tui.engine.models.offline.words import Term

STEP = "rank"
_LISTED = 400
"""Items of a list that an answer shows."""
_TOP = 5
"""Items of a ranking that an answer shows where the question does not say."""

COLLECTING = """
# Every line that has one, what it is there, and the first line of each
import re
from collections import Counter
pattern = $pattern
hits = grep(pattern$text)$rows
$filtering
found, first_line = Counter(), {}
for number, line in hits:
    for item in re.findall(pattern, line):
        item = item$fold
        found[item] += 1
        first_line.setdefault(item, (number, line))
$skipping
print(f"{found.total():,} in {len(hits):,} lines, {len(found):,} different")
for item, times in found.most_common(10):
    print(f"{times:8,}  {item}")
print(f"note: step=rank found={len(found)}")
"""

_SKIPPING = '''\
# Words without content, such as "the", would lead every text
common = set("""
$words
""".split())
plain, found = found, Counter({word: n for word, n in found.items() if word not in common})
'''

RANKING = """
ranked = $ranked
# What has the same count as the last one wanted belongs to the answer, too
edge = ranked[min($wanted, len(ranked)) - 1][1] if ranked else 0
best = [f"{item} ({n:,} time{'s' * (n != 1)})" for item, n in ranked if n $sign edge]
first = f"$one: {', '.join(best)}."
if not best:
    first = "There is none: nothing in the text has the form of the $thing asked for."
elif len(best) > $wanted:
    first = f"$one: a tie, {', '.join(best[:20])}."
$heeding
more = [f"{rank:3}. {item}  {n:,}" for rank, (item, n) in enumerate(ranked[:$shown_items], 1)]
$told"""

_LEFT_OUT = """\
skipped = [f"{word} ({n:,})" for word, n in plain.most_common(99) if word in common]
more.append(f"Not counted: words without content, such as {', '.join(skipped[:3])}.")"""

LISTING = """
first = f"{len(found):,} different $many ({found.total():,} in all)."
if not found:
    first = "There is none: nothing in the text has the form of the $thing asked for."
$heeding
more = []
for item, (number, line) in list(first_line.items())[:$shown]:
    times = f" ({found[item]:,} times)" if found[item] > 1 else ""
    more.append(f"  $place: {item}{times}")
if len(found) > $shown:
    more.append(f"  … and {len(found) - $shown:,} more")"""


def plan(task: Task) -> str | None:
    """The next reply; None when nothing in the text's form is what the question ranks."""
    question = task.question
    if question.thing is not None and question.thing.one == "heading":
        return _headings(task)
    named = task.shape.field_for([question.noun]) if question.noun else None
    if named is not None:
        thing = Thing(named.label, f"values of {named.label}", "", named.regex)
        rest = [term for term in question.filters if term.word != question.noun]
    elif question.thing is not None and question.thing.unit != "special":
        thing, rest = question.thing, question.filters
    else:
        return None
    if task.now.last_step != STEP:
        return _collect(task, thing, rest)
    tell = _list_answer if question.kind == "list" else _rank_answer
    return tell(task, thing, rest)


def _skips_plain_words(task: Task, thing: Thing) -> bool:
    """Whether words such as `the` are left out: they would lead every text."""
    return thing.folds_case and not task.question.is_least


def _collect(task: Task, thing: Thing, rest: list[Term]) -> str:
    skipping = ""
    if _skips_plain_words(task, thing):
        skipping = _SKIPPING.replace("$words", wrapped(word for word in STOP if "'" not in word))
    cell = task.pen.cell(
        COLLECTING,
        skipping=skipping.rstrip(),
        pattern=raw(thing.pattern),
        rows="[1:]  # the first row names the columns" if task.shape.has_header else "",
        filtering=filtering(task, rest),
        fold=".lower()" if thing.folds_case else ".strip(' \"')",
    )
    return f"I collect the {thing.many} and count each.\n\n{cell}"


def _rank_answer(task: Task, thing: Thing, rest: list[Term]) -> str:
    """The first few, with everything that ties with the last of them."""
    question = task.question
    wanted, shown = question.top or 1, question.top or _TOP
    word = "rarest" if question.is_least else "most frequent"
    least = "sorted(found.items(), key=lambda pair: pair[1])"
    answer = task.pen.answer(
        RANKING,
        shown=f"[first_line[item] for item, _ in ranked[:{min(shown, _TOP)}]]",
        ranked=least if question.is_least else "found.most_common()",
        wanted=wanted,
        shown_items=shown,
        sign="<=" if question.is_least else ">=",
        one=f"The {word} {thing.one if wanted == 1 else thing.many}",
        thing=thing.one,
        heeding=heeding(task, rest),
        told=_LEFT_OUT if _skips_plain_words(task, thing) else "",
    )
    return f"Ranked; now the answer, with the first line of each.\n\n{answer}"


def _list_answer(task: Task, thing: Thing, rest: list[Term]) -> str:
    answer = task.pen.answer(
        LISTING.replace("$shown", str(_LISTED)),
        shown="list(first_line.values())[:3]",
        many=thing.many,
        thing=thing.one,
        heeding=heeding(task, rest),
    )
    return f"Here they are, in the order in which they first occur.\n\n{answer}"


def _headings(task: Task) -> str:
    if task.now.last_step != STEP:
        cell = task.pen.cell(
            """
            # Headings: lines after #, or underlined with === or ---
            hits = [(number, title) for number, title, _ in sections($only_text) if title]
            for number, title in hits[:10]:
                print(f"  $place: {title[:200]}")
            print(f"note: step=rank found={len(hits)}")
            """
        )
        return f"The REPL knows where sections begin.\n\n{cell}"
    statements = 'first = f"{len(hits):,} headings." if hits else "There are no headings."'
    answer = task.pen.answer(statements, shown=f"hits[:{_LISTED}]")
    return f"Here they are.\n\n{answer}"
