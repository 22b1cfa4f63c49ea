from __future__ import annotations

from rlm_tui.document.anchors import Anchor, Places
from rlm_tui.document.derived import Likeness
from rlm_tui.document.line_numbers import LineNumbers
from rlm_tui.document.prompt_search import PromptSearch

TEXT = "".join(f"line {number} of the text, {number * 7919} in all\n" for number in range(100))
LINE = TEXT.splitlines()[7]


def searched() -> PromptSearch:
    search = PromptSearch(
        f"Explain this line of the log, please:\n{LINE}\nIn one sentence, please."
    )
    at = search.prompt.index(LINE)
    search.learn(TEXT, [Anchor(at, Places([TEXT.index(LINE)]), is_line=True, length=len(LINE))])
    return search


def test_at_first_everything_is_open():
    search = PromptSearch("  a prompt that nothing is known about  ")
    assert search.is_bare
    assert search.open_stretches(8) == [(2, 38)]
    assert not search.open_stretches(60)


def test_what_was_learnt_is_open_no_more():
    search = searched()
    assert not search.is_bare
    pieces = [search.prompt[at:until] for at, until in search.open_stretches(8)]
    assert pieces == ["Explain this line of the log, please:", "In one sentence, please."]


def test_a_match_that_is_shorter_than_asked_for_is_not_learnt():
    search = PromptSearch(LINE)
    search.learn(TEXT, [Anchor(0, Places([TEXT.index(LINE)]))], least=1_000)
    assert search.is_bare


def test_likenesses_are_told_as_derived_or_as_repeated():
    search = searched()
    search.learn_alike(
        TEXT, 0, [[Likeness(0, 10, 300, 312)], [Likeness(11, 20, 1, 9), Likeness(11, 20, 50, 58)]]
    )
    located = search.located(TEXT, LineNumbers(TEXT))
    derived = [span for span in located.spans if span.is_derived]
    assert [(span.start, span.end) for span in derived] == [(300, 312)]
    assert [repeat.starts for repeat in located.repeats] == [(1, 50)]
    assert [span.at for span in located.spans] == sorted(span.at for span in located.spans)
