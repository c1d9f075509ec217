"""Every page and every state of it that a person can meet, as rows.

A page that is added to the router gets a row here; tests/house/test_every_page_has_a_row.py
holds that. The rows of a scene are looked at in the order in which they stand.
"""

from dataclasses import dataclass
from enum import IntEnum, auto

Step = tuple[str, ...]
"""What a person does before the look: ("press", id), ("fill", id, text), ("pick", id, file) …"""


class Scene(IntEnum):
    """A moment of the day; it never goes back."""

    EMPTY = auto()
    FILED = auto()
    WITHDRAWN = auto()
    INVITED = auto()
    SEALED = auto()
    PREPARED = auto()
    CHECK_IN = auto()
    UNDERTAKING = auto()
    RECUSAL = auto()
    LEADER = auto()
    SCORING = auto()
    SEALED_SHEET = auto()
    SUMMARY = auto()
    REPORT = auto()
    SIGNED = auto()
    CLOSED = auto()
    UNSEALED = auto()


@dataclass(frozen=True)
class Row:
    """One page in one state.

    Attributes:
        route: as the router spells it; its parameters are filled in from the day.
        sees: what stands on the page when the state is there (a test id, or a selector).
        who: the card of the demonstration, "anyone" without sign-in, "member" for the
            expert whom this day follows.
        goes: False stays on the page as the row before left it.
        query: behind the path.
        phone: it is read on a telephone as well.
    """

    scene: Scene
    route: str
    state: str
    who: str
    sees: str
    steps: tuple[Step, ...] = ()
    goes: bool = True
    query: str = ""
    phone: bool = False

    @property
    def name(self) -> str:
        """What a finding is filed under."""
        return f"{self.route} · {self.state} · {self.who}"


ANYONE, APPLICANT, CLERK, SUPERVISOR = "anyone", "applicant", "clerk", "supervisor"
ADMINISTRATOR, POOL, OWNER, MEMBER = "administrator", "pool_manager", "owner-1", "member"
E, S = Scene.EMPTY, Scene

EMPTY = (
    Row(E, "/sign-in", "first", ANYONE, ".who", phone=True),
    Row(E, "/sign-in", "refused", ANYONE, ".refusal", (
        ("fill", "#username", "nobody"), ("fill", "#password", "a wrong password"),
        ("press", "form button[type=submit]"),
    )),
    Row(E, "/draws", "empty", ANYONE, ".empty"),
    Row(E, "/verify", "first", ANYONE, "input[type=file]"),
    Row(E, "/verify", "refused", ANYONE, ".refusal, section.verdict", (
        ("pick", "input[type=file] >> nth=0", "examples/criteria.json"),)),
    Row(E, "/holder", "first", ANYONE, "input[type=file]"),
    Row(E, "/holder", "making a file", ANYONE, "#new-passphrase", (("press", ".btn.plain"),), goes=False),
    Row(E, "/links/:token", "used up", ANYONE, "link-dead"),
    Row(E, "/links/:token", "open", ANYONE, "link-form"),
    Row(E, "/:rest(.*)*", "no such page", ANYONE, "h1"),
    Row(E, "/centre", "empty", APPLICANT, ".empty"),
    Row(E, "/centre/file", "project", APPLICANT, "project-code"),
    Row(E, "/centre/file", "composition, empty", APPLICANT, "tree", (
        ("fill", "project-code", "DEMO-2026-018"), ("fill", "project-name", "城东片区排水管网改造工程（演示）"),
        ("press", "next"),
    ), goes=False),
    Row(E, "/centre/file", "composition, refused", APPLICANT, ".under", (("specialty", "A080214"),), goes=False),
    Row(E, "/centre/file", "composition, whole", APPLICANT, "[data-testid=rule-list] li.pass", (
        ("press", ".under .btn:last-of-type"), ("specialty", "A08", "3"), ("specialty", "A06", "2"),
        ("wait", "[data-testid=next]:enabled"),
    ), goes=False),
    Row(E, "/centre/file", "parties, refused code", APPLICANT, "party-name-bidder-0", (
        ("press", "next"), ("fill", "party-name-procuring_entity-0", "演示招标人（生成）"),
        ("fill", "party-code-procuring_entity-0", "12330100GENENTTY00"),
    ), goes=False),
    Row(E, "/centre/file", "time", APPLICANT, "place", (
        ("fill", "party-code-procuring_entity-0", "12330100GENENTTY06"),
        ("fill", "party-name-bidder-0", "演示投标人一（生成）"),
        ("fill", "party-code-bidder-0", "91330100GENAAAA01F"),
        ("press", "next"),
    ), goes=False),
    Row(E, "/centre/file", "review", APPLICANT, "file", (
        ("press", "preset-5"), ("fill", "place", "市民中心三楼（演示）"), ("fill", "contact", "0571-00000000"),
        ("press", "next"), ("wait", "[data-testid=file]:enabled"),
    ), goes=False),
    Row(E, "/centre/file", "irreversible", APPLICANT, "[role=dialog]", (("press", "file"),), goes=False),
    Row(E, "/evaluations", "empty", CLERK, ".empty"),
    Row(E, "/my/evaluations", "empty", OWNER, ".empty", phone=True),
    Row(E, "/supervise", "empty", SUPERVISOR, ".empty"),
    Row(E, "/supervise/rooms", "empty", SUPERVISOR, ".empty"),
    Row(E, "/supervise/standing", "empty", SUPERVISOR, "h1"),
    Row(E, "/supervise/standing", "entering a measure", SUPERVISOR, "measure-expert",
        (("press", "enter-measure"),), goes=False),
    Row(E, "/pool", "first", POOL, "snapshot"),
    Row(E, "/pool/experts", "first", POOL, "expert"),
    Row(E, "/pool/experts", "none found", POOL, ".empty", query="?q=nobody-of-this-name"),
    Row(E, "/pool/import", "first", POOL, "template-xlsx"),
    Row(E, "/pool/import", "error list", POOL, "problems", (("upload", "import-file"),), goes=False),
    Row(E, "/pool/import", "irreversible", POOL, "[role=dialog]", (("press", "skip-bad"),), goes=False),
    Row(E, "/admin", "first", ADMINISTRATOR, "accounts"),
    Row(E, "/admin", "making an account", ADMINISTRATOR, "account-form", (("press", "new-account"),), goes=False),
    Row(E, "/admin", "irreversible", ADMINISTRATOR, "[role=dialog]", (("press", "disable-demo.owner-2"),)),
    Row(E, "/admin/roles", "first", ADMINISTRATOR, "roles"),
    Row(E, "/admin/holders", "first", ADMINISTRATOR, "holder-centre"),
    Row(E, "/admin/holders", "replacing a key", ADMINISTRATOR, "holder-form-centre",
        (("press", "register-centre"),), goes=False),
)  # fmt: skip

A_DRAW = (
    Row(S.FILED, "/centre", "coming", APPLICANT, ".group li"),
    Row(S.FILED, "/centre", "offline", APPLICANT, ".banner.gone", (("offline",),), goes=False),
    Row(S.FILED, "/centre", "restored", APPLICANT, ".banner.back", (("online",),), goes=False),
    Row(S.FILED, "/centre/draws/:id", "filed", APPLICANT, "seal-before"),
    Row(S.FILED, "/centre/draws/:id", "irreversible", APPLICANT, "[role=dialog]",
        (("press", "withdraw"),), goes=False),
    Row(S.FILED, "/supervise", "coming", SUPERVISOR, "td"),
    Row(S.FILED, "/supervise/draws/:id", "filed", SUPERVISOR, "funnel"),
    Row(S.FILED, "/evaluations", "to begin", CLERK, ".btn.primary, .part"),
    Row(S.WITHDRAWN, "/centre/draws/:id", "withdrawn", APPLICANT, "abort-reason"),
    Row(S.WITHDRAWN, "/supervise/draws/:id", "withdrawn", SUPERVISOR, ".abort"),
    Row(S.INVITED, "/inbox", "invited", MEMBER, "invitation", phone=True),
    Row(S.INVITED, "/inbox", "declining", MEMBER, "decline-submit", (("press", "decline"),), goes=False, phone=True),
    Row(S.INVITED, "/my/record", "empty", MEMBER, "standing", phone=True),
    Row(S.INVITED, "/my/record", "leaving the pool", MEMBER, "exit-text", (("press", "exit-open"),), goes=False, phone=True),
    Row(S.INVITED, "/my/record", "irreversible", MEMBER, "[role=dialog]", (
        ("fill", "exit-text", "年龄较大，视力下降。"), ("press", "exit-submit")), goes=False, phone=True),
    Row(S.SEALED, "/inbox", "accepted", MEMBER, "invitation-accepted", phone=True),
    Row(S.SEALED, "/my/evaluations", "not yet", MEMBER, "h1", phone=True),
    Row(S.SEALED, "/centre/draws/:id", "sealed", APPLICANT, "seal-sealed"),
    Row(S.SEALED, "/supervise", "sealed", SUPERVISOR, "td"),
    Row(S.SEALED, "/supervise/draws/:id", "sealed", SUPERVISOR, "trail"),
    Row(S.SEALED, "/draws", "sealed", ANYONE, "published"),
    Row(S.SEALED, "/evaluations/:id", "to fill in", CLERK, "bidders-save"),
    Row(S.PREPARED, "/evaluations/:id", "whole", CLERK, "[data-testid=make-ready]:enabled"),
    Row(S.PREPARED, "/evaluations/:id", "irreversible", CLERK, "[role=dialog]", (("press", "make-ready"),), goes=False),
)  # fmt: skip

A_ROOM = (
    Row(S.CHECK_IN, "/evaluations", "open", CLERK, "[data-testid^=evaluation-]"),
    Row(S.CHECK_IN, "/my/evaluations", "open", MEMBER, "[data-testid^=enter-]", phone=True),
    Row(S.CHECK_IN, "/room/:id", "check-in", MEMBER, "check-in"),
    Row(S.CHECK_IN, "/room/:id", "check-in", CLERK, "office-lead"),
    Row(S.CHECK_IN, "/room/:id", "interference", MEMBER, "interference-text", (("press", "interference"),), goes=False),
    Row(S.UNDERTAKING, "/room/:id", "undertaking", MEMBER, "undertaking"),
    Row(S.UNDERTAKING, "/supervise/rooms", "running", SUPERVISOR, "td"),
    Row(S.UNDERTAKING, "/supervise/rooms/:id", "running", SUPERVISOR, "room-log"),
    Row(S.UNDERTAKING, "/room/:id", "undertaking", SUPERVISOR, "office-lead"),
    Row(S.RECUSAL, "/room/:id", "recusal", MEMBER, "declare"),
    Row(S.RECUSAL, "/room/:id", "a conflict", MEMBER, "[data-testid$=-ground]",
        (("press", "[data-testid$=-yes] >> nth=0"),), goes=False),
    Row(S.LEADER, "/room/:id", "ballot", MEMBER, "vote"),
    Row(S.SCORING, "/room/:id", "scoring", MEMBER, "score-grid"),
    Row(S.SCORING, "/room/:id", "a reason missing", MEMBER, ".reason.needed", (("press", ".cell >> nth=0"), ("keys", "9", "Enter")), goes=False),
    Row(S.SCORING, "/room/:id", "a mark too high", MEMBER, ".note.wrong", (
        ("press", ".cell >> nth=3"), ("keys", "9", "9", "Enter")), goes=False),
    Row(S.SCORING, "/room/:id", "offline", MEMBER, ".banner.gone", (("keys", "Escape"), ("offline",)), goes=False),
    Row(S.SCORING, "/room/:id", "restored", MEMBER, ".banner.back", (("online",),), goes=False),
    Row(S.SCORING, "/room/:id", "scoring", CLERK, "office-lead"),
    Row(S.SEALED_SHEET, "/room/:id", "sealed", MEMBER, "waiting"),
    Row(S.SUMMARY, "/room/:id", "summary", MEMBER, "summary-lead"),
    Row(S.SUMMARY, "/room/:id", "summary", SUPERVISOR, "results"),
    Row(S.REPORT, "/room/:id", "report", MEMBER, "pdf-canvas"),
    Row(S.REPORT, "/room/:id", "irreversible", MEMBER, "[role=dialog]", (("press", "dissent-report"),), goes=False),
    Row(S.SIGNED, "/room/:id", "signed", MEMBER, "report-answered"),
    Row(S.SIGNED, "/room/:id", "report", CLERK, "report"),
    Row(S.CLOSED, "/room/:id", "closed", MEMBER, "closed"),
    Row(S.CLOSED, "/room/:id", "closed", CLERK, "report-download"),
    Row(S.CLOSED, "/supervise/rooms/:id", "closed", SUPERVISOR, "room-log"),
    Row(S.CLOSED, "/my/record", "with entries", MEMBER, "standing", phone=True),
    Row(S.UNSEALED, "/centre/draws/:id", "unsealed", APPLICANT, "seal-unsealed"),
    Row(S.UNSEALED, "/supervise/draws/:id", "recomputed", SUPERVISOR, "recompute-verdict", (
        ("press", "recompute-run"),)),
    Row(S.UNSEALED, "/supervise/draws/:id", "names asked for", SUPERVISOR, "names-reason", (
        ("press", "names-open"),), goes=False),
    Row(S.UNSEALED, "/verify", "passed", ANYONE, "section.verdict.passed", phone=True),
    Row(S.UNSEALED, "/verify", "failed", ANYONE, "section.verdict.failed, .refusal", (("bundle",),)),
    Row(S.UNSEALED, "/draws", "unsealed", ANYONE, "published"),
)  # fmt: skip

ROWS = EMPTY + A_DRAW + A_ROOM
