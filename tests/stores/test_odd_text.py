"""Text that one database keeps and the other can't is a refusal on both, never a failure."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from foundation.auth.roles import Role
from tests.app.bench import Bench, a_bench
from tests.stores.places import Stores

pytestmark = pytest.mark.both_engines

ODD = ("a\x00b", "\x00", "𠮷" * 3000, "\ufffe\u202e")


@pytest.fixture
def bench(stores: Stores) -> Iterator[Bench]:
    with a_bench(stores.home / "home", **stores.settings()) as made:
        yield made


def test_odd_text_is_answered_as_a_refusal(bench: Bench) -> None:
    manager = bench.signed_in(Role.POOL_MANAGER)
    for odd in ODD:
        signed = manager.post("/api/sign-in", json={"username": odd, "password": "x" * 12})
        assert 400 <= signed.status_code < 500, (odd, signed.text)
        found = manager.get("/api/pool/experts", params={"q": odd})
        assert found.status_code < 500, (odd, found.text)
        followed = manager.get(f"/api/links/{quote(odd)}")
        assert 400 <= followed.status_code < 500, (odd, followed.text)
    assert manager.get("/api/pool/experts").status_code == 200, "nothing is stuck afterwards"
