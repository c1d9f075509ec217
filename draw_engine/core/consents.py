"""Consents (同意): a closed list of what needs one, and the fold of what was given.

What the law orders needs none, and is not asked for. Nobody's face or voice is measured here:
there is no purpose for it, so there is no consent to give (R-CONF-7).

Source: 个人信息保护法 13, 14, 15, 16, 23; RULES R-CONF-7.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from foundation.digest import sha256


class Purpose(StrEnum):
    """What an expert may allow or not; serving does not hang on any of it."""

    SHARE_CREDENTIALS = "share_credentials"


@dataclass(frozen=True, slots=True)
class Text:
    """What is agreed to, word for word; another wording is another version.

    Attributes:
        version: what an entry names. basis: article under which consent is asked for.
    """

    version: str
    basis: str
    zh: str
    en: str

    @property
    def hash(self) -> str:
        """SHA-256 (hex) over both wordings; stands in the entry beside the version."""
        words = (self.version, self.zh, self.en)
        return sha256(b"expert-draw/consent\0", *(f"{one}\0".encode() for one in words)).hex()


TEXTS: Final[Mapping[Purpose, Text]] = MappingProxyType(
    {
        Purpose.SHARE_CREDENTIALS: Text(
            version="2026-11",
            basis="个人信息保护法第二十三条",
            zh=(
                "本库可以把我的专家编号、评审专业、职称、所在省份、聘期和任职状态提供给与本库"
                "相互共享专家资源的其他地区专家库，用于核对我在那里参加评审的资格。不提供姓名、"
                "身份证件号码和电话号码。我可以随时撤回；撤回不影响此前已经提供的内容，也不影响"
                "我在本库参加抽取。"
            ),
            en=(
                "This pool may give my expert number, specialties, title, province, term and "
                "standing to pools of other regions with which it shares experts, so that they can "
                "check whether I may serve there. Name, identity number and telephone number are "
                "not given. I can withdraw at any time; that does not change what was given "
                "before, nor my part in the draws of this pool."
            ),
        ),
    }
)
"""The closed list."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The newest word of an expert on one purpose."""

    purpose: Purpose
    version: str
    given: bool
    at: datetime

    @property
    def counts(self) -> bool:
        """Given, and to the wording that is in force: an older one was agreed to, not this one."""
        return self.given and self.version == TEXTS[self.purpose].version


def fold(entries: Iterable[tuple[str, Mapping[str, Any] | None]]) -> dict[str, list[Consent]]:
    """Expert id -> every word given and withdrawn, oldest first; erased entries are passed over.

    Raises:
        ValueError: an entry of a type that the stream does not have.
    """
    found: dict[str, list[Consent]] = {}
    for type_, body in entries:
        if type_ not in {"consent.given", "consent.withdrawn"}:
            raise ValueError(f"the stream has no entry of type {type_}")
        if body is not None:
            found.setdefault(body["expert_id"], []).append(
                Consent(
                    purpose=Purpose(body["purpose"]),
                    version=body["version"],
                    given=type_ == "consent.given",
                    at=datetime.fromisoformat(body["at"]),
                )
            )
    return found
