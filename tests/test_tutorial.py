from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from rlm_tui.breakpoint import Breakpoint
from rlm_tui.breakpoints import parse
from rlm_tui.config import Settings
from rlm_tui.events import ModelDelta, Paused
from rlm_tui.live import LiveRun
from rlm_tui.source import Answer, Edit, Pause, Resume, RunRequest, SetBreakpoints, Step
from rlm_tui.trajectory import Trajectory
from rlm_tui.tutorial import END, FIRST_STOP, LESSONS, QUESTION, Course, write_materials
from tests.runs import NAMED

KEYS = ["p", "s", "o", "c", "b", "e", "a", "left_square_bracket", "comma", "W"]


@pytest.fixture
def request_for(tmp_path):
    """The run of the tutorial, whose replies come at once."""
    document, model = write_materials(tmp_path / "documents")
    path = Path(model.removeprefix("scripted:"))
    script = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(script | {"chunk_delay": 0}), encoding="utf-8")
    settings = Settings(model=model, save=False)
    return RunRequest(QUESTION, [str(document)], settings, paused=True, breakpoints=[FIRST_STOP])


class Reader:
    """Does at each stop what the lesson says, as long as it is told to."""

    def __init__(self, source, course, deeds):
        self.source = source
        self.course = course
        self.deeds = deeds
        self.trajectory = Trajectory()
        self.stops = []

    def begin(self, header):
        pass

    def say(self, notice):
        pass

    def take(self, records):
        for record in records:
            self.trajectory.apply(record)
            self.course.look(self.trajectory)
            if isinstance(record.event, ModelDelta) and self.course.at == 0:
                self.send(Pause())
            elif isinstance(record.event, Paused) and record.event.reason != "edited":
                self.stops.append(f"{record.node} {record.event.before}")
                asyncio.get_running_loop().call_soon(self.do)

    def do(self):
        if not self.course.is_over:
            for command in self.deeds(self.course.lessons[self.course.at].keys, self.course.at):
                self.send(command)
        else:
            self.send(Resume())

    def send(self, command):
        self.course.hear(command)
        self.source.send(command)


def as_told(keys, at):
    """What a reader does who does what each lesson says."""
    mine = [FIRST_STOP, Breakpoint(2, "line 3.1:3")]
    code = 'found = []\nfor part in chunks(3500):\n    found.append(llm_query("First?" + part))'
    match keys:
        case "p":
            return [Resume()]
        case "s,o":
            return [Step("over")]
        case "b":
            return [SetBreakpoints(mine), Edit(code), Resume()]
        case "s":
            return [Step("into")]
        case "a":
            return [Answer("nothing at all")]
        case "c" if at > 5:
            return [SetBreakpoints([]), Resume()]
        case _:
            return [Resume()]


async def test_a_reader_who_does_what_each_lesson_says_comes_to_its_end(request_for):
    source = LiveRun(request_for)
    course = Course.on(KEYS)
    reader = Reader(source, course, as_told)
    async with asyncio.timeout(60):
        await source.run(reader)
    assert len(course.lessons) == len(LESSONS) == 11
    assert course.lessons[course.at].keys == "left_square_bracket,comma"
    assert reader.stops[:3] == ["1 model request", "1.1 code block", "2 model request"]
    assert {"3.1 code block", "3.1 line", "3.1.1 llm_query"} <= set(reader.stops)
    assert "nothing at all" in reader.trajectory.finished.answer
    assert course.look(reader.trajectory, is_past=True)
    assert course.look(reader.trajectory, is_branch=True)
    assert (course.is_over, course.text) == (True, END)
    assert not course.look(reader.trajectory, is_past=True)


async def test_who_lets_the_run_go_is_held_before_the_code_of_iteration_3(request_for):
    source = LiveRun(request_for)
    course = Course.on(KEYS)

    class Careless(Reader):
        def take(self, records):
            for record in records:
                self.trajectory.apply(record)
                self.course.look(self.trajectory)
                if isinstance(record.event, Paused):
                    self.stops.append(f"{record.node} {record.event.before}")
                    asyncio.get_running_loop().call_soon(self.send, Resume())

    reader = Careless(source, course, as_told)
    async with asyncio.timeout(60):
        await source.run(reader)
    assert reader.stops == ["1 model request", "3.1 code block"]
    assert course.lessons[course.at].keys == "left_square_bracket,comma"


async def test_the_answer_names_an_error_of_each_part_of_the_log(request_for):
    source = LiveRun(request_for)
    reader = Reader(source, Course(()), as_told)
    async with asyncio.timeout(60):
        await source.run(reader)
    assert reader.trajectory.finished.outcome == "answered"
    assert reader.trajectory.finished.answer.count("in the service") >= 2


def test_lessons_on_keys_that_are_not_there_are_left_out():
    assert [lesson.keys for lesson in Course.on(["p", "c"]).lessons] == ["p", "c", "c", "c"]
    assert Course.on([]).text == END


def test_lessons_that_need_a_run_are_over_with_it_and_the_others_wait():
    trajectory = Trajectory()
    trajectory.apply_all(NAMED["answered"]())
    course = Course.on(KEYS)
    assert course.look(trajectory)
    assert not course.lessons[course.at].needs_run


def test_what_was_done_before_a_lesson_does_not_count_for_it():
    trajectory = Trajectory()
    course = Course(LESSONS[1:])
    course.hear(Step("over"))
    assert not course.look(trajectory)
    trajectory.apply_all(NAMED["held"]())
    assert course.look(trajectory)
    assert course.at == 1


def test_lessons_are_short_and_name_their_keys():
    shown = {"left_square_bracket": "[", "comma": ","}
    for lesson in LESSONS:
        assert len(lesson.text) < 330
        for key in lesson.keys.split(","):
            assert f"`{shown.get(key, key)}`" in lesson.text
    parse(FIRST_STOP.spec)
