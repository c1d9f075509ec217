"""The table of roles is the access control: doors, page and OpenAPI read the same one."""

from app.doors import doors_of, openapi_of
from app.main import create_app
from foundation.auth.guards import Guard, guards_of
from foundation.auth.roles import GRANTS, INCOMPATIBLE, Permission, Role
from tests.app.bench import Bench, code_of

SAMPLE = {
    "draw_id": "dr_1",
    "evaluation_id": "ev_1",
    "document_id": "d1",
    "account_id": "ac_1",
}


def _guarded() -> list[tuple[str, str, frozenset[Permission]]]:
    """Path, method and permissions of each guarded HTTP door."""
    return [
        (str(door.path), method, frozenset(guard.permissions))
        for door in doors_of(create_app())
        for guard in guards_of(getattr(door, "dependant", None))
        if isinstance(guard, Guard)
        for method in sorted((getattr(door, "methods", None) or set()) - {"HEAD"})
    ]


def test_somebody_may_pass_each_door() -> None:
    granted = frozenset().union(*GRANTS.values())
    assert _guarded()
    assert [one for one in _guarded() if not one[2] & granted] == []


def test_each_role_is_refused_at_each_door_that_is_not_its_own(bench: Bench) -> None:
    tried = 0
    for role in Role:
        if role is Role.CUSTODIAN:
            token = bench.house.accounts.issue_custodian_token("centre", "ab" * 32).access
        else:
            account = bench.an_account(role)
            token = bench.house.accounts.sign_ins.begin_tab(account.id, role).access
        browser = bench.browser(headers={"authorization": f"Bearer {token}"})
        for path, method, permissions in _guarded():
            if GRANTS[role] & permissions:
                continue
            answer = browser.request(method, _filled(path), json={})
            # bodies are read before guards: a body of the wrong shape is refused first
            assert answer.status_code in {403, 422}, (role, method, path, answer.text)
            if answer.status_code == 403:
                assert code_of(answer) == "accounts.not_permitted"
                tried += 1
    assert tried >= 50


def test_nobody_passes_a_guarded_door_without_signing_in(bench: Bench) -> None:
    browser = bench.browser()
    for path, method, _ in _guarded():
        answer = browser.request(method, _filled(path))
        assert answer.status_code in {401, 422}, (method, path, answer.text)


def test_the_page_prints_the_same_table(bench: Bench) -> None:
    printed = bench.browser().get("/api/roles").json()["roles"]
    assert {one["role"]: set(one["permissions"]) for one in printed} == {
        role.value: {one.value for one in granted} for role, granted in GRANTS.items()
    }
    pairs = {
        frozenset({one["role"], other}) for one in printed for other in one["incompatible_with"]
    }
    assert pairs == {frozenset(role.value for role in pair) for pair in INCOMPATIBLE}


def test_the_contract_names_permissions_of_the_table_only() -> None:
    named = {
        permission
        for path in openapi_of(create_app())["paths"].values()
        for operation in path.values()
        for permission in operation["x-guard"].get("permissions", [])
    }
    assert named <= {one.value for one in Permission}


def _filled(path: str) -> str:
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        path = path[:start] + SAMPLE.get(path[start + 1 : end], "x1") + path[end + 1 :]
    return path
