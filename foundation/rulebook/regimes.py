"""The kinds of trade and where their law differs (四类交易).

ZB covers construction tenders, GP-* government procurement, LAND and MINE land and mineral
rights, SOE state-owned property.
"""

from dataclasses import dataclass
from typing import Final

from foundation.errors import Kind, ServiceError


class UnknownRegime(ServiceError):
    """The regime is none of the rule book's."""

    code = "rulebook.unknown_regime"
    kind = Kind.INVALID


@dataclass(frozen=True, slots=True)
class Regime:
    """Parameters of one kind of trade.

    `least_members` is odd; `expert_share` is the least share of drawn experts as a
    fraction; `owner_may_lead` says whether the owner's representative may lead.
    """

    id: str
    zh: str
    en: str
    least_members: int
    expert_share: tuple[int, int]
    size_rule: str
    owner_may_lead: bool
    entity_zh: str


REGIMES: Final[dict[str, Regime]] = {
    id_: Regime(id_, zh, en, 5, (2, 3), "R-SIZE-1", owner_may_lead, entity)
    for id_, zh, en, owner_may_lead, entity in (
        ("ZB", "依法必须招标的工程及有关货物服务", "Construction tender", True, "招标人"),
        ("GP-T", "政府采购公开招标", "Government procurement tender", False, "采购人"),
        ("LAND", "国有土地使用权出让", "Land use rights", True, "出让人"),
        ("SOE", "国有产权交易综合评议", "State-owned property", True, "转让方"),
    )
}


def regime(id_: str) -> Regime:
    """The regime called `id_`.

    Raises:
        UnknownRegime: there is none.
    """
    try:
        return REGIMES[id_]
    except KeyError as unknown:
        raise UnknownRegime(regime=id_) from unknown
