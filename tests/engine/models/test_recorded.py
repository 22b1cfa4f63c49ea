import pytest

from rlm_tui.engine.models.client import Ending, ModelRequest, Piece
from rlm_tui.engine.models.recorded import RecordedModel
from rlm_tui.errors import ModelError
from rlm_tui.events import (
    ErrorInfo,
    Message,
    ModelFailed,
    ModelResponded,
    Record,
    SubCallFinished,
    SubCallStarted,
    Usage,
)

USAGE = Usage(1, 10, 5)


def model_of(*events) -> RecordedModel:
    """A model that answers from `(node, event)` pairs."""
    return RecordedModel([Record(i, 0.0, *pair) for i, pair in enumerate(events, 1)], "tape.jsonl")


def call(node: str, prompt: str, reply: str | None, error: str = "", kind: str = "llm_query"):
    """The two events of a sub-call."""
    info = ErrorInfo(error, f"it was {error}") if error else None
    return (
        (node, SubCallStarted(kind, "m", prompt, 1)),
        (node, SubCallFinished(USAGE, 0.1, reply, info)),
    )


async def told(model: RecordedModel, node: str, prompt: str = "", role: str = "sub") -> list:
    request = ModelRequest("m", [Message("user", prompt)], role, node, "")
    return [item async for item in model.stream(request)]


async def reply(model: RecordedModel, node: str, prompt: str) -> str:
    return "".join(item.text for item in await told(model, node, prompt) if isinstance(item, Piece))


async def test_an_iteration_gets_its_recorded_reply_with_reasoning_finish_and_usage():
    model = model_of(("2", ModelResponded("text", USAGE, 0.1, "length", "why")))
    assert await told(model, "2", role="root") == [
        Piece("why", is_reasoning=True),
        Piece("text"),
        Ending("length", USAGE),
    ]


async def test_a_sub_call_gets_the_reply_to_its_prompt_wherever_it_was_made():
    model = model_of(*call("1.1.1", "a", "A"), *call("1.1.2", "b", "B"))
    assert await reply(model, "7.7.7", "b") == "B"
    assert await reply(model, "1.1.1", "a") == "A"


async def test_equal_prompts_get_their_own_replies_whatever_the_order_they_ended_in():
    first, second = call("1.1.1", "a", "one"), call("1.1.2", "a", "two")
    model = model_of(first[0], second[0], second[1], first[1])
    assert await reply(model, "1.1.1", "a") == "one"
    assert await reply(model, "1.1.2", "a") == "two"


async def test_equal_prompts_at_other_places_get_the_replies_in_order():
    first, second = call("1.1.1", "a", "one"), call("1.1.2", "a", "two")
    model = model_of(first[0], second[0], second[1], first[1])
    assert [await reply(model, f"9.1.{i}", "a") for i in (1, 2)] == ["one", "two"]


@pytest.mark.parametrize("role", ["root", "sub"])
async def test_a_request_that_was_never_made_fails_and_says_where_it_was_looked_for(role):
    model = model_of(*call("1.1.1", "a", "A"))
    with pytest.raises(ModelError, match=r"tape.jsonl holds no reply") as raised:
        await told(model, "1", "b", role)
    assert not raised.value.is_retryable


async def test_a_reply_is_given_once():
    model = model_of(*call("1.1.1", "a", "A"))
    await reply(model, "1.1.1", "a")
    with pytest.raises(ModelError, match="holds no reply"):
        await reply(model, "1.1.1", "a")


async def test_the_answer_of_an_rlm_query_is_not_that_of_a_plain_call():
    model = model_of(*call("1.1.1", "a", "of a child", kind="rlm_query"))
    with pytest.raises(ModelError, match="holds no reply"):
        await reply(model, "1.1.1", "a")


@pytest.mark.parametrize("kind", ["timeout", "auth", "empty"])
async def test_a_recorded_failure_is_the_same_again_and_final(kind):
    model = model_of(
        *call("1.1.1", "a", None, kind),
        ("2", ModelFailed(ErrorInfo(kind, f"it was {kind}"), USAGE, 0.1)),
    )
    for node, role in (("1.1.1", "sub"), ("2", "root")):
        with pytest.raises(ModelError, match=f"^it was {kind}$") as raised:
            await told(model, node, "a", role)
        assert raised.value.kind == kind
        assert not raised.value.is_retryable


async def test_its_name_is_all_it_needs():
    model = model_of()
    await model.recognise(["recorded:x"])
    await model.prepare(["recorded:x"])
