from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given, settings

from rlm_tui.config import SETTING_TYPES, Settings, load
from rlm_tui.errors import UsageError
from rlm_tui.settings_file import listing, write
from tests.structs import instances


def test_every_setting_is_listed_with_its_value_and_where_it_came_from(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text('model = "openai/gpt-5"\n')
    shown = listing(*load({"max_cost": 2.5}, file=file, environ={"RLM_TUI_CACHE": "off"}))
    lines = {line.split()[0]: re.split(r"  +", line, maxsplit=2) for line in shown.splitlines()}
    assert list(lines) == list(SETTING_TYPES)
    assert lines["model"][1:] == ['"openai/gpt-5"', str(file)]
    assert lines["max_cost"][1:] == ["2.5", "flag"]
    assert lines["cache"][1:] == ["false", "environment"]
    assert lines["max_tokens"][1:] == ["not set", "default"]


@settings(max_examples=40, deadline=None)
@given(instances(Settings))
def test_a_setting_takes_one_line_whatever_its_value(chosen):
    shown = listing(chosen, dict.fromkeys(SETTING_TYPES, "flag"))
    assert shown.count("\n") == len(SETTING_TYPES)
    assert all(line.endswith(" flag") for line in shown.split("\n")[:-1])


def test_the_written_file_changes_nothing(tmp_path):
    file = tmp_path / "new" / "folder" / "config.toml"
    write(file)
    assert load({}, file=file, environ={})[1] == dict.fromkeys(SETTING_TYPES, "default")


def test_every_setting_of_the_written_file_can_be_taken_out_of_its_comment(tmp_path):
    file = tmp_path / "config.toml"
    write(file)
    text = file.read_text()
    assert re.findall(r"^# (\w+) = ", text, flags=re.MULTILINE) == list(SETTING_TYPES)
    with_values = [line for line in text.splitlines() if " = " in line and "..." not in line]
    file.write_text("\n".join(line.removeprefix("# ") for line in with_values))
    chosen, origins = load({}, file=file, environ={})
    assert chosen == Settings()
    assert {name for name, origin in origins.items() if origin == str(file)} == set(
        tomllib.loads(file.read_text())
    )


def test_settings_without_a_default_are_shown_without_a_value(tmp_path):
    file = tmp_path / "config.toml"
    write(file)
    assert "# api_base = ...\n" in file.read_text()


def test_a_file_that_is_there_is_left_as_it_is(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("max_depth = 2\n")
    with pytest.raises(UsageError, match="exists already and was left as it is"):
        write(file)
    assert file.read_text() == "max_depth = 2\n"


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "rlm-tui").write_text("")
    with pytest.raises(UsageError, match=r"/rlm-tui cannot be made: File exists\.$"):
        write(tmp_path / "rlm-tui" / "config.toml")


def test_a_path_that_the_system_refuses_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match=r"cannot be written: File name too long\.$"):
        write(tmp_path / ("x" * 300))
