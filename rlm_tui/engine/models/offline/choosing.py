"""Which lines count: the filters of a question, as regexes, and the code that applies them."""

from __future__ import annotations

import re

from rlm_tui.engine.models.offline.pen import table
from rlm_tui.engine.models.offline.shape import Field
from rlm_tui.engine.models.offline.task import Task
from rlm_tui.engine.models.offline.words import Term

FILTERING = r"""# Only the lines that have these words, too; what no line has is left out, and told
used, unused = [], []
# ((?<![^\W_]) and (?![^\W_]): no letter or digit stands beside it)
for word, regex in $table.items():
    having = [hit for hit in hits if re.search(regex, hit[1], re.IGNORECASE)]
    (used if having else unused).append(word)
    hits = having or hits
"""


UNUSED = """\
if used:
    first += f" (those with {' and '.join(used)})"
if unused:
    first = f"No such line has {' or '.join(unused)}. Without that: {first}"
"""


def filtering(task: Task, filters: list[Term]) -> str:
    """Code that narrows `hits` and fills `used` and `unused`; empty when there is no condition."""
    regexes = line_regexes(task, filters)
    return FILTERING.replace("$table", table(regexes)).rstrip() if regexes else ""


def heeding(task: Task, filters: list[Term]) -> str:
    """Code that says in `first` which conditions it heeds, and takes it back where one failed."""
    return UNUSED.rstrip() if line_regexes(task, filters) else ""


def line_regexes(task: Task, filters: list[Term]) -> dict[str, str]:
    """A regex for each condition on a line, by the words of the question that state it."""
    regexes = {thing.many: f"(?-i:{thing.pattern})" for thing in task.question.also}
    at = 0
    while at < len(filters):
        term = filters[at]
        following = filters[at + 1] if at + 1 < len(filters) else None
        named = task.shape.field_for([term.word])
        if named and following and not term.names and not task.shape.field_for([following.word]):
            regexes[f"{term.word} {following.word}"] = with_value(named, following)
            at += 2
            continue
        status = task.shape.field_for(["status"])
        if status and _is_about_requests(task) and re.fullmatch(r"[1-5]\d\d", term.word):
            regexes[f"status {term.word}"] = with_value(status, term)
        elif not term.names:
            regexes[term.word] = term.regex
        at += 1
    return regexes


def _is_about_requests(task: Task) -> bool:
    things = [task.question.thing, *task.question.also]
    return any(thing is not None and thing.one == "request" for thing in things)


def with_value(named: Field, value: Term) -> str:
    """The regex of a field that has this value."""
    group = re.search(r"(?<!\\)\((?!\?)", named.regex)
    if group is None:
        return value.pattern
    close, depth = group.end(), 1
    while depth:
        char = named.regex[close]
        if char == "\\":
            close += 1
        depth += {"(": 1, ")": -1}.get(char, 0)
        close += 1
    return named.regex[: group.start()] + r"\"?" + value.pattern + r"\"?" + named.regex[close:]


def phrase_regex(phrase: str) -> str:
    """Finds a phrase as whole words; only ends that are part of a word are bounded."""
    body = re.sub(r"(?:\\ )+", r"\\s+", re.escape(phrase.strip()))
    before = r"(?<!\w)" if re.match(r"\w", phrase.strip()) else ""
    after = r"(?!\w)" if re.search(r"\w$", phrase.strip()) else ""
    return before + body + after
