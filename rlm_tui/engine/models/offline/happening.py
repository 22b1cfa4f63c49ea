"""What happens when: errors ranked with their busiest times, and the busiest hours of a log."""

from __future__ import annotations

import re

from rlm_tui.engine.models.offline.choosing import filtering, heeding
from rlm_tui.engine.models.offline.pen import finish, raw
from rlm_tui.engine.models.offline.shape import shape_of
from rlm_tui.engine.models.offline.task import Task

SAMPLE, ERRORS, ASK, BUSIEST = "sample", "errors", "ask_errors", "busiest"
ERROR_LINE = (
    r"\b(?:ERROR|FATAL|CRITICAL|SEVERE)\b|\blevel=(?:error|fatal)|\"(?:error|fatal)\"|\[error\]"
)
_ERROR_WORD = r"\b(?:error|exception|fail(?:ed|ure)|fatal)\b"
_TOP = 5
ABOUT = "What do these lines say about {kind}, and what came just before it?"
"""What the sub-model is asked of each error."""

SAMPLING = """
# Which lines report an error, and how do they look?
import re
hits = grep($error$text)
hits = hits or grep($word, ignore_case=True$text)
$filtering
for number, line in hits[:: max(len(hits) // 8, 1)][:8]:
    print(f"  $place: {line[:240]}")
print(f"{len(hits):,} of $total lines report an error")
print(f"note: step=sample found={len(hits)}")
"""

RANKING = '''
# Each kind of error: how often in all, and how often in which $slot_is
from collections import Counter
kinds, slots, begins = Counter(), {}, {}
for number, line in hits:
    kind = re.search($key, line)
    slot = $slot
    if kind and slot:
        kind, slot = $kind, $slot_value
        kinds[kind] += 1
        slots.setdefault(kind, Counter())[slot] += 1
        begins.setdefault((kind, slot), number)

def busy(kind):
    """When it repeats: every $slot_is with at least a third as many as the worst."""
    worst = max(slots[kind].values())
    return sorted(slot for slot, times in slots[kind].items() if times * 3 >= worst)

def span(kind):
    """Its busy time in words, and how many fall into it."""
    first, last = busy(kind)[0], busy(kind)[-1]
    inside = sum(times for slot, times in slots[kind].items() if first <= slot <= last)
    $span
    return when, inside

for kind, times in kinds.most_common(10):
    print(f"{times:6,}  {kind}  ({span(kind)[1]:,} of them {span(kind)[0]})")
print(f"note: step=errors kinds={len(kinds)}")
'''

ASKING = """
# What happened there? The lines around the beginning, the worst and the end of each busy time
about, prompts = [], []
for kind, _ in kinds.most_common($top):
    worst = slots[kind].most_common(1)[0][0]
    for slot in dict.fromkeys([busy(kind)[0], worst, busy(kind)[-1]]):
        first = max(begins[kind, slot] - 25, 1)
        piece = lines(first, first + 50$text)
        about.append(kind)
        prompts.append(
            f"Question: $about\\n\\n"
            f"Text (lines {first}-{first + len(piece) - 1}):\\n" + "\\n".join(piece)
        )
replies = llm_query_batched(prompts)
for reply in replies:
    print(str(reply).splitlines()[0][:150])
print(f"note: step=ask_errors calls={len(replies)}")
"""

TELLING = """
ranked, total = kinds.most_common($top), kinds.total()
leaders = [kind for kind, times in ranked if times == ranked[0][1]]
when, inside = span(leaders[0])
most = ranked[0][1]
first = f"{leaders[0]} repeats most: {most:,} of {total:,} errors, {inside:,} of them {when}"
if len(leaders) > 1:
    first = f"A tie: {', '.join(leaders)} repeat most, {most:,} times each of {total:,} errors"
$heeding
more = []
for rank, (kind, times) in enumerate(ranked, 1):
    when, inside = span(kind)
    more.append(f"{rank}. {kind}: {times:,} times, {inside:,} of them {when}")
    $evidence
if len(kinds) > len(ranked):
    others = [kind for kind in kinds if kind not in dict(ranked)]
    more.append(f"(and {len(others):,} more: {', '.join(others[:8])})")
"""

EVIDENCE = """\
reply = [*(r for k, r in zip(about, replies) if k == kind and isinstance(r, str)), ""][0]
    more += [$quote for quote in reply.split("\\n")[1:] if quote.startswith("  ")]"""

QUOTED = """\
number = begins[kind, busy(kind)[0]]
    more.append(f'  $place: "{lines(number, number$text)[0][:200]}"')"""


def errors(task: Task) -> str | None:
    """Which errors repeat most, and when."""
    now = task.now
    match now.last_step:
        case "sample":
            if not now.number("found"):
                return _no_errors(task)
            return f"Now I can tell the kinds apart.\n\n{_ranking(task)}"
        case "errors":
            if not now.number("kinds"):
                return None
            if now.can_ask:
                asking = task.pen.cell(ASKING, top=_top(task), about=ABOUT)
                return f"Counts alone tell little: let the lines around them be read.\n\n{asking}"
            return f"There are no sub-calls here; the counts have to do.\n\n{_telling(task)}"
        case "ask_errors":
            return f"That is all I need.\n\n{_telling(task)}"
        case _:
            return f"I look at the lines that report errors.\n\n{sampling(task)}"


def sampling(task: Task) -> str:
    """The cell that shows some of the lines that report errors."""
    return task.pen.cell(
        SAMPLING,
        error=raw(ERROR_LINE),
        word=raw(_ERROR_WORD),
        filtering=filtering(task, task.question.filters),
        total=f"{task.now.lines:,}",
    )


def _no_errors(task: Task) -> str:
    return finish(
        f"No errors found: none of the {task.now.lines:,} lines has ERROR, FATAL, CRITICAL or "
        "SEVERE, nor the words error, exception, failed, failure or fatal."
    )


def _top(task: Task) -> int:
    return min(task.question.top or _TOP, 12)


def _ranking(task: Task) -> str:
    key, kind = error_key([line.text for line in task.now.seen])
    stamp = task.shape.stamp
    if stamp is not None:
        slot, value = f"re.search({raw(stamp.ten_minutes)}, line)", "slot[1]"
        span = (
            "end = last[-4:] if last[:-4] == first[:-4] else last\n"
            '    when = f"from {first}0 to {end}9"'
        )
    else:
        size = _block(task)
        slot, value = f"number // {size} + 1", "slot"
        span = f'when = f"in lines {{(first - 1) * {size} + 1:,}} to {{last * {size}:,}}"'
    return task.pen.cell(
        RANKING,
        key=raw(key),
        kind=kind,
        slot=slot,
        slot_value=value,
        slot_is=_slot_is(task),
        span=span,
    )


def _slot_is(task: Task) -> str:
    return "ten minutes" if task.shape.stamp else f"{_block(task):,} lines"


def _block(task: Task) -> int:
    """Lines that stand for a time where the text has no time stamps."""
    return max(task.now.lines // 24, 1)


def error_key(samples: list[str]) -> tuple[str, str]:
    """How the kinds of errors are told apart.

    Returns:
        A regex with one group that finds the kind in a line, and the code that reads it off.
    """
    lines = [text for text in samples if re.search(ERROR_LINE, text)]
    lines = lines or [text for text in samples if re.search(_ERROR_WORD, text, re.IGNORECASE)]
    named = shape_of([(2, text) for text in lines]).field_for(
        ["code", "error", "exception", "kind", "message"]
    )
    is_json = any(text.lstrip().startswith("{") for text in lines)
    ways = [named.regex] if named and "(TRACE|" not in named.regex else []
    ways += [
        r"\b([A-Z]\w*(?:Error|Exception|Timeout|Failure))\b",
        r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b",
        r"\b([A-Z]{1,5}-?\d{2,5})\b",
        *([r"\"((?i:error|fatal|critical))\""] if is_json else []),
    ]
    for way in ways:
        if lines and sum(bool(re.search(way, text)) for text in lines) >= 0.6 * len(lines):
            return way, "kind[1]"
    message = r"(?:ERROR|FATAL|CRITICAL|SEVERE|error|fatal)\b\]?:?\s*(.*)"
    return message, 're.sub(r"\\d[\\w.:-]*", "#", kind[1])[:90]'


def _telling(task: Task) -> str:
    evidence = EVIDENCE if ASK in task.now.steps else QUOTED
    return task.pen.answer(
        TELLING.replace("$evidence", evidence),
        shown="",
        top=_top(task),
        heeding=heeding(task, task.question.filters),
    )


COUNTING_TIMES = """
# How many lines fall into each $period
import re
from collections import Counter
hits = grep($stamp$text)
$filtering
counts = Counter(re.search($stamp, line)[1] for _, line in hits)
begins = {}
for number, line in hits:
    begins.setdefault(re.search($stamp, line)[1], (number, line))
for when, times in counts.most_common(8):
    print(f"{times:8,}  {when}")
print(f"note: step=busiest found={len(counts)}")
"""


def busiest(task: Task) -> str | None:
    """Which hour or day has the most lines of a kind."""
    question, stamp = task.question, task.shape.stamp
    if stamp is None:
        return None
    if task.now.last_step != BUSIEST:
        cell = task.pen.cell(
            COUNTING_TIMES,
            period=question.period,
            stamp=raw(stamp.rounded_to(question.period)),
            filtering=filtering(task, question.filters),
        )
        return f"The lines have times; I count them by {question.period}.\n\n{cell}"
    if not task.now.number("found"):
        return None
    order = "min" if question.is_least else "max"
    word = "least" if question.is_least else "most"
    is_series = bool(re.search(r"\b(?:per|by|each|every)\b", question.text, re.IGNORECASE))
    ranked = "sorted(counts.items())[:60]" if is_series else "counts.most_common(5)"
    statements = f"""
edge = {order}(counts.values())
best = [when for when, times in counts.items() if times == edge]
first = f"{{best[0]}} ({question.period}) has {word}: {{edge:,}} of {{len(hits):,}} lines"
if len(best) > 1:
    first = f"A tie of {{', '.join(best[:8])}}: {{edge:,}} lines each"
$heeding
more = [f"  {{when}}: {{times:,}}" for when, times in {ranked}]"""
    answer = task.pen.answer(
        statements,
        shown="[begins[when] for when in best[:3]]",
        heeding=heeding(task, question.filters),
    )
    return f"Counted; now the answer.\n\n{answer}"
