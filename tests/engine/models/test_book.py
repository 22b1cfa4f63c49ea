import json

import pytest

from rlm_tui.config import Settings
from rlm_tui.engine.models.book import ModelBook
from rlm_tui.errors import SessionError, UsageError


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"root": ["hi"]}))
    return f"scripted:{path}"


def book_of(*, read_records=lambda _path: [], **models) -> ModelBook:
    return ModelBook(Settings(**models), read_records=read_records)


def test_without_a_model_the_offline_one_is_used_for_everything():
    assert book_of().names == ["offline"]


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ({"model": "a"}, ("a", "a", "a")),
        ({"model": "a", "sub_model": "b"}, ("a", "b", "b")),
        ({"model": "a", "fast_model": "c"}, ("a", "a", "c")),
        ({"model": "a", "sub_model": "b", "fast_model": "c"}, ("a", "b", "c")),
    ],
    ids=["root", "sub", "fast", "all"],
)
def test_a_role_without_a_model_takes_the_one_above_it(models, expected):
    book = book_of(**models)
    assert (book.root, book.sub, book.fast) == expected
    assert book.names == list(dict.fromkeys(expected))


@pytest.mark.parametrize(
    ("asked", "depth", "expected"),
    [
        (None, 0, "a"),
        (None, 1, "b"),
        (None, 2, "b"),
        ("root", 1, "a"),
        ("sub", 0, "b"),
        ("fast", 1, "c"),
        ("c", 1, "c"),
        ("a", 2, "a"),
    ],
)
def test_a_model_is_chosen_by_name_role_and_depth(asked, depth, expected):
    book = book_of(model="a", sub_model="b", fast_model="c")
    assert book.name_for(asked, depth) == expected


@pytest.mark.parametrize("asked", ["openai/o9-most-expensive", "", "Fast"])
def test_code_cannot_name_a_model_that_the_user_did_not_choose(asked):
    with pytest.raises(UsageError, match="not one of this run's models"):
        book_of(model="a").name_for(asked, 1)


def test_a_misspelt_role_is_told_with_the_nearest():
    with pytest.raises(UsageError, match=r"Did you mean fast\?"):
        book_of(model="a").name_for("fsat", 1)


def test_a_client_is_made_once_for_each_script_and_once_for_all_of_litellms(script):
    book = book_of(model=script)
    assert book.client(script) is book.client(script)
    assert book.client("openai/gpt-5") is book.client("ollama/llama3")
    assert book.client("offline") is not book.client(script)


def test_a_model_name_with_a_colon_is_litellms(script):
    book = book_of(model=script)
    assert book.client("ollama/llama3:70b") is book.client("openai/gpt-5")


@pytest.mark.parametrize("name", ["scripted:/no/such/file", "scripted:", "scripted:/"])
def test_a_script_that_cannot_be_read_is_told_before_the_run(name):
    with pytest.raises(UsageError, match="cannot be read"):
        book_of(model="offline", fast_model=name).check()


def test_a_session_that_cannot_be_read_is_told_before_the_run():
    def unreadable(path):
        raise SessionError(f"{path} cannot be opened.")

    with pytest.raises(SessionError, match=r"gone\.jsonl"):
        book_of(model="recorded:gone.jsonl", read_records=unreadable).check()


async def test_every_client_is_asked_once_about_all_its_names(monkeypatch, script):
    asked = []
    book = book_of(model="offline", sub_model=script, fast_model="offline")
    for name in ("offline", script):

        async def note(names):
            asked.append(names)

        monkeypatch.setattr(book.client(name), "recognise", note, raising=False)
        monkeypatch.setattr(book.client(name), "prepare", note, raising=False)
    await book.recognise()
    await book.prepare()
    assert asked == [["offline"], [script]] * 2
