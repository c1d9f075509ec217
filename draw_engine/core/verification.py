"""All 21 checks of a bundle in order, and the verdict.

The first check that fails is the verdict; those behind it are not run. The same names stand
in the browser's verifier, in the locale files and in SPEC.md section 9.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from draw_engine.core.checks import form, log, opening, result, standing
from draw_engine.core.checks.case import Asked, Case, Fails, LogSilent, Outcome

Check = Callable[[Case], Outcome | None]

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("bundle.form", form.bundle_form),
    ("policy.pinned", form.policy_pinned),
    ("manifest.form", form.manifest_form),
    ("checkpoint.signed", log.checkpoint_signed),
    ("checkpoint.consistent", log.checkpoint_consistent),
    ("entry.included", log.entry_included),
    ("entry.manifest", log.entry_manifest),
    ("draw.sequence", log.draw_sequence),
    ("snapshot.age", log.snapshot_age),
    ("tip.signed", opening.tip_were_signed),
    ("reveal.chain", opening.reveal_chain),
    ("order.freeze", opening.order_freeze),
    ("order.beacon", opening.order_beacon),
    ("beacon.signed", opening.beacon_signed),
    ("opening.included", result.opening_included),
    ("result.committed", result.result_committed),
    ("attempt.first_feasible", result.attempt_first_feasible),
    ("step.next_feasible", result.step_next_feasible),
    ("assurance.met", standing.assurance_met),
    ("member.named", standing.member_named),
    ("log.complete", standing.log_complete),
)

NAMES: Final = tuple(name for name, _ in CHECKS)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `where` says in a few English words what did not hold."""

    name: str
    outcome: Outcome
    where: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a bundle is worth.

    `word` is passed, failed or incomplete; `failed` names the first check that did not hold;
    `assurance` is the computed value, empty where the checks did not get that far;
    `places` are (slot, position) of the final members by seat, once all checks passed.
    """

    rows: tuple[Row, ...]
    word: str
    failed: str | None
    assurance: str
    test: bool
    places: tuple[tuple[int, int], ...]

    @property
    def exit_code(self) -> int:
        """0 only for `passed`."""
        return 0 if self.word == "passed" else 1


def verify(data: bytes, asked: Asked) -> Verdict:
    """Check a bundle, given as the bytes of its file.

    Never raises: whatever a bundle provokes is a failure of the check that met it.
    """
    case = Case(data, asked)
    rows: list[Row] = []
    failed: str | None = None
    for name, check in CHECKS:
        row = Row(name, Outcome.NOT_RUN) if failed else _run(name, check, case)
        if row.outcome is Outcome.FAILED:
            failed = name
        rows.append(row)
    unchecked = case.beacon_unchecked or case.log_silent
    word = "failed" if failed else "incomplete" if unchecked else "passed"
    places = () if failed else tuple(case.places)
    return Verdict(tuple(rows), word, failed, case.assurance, case.test, places)


def _run(name: str, check: Check, case: Case) -> Row:
    try:
        return Row(name, check(case) or Outcome.PASSED)
    except LogSilent as silent:
        case.log_silent = True
        return Row(name, Outcome.NOT_CHECKED, str(silent))
    except Fails as failure:
        return Row(name, Outcome.FAILED, str(failure))
    except Exception as surprise:  # hostile input: what no check foresaw still must not pass
        return Row(name, Outcome.FAILED, type(surprise).__name__)
