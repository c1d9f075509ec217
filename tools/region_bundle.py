"""Writes tests/vectors/region_bundle.json: a draw under region rules, with supplementary steps.

    python -m tools.region_bundle

The bench's own service draws it; both verifiers read it. Run it when the bundle's form changes.
"""

import tempfile
from pathlib import Path
from typing import Final

from draw_engine.core.request import RegionRequest
from tests.draw_engine.draw_bench import a_bench

OUT: Final = Path(__file__).parents[1] / "tests" / "vectors" / "region_bundle.json"
RULES: Final = (RegionRequest((310000, 500000), 1, 3), RegionRequest((500000,), 2, 2))
DECLINES: Final = (0, 3, 1)


def main() -> None:
    """Draw, let three seats decline, unseal, write."""
    with tempfile.TemporaryDirectory() as home, a_bench(Path(home)) as bench:
        draw = bench.drawn(region_rules=RULES)
        for seat in DECLINES:
            bench.answer(draw.id, seat, accept=False)
            bench.settle(30)
        bench.accept_all(draw.id)
        bench.unseal(draw.id)
        OUT.write_bytes(bench.rooms.publisher.bundle(draw.id))


if __name__ == "__main__":
    main()
