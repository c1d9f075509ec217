"""A corrected list: every fault is named by row, column and reason, and nothing is mended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classification.core.corrected import COLUMNS, Written, check
from classification.core.errors import ListTooLarge, ListUnreadable, ListWithFormulas, Problem
from classification.list_file import MOST_BYTES, read_rows, template, template_csv
from classification.service import ClassificationService
from tests.classification.lists import as_csv, as_xlsx, changed, every_bad_cell, lines_of, rows

KNOWN = {line["code"]: line["name"] for line in lines_of()}


def found(
    *lines: dict[str, str], known: dict[str, str] | None = None
) -> list[tuple[int, str, str]]:
    problems = check(rows(*lines), "2018r1", known or {}).problems
    return [(one.row, one.column, one.code.partition(".")[2]) for one in problems]


def test_every_fault_is_named_in_one_pass_with_row_and_column() -> None:
    problems = check(every_bad_cell(), "2018r1", {"B": "货物类", "C": "服务类"}).problems
    assert [(one.row, one.column, one.code.partition(".")[2]) for one in problems] == [
        (3, "代码", "code_missing"),
        (4, "代码", "code_shape"),
        (5, "代码", "code_of_another_version"),
        (6, "名称", "name_missing"),
        (7, "名称", "name_shape"),
        (8, "说明", "note_shape"),
        (9, "级别", "level_differs"),
        (10, "改用", "reused_mark"),
        (11, "代码", "code_twice"),
        (12, "上级代码", "parent_ring"),
        (13, "上级代码", "parent_ring"),
        (14, "上级代码", "parent_differs"),
        (15, "代码", "parent_missing"),
        (16, "改用", "code_reused"),
        (17, "改用", "code_reused"),
    ]


def test_a_list_with_a_fault_gives_no_lines_at_all() -> None:
    assert check(every_bad_cell(), "2018r1", {}).lines == ()


def test_a_ring_is_told_from_a_parent_that_is_merely_wrong() -> None:
    ring = [
        {"code": "A", "name": "甲", "parent": "A0101"},
        {"code": "A01", "name": "乙", "parent": "A"},
        {"code": "A0101", "name": "丙", "parent": "A01"},
        {"code": "B", "name": "丁", "parent": "A"},
    ]
    problems = check(rows(*ring), "2018r1", {}).problems
    assert [one.code for one in problems] == [
        *["classification.parent_ring"] * 3,
        "classification.parent_differs",
    ]
    assert problems[0].facts["ring"] == "A → A0101 → A01 → A"


def test_a_code_that_changes_its_meaning_must_say_so() -> None:
    known = {"A": "工程类", "A01": "桥梁工程", "A02": "隧道工程"}
    top = {"code": "A", "name": "工程类"}
    assert found(top, {"code": "A01", "name": "桥梁工程"}, known=known) == []
    # another wording of the same thing is a new name, another thing is a new meaning
    assert found(top, {"code": "A01", "name": "桥梁建设工程"}, known=known) == []
    assert found(top, {"code": "A01", "name": "隧道"}, known=known) == [(3, "改用", "code_reused")]
    for mark in ("是", "否", "yes", "NO"):
        said = {"code": "A01", "name": "隧道", "reused": mark}
        assert found(top, said, known=known) == []


def test_names_that_changed_places_are_codes_that_changed_their_meaning() -> None:
    known = {"A": "工程类", "A01": "桥梁工程", "A02": "隧道工程"}
    swapped = [
        {"code": "A", "name": "工程类"},
        {"code": "A01", "name": "隧道工程"},
        {"code": "A02", "name": "桥梁工程"},
    ]
    assert [code for _, _, code in found(*swapped, known=known)] == ["code_reused"] * 2


def test_what_is_said_to_be_re_used_is_remembered() -> None:
    said = check(
        rows(
            {"code": "A", "name": "工程类"},
            {"code": "A01", "name": "隧道", "reused": "是"},
            {"code": "A02", "name": "桥隧", "reused": "否"},
        ),
        "2018r1",
        {"A01": "桥梁", "A02": "路"},
    )
    assert (said.problems, said.reused) == ((), ("A01",))


def test_a_code_that_2010_gave_up_is_not_taken_again_unseen() -> None:
    held = ClassificationService.load()
    gone = next(x for x in held.tree("2010") if x.code.code == "A040307")
    known = {gone.code.code: gone.name}
    lines = [{"code": code, "name": "甲乙丙丁"} for code in ("A", "A04", "A0403", "A040307")]
    assert found(*lines, known=known) == [(5, "改用", "code_reused")]


def test_the_version_in_force_passes_as_it_is_in_both_formats() -> None:
    for data in (as_csv(lines_of()), as_xlsx(lines_of())):
        done = check(read_rows(data), "2018r1", KNOWN)
        assert done.problems == ()
        assert {one.code: one.name for one in done.lines} == KNOWN


def test_the_filled_template_is_a_list_that_passes() -> None:
    standard = ClassificationService.load().catalogue
    for data in (template(standard), template_csv(standard)):
        done = check(read_rows(data), "2018r1", KNOWN)
        assert (done.problems, len(done.lines)) == ((), 2143)
    assert read_rows(template()) == read_rows(template_csv()) == []
    assert template(standard) == template(standard)


def test_codes_may_be_written_wide_small_or_with_their_own_version() -> None:
    lines = [{"code": "ａ", "name": "甲"}, {"code": "2018r1:A01", "name": "乙"}]
    assert [one.code for one in check(rows(*lines), "2018r1", {}).lines] == ["A", "A01"]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", ListUnreadable),
        (b"hello", ListUnreadable),
        (b"\x89PNG\r\n" + bytes(50), ListUnreadable),
        (b"PK\x03\x04" + b"x" * 200, ListUnreadable),
        (b"\xff\xff\xff\xff", ListUnreadable),
        (b"a" * (MOST_BYTES + 1), ListTooLarge),
        (as_csv(lines_of() * 10), ListTooLarge),
        (as_xlsx(changed(), formula="=1+1"), ListWithFormulas),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(
    data: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        read_rows(data)


def test_a_list_from_a_spreadsheet_of_the_office_is_read() -> None:
    text = "更正清单\n代码 *,名称（必填）,别的\nA,工程类,x\n,,\nA01,规划,y\n"
    assert [(one.row, one["code"], one["name"]) for one in read_rows(text.encode("gb18030"))] == [
        (3, "A", "工程类"),
        (5, "A01", "规划"),
    ]


cells = st.dictionaries(st.sampled_from([column.field for column in COLUMNS]), st.text(max_size=12))


@given(st.lists(cells, max_size=12))
def test_any_cells_are_answered_with_lines_or_with_problems(lines: list[dict[str, str]]) -> None:
    done = check([Written(at, line) for at, line in enumerate(lines, 2)], "2018r1", KNOWN)
    assert bool(done.lines) == (bool(lines) and not done.problems)
    assert all(isinstance(one, Problem) and one.row >= 2 for one in done.problems)
