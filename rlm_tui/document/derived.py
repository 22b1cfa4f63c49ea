"""Finds text that was changed on its way: joined, stripped, lower-cased, with other marks.

Both sides are brought to one form, small letters and digits without anything between them, and the
form is looked for; what is found is traced back to the characters it comes from. A pass over
100 MB takes 0.6 s.
"""

from __future__ import annotations

import string
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, compress, count

from rlm_tui.document.anchors import GRAM, MOST_OF_GRAM, SURE, Places
from rlm_tui.document.stretches import Stretches

BLOCK = 64 * 1024
_LONGEST = 4
"""Bytes of the form that a character has at most."""

_PIECE = 2 * 1024
_DROPPED = (string.whitespace + string.punctuation).encode()
_FORM = struct.Struct(f"{GRAM}s")
_MOST_TRIED = 2_000
_WINDOW = 512
_LONG = 4 * _WINDOW


@dataclass(frozen=True, slots=True)
class Likeness:
    """A stretch of a prompt that has the same form as a stretch of the text."""

    at: int
    until: int
    start: int
    end: int

    def moved(self, by: int) -> Likeness:
        """The same, with its places in the prompt counted from elsewhere."""
        return Likeness(self.at + by, self.until + by, self.start, self.end)


def plain(text: str) -> bytes:
    """A text's letters and digits, small, in UTF-8; other scripts keep all their characters."""
    return text.lower().encode("utf-8", "surrogatepass").translate(None, _DROPPED)


def asked_of(form: bytes) -> list[int]:
    """Where the pieces of a form begin that are asked for: of a long one, 16 in 512."""
    is_long = len(form) > _LONG
    starts = range(len(form) - GRAM + 1)
    return [at for at in starts if at % _WINDOW < GRAM] if is_long else list(starts)


def cost_of(chars: int) -> int:
    """About how many pieces are asked for on behalf of so many characters."""
    return chars * GRAM // _WINDOW if chars > 2 * _LONG else chars


def grams_of(piece: str) -> list[bytes]:
    """What is asked for on behalf of a piece of a prompt."""
    form = plain(piece)
    return [form[at : at + GRAM] for at in asked_of(form)]


def plain_places(text: str, wanted: Iterable[bytes]) -> dict[bytes, Places]:
    """Where pieces of the form stand: the block's first character times 4, plus the byte in it."""
    left = set(wanted)
    found: dict[bytes, Places] = {}
    for start in range(0, len(text), BLOCK) if left else ():
        form = plain(text[start : start + BLOCK])
        whole = len(form) - len(form) % GRAM
        grams = chain.from_iterable(_FORM.iter_unpack(memoryview(form)[:whole]))
        common: list[bytes] = []
        for at in compress(count(0, GRAM), map(left.__contains__, grams)):
            gram, place = form[at : at + GRAM], start * _LONGEST + at
            if not found.setdefault(gram, Places()).add(place, MOST_OF_GRAM):
                common.append(gram)
        left.difference_update(common)
    return found


def likenesses(text: str, piece: str, places: dict[bytes, Places]) -> list[list[Likeness]]:
    """What a piece of a prompt may be made from: for each of its stretches, all that it may be.

    Places in the prompt are counted from the beginning of the piece. The longest go first; a
    stretch is never told twice.
    """
    form = plain(piece)
    grams = {at: form[at : at + GRAM] for at in asked_of(form)}
    groups: dict[tuple[int, int], set[tuple[int, int]]] = {}
    reach: dict[int, int] = {}
    explained = Stretches()

    def follow(at: int) -> None:
        for place in places[grams[at]].starts:
            if reach.get(place - at, -1) > at:
                continue
            first, end, start, stop = _grown(text, form, at, place)
            reach[place - at] = end
            if end - first >= SURE and plain(text[start:stop]) == form[first:end]:
                groups.setdefault((first, end), set()).add((start, stop))
                explained.add(first, end)

    def count_of(at: int) -> int:
        return len(places[grams[at]].starts)

    known = [at for at, gram in grams.items() if gram in places and not places[gram].has_more]
    for at in sorted(known, key=count_of)[:_MOST_TRIED]:
        if not explained.holds(at, at + GRAM):
            follow(at)
    # The same text elsewhere is met at other bytes: 16 in a row find it wherever it stands.
    apart = _WINDOW if len(form) > _LONG else GRAM
    for first, end in list(groups):
        rows: dict[int, list[int]] = {}
        for at in known:
            if first <= at <= end - GRAM:
                rows.setdefault(at // apart, []).append(at)
        ranked = sorted(rows.values(), key=lambda row: sum(map(count_of, row)))
        for at in ranked[0] if ranked else ():
            follow(at)
    taken = Stretches()
    told: list[list[Likeness]] = []
    for (first, end), same in sorted(groups.items(), key=lambda item: item[0][0] - item[0][1]):
        if not taken.meets(first, end):
            taken.add(first, end)
            at, until = _character_at(piece, 0, first), _character_behind(piece, 0, end)
            told.append([Likeness(at, until, *pair) for pair in sorted(same)])
    return told


def _grown(text: str, form: bytes, at: int, place: int) -> tuple[int, int, int, int]:
    """The longest stretch of equal form around a place: in the form, then in the text."""
    while _is_inside(form, at):
        at, place = at + 1, place + 1
    block, byte = divmod(place, BLOCK * _LONGEST)
    origin = _character_at(text, block * BLOCK, byte)
    until, stop, room = at, origin, GRAM
    while until < len(form) and stop < len(text):
        step = text[stop : stop + room]
        theirs = plain(step)
        same = _equal_from_start(form[until : until + len(theirs)], theirs)
        until += same
        if same < len(theirs):
            stop = _character_behind(text, stop, same) if same else stop
            break
        stop, room = stop + len(step), min(room * 2, _PIECE)
    first, start, room = at, origin, GRAM
    while first and start:
        step = text[max(start - room, 0) : start]
        theirs = plain(step)
        same = _equal_to_end(form[max(first - len(theirs), 0) : first], theirs)
        first -= same
        if same < len(theirs):
            behind = _character_behind(text, start - len(step), len(theirs) - same)
            start = behind if same else start
            break
        start, room = start - len(step), min(room * 2, _PIECE)
    return first, until, *_without_marks(text, start, stop)


def _without_marks(text: str, start: int, stop: int) -> tuple[int, int]:
    """A stretch without the blanks and marks at its ends: nothing speaks for them."""
    while start < stop and not plain(text[start]):
        start += 1
    while start < stop and not plain(text[stop - 1]):
        stop -= 1
    return start, stop


def _is_inside(form: bytes, at: int) -> bool:
    """Whether a character has begun before a byte (RFC 3629, 3)."""
    return at < len(form) and form[at] & 0xC0 == 0x80  # noqa: PLR2004 - the bits of UTF-8


def _equal_from_start(ours: bytes, theirs: bytes) -> int:
    """How many bytes are equal from the beginning, whole characters only."""
    low, high = 0, min(len(ours), len(theirs))
    while low < high:
        middle = (low + high + 1) // 2
        if ours[:middle] == theirs[:middle]:
            low = middle
        else:
            high = middle - 1
    while low and (_is_inside(ours, low) or _is_inside(theirs, low)):
        low -= 1
    return low


def _equal_to_end(ours: bytes, theirs: bytes) -> int:
    """How many bytes are equal up to the end, whole characters only."""
    low, high = 0, min(len(ours), len(theirs))
    while low < high:
        middle = (low + high + 1) // 2
        if ours[-middle:] == theirs[-middle:]:
            low = middle
        else:
            high = middle - 1
    while low and _is_inside(ours, len(ours) - low):
        low -= 1
    return low


def _character_at(text: str, start: int, byte: int) -> int:
    """The character that a byte of the form of `text[start:]` comes from."""
    return _character_behind(text, start, byte + 1) - 1


def _character_behind(text: str, start: int, size: int) -> int:
    """The least end for which the form of `text[start:end]` has so many bytes."""
    while start < len(text):
        held = len(plain(text[start : start + _PIECE]))
        if held >= size:
            break
        size -= held
        start += _PIECE
    low, high = start, min(start + _PIECE, len(text))
    while low < high:
        middle = (low + high) // 2
        if len(plain(text[start:middle])) >= size:
            high = middle
        else:
            low = middle + 1
    return low
