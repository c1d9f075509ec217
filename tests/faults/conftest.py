"""A demonstration with a draw under way, shared by tests that look or are refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.words import Language, refusal
from classification.service import ClassificationService
from draw_engine.persons import Person
from draw_engine.pool_generate import generate
from foundation.auth.roles import Role
from foundation.ids import ExpertId
from tests.app.bench import Bench, a_bench
from tests.draw_engine.holder.test_http import Day

EXPERTS = 400


@dataclass
class Live:
    """A service whose draw has invited its members; one browser for each role."""

    bench: Bench
    day: Day
    draw_id: str
    people: dict[Role | None, TestClient] = field(default_factory=dict)

    def as_(self, role: Role | None) -> TestClient:
        """The browser of somebody with `role`; None is a stranger."""
        if role not in self.people:
            self.people[role] = self._entered(role)
        return self.people[role]

    def _entered(self, role: Role | None) -> TestClient:
        if role is None:
            return self.bench.browser()
        accounts = self.bench.house.accounts
        if role is Role.CUSTODIAN:
            key = self.day.files["centre"].public_key.hex()
            token = accounts.issue_custodian_token("centre", key).access
        else:
            account = self.bench.an_account(role)
            token = accounts.sign_ins.begin_tab(account.id, role).access
        return self.bench.browser(headers={"authorization": f"Bearer {token}"})

    def size(self) -> int:
        """Entries of the ledger, once what was begun beside it has ended."""
        self.bench.house.outside.desk.rest()
        return self.bench.house.books.size()

    def persons(self) -> list[Person]:
        """Everybody in the pool, with name and telephone number."""
        ids = sorted(self.bench.house.pool.pool.ids())
        return list(self.bench.house.pool.persons.get_many(ids).values())

    def members(self) -> list[ExpertId]:
        """Who was invited; only the vault can say."""
        found = (self.bench.house.draw.vault.demo_expert(n) for n in range(4))
        return [one for one in found if one is not None]

    def request(self, **changes: Any) -> dict[str, Any]:
        """A lawful request for another section."""
        return {**self.day.request(), "request_key": "another-key", "section": "2", **changes}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """400 generated experts, two holders, a draw whose members are invited."""
    folder: Path = tmp_path_factory.mktemp("live")
    with a_bench(folder / "home", demonstration=True) as bench:
        people = generate(ClassificationService.load(), EXPERTS, 1, date(2026, 11, 23))
        bench.house.pool.importer.enrol(list(people), "act_pool")
        day = Day(bench, folder)
        live = Live(bench, day, "")
        filed = live.as_(Role.APPLICANT).post("/api/draws", json=day.request())
        live.draw_id = filed.json()["id"]
        day.settle()
        bench.clock.advance(timedelta(minutes=6))
        day.settle()
        assert len(live.members()) == 4
        yield live


def has_words(answer: Any) -> bool:
    """Whether a refusal can be said in both languages, every fact filled in."""
    error = answer.json()["error"]

    class Told(Exception):
        code, facts = error["code"], error["facts"]

    said = [refusal(Told(), language) for language in Language]  # type: ignore[arg-type]
    return all(one != error["code"] and "{" not in one for one in said)
