"""What an expert allows other regions to know goes out with the consent, and back with its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.wiring_feeds import share_credentials
from blacklist.core.feed import CREDENTIAL, STREAM, Credential, CredentialAct
from blacklist.feed_publisher import fold_own
from draw_engine.core.consents import TEXTS, Purpose
from foundation.digest import parse_canon
from foundation.ids import AccountId
from tests.app.regions import Region, two_regions

SHARE = Purpose.SHARE_CREDENTIALS
ACCOUNT = AccountId("acc_expert")


@pytest.fixture
def regions(tmp_path: Path) -> Iterator[tuple[Region, Region]]:
    with two_regions(tmp_path) as pair:
        yield pair


def taken(south: Region) -> list[Credential]:
    """What the south took, in order."""
    feeds = south.bench.house.feeds.feeds
    [state] = feeds.peers()
    rows = reversed(feeds.newest(state.peer.id))
    bodies = [parse_canon(one.body) for one in rows if one.type == CREDENTIAL]
    return [Credential.read(one) for one in bodies if isinstance(one, dict)]


def test_a_consent_tells_the_credential_and_its_end_takes_it_back(
    regions: tuple[Region, Region],
) -> None:
    north, south = regions
    who = north.expert(3)
    consents = north.bench.house.record.consents
    consents.give(who, SHARE, TEXTS[SHARE].version, ACCOUNT)
    north.publish()
    south.look()

    [given] = taken(south)
    [facts] = north.bench.house.pool.pool.facts([who])
    assert (given.act, given.specialties) == (CredentialAct.GIVEN, facts.codes)
    assert (given.classification, given.valid_to) == (facts.classification, facts.valid_to)
    people = south.bench.house.feeds.matches
    assert people.all() == []  # a credential is no entry of a list

    consents.withdraw(who, SHARE, ACCOUNT)
    north.publish()
    south.look()

    _, withdrawn = taken(south)
    assert withdrawn.act is CredentialAct.WITHDRAWN
    assert withdrawn.person_token == given.person_token
    assert (withdrawn.specialties, withdrawn.title) == ((), "")
    publisher = north.bench.house.feeds.publisher
    with north.bench.house.books.read() as book:
        folded = fold_own(book.entries(STREAM))
    assert {one.id: one.act for one in publisher.own()} == {k: v.act for k, v in folded.items()}


def test_who_allowed_nothing_is_told_to_nobody(regions: tuple[Region, Region]) -> None:
    north, _ = regions
    north.bench.house.record.consents.withdraw(north.expert(3), SHARE, ACCOUNT)

    with north.bench.house.books.read() as book:
        assert book.entries(STREAM) == []


def test_a_consent_from_before_the_federation_is_told_by_the_timer_once(
    regions: tuple[Region, Region],
) -> None:
    north, _ = regions
    house = north.bench.house
    house.record.consents.beside.clear()
    house.record.consents.give(north.expert(3), SHARE, TEXTS[SHARE].version, ACCOUNT)
    timer = share_credentials(house.feeds, house.record.consents)

    for _ in range(2):
        timer.due = None
        timer(north.bench.clock.now())

    with house.books.read() as book:
        assert [one.type for one in book.entries(STREAM)] == [CREDENTIAL]
