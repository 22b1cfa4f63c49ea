"""The word lists do not contradict one another."""

from __future__ import annotations

from rlm_tui.engine.models.offline import vocabulary


def test_a_word_is_in_one_family_only():
    words = [word for line in vocabulary.FAMILY.values() for word in line.split()]
    assert set(words) == vocabulary.FAMILY.keys()
    assert all(word in vocabulary.FAMILY[word].split() for word in words)


def test_words_without_content_are_no_kinds_of_things():
    assert not vocabulary.KINDS & (vocabulary.STOP | vocabulary.SCAFFOLD)


def test_all_words_are_in_lower_case_except_those_that_begin_sentences():
    lower = vocabulary.STOP | vocabulary.SCAFFOLD | vocabulary.KINDS | vocabulary.SPENT
    assert all(word == word.lower() for word in lower)
    assert all(word[0].isupper() for word in vocabulary.NOT_NAMES)
