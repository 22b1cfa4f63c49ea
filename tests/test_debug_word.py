from __future__ import annotations

from typing import get_args

import pytest

from rlm_tui.debug_word import AnyWord, Look, SeamWord
from rlm_tui.source import AnyCommand


def test_words_of_the_seam_are_its_commands():
    assert set(get_args(SeamWord)) <= set(get_args(AnyCommand))
    assert set(get_args(SeamWord)) <= set(get_args(AnyWord))


@pytest.mark.parametrize(
    ("form", "printed"),
    [("value", ""), ("pretty", "[1,\n 'two']\n"), ("type", "")],
)
def test_an_expression_is_evaluated_as_one_and_never_as_a_statement(form, printed, capsys):
    names = {"x": [1, "two"]}
    value = eval(Look("x  # here", form).code, names)
    assert value == {"value": [1, "two"], "pretty": None, "type": list}[form]
    assert capsys.readouterr().out == ("[1, 'two']\n" if form == "pretty" else printed)
    with pytest.raises(SyntaxError):
        exec(Look("x = 3", "value").code, names)
