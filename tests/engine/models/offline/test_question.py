"""A question with its quotes masked."""

from __future__ import annotations

from rlm_tui.engine.models.offline.question import Masked, amount


def test_no_rule_reads_into_quotes():
    masked = Masked('How often does "How many" appear?')
    assert masked.low == "how often does ⟦0⟧ appear?"
    assert masked.original(*masked.search("⟦0⟧").span()) == "How many"


def test_the_lower_case_is_as_long_as_the_question():
    masked = Masked("İSTANBUL ve İzmir?")
    assert len(masked.low) == len(masked.cased)


def test_filters_are_the_content_that_was_not_understood():
    masked = Masked("How many errors did the payments service log on Tuesday?")
    words = [term.word for term in masked.filters("errors")]
    assert words == ["payments", "service", "Tuesday"]


def test_lines_behind_are_the_kinds_of_lines_named_later():
    masked = Masked("Which IP addresses cause the most errors?")
    assert [thing.one for thing in masked.lines_behind(0)] == ["error line"]


def test_amounts_are_read_in_figures_and_in_words():
    assert (amount("1,204"), amount("three")) == (1204, 3)


def test_a_question_of_a_kind_keeps_text_and_terms():
    question = Masked("Where is Ulm?").ask("locate", phrase="Ulm")
    assert (question.kind, question.phrase, question.text) == ("locate", "Ulm", "Where is Ulm?")
    assert [term.word for term in question.terms] == ["Ulm"]
