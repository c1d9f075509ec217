"""The standard over HTTP: open to all, cacheable, and refusing in words."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.etag import EntityTags
from classification.core.errors import (
    BadForm,
    CodeHasMoved,
    UnknownCode,
    UnknownRegion,
    UnknownVersion,
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
        ("/api/classification/2010/codes/A010102", CodeHasMoved),
        ("/api/classification/2010/tree", UnknownVersion),
        ("/api/classification/x/tree", UnknownVersion),
        ("/api/classification/2018/codes/nonsense", BadForm),
        ("/api/classification/2018/codes/Z99", UnknownCode),
        ("/api/classification/search?q=A&version=2010", UnknownVersion),
        ("/api/regions?parent=999999", UnknownRegion),
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
