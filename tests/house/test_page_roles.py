"""Who may open a page may do what the page does: its roles against the guards of the contract."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from foundation.auth.roles import GRANTS, Role
from tests.house.pages import WEB, Asked, Operation, Page, navigation, operations, pages

OPERATIONS = operations(json.loads((WEB / "contract" / "openapi.json").read_text("utf-8")))
AREAS = sorted(WEB.glob("pages/*/routes.ts"))

SOME: dict[tuple[str, str, str], set[str]] = {
    ("/admin/holders", "POST", "/api/holders"): {"administrator"},
    ("/centre/draws/:id", "POST", "/api/draws/{}/withdraw"): {"applicant"},
    ("/lists/crosscheck", "POST", "/api/crosscheck/matches/{}/look"): {"supervisor"},
    ("/lost-devices", "POST", "/api/passkey-losses"): {"clerk"},
    ("/lost-devices", "POST", "/api/passkey-losses/{}/decision"): {"supervisor"},
    ("/lost-devices", "POST", "/api/passkey-losses/{}/link"): {"clerk"},
    ("/room/:id", "GET", "/api/owner-representatives"): {"clerk"},
    ("/room/:id", "POST", "/api/evaluations/{}/representatives"): {"clerk"},
    ("/shared", "POST", "/api/feeds"): {"administrator"},
    ("/shared/people", "POST", "/api/feeds/conflicts/{}/decide"): {"supervisor"},
    ("/shared/people", "POST", "/api/feeds/{}/entries/{}/dismiss"): {"supervisor"},
    ("/shared/records", "POST", "/api/dataspec/credit-records/export"): {"supervisor"},
    ("/shared/regions/:id", "POST", "/api/feeds/{}/withdraw"): {"administrator"},
    ("/standard", "POST", "/api/pool/remap"): {"pool_manager"},
    ("/standard/versions/:version", "POST", "/api/classification/editions/{}/refuse"): {
        "supervisor"
    },
    ("/standard/versions/:version", "POST", "/api/pool/classification/{}/adopt"): {"supervisor"},
    ("/supervise/points", "GET", "/api/rating-watch"): {"supervisor"},
    ("/supervise/points", "POST", "/api/point-disputes/{}/decide"): {"supervisor"},
    ("/supervise/cases/:id", "POST", "/api/cases/{}/appeal/decide"): {"supervisor"},
    ("/supervise/cases/:id", "POST", "/api/cases/{}/confirm"): {"supervisor"},
    ("/supervise/cases/:id", "POST", "/api/cases/{}/decide"): {"supervisor"},
    ("/supervise/cases/:id", "POST", "/api/cases/{}/return"): {"supervisor"},
    ("/supervise/experts/:id", "POST", "/api/exits/{}/decide"): {"supervisor"},
    ("/supervise/standing/exits", "POST", "/api/exits/{}/decide"): {"supervisor"},
}
"""What only some of a page's roles do there; the page shows it to nobody else."""

BY_KEY = "/holder"
"""Has no roles: who opens it signs in by a key, and the administrator registers it elsewhere."""
SENDS_NOTHING = "/practice"
"""Made of the room's own parts, over a room that lives in the browser."""


def able(asked: Asked, known: Iterable[Operation] = ()) -> set[str] | None:
    """The roles that may do what is asked; None: everybody.

    Raises:
        LookupError: no operation of the contract answers that.
    """
    found = [one for one in known or OPERATIONS if one.answers(asked)]
    if not found:
        raise LookupError(f"{asked.file}: {asked.method} {asked.path}")
    if any(one.permissions is None for one in found):
        return None
    wanted = {name for one in found for name in one.permissions or ()}
    return {role.value for role in Role if {p.value for p in GRANTS[role]} & wanted}


def wrong(page: Page) -> list[str]:
    """Requests of a page that some who may open it may not send, or that nobody there sends."""
    found = []
    for asked in sorted(page.asked, key=lambda one: (one.path, one.method, one.file)):
        may = able(asked)
        said = SOME.get((page.path, asked.method, asked.path))
        if may is None and said is None:
            continue
        here: set[str] = set(page.roles or ()) & (may or set())
        if here != (page.roles if said is None else said) or page.roles is None:
            found.append(f"{page.path}: {asked.method} {asked.path} ({asked.file}): {sorted(here)}")
    return found


def test_every_role_of_a_page_may_do_what_the_page_asks() -> None:
    every = [one for one in pages() if one.path not in {BY_KEY, SENDS_NOTHING}]
    guarded = {(one.path, a) for one in every for a in one.asked if able(a) is not None}
    assert len(guarded) > 60, "the walk found no requests, so it would pass in the dark"
    assert [line for page in every for line in wrong(page)] == []


def test_what_only_some_roles_do_is_asked_by_a_page() -> None:
    asked = {(page.path, one.method, one.path) for page in pages() for one in page.asked}
    assert set(SOME) - asked == set()


def test_the_page_of_the_key_holders_asks_what_a_key_opens() -> None:
    page = next(one for one in pages() if one.path == BY_KEY)
    registering = Asked("POST", "/api/holders", "HolderCreate.vue")
    opened = [able(one) for one in page.asked - {registering}]
    assert [one for one in opened if one is not None and one != {"custodian"}] == []


@pytest.mark.parametrize("area", AREAS, ids=lambda path: path.parent.name)
def test_the_bar_and_the_first_page_lead_nobody_to_a_shut_door(area: Path) -> None:
    roles = {one.path: one.roles for one in pages()}
    for to, who in navigation(area):
        known = roles[to]
        assert known is None or set(who) <= known, to


def test_a_page_with_a_role_too_many_is_found(tmp_path: Path) -> None:
    area = WEB / "pages" / "clerk" / "routes.ts"
    (page,) = [one for one in pages([area]) if one.path == "/evaluations/:id"]
    assert wrong(page) == []
    assert page.roles is not None
    wider = Page(page.path, page.roles | {"applicant"}, page.asked)
    assert any("PUT /api/evaluations/{}/criteria" in line for line in wrong(wider))
    open_to_all = Page(page.path, None, page.asked)
    assert wrong(open_to_all) != []
    with pytest.raises(LookupError):
        able(Asked("GET", "/api/no/such/door", "It.vue"))
