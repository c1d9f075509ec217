"""An expert's own side over HTTP: an account for a number of the pool, and its steps."""

from typing import Any

import httpx2 as httpx

PASSWORD = "a sentence that only I know"


class OwnSide:
    """Somebody of the pool who has an account of their own."""

    def __init__(self, url: str, administrator: Any, expert_id: str) -> None:
        body = {"username": expert_id, "role": "expert", "display": "专家", "expert_id": expert_id}
        self.begin(url, expert_id, str(administrator.post("/api/accounts", body)["link"]))

    def begin(self, url: str, username: str, link: str) -> None:
        """Set the password by the one-time link, and sign in."""
        self.url, self.username, self.cookies = url, username, httpx.Cookies()
        self.send(f"/api/links/{link.rsplit('/', 1)[1]}", {"password": PASSWORD})
        self.begin_again()

    def begin_again(self) -> None:
        """Sign in, as after some days."""
        self.send("/api/sign-in", {"username": self.username, "password": PASSWORD})

    def send(self, path: str, body: Any) -> Any:
        """Say it; it is taken."""
        with httpx.Client(base_url=self.url, timeout=30, cookies=self.cookies) as http:
            answer = http.post(path, json=body)
            self.cookies = http.cookies
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def leaves(self, text: str) -> None:
        """Ask to leave the pool."""
        self.send("/api/my/exit", {"reason_code": "age", "text": text})

    def answers(self, case_id: str, text: str) -> None:
        """State the own view of a case."""
        self.send(f"/api/my/cases/{case_id}/answer", {"text": text})

    def appeals(self, case_id: str, text: str) -> None:
        """Ask another person to look again."""
        self.send(f"/api/my/cases/{case_id}/appeal", {"text": text})
