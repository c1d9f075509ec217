"""What one region tells another: entries of the list and credentials, as bodies of a feed.

A body names a person by a token alone. It is read strictly: what does not fit is kept as
unreadable and shown, and never half understood.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final

from blacklist.core.facts import Measure
from blacklist.core.feed_errors import EntryUnreadable
from blacklist.core.grounds import BLACKLIST_GATE, GROUNDS, KINDS, Kind

STREAM: Final = "feed"
LIST_ENTRY: Final = "feed.list_entry"
CREDENTIAL: Final = "feed.credential"

SHARED: Final = frozenset(kind for kind, one in KINDS.items() if one.rule == BLACKLIST_GATE)
"""The kinds that R-ELIG-6 unions over the whole country. Leave, suspension and frozen duties are
matters of the own pool: what is not decided for good is not told to others."""

MOST_CHARACTERS: Final = 500
MOST_SPECIALTIES: Final = 200

_TOKEN: Final = re.compile(r"([0-9a-f]{64})?")
_NAME: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
_GROUND: Final = re.compile(r"[a-z0-9_]{1,60}")
_CODE: Final = re.compile(r"[A-Z][0-9]{0,8}")
_REGION: Final = re.compile(r"[0-9]{6}")


class FeedAct(StrEnum):
    """What happened to an entry of the list."""

    RECORDED = "recorded"
    CORRECTED = "corrected"
    LIFTED = "lifted"


class CredentialAct(StrEnum):
    """What an expert allowed."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of a feed about the list.

    Args:
        id: the measure, as the publishing service calls it.
        person_token: 64 hex digits; "" where the publisher no longer knows who it was.
        key_id: of the federation's key under which the token was made.
        ground, article, basis: of the measure; of the lift where `act` is lifted.
        replaces: the measure that this one corrects, or "".
    """

    id: str
    act: FeedAct
    person_token: str
    key_id: str
    kind: Kind
    ground: str
    article: str
    basis: str
    deciding_body: str
    starts_on: date
    ends_on: date | None
    replaces: str = ""

    def to_body(self) -> dict[str, Any]:
        """As a payload of the ledger."""
        return asdict(self) | {
            "act": self.act.value,
            "kind": self.kind.value,
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat() if self.ends_on else "",
        }

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "ListEntry":
        """The entry in a body.

        Raises:
            EntryUnreadable: a member is missing, too many, or of another form.
        """
        _members(body, cls)
        return cls(
            id=_text(body, "id", _NAME),
            act=_one_of(body, "act", FeedAct),
            person_token=_text(body, "person_token", _TOKEN),
            key_id=_words(body, "key_id", 0),
            kind=_one_of(body, "kind", Kind),
            ground=_text(body, "ground", _GROUND),
            article=_words(body, "article", 0),
            basis=_words(body, "basis", 0),
            deciding_body=_words(body, "deciding_body", 0),
            starts_on=_day(body, "starts_on"),
            ends_on=_day(body, "ends_on") if body["ends_on"] else None,
            replaces=_text(body, "replaces", _NAME) if body["replaces"] else "",
        )


@dataclass(frozen=True, slots=True)
class Credential:
    """What an expert allowed other regions to know: specialties, title, term, region."""

    id: str
    act: CredentialAct
    person_token: str
    key_id: str
    classification: str
    specialties: tuple[str, ...]
    title: str
    valid_to: date
    region: str

    def to_body(self) -> dict[str, Any]:
        """As a payload of the ledger."""
        return asdict(self) | {
            "act": self.act.value,
            "specialties": list(self.specialties),
            "valid_to": self.valid_to.isoformat(),
        }

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> "Credential":
        """The credential in a body.

        Raises:
            EntryUnreadable: as `ListEntry.read`.
        """
        _members(body, cls)
        codes = body["specialties"]
        if not isinstance(codes, list) or not len(codes) <= MOST_SPECIALTIES:
            raise EntryUnreadable("specialties")
        if not all(isinstance(one, str) and _CODE.fullmatch(one) for one in codes):
            raise EntryUnreadable("specialties")
        return cls(
            id=_text(body, "id", _NAME),
            act=_one_of(body, "act", CredentialAct),
            person_token=_text(body, "person_token", _TOKEN),
            key_id=_words(body, "key_id", 0),
            classification=_words(body, "classification", 1),
            specialties=tuple(codes),
            title=_words(body, "title", 0),
            valid_to=_day(body, "valid_to"),
            region=_text(body, "region", _REGION),
        )


def told(
    measure: Measure, token: str, key_id: str, withheld: Mapping[str, bool], replaces: str = ""
) -> ListEntry:
    """What the feed says of a measure as it stands now: on record, correcting, or lifted.

    Args:
        withheld: texts that would tell who it is, by member; they are left empty.
    """
    act = FeedAct.CORRECTED if replaces else FeedAct.RECORDED
    basis = measure.basis
    ground = measure.ground
    if measure.lifted_at is not None:
        act, ground, basis = FeedAct.LIFTED, measure.lift_ground, measure.lift_basis
    known = GROUNDS.get(measure.ground)
    return ListEntry(
        id=measure.id,
        act=act,
        person_token=token,
        key_id=key_id,
        kind=measure.kind,
        ground=ground,
        article=known.article if known else "",
        basis="" if withheld.get("basis") else basis,
        deciding_body="" if withheld.get("deciding_body") else measure.deciding_body,
        starts_on=measure.starts_on,
        ends_on=measure.ends_on,
        replaces=replaces,
    )


def _members(body: Mapping[str, Any], shape: type) -> None:
    names = {one.name for one in fields(shape)}
    for name in sorted(names ^ set(body)):
        raise EntryUnreadable(name if name in names else "other")


def _text(body: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str:
    value = body[name]
    if not isinstance(value, str) or not form.fullmatch(value):
        raise EntryUnreadable(name)
    return value


def _words(body: Mapping[str, Any], name: str, least: int) -> str:
    value = body[name]
    if not isinstance(value, str) or not least <= len(value) <= MOST_CHARACTERS:
        raise EntryUnreadable(name)
    return value


def _day(body: Mapping[str, Any], name: str) -> date:
    value = body[name]
    try:
        found = date.fromisoformat(value)
    except (TypeError, ValueError) as bad:
        raise EntryUnreadable(name) from bad
    if found.isoformat() != value:
        raise EntryUnreadable(name)
    return found


def _one_of(body: Mapping[str, Any], name: str, of: Any) -> Any:
    try:
        return of(body[name])
    except ValueError as unknown:
        raise EntryUnreadable(name) from unknown
