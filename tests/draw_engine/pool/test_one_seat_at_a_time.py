"""R-ELIG-8: one expert, one seat per overlapping window. Only the vault knows the seats."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from draw_engine.core.invitation import SEATED, Status
from draw_engine.vault_seats import Seats
from draw_engine.vault_store import InvitationRow
from foundation.keys import KeyRing
from tests.draw_engine.pool.bench import NOW, PoolBench

pytestmark = pytest.mark.both_engines

NONE = timedelta(0)


def seats_of(bench: PoolBench) -> Seats:
    keys = KeyRing(bench.home / "vault-keys")
    return Seats(bench.vault, keys.fields("invitations"), keys.signing("holder"), bench.clock)


def seat(bench: PoolBench, expert: str, status: Status, after: timedelta = NONE) -> None:
    """The expert holds, or held, a seat that starts `after` NOW."""
    key = KeyRing(bench.home / "vault-keys").fields("invitations")
    id_ = f"inv_{expert}_{status}_{after}"
    with bench.vault.write() as db:
        db.add(
            InvitationRow(
                id=id_,
                draw_id=f"dr_{expert}_{status}_{after}",
                seat=0,
                step=0,
                slot=0,
                position=0,
                who=key.blind(expert),
                expert=key.seal(expert, context=f"invitation/{id_}"),
                status=status.value,
                place="厅",
                contact="值班室",
                starts_at=NOW + after,
                invited_at=NOW,
                reply_by=NOW,
            )
        )


@pytest.mark.parametrize("status", Status)
def test_r_elig_8_only_a_seat_that_is_held_takes_the_time(bench: PoolBench, status: Status) -> None:
    seat(bench, "ex_1", status)

    busy = seats_of(bench).busy(NOW, timedelta(hours=8), NONE)

    assert busy == ({"ex_1"} if status in SEATED else set())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.integers(-40, 40), st.integers(1, 12), st.integers(0, 20))
def test_r_elig_8_seats_are_as_far_apart_as_an_evaluation_and_the_cooldown(
    bench: PoolBench, hours: int, length: int, cooldown: int
) -> None:
    apart, rest = timedelta(hours=hours), timedelta(hours=cooldown)
    lasts = timedelta(hours=length)
    expert = f"ex_{hours}_{length}_{cooldown}"
    seat(bench, expert, Status.ACCEPTED, apart)

    busy = seats_of(bench).busy(NOW, lasts, rest)

    assert (expert in busy) == (abs(apart) < lasts + rest)
