"""What lies on the supervisor's desk: proposals, measures, exits, and a case in each state."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from blacklist.core.facts import china_day
from tests.stories.office import Person
from tests.stories.own_side import OwnSide
from tests.stories.paper import pdf_with

BODY, BASIS = "演示行政监督部门", "演监罚〔2026〕1 号"


def terms(kind: str = "suspended", **more: Any) -> dict[str, Any]:
    """The terms of a measure from today on."""
    today = china_day(datetime.now(UTC))
    end = (today + timedelta(days=180)).isoformat()
    return {
        "kind": kind,
        "ground": "leak",
        "basis": BASIS,
        "basis_sha256": "3f" * 32,
        "deciding_body": BODY,
        "starts_on": today.isoformat(),
        "ends_on": None if kind == "disqualified" else end,
        **more,
    }


def laid(url: str, person: Callable[[str], Person]) -> dict[str, str]:
    """Lay everything there; state of a row -> the case or expert that its page is about."""
    manager, first, second = person("pool_manager"), person("supervisor"), person("supervisor-2")
    administrator = person("administrator")
    ids = [one["expert_id"] for one in manager.get("/api/pool/experts?limit=12")["experts"]]

    def confirmed(proposal: dict[str, Any]) -> str:
        first.post(f"/api/blacklist/proposals/{proposal['id']}/confirm")
        return str(proposal["id"])

    def proposed(n: int, **more: Any) -> dict[str, Any]:
        found: dict[str, Any] = manager.post(
            "/api/blacklist", terms(**more) | {"expert_id": ids[n]}
        )
        return found

    def reported(n: int, *, urgent: bool = False) -> str:
        file = {"file": ("通话记录.pdf", pdf_with("evidence"), "application/pdf")}
        handed = manager.call("POST", "/api/case-documents", files=file).json()
        body = {
            "expert_id": ids[n],
            "ground": "leak",
            "text": "评标期间与投标人通话两次，内容涉及评审进度。",
            "links": [{"stream": "pool", "seq": 1, "word": "other"}],
            "documents": [{"title": "通话记录.pdf", "sha256": handed["sha256"]}],
            "urgent": terms() if urgent else None,
        }
        return str(manager.post("/api/cases", body)["id"])

    def decided(case_id: str) -> None:
        body = {
            "ruling": "measure",
            "text": "通话属实，陈述不能解释第二次。",
            "terms": terms("barred"),
        }
        first.post(f"/api/cases/{case_id}/decide", body)

    proposed(0, kind="barred")
    manager.post("/api/blacklist", terms() | {"expert_id": ids[1], "urgent": True})
    confirmed(proposed(2))
    over = confirmed(proposed(2, kind="bad_record"))
    confirmed(
        manager.post(
            f"/api/blacklist/{over}/lift",
            {"ground": "entered_wrongly", "basis": "演复〔2026〕2 号"},
        )
    )
    sent_back = proposed(3)
    first.post(f"/api/blacklist/proposals/{sent_back['id']}/return", {"reason": "文书尚未送达"})
    OwnSide(url, administrator, ids[4]).leaves("年满七十")
    gone = {"kind": "deceased", "ground": "other", "basis": "演示讣告", "deciding_body": BODY}
    confirmed(manager.post("/api/exits", gone | {"expert_id": ids[5]}))

    notified = reported(6, urgent=True)
    answered, decision, appealed = reported(7), reported(8), reported(9)
    for case_id, n in ((answered, 7), (decision, 8), (appealed, 9)):
        side = OwnSide(url, administrator, ids[n])
        side.answers(case_id, "两次通话均为家事，有通话人证明。")
        if case_id != answered:
            decided(case_id)
        if case_id == appealed:
            third = administrator.post(
                "/api/accounts", {"username": "third", "role": "supervisor", "display": "监督丙"}
            )
            Third(url, str(third["link"])).post(f"/api/cases/{case_id}/confirm")
            side.appeals(case_id, "决定未采信通话人证明，请重新审查。")
    second.get("/api/cases")
    return {
        "notified": notified,
        "answered": answered,
        "answered, a measure": answered,
        "decided": decision,
        "appealed": appealed,
        "nothing on record": ids[11],
        "on record": ids[2],
        "of a case": ids[6],
    }


class Third(OwnSide):
    """A third supervisor, whom no card knows."""

    def __init__(self, url: str, link: str) -> None:
        self.begin(url, "third", link)

    def post(self, path: str) -> Any:
        """Do something at the desk."""
        return self.send(path, None)
