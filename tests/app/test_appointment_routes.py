"""Appointment over HTTP: who may knock, what is said, and that no answer but one names anybody."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from draw_engine.appointment_store import stream_of
from draw_engine.core.appointment import SEEN
from draw_engine.evidence import MOST_BYTES
from foundation.auth.roles import Role
from tests.app.bench import PASSWORD, Bench, a_bench, code_of
from tests.stories.appointment import CLAIMS, NUMBER, application_body
from tests.stories.paper import pdf_with


class Office:
    """A manager of the pool in a browser."""

    def __init__(self, bench: Bench) -> None:
        self.browser = bench.signed_in(Role.POOL_MANAGER)

    def call(self, method: str, path: str, **how: object) -> object:
        """Send a request."""
        return self.browser.request(method, path, **how)  # type: ignore[arg-type]


def filed(office: Office) -> str:
    answer = office.browser.post("/api/appointments", json=application_body(office))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def accept(office: Office, id_: str, claim: str) -> None:
    body = {"claim": claim, "verdict": "accepted"}
    assert office.browser.post(f"/api/appointments/{id_}/review", json=body).status_code == 200


def test_from_the_papers_to_the_experts_own_profile(bench: Bench) -> None:
    first, second = Office(bench), Office(bench)
    id_ = filed(first)
    for claim in CLAIMS:
        accept(first, id_, claim)
    shown = first.browser.get(f"/api/appointments/{id_}").json()
    assert (shown["application"]["waits_for"], shown["may_approve"]) == ("approval", False)
    assert shown["outside"] is None, "no list is kept, and that is said"
    refused = first.browser.post(f"/api/appointments/{id_}/approve")
    assert (refused.status_code, code_of(refused)) == (403, "appointment.reviewer_approves")
    assert refused.json()["error"]["rule"] == "R-SOD-1"

    approved = second.browser.post(f"/api/appointments/{id_}/approve").json()
    expert = approved["application"]["expert_id"]
    assert approved["application"]["bases"] == ["ZB", "GP"]
    assert approved["in_hats_from"] == "2026-12-23"

    account = bench.house.accounts.create("new.expert", Role.EXPERT, "x", by=None, expert_id=expert)
    link = bench.house.accounts.issue_link(account.id, by=None)
    bench.house.accounts.set_password(link.token, PASSWORD)
    own = bench.browser()
    own.post("/api/sign-in", json={"username": "new.expert", "password": PASSWORD})
    profile = own.get("/api/my/profile").json()
    assert (profile["expert_id"], profile["telephone"]) == (expert, "0001")
    assert own.post("/api/my/profile/confirm").json()["fault"] is None
    sent = own.post(
        "/api/my/profile/documents",
        files={"file": ("paper.pdf", pdf_with("more"), "application/pdf")},
    ).json()["sha256"]
    item = {"claim": "2018:B0101", "documents": [{"sha256": sent, "kind": "degree"}]}
    asked = own.post("/api/my/profile/more", json={"items": [item]})
    assert [one["state"] for one in asked.json()["asked"]] == ["filed"]
    training = {"on": "2026-11-20", "certificate": sent}
    trained = first.browser.post(f"/api/pool/experts/{expert}/trainings", json=training)
    assert trained.json()["trained_on"] == "2026-11-20"


def test_one_answer_names_the_applicant_and_the_log_keeps_who_asked(bench: Bench) -> None:
    office = Office(bench)
    id_ = filed(office)
    texts = [
        office.browser.get("/api/appointments").text,
        office.browser.get(f"/api/appointments/{id_}").text,
    ]
    assert not [text for text in texts if "赵明" in text or NUMBER in text]
    with bench.house.books.read() as book:
        before = [one.type for one in book.entries(stream_of(id_))]
    told = office.browser.post(f"/api/appointments/{id_}/person").json()
    assert told == {
        "name": "赵明（生成）",
        "id_number": NUMBER[:14] + "****",
        "phone": "154****0001",
    }
    with bench.house.books.read() as book:
        after = [one.type for one in book.entries(stream_of(id_))]
    assert (before, after) == (["appointment.filed"], ["appointment.filed", SEEN])


def test_a_paper_comes_back_as_it_was_and_only_to_who_reviews(bench: Bench) -> None:
    office = Office(bench)
    id_ = filed(office)
    item = office.browser.get(f"/api/appointments/{id_}").json()["application"]["items"][0]
    address = f"/api/appointments/{id_}/documents/{item['documents'][0]['sha256']}"
    answer = office.browser.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content == pdf_with(CLAIMS[0])
    for role in (Role.SUPERVISOR, Role.APPLICANT, Role.CLERK, Role.ADMINISTRATOR):
        assert bench.signed_in(role).get(address).status_code == 403
    assert code_of(office.browser.get(address[:-1] + "x")) == "appointment.document_unknown"


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"MZ a program", 422, "appointment.document_unfit"),
        (b"%PDF-" + bytes(MOST_BYTES), 413, "appointment.document_too_large"),
        (b"%PDF-" + bytes(MOST_BYTES + 2**20), 413, ""),
    ],
)
def test_a_paper_that_cannot_be_taken(bench: Bench, data: bytes, status: int, code: str) -> None:
    files = {"file": ("paper.pdf", data, "application/pdf")}
    answer = Office(bench).browser.post("/api/appointments/documents", files=files)
    assert answer.status_code == status, answer.text[:300]
    assert not code or code_of(answer) == code


def test_a_field_is_named_and_its_value_is_not(bench: Bench) -> None:
    office = Office(bench)
    wrong = NUMBER[:-1] + "0"
    body = application_body(office) | {"id_number": wrong}
    answer = office.browser.post("/api/appointments", json=body)
    assert (answer.status_code, code_of(answer)) == (422, "appointment.field_unfit")
    assert answer.json()["error"]["facts"] == {
        "field": "id_number",
        "reason": "pool.identity_check_digit",
    }
    assert wrong not in answer.text


def test_a_restart_keeps_applications_papers_and_profiles(tmp_path: Path) -> None:
    with a_bench(tmp_path / "home") as bench:
        office = Office(bench)
        id_ = filed(office)
    with a_bench(tmp_path / "home") as bench:
        desk = bench.house.appointment.desk
        shown = desk.show(id_).application
        assert shown.waits_for == "review"
        assert desk.paper(id_, shown.items[0].documents[0].sha256) == pdf_with(CLAIMS[0])
        assert desk.person(id_, "ac").id_number == NUMBER  # type: ignore[arg-type]


def test_who_has_no_account_reads_nothing(bench: Bench) -> None:
    stranger: TestClient = bench.browser()
    assert stranger.get("/api/appointments").status_code == 401
    assert stranger.get("/api/my/profile").status_code == 401
