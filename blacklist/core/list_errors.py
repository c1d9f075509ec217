"""Refusals of outside lists and of the cross-check."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from blacklist.core.list_check import Problem
from foundation.errors import Kind, ServiceError


class ListRefused(ServiceError):
    """Some rows are bad and nothing was taken; `problems` names them, the first 50 000."""

    code = "blacklist.list_refused"
    kind = Kind.INVALID

    def __init__(self, problems: Sequence[Problem], rows: int, cells: int) -> None:
        super().__init__(rows=rows, problems=cells)
        self.problems = tuple(problems)
        self.beside: dict[str, Any] = {"problems": [asdict(one) for one in problems]}


class ColumnsSwapped(ServiceError):
    """Most rows have two columns in each other's place; no row of such a file is to be trusted."""

    code = "blacklist.list_columns_swapped"
    kind = Kind.INVALID

    def __init__(self, first: str, second: str, rows: int) -> None:
        super().__init__(first=first, second=second, rows=rows)


class ListEmpty(ServiceError):
    """The file has the right columns and nobody below them, or nobody without a fault."""

    code = "blacklist.list_empty"
    kind = Kind.INVALID


class ListUnnamed(ServiceError):
    """Who issued the list is not said, or in more than 100 characters."""

    code = "blacklist.list_unnamed"
    kind = Kind.INVALID


class ListDatedAhead(ServiceError):
    """The list bears a date that has not come yet."""

    code = "blacklist.list_dated_ahead"
    kind = Kind.INVALID


class ListTakenBefore(ServiceError):
    """The very same file is in force already, byte for byte."""

    code = "blacklist.list_taken_before"
    kind = Kind.CONFLICT


class ListInterrupted(ServiceError):
    """The intake was cut off before its end; nothing of the list was taken."""

    code = "blacklist.list_interrupted"
    kind = Kind.UNAVAILABLE


class ListsBusy(ServiceError):
    """A list is being taken, or a cross-check runs."""

    code = "blacklist.lists_busy"
    kind = Kind.CONFLICT


class UnknownList(ServiceError):
    """There is no such list, or it was never taken."""

    code = "blacklist.unknown_list"
    kind = Kind.NOT_FOUND


class ListWithdrawn(ServiceError):
    """The list is out of force; what it led to stays on record."""

    code = "blacklist.list_withdrawn"
    kind = Kind.CONFLICT


class UnknownMatch(ServiceError):
    """There is no such match."""

    code = "blacklist.unknown_match"
    kind = Kind.NOT_FOUND


class MatchDecided(ServiceError):
    """Somebody has decided this near match already, or it is none: numbers agree."""

    code = "blacklist.match_decided"
    kind = Kind.CONFLICT


class MatchUndecided(ServiceError):
    """A person must say first whether it is the same person."""

    code = "blacklist.match_undecided"
    kind = Kind.CONFLICT
    rule = "R-ELIG-6"


class MatchProposed(ServiceError):
    """A measure was proposed for this match before."""

    code = "blacklist.match_proposed"
    kind = Kind.CONFLICT
