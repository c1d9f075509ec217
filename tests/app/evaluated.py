"""A whole house with one evaluation in it: drawn, held, rated; its clock is moved by hand."""

from datetime import date, timedelta
from pathlib import Path

from classification.service import ClassificationService
from draw_engine.core.draw_state import Stage
from draw_engine.pool_generate import generate
from foundation.auth.principal import Principal
from foundation.auth.roles import Role
from foundation.ids import AccountId, ExpertId
from tests.app.bench import Bench
from tests.blacklist.rated import RatedSteps
from tests.draw_engine.holder.test_http import Day


class EvaluatedHouse(RatedSteps):
    """Every expert is generated; the clerk and the supervisor are those of the demonstration."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        house = bench.house
        people = generate(ClassificationService.load(), 400, 1, date(2026, 11, 23))
        house.pool.importer.enrol(list(people), "act_pool")
        self.day, self.house, self.folder = Day(bench, folder), house, folder
        self.clock, self.books, self.overlay = bench.clock, house.books, house.overlay
        self.database, self.accounts = house.database, house.accounts
        self.rooms, self.ratings = house.rooms, house.ratings
        self.people: dict[str, Principal] = {}
        self.clerk = self.as_principal(house.demo.find("clerk").id, Role.CLERK)
        self.supervisor = self.as_principal(house.demo.find("supervisor").id, Role.SUPERVISOR)
        self.people["owner"] = self.as_principal(self.day.owner, Role.OWNER_REPRESENTATIVE)
        applicant = bench.signed_in(Role.APPLICANT)
        self.draw_id = applicant.post("/api/draws", json=self.day.request()).json()["id"]
        self._commands = 0
        self.day.settle()
        self.clock.advance(timedelta(minutes=6))
        self.day.settle()
        for expert in house.draw.vault.seats.invited_now():
            self.accepts(ExpertId(expert))
        self.day.settle()
        request = house.draw.draws.draw(self.draw_id).request
        self.prepare(at=request.starts_at)

    def as_principal(
        self, account_id: AccountId, role: Role, expert_id: ExpertId | None = None
    ) -> Principal:
        """Somebody with a tab of their own."""
        issued = self.accounts.sign_ins.begin_tab(account_id, role)
        return Principal(account_id, role, expert_id, issued.sign_in_id)

    def accepts(self, expert_id: ExpertId) -> None:
        """An invited expert gets an account and accepts."""
        account = self.accounts.ensure_expert(expert_id)
        who = self.as_principal(account.id, Role.EXPERT, expert_id)
        self.people[str(expert_id)] = who
        [(invitation, _)] = self.house.draw.draws.inbox(expert_id)
        self.house.draw.draws.answer(
            expert_id, invitation.id, True, "", lambda said: self.accounts.sign(account.id, said)
        )

    def token(self, who: Principal) -> str:
        """A tab's sign-in, for a browser."""
        return self.accounts.sign_ins.begin_tab(who.account_id, who.role).access

    def unsealed(self) -> None:
        """The draw is opened, as its time has come."""
        self.clock.advance(timedelta(hours=4))
        for _ in range(4):
            self.day.settle()
            self.clock.advance(timedelta(seconds=3))
        assert self.house.draw.draws.draw(self.draw_id).stage is Stage.UNSEALED
        self.tick()
