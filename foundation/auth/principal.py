"""Who is asking, as every room sees it."""

from dataclasses import dataclass

from foundation.auth.roles import GRANTS, Permission, Role
from foundation.ids import AccountId, ExpertId


@dataclass(frozen=True, slots=True)
class Principal:
    """An account behind a live sign-in, or a share holder behind its key.

    Attributes:
        expert_id: set for experts only.
        sign_in_id: what is revoked when this sign-in ends.
        party: the holder's party name in the published policy, for custodians only.
    """

    account_id: AccountId
    role: Role
    expert_id: ExpertId | None
    sign_in_id: str
    party: str | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything this principal may do."""
        return GRANTS[self.role]

    def may(self, *permissions: Permission) -> bool:
        """Whether any one of `permissions` is granted."""
        return not self.permissions.isdisjoint(permissions)
