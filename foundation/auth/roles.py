"""Roles, what each may do, and which posts one person may not hold together.

Three tables and nothing else: a reader checks them against the rule book, the page
prints them (`GET /api/roles`), the OpenAPI document carries them as `x-guard`.
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import combinations
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """The post an account holds; one account, one post."""

    APPLICANT = "applicant"  # 抽取申请人
    CLERK = "clerk"  # 评标室工作人员
    EXPERT = "expert"  # 评标专家
    SUPERVISOR = "supervisor"  # 监督人员
    POOL_MANAGER = "pool_manager"  # 专家库管理人员
    ADMINISTRATOR = "administrator"  # 系统管理员
    CUSTODIAN = "custodian"  # 密钥托管人
    OWNER_REPRESENTATIVE = "owner_representative"  # 业主代表


class Permission(StrEnum):
    """One kind of act. A door names the permissions that open it."""

    DRAW_CHECK = "draw.check"
    DRAW_FILE = "draw.file"
    DRAW_READ = "draw.read"
    DRAW_WITHDRAW = "draw.withdraw"
    DRAW_SUPERVISE = "draw.supervise"
    DRAW_NAMES = "draw.names"
    POOL_READ = "pool.read"
    POOL_MANAGE = "pool.manage"
    CLASSIFICATION_READ = "classification.read"
    CLASSIFICATION_DECIDE = "classification.decide"
    CLASSIFICATION_ADOPT = "classification.adopt"
    BLACKLIST_READ = "blacklist.read"
    BLACKLIST_ENTER = "blacklist.enter"
    BLACKLIST_DECIDE = "blacklist.decide"
    CASE_REPORT = "case.report"
    CASE_ANSWER = "case.answer"
    EXIT_ASK = "exit.ask"
    LISTS_IMPORT = "lists.import"
    LISTS_READ = "lists.read"
    FEEDS_MANAGE = "feeds.manage"
    APPOINTMENT_REVIEW = "appointment.review"
    APPOINTMENT_APPROVE = "appointment.approve"
    PROFILE_CONFIRM = "profile.confirm"
    RATING_GIVE = "rating.give"
    RATING_READ = "rating.read"
    INBOX_READ = "inbox.read"
    INBOX_ANSWER = "inbox.answer"
    RECORD_READ = "record.read"
    RECORD_DISPUTE = "record.dispute"
    EVALUATION_PREPARE = "evaluation.prepare"
    EVALUATION_READ = "evaluation.read"
    EVALUATION_SUPERVISE = "evaluation.supervise"
    ROOM_ENTER = "room.enter"
    RECORDING_OPEN = "recording.open"
    HOLDER_ACT = "holder.act"
    HOLDER_READ = "holder.read"
    HOLDER_REGISTER = "holder.register"
    ACCOUNTS_MANAGE = "accounts.manage"
    OWNER_REPRESENTATIVES_READ = "owner_representatives.read"
    PASSKEYS_VOUCH = "passkeys.vouch"
    PASSKEYS_COSIGN = "passkeys.cosign"
    SELF = "self"


_P = Permission

GRANTS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.APPLICANT: frozenset(
            {
                *(_P.DRAW_CHECK, _P.DRAW_FILE, _P.DRAW_READ, _P.DRAW_WITHDRAW),
                *(_P.OWNER_REPRESENTATIVES_READ, _P.SELF),
            }
        ),
        Role.CLERK: frozenset(
            {
                _P.DRAW_READ,
                _P.EVALUATION_PREPARE,
                _P.EVALUATION_READ,
                _P.OWNER_REPRESENTATIVES_READ,
                _P.PASSKEYS_VOUCH,
                _P.RATING_GIVE,
                _P.ROOM_ENTER,
                _P.SELF,
            }
        ),
        Role.EXPERT: frozenset(
            {
                *(_P.INBOX_READ, _P.INBOX_ANSWER, _P.RECORD_READ, _P.RECORD_DISPUTE),
                *(_P.EXIT_ASK, _P.CASE_ANSWER, _P.PROFILE_CONFIRM, _P.RATING_GIVE),
                *(_P.ROOM_ENTER, _P.SELF),
            }
        ),
        Role.SUPERVISOR: frozenset(
            {
                *(_P.DRAW_READ, _P.DRAW_SUPERVISE, _P.DRAW_NAMES),
                *(_P.BLACKLIST_READ, _P.BLACKLIST_DECIDE, _P.CASE_REPORT),
                *(_P.LISTS_READ, _P.LISTS_IMPORT, _P.RATING_READ, _P.HOLDER_READ),
                *(_P.CLASSIFICATION_READ, _P.CLASSIFICATION_ADOPT),
                *(_P.EVALUATION_READ, _P.EVALUATION_SUPERVISE, _P.ROOM_ENTER),
                *(_P.RECORDING_OPEN, _P.PASSKEYS_COSIGN, _P.SELF),
            }
        ),
        Role.POOL_MANAGER: frozenset(
            {
                *(_P.POOL_READ, _P.POOL_MANAGE, _P.BLACKLIST_READ, _P.BLACKLIST_ENTER),
                *(_P.CASE_REPORT, _P.LISTS_READ, _P.LISTS_IMPORT, _P.RATING_READ),
                *(_P.APPOINTMENT_REVIEW, _P.APPOINTMENT_APPROVE),
                *(_P.CLASSIFICATION_READ, _P.CLASSIFICATION_DECIDE, _P.SELF),
            }
        ),
        Role.ADMINISTRATOR: frozenset(
            {
                *(_P.ACCOUNTS_MANAGE, _P.HOLDER_READ, _P.HOLDER_REGISTER),
                *(_P.FEEDS_MANAGE, _P.LISTS_READ, _P.SELF),
            }
        ),
        Role.CUSTODIAN: frozenset({_P.HOLDER_ACT}),
        Role.OWNER_REPRESENTATIVE: frozenset({_P.ROOM_ENTER, _P.RATING_GIVE, _P.SELF}),
    }
)
"""What each role may do. What is not here is not allowed."""

SEPARATE_POSTS: Final = (
    Role.POOL_MANAGER,
    Role.APPLICANT,
    Role.SUPERVISOR,
    Role.CLERK,
    Role.ADMINISTRATOR,
    Role.CUSTODIAN,
)
"""Posts that must be held by different persons (R-SOD-1). The draw operator is a timer."""

INCOMPATIBLE: Final[frozenset[frozenset[Role]]] = frozenset(
    {
        *(frozenset(pair) for pair in combinations(SEPARATE_POSTS, 2)),
        # who is drawn may not run, file, watch or keep the keys of what draws them
        *(frozenset({Role.EXPERT, post}) for post in SEPARATE_POSTS),
        # the procuring entity's voice on a committee is no expert of the pool and runs nothing;
        # that its own staff file the request is how the field works
        *(
            frozenset({Role.OWNER_REPRESENTATIVE, post})
            for post in (*SEPARATE_POSTS, Role.EXPERT)
            if post is not Role.APPLICANT
        ),
    }
)
"""Pairs of roles that one person may not hold, in whatever number of accounts (R-SOD-1)."""


def may(role: Role, permission: Permission) -> bool:
    """Whether an account with `role` may do `permission`."""
    return permission in GRANTS[role]


def clash(held: Role, wanted: Role) -> bool:
    """Whether one person may not hold both roles; two accounts of one role never clash."""
    return frozenset({held, wanted}) in INCOMPATIBLE
