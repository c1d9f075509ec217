"""Every page and every state of it that a person can meet, as rows.

A page that is added to the router gets a row here; tests/house/test_every_page_has_a_row.py
holds that. The rows of a scene are looked at in the order in which they stand.
"""

from typing import Final

from tests.face.row import Row, by_scene
from tests.face.rows_appointment import APPOINTMENT, PROFILE
from tests.face.rows_desk import DESK
from tests.face.rows_draw import A_DRAW
from tests.face.rows_empty import EMPTY
from tests.face.rows_feeds import FEEDS
from tests.face.rows_lists import LISTS
from tests.face.rows_record import OVER, RECORD, REQUESTS
from tests.face.rows_room import A_ROOM
from tests.face.rows_standard import STANDARD

AT_REST: Final[tuple[Row, ...]] = EMPTY + STANDARD + LISTS + FEEDS + APPOINTMENT + REQUESTS + DESK
"""One server on which nothing happens."""
OF_A_DAY: Final[tuple[Row, ...]] = by_scene(A_DRAW + PROFILE + RECORD + A_ROOM + OVER)
"""Another that lives through one day."""
TABLES: Final = {"at rest": AT_REST, "of a day": OF_A_DAY}
ROWS: Final[tuple[Row, ...]] = AT_REST + OF_A_DAY
