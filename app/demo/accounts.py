"""The demonstration's accounts, one click each; and the n-th generated expert invited now."""

from dataclasses import dataclass
from typing import Final, Protocol

from app.errors import DemoAccountUnknown, NobodyInvited
from foundation.auth.accounts import Account, Accounts
from foundation.auth.roles import Role
from foundation.ids import ExpertId

EXPERT: Final = "expert"


@dataclass(frozen=True, slots=True)
class Card:
    """A role to step into. `id` is what the page sends; words are in the catalogue."""

    id: str
    role: Role
    username: str
    display: str


CARDS: Final = (
    Card("applicant", Role.APPLICANT, "demo.applicant", "演示·抽取申请人"),
    Card("supervisor", Role.SUPERVISOR, "demo.supervisor", "演示·监督人员"),
    Card("supervisor-2", Role.SUPERVISOR, "demo.supervisor-2", "演示·监督人员乙"),
    Card("supervisor-3", Role.SUPERVISOR, "demo.supervisor-3", "演示·监督人员丙"),
    Card("clerk", Role.CLERK, "demo.clerk", "演示·评标室工作人员"),
    Card("pool_manager", Role.POOL_MANAGER, "demo.pool-manager", "演示·专家库管理人员"),
    Card("pool_manager-2", Role.POOL_MANAGER, "demo.pool-manager-2", "演示·专家库管理人员乙"),
    Card("administrator", Role.ADMINISTRATOR, "demo.administrator", "演示·系统管理员"),
    Card("owner-1", Role.OWNER_REPRESENTATIVE, "demo.owner-1", "演示·业主代表甲"),
    Card("owner-2", Role.OWNER_REPRESENTATIVE, "demo.owner-2", "演示·业主代表乙"),
)


class InvitedExperts(Protocol):
    """The one question the demonstration asks of the vault."""

    def demo_expert(self, n: int) -> ExpertId | None:
        """The n-th (from 0) generated expert who holds an invitation now."""
        ...


class DemoAccounts:
    """Opens and finds the accounts behind the cards."""

    def __init__(self, accounts: Accounts, invited: InvitedExperts) -> None:
        self._accounts = accounts
        self._invited = invited

    def open(self) -> None:
        """Make the accounts that are missing; none has a password."""
        for card in CARDS:
            if self._accounts.by_username(card.username) is None:
                self._accounts.create(card.username, card.role, card.display, by=None)

    def find(self, card_id: str, invitation: int = 0) -> Account:
        """The account behind a card.

        Args:
            invitation: for the expert's card, which of the experts invited now, from 0.

        Raises:
            DemoAccountUnknown: no such card.
            NobodyInvited: fewer experts hold an invitation.
        """
        if card_id == EXPERT:
            return self._expert(invitation)
        card = next((one for one in CARDS if one.id == card_id), None)
        account = None if card is None else self._accounts.by_username(card.username)
        if account is None:
            raise DemoAccountUnknown
        return account

    def _expert(self, invitation: int) -> Account:
        expert_id = self._invited.demo_expert(invitation)
        if expert_id is None:
            raise NobodyInvited(invitation=invitation)
        return self._accounts.ensure_expert(expert_id)
