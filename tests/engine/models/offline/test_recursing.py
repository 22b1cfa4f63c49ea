"""A loop for each of several documents."""

from __future__ import annotations

from tests.engine.models.offline.rehearsing import rehearse

ULM = "The harbour is cold.\nThe magic number for Ulm is 715.\n"
BONN = "The magic number for Bonn is 12.\n"
QUESTION = "What is the magic number for Ulm?"


def test_each_document_is_asked_by_itself():
    done = rehearse(QUESTION, {"a": BONN, "b": ULM}, depth_left=2)
    assert done.failures == []
    assert "rlm_query_batched" in done.code
    assert done.answer == '715 (b)\n  b, line 2: "The magic number for Ulm is 715."'


def test_several_answers_stand_side_by_side():
    done = rehearse(QUESTION, {"a": ULM, "b": ULM.replace("715", "9")}, depth_left=2)
    assert done.answer.split("\n")[:2] == ["2 of 2 documents have an answer:", "a: 715"]
    assert "b: 9" in done.answer


def test_where_no_document_answers_the_passages_are_quoted():
    done = rehearse("What is the magic number for Paris?", {"a": BONN, "b": ULM}, depth_left=2)
    assert done.first_line.startswith("Not stated in the question's words in any document")
    assert '  a, line 1: "The magic number for Bonn is 12."' in done.answer
    done = rehearse("Who is Zanzibar?", {"a": BONN, "b": ULM}, depth_left=2)
    assert done.answer == "Nothing found: no document has the question's words."


def test_one_document_or_very_many_are_not_asked_by_themselves():
    assert "rlm_query" not in rehearse(QUESTION, ULM, depth_left=2).code
    many = {f"d{n}": ULM for n in range(9)}
    assert "rlm_query" not in rehearse(QUESTION, many, depth_left=2).code


def test_counting_needs_no_loops():
    done = rehearse("How often does magic occur?", {"a": BONN, "b": ULM}, depth_left=2)
    assert done.first_line.startswith("'magic' occurs 2 times")
    assert "rlm_query" not in done.code
