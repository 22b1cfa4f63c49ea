"""What is this about: frequent words, headings and typical lines, for nothing here understands."""

from __future__ import annotations

from rlm_tui.engine.models.offline.pen import NAMED, wrapped
from rlm_tui.engine.models.offline.task import Task
from rlm_tui.engine.models.offline.vocabulary import STOP

OVERVIEW, ASK = "overview", "ask_overview"
TYPICAL = "Which line is most typical of this part of the text?"
"""What the sub-model is asked of each part."""

COUNTING = '''
# The words of content that occur most, and the headings (in code: the definitions)
common = set("""
$stop
""".split())
frequent = [
    (word, n) for word, n in word_frequency(300$text) if word not in common and len(word) > 2
][:12]
titles = $titles
print(", ".join(f"{word} ({n:,})" for word, n in frequent))
for number, title in titles[:12]:
    print(f"  $place: {title[:120]}")
print(f"note: step=overview headings={len(titles)}")
'''

ASKING = """
# Ten places at equal distances: what is typical of each?
total = $total
prompts = []
for first in sorted({1 + total * part // 10 for part in range(10)}):
    piece = lines(first, first + 29$text)
    prompts.append(
        f"Question: $typical\\n\\n"
        f"Text (lines {first}-{first + len(piece) - 1}):\\n" + "\\n".join(piece)[:6000]
    )
replies = llm_query_batched(prompts)
for reply in replies:
    print(str(reply).splitlines()[0][:160])
print(f"note: step=ask_overview calls={len(replies)}")
"""

TELLING = """
first = "No summary: this model is $named. What can be counted and quoted:"
more = [
    f"$total lines, {len($body):,} characters. Frequent words: "
    + ", ".join(f"{word} ({n:,})" for word, n in frequent)
    + "."
]
more += [f"  $place: {title[:120]}" for number, title in titles[:12]]
more += $typical
"""

QUOTES = """\
[
    $quote
    for reply in replies
    for quote in str(reply).split("\\n")
    if quote.startswith("  line")
]"""


def plan(task: Task) -> str:
    """The next reply."""
    now = task.now
    if OVERVIEW not in now.steps:
        titles = (
            'grep(r"^(?:class|(?:async )?def|function|func|fn)\\b"$text)'
            if task.shape.is_code
            else "[(number, title) for number, title, _ in sections($only_text) if title]"
        )
        stop = wrapped(word for word in STOP if "'" not in word)
        cell = task.pen.cell(COUNTING.replace("$titles", titles), stop=stop)
        return f"What can be said without reading: words and headings.\n\n{cell}"
    if now.can_ask and ASK not in now.steps:
        cell = task.pen.cell(ASKING, total=now.lines, typical=TYPICAL)
        return f"Now some samples from all over the text.\n\n{cell}"
    typical = QUOTES if ASK in now.steps else "[]"
    telling = TELLING.replace("$typical", typical)
    answer = task.pen.answer(telling, shown="", named=NAMED, total=f"{now.lines:,}")
    return f"That is what can be said honestly.\n\n{answer}"
