"""A request that can't be taken: a code with words in both languages, and nothing is changed."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from draw_engine.core.eligibility import Band
from foundation.auth.roles import Role
from tests.app.bench import code_of
from tests.faults.conftest import EXPERTS, Live, has_words

ROAD = {"codes": ["2018:A08"], "seats": 4, "regions": []}
FAR = "9999-12-31T23:59:59-08:00"

UNLAWFUL: list[tuple[dict[str, Any], str]] = [
    ({"slots": [{**ROAD, "codes": ["2018:Z99"]}]}, "classification.unknown_code"),
    ({"slots": [{**ROAD, "codes": ["2018:A080299"]}]}, "classification.unknown_code"),
    ({"slots": [{**ROAD, "codes": ["2010:A0802"]}]}, "classification.code_has_moved"),
    ({"slots": [{**ROAD, "codes": ["1999:A0802"]}]}, "classification.unknown_version"),
    ({"slots": [{**ROAD, "codes": ["A0802"]}]}, "draw.request_unreadable"),
    ({"committee_size": 6, "slots": [{**ROAD, "seats": 5}]}, "draw.committee_size_unlawful"),
    ({"slots": [{**ROAD, "codes": ["2018:C1304"], "seats": 4}]}, "draw.pool_too_small"),
    ({"section": "1"}, "draw.section_already_drawn"),
    ({"request_key": "a-key-of-the-page"}, "draw.request_key_taken"),
    ({"regime": "XX"}, "rulebook.unknown_regime"),
    ({"draw_at": "0001-01-01T00:00:00+08:00"}, "app.bad_request"),
    ({"starts_at": FAR, "unseal_after": FAR}, "app.bad_request"),
    ({"place": "\ud800"}, "app.bad_request"),
    ({"committee_size": 10**30}, "app.bad_request"),
    ({"expert_ids": ["ex_1"]}, "app.bad_request"),
]


@pytest.mark.parametrize(("changes", "code"), UNLAWFUL)
def test_it_is_refused_in_words_and_changes_nothing(
    live: Live, changes: dict[str, Any], code: str
) -> None:
    account = live.bench.an_account(Role.APPLICANT)
    token = live.bench.house.accounts.sign_ins.begin_tab(account.id, Role.APPLICANT).access
    before = live.size()

    answer = live.bench.browser().post(
        "/api/draws",
        content=json.dumps(live.request(**changes)),
        headers={"content-type": "application/json", "authorization": f"Bearer {token}"},
    )

    assert (code_of(answer), answer.status_code < 500) == (code, True), answer.text
    assert has_words(answer), answer.text
    assert live.size() == before


def test_too_few_tells_a_band_and_what_is_needed_never_how_many(live: Live) -> None:
    """R-NARROW-2: two pools that differ in size give the same bytes."""
    applicant = live.as_(Role.APPLICANT)
    said = set()
    for code in ("2018:A042003", "2018:A041907", "2018:A060104"):
        slots = [{**ROAD, "codes": [code]}]
        checked = applicant.post("/api/draws/check", json=live.request(slots=slots))
        (slot,) = checked.json()["slots"]
        assert slot["band"] in set(Band)
        filed = applicant.post("/api/draws", json=live.request(slots=slots))
        assert code_of(filed) == "draw.pool_too_small"
        assert set(filed.json()["error"]["facts"]) == {"slot", "specialty", "needed"}
        assert "retry-after" not in filed.headers
        unlike = re.sub(r'"request_id":"\w+"', "", filed.text.replace(code, "code"))
        said.add(re.sub(r'"way_out_codes":\[[^]]*\]', "", unlike))
    assert len(said) == 1, said
    assert str(EXPERTS) not in checked.text


@pytest.mark.parametrize(
    "body",
    [
        b'{"reason": NaN}',
        b'{"reason":"a","reason":7}',
        b"[" * 100_000,
        b'{"reason":' * 5_000,
        b'{"reason":' + b"1" * 5_000 + b"}",
        b"\xff\xfe{}",
        b"null",
        b"",
        b'{"reason":"\\ud800"}',
    ],
)
def test_json_that_is_none_or_odd_is_refused(live: Live, body: bytes) -> None:
    before = live.size()
    headers = {"content-type": "application/json"}
    path = f"/api/draws/{live.draw_id}/withdraw"

    answer = live.as_(Role.APPLICANT).post(path, content=body, headers=headers)

    assert (answer.status_code, code_of(answer)) == (422, "app.bad_request")
    assert has_words(answer), answer.text
    assert live.size() == before


@pytest.mark.parametrize(
    "said", ["9" * 5_000, "99999999999", "-1", "\N{SUPERSCRIPT TWO}", "1e3", " "]
)
def test_a_length_that_is_none_or_too_great_is_refused(live: Live, said: str) -> None:
    headers = {b"content-length": said.encode("latin-1")}
    answer = live.as_(None).post("/api/sign-in", content=b"{}", headers=headers)
    assert (answer.status_code, code_of(answer)) == (413, "app.body_too_large")


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/assets/%00",
        "/" + "a" * 300,
        "/assets/" + "a" * 300,
        "/" + "a/" * 3_000,
        "/..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/%2e%2e/main.py",
        "/assets/..%2f..%2fmain.py",
        "/%2fetc%2fpasswd",
        "/assets/..\\..\\main.py",
    ],
)
def test_no_address_leads_out_of_the_page_s_folder(live: Live, path: str) -> None:
    answer = live.as_(None).get(path)
    assert answer.status_code in {200, 404}, answer.text
    assert "root:" not in answer.text
    assert "create_app" not in answer.text


@pytest.mark.parametrize(
    "id_", ["%00", "..%2f..%2fmain.db", "%ed%a0%80", "x" * 5_000, "%25", "'--"]
)
def test_no_id_finds_what_is_not_there(live: Live, id_: str) -> None:
    supervisor, clerk = live.as_(Role.SUPERVISOR), live.as_(Role.CLERK)
    for browser, path in (
        (supervisor, f"/api/draws/{id_}"),
        (supervisor, f"/api/supervisor/draws/{id_}"),
        (clerk, f"/api/evaluations/{id_}"),
        (clerk, f"/api/evaluations/ev_1/documents/{id_}"),
        (clerk, f"/api/evaluations/{id_}/report.pdf"),
        (live.as_(None), f"/api/public/draws/{id_}/bundle"),
    ):
        answer = browser.get(path)
        assert answer.status_code == 404, (path, answer.text)
        assert has_words(answer)


def test_wildcards_of_the_database_are_letters_to_a_search(live: Live) -> None:
    manager = live.as_(Role.POOL_MANAGER)
    every = manager.get("/api/pool/experts").json()["total"]
    assert every == EXPERTS
    for q in ("%", "_", "ex%", "ex_%", "\\", "' or 1=1 --", "%公司"):
        found = manager.get("/api/pool/experts", params={"q": q})
        nobody = {"total": 0, "experts": [], "at_least": False}
        assert found.json() == nobody | {"has_earlier": False, "has_later": False}, q
    for size in ("0", "-1", str(10**30), "100000"):
        answer = manager.get("/api/pool/experts", params={"size": size})
        assert (answer.status_code, code_of(answer)) == (422, "app.bad_request")


def test_pressed_twice_at_once_a_request_is_filed_once(live: Live) -> None:
    applicant = live.as_(Role.APPLICANT)
    body = live.request(request_key="pressed-twice", section="pressed twice")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: applicant.post("/api/draws", json=body), range(4)))
    filed = {one.json()["id"] for one in answers if one.status_code == 202}
    assert len(filed) == 1
    # whoever lost the race is told so and finds the same draw when asking again
    assert {one.status_code for one in answers} <= {202, 409}
    assert applicant.post("/api/draws", json=body).json()["id"] in filed
    sections = [one["section"] for one in applicant.get("/api/draws").json()["draws"]]
    assert sections.count("pressed twice") == 1
