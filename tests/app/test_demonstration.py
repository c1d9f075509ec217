"""The stamp decides for good, and one-click sign-in exists under it only."""

from pathlib import Path

import pytest

from app.demo.stamp import DEMONSTRATION_ORIGIN
from app.errors import OriginDiffers, OriginNeeded, OverlayIsForDemonstration, StampDiffers
from foundation.auth.roles import Role
from foundation.ids import ExpertId
from tests.app.bench import Bench, a_bench, code_of


def test_a_demonstration_is_never_served_as_real_nor_the_reverse(tmp_path: Path) -> None:
    for was in (True, False):
        home = tmp_path / f"was-{was}"
        with a_bench(home, demonstration=was):
            pass
        with pytest.raises(StampDiffers), a_bench(home, demonstration=not was, log_origin=""):
            pass
        with a_bench(home, demonstration=was) as again:
            assert again.house.stamp.demonstration is was


def test_the_stamp_is_the_first_entry_and_written_once(tmp_path: Path) -> None:
    for _ in range(2):
        with a_bench(tmp_path, demonstration=True) as bench, bench.house.books.read() as book:
            entries = book.entries("service")
            assert [(one.index, one.type) for one in entries] == [(0, "service.created")]
            assert entries[0].body == {"demonstration": True, "origin": DEMONSTRATION_ORIGIN}


def test_a_real_service_needs_its_log_named_and_keeps_the_name(tmp_path: Path) -> None:
    with pytest.raises(OriginNeeded), a_bench(tmp_path, log_origin=""):
        pass
    with a_bench(tmp_path):
        pass
    with pytest.raises(OriginDiffers), a_bench(tmp_path, log_origin="other.example/log"):
        pass
    with a_bench(tmp_path, log_origin="") as bench:
        assert bench.house.books.checkpoint().note.startswith("test.example/log\n")


def test_short_windows_have_no_place_in_a_real_service(tmp_path: Path) -> None:
    with (
        pytest.raises(OverlayIsForDemonstration),
        a_bench(tmp_path, overlay="demonstration"),
    ):
        pass


def test_each_card_signs_one_tab_in(demonstration: Bench) -> None:
    browser = demonstration.browser()
    cards = browser.get("/api/demo/accounts").json()["accounts"]
    assert {one["role"] for one in cards} == set(Role) - {Role.CUSTODIAN}
    for card in cards:
        if card["id"] == "expert":
            continue
        signed = browser.post("/api/demo/sign-in", json={"account_id": card["id"]}).json()
        tab = {"authorization": f"Bearer {signed['tab_token']}"}
        assert browser.get("/api/me", headers=tab).json()["account"]["role"] == card["role"]
    assert browser.get("/api/me").json()["account"] is None


def test_cards_speak_both_languages(demonstration: Bench) -> None:
    browser = demonstration.browser()
    chinese, english = (
        browser.get(f"/api/demo/accounts?lang={lang}").json()["accounts"]
        for lang in ("zh-CN", "en")
    )
    assert chinese[0]["display"] != english[0]["display"]


def test_the_experts_card_needs_an_invitation(
    demonstration: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = demonstration.browser()
    nobody = browser.post("/api/demo/sign-in", json={"account_id": "expert"})
    assert (nobody.status_code, code_of(nobody)) == (404, "app.nobody_invited")
    invited = [ExpertId("ex_one1"), ExpertId("ex_two2")]

    class Vault:
        def demo_expert(self, n: int) -> ExpertId | None:
            return invited[n] if n < len(invited) else None

    monkeypatch.setattr(demonstration.house.demo, "_invited", Vault())
    asked = {"account_id": "expert", "invitation": 1}
    answers = [browser.post("/api/demo/sign-in", json=asked).json() for _ in range(2)]
    assert answers[0]["account"] == answers[1]["account"]
    assert answers[0]["account"]["expert_id"] == "ex_two2"


def test_a_real_service_has_no_one_click_sign_in(bench: Bench) -> None:
    browser = bench.browser()
    listed = browser.get("/api/demo/accounts")
    signed = browser.post("/api/demo/sign-in", json={"account_id": "administrator"})
    assert [one.status_code for one in (listed, signed)] == [404, 404]
    assert code_of(signed) == "app.only_in_demonstration"
    assert browser.get("/api/meta").json()["demonstration"] is False


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("https://draw.example", "secure"),
        ("http://localhost:8000", "this_machine"),
        ("http://127.0.0.1", "this_machine"),
        ("http://192.168.1.5:8000", "plain_http"),
        ("http://draw.example", "plain_http"),
    ],
)
def test_the_page_is_told_whether_browsers_will_give_the_camera(
    bench: Bench, url: str, hint: str
) -> None:
    assert bench.browser(base_url=url).get("/api/meta").json()["secure_hint"] == hint
