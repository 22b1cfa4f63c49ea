from __future__ import annotations

import pytest

from rlm_tui.errors import ReplError
from rlm_tui.repl.keeper import KeptRepl
from tests.repl.notebook import Box, Notebook


def test_a_state_is_gone_back_to_as_often_as_one_likes(monty_box, monty):
    monty.ok("x = [1]\nimport re\ndef f(n):\n    return n + len(x)", name="1.1")
    kept = monty_box.do(monty.repl.parked())
    monty.ok("x.append(2)\nf = None")
    for _ in range(2):
        again = Notebook(monty_box, monty_box.do(kept.fork()))
        assert again.ok("x, f(1), len(re.findall('line', context)), query") == (
            "([1], 2, 4, 'what is it?')\n"
        )
        again.ok("x.append(3)")
        again.repl.close()
    assert monty.ok("x") == "[1, 2]\n"


def test_tracebacks_and_changes_go_on_where_they_were(monty_box, monty):
    monty.ok("x = 1\ndef f():\n    return 1 / 0", name="1.1")
    kept = monty_box.do(monty.repl.parked())
    again = Notebook(monty_box, monty_box.do(kept.fork()))
    ran = again.run("f()", name="2.1")
    assert 'File "<repl 2.1>", line 1' in ran.err
    assert 'File "<repl 1.1>", line 3, in f' in ran.err
    assert ran.result.changes is None
    changes = again.run("x = 2").result.changes
    assert [item.name for item in changes.changed] == ["x"]
    assert changes.new == changes.gone == []
    again.repl.close()


def test_a_child_is_given_its_own_context_again(monty_box):
    child = monty_box.notebook("q", {"a": "text of a"})
    kept = monty_box.do(child.repl.parked())
    child.repl.close()
    again = Notebook(monty_box, monty_box.do(kept.fork()))
    assert again.ok("context['a'], query") == "('text of a', 'q')\n"
    again.repl.close()


def test_a_state_that_does_not_fit_cannot_be_kept_and_the_repl_goes_on(monty_box, monty):
    monty.ok("big = 'x' * (70 * 2**20)")
    with pytest.raises(ReplError, match="take more than 64 MB"):
        monty_box.do(monty.repl.parked())
    assert monty.ok("len(big), len(context) > 0") == "(73400320, True)\n"


def test_a_state_is_gone_with_its_sandbox(tmp_path):
    path = tmp_path / "document.txt"
    path.write_text("text", encoding="utf-8")
    with Box(str(path), mode="monty") as box:
        kept = box.do(box.notebook().repl.parked())
        assert isinstance(kept, KeptRepl)
        assert kept.is_alive
        box.do(box.sandbox.close())
        assert not kept.is_alive
        kept.close()
