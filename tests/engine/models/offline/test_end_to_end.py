"""The real loop over generated documents, against a truth computed by other means."""

from __future__ import annotations

import pytest

from rlm_tui.document.demo import DEMO_QUESTION, demo_document, haystack, records, service_log
from rlm_tui.events import IterationStarted
from tests.engine.models.offline import real_texts
from tests.engine.models.offline.asking import ask
from tests.engine.models.offline.exact_questions import LOG, REAL, RECORDS, holds
from tests.engine.models.offline.rehearsing import rehearse

NEEDLES = (
    ("The magic number for Ulm is 83172.", "What is the magic number for Ulm?", "83172"),
    (
        "The password of tasty-kite was set to kestrel-4.",
        "What is the password of tasty-kite?",
        "kestrel-4",
    ),
    (
        "4417 is the secret code of Zebra Street.",
        "What is the secret code of Zebra Street?",
        "4417",
    ),
    (
        "The owner of 550e8400-e29b-41d4-a716-446655440000 is Ada Brandt.",
        "Who is the owner of 550e8400-e29b-41d4-a716-446655440000?",
        "Ada Brandt",
    ),
)
CHRONICLE = """\
The town library was founded in 1871 by Ada Brandt, a teacher from Ghent. It has 40,000 volumes and
three reading rooms.

In March 1923 the old bridge was closed, because the river had washed out its middle pier. It was
rebuilt by the engineer Tomas Keller and opened again on 3 May 1925.

The harbour master lives in the white house on the quay. The mill stands on the island.
"""


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    texts = {
        "log": service_log(11, 1500),
        "records": records(11, 400),
        "demo": demo_document(),
        "chronicle": haystack(5, 30_000, CHRONICLE.replace("\n", " ").split("  ")),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("size", [10_000, 100_000, 1_000_000])
@pytest.mark.parametrize(
    ("needle", "question", "value"), NEEDLES, ids=["is", "was set", "before", "id"]
)
async def test_a_needle_is_found(tmp_path, size, needle, question, value):
    text = haystack(size, size, [needle])
    path = tmp_path / "hay.txt"
    path.write_text(text, encoding="utf-8")
    asked = await ask(question, path)
    assert asked.first_line == value
    start = text.index(needle.split()[0] + " " + needle.split()[1])
    assert asked.failed_cells == []
    assert f"line {text.count(chr(10), 0, start) + 1:,}" in asked.answer or "lines " in asked.answer


@pytest.mark.parametrize("item", [*LOG, *RECORDS], ids=lambda item: item.question)
async def test_what_can_be_counted_is_counted_right(documents, item):
    path = documents / item.document
    truth = item.truth(path.read_text(encoding="utf-8"))
    asked = await ask(item.question, path)
    assert asked.failed_cells == []
    assert holds(asked.answer if isinstance(truth, list) else asked.first_line, truth)
    assert len(asked.events(IterationStarted)) <= 5


@pytest.mark.parametrize("item", REAL, ids=lambda item: f"{item.document}: {item.question}")
def test_what_can_be_counted_in_real_texts_is_counted_right(item):
    text = real_texts.text(item.document)
    if not text:
        pytest.skip("this Python came without its licence")
    truth = item.truth(text)
    done = rehearse(item.question, text)
    assert done.failures == []
    assert holds(done.answer if isinstance(truth, list) else done.first_line, truth)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Who founded the library?", "Ada Brandt"),
        ("When was the library founded?", "1871"),
        ("How many volumes does the library have?", "40,000"),
        ("Who rebuilt the old bridge?", "the engineer Tomas Keller"),
        ("When was the old bridge closed?", "March 1923"),
        ("Where does the mill stand?", "The mill stands on the island."),
        ("Where does the harbour master live?", "The harbour master lives in the white house"),
        (
            "Why was the old bridge closed?",
            "In March 1923 the old bridge was closed, because the river",
        ),
    ],
)
async def test_what_a_sentence_states_in_the_questions_words_is_answered(
    documents, question, first
):
    asked = await ask(question, documents / "chronicle")
    assert asked.failed_cells == []
    if first.startswith("the engineer"):
        # The name stands in the next sentence, which has none of the question's other words.
        assert "Tomas Keller" in asked.answer
    else:
        assert asked.first_line.startswith(first)
    assert 1 <= asked.calls <= 20
    assert "  line" in asked.answer


@pytest.mark.parametrize(
    "question",
    [
        "Who founded the hospital?",
        "When was the railway station of Zanzibar opened?",
        "How many volumes does the archive have?",
        "What is the magic number for Ulm?",
        "Why did the theatre burn?",
        "Who is the mayor?",
        "Where does the bishop live?",
        "What is the password of the harbour master?",
        "When was the library closed?",
    ],
)
async def test_what_is_absent_is_not_answered_with_a_guess(documents, question):
    asked = await ask(question, documents / "chronicle")
    assert asked.finished.outcome == "answered"
    assert asked.first_line.startswith(
        ("Not stated in the question's words (not used:", "Nothing found")
    )


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How many errors did the payments service log in Zanzibar?", "No such line has Zanzibar."),
        ("What is the 95th percentile of the temperature?", "Nothing found"),
        ("Which zodiac sign appears most often?", "Not stated"),
        ("List all UUIDs", "There is none"),
        ("On which line is Zanzibar mentioned?", "Nothing found"),
        ("How often does Zanzibar occur?", "'Zanzibar' does not occur"),
    ],
)
async def test_what_cannot_be_counted_is_not_made_up(documents, question, first):
    asked = await ask(question, documents / "log")
    assert asked.first_line.startswith(first)


async def test_the_demo_is_answered_with_quotes_and_sub_calls(documents):
    asked = await ask(DEMO_QUESTION, documents / "demo")
    log = demo_document()
    codes = (
        "DB_POOL_EXHAUSTED",
        "CARD_GATEWAY_TIMEOUT",
        "STOCK_MISMATCH",
        "TOKEN_SIGNATURE_INVALID",
    )
    assert asked.failed_cells == []
    assert 10 <= asked.calls <= 20
    assert asked.first_line.startswith(
        f"DB_POOL_EXHAUSTED repeats most: {log.count(codes[0]):,} of"
    )
    assert asked.first_line.endswith("from 2026-03-14 14:00 to 14:39")
    for rank, code in enumerate(codes, 1):
        assert f"{rank}. {code}: {log.count(code):,} times" in asked.answer
    for cause in ("orders 4.12.0 rolled out", "fra-2 is flapping", "new-stock-sync", "key rotated"):
        number = next(n for n, line in enumerate(log.split("\n"), 1) if cause in line)
        assert f"  before it, line {number:,}: " in asked.answer


async def test_a_run_can_be_repeated(documents):
    first, second = [await ask(DEMO_QUESTION, documents / "log") for _ in range(2)]
    assert (first.replies, first.sub_replies) == (second.replies, second.sub_replies)
    assert first.answer == second.answer


async def test_several_documents_are_one_text_or_a_loop_each(documents):
    paths = [documents / "records", documents / "chronicle"]
    one = await ask("Who founded the library?", *paths)
    each = await ask("Who founded the library?", *paths, max_depth=2)
    assert (one.first_line, one.failed_cells) == ("Ada Brandt", [])
    assert each.first_line == f"Ada Brandt ({documents / 'chronicle'})"
    assert each.calls > 2


async def test_without_sub_calls_and_with_few_turns_it_answers_all_the_same(documents):
    path = documents / "chronicle"
    without = await ask("When was the library founded?", path, max_depth=0)
    assert (without.first_line, without.calls) == ("1871", 0)
    forced = await ask("When was the library founded?", path, max_iterations=2)
    assert forced.finished.outcome == "forced"
    assert "\n1871\n" in forced.answer


async def test_its_sub_calls_may_be_few(documents):
    asked = await ask("Who founded the library?", documents / "chronicle", max_sub_calls=3)
    assert asked.finished.outcome in {"answered", "forced"}
    assert asked.answer
