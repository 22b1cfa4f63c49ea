"""How many: lines, occurrences of a phrase, things of a form, values of a field."""

from __future__ import annotations

from rlm_tui.engine.models.offline.choosing import (
    filtering,
    heeding,
    line_regexes,
    phrase_regex,
)
from rlm_tui.engine.models.offline.pen import raw, said
from rlm_tui.engine.models.offline.shape import Field
from rlm_tui.engine.models.offline.task import Task
from rlm_tui.engine.models.offline.things import BY_NAME, Thing

STEP = "count"

MANY = """\
def many(n, one, more):
    return f"{n:,} {one if n == 1 else more}"
"""

_WHOLE = {
    "line": (
        """
        # Only "\\n" ends a line; a last newline begins no further one
        total = $body.count("\\n") + (not $body.endswith("\\n"))
        blank = len(grep(r"^\\s*$$"$text))
        print(f"{total:,} lines, {blank:,} of them blank")
        print(f"note: step=count found={total}")
        """,
        "first = f\"{total:,} line{'s' * (total != 1)}, {total - blank:,} of them not blank.\"",
    ),
    "character": (
        """
        # Characters, not bytes
        total = len($body)
        letters = sum(map(str.isalpha, $body))
        print(f"note: step=count found={total}")
        """,
        'first = f"{total:,} characters, {letters:,} of them letters."',
    ),
    "word": (
        """
        # A word is letters, with apostrophes and hyphens inside
        import re
        from collections import Counter
        found = Counter(word.lower() for word in re.findall(r"[^\\W\\d_][\\w'\\u2019-]*", $body))
        total, different = found.total(), len(found)
        pieces = len($body.split())
        print(f"{total:,} words, {different:,} different ones")
        print(f"note: step=count found={total}")
        """,
        'first = f"{total:,} words ({pieces:,} pieces between white space, as wc counts them)."',
    ),
    "sentence": (
        """
        # A sentence ends in . ! or ? before white space
        import re
        total = len(re.findall(r"[.!?][\\"')\\]]*(?=\\s|$$)", $body))
        print(f"note: step=count found={total}")
        """,
        'first = f"{total:,} sentences, counted by their ends (., ! or ? before white space)."',
    ),
    "paragraph": (
        """
        # Paragraphs are parted by blank lines
        import re
        total = sum(bool(part.strip()) for part in re.split(r"\\n[ \\t]*\\n", $body))
        print(f"note: step=count found={total}")
        """,
        'first = f"{total:,} paragraphs, parted by blank lines."',
    ),
    "heading": (
        """
        # Headings: lines after #, or underlined with === or ---
        hits = [(number, title) for number, title, _ in sections($only_text) if title]
        total = len(hits)
        for number, title in hits[:8]:
            print(f"  $place: {title[:200]}")
        print(f"note: step=count found={total}")
        """,
        'first = f"{total:,} headings."',
    ),
}
_DIFFERENT_WORDS = 'first = f"{different:,} different words, in any case ({total:,} words in all)."'


def plan(task: Task) -> str | None:
    """The next reply; None when the question is rather an open one."""
    question = task.question
    if question.thing is not None and question.thing.one in _WHOLE and not question.filters:
        return _whole(task, question.thing.one)
    if question.wants_lines and question.span[0]:
        return _by_length(task)
    if question.phrase:
        return _phrase(task)
    is_unsure = task.now.last_step == STEP and bool(task.now.number("unused"))
    if question.thing is not None:
        # Prose may say in a sentence how many there are.
        if is_unsure and question.thing.unit == "match" and not task.shape.has_records:
            return None
        return _things(task, question.thing)
    named = task.shape.field_for([question.noun]) if question.noun else None
    if named is not None:
        return _values(task, named)
    if question.wants_lines or (task.shape.has_records and not is_unsure):
        return _things(task, BY_NAME["record"])
    return None


def _whole(task: Task, what: str) -> str:
    measuring, telling = _WHOLE[what]
    if task.now.last_step != STEP:
        return f"The whole text has to be counted.\n\n{task.pen.cell(measuring)}"
    if what == "word" and task.question.is_distinct:
        telling = _DIFFERENT_WORDS
    shown = "hits[:6]" if what == "heading" else ""
    return f"That is the answer.\n\n{task.pen.answer(telling, shown=shown)}"


def _by_length(task: Task) -> str:
    sign, (size, _) = task.question.noun, task.question.span
    if task.now.last_step != STEP:
        cell = task.pen.cell(
            """
            # Lines by their length in characters
            hits = [
                (number, line)
                for number, line in enumerate($body.removesuffix("\\n").split("\\n"), 1)
                if len(line) $sign $size
            ]
            for number, line in hits[:5]:
                print(f"  $place: {line[:200]}")
            print(f"note: step=count found={len(hits)}")
            """,
            sign=sign,
            size=size,
        )
        return f"I measure every line.\n\n{cell}"
    words = "longer" if sign == ">" else "shorter"
    answer = task.pen.answer(
        MANY
        + """
first = f"{many(len(hits), 'line is', 'lines are')} $words than $size characters."
""",
        words=words,
        size=size,
    )
    return f"Counted; now the answer.\n\n{answer}"


COUNTING_PHRASE = """
# $phrase as whole words, in any case; then written exactly so
import re
phrase = $phrase
pattern = $pattern
hits = grep(pattern, ignore_case=True$text)
times = len(re.findall(pattern, $body, re.IGNORECASE | re.MULTILINE))
exact = len(re.findall(pattern, $body, re.MULTILINE))
exact_lines = sum(bool(re.search(pattern, line)) for _, line in hits)
print(f"{times:,} times in {len(hits):,} lines; {exact:,} with these very letters")
for number, line in hits[:3]:
    print(f"  $place: {line[:200]}")
print(f"note: step=count found={times}")
"""
TELLING_LINES = (
    MANY
    + """
first = f"{many($number, 'line has', 'lines have')} '{phrase}'$where"
first += f" ({$other:,} $case; {many(times, 'time', 'times')} in all)."
"""
)
TELLING_TIMES = (
    MANY
    + """
first = f"'{phrase}' occurs {many($number, 'time', 'times')}"
first += f", in {many(len(hits), 'line', 'lines')} ({$other:,} $case)."
if not times:
    first = f"'{phrase}' does not occur: 0 times, in any case."
"""
)


def _phrase(task: Task) -> str:
    """Occurrences of a literal, or lines that have it."""
    question = task.question
    if task.now.last_step != STEP:
        pattern = phrase_regex(question.phrase)
        if question.anchor:
            pattern = f"^{pattern}" if question.anchor == "start" else rf"{pattern}\s*$"
        cell = task.pen.cell(COUNTING_PHRASE, phrase=said(question.phrase), pattern=raw(pattern))
        return f"I count {said(question.phrase)} by a pattern with word boundaries.\n\n{cell}"
    # Capitals are meant as they are written.
    is_upper = question.phrase.isupper() and len(question.phrase) > 1
    numbers = ("len(hits)", "exact_lines") if question.wants_lines else ("times", "exact")
    answer = task.pen.answer(
        TELLING_LINES if question.wants_lines else TELLING_TIMES,
        number=numbers[is_upper],
        other=numbers[not is_upper],
        case="in any case" if is_upper else "with these very letters",
        where={"start": " at its start", "end": " at its end", "": ""}[question.anchor],
    )
    return f"Counted; now the answer, with examples.\n\n{answer}"


def _things(task: Task, thing: Thing) -> str:
    """Things that are found by their form, perhaps only in certain lines."""
    question = task.question
    if task.now.last_step != STEP:
        fold = ".lower()" if thing.folds_case else ""
        flags = ", re.IGNORECASE" if thing.ignore_case else ""
        cell = task.pen.cell(
            """
            # Every $line
            import re
            from collections import Counter
            pattern = $pattern
            hits = grep(pattern$flag$text)
            $filtering
            found = Counter(
                item$fold for _, line in hits for item in re.findall(pattern, line$flags)
            )
            print(f"{found.total():,} in {len(hits):,} lines, {len(found):,} different")
            for number, line in hits[:3]:
                print(f"  $place: {line[:200]}")
            print(f"note: step=count found={len(hits)}$noted")
            """,
            line=thing.one if thing.unit == "line" else f"line that has {_a(thing.one)}",
            noted=" unused={len(unused)}" if line_regexes(task, question.filters) else "",
            pattern=raw(thing.pattern),
            filtering=filtering(task, question.filters),
            fold=fold,
            flag=", ignore_case=True" if thing.ignore_case else "",
            flags=flags,
        )
        return f"I look for {thing.many} by their form.\n\n{cell}"
    if thing.unit == "line" or question.wants_lines:
        first = "{many(len(hits), $one, $more)}"
    elif question.is_distinct:
        first = "{len(found):,} different $plain ({found.total():,} in all)"
    else:
        first = "{many(found.total(), $one, $more)} ({len(found):,} different)"
        first += ", in {many(len(hits), 'line', 'lines')}"
    answer = task.pen.answer(
        f'{MANY}\nfirst = f"{first}"\n$heeding',
        heeding=heeding(task, question.filters),
        one=repr(thing.one),
        more=repr(thing.many),
        plain=thing.many,
    )
    return f"Counted; now the answer, with examples.\n\n{answer}"


def _a(one: str) -> str:
    return f"an {one}" if one[0] in "aeioAEIHRU" and not one.startswith("U") else f"a {one}"


def _values(task: Task, named: Field) -> str:
    """The values of a field that the question names."""
    question = task.question
    rest = [term for term in question.filters if term.word != question.noun]
    if task.now.last_step != STEP:
        cell = task.pen.cell(
            """
            # The values of $name
            import re
            from collections import Counter
            pattern = $pattern
            hits = grep(pattern$text)$rows
            $filtering
            found = Counter(
                value.strip(' "') for _, line in hits for value in re.findall(pattern, line)
            )
            print(f"{len(found):,} different values in {len(hits):,} lines")
            print(found.most_common(5))
            print(f"note: step=count found={len(hits)}")
            """,
            name=said(named.label),
            pattern=raw(named.regex),
            rows="[1:]  # the first row names the columns" if task.shape.has_header else "",
            filtering=filtering(task, rest),
        )
        return f"The lines have {said(named.label)}, so I count its values.\n\n{cell}"
    first = f"{{len(found):,}} different values of {named.label}"
    first += " in {many(len(hits), 'line', 'lines')}"
    statements = f'{MANY}\nfirst = f"{first}"\n$heeding'
    answer = task.pen.answer(statements, heeding=heeding(task, rest))
    return f"Counted; now the answer.\n\n{answer}"
