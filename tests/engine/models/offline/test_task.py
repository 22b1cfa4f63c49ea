"""What a plan works with."""

from __future__ import annotations

import dataclasses

import pytest

from rlm_tui.engine.models.offline.grammar import read_question
from rlm_tui.engine.models.offline.pen import Pen
from rlm_tui.engine.models.offline.shape import Shape
from rlm_tui.engine.models.offline.situation import Situation
from rlm_tui.engine.models.offline.task import Task


def test_a_task_is_never_changed():
    task = Task(Situation("Who?", 1, 1, ""), read_question("Who?"), Shape(), Pen(is_joined=False))
    with pytest.raises(dataclasses.FrozenInstanceError):
        task.question = read_question("When?")
