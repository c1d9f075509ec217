"""Columns that take in what changed say what columns read anew would say."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from draw_engine.core.columns import ExpertFacts, PoolColumns
from draw_engine.pool_generate import credit_code
from foundation.ids import ExpertId
from tests.draw_engine.pool.bench import an_expert, columns

CODES = ("A08", "A0802", "A080205", "B01", "C14")
FACTS = st.builds(
    lambda n, employer, group, codes, title, region, day: an_expert(
        n,
        employer=employer,
        group=group,
        codes=tuple(sorted(codes)),
        title=title,
        region=region,
        admitted_at=datetime(2020, 1, day, tzinfo=UTC),
        valid_to=date(2030, 1, day),
    ),
    st.integers(0, 12),
    st.sampled_from(["U1", "U22", "U333", credit_code("110000", 1)]),
    st.sampled_from(["U1", "G"]),
    st.sets(st.sampled_from(CODES), max_size=3),
    st.sampled_from(["高级职称", "中级职称", "同等专业水平"]),
    st.sampled_from([110000, 310000]),
    st.integers(1, 28),
)


def said(one: PoolColumns) -> list[dict[str, Any]]:
    """The columns row by row, names spelt out."""
    return [
        {
            "id": one.ids[row],
            "employer": one.employers[int(one.employer[row])],
            "org": one.orgs[int(one.org[row])],
            "title": one.titles[int(one.title[row])],
            "plain": [int(one.region[row]), int(one.valid_to[row]), int(one.admitted[row])],
            "codes": sorted(one.code[one.holder == row].tolist()),
        }
        for row in range(len(one))
    ]


@given(st.lists(FACTS, max_size=8), st.lists(FACTS, max_size=6))
def test_amended_columns_are_those_read_anew(
    before: list[ExpertFacts], after: list[ExpertFacts]
) -> None:
    old = {one.expert_id: one for one in before}
    new = {one.expert_id: one for one in after}
    amended = columns(*old.values()).amended(new.values())
    fresh = columns(*(old | new).values())
    assert said(amended) == said(fresh)
    assert sorted(amended.code.tolist()) == amended.code.tolist()
    for code in CODES:
        held = [sorted(set(one.holders([code]).tolist())) for one in (amended, fresh)]
        assert held[0] == held[1]


def test_a_longer_name_is_not_cut_to_the_length_of_the_others() -> None:
    pool = columns(an_expert(1, employer="U1"))
    longer = an_expert(1, employer="91110000GEN00001AB", group="91110000GEN00001AB")
    amended = pool.amended([longer, an_expert(2, expert_id=ExpertId("ex_002_and_longer"))])
    assert amended.employers[int(amended.employer[0])] == "91110000GEN00001AB"
    assert amended.ids[1] == "ex_002_and_longer"
