"""Numbers: percentiles, means and extremes of a field; the longest line or word."""

from __future__ import annotations

from rlm_tui.engine.models.offline.choosing import filtering, heeding
from rlm_tui.engine.models.offline.pen import raw
from rlm_tui.engine.models.offline.question import Measure
from rlm_tui.engine.models.offline.shape import Field
from rlm_tui.engine.models.offline.task import Task
from rlm_tui.engine.models.offline.words import Term

STEP = "measure"


def plan(task: Task) -> str | None:
    """The next reply; None when no field of the text is what the question measures."""
    question = task.question
    nouns = question.noun.split()
    named = task.shape.field_for(nouns, wants_number=True)
    if named is None:
        return None
    meant = [term for term in question.filters if task.shape.field_for([term.word]) is not named]
    group = task.shape.field_for([question.group]) if question.group else None
    if question.group and group is None:
        return None
    if group is not None and group is not named:
        return _by_group(task, named, group, meant)
    if task.now.last_step != STEP:
        cell = task.pen.cell(
            """
            # The numbers of $name, each with its line
            import math, re
            pattern = $pattern
            hits = grep(pattern$text)$rows
            $filtering
            values = []
            for number, line in hits:
                for digits in re.findall(pattern, line):
                    if re.fullmatch(r"-?\\d+(\\.\\d+)?", digits.strip(' "')):
                        values.append((float(digits.strip(' "')), number, line))
            values.sort()
            if values:
                print(f"{len(values):,} values, from {values[0][0]:g} to {values[-1][0]:g}")
            print(f"note: step=measure found={len(values)}")
            """,
            name=named.label,
            pattern=raw(named.regex),
            rows="[1:]  # the first row names the columns" if task.shape.has_header else "",
            filtering=filtering(task, meant),
        )
        return f"The lines have {named.label}; I take its numbers out.\n\n{cell}"
    if not task.now.number("found"):
        return None
    return f"Sorted; now the answer.\n\n{_answer(task, named.label, meant)}"


_STATEMENTS: dict[Measure, tuple[str, str]] = {
    "percentile": (
        """
# Nearest rank: the smallest value that at least $percent % of the values do not exceed
at = max(math.ceil($percent / 100 * len(values)), 1) - 1
first = f"{values[at][0]:g} is the $label of $name ({len(values):,} values)"
$heeding
more = ["(nearest rank: the smallest value that at least $percent % of the values do not exceed)"]
""",
        "[values[at][1:]]",
    ),
    "mean": (
        """
value = math.fsum(v for v, _, _ in values) / len(values)
first = f"{value:.6g} is the mean of $name ({len(values):,} values)"
$heeding
more = [f"(the smallest is {values[0][0]:g}, the largest {values[-1][0]:g})"]
""",
        "[values[0][1:], values[-1][1:]]",
    ),
    "sum": (
        """
value = math.fsum(v for v, _, _ in values)
first = f"{value:,.10g} is the sum of $name ({len(values):,} values)"
$heeding
""",
        "[values[0][1:], values[-1][1:]]",
    ),
    "maximum": (
        """
value = values[-1][0]
same = [(number, line) for v, number, line in values if v == value]
times = f"{len(same):,} line{'s' * (len(same) != 1)}"
first = f"{value:g} is the largest $name ({len(values):,} values; {times} with this one)"
$heeding
""",
        "same[:4]",
    ),
}
_STATEMENTS["minimum"] = (
    _STATEMENTS["maximum"][0]
    .replace("values[-1][0]", "values[0][0]")
    .replace("largest", "smallest"),
    "same[:4]",
)
_MEDIAN = 50


def _answer(task: Task, name: str, filters: list[Term]) -> str:
    question = task.question
    percent = f"{question.percent:g}"
    statements, shown = _STATEMENTS[question.measure]
    return task.pen.answer(
        statements,
        shown=shown,
        name=name,
        percent=percent,
        label="median" if question.percent == _MEDIAN else f"{percent}th percentile",
        heeding=heeding(task, filters),
    )


_PER_GROUP = {
    "sum": "math.fsum(values)",
    "mean": "math.fsum(values) / len(values)",
    "maximum": "max(values)",
    "minimum": "min(values)",
    "percentile": "sorted(values)[max(math.ceil($percent / 100 * len(values)), 1) - 1]",
}
_GROUPING = """
# The numbers of $name for each $group
import math, re
hits = grep($number$text)$rows
$filtering
groups, begins = {}, {}
for number, line in hits:
    key, digits = re.search($key, line), re.search($number, line)
    if key and digits and re.fullmatch(r"-?\\d+(\\.\\d+)?", digits[1].strip(' "')):
        groups.setdefault(key[1].strip(' "'), []).append(float(digits[1].strip(' "')))
        begins.setdefault(key[1].strip(' "'), (number, line))
told = {key: $measure for key, values in groups.items()}
ranked = sorted(told.items(), key=lambda pair: pair[1], reverse=$reverse)
for key, value in ranked[:10]:
    print(f"{value:12,.2f}  {key}  ({len(groups[key]):,} values)")
print(f"note: step=measure found={len(ranked)}")
"""


def _by_group(task: Task, named: Field, group: Field, filters: list[Term]) -> str | None:
    """Which group has the largest or smallest sum, mean, … of a field."""
    question = task.question
    if task.now.last_step != STEP:
        cell = task.pen.cell(
            _GROUPING.replace("$measure", _PER_GROUP[question.measure]),
            name=named.label,
            group=group.label,
            number=raw(named.regex),
            key=raw(group.regex),
            percent=f"{question.percent:g}",
            rows="[1:]  # the first row names the columns" if task.shape.has_header else "",
            reverse=not question.is_least,
            filtering=filtering(task, filters),
        )
        return f"I take the {named.label} of each {group.label} together.\n\n{cell}"
    if not task.now.number("found"):
        return None
    edge = "smallest" if question.is_least else "largest"
    statements = f"""
best = [key for key, value in ranked if value == ranked[0][1]]
value = f"{{ranked[0][1]:,.10g}}"
first = f"{{' and '.join(best)}}: {{value}} is the {edge} {question.measure} of {named.label}"
$heeding
more = [
    f"{{at}}. {{key}}: {{value:,.10g}} ({{len(groups[key]):,}} values)"
    for at, (key, value) in enumerate(ranked[:10], 1)
]"""
    answer = task.pen.answer(
        statements, shown="[begins[key] for key in best[:3]]", heeding=heeding(task, filters)
    )
    return f"Compared; now the answer.\n\n{answer}"


_PIECES = {
    "line": """[
    (len(line), number, line) for number, line in enumerate($body.split("\\n"), 1) if line
]""",
    "word": r"""[
    (len(word), number, word)
    for number, line in enumerate($body.split("\n"), 1)
    for word in re.findall(r"[^\W\d_][\w'\u2019-]*", line)
]""",
    "sentence": r"""[
    (len(m[0]), $body.count("\n", 0, m.start()) + 1, " ".join(m[0].split()))
    for m in re.finditer(r"[^\s.!?][^.!?]*[.!?]", $body)
]""",
    "paragraph": r"""[
    (len(m[0]), $body.count("\n", 0, m.start()) + 1, " ".join(m[0].split()))
    for m in re.finditer(r"\S(?:.|\n(?!\s*\n))*", $body)
]""",
}


_SIZING = """
# Every $what with its length
import re
sized = $pieces
length = $edge(sized)[0] if sized else 0
hits = [(number, piece) for size, number, piece in sized if size == length]
print(f"the $word has {length:,} characters; {len(hits):,} of this length")
print(f"note: step=extreme found={len(hits)}")
"""


def extreme(task: Task) -> str | None:
    """The longest or shortest line, word, sentence or paragraph."""
    question = task.question
    what = question.thing.one if question.thing else "line"
    word = "shortest" if question.is_least else "longest"
    if task.now.last_step != "extreme":
        cell = task.pen.cell(
            _SIZING.replace("$pieces", _PIECES[what]),
            what=what,
            edge="min" if question.is_least else "max",
            word=word,
        )
        return f"I measure every {what}.\n\n{cell}"
    if not task.now.number("found"):
        return None
    answer = task.pen.answer(_LONGEST_WORD if what == "word" else _LONGEST, what=what, word=word)
    return f"Measured; now the answer.\n\n{answer}"


_LONGEST_WORD = """
same = list(dict.fromkeys(piece for _, piece in hits))
first = f"{same[0]} is the $word word, with {length:,} characters"
if len(same) > 1:
    tied = ", ".join(same[:10])
    first = f"A tie of {len(same):,} words with {length:,} characters: {tied}"
"""
_LONGEST = """
number = hits[0][0]
first = f"$place is the $word $what, with {length:,} characters"
if len(hits) > 1:
    first = f"A tie of {len(hits):,}: {length:,} characters each, the first in $place"
"""
