import msgspec
import pytest

from rlm_tui.repl.said import Done, Evaluated, Forked, Output, Ready, Variables

DONE = {"cell": "1.1", "outcome": "ok", "error": "", "final": None, "dropped": 0, "elapsed": 0.1}


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Output, {"stream": "stdout", "text": "x"}),
        (Done, DONE),
        (Ready, {"pid": 7}),
        (Forked, {"why": ""}),
        (Evaluated, {"text": "1", "failed": False}),
        (Variables, {"items": [{"name": "x", "type": "int", "size": None, "value": "1"}]}),
    ],
)
def test_what_a_worker_says_is_taken_as_it_is_meant(kind, message):
    assert msgspec.to_builtins(msgspec.convert({"op": "any", **message}, kind)).items() >= (
        message.items()
    )


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Output, {"stream": "stdin", "text": "x"}),
        (Output, {"stream": "stdout", "text": 5}),
        (Done, DONE | {"outcome": "fine"}),
        (Done, DONE | {"dropped": -1}),
        (Done, DONE | {"changes": {"new": [5]}}),
        (Ready, {"pid": "7"}),
        (Ready, {"pid": 1 << 60}),
        (Evaluated, {"text": "1"}),
        (Variables, {"items": [{"name": "x"}]}),
    ],
)
def test_what_cannot_be_meant_is_refused(kind, message):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(message, kind)
