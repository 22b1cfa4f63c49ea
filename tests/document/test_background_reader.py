from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
from pathlib import Path

import pytest

from rlm_tui.document.background_reader import BackgroundReader, Told
from rlm_tui.document.demo import service_log
from rlm_tui.events import AnswerProposed, Record, ReplOutput, SubCallStarted
from rlm_tui.header import DocumentRef

LOG = service_log(3, 2_000)


def sent(seq: int, start: int, end: int) -> Record:
    prompt = f"Errors?\t{LOG[start:end]}\t"
    return Record(seq, 0.0, f"1.1.{seq}", SubCallStarted("llm_query", "m", prompt, 1))


def ref_of(path: Path) -> DocumentRef:
    content = path.read_bytes()
    return DocumentRef(str(path), len(content), hashlib.sha256(content).hexdigest())


@contextlib.asynccontextmanager
async def reading(*refs: DocumentRef):
    told: list[Told] = []
    news = asyncio.Event()

    def take(one: Told) -> None:
        told.append(one)
        news.set()

    async def until(holds) -> None:
        async with asyncio.timeout(30):
            while not holds():
                news.clear()
                await news.wait()

    reader = BackgroundReader(refs, take)
    await reader.begin()
    try:
        yield reader, told, until
    finally:
        await reader.end()


@pytest.fixture
def log(tmp_path) -> Path:
    path = tmp_path / "service.log"
    path.write_text(LOG, encoding="utf-8")
    return path


async def test_readings_come_in_the_order_of_the_events(log):
    async with reading(ref_of(log)) as (reader, told, until):
        reader.take([sent(1, 500, 2_500), sent(2, 9_000, 9_900)])
        reader.take([sent(3, 30_000, 31_000)])
        await until(lambda: told and told[-1].seq == 3)
        found = [(one.seq, one.stretches) for part in told for one in part.readings]
        assert found == [(1, [(500, 2_500)]), (2, [(9_000, 9_900)]), (3, [(30_000, 31_000)])]
        assert told[0].sizes == [len(LOG)]


async def test_events_that_show_nothing_are_not_handed_over(log):
    async with reading(ref_of(log)) as (reader, told, until):
        reader.take([Record(1, 0.0, "1.1", ReplOutput("stdout", LOG[:5_000])), sent(2, 0, 900)])
        await until(lambda: told and told[-1].seq == 2)
        assert [one.seq for part in told for one in part.readings] == [2]


async def test_the_quotations_of_the_roots_answer_are_told(log):
    line = LOG.splitlines()[7]
    answer = Record(5, 0.0, "2", AnswerProposed(f'It says "{line}".', "FINAL"))
    async with reading(ref_of(log)) as (reader, told, until):
        reader.take([answer])
        await until(lambda: told and told[-1].quotations)
        ((seq, _, _, kind, places, _, _),) = told[-1].quotations
        assert (seq, kind) == (5, "quote")
        assert (LOG.index(line), LOG.index(line) + len(line)) in places


async def test_what_was_unpacked_is_read_as_what_it_holds(tmp_path):
    path = tmp_path / "service.log.gz"
    path.write_bytes(gzip.compress(LOG.encode()))
    async with reading(ref_of(path)) as (reader, told, until):
        reader.take([sent(1, 500, 2_500)])
        await until(lambda: told and told[-1].seq == 1)
        assert told[-1].readings[0].stretches == [(500, 2_500)]


async def test_a_document_that_is_not_the_one_that_was_studied_is_not_read(log):
    ref = ref_of(log)
    log.write_text(LOG[::-1], encoding="utf-8")
    async with reading(ref) as (reader, _, until):
        reader.take([sent(1, 500, 2_500)])
        await until(lambda: reader.trouble)
        assert "has changed" in reader.trouble


async def test_a_reader_that_ends_by_itself_says_so(log):
    async with reading(ref_of(log)) as (reader, told, until):
        await until(lambda: told)
        reader._process.kill()
        await until(lambda: reader.trouble)
        assert told[-1].trouble == reader.trouble
