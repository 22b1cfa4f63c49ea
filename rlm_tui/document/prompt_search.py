"""One prompt while it is looked for: what is explained of it, and what is still open."""

from __future__ import annotations

from collections.abc import Iterable

from rlm_tui.document.anchors import Anchor, Places
from rlm_tui.document.derived import Likeness
from rlm_tui.document.line_numbers import LineNumbers
from rlm_tui.document.matching import Choice, Match, chosen, matches_of
from rlm_tui.document.settling import settled
from rlm_tui.document.spans import Located, Repeat, Span
from rlm_tui.document.stretches import Stretches


class PromptSearch:
    """What has come out about a prompt so far."""

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self._choices: list[Choice] = []
        self._matches: list[Match] = []
        self._alike: list[list[Likeness]] = []

    @property
    def is_bare(self) -> bool:
        """Whether nothing has been found."""
        return not self._choices and not self._alike

    def learn(self, text: str, anchors: Iterable[Anchor], least: int = 0) -> None:
        """Take the matches around anchors into account, if they have so many characters."""
        matches = matches_of(text, self.prompt, anchors)
        matches = [match for match in matches if match.until - match.at >= least]
        if matches:
            self._matches += matches
            self._choices = chosen(self.prompt, self._matches)

    def learn_alike(self, text: str, at: int, found: Iterable[list[Likeness]]) -> None:
        """Take likenesses of the stretch that begins at a place into account."""
        for same in found:
            moved = [one.moved(at) for one in same]
            exact = [one for one in moved if self._is_exact(text, one)]
            if exact:
                places = Places([one.start for one in exact])
                self.learn(text, [Anchor(exact[0].at, places)])
            else:
                self._alike.append(moved)

    def _is_exact(self, text: str, one: Likeness) -> bool:
        return text[one.start : one.end] == self.prompt[one.at : one.until]

    def open_stretches(self, least: int, *, by_lines: bool = False) -> list[tuple[int, int]]:
        """The stretches about which nothing is known, without blanks around them.

        Args:
            least: how many characters they have at least.
            by_lines: whether short parts of lines at the end of what is known are open, too.
        """
        known = Stretches(
            choice.lines if by_lines else (choice.at, choice.until) for choice in self._choices
        )
        for same in self._alike:
            known.add(same[0].at, same[0].until)
        found: list[tuple[int, int]] = []
        for at, until in known.outside(0, len(self.prompt)):
            piece = self.prompt[at:until]
            first, last = until - len(piece.lstrip()), at + len(piece.rstrip())
            if last - first >= least:
                found.append((first, last))
        return found

    def located(self, text: str, lines: LineNumbers) -> Located:
        """What has come out."""
        spans, repeats = settled(text, lines, self.prompt, self._choices)
        for same in self._alike:
            at, until = same[0].at, same[0].until
            if len(same) == 1:
                spans.append(Span(same[0].start, same[0].end, at, until, is_derived=True))
            else:
                repeats.append(Repeat(at, until, tuple(one.start for one in same)))
        spans.sort(key=lambda span: span.at)
        repeats.sort(key=lambda repeat: repeat.at)
        return Located(tuple(spans), tuple(repeats))
