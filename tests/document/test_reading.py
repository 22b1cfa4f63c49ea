from __future__ import annotations

from rlm_tui.document.demo import service_log
from rlm_tui.document.reading import Reader, told_apart
from rlm_tui.document.readings import Reading
from rlm_tui.document.spans import Located, Span
from rlm_tui.events import CodeFinished, CodeStarted, Record, SubCallStarted

LOG = service_log(3, 600)


def read(*happenings) -> list[Reading]:
    records = [Record(seq, 0.0, node, event) for seq, (node, event) in enumerate(happenings, 1)]
    return Reader([LOG]).take(records)


def block(node, code):
    return ((node, CodeStarted(code)), (node, CodeFinished("ok", 0.1)))


def test_the_parts_of_a_prompt_are_told_in_the_order_of_the_document():
    prompt = f"First:\t{LOG[20_000:21_000]}\tThen:\t{LOG[5_000:6_000]}\t"
    (reading,) = read(("1.1.1", SubCallStarted("llm_query", "m", prompt, 1)))
    assert reading == Reading(1, "1.1.1", "sent", [(5_000, 6_000), (20_000, 21_000)])


def test_what_is_not_known_is_told_as_such():
    (reading,) = read(("1.1.1", SubCallStarted("llm_query", "m", "Sum up the answers.", 1)))
    assert reading.stretches == []


def test_code_that_goes_through_the_context_scans_all_of_it():
    (reading,) = read(*block("1.1", "print(context.count('x'))"))
    assert (reading.level, reading.stretches) == ("scanned", [(0, len(LOG))])


def test_a_slice_scans_what_it_takes():
    (reading,) = read(*block("1.1", "print(context[-100:])"))
    assert reading.stretches == [(len(LOG) - 100, len(LOG))]


def test_a_search_for_a_fixed_text_matches_the_lines_that_hold_it():
    scanned, matched = read(*block("1.1", "hits = grep('ERROR')"))
    assert scanned.level == "scanned"
    assert matched.level == "matched"
    lines = {line for line in LOG.splitlines() if "ERROR" in line}
    found = "".join(LOG[start:end] for start, end in matched.stretches)
    assert set(found.splitlines()) == lines


def test_a_search_for_a_place_matches_the_text_alone():
    _, matched = read(*block("1.1", "p = fast_find_all(context, 'ERROR')"))
    assert {LOG[start:end] for start, end in matched.stretches} == {"ERROR"}


def test_the_quotations_of_an_answer_are_found():
    line = LOG.splitlines()[40]
    told = Reader([LOG]).quotations(f'It says "{line}" in line 41.')
    assert {document for document, _ in told} == {0}
    quoted = [one for _, one in told]
    assert [one.kind for one in quoted] == ["quote", "lines"]
    start = LOG.index(line)
    assert (start, start + len(line)) in quoted[0].places
    assert quoted[1].places == ((start, start + len(line) + 1),)


def located(*spans: tuple[int, int]) -> Located:
    return Located(tuple(Span(at + 1_000, until + 1_000, at, until) for at, until in spans))


def test_of_several_documents_the_one_with_the_longest_find_counts():
    one, other = told_apart([located((0, 500)), located((40, 90), (600, 700))])
    assert [(span.at, span.until) for span in one.spans] == [(0, 500)]
    assert [(span.at, span.until) for span in other.spans] == [(600, 700)]


def test_what_two_documents_hold_alike_is_claimed_for_neither():
    one, other = told_apart([located((0, 500)), located((0, 500))])
    assert not one.spans
    assert not other.spans
    assert len(one.repeats) == len(other.repeats) == 1


def test_a_reading_names_its_document():
    other = service_log(9, 600)
    prompt = f"?\t{other[9_000:12_000]}\t"
    call = Record(1, 0.0, "1.1.1", SubCallStarted("llm_query", "m", prompt, 1))
    first, second = Reader([LOG, other]).take([call])
    assert (first.document, first.stretches) == (0, [])
    assert (second.document, second.stretches) == (1, [(9_000, 12_000)])


OTHER = service_log(9, 600)
PAIR = ["/logs/one.log", "/logs/other.log"]


def test_code_scans_and_matches_the_document_that_it_names():
    code = "rows = grep('ERROR', text=context['/logs/other.log'])"
    records = [
        Record(seq, 0.0, node, event) for seq, (node, event) in enumerate(block("1.1", code), 1)
    ]
    scanned, matched = Reader([LOG, OTHER], PAIR).take(records)
    assert (scanned.level, scanned.document) == ("scanned", 1)
    assert scanned.stretches == [(0, len(OTHER))]
    assert all("ERROR" in OTHER[start:end] for start, end in matched.stretches)
    assert Reader([LOG, OTHER]).take(records) == []


def test_the_quotations_of_an_answer_are_found_in_the_documents_they_are_from():
    mine, others = LOG.splitlines()[40], OTHER.splitlines()[50]
    answer = f'"{mine}" and "{others}", and "nothing of the kind"; see line 5 of other.log.'
    told = Reader([LOG, OTHER], PAIR).quotations(answer)
    by_document = [(document, answer[one.at : one.until]) for document, one in told if one.places]
    assert set(by_document) == {(0, mine), (1, others), (1, "line 5")}
    lost = [answer[one.at : one.until] for _, one in told if not one.places]
    assert lost == ["nothing of the kind"]
