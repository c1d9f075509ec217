"""Polling pages hear "nothing new"."""

from tests.app.bench import Bench


def test_the_same_answer_is_not_sent_twice(bench: Bench) -> None:
    browser = bench.browser()
    first = browser.get("/api/roles")
    again = browser.get("/api/roles", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_another_answer_is_sent_whole(bench: Bench) -> None:
    browser = bench.browser()
    tag = browser.get("/api/meta").headers["etag"]
    bench.clock.at = bench.clock.at.replace(minute=5)
    answer = browser.get("/api/meta", headers={"if-none-match": tag})
    assert answer.status_code == 200
    assert answer.json()["now"].startswith("2026-11-23T01:05")


def test_refusals_carry_no_tag(bench: Bench) -> None:
    assert "etag" not in bench.browser().get("/api/accounts").headers
