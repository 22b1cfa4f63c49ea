"""Hostile model code against every combination of layers, as root and as an ordinary user."""

from __future__ import annotations

import json
import secrets
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.repl.attacks import ATTACKS, FOR_ROOT_OR_WHERE_THE_SYSTEM_LETS, FORGERS, FUTILE
from tests.repl.escaping import CANARY
from tests.repl.monty_attacks import DOORS
from tests.repl.users import USERS, Somebody

LAYERS = {
    "all layers": ("ns+landlock+seccomp", []),
    "no namespaces": ("landlock+seccomp", ["ns"]),
    "no landlock": ("ns+seccomp", ["landlock"]),
}


@pytest.fixture(scope="session")
def attacked(tmp_path_factory):
    """What becomes of every attack, by user, mode and layers left out; asked for once each."""
    folder = tmp_path_factory.mktemp("for all")

    @cache
    def made(user: str, mode: str, *left_out: str) -> dict[str, Any]:
        canary = {CANARY: secrets.token_hex(16)}
        somebody = Somebody(user, Path(folder))
        return json.loads(somebody.run("-m", "tests.repl.escaping", mode, *left_out, **canary))

    return made


@pytest.fixture(params=USERS)
def user(request):
    return request.param


@pytest.fixture(params=LAYERS.values(), ids=LAYERS)
def jailed(request, attacked, user):
    layers, left_out = request.param
    told = attacked(user, "auto", *left_out)
    if told["layers"] != layers:
        pytest.skip(f"this system grants {told['layers']} only")
    return told


def test_there_are_as_many_attacks_as_were_promised():
    assert len(ATTACKS | FUTILE | FORGERS) == len(ATTACKS) + len(FUTILE) + len(FORGERS) >= 40


@pytest.mark.parametrize("attack", ATTACKS)
def test_where_there_is_no_jail_model_code(attacked, user, attack):
    """So nothing else is what stops it in the jail."""
    told = attacked(user, "off")
    assert told["layers"] == "off"
    result = told["results"][attack]
    if attack in FOR_ROOT_OR_WHERE_THE_SYSTEM_LETS and not result["escaped"]:
        pytest.skip("something else stops it on this system")
    assert result["escaped"], result["out"]


@pytest.mark.parametrize("attack", ATTACKS | FUTILE)
def test_in_the_jail_no_model_code(jailed, attack):
    result = jailed["results"][attack]
    assert not result["escaped"], result
    assert result["arrived"] == []


@pytest.mark.parametrize("attack", FORGERS)
def test_its_worker_ends_when_model_code(jailed, attack):
    result = jailed["results"][attack]
    assert result["outcome"] == "killed"
    assert "not of the protocol" in result["out"]


def test_no_file_of_the_user_was_touched(jailed):
    assert jailed["is_unchanged"]


def test_neither_the_zygote_nor_another_repl_was_harmed(jailed):
    assert jailed["bystander"].startswith("1\n")
    assert jailed["spawned_after"].startswith("'alive'\n")


def test_what_is_printed_cannot_drive_the_terminal(jailed):
    assert jailed["shown"].startswith("␛]0;title␇␛[2J\ufffd31m␍␈\n")


def test_without_forks_there_is_no_checkpoint_and_the_rest_holds(attacked, user):
    told = attacked(user, "strict")
    assert not told["has_checkpoints"]
    assert [name for name, result in told["results"].items() if result["escaped"]] == []


IN_MONTY = {
    "behind all layers": [],
    "behind landlock and seccomp": ["ns"],
    "behind nothing": ["ns", "landlock", "seccomp"],
}


@pytest.mark.parametrize("left_out", IN_MONTY.values(), ids=IN_MONTY)
@pytest.mark.parametrize("attack", ATTACKS | FUTILE | DOORS)
def test_in_monty_no_model_code(attacked, user, left_out, attack):
    told = attacked(user, "monty", *left_out)
    result = told["results"][attack]
    assert not result["escaped"], result
    assert result["arrived"] == []
    assert result["outcome"] in {"ok", "error"}, result


@pytest.mark.parametrize("left_out", IN_MONTY.values(), ids=IN_MONTY)
def test_monty_leaves_everything_as_it_was(attacked, user, left_out):
    told = attacked(user, "monty", *left_out)
    assert told["layers"].startswith("monty")
    assert told["is_unchanged"]
    assert told["bystander"].startswith("1\n")
    assert told["spawned_after"].startswith("'alive'\n")
    assert told["shown"].startswith("␛]0;title␇␛[2J")
