from __future__ import annotations

import contextlib
import os
import re
import tomllib
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rlm_tui.config import (
    SETTING_TYPES,
    Settings,
    from_environment,
    is_billed,
    load,
    non_default,
    place_of_key,
    read_env_file,
    read_file,
    shown_name,
)
from rlm_tui.errors import UsageError
from tests.structs import instances

QUIET = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "config.toml"


# Where a setting comes from


def test_without_anything_the_defaults_are_in_force(file):
    assert load({}, file=file, environ={}) == (
        Settings(),
        dict.fromkeys(SETTING_TYPES, "default"),
    )


LAYERS = [
    ({}, {}, None, 30, "default"),
    ({}, {}, 5, 5, "file"),
    ({}, {"RLM_TUI_MAX_ITERATIONS": "6"}, 5, 6, "environment"),
    ({"max_iterations": 7}, {"RLM_TUI_MAX_ITERATIONS": "6"}, 5, 7, "flag"),
    ({"max_iterations": 7}, {}, 5, 7, "flag"),
    ({}, {"RLM_TUI_MAX_ITERATIONS": ""}, 5, 5, "file"),
    ({"max_iterations": 30}, {}, 5, 30, "flag"),
]


@pytest.mark.parametrize(
    ("flags", "environ", "in_file", "value", "origin"),
    LAYERS,
    ids=["default", "file", "environment", "flag", "flag over file", "empty", "flag of default"],
)
def test_the_nearer_word_wins_and_is_named(file, flags, environ, in_file, value, origin):
    if in_file is not None:
        file.write_text(f"max_iterations = {in_file}\n")
    found, origins = load(flags, file=file, environ=environ)
    assert found.max_iterations == value
    assert origins["max_iterations"] == (str(file) if origin == "file" else origin)
    assert origins["max_depth"] == "default"


def test_without_an_environment_it_is_that_of_the_process(file, monkeypatch):
    monkeypatch.setenv("RLM_TUI_MAX_DEPTH", "4")
    assert load({}, file=file)[0].max_depth == 4


@QUIET
@given(instances(Settings))
def test_settings_come_back_from_a_file_and_from_the_environment(file, wanted):
    wanted = msgspec.structs.replace(wanted, keys={})  # a table, which a variable cannot hold
    given_ones = msgspec.to_builtins(wanted)
    assume("\x7f" not in "".join(map(str, given_ones.values())))  # needs an escape in TOML only
    file.write_text(
        "".join(f"{name} = {msgspec.json.encode(v).decode()}\n" for name, v in given_ones.items()),
        encoding="utf-8",
    )
    assert load({}, file=file, environ={})[0] == wanted
    environ = {f"RLM_TUI_{name.upper()}": str(value) for name, value in given_ones.items()}
    if all(environ.values()):
        file.unlink()
        assert load({}, file=file, environ=environ)[0] == wanted
    assert load(given_ones, file=file, environ={})[0] == wanted


def test_the_place_of_a_key_is_file_line_and_table(file):
    text = 'theme = "rlm-dark"\n\n[keys]\n# mine\n"step.into" = "i"\n"step.over" = "n"\n'
    file.write_text(text, encoding="utf-8")
    assert place_of_key(file, "step.over") == f"{file}, line 6, [keys]"
    file.unlink()
    assert place_of_key(file, "step.over") == f"{file}, [keys]"


def test_keys_are_a_table_of_the_file(file):
    file.write_text('key_preset = "pdb"\n[keys]\n"step.over" = "n,f10"\n', encoding="utf-8")
    found, origins = load({}, file=file, environ={})
    assert (found.key_preset, found.keys) == ("pdb", {"step.over": "n,f10"})
    assert origins["keys"] == str(file)
    with pytest.raises(UsageError, match="RLM_TUI_KEYS"):
        load({}, file=file, environ={"RLM_TUI_KEYS": "step.over=n"})


def test_every_setting_has_a_type_and_a_default():
    assert list(SETTING_TYPES) == list(Settings.__struct_fields__)
    assert non_default(Settings()) == {}
    assert non_default(Settings(max_depth=2, cache=False)) == {"max_depth": 2, "cache": False}


# What is wrong with a file


def sentence_about(file, text):
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_file(file)
    return str(caught.value)


MULTILINE = 'theme = """\nmax_depth = 1\n[models]\n"""\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("max_depht = 1\n", 1),
        ("\n# max_depht = 2\n\nmax_depht = 1\n", 4),
        ("max_depth = 1\nmax_depht=1", 2),
        ("  max_depht\t= 1", 1),
        ("cache = true\n'max_depht' = 1", 2),
        ('cache = true\n"max\\u005fdepht" = 1', 2),
        (f"{MULTILINE}max_depht = 1\n", 5),
        ("theme = 'max_depht = 1'\nmax_depht = 1\n", 2),
        ("cache = true\n\n[max_depht]\ncache = true\n", 3),
        ("cache = true\nmax_depht.a = 1\n", 2),
        ("cache = true\n[[max_depht]]\n", 2),
        ("cache = true\nmax_depht = [\n  1,\n  2,\n]\n", 2),
        ("cache = true\r\nsave = true\r\nmax_depht = 1\r\n", 3),
        ("# a\x85b\u2028c\ncache = true\nmax_depht = 1\n", 3),
    ],
)
def test_an_unknown_key_names_file_line_and_the_nearest_name(file, text, line):
    key = tomllib.loads(text).keys() - SETTING_TYPES.keys()
    assert sentence_about(file, text) == (
        f"{file}, line {line}: there is no setting '{key.pop()}'. Did you mean max_depth?"
    )


def test_a_key_that_is_near_to_nothing_gets_no_advice(file):
    assert sentence_about(file, "\nzzz = 1").endswith("line 2: there is no setting 'zzz'.")


def test_a_section_is_no_setting_and_its_line_is_named(file):
    text = "max_depth = 1\n\n[model]\nname = 'openai/gpt-5'\n"
    assert sentence_about(file, text).startswith(f"{file}, line 3: model = ")


def test_a_key_of_a_provider_put_there_by_mistake_is_not_repeated(file):
    assert "sk-secret" not in sentence_about(file, 'openai_api_key = "sk-secret"\n')


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("max_iterations = 0", "Expected `int` >= 1"),
        ("max_iterations = true", "Expected `int`, got `bool`"),
        ("max_iterations = '5'", "Expected `int`, got `str`"),
        ("max_iterations = 5.5", "Expected `int`, got `float`"),
        ("max_depth = -1", "Expected `int` >= 0"),
        ("max_cost = 0", "Expected `float` > 0"),
        ("max_cost = nan", "Expected `float` > 0"),
        ("max_time = inf", "Expected `float` <= 1000000000"),
        ("timeout = inf", "Expected `float` <= 1000000000"),
        ("cache = 1", "Expected `bool`, got `int`"),
        ("model = 5", r"Expected `str | null`, got `int`"),
        ("theme = 2026-03-14", "Expected `str`, got `date`"),
        ("model = ['a']", r"Expected `str | null`, got `array`"),
        ("sandbox = 'strct'", "Invalid enum value 'strct'. Did you mean strict?"),
        ("sandbox = 'zzz'", "Invalid enum value 'zzz'. It is one of auto, strict, monty, off."),
        ("sandbox = true", "Expected `str`, got `bool`. It is one of auto, strict, monty, off."),
    ],
)
def test_a_wrong_value_names_file_line_key_and_why(file, line, why):
    key = line.split(" =")[0]
    sentence = sentence_about(file, f"save = true\n\n{line}\n")
    assert sentence.startswith(f"{file}, line 3: {key} = ")
    assert f"cannot be used: {why}" in sentence


def test_a_file_that_is_no_toml_names_the_line(file):
    sentence = sentence_about(file, "max_depth = 1\nmax_cost 5\n")
    assert sentence.startswith(f"{file}: not valid TOML: ")
    assert "line 2" in sentence
    assert "not valid TOML" in sentence_about(file, "cache = true\ncache = true\n")


def test_a_file_that_cannot_be_read_is_named(tmp_path, file):
    with pytest.raises(UsageError, match=re.escape(f"{tmp_path}: cannot be read: ")):
        read_file(tmp_path)
    file.write_bytes(b"theme = '\xff'\n")
    with pytest.raises(UsageError, match=re.escape(f"{file}: cannot be read: ")):
        read_file(file)


def test_a_byte_order_mark_before_the_first_key_does_no_harm(file):
    file.write_text("max_depth = 3\n", encoding="utf-8-sig")
    assert read_file(file) == {"max_depth": 3}


@QUIET
@given(st.text(st.sampled_from("ab=\"'[]#\\.\n\r1 "), max_size=30))
def test_any_text_is_a_table_or_a_usage_error(file, text):
    file.write_bytes(text.encode())
    with contextlib.suppress(UsageError):
        assert read_file(file).keys() <= SETTING_TYPES.keys()


# The environment


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1", True), ("yes", True), ("ON", True), ("true", True), ("True", True)),
        *(("0", False), ("No", False), ("off", False), ("false", False)),
    ],
)
def test_words_for_yes_and_no_are_understood_in_the_environment(text, value):
    assert from_environment({"RLM_TUI_CACHE": text}) == {"cache": value}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("MAX_ITERATIONS", "many"), ("MAX_ITERATIONS", "0"), ("MAX_COST", "inf")),
        *(("CACHE", "maybe"), ("SANDBOX", "none"), ("MAX_COST", "-1"), ("TIMEOUT", "1e999")),
    ],
)
def test_a_wrong_value_in_the_environment_names_the_variable(name, text):
    sentence = f"environment variable RLM_TUI_{name}: {name.lower()} = '{text}' cannot be used: "
    with pytest.raises(UsageError, match=re.escape(sentence)):
        from_environment({f"RLM_TUI_{name}": text})


def test_other_variables_are_none_of_its_business():
    assert from_environment({"MAX_DEPTH": "9", "RLM_TUI_SESSIONS": "/s", "PATH": "/bin"}) == {}


def test_a_wrong_flag_is_named_as_it_was_typed(file):
    with pytest.raises(UsageError, match=r"^--max-sub-calls: max_sub_calls = -1 cannot be used"):
        load({"max_sub_calls": -1}, file=file, environ={})


# Environment files


def test_an_environment_file_is_read_as_a_shell_would(tmp_path):
    path = tmp_path / ".env"
    path.write_text(
        "# keys\n\nA=1\nexport B=two words\n  C = 'quoted'  \nD=\"#no comment\"\nE=\nF='\n"
        "G=a=b\r\nA=last\n"
    )
    assert read_env_file(path) == {
        "A": "last",
        "B": "two words",
        "C": "quoted",
        "D": "#no comment",
        "E": "",
        "F": "'",
        "G": "a=b",
    }


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path):
    path = tmp_path / ".env"
    path.write_text("KEY=1\n", encoding="utf-8-sig")
    assert read_env_file(path) == {"KEY": "1"}


@pytest.mark.parametrize(
    "line",
    ["sk-secret", "=sk-secret", "1A=sk-secret", "A-B=sk-secret", "A B=sk-secret", "A=sk-secret\0"],
)
def test_a_line_that_is_no_assignment_is_named_without_showing_it(tmp_path, line):
    path = tmp_path / ".env"
    path.write_text(f"OK=1\n\n{line}\n")
    with pytest.raises(UsageError) as caught:
        read_env_file(path)
    assert str(caught.value) == f"{path}, line 3: expected KEY=value."


def test_an_environment_file_that_cannot_be_read_is_named(tmp_path):
    binary = tmp_path / "binary"
    binary.write_bytes(b"A=\xff\n")
    for path in (tmp_path / "none", tmp_path, binary):
        with pytest.raises(UsageError, match=re.escape(f"environment file {path} cannot be read")):
            read_env_file(path)


@QUIET
@given(st.text(max_size=40))
def test_what_an_environment_file_gives_fits_into_an_environment(tmp_path, text):
    path = tmp_path / ".env"
    path.write_bytes(text.encode())
    with contextlib.suppress(UsageError):
        values = read_env_file(path)
        with patch.dict(os.environ, values):
            assert values.items() <= dict(os.environ).items()


# Models


@pytest.mark.parametrize(
    ("chosen", "root", "sub"),
    [
        (Settings(), "offline", "offline"),
        (Settings(model="a"), "a", "a"),
        (Settings(sub_model="b"), "offline", "b"),
        (Settings(model="a", sub_model="b"), "a", "b"),
    ],
    ids=["neither", "root", "sub", "both"],
)
def test_the_sub_model_is_by_default_what_the_root_model_is(chosen, root, sub):
    assert (chosen.root_model, chosen.query_model) == (root, sub)


@pytest.mark.parametrize(
    ("model", "billed", "shown"),
    [
        ("offline", False, "offline (no language model)"),
        ("scripted:/home/me/replies.json", False, "scripted:replies.json"),
        ("recorded:old.rlm.jsonl", False, "recorded:old.rlm.jsonl"),
        ("openai/gpt-5", True, "openai/gpt-5"),
        ("ollama/llama3:8b", True, "ollama/llama3:8b"),
        ("offline-model", True, "offline-model"),
    ],
)
def test_a_built_in_model_is_free_and_never_passes_for_another(model, billed, shown):
    assert is_billed(model) == billed
    assert shown_name(model) == shown


def test_a_variable_that_names_no_setting_is_refused_with_the_nearest_one():
    with pytest.raises(UsageError, match=r"Did you mean RLM_TUI_MAX_COST\?"):
        from_environment({"RLM_TUI_MAX_COSTS": "1"})


def test_the_variables_that_name_files_are_no_settings():
    assert from_environment({"RLM_TUI_CONFIG": "a", "RLM_TUI_SESSIONS": "b"}) == {}
