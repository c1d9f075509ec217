"""The watch board and the papers: for whom they open, and what an empty house shows."""

import pytest

from foundation.auth.roles import Role
from tests.app.bench import Bench

SUPERVISOR_ONLY = ("/api/supervisor/watch", "/api/supervisor/draws/dr_x/notices.pdf")


@pytest.mark.parametrize("path", SUPERVISOR_ONLY)
def test_nobody_but_a_supervisor_watches(bench: Bench, path: str) -> None:
    assert bench.browser().get(path).status_code == 401
    for role in (Role.APPLICANT, Role.CLERK, Role.EXPERT, Role.ADMINISTRATOR):
        assert bench.signed_in(role).get(path).status_code == 403, role


def test_an_empty_house_has_nothing_rare_and_an_unchanged_board_is_not_sent_again(
    bench: Bench,
) -> None:
    supervisor = bench.signed_in(Role.SUPERVISOR)
    answer = supervisor.get("/api/supervisor/watch")
    assert answer.json()["running"] == answer.json()["odd"] == answer.json()["points"] == []
    again = supervisor.get(
        "/api/supervisor/watch", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_no_paper_of_what_is_not_there(bench: Bench) -> None:
    supervisor = bench.signed_in(Role.SUPERVISOR)
    for path in ("/api/evaluations/ev_x/attendance.pdf", SUPERVISOR_ONLY[1]):
        assert supervisor.get(path).status_code == 404
