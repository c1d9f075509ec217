"""What others say of our people: side by side, never merged, decided by persons."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from blacklist.core import errors as list_errors
from blacklist.core import feed_errors as errors
from blacklist.core.facts import Outcome
from blacklist.core.feed_view import Clash, State
from blacklist.core.grounds import Kind
from blacklist.feed_matches import Beside
from foundation.ids import ExpertId
from tests.blacklist.bench import CONFIRMER, MANAGER, OTHER, SUPERVISOR, TODAY, terms
from tests.blacklist.feed_bench import Region, token_of, two_regions

ZHANG = ExpertId("ex_zhang")
YEAR = timedelta(days=365)


class Pair:
    """Region b follows a, and knows ex_zhang."""

    def __init__(self, home: Path) -> None:
        self.a, self.b = two_regions(home)
        self.b.people.known.add(ZHANG)
        self.peer = self.b.follows(self.a)

    def look(self) -> None:
        self.b.feeds.follow_all()
        self.b.matches.find()

    def person(self) -> Beside:
        [one] = self.b.matches.all()
        return one

    def steps(self) -> list[str]:
        return [one.step for one in self.person().matches]

    def clashes(self) -> list[Clash]:
        return [one.clash for one in self.person().conflicts]

    def adopt(self, entry_id: str) -> str:
        proposal = self.b.matches.propose(self.peer, entry_id, MANAGER)
        return self.b.blacklist.confirm(proposal.id, CONFIRMER).id


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    opened = Pair(tmp_path)
    yield opened
    opened.a.close()
    opened.b.close()


def test_an_entry_of_a_peer_bars_nobody_before_two_persons_have_acted_r_sod_2(pair: Pair) -> None:
    measure = pair.a.bar(ZHANG)
    pair.look()

    assert pair.b.blacklist.standing(ZHANG).may_serve
    assert pair.steps() == ["propose"]
    proposal = pair.b.matches.propose(pair.peer, measure.id, MANAGER)
    assert pair.b.blacklist.standing(ZHANG).may_serve
    assert pair.steps() == ["waiting"]
    with pytest.raises(list_errors.SamePerson):
        pair.b.blacklist.confirm(proposal.id, MANAGER)
    pair.b.blacklist.confirm(proposal.id, CONFIRMER)

    standing = pair.b.blacklist.standing(ZHANG)
    assert (standing.may_serve, standing.rule, standing.until) == (
        False,
        "R-ELIG-6",
        TODAY + YEAR,
    )
    assert pair.steps() == ["adopted"]
    [own] = pair.b.blacklist.measures()
    assert own.origin == f"feed:{pair.peer}#{measure.id}"
    assert measure.id in own.basis
    assert pair.clashes() == []


def test_whom_the_pool_does_not_know_makes_no_match(pair: Pair) -> None:
    pair.a.bar("ex_stranger")
    pair.look()

    assert pair.b.matches.all() == []
    assert len(pair.b.took(pair.peer)) == 1


def test_somebody_who_joins_the_pool_later_is_found_in_what_was_taken_before(pair: Pair) -> None:
    pair.a.bar("ex_zzz")
    pair.look()
    assert pair.b.matches.all() == []

    pair.b.people.known.add("ex_zzz")
    assert [one.id for one in pair.b.matches.listed_elsewhere(token_of("ex_zzz"))]
    assert pair.b.matches.find() == 1
    assert pair.b.matches.find() == 0
    assert pair.person().expert_id == "ex_zzz"


def test_a_lift_of_the_peer_is_put_forward_and_not_done(pair: Pair) -> None:
    measure = pair.a.bar(ZHANG)
    pair.look()
    pair.adopt(measure.id)
    pair.a.lift(measure)
    pair.look()

    assert pair.steps() == ["lift"]
    assert not pair.b.blacklist.standing(ZHANG).may_serve
    proposal = pair.b.matches.propose_lift(pair.peer, measure.id, OTHER)
    assert pair.steps() == ["waiting"]
    pair.b.blacklist.confirm(proposal.id, CONFIRMER)

    assert pair.b.blacklist.standing(ZHANG).may_serve
    assert pair.steps() == ["adopted"]
    [own] = pair.b.blacklist.measures()
    assert own.lift_ground == "overturned"
    assert pair.clashes() == []


def test_a_correction_of_the_peer_is_put_forward_as_a_correction(pair: Pair) -> None:
    measure = pair.a.bar(ZHANG)
    pair.look()
    old = pair.adopt(measure.id)
    after = pair.a.correct(measure, ends_on=TODAY + 2 * YEAR)
    pair.look()

    found = {one.line.id: (one.line.state, one.step) for one in pair.person().matches}
    assert found == {
        measure.id: (State.CORRECTED, "adopted"),
        after.id: (State.IN_FORCE, "propose"),
    }
    assert pair.clashes() == [Clash.OTHER_TERMS]
    new = pair.adopt(after.id)

    assert pair.b.measure(new).replaces == old
    assert pair.b.measure(old).lifted_at is not None
    assert pair.clashes() == []


def test_a_correction_that_the_peer_lifted_too_ends_what_followed_the_first(pair: Pair) -> None:
    measure = pair.a.bar(ZHANG)
    pair.look()
    pair.adopt(measure.id)
    pair.a.lift(pair.a.correct(measure, ends_on=TODAY + 2 * YEAR))
    pair.look()

    assert sorted(pair.steps()) == ["lift", "over"]


def test_an_entry_is_put_forward_once_and_never_after_it_was_dismissed(pair: Pair) -> None:
    measure = pair.a.bar(ZHANG)
    pair.look()
    first = pair.b.matches.propose(pair.peer, measure.id, MANAGER)
    with pytest.raises(errors.MatchSettled):
        pair.b.matches.propose(pair.peer, measure.id, OTHER)
    pair.b.blacklist.send_back(first.id, "同名异人", CONFIRMER)
    assert pair.steps() == ["propose"]

    pair.b.matches.dismiss(pair.peer, measure.id, "同名异人", SUPERVISOR)

    assert pair.steps() == ["dismissed"]
    for act in (pair.b.matches.propose, pair.b.matches.propose_lift):
        with pytest.raises(errors.MatchSettled):
            act(pair.peer, measure.id, MANAGER)
    with pytest.raises(errors.MatchUnknown):
        pair.b.matches.propose(pair.peer, "bl_none", MANAGER)


def test_what_the_peer_has_lifted_while_we_decided_for_ourselves_is_a_conflict(
    pair: Pair,
) -> None:
    measure = pair.a.bar(ZHANG)
    pair.b.bar(ZHANG)
    pair.a.lift(measure)
    pair.look()

    assert pair.clashes() == [Clash.LIFTED_THERE]
    assert not pair.b.blacklist.standing(ZHANG).may_serve
    assert pair.steps() == ["over"]


def test_what_we_overturned_while_the_peer_holds_on_is_a_conflict(pair: Pair) -> None:
    measure = pair.a.bar(ZHANG)
    pair.look()
    own = pair.b.measure(pair.adopt(measure.id))
    pair.b.lift(own)

    assert pair.clashes() == [Clash.LIFTED_HERE]
    assert pair.b.blacklist.standing(ZHANG).may_serve


def test_other_terms_for_the_same_person_are_a_conflict(pair: Pair) -> None:
    pair.a.bar(ZHANG)
    pair.b.bar(ZHANG, ends_on=TODAY + 2 * YEAR)
    pair.look()

    [conflict] = pair.person().conflicts
    assert conflict.clash is Clash.OTHER_TERMS
    assert {conflict.one.ends_on, conflict.other.ends_on} == {TODAY + YEAR, TODAY + 2 * YEAR}


def test_two_peers_that_disagree_are_shown_side_by_side(pair: Pair, tmp_path: Path) -> None:
    c = Region(tmp_path / "c", "c.example/log", pair.a.clock)
    other = pair.b.follows(c)
    lifted = pair.a.bar(ZHANG)
    pair.a.lift(lifted)
    c.bar(ZHANG)
    pair.look()

    [conflict] = pair.person().conflicts
    assert conflict.clash is Clash.PEERS_DISAGREE
    assert {conflict.one.who, conflict.other.who} == {pair.peer, other}
    c.close()


def test_a_decided_conflict_opens_again_as_soon_as_a_side_says_something_else(
    pair: Pair,
) -> None:
    pair.a.bar(ZHANG)
    own = pair.b.bar(ZHANG, ends_on=TODAY + 2 * YEAR)
    pair.look()
    [conflict] = pair.person().conflicts

    pair.b.matches.decide(conflict.key, "两地决定不同，均有效", SUPERVISOR)

    assert set(pair.person().decided) == {conflict.key}
    with pytest.raises(errors.ConflictMoved):
        pair.b.matches.decide(conflict.key, "再次", SUPERVISOR)
    pair.b.correct(own, ends_on=TODAY + 3 * YEAR)
    assert [one.key for one in pair.person().conflicts] != [conflict.key]
    assert pair.person().decided == {}
    with pytest.raises(errors.ConflictMoved):
        pair.b.matches.decide(conflict.key, "过时", SUPERVISOR)


def test_a_decision_on_a_conflict_needs_a_reason(pair: Pair) -> None:
    pair.a.bar(ZHANG)
    pair.b.bar(ZHANG, ends_on=TODAY + 2 * YEAR)
    pair.look()
    [conflict] = pair.person().conflicts

    with pytest.raises(list_errors.WordsMissing):
        pair.b.matches.decide(conflict.key, "  ", SUPERVISOR)
    assert pair.person().decided == {}


def test_what_is_over_by_its_own_day_contradicts_nobody(pair: Pair) -> None:
    pair.a.bar(ZHANG)
    pair.b.bar(ZHANG, ends_on=TODAY + timedelta(days=1))
    pair.look()
    assert pair.clashes() == [Clash.OTHER_TERMS]

    pair.b.clock.advance(timedelta(days=2))

    assert pair.clashes() == []


def test_a_ground_that_is_none_of_ours_is_put_forward_as_barred_elsewhere(pair: Pair) -> None:
    from blacklist.core.feed import LIST_ENTRY, STREAM, ListEntry

    measure = pair.a.bar("ex_other")
    with pair.a.books.write() as book:
        [entry] = book.entries(STREAM)
        body = dict(entry.body or {}) | {
            "id": "bl_new",
            "ground": "a_later_law",
            "person_token": token_of(ZHANG),
        }
        ListEntry.read(body)
        book.append(STREAM, LIST_ENTRY, body)
    pair.look()

    proposal = pair.b.matches.propose(pair.peer, "bl_new", MANAGER)

    assert proposal.terms["ground"] == "barred_elsewhere"
    assert proposal.outcome is Outcome.OPEN
    assert measure.kind is Kind.BARRED
    assert terms(kind=Kind.BARRED).kind is Kind.BARRED


def test_measures_that_are_not_shared_make_no_conflict(pair: Pair) -> None:
    pair.a.bar(ZHANG)
    proposal = pair.b.blacklist.propose(ZHANG, terms(), MANAGER)
    pair.b.blacklist.confirm(proposal.id, CONFIRMER)
    pair.look()

    assert pair.clashes() == []
