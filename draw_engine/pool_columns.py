"""The columns of the import template, each with the one check of its cell.

A table: heading, whether it must be filled, how it is read. A check returns the value or
names the reason; it never repeats what stood in the cell.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from stdnum.cn import uscc

from classification.core.code import SpecialtyCode
from classification.core.errors import UnknownRegion
from classification.service import ClassificationService
from draw_engine.pool_cells import Cell, Form
from draw_engine.pool_generate import MARK
from foundation import identity_number
from foundation.errors import Fact, ServiceError
from foundation.identity_number import Fault

MOST_NAME_CHARACTERS: Final = 50
DIGITS_EATEN: Final = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
MOBILE: Final = re.compile(r"1[3-9]\d{9}")
IDENTITY_FAULTS: Final[Mapping[Fault, str]] = {
    Fault.MALFORMED: "pool.identity_malformed",
    Fault.CHECK_DIGIT: "pool.identity_check_digit",
}
DAY: Final = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
SEPARATORS: Final = re.compile(r"[;；,，、\s]+")
RUNS_IN_A_SPREADSHEET: Final = tuple("=+-@＝＋－＠")


class Unfit(ValueError):
    """A cell that cannot be taken; `reason` is a code of ours, facts hold no personal value."""

    def __init__(self, reason: str, facts: Mapping[str, Fact] | None = None) -> None:
        self.reason = reason
        self.facts = dict(facts or {})
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the template."""

    heading: str
    field: str
    required: bool
    read: Callable[[Cell, ClassificationService], Any]
    about: str

    @property
    def personal(self) -> bool:
        """Does it tell who somebody is? Such values are never remembered beyond their line."""
        return self.field in {"name", "id_number", "phone"}


def read_name(cell: Cell, _: ClassificationService) -> str:
    """A name as written, rare characters (𠮷, 䶮) kept; no control characters, no digits."""
    name = cell.text
    _refuse_runnable(name)
    odd = any(unicodedata.category(letter) in {"Cc", "Cn", "Co", "Cs", "Nd"} for letter in name)
    if cell.form is not Form.TEXT or len(name) > MOST_NAME_CHARACTERS or odd:
        raise Unfit("pool.name_malformed")
    return name


def read_identity(cell: Cell, _: ClassificationService) -> str:
    """An 18-character identity number with its check digit and a date that exists."""
    number = identity_number.plain(cell.text)
    # A spreadsheet keeps 15 digits of a number: the rest are already zeros or gone.
    if cell.form is Form.NUMBER or DIGITS_EATEN.fullmatch(number):
        raise Unfit("pool.identity_digits_lost")
    fault = identity_number.fault_of(number)
    if fault is Fault.CHECK_DIGIT and number.endswith("000"):
        raise Unfit("pool.identity_digits_lost")
    if fault is not None:
        raise Unfit(IDENTITY_FAULTS[fault])
    return number


def _dense(text: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))


def read_phone(cell: Cell, _: ClassificationService) -> str:
    """A mobile number: eleven digits from 13 to 19."""
    number = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", _dense(cell.text))
    if not MOBILE.fullmatch(number):
        raise Unfit("pool.phone_malformed")
    return number


def read_text(cell: Cell, _: ClassificationService) -> str:
    """Any text of up to 100 characters."""
    _refuse_runnable(cell.text)
    if len(cell.text) > 100:
        raise Unfit("pool.text_too_long")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in cell.text):
        raise Unfit("pool.control_character")
    return cell.text


def _refuse_runnable(text: str) -> None:
    """Text that a spreadsheet would run, here or wherever the list goes next."""
    if text.startswith(RUNS_IN_A_SPREADSHEET):
        raise Unfit("pool.begins_like_formula", {"sign": text[0]})


def read_credit_code(cell: Cell, _: ClassificationService) -> str:
    """A unified credit code with its check digit; an empty cell stays empty."""
    code = unicodedata.normalize("NFKC", cell.text).upper().replace(" ", "")
    if code and not uscc.is_valid(code):
        raise Unfit("pool.credit_code_malformed")
    return code


def read_region(cell: Cell, classification: ClassificationService) -> str:
    """Six digits of a province."""
    code = cell.text if len(cell.text) != 2 else f"{cell.text}0000"
    try:
        region = classification.regions.get(code)
    except UnknownRegion as unknown:
        raise Unfit("pool.region_unknown") from unknown
    if region.level != 1:
        raise Unfit("pool.region_unknown")
    return code


def read_codes(cell: Cell, classification: ClassificationService) -> tuple[str, ...]:
    """Specialty codes of the current standard; each refusal is the classification's own."""
    version, codes = classification.catalogue.version, set[str]()
    for written in filter(None, SEPARATORS.split(cell.text.upper())):
        try:
            code = SpecialtyCode.parse(written if ":" in written else f"{version}:{written}")
            codes.add(classification.catalogue.get(code).code.code)
        except ServiceError as refused:
            raise Unfit(refused.code, refused.facts) from refused
    if not codes:
        raise Unfit("pool.value_missing")
    return tuple(sorted(codes))


def read_day(cell: Cell, _: ClassificationService) -> date:
    """A date cell, or 2027-12-31, 2027/12/31, 20271231, 2027年12月31日."""
    if cell.day is not None:
        return cell.day
    if (found := DAY.fullmatch(cell.text)) is None:
        raise Unfit("pool.date_malformed")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as no_such_day:
        raise Unfit("pool.date_malformed") from no_such_day


def read_mark(cell: Cell, _: ClassificationService) -> bool:
    """Does the row say that the person is generated? Only the word itself does."""
    if cell.form is not Form.EMPTY and cell.text != MARK.strip("（）"):
        raise Unfit("pool.mark_unknown")
    return cell.form is not Form.EMPTY


COLUMNS: Final[tuple[Column, ...]] = (
    Column("姓名", "name", True, read_name, "与身份证一致；生僻字照原样填写。"),
    Column("身份证号", "id_number", True, read_identity, "18 位，单元格须为文本格式。"),
    Column("手机号", "phone", True, read_phone, "11 位手机号码。"),
    Column("工作单位", "employer", True, read_text, "单位全称。"),
    Column("统一社会信用代码", "unified_credit_code", True, read_credit_code, "工作单位的代码。"),
    Column("上级集团信用代码", "group_credit_code", False, read_credit_code, "没有时留空。"),
    Column("省份代码", "region", True, read_region, "六位行政区划代码，例如 110000。"),
    Column("职称", "title", True, read_text, "例如 高级职称、正高级职称。"),
    Column("评标专业", "codes", True, read_codes, "2018 年版专业代码，多个用分号分隔。"),
    Column("聘期至", "valid_to", True, read_day, "聘期最后一天，例如 2027-12-31。"),
    Column("生成标记", "generated", False, read_mark, "真实人员留空；系统生成的演示人员填“生成”。"),
)  # fmt: skip
"""In the order of the template. Each `field` is one of `PoolRecord`."""
