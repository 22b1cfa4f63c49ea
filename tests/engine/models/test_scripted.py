import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.engine.models.client import Ending, ModelRequest, Piece
from rlm_tui.engine.models.scripted import Script, ScriptedModel
from rlm_tui.errors import ModelError, UsageError
from rlm_tui.events import Message


@pytest.fixture
def model_of(tmp_path):
    def made(**script) -> ScriptedModel:
        path = tmp_path / "script.json"
        path.write_text(json.dumps(script), encoding="utf-8")
        return ScriptedModel(path)

    return made


async def pieces_of(model: ScriptedModel, prompt: str = "", **request) -> list[str]:
    given = {"model": "m", "role": "sub", "node": "1", "loop": ""} | request
    asked = ModelRequest(messages=[Message("user", prompt)], **given)
    told = [item async for item in model.stream(asked)]
    assert told[-1] == Ending()
    assert all(isinstance(item, Piece) for item in told[:-1])
    return [piece.text for piece in told[:-1]]


async def reply_of(model: ScriptedModel, prompt: str = "", **request) -> str:
    return "".join(await pieces_of(model, prompt, **request))


async def root_reply(model: ScriptedModel, loop: str = "", child: int | None = None) -> str:
    return await reply_of(model, role="root", loop=loop, child=child)


async def test_root_requests_get_the_lines_in_order_and_then_the_last_again(model_of):
    model = model_of(root=["one", {"reply": "two"}])
    assert [await root_reply(model) for _ in range(4)] == ["one", "two", "two", "two"]


async def test_a_reply_is_streamed_word_by_word_and_comes_out_whole(model_of):
    model = model_of(root=["  two words\n\nthree "])
    pieces = await pieces_of(model, role="root")
    assert pieces == ["  ", "two ", "words\n\n", "three "]


async def test_a_child_has_lines_of_its_own_by_its_number_or_those_of_the_root(model_of):
    model = model_of(root=["r1", "r2"], child=[["a1", "a2"], [], ["c1"]])
    assert await root_reply(model, "1.1.3", 2) == "c1"
    assert [await root_reply(model, "1.1.1", 0) for _ in range(3)] == ["a1", "a2", "a2"]
    assert await root_reply(model, "1.1.2", 1) == "r1"
    assert await root_reply(model, "1.1.4", 3) == "r1"
    assert await root_reply(model) == "r1"


@pytest.mark.parametrize("kind", ["timeout", "rate_limit", "server_error"])
async def test_a_scripted_error_is_one_that_is_worth_another_try(model_of, kind):
    model = model_of(root=[{"error": kind}, "then"], sub=[{"match": "boom", "error": kind}])
    for request in ({"role": "root"}, {"prompt": "a boom b"}):
        with pytest.raises(ModelError) as raised:
            await reply_of(model, **request)
        assert raised.value.kind == kind
        assert raised.value.is_retryable
    assert await root_reply(model) == "then"


async def test_the_error_called_empty_is_an_empty_reply(model_of):
    model = model_of(root=[{"error": "empty", "reply": "x"}], sub=[{"match": "", "error": "empty"}])
    assert await root_reply(model) == ""
    assert await reply_of(model) == ""


@pytest.mark.parametrize(
    ("prompt", "reply"),
    [
        ("count the cats", "first"),
        ("count the DOGS", "second: DOGS"),
        ("two\nlines", "over lines"),
        ("anything", "default of {anything}".replace("{", "<").replace("}", ">")),
    ],
    ids=["first rule that matches", "a group", "a dot is any character", "default"],
)
async def test_a_sub_call_is_answered_by_the_first_rule_that_matches(model_of, prompt, reply):
    model = model_of(
        root=["r"],
        sub=[
            {"match": "cats", "reply": "first"},
            {"match": r"the (\w+)", "reply": r"second: \1"},
            {"match": "two.lines", "reply": "over lines"},
        ],
        sub_default="default of <{prompt}>",
    )
    assert await reply_of(model, prompt) == reply


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (r"\1 and \2", "a and "),
        (r"\0", "a"),
        (r"\9", ""),
        ("{prompt}!", "xa!"),
        (r"{prompt}\1", "xaa"),
        ("{other} \\n", "{other} \\n"),
    ],
    ids=["groups", "the match", "no such group", "prompt", "both", "neither"],
)
async def test_groups_and_the_prompt_are_filled_in(model_of, reply, expected):
    model = model_of(root=["r"], sub=[{"match": "(a)(b)?", "reply": reply}])
    assert await reply_of(model, "xa") == expected


async def test_what_is_filled_in_is_not_filled_in_again(model_of):
    model = model_of(root=["r"], sub=[{"match": "(.+)", "reply": r"\1"}])
    assert await reply_of(model, r"{prompt} \1") == r"{prompt} \1"


async def test_without_rules_every_sub_call_is_ok(model_of):
    assert await reply_of(model_of(root=["r"]), "what?") == "ok"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not a script"),
        (b"[]", "is not a script"),
        (b'{"root": ["\xff"]}', "is not a script"),
        (b'{"sub": []}', "`root`"),
        (b'{"root": []}', "`root` is empty"),
        (b'{"root": [1]}', "root"),
        (b'{"root": ["a"], "roots": []}', "roots"),
        (b'{"root": [{"reply": "a", "dealy": 1}]}', "dealy"),
        (b'{"root": [{"error": "fire"}]}', "fire"),
        (b'{"root": ["a"], "sub": [{"reply": "b"}]}', "match"),
        (b'{"root": ["a"], "sub": [{"match": "("}]}', "bad regex"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_script_that_is_wrong_is_told_with_its_path(tmp_path, content, said):
    path = tmp_path / "script.json"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=said) as raised:
        ScriptedModel(path)
    assert str(path) in str(raised.value)


def test_a_script_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        ScriptedModel(tmp_path / "gone.json")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        ScriptedModel(tmp_path)


async def test_its_name_is_all_it_needs(model_of):
    model = model_of(root=["r"])
    await model.recognise(["scripted:x"])
    await model.prepare(["scripted:x"])


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_reply_comes_out_as_it_was_written(tmp_path_factory, text):
    text = text.encode("utf-8", "replace").decode()
    path = tmp_path_factory.mktemp("scripts") / "script.json"
    path.write_text(json.dumps({"root": [text]}), encoding="utf-8")
    assert asyncio.run(root_reply(ScriptedModel(path))) == text


def test_the_keys_of_a_script_are_those_of_the_contract():
    assert set(Script.__struct_fields__) == {"root", "sub", "sub_default", "child", "chunk_delay"}
