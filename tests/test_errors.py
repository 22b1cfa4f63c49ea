from __future__ import annotations

import re
from typing import get_args

import pytest

from rlm_tui import errors
from rlm_tui.errors import RETRYABLE, LimitReachedError, ModelError, ModelErrorKind, RlmTuiError

CLASSES = [value for value in vars(errors).values() if isinstance(value, type)]
CLASSES = [cls for cls in CLASSES if issubclass(cls, Exception)]


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes():
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__)
    assert drawn == [cls.__name__ for cls in CLASSES if cls is not RlmTuiError]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_is_its_sentence(cls):
    arguments = {"ModelError": ["timeout"], "LimitReachedError": ["cost"]}.get(cls.__name__, [])
    error = cls(*arguments, "a.txt does not exist.")
    assert str(error) == "a.txt does not exist."
    assert isinstance(error, RlmTuiError)


@pytest.mark.parametrize("kind", get_args(ModelErrorKind))
def test_only_what_may_pass_by_itself_is_worth_another_try(kind):
    error = ModelError(kind, "no answer", retry_after=2.0)
    assert error.is_retryable == (kind in {"rate_limit", "timeout", "server_error", "connection"})
    assert (error.kind, error.retry_after) == (kind, 2.0)
    assert set(get_args(ModelErrorKind)) > RETRYABLE


def test_a_limit_that_was_reached_is_named():
    error = LimitReachedError("max_cost", "$1.00 of $1.00 are spent")
    assert error.limit == "max_cost"
