"""The list: the same lines as a search without indexes, page by page, and no walk over the pool."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import event

from draw_engine import pool_list
from draw_engine.core.columns import ExpertFacts
from draw_engine.expert_pool import Organisation
from draw_engine.pool_list import Query
from foundation.ids import ExpertId
from tests.draw_engine.pool.bench import PoolBench, generated, open_pool

MANY = 50_000
REGIONS = (110000, 310000, 440000, 500000, 540000)
CODES = ("A01", "A0101", "A010101", "A0102", "A08", "A080205", "B01", "B0102", "C0101")


def people(n: int, seed: int = 3) -> tuple[list[ExpertFacts], list[Organisation]]:
    """Facts of `n` experts without persons behind them; one region and one code are rare."""
    chance = random.Random(seed)
    employers = [
        Organisation(f"U{at:06d}", f"{'ABCD'[at % 4]}建设{at:05d}有限公司", f"U{at:06d}")
        for at in range(max(20, n // 12))
    ]
    facts = []
    for number in range(n):
        employer = chance.choice(employers)
        codes = set(chance.choices(CODES, weights=(9, 9, 9, 9, 9, 9, 9, 9, 0.05), k=2))
        facts.append(
            ExpertFacts(
                expert_id=ExpertId(f"ex_{number * 7919 % 1_000_003:09d}{number:013d}"),
                version=1,
                region=chance.choices(REGIONS, weights=(9, 9, 9, 9, 0.05))[0],
                employer=employer.unified_credit_code,
                group=employer.group,
                classification="2018",
                codes=tuple(sorted(codes)),
                title="高级职称",
                valid_to=date(2030, 1, 1),
                admitted_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )
    return facts, employers


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PoolBench]:
    bench = open_pool(tmp_path_factory.mktemp("large"))
    facts, employers = people(MANY)
    bench.pool.enrol(facts, employers, "acc")
    yield bench
    bench.close()


QUERIES = (
    Query(),
    Query(region=110000),
    Query(region=540000),
    Query(code="A01"),
    Query(code="A0101"),
    Query(code="C0101"),
    Query(text="A建设"),
    Query(text="00007"),
    Query(text="u000012"),
    Query(text="ex_0001"),
    Query(text="ex_"),
    Query(text="有限公司", code="A08", region=310000),
    Query(text="建设0001", code="A"),
    Query(code="C0101", region=540000),
    Query(text="no such employer"),
)


def expected(bench: PoolBench, query: Query) -> list[str]:
    """Who matches, by looking at everybody."""
    facts, names = everybody(bench, bench.pool.newest())

    def fits(one: ExpertFacts) -> bool:
        text = query.text
        return (
            (not query.region or one.region == query.region)
            and (not query.code or any(code.startswith(query.code) for code in one.codes))
            and (
                not text
                or one.expert_id.startswith(text)
                or one.employer == text.upper()
                or text in names[one.employer]
            )
        )

    return [one.expert_id for one in facts if fits(one)]


@cache
def everybody(bench: PoolBench, _newest: str) -> tuple[list[ExpertFacts], dict[str, str]]:
    """Facts of the whole pool, and the employers' names."""
    facts = bench.pool.facts()
    found = {code: bench.pool.organisation(code) for code in {one.employer for one in facts}}
    return facts, {code: one.name for code, one in found.items() if one is not None}


@pytest.mark.parametrize("few", [3, 40, 30_000])
@pytest.mark.parametrize("backward", [False, True])
def test_pages_together_are_everybody_who_matches_once(
    bench: PoolBench, monkeypatch: pytest.MonkeyPatch, few: int, backward: bool
) -> None:
    monkeypatch.setattr(pool_list, "FEW", few)
    monkeypatch.setattr(pool_list, "FEW_EMPLOYERS", max(2, few // 3))
    monkeypatch.setattr(pool_list, "STEP", 7)
    monkeypatch.setattr(pool_list, "PORTION", 5)
    facts, employers = people(240)
    bench.pool.enrol(facts, employers, "acc")

    for query in QUERIES:
        wanted = expected(bench, query)
        assert paged(bench, query, backward=backward) == wanted, query


def paged(bench: PoolBench, query: Query, *, backward: bool) -> list[str]:
    """All ids of a query, page after page of ten, from the one or the other end."""
    found: list[str] = []
    query = replace(query, size=10, last=backward)
    while True:
        page = bench.pool.search(query)
        ids = [str(one.facts.expert_id) for one in page.lines]
        found = ids + found if backward else found + ids
        assert page.total >= len(found) or page.at_least
        more, other = page.has_later, page.has_earlier
        if backward:
            more, other = other, more
        assert other == (len(found) > len(ids))
        if not more:
            assert page.at_least or page.total == len(found)
            return found
        query = replace(query, last=False, before="", after=ids[-1])
        if backward:
            query = replace(query, before=ids[0], after="")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_count_is_exact_or_a_lower_bound(large: PoolBench) -> None:
    for query in QUERIES:
        page, truth = large.pool.search(query), len(expected(large, query))
        assert page.total <= truth if page.at_least else page.total == truth, query


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "where", [Query(), Query(after="ex_0005"), Query(before="ex_0009"), Query(last=True)]
)
def test_no_page_walks_over_the_pool(large: PoolBench, where: Query) -> None:
    """Every statement of a page reads a range of an index; none scans or sorts the experts."""
    large.pool.summary()
    for query in QUERIES:
        for plan in plans(large, asked(query, where)):
            scans = re.search(r"SCAN (expert|expert_specialty)\b(?! USING COVERING INDEX)", plan)
            assert scans is None, (query, plan)
            assert "USE TEMP B-TREE FOR ORDER BY" not in plan, (query, plan)


def asked(query: Query, where: Query) -> Query:
    """The conditions of one query at the page of another."""
    return replace(query, after=where.after, before=where.before, last=where.last)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_walk_over_the_pool_would_be_seen(large: PoolBench) -> None:
    with large.books.read() as book:
        raw = book.db.connection().exec_driver_sql("EXPLAIN QUERY PLAN SELECT title FROM expert")
        assert "SCAN expert" in " ".join(str(row[3]) for row in raw)


def plans(bench: PoolBench, query: Query) -> list[str]:
    """The query plan of each statement that a page runs."""
    seen: list[tuple[str, tuple[object, ...]]] = []
    engine = bench.books.database._engines.read

    def note(
        _c: object, _k: object, statement: str, values: tuple[object, ...], *_: object
    ) -> None:
        if statement.lstrip().startswith("SELECT"):
            seen.append((statement, values))

    bench.pool._narrowed.clear()
    event.listen(engine, "before_cursor_execute", note)
    try:
        bench.pool.search(query)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(seen) > 2
    with bench.books.read() as book:
        connection = book.db.connection()
        return [
            "; ".join(
                str(row[3])
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
            )
            for text, values in seen
        ]


def test_what_an_import_staged_is_on_no_page(tmp_path: Path) -> None:
    bench = open_pool(tmp_path)
    bench.enrol(30)
    seen: list[int] = []

    def look(_phase: str, _done: int, _total: int) -> None:
        seen.append(bench.pool.search(Query()).total)
        seen.append(len(bench.pool.search(Query(code="A", size=200)).lines))

    before = len(bench.pool.search(Query(code="A", size=200)).lines)
    bench.importer.enrol(iter(generated(50, seed=8)), "acc", progress=look)

    assert seen == [30, before] * (len(seen) // 2)
    assert bench.pool.search(Query()).total == 80
    bench.close()
