"""The generated documents: the same everywhere, and what they promise."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

import pytest

from rlm_tui.document import demo


def lines_with(text, part):
    return [line for line in text.splitlines() if part in line]


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (demo.service_log(7, 500), "2d8a1e0c7f6611c6"),
        (demo.haystack(7, 5_000, ["A needle."]), "b189e28f9c82f45b"),
        (demo.records(7, 100), "a8904da9ff77a966"),
    ],
    ids=["log", "haystack", "records"],
)
def test_a_seed_makes_the_same_text_on_every_python(text, digest):
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == digest


def test_another_seed_makes_another_text():
    assert demo.service_log(1, 300) != demo.service_log(2, 300)
    assert demo.records(1, 50) != demo.records(2, 50)
    assert demo.haystack(1, 500, []) != demo.haystack(2, 500, [])


@pytest.mark.parametrize("lines", [0, 1, 7, 300, 2000])
def test_a_log_has_as_many_lines_as_asked_for(lines):
    assert demo.service_log(3, lines).count("\n") == lines


def test_a_log_is_in_the_order_of_its_times():
    stamps = [line[:23] for line in demo.service_log(3, 2000).splitlines()]
    assert stamps == sorted(stamps)
    assert all(re.fullmatch(r"2026-03-14 \d\d:\d\d:\d\d\.\d{3}", stamp) for stamp in stamps)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_errors_of_a_log_have_ranks_and_times_of_their_own(seed):
    log = demo.service_log(seed, 3000)
    codes = Counter(re.findall(r"ERROR .* code=(\w+)", log))
    assert [code for code, _ in codes.most_common()] == [
        *("DB_POOL_EXHAUSTED", "CARD_GATEWAY_TIMEOUT", "STOCK_MISMATCH"),
        *("TOKEN_SIGNATURE_INVALID", "MEDIA_QUOTA_EXCEEDED", "MAIL_REJECTED"),
    ]
    assert len(set(codes.values())) == len(codes)
    hours = Counter(line[11:13] for line in lines_with(log, "DB_POOL_EXHAUSTED"))
    assert hours["14"] > 0.6 * codes["DB_POOL_EXHAUSTED"]


def test_a_log_tells_the_cause_of_an_error_before_it_repeats():
    log = demo.service_log(3, 3000)
    (cause,) = lines_with(log, "orders 4.12.0 rolled out")
    assert cause[11:16] == "14:03"


def test_a_log_has_what_logs_have():
    log = demo.service_log(3, 2000)
    assert len(set(re.findall(r"ip=([\d.]+)", log))) > 50
    assert len(set(re.findall(r"[\w.]+@example\.(?:org|com|net)", log))) > 50
    latencies = sorted(map(int, re.findall(r"latency=(\d+)ms", log)))
    assert latencies[len(latencies) // 2] < 50 < latencies[-1] // 4
    networks = {"192.0.2", "198.51.100", "203.0.113"}
    assert {address.rpartition(".")[0] for address in re.findall(r"ip=([\d.]+)", log)} == networks


def test_a_haystack_has_its_needles_in_order_and_its_size():
    needles = [f"Needle number {n} is here." for n in range(5)]
    text = demo.haystack(9, 20_000, needles)
    flat = " ".join(text.split())
    places = [flat.index(needle) for needle in needles]
    assert places == sorted(places)
    assert 20_000 <= len(text) < 21_500
    assert all(len(line) <= 88 for line in text.splitlines())
    assert "needle" not in demo.haystack(9, 20_000, []).lower()


def test_a_needle_is_hidden_in_the_smallest_haystack():
    assert "A needle." in demo.haystack(1, 0, ["A needle."])
    assert demo.haystack(1, 0, []) == "\n"


def test_records_have_labels_and_numbers():
    lines = demo.records(5, 300).splitlines()
    assert [line[8:13] for line in lines] == [f"{n:05}" for n in range(1, 301)]
    assert all(len(line.split(" | ")) == 7 for line in lines)
    labels = Counter(re.findall(r"label: (\w+)", "\n".join(lines)))
    assert set(labels) == {"complaint", "question", "praise", "return", "order"}


def test_the_demo_document_is_a_log_of_half_a_megabyte_or_more():
    assert 400_000 < len(demo.demo_document()) < 1_000_000
    assert demo.DEMO_QUESTION == "Which errors repeat most, and when?"


def test_the_demo_is_written_once(tmp_path):
    folder = tmp_path / "not" / "there"
    path = demo.write_demo(folder)
    assert path.read_text(encoding="utf-8") == demo.demo_document()
    before = path.stat()
    assert demo.write_demo(folder) == path
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert [item.name for item in folder.iterdir()] == [demo.DEMO_NAME]


def test_a_demo_that_was_changed_is_written_anew(tmp_path):
    path = demo.write_demo(tmp_path)
    path.write_text("changed", encoding="utf-8")
    assert demo.write_demo(tmp_path).read_text(encoding="utf-8") == demo.demo_document()
