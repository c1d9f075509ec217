"""One expert as a row of the workbook (导入模板): names and facts together, before they part."""

from dataclasses import dataclass
from datetime import date
from typing import Final

TITLES: Final = ("高级职称", "正高级职称", "中级职称")
"""Professional titles (职称) the pool knows; other words are kept as they are written."""


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """A whole row. Lives between a file and the databases, never longer.

    Args:
        region: six digits of the province.
        group_credit_code: the parent group's code, "" where there is none.
        codes: specialty codes of the 2018 standard, without version.
        valid_to: last day of the appointment (聘期至), inclusive.
    """

    name: str
    id_number: str
    phone: str
    employer: str
    unified_credit_code: str
    group_credit_code: str
    region: str
    title: str
    codes: tuple[str, ...]
    valid_to: date
    generated: bool = False

    def __repr__(self) -> str:
        # A record in a log line or a traceback would be a leak.
        return "PoolRecord(…)"
