from __future__ import annotations

import pytest

from rlm_tui.ui import dialog_keys
from rlm_tui.ui.key import Key

TABLES = {name: value for name, value in vars(dialog_keys).items() if name.isupper()}
TYPED = {"EDITING", "ANSWERING", "JUDGING"}
"""The dialogs in which one types, so that they may have no printable key."""


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_made_of_keys(name):
    assert all(isinstance(key, Key) for key in TABLES[name] if name[0] != "_")


@pytest.mark.parametrize("name", sorted(TYPED))
def test_where_one_types_every_printable_key_is_a_letter_of_the_text(name):
    for key in TABLES[name]:
        for sign in key.keys.split(","):
            assert "+" in sign or sign[0] == "f"
