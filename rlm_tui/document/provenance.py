"""Which parts of a text stand in a prompt: verbatim, or with only blanks, marks and case changed.

What is found is equal text, compared in full. Found is every verbatim stretch of 32 characters and
every whole line of 16; text that the document holds at several places is told as such, unless a
line number before it or what stands next to it says which is meant. Where nothing is found it is
not known what a prompt was made from, which does not mean that nothing of the text is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from rlm_tui.document import derived
from rlm_tui.document.anchors import GRAM, SURE, Anchor, Grams, Places, find_places, line_places
from rlm_tui.document.line_numbers import LineNumbers
from rlm_tui.document.matching import LINE
from rlm_tui.document.prompt_lines import (
    Lines,
    cores_of,
    lines_of,
    listed_lines_of,
    some_lines_of,
)
from rlm_tui.document.prompt_search import PromptSearch
from rlm_tui.document.spans import Located

_BATCH = 32_000_000
"""Characters of prompts that are looked for together."""

_MANY = 2_000_000
"""Characters of prompts from which on it saves time to look for some lines of each first."""

_FEW = 20
"""Pieces up to which it takes less time to find each than to pass over the text for all."""

_MOST_GRAMS = 1_000_000
"""Pieces that a pass asks for; they take about 100 MB."""

_PASSED_OVER = 400_000_000
"""Characters of text that may be passed over to ask for every character of the prompts: 2.5 s."""

_WINDOW = 512
"""A stretch twice as long is found when it is asked for once in so many characters."""

_LONG = 256
"""Characters of a stretch that is taken for one piece of the text, changed or not."""

_LEAST_DERIVED = 48
"""Of a prompt that holds nothing verbatim, stretches from this length on may be changed text."""

_MOST_KNOWN = 100_000
_LONGEST_KNOWN = 4_096

_Stretch = tuple[PromptSearch, int, int]
_Piece = tuple[PromptSearch, int, str]


class Locator:
    """Finds prompts in one document. Blocks; for one thread at a time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = LineNumbers(text)
        self._grams = Grams(text)
        self._foreign: dict[str, None] = {}
        """Stretches of prompts that are known not to be from the text: the task, the question."""

    def locate(self, prompts: Sequence[str]) -> list[Located]:
        """What is known about each prompt, in order. Many at once cost little more than one."""
        found: dict[str, Located] = {}
        batch: list[PromptSearch] = []
        size = 0
        for prompt in dict.fromkeys(prompts):
            batch.append(PromptSearch(prompt))
            size += len(prompt)
            if size > _BATCH:
                self._search(batch, found)
                batch, size = [], 0
        self._search(batch, found)
        return [found[prompt] for prompt in prompts]

    def _search(self, batch: list[PromptSearch], found: dict[str, Located]) -> None:
        """From what is cheap and explains much to what is dear and explains the rest."""
        if sum(len(search.prompt) for search in batch) > _MANY:
            self._by_lines(batch, some_lines_of)
        self._by_lines(batch, lines_of)
        self._by_lines(batch, listed_lines_of)
        self._long(batch)
        self._changed(batch)
        self._short(batch)
        for search in batch:
            found[search.prompt] = search.located(self.text, self.lines)
            self._note_foreign(search)

    def _by_lines(self, batch: list[PromptSearch], lines: Callable[[str, int, int], Lines]) -> None:
        """Look for whole lines."""
        asked = [
            (search, at, line)
            for search, first, last in self._open(batch, LINE, by_lines=True)
            for at, line in lines(search.prompt, first, last)
        ]
        places = line_places(self.text, (line for _, _, line in asked))
        anchors: dict[PromptSearch, list[Anchor]] = {}
        for search, at, line in asked:
            if line in places:
                anchor = Anchor(at, places[line], is_line=True, length=len(line))
                anchors.setdefault(search, []).append(anchor)
        self._learn(anchors)

    def _long(self, batch: list[PromptSearch]) -> None:
        """Look for long stretches that hold no whole line."""
        starts = [
            (search, at)
            for search, first, last in self._open(batch, _WINDOW)
            for at in range(first, last - SURE, _WINDOW)
        ]
        if len(starts) <= _FEW:
            pieces = [(search, at, search.prompt[at : at + GRAM]) for search, at in starts]
            self._learn(self._found_alone(pieces), least=_LONG)
        else:
            windows = [(search, at, at + SURE - 1) for search, at in starts]
            for group in _grouped(windows):
                self._learn(self._found_together(group), least=_LONG)

    def _short(self, batch: list[PromptSearch]) -> None:
        """Look for what is left, wherever in a line it begins; too much of it stays unknown."""
        pieces = [
            (search, at, search.prompt[at : at + GRAM])
            for search, first, last in self._open(batch, SURE)
            for at in cores_of(first, last)
        ]
        if len({piece for _, _, piece in pieces}) <= _FEW:
            self._learn(self._found_alone(pieces))
        else:
            for group in self._affordable(self._open(batch, SURE)):
                self._learn(self._found_together(group))

    def _changed(self, batch: list[PromptSearch]) -> None:
        """Look for text of which blanks, marks or case were changed."""
        stretches = [
            stretch
            for search in batch
            for stretch in self._open([search], _LEAST_DERIVED if search.is_bare else _LONG)
        ]
        for group in self._affordable(stretches, derived.cost_of):
            asked = (
                gram
                for search, at, until in group
                for gram in derived.grams_of(search.prompt[at:until])
            )
            places = derived.plain_places(self.text, asked)
            for search, at, until in group if places else ():
                piece = search.prompt[at:until]
                search.learn_alike(self.text, at, derived.likenesses(self.text, piece, places))

    def _found_alone(self, pieces: Iterable[_Piece]) -> dict[PromptSearch, list[Anchor]]:
        known: dict[str, Places] = {}
        anchors: dict[PromptSearch, list[Anchor]] = {}
        for search, at, piece in pieces:
            if piece not in known:
                known[piece] = find_places(self.text, piece)
            anchors.setdefault(search, []).append(Anchor(at, known[piece]))
        return anchors

    def _found_together(self, stretches: Iterable[_Stretch]) -> dict[PromptSearch, list[Anchor]]:
        asked = [
            (search, at + index, gram)
            for search, at, until in stretches
            for index, gram in enumerate(self._grams.of(search.prompt[at:until]))
        ]
        places = self._grams.places(gram for _, _, gram in asked)
        anchors: dict[PromptSearch, list[Anchor]] = {}
        for search, at, gram in asked:
            if gram in places:
                anchors.setdefault(search, []).append(Anchor(at, places[gram]))
        return anchors

    def _learn(self, anchors: dict[PromptSearch, list[Anchor]], least: int = 0) -> None:
        for search, own in anchors.items():
            search.learn(self.text, own, least)

    def _affordable(
        self, stretches: list[_Stretch], cost_of: Callable[[int], int] = int
    ) -> Iterator[list[_Stretch]]:
        """Stretches for one pass each, without those that would take too many passes."""
        most = _MOST_GRAMS * max(_PASSED_OVER // max(len(self.text), 1), 1)
        kept: list[_Stretch] = []
        for search, at, until in sorted(stretches, key=lambda one: one[2] - one[1]):
            most -= cost_of(until - at)
            if most >= 0:
                kept.append((search, at, until))
        return _grouped(kept, cost_of)

    def _open(
        self, batch: Iterable[PromptSearch], least: int, *, by_lines: bool = False
    ) -> list[_Stretch]:
        """What is not explained, without what is known to be foreign."""
        return [
            (search, at, until)
            for search in batch
            for at, until in search.open_stretches(least, by_lines=by_lines)
            if search.prompt[at:until] not in self._foreign
        ]

    def _note_foreign(self, search: PromptSearch) -> None:
        for at, until in search.open_stretches(LINE):
            if until - at <= _LONGEST_KNOWN:
                self._foreign[search.prompt[at:until]] = None
        while len(self._foreign) > _MOST_KNOWN:
            del self._foreign[next(iter(self._foreign))]


def _grouped(
    stretches: Iterable[_Stretch], cost_of: Callable[[int], int] = int
) -> Iterator[list[_Stretch]]:
    """Stretches in groups that one pass can ask for."""
    group: list[_Stretch] = []
    size = 0
    for stretch in stretches:
        group.append(stretch)
        size += cost_of(stretch[2] - stretch[1])
        if size > _MOST_GRAMS:
            yield group
            group, size = [], 0
    if group:
        yield group
