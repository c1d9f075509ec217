"""Reads the whole pool by ascending id, some thousand experts at a time, never as ORM rows."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from sqlmodel import Session, SQLModel, col, select

from draw_engine.core.columns import ExpertFacts
from draw_engine.pool_tables import ExpertSpecialtyRow
from foundation.ids import ExpertId

AT_ONCE: Final = 20_000


def batches(
    db: Session, classification: str, below: str | None = None, size: int = AT_ONCE
) -> Iterator[list[ExpertFacts]]:
    """Facts of everybody, specialties of one version of the standard alone.

    Args:
        below: experts from this id upwards are left out; they are not in the pool yet.
    """
    table = SQLModel.metadata.tables["expert"]
    experts = select(*table.c).order_by(table.c.expert_id).limit(size)
    link_id = col(ExpertSpecialtyRow.expert_id)
    links = select(ExpertSpecialtyRow.expert_id, ExpertSpecialtyRow.code).where(
        ExpertSpecialtyRow.classification == classification
    )
    if below is not None:
        experts = experts.where(table.c.expert_id < below)
    after = ""
    while rows := db.connection().execute(experts.where(table.c.expert_id > after)).all():
        last = rows[-1].expert_id
        codes: defaultdict[str, list[str]] = defaultdict(list)
        found = db.connection().execute(links.where(link_id > after, link_id <= last))
        for expert_id, code in found:
            codes[expert_id].append(code)
        yield [
            ExpertFacts(
                ExpertId(row.expert_id),
                row.version,
                row.region,
                row.employer,
                row.grouped,
                classification,
                tuple(sorted(codes[row.expert_id])),
                row.title,
                row.valid_to,
                row.admitted_at,
                row.generated,
            )
            for row in rows
        ]
        after = last
