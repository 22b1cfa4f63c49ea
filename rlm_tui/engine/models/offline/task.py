"""A question with everything a plan needs to write the next cell."""

from __future__ import annotations

from dataclasses import dataclass

from rlm_tui.engine.models.offline.pen import Pen
from rlm_tui.engine.models.offline.question import Question
from rlm_tui.engine.models.offline.shape import Shape
from rlm_tui.engine.models.offline.situation import Situation


@dataclass(frozen=True, slots=True)
class Task:
    """What a plan works with."""

    now: Situation
    question: Question
    shape: Shape
    pen: Pen
