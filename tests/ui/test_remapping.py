from __future__ import annotations

import pytest

from rlm_tui.assemble import Engines
from rlm_tui.config import Settings
from rlm_tui.errors import UsageError
from rlm_tui.ui import keymap
from rlm_tui.ui.app import Opening, RlmApp
from rlm_tui.ui.remapping import PLACES, PRESETS, conflicts, remapped, tables
from rlm_tui.ui.widgets.key_bar import KeyBar
from tests.ui.conftest import finished
from tests.ui.test_debugger import head, what_follows


def keys_of(chosen, identity):
    return next(
        key.keys for table in tables(chosen).values() for key in table if key.id == identity
    )


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_names_actions_that_there_are(preset):
    known = {key.id for table in keymap.TABLES.values() for key in table}
    assert PRESETS[preset].keys() <= known


def test_every_table_acts_somewhere():
    assert {name for place in PLACES for name in place} >= keymap.TABLES.keys() - {"branching"}


def test_what_a_user_chose_comes_after_the_preset():
    chosen = remapped("pdb", {"step.over": "ctrl+y", "time.back": "<"} | {"time.slower": ";"})
    assert keys_of(chosen, "step.over") == "ctrl+y"
    assert keys_of(chosen, "step.out") == "r,shift+f11"
    assert keys_of(chosen, "time.back") == "less_than_sign"
    assert keys_of(chosen, "step.into") == "s,f11"


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"step.ovr": "n"}, "Did you mean step.over?"),
        ({"step.over": "s"}, "s would mean both step.into and step.over"),
        ({"step.over": "n"}, "n would mean both step.over and doc.next"),
        ({"step.over": "ctrl+nonsense"}, "is not the name of a key"),
    ],
    ids=["no such action", "taken", "taken in a pane", "no such key"],
)
def test_what_cannot_be_is_refused_in_words(keys, why):
    with pytest.raises(UsageError, match=r"config\.toml") as refused:
        remapped("default", keys)
    assert why in str(refused.value)


def test_a_conflict_names_the_key_and_both_actions():
    shown = tables({"step.over": "s"})
    assert ("s", "step.into", "step.over") in conflicts(shown)


async def test_a_remapped_key_acts_and_its_old_one_does_not(recording, script):
    settings = Settings(model=script, save=False, key_preset="pdb", keys={"step.into": "ctrl+y"})
    app = RlmApp(Engines(settings), settings, Opening(session=recording))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot, app)
        app.workspace.action_jump(0)
        await pilot.press("n", "n")
        await pilot.pause()
        assert what_follows(app) == "1.1 CodeStarted"
        position = head(app).position
        await pilot.press("s")
        await pilot.pause()
        assert head(app).position == position
        await pilot.press("ctrl+y")
        await pilot.pause()
        assert what_follows(app) == "2 ModelRequested"
        assert " n Over" in app.workspace.query_one(KeyBar).render().plain
        assert app.keys["debug"][1].keys == "n,f10"


@pytest.mark.parametrize("keys", [{"step.ovr": "n"}, {"step.over": "nokey"}, {"step.over": "s"}])
def test_what_is_refused_is_told_with_its_place(keys):
    with pytest.raises(UsageError, match=r"^here: ") as refused:
        remapped("default", keys, lambda identity: "here" if identity in keys else "elsewhere")
    assert "config.toml" not in str(refused.value)
