"""Writes tests/vectors/room_view.json: view streams of one played room and their folds.

    python -m tools.room_vectors

Run it when an event or the view changes; the test and the browser read the file.
"""

import json
import tempfile
from datetime import timedelta
from pathlib import Path

from evaluation_room.core import commands as wishes
from evaluation_room.core import view_fold
from evaluation_room.core.values import PauseGround, Phase, VoidGround
from evaluation_room.core.views import CLERK, SUPERVISOR, Viewer, ViewerRole, view_stream
from tests.evaluation_room.bench import RoomBench

OUT = Path(__file__).parents[1] / "tests" / "vectors" / "room_view.json"


def play(bench: RoomBench) -> None:
    """A day with a conflict found late, an objective mismatch, a pause and a dissent."""
    seats = bench.open()
    bench.submit("e1", seats["e1"])
    bench.act(seats["e2"], wishes.ReportInterference(text="有人来电打听"))
    bench.act(bench.clerk, wishes.Pause(ground=PauseGround.TECHNICAL_FAULT, note="断电"))
    bench.act(bench.clerk, wishes.Resume())
    bench.submit("e2", seats["e2"], bench.sheet("e2", scores={("b1", "c3"): "5"}))
    bench.act(seats["o1"], wishes.AskTime())
    void = wishes.VoidSeat(seat="e3", ground=VoidGround.FOUND_CONFLICT, note="查明任职关系")
    bench.act(bench.supervisor, void)
    bench.committee.experts[2] = bench.add_expert("late")
    bench.join(bench.people["late"])
    bench.submit("e4", bench.people["late"])
    bench.submit("o1", seats["o1"])
    amend = wishes.AmendScore(bidder="b1", criterion="c3", score="10", reason="漏看一项业绩")
    bench.act(seats["e2"], amend)
    bench.act(seats["e1"], wishes.Advance(leaving=Phase.SUMMARY))
    report = bench.room.report
    if report is None:
        raise RuntimeError("no report")
    bench.act(seats["e1"], wishes.SignReport(report_sha256=report.sha256))
    dissent = wishes.DissentReport(report_sha256=report.sha256, reasons="业绩认定有误")
    bench.act(seats["e2"], dissent)
    bench.act(bench.people["late"], wishes.SignReport(report_sha256=report.sha256))
    for _ in range(2):
        bench.clock.advance(timedelta(seconds=bench.overlay.deemed_consent_seconds))
        bench.rooms.tick(bench.clock.now())
    bench.act(bench.clerk, wishes.Advance(leaving=Phase.REPORT))


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        bench = RoomBench(Path(folder), owners=1)
        bench.prepare()
        play(bench)
        vectors = []
        seats = [Viewer(ViewerRole.SEAT, seat) for seat in ("e1", "e3", "e4")]
        for viewer in (CLERK, SUPERVISOR, *seats):
            stream = view_stream(bench.rooms.hub.facts(bench.id), viewer)
            vectors.append(
                {
                    "viewer": viewer.seat or viewer.role.value,
                    "events": [one.model_dump(mode="json") for one in stream],
                    "view": view_fold.fold(stream).model_dump(mode="json"),
                }
            )
    OUT.write_text(json.dumps(vectors, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
