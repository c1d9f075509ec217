"""Refusals of the classification."""

from typing import ClassVar

from foundation.errors import Kind, ServiceError


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
