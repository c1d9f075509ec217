"""Who may not know learns nothing: no person, no number of candidates, in any answer."""

import re
from typing import Any

import pytest

from app.doors import openapi_of
from app.main import create_app
from foundation.auth.roles import Role
from tests.faults.conftest import Live

READS = sorted(
    path for path, operations in openapi_of(create_app())["paths"].items() if "get" in operations
)
OUTSIDE = (Role.APPLICANT, Role.CLERK, Role.OWNER_REPRESENTATIVE, Role.ADMINISTRATOR, None)


def numbers(value: Any) -> set[int]:
    """Every integer in a JSON value."""
    if isinstance(value, dict):
        return set().union(*map(numbers, value.values()))
    if isinstance(value, list):
        return set().union(*map(numbers, value))
    return {value} if isinstance(value, int) and not isinstance(value, bool) else set()


def filled(path: str, live: Live) -> str:
    return path.replace("{draw_id}", live.draw_id).replace("{", "").replace("}", "")


@pytest.mark.parametrize("role", OUTSIDE)
def test_no_answer_holds_a_person(live: Live, role: Role | None) -> None:
    persons = live.persons()
    secrets = [word for one in persons for word in (one.expert_id, one.phone, one.id_number)]
    names = [one.name for one in persons]
    browser, read = live.as_(role), 0
    for path in READS:
        answer = browser.get(filled(path, live))
        read += answer.status_code == 200
        shown = answer.text + repr(answer.headers)
        if (role, path) == (Role.ADMINISTRATOR, "/api/accounts"):
            # Whose account it is stands there for whoever issues its link; no draw, no name.
            # The demonstration's expert accounts carry the id as their username as well.
            shown = re.sub(r'"(expert_id|username)":"[^"]*"', "", shown)
        assert not [word for word in secrets if word in shown], path
        assert not [name for name in names if name in shown], path
    assert read >= 4
    assert len(persons) == 400


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.CLERK])
def test_no_answer_holds_a_number_of_candidates(live: Live, role: Role) -> None:
    """R-NARROW-2: the funnel that the supervisor reads stands in nobody else's answers."""
    seen = live.as_(Role.SUPERVISOR).get(f"/api/supervisor/draws/{live.draw_id}").json()
    funnel = {stage["n"] for stage in seen["funnel"]} | {seen["chances"]["accepted"]}
    hats = {hat["n"] for hat in seen["chances"]["hats"]} | {
        hat["max"] for hat in seen["chances"]["hats"]
    }
    counts = {one for one in funnel | hats if one > 25}
    assert len(counts) >= 2
    browser = live.as_(role)
    for path in (f"/api/draws/{live.draw_id}", "/api/draws", "/api/public/draws"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert not numbers(answer.json()) & counts, path


def test_an_expert_who_is_not_asked_learns_of_no_draw(live: Live) -> None:
    stranger = live.as_(Role.EXPERT)
    assert stranger.get("/api/inbox").json() == {"invitations": []}
    assert stranger.get("/api/my/evaluations").json() == {"evaluations": []}
    for path in ("/api/draws", f"/api/draws/{live.draw_id}"):
        assert stranger.get(path).status_code == 403


def test_only_the_invited_answers_an_invitation(live: Live) -> None:
    accounts = live.bench.house.accounts
    member = accounts.ensure_expert(live.members()[0])
    token = accounts.sign_ins.begin_tab(member.id, Role.EXPERT).access
    mine = live.bench.browser(headers={"authorization": f"Bearer {token}"})
    (invitation,) = mine.get("/api/inbox").json()["invitations"]
    another = live.as_(Role.EXPERT)
    before = live.size()
    path = f"/api/inbox/{invitation['id']}/answer"
    refused = another.post(path, json={"answer": "decline"})
    assert refused.status_code == 404
    assert live.size() == before
