"""Acts on standing and cases, one after another, with SIGKILL before and after every append.

Run as `python -m tests.blacklist.killed HOME`. Each life of the process is a fork that goes on
where the ledger says that the last one stopped; an act that was half done would show, because
after every act the ledger has exactly so many entries. Prints one line: how many lives, and
what was found in the end.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from blacklist.case_service import CaseService, Report, Ruling
from blacklist.core.case import Statement
from blacklist.core.facts import Decision, Outcome
from blacklist.core.grounds import ExitKind, Kind
from foundation.files import SealedFiles
from foundation.ids import ExpertId
from foundation.ledger.book import Book
from foundation.ledger.entry import Entry
from foundation.rulebook.overlay import load_overlay
from tests.blacklist.bench import (
    CONFIRMER,
    EXPERT,
    MANAGER,
    OTHER,
    SUPERVISOR,
    TODAY,
    BlacklistBench,
    open_blacklist,
    terms,
)
from tests.stores.places import in_files

DAY = timedelta(days=1)
TWO, THREE, FOUR, FIVE = (ExpertId(f"ex_{n}") for n in ("two", "three", "four", "five"))
PDF = b"%PDF-1.7 made by a test"


class Life:
    """One life of the process: the services on the files of the last one."""

    def __init__(self, home: Path) -> None:
        self.bench: BlacklistBench = open_blacklist(in_files(home))
        files = SealedFiles(home / "documents", b"k" * 32)
        self.cases = CaseService(
            self.bench.books, self.bench.blacklist, load_overlay("national"), files
        )

    def proposal(self, expert: ExpertId) -> str:
        every = self.bench.blacklist.proposals(expert)
        return next(one.id for one in every if one.outcome is Outcome.OPEN)

    def case(self, expert: ExpertId) -> str:
        return self.cases.cases(expert)[0].id

    def confirm(self, expert: ExpertId) -> None:
        self.bench.blacklist.confirm(self.proposal(expert), CONFIRMER)


def lift(life: Life) -> None:
    """The measure of EXPERT, by two persons."""
    (measure,) = life.bench.blacklist.measures(EXPERT)
    life.bench.blacklist.propose_lift(measure.id, "overturned", "复议决定", OTHER)


def report(life: Life) -> None:
    """A case with evidence and an urgent suspension: three entries or none."""
    evidence = life.cases.hand_in(PDF, MANAGER)
    assert evidence
    urgent = terms(ground="under_inquiry", ends_on=TODAY + 90 * DAY)
    life.cases.report(Report(FOUR, "leak", "评标情况外泄", urgent=urgent), MANAGER)


def decide(life: Life) -> None:
    """A bar of a year."""
    year = terms(kind=Kind.BARRED, ground="leak", ends_on=TODAY + 365 * DAY)
    life.cases.decide(life.case(FOUR), Ruling.MEASURE, year, "事实清楚", SUPERVISOR)


def depart(life: Life) -> None:
    """FIVE is out, proposed."""
    life.bench.blacklist.propose_exit(
        FIVE,
        kind=ExitKind.DECEASED,
        ground="other",
        basis="证明",
        deciding_body="专家库管理单位",
        by=MANAGER,
    )


def decide_exit(life: Life) -> None:
    """THREE stays after all."""
    (asked,) = life.bench.blacklist.exits(THREE)
    life.bench.blacklist.exit_decide(asked.id, Decision.REFUSE, "任务未完成", SUPERVISOR)


ACTS: Sequence[tuple[int, Callable[[Life], object]]] = (
    (1, lambda life: life.bench.propose(ends_on=TODAY + 30 * DAY)),
    (1, lambda life: life.confirm(EXPERT)),
    (1, lift),
    (1, lambda life: life.confirm(EXPERT)),
    (1, lambda life: life.bench.propose(expert_id=TWO, urgent=True, ends_on=TODAY + 30 * DAY)),
    (1, lambda life: life.bench.blacklist.send_back(life.proposal(TWO), "依据不足", CONFIRMER)),
    (1, lambda life: life.bench.blacklist.take_leave(TWO, "illness", TODAY, TODAY + DAY, OTHER)),
    (1, lambda life: life.bench.blacklist.exit_request(THREE, "age", "", OTHER)),
    (1, decide_exit),
    (2, report),
    (1, lambda life: life.cases.answer(life.case(FOUR), FOUR, Statement("并非本人"), OTHER)),
    (1, decide),
    (3, lambda life: life.cases.confirm(life.case(FOUR), CONFIRMER)),
    (1, lambda life: life.cases.appeal(life.case(FOUR), FOUR, Statement("请求复核"), OTHER)),
    (
        2,
        lambda life: life.cases.decide_appeal(
            life.case(FOUR), overturned=True, text="证据不足", by=OTHER
        ),
    ),
    (1, depart),
    (1, lambda life: life.confirm(FIVE)),
)
"""How many entries an act writes in its one transaction, and the act."""

TOTAL = sum(n for n, _ in ACTS)


def entries(life: Life) -> int:
    """How many entries are true."""
    return life.bench.books.size()


def live(home: Path, cut: tuple[str, int] | None) -> None:
    """Go on until the cut; ends by itself where there is none."""

    class CutBook(Book):
        def _wrote(self, written: list[Entry]) -> None:
            super()._wrote(written)
            if cut is not None and cut[0] == "before":
                die_at(cut[1], written)

    def after(written: Sequence[Entry]) -> None:
        if cut is not None and cut[0] == "after":
            die_at(cut[1], written)

    life = Life(home)
    life.bench.books.book_class = CutBook
    life.bench.books.subscribe(after)
    done, true = 0, entries(life)
    for number, (wrote, _) in enumerate(ACTS):
        if done == true:
            for _, act in ACTS[number:]:
                act(life)
            return
        done += wrote
        if done > true:
            raise SystemExit(f"half an act: {true} entries, {done} would be whole")


def die_at(index: int, written: Sequence[Entry]) -> None:
    """SIGKILL, if the entry is among these."""
    if any(one.index == index for one in written):
        os.kill(os.getpid(), signal.SIGKILL)


def main(home: Path) -> int:
    """Every cut in turn, then a life without one, then a look at what is there."""
    cuts: list[tuple[str, int] | None] = []
    first = 0
    for wrote, _ in ACTS:
        cuts += [("before", index) for index in range(first, first + wrote)]
        first += wrote
        cuts.append(("after", first - 1))
    killed = 0
    for cut in [*cuts, None]:
        child = os.fork()
        if child == 0:
            live(home, cut)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            return 1
    life = Life(home)
    life.bench.check()
    standing = life.bench.blacklist.standing
    found = {
        "killed": killed,
        "entries": entries(life),
        "may_serve": [
            life.bench.blacklist.standing(one).may_serve for one in (EXPERT, THREE, FOUR)
        ],
        "case": life.cases.case(life.case(FOUR)).status.value,
        "out": standing(FIVE).status.value,
    }
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
