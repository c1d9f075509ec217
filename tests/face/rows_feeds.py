"""Lists shared with other regions: nobody registered yet, a form, a region that is none."""

from tests.face.row import ADMINISTRATOR, POOL, SUPERVISOR, Row, Scene

E = Scene.EMPTY

FEEDS = (
    Row(E, "/shared", "nobody yet", ADMINISTRATOR, "own-pin"),
    Row(
        E,
        "/shared",
        "registering",
        ADMINISTRATOR,
        "peer-form",
        (("press", "add-peer"),),
        goes=False,
    ),
    Row(E, "/shared", "nobody yet", SUPERVISOR, "own-pin"),
    Row(E, "/shared/people", "nobody", POOL, ".empty"),
    Row(E, "/shared/records", "nothing read", SUPERVISOR, "records-reason"),
    Row(
        E,
        "/shared/records",
        "refused",
        POOL,
        ".refusal",
        (("pick", "records-file", "examples/criteria.json"),),
    ),
    Row(E, "/shared/regions/:id", "no such region", SUPERVISOR, ".refusal"),
)
