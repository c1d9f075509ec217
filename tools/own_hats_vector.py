"""Writes tests/vectors/own_hats.json: what two experts are told of one draw, in and out of its hat.

    python -m tools.own_hats_vector

The bench's own service draws it; the page's reader checks it. Run it when the form changes.
"""

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from draw_engine.core.exclusions import Reason
from tests.draw_engine.draw_bench import a_bench

FILE: Final = Path(__file__).parents[1] / "tests" / "vectors" / "own_hats.json"


def main() -> None:
    """Draw with one expert on leave, and write what that one and another are told."""
    with tempfile.TemporaryDirectory() as home, a_bench(Path(home)) as bench:
        away, there, *_ = sorted(bench.pool.ids())
        bench.standings[away] = Reason.LEAVE
        draw = bench.drawn()
        bench.accept_all(draw.id)
        bench.settle()
        day = date.fromisoformat((bench.unseal(draw.id).manifest or {})["day"])
        (out,), (hat,) = (bench.rooms.hats.on(one, day) for one in (away, there))
        told = {"M": out.M, "manifest": out.manifest, "hat": hat.answer, "out": out.answer}
        FILE.write_text(json.dumps(told, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
