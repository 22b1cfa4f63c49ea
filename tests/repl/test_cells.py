from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlm_tui.repl.cells import (
    CallError,
    CallRequest,
    Final,
    Served,
    Variable,
    printable_final,
    printable_request,
    result_frame,
)

texts = st.text(st.characters(categories=["Cs", "So", "Ll", "Cc"]))
contexts = st.none() | texts | st.dictionaries(texts, texts)


@settings(max_examples=50, deadline=None)
@given(st.lists(texts), st.none() | texts, texts, st.none() | st.lists(contexts, min_size=1), texts)
def test_whatever_code_sends_has_a_utf8_form_afterwards(prompts, model, cell, more, answer):
    request = printable_request(
        CallRequest(1, "rlm_query", prompts, batch=True, cell=cell, model=model, contexts=more)
    )
    assert msgspec.json.decode(msgspec.json.encode(request), type=CallRequest) == request
    assert len(request.prompts) == len(prompts)
    final = printable_final(Final("FINAL_VAR", answer, cell, cell))
    assert msgspec.json.decode(msgspec.json.encode(final), type=Final) == final


def test_text_that_has_a_utf8_form_is_left_alone():
    request = CallRequest(1, "llm_query", ["ü 🎉 \x1b"], batch=False, contexts=[{"a": "ß"}])
    assert printable_request(request) == request
    final = Final("FINAL", "ü 🎉", None, "str")
    assert printable_final(final) == final
    assert printable_final(None) is None


def test_a_lone_surrogate_is_one_replacement_character():
    request = CallRequest(1, "llm_query", ["a\ud83db"], batch=False)
    assert printable_request(request).prompts == ["a\ufffdb"]


def test_replies_and_errors_keep_their_places():
    request = CallRequest(7, "llm_query", ["a", "b"], batch=True)
    assert result_frame(request, Served(["x", CallError("timeout", "too slow")])) == {
        "op": "result",
        "call": 7,
        "replies": [{"text": "x"}, {"error": {"kind": "timeout", "message": "too slow"}}],
    }


@pytest.mark.parametrize("number", [-1, 2**53 + 1, 10**400, 1.5, "1", True, None])
def test_a_number_that_no_event_could_hold_is_refused(number):
    message = {"call": number, "kind": "llm_query", "prompts": ["x"], "batch": False}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(message, CallRequest)


def test_a_variable_may_be_as_long_as_python_can_say():
    longest = {"name": "r", "type": "range", "size": 2**63 - 1, "value": ""}
    assert msgspec.convert(longest, Variable).size == 2**63 - 1
