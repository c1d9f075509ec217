"""The papers of an applicant who does not exist, as the office hands them in."""

from typing import Any, Protocol

from draw_engine.core.appointment import DECLARATIONS
from draw_engine.pool_generate import credit_code
from tests.stories.paper import pdf_with

CLAIMS = ("2018:A080205", "2018:A080206")
NUMBER = "110101197505019962"


class Hand(Protocol):
    """Somebody of the office, over HTTP."""

    def call(self, method: str, path: str, **how: Any) -> Any:
        """Send a request."""
        ...


def application_body(manager: Hand, claims: tuple[str, ...] = CLAIMS) -> dict[str, Any]:
    """An application with one uploaded paper for each claim."""
    return {
        "name": "赵明（生成）",
        "id_number": NUMBER,
        "phone": "15499990001",
        "employer": "文明建设有限公司（生成）",
        "unified_credit_code": credit_code("110000", 99_001),
        "region": "110000",
        "title": "高级职称",
        "years": 12,
        "unit": "演示推荐单位（生成）",
        "declared": list(DECLARATIONS),
        "valid_to": "2035-12-31",
        "items": [
            {"claim": one, "documents": [{"sha256": uploaded(manager, one), "kind": "degree"}]}
            for one in claims
        ],
    }


def uploaded(manager: Hand, text: str) -> str:
    """The hash of a paper that was uploaded."""
    file = {"file": ("paper.pdf", pdf_with(text), "application/pdf")}
    answer = manager.call("POST", "/api/appointments/documents", files=file)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["sha256"])
