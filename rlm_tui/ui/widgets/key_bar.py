"""The last row: the keys that do something now, clickable.

Textual's Footer has a widget for every key and makes them anew whenever the focus moves, 16 ms of
the first frame here; this is one widget.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.binding import ActiveBinding
from textual.events import Click
from textual.widget import Widget

from rlm_tui.ui.widgets.meanings import Meanings


class KeyBar(Widget):
    """Shows the active bindings that ask to be shown, in their order, as many as fit."""

    def __init__(self) -> None:
        super().__init__()
        self._meaning = Meanings(self)
        self._places: list[tuple[range, ActiveBinding]] = []
        """The cells of each key."""
        self._offered: tuple[str, ...] = ()

    def offer(self, ids: Sequence[str]) -> None:
        """Show the keys of these bindings first, in this order, before those always shown."""
        if tuple(ids) != self._offered:
            self._offered = tuple(ids)
            self.refresh()

    def on_mount(self) -> None:
        """Follow the bindings of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._renew)  # pyright: ignore[reportUnknownMemberType]

    def _renew(self, _screen: object) -> None:
        self.refresh()

    def render(self) -> Text:
        """One row."""
        text = Text(" ", no_wrap=True, overflow="ellipsis")
        self._places.clear()
        for active in self._shown():
            binding, start = active.binding, text.cell_len
            text.append(self.app.get_key_display(binding), self._meaning("key"))  # pyright: ignore[reportUnknownMemberType]
            text.append(f" {binding.description}", self._meaning())
            if text.cell_len > self.size.width:
                text.truncate(start)
                break
            self._places.append((range(start, text.cell_len), active))
            text.append("  ")
        return text

    def _shown(self) -> list[ActiveBinding]:
        """The first binding of each action that is offered or asks to be shown."""
        found: dict[str, ActiveBinding] = {}
        active = [each for each in self.screen.active_bindings.values() if each.enabled]
        by_id = {each.binding.id: each for each in reversed(active)}
        offered = [by_id[name] for name in self._offered if name in by_id]
        for each in (*offered, *(each for each in active if each.binding.show)):
            found.setdefault(each.binding.action, each)
        return list(found.values())

    async def on_click(self, event: Click) -> None:
        """Do what the key under the mouse does."""
        for cells, active in self._places:
            if event.x in cells:
                await self.app.run_action(active.binding.action, active.node)  # pyright: ignore[reportUnknownMemberType]
