import dataclasses

import pytest

from rlm_tui.engine.models.client import Ending, ModelClient, ModelRequest, Piece
from rlm_tui.engine.models.recorded import RecordedModel
from rlm_tui.engine.models.scripted import ScriptedModel
from rlm_tui.events import Message


@pytest.mark.parametrize("client", [ScriptedModel, RecordedModel], ids=lambda kind: kind.__name__)
def test_every_client_has_what_the_engine_asks_of_one(client):
    asked = {name for name in vars(ModelClient) if not name.startswith("_")}
    assert asked == {"close", "prepare", "recognise", "stream"}
    assert all(callable(getattr(client, name)) for name in asked)
    assert client.is_language_model is False


def test_a_reply_that_says_nothing_else_ended_by_itself_and_without_usage():
    assert Ending() == Ending("stop", None)
    assert Piece("text").is_reasoning is False


def test_a_request_cannot_be_changed_on_its_way():
    request = ModelRequest("model", [Message("user", "hi")], "root", "1", "")
    with pytest.raises(dataclasses.FrozenInstanceError):
        request.model = "another"
