from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from rlm_tui.repl.guest import monty
from rlm_tui.repl.guest.monty import (
    CodeFailedError,
    EndedError,
    Interpreter,
    check_size,
    type_name,
)
from rlm_tui.repl.interpreter import located


def unheard(_stream, _text):
    """What code prints here is of no interest."""


@pytest.fixture
def interpreter():
    made = Interpreter(located().program, {"double": lambda x: 2 * x})
    yield made
    with suppress(ProcessLookupError):
        made.end()


def test_variables_stay_from_one_piece_to_the_next(interpreter):
    assert interpreter.feed("x = 20\nx + 1", unheard) == 21
    assert interpreter.feed("x * y", unheard, {"y": 3}) == 60


def test_what_it_prints_is_passed_on_by_stream(interpreter):
    heard = []
    code = "import sys\nprint('a')\nprint('b', file=sys.stderr)"
    interpreter.feed(code, lambda stream, text: heard.append((stream, text)))
    assert heard == [("stdout", "a\n"), ("stderr", "b\n")]


@pytest.mark.parametrize("value", ["abc" * 7, {"a": "xyz" * 5, "b": "", "é": "🎉" * 9}])
def test_a_long_text_is_given_in_pieces(interpreter, monkeypatch, value):
    monkeypatch.setattr(monty, "_PIECE", 4)
    interpreter.give("text", value)
    assert interpreter.feed("text", unheard) == value
    shown = interpreter.feed("[(n, v) for n, v in locals().items() if n != 'text']", unheard)
    assert all(part is None or (isinstance(part, str) and len(part) < 3) for _, part in shown)


def test_a_function_is_called_and_the_place_of_the_call_is_known(interpreter):
    assert interpreter.feed("1", unheard) == 1
    assert interpreter.feed("y = 1\ny + double(4)", unheard) == 9
    assert interpreter.position == (1, len("y = 1\ny + "))


def test_an_exception_is_told_with_its_traceback(interpreter):
    with pytest.raises(CodeFailedError) as failed:
        interpreter.feed("x = 1\n1 / 0", unheard)
    assert failed.value.line == "ZeroDivisionError: division by zero"
    assert "line 2" in failed.value.told
    assert not failed.value.is_interrupt


def test_a_syntax_error_leaves_the_session_as_it_was(interpreter):
    interpreter.feed("x = 1", unheard)
    with pytest.raises(CodeFailedError, match="SyntaxError"):
        interpreter.feed("x = (2", unheard)
    assert interpreter.feed("x", unheard) == 1


def test_a_session_that_was_kept_goes_on_in_another_process(interpreter):
    interpreter.feed("x = [1, 2]\ndef f():\n    return double(x[0])", unheard)
    other = Interpreter(located().program, {"double": lambda x: 3 * x})
    try:
        other.load(interpreter.kept(), interpreter.fed)
        interpreter.feed("x.append(3)", unheard)
        assert other.feed("x, f()", unheard) == ([1, 2], 3)
        assert other.fed == interpreter.fed
    finally:
        other.end()


def test_a_process_that_computes_can_only_be_ended(interpreter):
    def end_when_busy():
        while not interpreter.is_busy:
            pass
        interpreter.end()

    ending = threading.Thread(target=end_when_busy)
    ending.start()
    with pytest.raises(EndedError, match="the interpreter was ended"):
        interpreter.feed("while True: pass", unheard)
    ending.join()
    assert not interpreter.is_busy


def test_no_more_memory_is_taken_than_it_may(interpreter):
    with pytest.raises(CodeFailedError, match="MemoryError"):
        interpreter.feed("x = 'x' * 10**10", unheard)


def test_chance_is_the_same_in_every_session(interpreter):
    other = Interpreter(located().program, {})
    try:
        code = "import random\nrandom.random()"
        assert interpreter.feed(code, unheard) == other.feed(code, unheard)
    finally:
        other.end()


@pytest.mark.parametrize(
    ("code", "kind"), [("'a'", "str"), ("[1]", "list"), ("class P:\n    x = 1\nP()", "P")]
)
def test_a_value_is_named_by_its_class(interpreter, code, kind):
    assert type_name(interpreter.feed(code, unheard)) == kind


def test_what_is_too_long_for_a_message_is_refused_by_its_bytes(monkeypatch):
    monkeypatch.setattr(monty, "_PIECE", 4)
    monkeypatch.setattr(monty, "_MOST_BYTES", 10)
    check_size("x" * 10)
    check_size(["é" * 2, "xxx", 5])
    check_size(12)
    for value in ("é" * 6, ["x" * 6, "x" * 6]):
        with pytest.raises(MemoryError, match=r"1\d bytes at once are more than Monty takes"):
            check_size(value)


def test_a_process_that_is_gone_is_said_to_be(interpreter):
    interpreter.feed("1", unheard)
    interpreter.end()
    with pytest.raises(EndedError):
        interpreter.feed("1", unheard)
