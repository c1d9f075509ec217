"""The standard over HTTP: open to all, cacheable, and refusing in words."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.etag import EntityTags
from classification.core.errors import (
    BadForm,
    UnknownCode,
    UnknownRegion,
    UnknownVersion,
    WrongVersion,
)
from classification.routes import router
from classification.service import ClassificationService


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    house = FastAPI()
    house.state.classification = ClassificationService.load()
    house.add_middleware(EntityTags)
    house.include_router(router)
    with TestClient(house) as client:
        yield client


def test_the_tree_is_whole_and_carries_the_version_in_every_code(client: TestClient) -> None:
    lines = client.get("/api/classification/2018/tree").json()
    assert len(lines) == 2143
    assert lines[0] == {
        "code": "2018:A",
        "name": "工程类",
        "level": 1,
        "parent": None,
        "status": "name_differs",
        "leaf": False,
        "pinyin": "gong cheng lei",
    }
    codes = {line["code"] for line in lines}
    assert all(line["parent"] in codes for line in lines if line["level"] > 1)
    assert sum(line["leaf"] for line in lines) == 1795 + 84 + 1


def test_who_holds_the_tree_is_not_sent_it_again(client: TestClient) -> None:
    first = client.get("/api/classification/2018/tree")
    etag = first.headers["etag"]
    assert etag.startswith('"')

    again = client.get("/api/classification/2018/tree", headers={"If-None-Match": etag})
    other = client.get("/api/classification/2018/tree", headers={"If-None-Match": '"other"'})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert (other.status_code, other.content) == (200, first.content)


def test_one_code_comes_with_its_path_and_children(client: TestClient) -> None:
    line = client.get("/api/classification/2018/codes/A0802").json()
    assert line["path"] == ["工程类", "工程施工", "市政工程"]
    assert "2018:A080205" in [one["code"] for one in line["children"]]


def test_every_version_is_listed_and_one_is_in_force(client: TestClient) -> None:
    assert client.get("/api/classification/versions").json() == [
        {"version": "2010", "in_force": False, "lines": 1744, "state": None},
        {"version": "2018", "in_force": True, "lines": 2143, "state": None},
    ]
    in_force = client.get("/api/classification/in-force/tree")
    assert in_force.content == client.get("/api/classification/2018/tree").content
    assert "no-cache" in in_force.headers["cache-control"]


def test_the_2010_version_is_looked_up_searched_and_browsed(client: TestClient) -> None:
    line = client.get("/api/classification/2010/codes/A010102").json()
    assert (line["code"], line["name"]) == ("2010:A010102", "公路")
    assert line["became"]["how"] == "sure"
    assert [one["code"] for one in line["became"]["heirs"]] == ["2018:A010104"]

    below = client.get("/api/classification/2010/codes/A0101/subtree").json()
    assert all(one["code"].startswith("2010:A0101") for one in below)
    assert below[2]["code"] == "2010:A010102"

    found = client.get("/api/classification/search?q=gonglu&version=2010").json()
    assert "2010:A010102" in [one["code"] for one in found]


@pytest.mark.parametrize(
    ("code", "how", "maybe"),
    [
        ("B010101", "open", "2018:B010101"),
        ("A010107", "open", "2018:A010107"),
        ("A040307", "open", None),
    ],
)
def test_a_doubtful_2010_code_says_what_it_may_be_and_claims_nothing(
    client: TestClient, code: str, how: str, maybe: str | None
) -> None:
    became = client.get(f"/api/classification/2010/codes/{code}").json()["became"]
    assert (became["how"], became["heirs"]) == (how, [])
    assert (became["maybe"] or {}).get("code") == maybe


def test_a_line_in_force_became_nothing(client: TestClient) -> None:
    assert client.get("/api/classification/2018/codes/A0802").json()["became"] is None


def test_regions_are_a_tree_and_found_by_pinyin(client: TestClient) -> None:
    tree = client.get("/api/regions/tree").json()
    zhejiang = next(one for one in tree if one["code"] == "330000")
    hangzhou = next(one for one in zhejiang["children"] if one["code"] == "330100")
    assert "330106" in [one["code"] for one in hangzhou["children"]]

    one = client.get("/api/regions/330106").json()
    assert one["path"] == ["浙江省", "杭州市", "西湖区"]
    for words in ("zhejiang xihu", "zj xh", "浙江 西湖", "330106"):
        found = client.get("/api/regions/search", params={"q": words, "limit": 200}).json()
        assert "330106" in [x["code"] for x in found], words
    assert client.get("/api/regions/search?q=chongqing").json()[0]["name"] == "重庆市"


def test_search_answers_with_paths(client: TestClient) -> None:
    lines = client.get("/api/classification/search", params={"q": "桥梁", "limit": 3}).json()
    assert len(lines) == 3
    assert all(line["path"][-1] == line["name"] for line in lines)


def test_the_provinces_and_what_lies_below_one(client: TestClient) -> None:
    assert len(client.get("/api/regions", params={"level": 1}).json()) == 34
    below = client.get("/api/regions", params={"parent": "110000"}).json()
    assert {one["parent"] for one in below} == {"110000"}


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("/api/classification/2010/codes/A0101029", BadForm),
        ("/api/classification/2015/tree", UnknownVersion),
        ("/api/classification/x/tree", UnknownVersion),
        ("/api/classification/2018/codes/A040307", WrongVersion),
        ("/api/classification/2018/codes/nonsense", BadForm),
        ("/api/classification/2018/codes/Z99", UnknownCode),
        ("/api/classification/search?q=A&version=2015", UnknownVersion),
        ("/api/regions?parent=999999", UnknownRegion),
        ("/api/regions/999999", UnknownRegion),
    ],
)
def test_what_is_not_there_is_refused(
    client: TestClient, path: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        client.get(path)


@pytest.mark.parametrize("query", ["", "q=", "q=A&limit=0", "q=A&limit=201", "q=" + "A" * 61])
def test_a_search_has_bounds(client: TestClient, query: str) -> None:
    assert client.get(f"/api/classification/search?{query}").status_code == 422
