"""A whole service on a folder of its own, a clock that stands still, and people who sign in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from stdnum.cn import ric

from app.demo.setup import prepare
from app.main import create_app
from app.wiring import House, build_house
from foundation.auth.accounts import Account
from foundation.auth.roles import Role
from foundation.clock import FixedClock
from foundation.ids import ExpertId
from foundation.settings import Settings

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


@dataclass
class Bench:
    """One service and its clock."""

    house: House
    clock: FixedClock
    app: FastAPI
    made: int = field(default=0)

    def an_account(self, role: Role = Role.APPLICANT, username: str = "") -> Account:
        """An account with the password PASSWORD."""
        self.made += 1
        name = username or f"{role.value.replace('_', '-')}-{self.made}"
        expert = ExpertId(f"ex_{self.made:04d}") if role is Role.EXPERT else None
        whose = None if expert else identity(self.made)
        account = self.house.accounts.create(
            name, role, name, by=None, expert_id=expert, person_ref=whose
        )
        link = self.house.accounts.issue_link(account.id, by=None)
        return self.house.accounts.set_password(link.token, PASSWORD)

    def browser(self, **options: Any) -> TestClient:
        """A browser of its own: cookies of its own."""
        return TestClient(self.app, **options)

    def signed_in(self, role: Role) -> TestClient:
        """A browser whose person holds `role`."""
        account = self.an_account(role)
        browser = self.browser()
        answer = browser.post(
            "/api/sign-in", json={"username": account.username, "password": PASSWORD}
        )
        assert answer.status_code == 200, answer.text
        return browser


@contextmanager
def a_bench(home: Path, *, demonstration: bool = False, **settings: Any) -> Iterator[Bench]:
    """A service on `home`; a real one unless said otherwise."""
    origin = "" if demonstration else "test.example/log"
    given: dict[str, Any] = {"home": home, "log_origin": origin} | settings
    clock = FixedClock(MORNING)
    house = build_house(Settings(**given), demonstration=demonstration, clock=clock, hasher=QUICK)
    if demonstration:
        prepare(house.demo, house.pool, house.classification, clock, experts=0)
    try:
        yield Bench(house, clock, create_app(house))
    finally:
        house.close()


def identity(n: int) -> str:
    """The n-th of many identity numbers; nobody's."""
    number = f"110101{date(1950, 1, 1) + timedelta(days=n):%Y%m%d}996"
    return number + ric.calc_check_digit(f"{number}0")


def code_of(answer: Any) -> str:
    """The code of a refusal."""
    return str(answer.json()["error"]["code"])
