"""Applications for appointment at the pool manager's desk, and the expert's own profile."""

from tests.face.row import MEMBER, POOL, Row, Scene

E, S = Scene.EMPTY, Scene

APPOINTMENT = (
    Row(E, "/pool/applications", "empty", POOL, ".empty"),
    Row(E, "/pool/applications/new", "first", POOL, "file-name"),
    Row(
        E,
        "/pool/applications/new",
        "refused",
        POOL,
        ".refusal",
        (
            ("fill", "file-name", "赵明（生成）"),
            ("fill", "file-id_number", "110101197505019960"),
            ("fill", "file-phone", "15400000001"),
            ("fill", "file-employer", "文明建设有限公司（生成）"),
            ("fill", "file-unified_credit_code", "91110000GEN0001302"),
            ("fill", "file-unit", "演示推荐单位（生成）"),
            ("fill", "file-valid_to", "2029-12-31"),
            ("fill", "file-years", "12"),
            ("press", "file-region"),
            ("press", "li.el-select-dropdown__item:visible >> nth=0"),
            ("press", "file-title"),
            ("press", "li.el-select-dropdown__item:visible >> nth=0"),
            ("fill", "#pick-file", "A080205"),
            ("press", ".suggestion:visible >> nth=0"),
            ("press", "file-submit"),
        ),
        goes=False,
    ),
    Row(E, "/pool/applications/:id", "no such application", POOL, ".refusal"),
    Row(E, "/pool/applications/:id", "to review", POOL, "applicant-rules"),
    Row(
        E,
        "/pool/applications/:id",
        "rejecting",
        POOL,
        "why-A080205",
        (("press", "reject-A080205"),),
        goes=False,
    ),
    Row(E, "/pool/applications/:id/amend", "as it stands", POOL, "item-A080205"),
    Row(E, "/pool/applications/:id/amend", "no such application", POOL, ".refusal"),
    Row(E, "/pool/applications", "some", POOL, "applications"),
    Row(
        E,
        "/pool/applications",
        "recording a training",
        POOL,
        "training-expert",
        (("press", "record-training"),),
        goes=False,
    ),
)

PROFILE = (
    Row(S.INVITED, "/my/profile", "holds", MEMBER, "profile-confirm", phone=True),
    Row(
        S.INVITED,
        "/my/profile",
        "another employer",
        MEMBER,
        "employer-name",
        (("press", "edit-employer"),),
        goes=False,
        phone=True,
    ),
    Row(
        S.INVITED,
        "/my/profile",
        "asking for more",
        MEMBER,
        "paper-more",
        (("press", "edit-more"),),
        goes=False,
        phone=True,
    ),
)
