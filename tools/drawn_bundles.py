"""Writes tests/vectors/region_bundle.json and unsealed_bundle.json: drawn, with steps, unsealed.

    python -m tools.drawn_bundles

The bench's own service draws them; both verifiers read them. Run it when the bundle's form changes.
"""

import tempfile
from pathlib import Path
from typing import Any, Final

from draw_engine.core.request import RegionRequest
from tests.draw_engine.draw_bench import a_bench

FOLDER: Final = Path(__file__).parents[1] / "tests" / "vectors"
RULES: Final = (RegionRequest((310000, 500000), 1, 3), RegionRequest((500000,), 2, 2))
DRAWS: Final[dict[str, tuple[dict[str, Any], tuple[int, ...]]]] = {
    "region_bundle.json": ({"region_rules": RULES}, (0, 3, 1)),
    "unsealed_bundle.json": ({"demands": ("unsealed",)}, (2,)),
}
"""Of each file what the request says, and the seats that decline one after the other."""


def drawn(changes: dict[str, Any], declines: tuple[int, ...]) -> bytes:
    """The bundle of a draw in which these seats decline."""
    with tempfile.TemporaryDirectory() as home, a_bench(Path(home)) as bench:
        draw = bench.drawn(**changes)
        for seat in declines:
            bench.answer(draw.id, seat, accept=False)
            bench.settle(30)
        bench.accept_all(draw.id)
        bench.unseal(draw.id)
        return bench.rooms.publisher.bundle(draw.id)


def main() -> None:
    """Draw and write each."""
    for name, (changes, declines) in DRAWS.items():
        (FOLDER / name).write_bytes(drawn(changes, declines))


if __name__ == "__main__":
    main()
