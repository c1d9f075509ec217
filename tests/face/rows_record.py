"""An expert's own record: standing, cases, draws that are over, own data; and who answers."""

from tests.face.row import MEMBER, POOL, Row, Scene

E, S = Scene.EMPTY, Scene

REQUESTS = (Row(E, "/pool/requests", "empty", POOL, ".empty"),)
"""Before any expert has asked for anything."""

RECORD = (
    Row(
        S.INVITED,
        "/my/record",
        "taking leave",
        MEMBER,
        "leave-from",
        (("press", "leave-open"),),
        phone=True,
    ),
    Row(S.INVITED, "/my/cases", "empty", MEMBER, ".empty", phone=True),
    Row(S.INVITED, "/my/cases/:id", "no such case", MEMBER, ".refusal", phone=True),
    Row(S.INVITED, "/my/draws", "before anything is open", MEMBER, ".empty", phone=True),
    Row(S.INVITED, "/my/data", "first", MEMBER, "erasure-not-yet", phone=True),
    Row(
        S.INVITED,
        "/my/data",
        "allowed and asked",
        MEMBER,
        "request-open",
        (
            ("press", "consent-say"),
            ("fill", "correct-text", "职称应为正高级工程师。"),
            ("press", "correct-submit"),
        ),
        goes=False,
        phone=True,
    ),
    Row(S.INVITED, "/pool/requests", "asked", POOL, "asked-open"),
    Row(
        S.INVITED,
        "/pool/requests",
        "answering",
        POOL,
        "[role=dialog]",
        (("press", "grant"),),
        goes=False,
    ),
)
"""While the member is invited; they come behind the rows of the draw and before its seal."""

OVER = (Row(S.UNSEALED, "/my/draws", "in the hat", MEMBER, "own-hat", phone=True),)
