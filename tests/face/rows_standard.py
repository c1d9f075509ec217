"""The standard of specialties: versions, crosswalk, a corrected list, and looking things up."""

from tests.face.row import POOL, SUPERVISOR, Row, Scene

E = Scene.EMPTY

STANDARD = (
    Row(E, "/standard", "two versions", POOL, "version-2018"),
    Row(E, "/standard", "two versions", SUPERVISOR, "version-2018"),
    Row(E, "/standard/browse", "first", POOL, "browse-q"),
    Row(E, "/standard/browse", "regions", POOL, "where-regions", (("press", "where-regions"),)),
    Row(E, "/standard/import", "first", POOL, "list-file"),
    Row(
        E,
        "/standard/import",
        "refused",
        POOL,
        "list-refusal",
        (("pick", "list-file", "examples/criteria.json"),),
        goes=False,
    ),
    Row(E, "/standard/versions/:version", "no such version", POOL, ".refusal"),
    Row(E, "/standard/crosswalk/:old/:next", "undecided", POOL, "in-hand"),
)
