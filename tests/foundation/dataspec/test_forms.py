"""Records in the specification's field names: what is written reads back, nothing else is read."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.dataspec.forms import (
    Dataset,
    DocumentUnfit,
    from_json,
    from_xml,
    to_json,
    to_xml,
)
from foundation.dataspec.tables import Field, FieldUnfit, UnknownTable, table_of, tables
from foundation.instants import CHINA_STANDARD_TIME

PLAIN = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"
)
LETTERS = st.one_of(PLAIN, st.sampled_from("\n\t<>&\"' "))


def values(field: Field) -> st.SearchStrategy[Any]:
    """Whatever a field takes."""
    if field.format == "yyyyMMdd":
        return st.dates(date(1900, 1, 1))
    if field.format == "yyyyMMddHHmmss":
        naive = st.datetimes(*(datetime(year, 1, 1) for year in (1900, 2999)))  # noqa: DTZ001 # so it asks
        return naive.map(lambda at: at.replace(microsecond=0, tzinfo=CHINA_STANDARD_TIME))
    _, upto, size, places = field._shape()
    if field.number:
        most = 10**size - 1
        return st.integers(-most, most).map(lambda n: Decimal(n).scaleb(-places))
    most_letters = min(size, 60)
    return st.text(LETTERS, min_size=1 if upto else size, max_size=most_letters if upto else size)


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    table = tables()[draw(st.sampled_from(sorted(tables())))]
    required = [name for name, one in table.fields.items() if one.required]
    lacks = frozenset(draw(st.lists(st.sampled_from(required), unique=True, max_size=3)))
    records = []
    for _ in range(draw(st.integers(0, 3))):
        names = [
            name
            for name, one in table.fields.items()
            if name not in lacks and (one.required or draw(st.booleans()))
        ]
        records.append({name: draw(values(table.fields[name])) for name in names})
    return Dataset(table, tuple(records), lacks)


@pytest.mark.parametrize(("write", "read"), [(to_xml, from_xml), (to_json, from_json)])
@given(data=datasets())
def test_r_e_3_what_is_written_in_the_data_standard_reads_back_as_it_was(
    write: Callable[[Dataset], bytes], read: Callable[[bytes], Dataset], data: Dataset
) -> None:
    """R-E-3: every table, every field, every value that fits."""
    assert read(write(data)) == data
    assert write(read(write(data))) == write(data)


def test_the_six_tables_hold_every_field_once_under_its_own_name() -> None:
    count = {one.number: len(one.fields) for one in tables().values()}
    assert count == {"212": 25, "213": 25, "208": 20, "508": 13, "9005": 12, "9013": 13}
    bid, gp = table_of("EXPERT_BID_EVALUATION"), table_of("EXPERT_EVALUATION")
    assert list(bid.fields) == list(gp.fields)
    assert bid.fields["DATA_TIMESTAMP"].format == "yyyyMMddHHmmss"
    with pytest.raises(UnknownTable):
        table_of("EXPERT")


def apply(**changes: str | None) -> dict[str, str]:
    """A request for a committee as texts."""
    record = {
        "TENDER_PROJECT_CODE": "P" * 20,
        "BID_SECTION_CODE": "S" * 23,
        "UNIFIED_DEAL_CODE": "U" * 40,
        "PLATFORM_CODE": "1" * 18,
        "PUB_SERVICE_PLAT_CODE": "2" * 18,
        "DATA_TIMESTAMP": "20261127150000",
        "TRADE_PLAT": "A" * 11,
        "PUB_SERVICE_PLAT": "B" * 11,
        "EXTRACT_RULE": "随机抽取",
        "EXTRACT_APPLY_TIME": "20261127090000",
        "EXTRACT_TIME": "20261127140000",
        "EXPERT_LIST_CONFIRM": "随机",
    }
    whole = record | {k: v for k, v in changes.items() if v is not None}
    return {k: v for k, v in whole.items() if changes.get(k, "") is not None}


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"EXTRACT_TIME": "20261327140000"}, "EXTRACT_TIME", "format"),
        ({"EXTRACT_TIME": "2026112714000"}, "EXTRACT_TIME", "format"),
        ({"EXTRACT_TIME": "2026112714００00"}, "EXTRACT_TIME", "format"),
        ({"TRADE_PLAT": "A" * 10}, "TRADE_PLAT", "length"),
        ({"TRADE_PLAT": "A" * 12}, "TRADE_PLAT", "length"),
        ({"EXTRACT_RULE": ""}, "EXTRACT_RULE", "length"),
        ({"EXTRACT_RULE": "长" * 1001}, "EXTRACT_RULE", "length"),
        ({"EXTRACT_RULE": "a\x00b"}, "EXTRACT_RULE", "character"),
        ({"EXTRACT_RULE": "a\rb"}, "EXTRACT_RULE", "character"),
        ({"EXTRACT_RULE": None}, "EXTRACT_RULE", "missing"),
        ({"SOMETHING": "x"}, "-", "unknown"),
    ],
)
def test_a_malformed_value_is_refused_by_the_name_of_its_field_and_not_told(
    changes: dict[str, str | None], field: str, why: str
) -> None:
    with pytest.raises(FieldUnfit) as refused:
        table_of("EVALUATION_BUILD_APPLY").read(apply(**changes), 7, frozenset())
    assert refused.value.facts == {
        "table": "EVALUATION_BUILD_APPLY",
        "record": 7,
        "field": field,
        "why": why,
    }


@pytest.mark.parametrize("text", ["1", "0", "99", "-1"])
def test_a_number_reads_exactly(text: str) -> None:
    assert Field("N", "N..2", True).read(text) == Decimal(text)


@pytest.mark.parametrize("text", ["", "100", "1.0", "01", "+1", "1e1", "NaN", "٣", " 1", "-"])
def test_a_number_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"format|length"):
        Field("N", "N..2", True).read(text)
    assert Field("N", "N..12,6", True).read("123456.654321") == Decimal("123456.654321")
    with pytest.raises(ValueError, match="length"):
        Field("N", "N..12,6", True).read("1.1234567")


@pytest.mark.parametrize(
    ("format_", "value"),
    [
        ("yyyyMMdd", datetime(2026, 11, 27, tzinfo=UTC)),
        ("yyyyMMddHHmmss", datetime(2026, 11, 27)),  # noqa: DTZ001 # that is the point
        ("yyyyMMddHHmmss", datetime(2026, 11, 27, 1, 1, 1, 5, tzinfo=UTC)),
        ("N..2", 1),
        ("N..2", Decimal("NaN")),
        ("C2", Decimal(11)),
    ],
)
def test_a_value_that_would_not_come_back_is_not_written(format_: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"type|format"):
        Field("F", format_, True).write(value)


HEAD = '<DATASET NO="9005" TABLE="EVALUATION_BUILD_APPLY">'
LAUGHS = "<!DOCTYPE DATASET [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]>"


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (f"{LAUGHS}{HEAD}</DATASET>", "unsafe"),
        ("<!DOCTYPE DATASET SYSTEM 'file:///etc/hostname'><DATASET/>", "unsafe"),
        (f"{HEAD}<RECORD><A>&b;</A></RECORD></DATASET>", "xml"),
        (f"<?php echo 1?>{HEAD}</DATASET>", "unsafe"),
        (f"{HEAD}<RECORD><A><![CDATA[x]]></A></RECORD></DATASET>", "unsafe"),
        (f"{HEAD}<RECORD><!-- x --></RECORD></DATASET>", "unsafe"),
        (f"{HEAD}{'<RECORD>' * 5000}{'</RECORD>' * 5000}</DATASET>", "form"),
        (f"{HEAD}<RECORD><A>x</A><A>y</A></RECORD></DATASET>", "twice"),
        (f"{HEAD}stray<RECORD></RECORD></DATASET>", "form"),
        (f"{HEAD}<RECORD>stray</RECORD></DATASET>", "form"),
        (f"{HEAD}<RECORD><A b='1'>x</A></RECORD></DATASET>", "form"),
        (f"{HEAD}<RECORD>", "xml"),
        ('<DATASET NO="208" TABLE="EVALUATION_BUILD_APPLY"></DATASET>', "number"),
        (HEAD.replace(">", ' LACKS="TRADE_PLAT TRADE_PLAT"></DATASET>'), "lacks"),
        (HEAD.replace(">", ' LACKS="NO_SUCH"></DATASET>'), "lacks"),
        ("<?xml version='1.0' encoding='GB18030'?><DATASET/>", "encoding"),
        ("", "xml"),
    ],
)
def test_unsafe_or_odd_xml_is_refused(document: str, why: str) -> None:
    with pytest.raises(DocumentUnfit) as refused:
        from_xml(document.encode())
    assert refused.value.facts == {"why": why}


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("[" * 100_000, "json"),
        ('{"DATASET_NO": "9005", "DATASET_NO": "9005"}', "twice"),
        ('{"DATASET_NO": "9005"}', "form"),
        ('{"DATASET_NO": "9005", "TABLE": "EVALUATION_BUILD_APPLY", "RECORDS": [NaN]}', "json"),
        ('{"DATASET_NO": "9005", "TABLE": "EVALUATION_BUILD_APPLY", "RECORDS": [1]}', "form"),
        ('{"DATASET_NO": "9005", "TABLE": "EVALUATION_BUILD_APPLY", "RECORDS": {}}', "form"),
        ('{"DATASET_NO": 9005, "TABLE": "EVALUATION_BUILD_APPLY", "RECORDS": []}', "number"),
        ("\ufeff{}", "json"),
    ],
)
def test_odd_json_is_refused(document: str, why: str) -> None:
    with pytest.raises(DocumentUnfit) as refused:
        from_json(document.encode())
    assert refused.value.facts == {"why": why}


def test_a_text_is_no_number_and_a_number_no_text() -> None:
    head = '{"DATASET_NO": "212", "TABLE": "EXPERT_BID_EVALUATION", "RECORDS": '
    for record in ('[{"WORK_YEAR": "8"}]', '[{"SEX": 1}]', '[{"SEX": null}]'):
        with pytest.raises(FieldUnfit) as refused:
            from_json(f"{head}{record}}}".encode())
        assert refused.value.facts["why"] == "type"


def test_a_required_field_may_be_said_to_be_lacking_and_then_must_be() -> None:
    table = table_of("EVALUATION_BUILD_APPLY")
    record = table.read(apply(TRADE_PLAT=None), 1, frozenset({"TRADE_PLAT"}))
    data = Dataset(table, (record,), frozenset({"TRADE_PLAT"}))

    assert from_xml(to_xml(data)) == from_json(to_json(data)) == data
    with pytest.raises(FieldUnfit):
        table.read(apply(), 1, frozenset({"TRADE_PLAT"}))
