"""The outside lists: taken, refused, withdrawn; the cross-check and what people say of it."""

from tests.face.row import POOL, SUPERVISOR, Row, Scene

E = Scene.EMPTY

LISTS = (
    Row(E, "/lists", "empty", POOL, "no-lists"),
    Row(E, "/lists", "form", POOL, "list-issuer", (("press", "take-list"),), goes=False),
    Row(
        E,
        "/lists",
        "error list",
        POOL,
        "problems",
        (("fill", "list-issuer", "某市中级人民法院（演示）"), ("outside", "list-file", "bad")),
        goes=False,
    ),
    Row(E, "/lists", "irreversible", POOL, ".el-dialog", (("press", "skip-bad"),), goes=False),
    Row(E, "/lists/crosscheck", "empty", POOL, "no-matches"),
    Row(
        E,
        "/lists",
        "taken",
        POOL,
        "list-done",
        (
            ("press", "take-list"),
            ("fill", "list-issuer", "某市中级人民法院（演示）"),
            ("outside", "list-file", "good"),
        ),
    ),
    Row(
        E,
        "/lists",
        "withdrawing",
        POOL,
        "withdraw-reason",
        (("press", "[data-testid^=withdraw-ol]"),),
    ),
    Row(E, "/lists/crosscheck", "near match", POOL, "match-starred"),
    Row(
        E,
        "/lists/crosscheck",
        "deciding",
        POOL,
        "decision-reason",
        (("press", "decide"),),
        goes=False,
    ),
    Row(E, "/lists/crosscheck", "by number", POOL, "match-number", (("press", "which-waiting"),)),
    Row(E, "/lists/crosscheck", "looking", SUPERVISOR, "look-reason", (("press", "look"),)),
)
