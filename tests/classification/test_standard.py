"""The 2018 standard as packaged: every line, its status, its leaves; and the regions."""

import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from classification.catalogue_file import load_catalogue, load_regions, load_version
from classification.core.catalogue import Catalogue, Status
from classification.core.code import SpecialtyCode
from classification.core.errors import (
    BrokenCatalogue,
    CodeHasMoved,
    CodeMayHaveMoved,
    UnknownCode,
    UnknownRegion,
    UnknownVersion,
    WrongVersion,
)
from classification.core.widening import ladder, neighbours
from classification.pinyin import initials_of, pinyin_of

DATA = Path(__file__).parents[2] / "classification" / "data"


@pytest.fixture(scope="module")
def standard() -> Catalogue:
    return load_catalogue()


def code(text: str) -> SpecialtyCode:
    return SpecialtyCode.parse(text)


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_all_2143_lines_are_there(standard: Catalogue) -> None:
    assert len(standard) == 2143
    assert Counter(line.code.level for line in standard) == {1: 3, 2: 32, 3: 313, 4: 1795}
    assert [line.name for line in standard.children()] == ["工程类", "货物类", "服务类"]


def test_every_line_says_how_well_it_is_attested(standard: Catalogue) -> None:
    assert Counter(line.status for line in standard) == {
        Status.CONFIRMED: 2099,
        Status.NAME_DIFFERS: 27,
        Status.ONE_SOURCE: 14,
        Status.ONE_SOURCE_SECONDARY: 3,
    }
    assert all(line.note for line in standard if line.status is Status.NAME_DIFFERS)


def test_84_lines_of_the_third_level_and_c14_are_leaves(standard: Catalogue) -> None:
    leaves = [line.code for line in standard if standard.is_leaf(line.code)]
    assert Counter(one.level for one in leaves) == {2: 1, 3: 84, 4: 1795}
    assert code("2018:C14") in leaves


def test_the_tree_is_whole(standard: Catalogue) -> None:
    below = [line for top in standard.children() for line in standard.subtree(top.code)]
    assert [line.code for line in below] == [line.code for line in standard]
    for line in standard:
        path = standard.path(line.code)
        assert [one.code.level for one in path] == list(range(1, line.code.level + 1))
        assert path[-1] == line
        if len(path) > 1:
            assert line in standard.children(path[-2].code)


def test_the_stored_readings_are_those_of_the_names(standard: Catalogue) -> None:
    lines = [*standard, *load_version("2010")]
    assert [str(x.code) for x in lines if x.pinyin != pinyin_of(x.name)] == []
    assert [str(x.code) for x in lines if x.initials != initials_of(x.name)] == []
    assert [x.code for x in load_regions() if x.pinyin != pinyin_of(x.name)] == []


def test_every_code_of_2010_is_refused_with_what_it_meant(standard: Catalogue) -> None:
    former = rows("specialties-2010.csv")
    now = {row["code"]: row for row in rows("crosswalk-2010-2018.csv")}
    assert len(former) == len(now) == 1744
    for row in former:
        with pytest.raises(WrongVersion) as refused:
            standard.get(SpecialtyCode("2010", row["code"]))
        found, facts = now[row["code"]], refused.value.facts
        sure = found["certainty"] == "sure"
        assert facts["name"] == row["name"]
        assert facts.get("instead", "") == (found["heir"] if sure else "")
        assert facts.get("maybe", "") == ("" if sure else found["heir"])
        assert isinstance(refused.value, CodeHasMoved) == sure
        assert isinstance(refused.value, CodeMayHaveMoved) == (not sure and bool(found["heir"]))


def test_a_sure_heir_of_a_2010_code_bears_its_whole_path_of_names(standard: Catalogue) -> None:
    former = load_version("2010")
    heirs = [row for row in rows("crosswalk-2010-2018.csv") if row["certainty"] == "sure"]
    assert len(heirs) == 907
    for row in heirs:
        old = former.path(SpecialtyCode("2010", row["code"]))
        new = standard.path(SpecialtyCode("2018", row["heir"]))
        assert [one.name for one in old] == [one.name for one in new]


def test_a_road_planner_of_2010_is_sent_to_the_new_code(standard: Catalogue) -> None:
    with pytest.raises(CodeHasMoved) as refused:
        standard.get(code("2010:A010102"))
    assert refused.value.facts == {
        "specialty": "A010102",
        "name": "公路",
        "used": "2010",
        "current": "2018",
        "instead": "A010104",
    }


def test_a_dropped_code_under_the_new_version_is_taught_too(standard: Catalogue) -> None:
    with pytest.raises(WrongVersion) as refused:
        standard.get(code("2018:A040307"))
    assert refused.value.facts["used"] == "2010"
    assert type(refused.value) is WrongVersion


def test_an_unknown_code_names_the_closest(standard: Catalogue) -> None:
    with pytest.raises(UnknownCode) as refused:
        standard.get(code("2018:A080295"))
    closest = str(refused.value.facts["closest"]).split(", ")
    assert len(closest) == 3
    assert all(one.startswith("A0802") for one in closest)


def test_below_a_leaf_the_leaf_is_named(standard: Catalogue) -> None:
    with pytest.raises(UnknownCode) as refused:
        standard.get(code("2018:C1401"))
    assert refused.value.facts["closest"] == "C14 网络、电磁空间安全服务"


def test_with_nothing_close_the_categories_are_named(standard: Catalogue) -> None:
    with pytest.raises(UnknownCode) as refused:
        standard.get(code("2018:Z99"))
    closest = str(refused.value.facts["closest"]).split(", ")
    assert sorted(closest) == ["A 工程类", "B 货物类", "C 服务类"]


def test_a_year_without_a_standard_is_refused_as_such(standard: Catalogue) -> None:
    with pytest.raises(UnknownVersion):
        standard.get(code("2015:A01"))


def test_the_ladder_climbs_to_the_class_and_not_to_the_category(standard: Catalogue) -> None:
    assert [str(x.code) for x in ladder(standard, code("2018:A080205"))] == [
        "2018:A080205",
        "2018:A0802",
        "2018:A08",
    ]
    assert [str(x.code) for x in ladder(standard, code("2018:C14"))] == ["2018:C14"]
    assert [str(x.code) for x in ladder(standard, code("2018:A"))] == ["2018:A"]


def test_every_rung_covers_the_one_before(standard: Catalogue) -> None:
    """R-POOL-4: a fixed order."""
    for line in standard:
        rungs = ladder(standard, line.code)
        assert rungs[0] == line
        assert all(b.code.covers(a.code) for a, b in pairwise(rungs))


def test_neighbours_share_a_parent(standard: Catalogue) -> None:
    near = neighbours(standard, code("2018:A080205"))
    assert len(near) == len(standard.children(code("2018:A0802"))) - 1
    assert {one.code.parent for one in near} == {code("2018:A0802")}


def test_a_corrected_list_is_taken_from_the_install(tmp_path: Path) -> None:
    mended = "\ufeffcode,name,status,note\nA,工程,confirmed_2src,\nA01,重庆规划,one_source,\n"
    (tmp_path / "specialties-2018.csv").write_text(mended, encoding="utf-8")

    own = load_catalogue(tmp_path)

    assert [line.name for line in own] == ["工程", "重庆规划"]
    assert [line.name for line in own.search("cqgh")] == ["重庆规划"]
    assert [line.name for line in own.search("zq")] == ["重庆规划"]


@pytest.mark.parametrize(
    "lines",
    [
        "A,工程,confirmed_2src,\nA0101,规划,confirmed_2src,",
        "A,工程,confirmed_2src,\nA,货物,confirmed_2src,",
        "A,工程,certain,",
    ],
)
def test_a_list_that_is_no_tree_is_refused(tmp_path: Path, lines: str) -> None:
    broken = f"code,name,status,note\n{lines}\n"
    (tmp_path / "specialties-2018.csv").write_text(broken, encoding="utf-8")
    with pytest.raises(BrokenCatalogue):
        load_catalogue(tmp_path)


def test_the_regions_hang_together() -> None:
    regions = load_regions()
    assert Counter(one.level for one in regions) == {1: 34, 2: 333, 3: 2847}
    for one in regions:
        path = regions.path(one.code)
        assert path[0].level == 1
        assert path[-1] == one
    assert [one.name for one in regions.path("110101")] == ["北京市", "东城区"]
    assert {one.parent for one in regions.within(parent="110000")} == {"110000"}
    assert len(regions.within(level=1)) == 34
    with pytest.raises(UnknownRegion):
        regions.within(parent="999999")
