"""Where: the lines of a phrase or a thing, the lines of a number, the place of a definition."""

from __future__ import annotations

import re

from rlm_tui.engine.models.offline.choosing import phrase_regex
from rlm_tui.engine.models.offline.pen import raw, said, table
from rlm_tui.engine.models.offline.task import Task

LOCATE, SHOW, DEFINE = "locate", "show", "define"
_SHOWN = 40

DEFINING = r"""
# The head of the definition, and what is said about it in a docstring
import re
number, line = hits[0]
head, _, rest = "\n".join(after[number]).partition(":\n")
docstring = re.match(r"\s*[rRuU]?(?:\"{3}|'{3})(.*?)(?:\"{3}|'{3}|\n\s*\n|\Z)", rest, re.DOTALL)
meaning = " ".join(docstring[1].split()) if docstring else ""
size = head.count("\n") + 1 + docstring[0].rstrip().count("\n") + 1 if docstring else 1
"""


_EACH = """[
    (number, line)
    for begin, end in zip(starts, [*starts[1:], text.count("\\n") + 2])
    for number, line in enumerate(
        lines(begin + {0}, min(begin + {1}, end - 1), text=text), begin + {0}
    )
]"""


def show(task: Task) -> str | None:
    """The lines of the numbers that the question names."""
    first, last = task.question.span
    last = min(max(last, first), first + _SHOWN - 1)
    if task.now.last_step != SHOW:
        cell = task.pen.cell(
            """
            # Lines count from 1
            hits = $lines
            for number, line in hits:
                print(f"  $place: {line[:240]}")
            print(f"note: step=show found={len(hits)}")
            """,
            lines=_EACH.format(first - 1, last - 1)
            if task.now.names
            else f"list(enumerate(lines({first}, {last}), {first}))",
        )
        return f"The REPL can show lines by their numbers.\n\n{cell}"
    if not task.now.number("found"):
        told = f"There is no line {first:,}: the text has {task.now.lines:,} lines."
        answer = task.pen.answer(f"first = {said(told)}", shown="")
    elif task.now.names:
        answer = task.pen.answer(f'first = "From line {first:,} of each document:"', shown="hits")
    elif first == last:
        answer = task.pen.answer("first = hits[0][1].strip() or '(an empty line)'")
    else:
        answer = task.pen.answer(f'first = f"Lines {first:,} to {{hits[-1][0]:,}}:"', shown="hits")
    return f"Here they are.\n\n{answer}"


def locate(task: Task) -> str | None:
    """The lines in which something stands."""
    if task.question.wants_when and task.shape.stamp is None:
        return None
    if task.now.last_step != LOCATE:
        return f"I look for the lines.\n\n{_locating(task)}"
    if not task.now.number("found"):
        return None
    return f"Found; now the answer.\n\n{_located(task)}"


LOCATING = """
# The words side by side; else the lines that have all of them, or as many as go together
import re
hits, missing = $first, []
# ((?<![^\\W_]) and (?![^\\W_]): no letter or digit stands beside it)
words = $words
if not hits:
    for word, regex in words.items():
        if hits:
            having = [hit for hit in hits if re.search(regex, hit[1], re.IGNORECASE)]
        else:
            having = grep(regex, ignore_case=True$text)
        if not having:
            missing.append(word)
        hits = having or hits
$narrowing
for number, line in hits[:3]:
    print(f"  $place: {line[:200]}")
print(f"note: step=locate found={len(hits)} missing={len(missing)}")
"""


def _locating(task: Task) -> str:
    question = task.question
    thing, filters = question.thing, question.filters
    form = raw(thing.pattern) if thing else ""
    if question.phrase:
        first, filters = f"grep({raw(phrase_regex(question.phrase))}, ignore_case=True$text)", []
    elif filters:
        phrase = phrase_regex(" ".join(term.word for term in filters))
        first = f"grep({raw(phrase)}, ignore_case=True$text)"
    else:
        first = f"grep({form}$text)"
    narrowing = f"hits = [hit for hit in hits if re.search({form}, hit[1])]" if thing else ""
    template = LOCATING.replace("$first", first.replace("$)", "$$)"))
    template = template.replace("$narrowing\n", f"{narrowing}\n" if narrowing and filters else "")
    return task.pen.cell(
        template, words=table({t.word: t.regex for t in filters if not t.names or t.is_exact})
    )


def _located(task: Task) -> str:
    index, word = {"first": (0, "first"), "last": (-1, "last")}.get(task.question.position, (0, ""))
    if word:
        shown = f"hits[{index}:][:1]" if index else "hits[:1]"
        statements = f"""
number, line = hits[{index}]
first = f"$place ({{len(hits):,}} such lines; this is the {word})"
"""
        stamp = task.shape.stamp
        if task.question.wants_when and stamp is not None:
            statements += f"""
when = re.search({raw(stamp.second)}, line)
first = f"{{when[1] if when else 'no time is given'}}: {{first}}"
"""
    else:
        shown = "hits[:12]"
        statements = """
number = hits[0][0]
first = f"$place" if len(hits) == 1 else "Lines " + ", ".join(
    f"{number:,}" for number, _ in hits[:30]
) + f" ({len(hits):,} lines)."
"""
        if task.now.names:
            statements = """
number = hits[0][0]
first = f"$place" if len(hits) == 1 else f"{len(hits):,} lines; the first is $place"
"""
    statements += """
if missing:
    first = f"No line has all the words ({', '.join(missing)} not used). Closest: {first}"
"""
    return task.pen.answer(statements.strip("\n"), shown=shown)


def define(task: Task) -> str | None:
    """Where a name is defined, in code or in a list of terms, and what stands there."""
    name = task.question.phrase
    if task.now.last_step != DEFINE:
        word = re.escape(name)
        cell = task.pen.cell(
            """
            # def, class, function …; else an assignment; else an entry in a list of terms
            hits = (
                grep($code$text)
                or grep($assigned$text)
                or grep($entry, ignore_case=True$text)
            )
            after = {number: lines(number, number + 14$text) for number, _ in hits[:6]}
            for number, line in hits[:6]:
                for number, line in enumerate(after[number][:6], number):
                    print(f"  $place: {line[:200]}")
            print(f"note: step=define found={len(hits)}")
            """,
            code=raw(
                rf"^[ \t]*(?:(?:export|public|private|static|async|pub|default)[ \t]+)*"
                rf"(?:def|class|function\*?|func|fn|struct|enum|interface|type|trait|module)"
                rf"[ \t]+{word}\b"
            ),
            assigned=raw(
                rf"^[ \t]*(?:(?:const|let|var|self\.)[ \t]*)?{word}(?:[ \t]*:[^=\n]+)?[ \t]*=(?!=)"
            ),
            entry=raw(
                rf"^[ \t]*(?:[-*•][ \t]+)?[\"'`*_]*{word}[\"'`*_]*(?:[ \t]*\([^)]*\))?[ \t]*"
                r"(?::|--|—|–|-[ \t]|=|is\b|means\b)"  # noqa: RUF001 - dashes
            ),
        )
        return f"I look for the place where {said(name)} is defined.\n\n{cell}"
    if not task.now.number("found"):
        return None
    asks_where = bool(re.search(r"\bwhere\b|\bline\b", task.question.text, re.IGNORECASE))
    statements = DEFINING
    if asks_where:
        statements += 'first = f"$place: {line.strip()}"\n'
    else:
        statements += "first = meaning or line.strip()\n"
    statements += """\
if len(hits) > 1:
    first += f" ({len(hits)} definitions of this name)"
"""
    shown = "[*enumerate(after[number][:size], number), *hits[1:4]]"
    return f"Found; now what stands there.\n\n{task.pen.answer(statements, shown=shown)}"
