"""THE story: a draw, a decline, an evaluation and its proof, all of it through the pages.

The server is a process of its own with its own clock. Every act is made on a page, each
person in a browser of their own; the test types, presses and reads, and computes by itself
what the report must say.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from draw_engine.persons import Person
from tests.stories.browser.applicant import (
    CONTACT,
    PLACE,
    PROJECT,
    PROJECT_CODE,
    Applicant,
    Windows,
)
from tests.stories.browser.desk import Stage
from tests.stories.browser.expert import SEATS, Expert
from tests.stories.browser.holder import Holder
from tests.stories.browser.leaks import Moment, people, told_of
from tests.stories.browser.media import takes_part
from tests.stories.browser.office import Administrator, Clerk, Supervisor
from tests.stories.browser.outsider import Outsider
from tests.stories.browser.sheets import ODD, criteria, price_weight, sheet
from tests.stories.browser.standard import PoolManager
from tests.stories.browser.sums import Line, ranked
from tests.stories.browser.wire import Wire
from tests.stories.office import BIDDERS
from tests.stories.server import Server, command

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

LEADER = "e2"
WIRED = 2
"""Which of the invited sits at the end of a wire: the second at the table, as one declines."""
DISSENT = "对第二名的工期保障有不同意见：关键线路没有留出雨季的余量。"
REASON = "监督检查：核对到场人员"


def test_the_story(browser: Browser, tmp_path: Path) -> None:
    the_story(browser, tmp_path, with_media=False)


def test_the_story_with_sound_and_picture(calm_browser: Browser, tmp_path: Path) -> None:
    """The same day under an overlay by which nobody scores unseen, and faces are masked."""
    the_story(calm_browser, tmp_path, with_media=True)


def the_story(browser: Browser, tmp_path: Path, *, with_media: bool) -> None:
    environment = {"EXPERT_DRAW_OVERLAY": "demonstration_masked"} if with_media else {}
    with (
        Server(tmp_path / "home", environment=environment) as server,
        Stage(browser, server.url, tmp_path) as stage,
    ):
        centre, supervisory = two_holders_make_their_keys(stage, tmp_path)
        applicant = Applicant.arrives(stage)
        draw_id = a_draw_is_filed(applicant)
        clerk = Clerk.arrives(stage)
        an_evaluation_is_prepared(clerk, draw_id)
        the_draw_runs_and_is_sealed(applicant, centre, supervisory)

        with Wire(server.port) as wire:
            invited = five_are_told_time_and_place_only(stage, wire)
            members, decliner = one_declines_and_another_comes(stage, invited, centre, supervisory)
            applicant.sees_state("sealed")
            applicant.shot("draw-sealed")
            clerk.lets_the_members_in()
            they_sit_down_and_choose_a_leader(members, clerk, with_media=with_media)
            they_score_alone(members, clerk, wire)
            shown = they_answer_what_looks_odd_and_see_totals(members)
            all_sign_and_one_dissents(members)

            ids = [one.asks("/api/me")["account"]["expert_id"] for one in (*members, decliner)]
            before_any_name = Moment.of(server, tmp_path / "moment")
            papers = Papers(tmp_path)
            the_room_is_closed(clerk, papers)
            applicant.sees_state("unsealed")
            an_outsider_checks_the_bundle(stage, draw_id, papers)
            named = the_supervisor_looks_through_it(stage, draw_id, clerk, papers)
            the_pool_manager_finds_what_to_decide(stage)
        assert stage.faults == []
        if with_media:
            the_recording_is_whole(server, clerk.evaluation_id)

    ranking = ranked([one.typed for one in members], price_weight())
    assert shown == [line.on_the_page for line in ranking]
    persons = people(server, ids)
    the_report_says_so(papers.report, ranking)
    the_report_names_nobody(papers.report, persons)
    the_command_line_agrees(server, papers)
    assert sorted(named) == sorted(one.name for one in persons[:SEATS])
    nobody_is_named_in(before_any_name, persons)


@dataclass(frozen=True)
class Papers:
    """What people carried home."""

    folder: Path

    @property
    def report(self) -> Path:
        """The signed report."""
        return self.folder / "report.pdf"

    @property
    def bundle(self) -> Path:
        """The draw, for anyone to recompute."""
        return self.folder / "BUNDLE.json"

    @property
    def export(self) -> Path:
        """The room's entries with their proofs."""
        return self.folder / "EXPORT.json"


def two_holders_make_their_keys(stage: Stage, folder: Path) -> tuple[Holder, Holder]:
    """Each makes a file; the administrator registers what their pages show; they go to work."""
    administrator = Administrator.arrives(stage)
    administrator.looks_over_the_accounts()
    administrator.shot("admin-accounts")
    centre = Holder.arrives(stage, folder / "centre.holder.json")
    supervisory = Holder.arrives(stage, folder / "supervisor.holder.json")
    administrator.registers("centre", "演示公共资源交易中心", centre.makes_a_file())
    administrator.registers(
        "supervisor",
        "演示行政监督部门",
        supervisory.makes_a_file(),
        witness="demo.expert-draw.example/witness",
    )
    administrator.page.evaluate("scrollTo(0, 0)")
    administrator.shot("admin-holders")
    centre.goes_to_work()
    supervisory.goes_to_work()
    return centre, supervisory


def a_draw_is_filed(applicant: Applicant) -> str:
    """Tree, rule check, parties, times; the word; the rail."""
    applicant.names_the_project()
    applicant.picks("A08", 3)
    applicant.picks("A06", 2)
    applicant.is_let_on()
    applicant.shot("file-composition")
    applicant.names_the_parties()
    applicant.sets_the_times(Windows(draw=15, latest=110))
    applicant.may_file()
    applicant.shot("file-review")
    return applicant.files()


def an_evaluation_is_prepared(clerk: Clerk, draw_id: str) -> None:
    """Bidders, prices, documents, criteria; the draw goes on by itself meanwhile."""
    clerk.begins(draw_id)
    clerk.enters_the_bidders()
    clerk.files_the_documents()
    clerk.signs_the_criteria()


def the_draw_runs_and_is_sealed(applicant: Applicant, centre: Holder, supervisory: Holder) -> None:
    """The timer asks the holders; they press; what the applicant sees is a seal."""
    supervisory.admits_the_draw()
    centre.releases_the_share()
    centre.shot("holder")
    supervisory.releases_the_share()
    supervisory.has_cosigned()
    applicant.sees_a_seal()
    told: dict[str, Any] = applicant.asks(f"/api/draws/{applicant.draw_id}")
    assert not {"members", "committee", "funnel", "declines", "handle"} & set(told)


def five_are_told_time_and_place_only(stage: Stage, wire: Wire) -> list[Expert]:
    """The inboxes; the first is read on a telephone, the third comes over a wire."""
    invited: list[Expert] = []
    for n in range(SEATS):
        url = wire.url if n == WIRED else ""
        invited.append(Expert.arrives(stage, invited, url=url, phone=n == 0))
    names = [name for _, name, _, _ in BIDDERS]
    for one in invited:
        text = one.is_invited()
        assert PLACE in text
        assert CONTACT in text
        assert not [hidden for hidden in (PROJECT, PROJECT_CODE, *names) if hidden in text]
    invited[0].shot("inbox-phone")
    return invited


def one_declines_and_another_comes(
    stage: Stage, invited: list[Expert], centre: Holder, supervisory: Holder
) -> tuple[list[Expert], Expert]:
    """The decline makes a further step; its shares are given by the pages themselves."""
    first, *others = invited
    first.declines("travel")
    for one in others:
        one.accepts()
    others[0].shot("inbox-accepted")
    centre.has_answered(step=1)
    supervisory.has_answered(step=1)
    replacement = Expert.arrives(stage, invited)
    assert PLACE in replacement.is_invited()
    replacement.accepts()
    return [*others, replacement], first


def they_sit_down_and_choose_a_leader(
    members: list[Expert], clerk: Clerk, *, with_media: bool
) -> None:
    """Check-in, undertaking, recusal, a secret ballot."""
    for one in members:
        one.enters(clerk.evaluation_id)
        one.checks_in()
        if with_media:
            takes_part(one.page, sends=True)
    clerk.goes_on("undertaking")
    for one in members:
        one.signs_the_undertaking()
    for one in members:
        one.declares_no_interest()
    for one in members:
        one.votes_for(LEADER)
    for one in members:
        one.begins_to_score()


def they_score_alone(members: list[Expert], clerk: Clerk, wire: Wire) -> None:
    """Five different sheets by keyboard; a reload, a cut wire, another machine."""
    for number, one in enumerate(members):
        cells = sheet(number)
        done = len(cells) // 2
        one.scores(cells[:done])
        if number == 0:
            done = the_page_is_left_in_the_middle(one, done)
        if number == 1:
            wire.cut()
            one.is_cut_off()
        one.scores(cells[done:])
        if number == 1:
            one.keeps_it_here()
            wire.mend()
            one.is_connected()
            one.has_resumed()
        one.has_scored(len(cells), len(cells))
        one.is_saved()
        clerk.sees_no_score()
        one.seals_the_sheet()
        if number == 0:
            clerk.shot("room-office")
            members[0] = the_seal_is_seen_from_anywhere(one)


def the_page_is_left_in_the_middle(one: Expert, done: int) -> int:
    """What was typed is there again after F5; the arrow keys lead to the next empty cell."""
    one.turns_to_page(2)
    one.cites_this_page(2)
    one.writes(sheet(0)[done])
    done += 1
    one.has_scored(done, len(sheet(0)))
    one.is_saved()
    one.shot("room-scoring")
    one.comes_back_by_reload()
    one.has_scored(done, len(sheet(0)))
    one.begins_to_score()
    one.moves(right=done // len(criteria()), down=done % len(criteria()))
    return done


def the_seal_is_seen_from_anywhere(one: Expert) -> Expert:
    """After a reload, and at another machine, the sheet is sealed and shows nothing."""
    one.has_sealed()
    one.shot("room-sealed")
    one.comes_back_by_reload()
    one.has_sealed()
    there = one.on_another_machine()
    there.enters(one.page.url.rsplit("/", 1)[1])
    there.has_sealed()
    one.is_seated_elsewhere()
    return there


def they_answer_what_looks_odd_and_see_totals(members: list[Expert]) -> list[list[str]]:
    """Every question to a member is answered; then the leader's screen shows the ranking."""
    for odd in ODD:
        members[odd.member].answers_a_flag(odd.cell, odd.answer, odd.amended)
    leader = next(one for one in members if one.seat == LEADER)
    shown = leader.sees_totals()
    leader.shot("room-summary")
    leader.closes_the_summary()
    return shown


def all_sign_and_one_dissents(members: list[Expert]) -> None:
    """The report; the last member has another opinion."""
    *agreeing, other = members
    agreeing[0].reads_the_report()
    agreeing[0].shot("report")
    for one in agreeing:
        one.signs_the_report()
    other.dissents(DISSENT)


def the_room_is_closed(clerk: Clerk, papers: Papers) -> None:
    """All have answered; the report is complete."""
    clerk.goes_on("closed")
    clerk.shot("room-closed")
    clerk.saves_the_report(papers.report)


def an_outsider_checks_the_bundle(stage: Stage, draw_id: str, papers: Papers) -> None:
    """No account, no key: the public page and a file."""
    outsider = Outsider.arrives(stage)
    outsider.saves_the_bundle(draw_id, papers.bundle)
    outsider.sees_it_pass(papers.bundle)
    outsider.shot("verify")


def the_supervisor_looks_through_it(
    stage: Stage, draw_id: str, clerk: Clerk, papers: Papers
) -> list[str]:
    """Draw log, recomputation, names with a reason, room log, export; the names shown."""
    supervisor = Supervisor.arrives(stage)
    supervisor.reads_the_draw(draw_id)
    supervisor.has_it_recomputed()
    supervisor.shot("draw-log")
    supervisor.reads_it_in_the_other_language()
    supervisor.reads_it_in_the_other_language()
    named = supervisor.opens_the_names(REASON)
    supervisor.reads_the_room(clerk.evaluation_id)
    supervisor.shot("room-log")
    supervisor.saves_the_export(papers.export)
    return named


def the_pool_manager_finds_what_to_decide(stage: Stage) -> None:
    """The crosswalk of the two versions, its first open row in hand."""
    manager = PoolManager.arrives(stage)
    manager.opens_the_crosswalk("2010", "2018")
    manager.shot("standard-crosswalk")


def the_report_says_so(path: Path, ranking: list[Line]) -> None:
    """Every figure of the ranking, every answer and the dissent stand in the report."""
    text = printed(path)
    for line in ranking:
        assert line.in_the_report in text
    for wanted in (DISSENT, *(odd.answer for odd in ODD)):
        assert "".join(wanted.split()) in text


def the_report_names_nobody(path: Path, persons: list[Person]) -> None:
    """Members stand there under their aliases; names come with the public notice, later."""
    text = printed(path)
    assert [alias for alias in "ABCDE" if f"专家{alias}" not in text] == []
    for one in persons:
        for told in told_of(one):
            assert told not in text
        assert one.expert_id not in text


def printed(path: Path) -> str:
    """The text of a PDF without white space."""
    return "".join("".join(page.extract_text() for page in PdfReader(path).pages).split())


def the_command_line_agrees(server: Server, papers: Papers) -> None:
    """The bundle, the whole ledger and the room's export, checked by other programs."""
    assert "passed" in command("verify", "--test", str(papers.bundle), "--lang", "en")
    assert json.loads(command("ledger", "verify", home=server.home))["sound"] is True
    found = json.loads(command("ledger", "verify", "--file", str(papers.export)))
    assert found["sound"] is True
    assert found["entries"] > 0


def the_recording_is_whole(server: Server, evaluation_id: str) -> None:
    """Four tracks of every member at least, each file as the log has it."""
    found = json.loads(command("archive", "verify", evaluation_id, home=server.home))
    assert found["sound"] is True
    assert found["segments"] >= 4 * SEATS


def nobody_is_named_in(moment: Moment, persons: list[Person]) -> None:
    """Neither databases nor write-ahead files nor logs held a name, a number, an identity."""
    assert {"main.db", "main.db-wal", "vault.db", "vault.db-wal", "service.log"} <= moment.names
    # The search finds what is there to be found.
    assert {"main.db-wal", "main.db"} & set(moment.where(PROJECT_CODE))
    assert moment.where(persons[0].expert_id)
    for one in persons:
        for told in told_of(one):
            assert moment.where(told) == []
