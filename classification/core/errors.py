"""Refusals of the classification."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import ClassVar

from foundation.errors import Fact, Kind, ServiceError


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell of a list that cannot be taken: `row` as the spreadsheet counts, `column` a
    heading, `code` the key of its words."""

    row: int
    column: str
    code: str
    facts: dict[str, Fact] = field(default_factory=dict)


class BadForm(ServiceError):
    """Not written like `2018:A080205`. What was written is not repeated: it may be anything."""

    code = "classification.bad_form"
    kind = Kind.INVALID


class UnknownVersion(ServiceError):
    """No version of the standard goes by this year; `known` lists those that do."""

    code = "classification.unknown_version"
    kind = Kind.NOT_FOUND

    def __init__(self, version: str, known: str) -> None:
        super().__init__(version=version, known=known)


class UnknownCode(ServiceError):
    """The version has no such code; `closest` names up to three codes and their names."""

    code: ClassVar[str] = "classification.unknown_code"
    kind = Kind.NOT_FOUND

    def __init__(self, specialty: str, version: str, closest: str) -> None:
        super().__init__(specialty=specialty, version=version, closest=closest)


class WrongVersion(ServiceError):
    """The code belongs to an older version of the standard, where it meant `name`."""

    code: ClassVar[str] = "classification.wrong_version"
    kind = Kind.INVALID

    def __init__(
        self, specialty: str, name: str, used: str, current: str, instead: str = ""
    ) -> None:
        facts = {"instead": instead} if instead else {}
        super().__init__(specialty=specialty, name=name, used=used, current=current, **facts)


class CodeHasMoved(WrongVersion):
    """As WrongVersion, and the current version has the very same specialty under `instead`."""

    code: ClassVar[str] = "classification.code_has_moved"


class CodeMayHaveMoved(WrongVersion):
    """As WrongVersion; the current version probably has it under `maybe`, not yet confirmed."""

    code: ClassVar[str] = "classification.code_may_have_moved"

    def __init__(
        self, specialty: str, name: str, used: str, current: str, *, maybe: str, maybe_name: str
    ) -> None:
        super().__init__(specialty, name, used, current)
        self.facts |= {"maybe": maybe, "maybe_name": maybe_name}


class BrokenCatalogue(ServiceError):
    """A data file does not hold a tree; `where` is a code, or a file and its line."""

    code = "classification.broken_catalogue"
    kind = Kind.INVALID

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where=where, why=why)


class UnknownRegion(ServiceError):
    """No province, prefecture or county has this code."""

    code = "classification.unknown_region"
    kind = Kind.NOT_FOUND


class NotInForce(ServiceError):
    """The code is of a version that nobody has adopted yet."""

    code = "classification.not_in_force"
    kind = Kind.INVALID

    def __init__(self, used: str, current: str) -> None:
        super().__init__(used=used, current=current)


class NoCrosswalk(ServiceError):
    """No crosswalk leads from the one version to the other."""

    code = "classification.no_crosswalk"
    kind = Kind.NOT_FOUND


class UnknownRow(ServiceError):
    """The older version has no such code."""

    code = "classification.unknown_row"
    kind = Kind.NOT_FOUND


class HeirsUnfit(ServiceError):
    """A mapping names one to `most` codes; giving up and undoing name none."""

    code = "classification.heirs_unfit"
    kind = Kind.INVALID


class NothingToUndo(ServiceError):
    """Nobody has decided on the row, or it was undone already."""

    code = "classification.nothing_to_undo"
    kind = Kind.CONFLICT


class DecidedMeanwhile(ServiceError):
    """Somebody decided on the row after this person had read it."""

    code = "classification.decided_meanwhile"
    kind = Kind.CONFLICT


class ReasonMissing(ServiceError):
    """The reason is empty or longer than `most` characters."""

    code = "classification.reason_missing"
    kind = Kind.INVALID


class VersionUnfit(ServiceError):
    """A new version is written like 2018r1 and is later than the one in force."""

    code = "classification.version_unfit"
    kind = Kind.INVALID


class VersionTaken(ServiceError):
    """There is a version of this name; none is ever written over."""

    code = "classification.version_taken"
    kind = Kind.CONFLICT


class ProposalWaits(ServiceError):
    """Another list waits for its second person; two would be compared with the wrong one."""

    code = "classification.proposal_waits"
    kind = Kind.CONFLICT


class UnknownProposal(ServiceError):
    """No imported list of this name waits for a decision."""

    code = "classification.unknown_proposal"
    kind = Kind.NOT_FOUND


class SamePerson(ServiceError):
    """Who brought a list in may not adopt or refuse it."""

    code = "classification.same_person"
    kind = Kind.FORBIDDEN
    rule = "R-SOD-1"


class SetUpIsOver(ServiceError):
    """Draws were filed here: from now on a second person adopts on the page."""

    code = "classification.set_up_is_over"
    kind = Kind.FORBIDDEN
    rule = "R-SOD-1"


class NothingChanged(ServiceError):
    """The list says what the version in force says already."""

    code = "classification.nothing_changed"
    kind = Kind.CONFLICT


class ListUnreadable(ServiceError):
    """Neither an XLSX workbook nor a CSV text with the columns of the template."""

    code = "classification.list_unreadable"
    kind = Kind.INVALID


class ListTooLarge(ServiceError):
    """More bytes or rows than a list of specialties can have."""

    code = "classification.list_too_large"
    kind = Kind.TOO_LARGE


class ListWithFormulas(ServiceError):
    """Cells are computed: what they say depends on a program that did not run here."""

    code = "classification.list_with_formulas"
    kind = Kind.INVALID


class ListRefused(ServiceError):
    """Some rows cannot be taken and nothing was; `beside` lists every one of them."""

    code = "classification.list_refused"
    kind = Kind.INVALID

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(rows=len({one.row for one in problems}), problems=len(problems))
        self.problems = tuple(problems)
        self.beside: dict[str, object] = {"problems": [asdict(one) for one in problems]}
