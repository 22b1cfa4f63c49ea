"""What all dialogs have in common: escape closes them, and they close once."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.events import Key
from textual.screen import ModalScreen, ScreenResultType

from rlm_tui.ui import keymap


class Dialog(ModalScreen[ScreenResultType]):
    """A screen in front of another that ends with a result."""

    BINDINGS: ClassVar[list[BindingType]] = [*keymap.bindings(keymap.DIALOG)]

    def conclude(self, result: ScreenResultType) -> None:
        """Close with a result.

        A second key or click that was on its way does nothing: Textual's `dismiss` would close
        the screen behind.
        """
        if self.is_active:
            self.dismiss(result)

    def take_key(self, event: Key) -> bool:  # noqa: ARG002 - for those who take keys
        """Take a key that was typed ahead, before the dialog was there; whether it was taken."""
        return False
