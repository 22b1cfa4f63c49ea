from rlm_tui.engine.bus import Bus
from rlm_tui.events import IterationStarted, Paused, Resumed


def test_events_are_numbered_without_gaps_in_the_order_they_happen():
    bus = Bus()
    records = [bus.emit("1", event) for event in (IterationStarted(1), Paused("answer"), Resumed())]
    assert [record.seq for record in records] == [1, 2, 3]
    assert bus.last_seq == 3
    assert [record.at for record in records] == sorted(record.at for record in records)
    assert records[0].at >= 0


def test_every_sink_gets_every_record_the_first_sink_first():
    told = []
    bus = Bus(
        lambda record: told.append(("file", record)), lambda record: told.append(("ui", record))
    )
    record = bus.emit("1", IterationStarted(1))
    assert told == [("file", record), ("ui", record)]


def test_an_event_that_a_sink_causes_comes_behind_the_one_it_answers():
    seen = []

    def answering(record):
        seen.append(record)
        if isinstance(record.event, IterationStarted):
            bus.emit("1", Paused("model request"))

    bus = Bus(answering)
    bus.emit("1", IterationStarted(1))
    assert [(record.seq, type(record.event)) for record in seen] == [
        (1, IterationStarted),
        (2, Paused),
    ]
