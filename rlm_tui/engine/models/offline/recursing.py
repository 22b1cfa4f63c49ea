"""Several documents and a loop for each: every document is asked the question by an `rlm_query`."""

from __future__ import annotations

from rlm_tui.engine.models.offline.task import Task

RECURSE = "recurse"
MOST_DOCUMENTS = 8
"""Each document's loop makes some fourteen sub-calls of its own."""

ASKING = r"""
# Each document gets a loop and a REPL of its own
answers = rlm_query_batched([query] * len(context), list(context.values()))
for name, told in zip(context, answers):
    print(f"- {name}: {str(told).splitlines()[0][:150]}")
answered = sum(isinstance(told, str) for told in answers)
print(f"note: step=recurse documents={len(answers)} answered={answered}")
"""

TELLING = r"""
# Those that found an answer first; the others only if there is none
told = [(name, str(reply).split("\n")) for name, reply in zip(context, answers)]
nothing = ("Not ", "Nothing ", "No ", "no answer")
stated = [(name, lines) for name, lines in told if not lines[0].startswith(nothing)]
if len(stated) == 1:
    first = f"{stated[0][1][0]} ({stated[0][0]})"
elif stated:
    first = f"{len(stated)} of {len(context)} documents have an answer:"
else:
    first = "Not stated in the question's words in any document. Closest passages:"
more = []
for name, lines in stated or told:
    if len(stated) > 1:
        more.append(f"{name}: {lines[0]}")
    more += [f"  {name}, {line.strip()}" for line in lines if line.startswith("  line")][:2]
if not more:
    first = "Nothing found: no document has the question's words."
"""


def is_worth_it(task: Task) -> bool:
    """Whether the documents are asked one by one."""
    return task.now.can_recurse and 1 < len(task.now.names) <= MOST_DOCUMENTS


def plan(task: Task) -> str | None:
    """The next reply; None when no document's loop gave an answer."""
    if RECURSE not in task.now.steps:
        return f"I ask each document by itself.\n\n{task.pen.cell(ASKING)}"
    if not task.now.number("answered"):
        return None
    return f"Now the answers side by side.\n\n{task.pen.answer(TELLING, shown='')}"
