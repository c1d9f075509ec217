"""Who may send what, and who sees and hears whom: every case, and the SPEC says the same."""

import itertools
import re
from collections.abc import Iterator

import pytest

from evaluation_room.core.media_rules import (
    AUDIO,
    LOW,
    MASKED,
    OPEN_PHASES,
    RAW,
    UP_MAX_KBPS,
    Kind,
    Mask,
    Picture,
    Scene,
    Terms,
    Track,
    is_archive_only,
    kind_of,
    may_receive,
    may_send,
    shown_track,
)
from evaluation_room.core.values import Phase
from evaluation_room.core.views import CLERK, SUPERVISOR, Viewer, ViewerRole
from foundation.rulebook.overlay import MASKS
from tests.house.source import ROOT

E1, E2 = Viewer(ViewerRole.SEAT, "e1"), Viewer(ViewerRole.SEAT, "e2")
PEOPLE = (E1, E2, CLERK, SUPERVISOR)
BOTH = (False, True)
SPEC = (ROOT / "evaluation_room" / "media" / "SPEC.md").read_text("utf-8")

COLUMNS: dict[str, list[tuple[Phase, bool, bool]]] = {
    "check_in, undertaking, recusal, report": [
        (phase, False, False)
        for phase in (Phase.CHECK_IN, Phase.UNDERTAKING, Phase.RECUSAL, Phase.REPORT)
    ],
    "leader, scoring, summary": [
        (phase, False, False) for phase in (Phase.LEADER, Phase.SCORING, Phase.SUMMARY)
    ],
    "paused": [(phase, True, False) for phase in sorted(OPEN_PHASES)],
    "preparing, closed, stopped": [
        *[
            (phase, paused, False)
            for phase in (Phase.PREPARING, Phase.CLOSED)
            for paused in (False, True)
        ],
        *[(phase, paused, True) for phase in Phase for paused in (False, True)],
    ],
}
PAIRS = {
    "a seat, of another seat": (E1, E2),
    "a seat, of the clerk": (E1, CLERK),
    "the clerk, of a seat": (CLERK, E1),
    "a supervisor, of a seat": (SUPERVISOR, E1),
    "a supervisor, of the clerk": (SUPERVISOR, CLERK),
}
KINDS = {
    "face": {Track.FACE, Track.FACE_LOW, Track.MASKED, Track.MASKED_LOW},
    "sound": AUDIO,
    "desk": {Track.DESK},
    "screen": {Track.SCREEN},
}
ARCHIVE = "raw, where faces are masked"


def scenes() -> Iterator[Scene]:
    """Every scene there is."""
    for phase, paused, stopped, mask in itertools.product(Phase, BOTH, BOTH, Mask):
        yield Scene(phase, paused, stopped, mask)


def sent_as(sender: Viewer, what: str, mask: Mask) -> set[Track]:
    """Tracks of one kind that somebody sends in a mode."""
    found = set()
    for one in may_send(sender.role, mask):
        raw = is_archive_only(sender.role, one.track, mask)
        if raw if what == ARCHIVE else not raw and one.track in KINDS[what]:
            found.add(one.track)
    return found


def cell(pair: tuple[Viewer, Viewer], what: str, column: str) -> set[bool]:
    """Whether it is received: the same in each scene of a column, or the table would lie."""
    viewer, sender = pair
    return {
        may_receive(viewer, sender, track, Scene(phase, paused, stopped, mask))
        for mask in Mask
        for track in sent_as(sender, what, mask)
        for phase, paused, stopped in COLUMNS[column]
    }


def matrix() -> str:
    """The table of SPEC.md section 1."""
    lines = [
        f"| who receives, of whom | what | {' | '.join(COLUMNS)} |",
        "|" + "---|" * (2 + len(COLUMNS)),
    ]
    for (name, pair), what in itertools.product(PAIRS.items(), [*KINDS, ARCHIVE]):
        cells = [cell(pair, what, column) for column in COLUMNS]
        if any(cells):
            assert all(len(one) == 1 for one in cells)
            words = ["yes" if True in one else "no" for one in cells]
            lines.append(f"| {name} | {what} | {' | '.join(words)} |")
    return "\n".join(lines)


def test_the_spec_holds_the_whole_matrix() -> None:
    assert matrix() in SPEC, f"the table is now\n{matrix()}"


def test_every_phase_stands_in_the_matrix_once() -> None:
    counted = [
        (phase, paused, stopped) for column in COLUMNS.values() for phase, paused, stopped in column
    ]
    assert len(set(counted)) == len(counted)
    assert len(counted) == 4 * len(Phase)


def test_r_av_2_raw_tracks_of_masked_members_reach_nobody_ever() -> None:
    """R-AV-2: in every phase, paused or not, whoever asks."""
    cases = 0
    for scene, viewer, track in itertools.product(scenes(), PEOPLE, RAW):
        if scene.mask is not Mask.NONE:
            cases += 1
            assert is_archive_only(ViewerRole.SEAT, track, scene.mask)
            assert not may_receive(viewer, E1, track, scene)
    assert cases > 400


def test_a_supervisor_sends_nothing_and_nobody_receives_themselves() -> None:
    for scene, viewer, track in itertools.product(scenes(), PEOPLE, Track):
        assert not may_receive(viewer, SUPERVISOR, track, scene)
        assert not may_receive(viewer, viewer, track, scene)
    assert [may_send(ViewerRole.SUPERVISOR, mask) for mask in Mask] == [(), (), ()]


def test_nobody_receives_what_nobody_may_send() -> None:
    for scene, viewer, sender, track in itertools.product(scenes(), PEOPLE, PEOPLE, Track):
        if may_receive(viewer, sender, track, scene):
            assert track in {one.track for one in may_send(sender.role, scene.mask)}
            assert scene.phase in OPEN_PHASES
            assert not scene.stopped


def test_members_who_are_paused_have_no_sound_of_each_other() -> None:
    for scene, track in itertools.product(scenes(), AUDIO):
        assert not (scene.paused and may_receive(E1, E2, track, scene))


def test_the_clerk_neither_hears_nor_is_heard_while_members_judge() -> None:
    for scene, track in itertools.product(scenes(), AUDIO):
        if scene.phase in {Phase.LEADER, Phase.SCORING, Phase.SUMMARY} and not scene.paused:
            assert not may_receive(CLERK, E1, track, scene)
            assert not may_receive(E1, CLERK, track, scene)


@pytest.mark.parametrize("mask", list(Mask))
@pytest.mark.parametrize("role", list(ViewerRole))
def test_what_one_person_sends_stays_below_the_limit(role: ViewerRole, mask: Mask) -> None:
    assert sum(one.max_kbps for one in may_send(role, mask)) < UP_MAX_KBPS


@pytest.mark.parametrize("mask", list(Mask))
def test_every_track_that_is_sent_has_terms_that_fit_its_kind(mask: Mask) -> None:
    for role in ViewerRole:
        sent = may_send(role, mask)
        assert len({one.track for one in sent}) == len(sent)
        for one in sent:
            assert one.kind is kind_of(one.track)
            assert (one.width > 0) == (one.kind is Kind.VIDEO)
            assert one.fps > 0 if one.kind is Kind.VIDEO else one.fps == 0


def test_what_is_shown_for_a_picture_is_what_may_be_received() -> None:
    scoring = [Scene(Phase.SCORING, paused=False, stopped=False, mask=mask) for mask in Mask]
    for scene, picture, low in itertools.product(scoring, Picture, (False, True)):
        track = shown_track(picture, low, ViewerRole.SEAT, scene.mask)
        sent = {one.track for one in may_send(ViewerRole.SEAT, scene.mask)}
        assert track in sent
        assert may_receive(E1, E2, track, scene)
        assert (track in LOW.values()) == (low and picture is Picture.FACE)
        assert not (scene.mask is not Mask.NONE and track in RAW)
    for mask in Mask:
        assert shown_track(Picture.FACE, False, ViewerRole.CLERK, mask) is Track.FACE


def test_raw_and_masked_tracks_are_different_ones() -> None:
    assert RAW.isdisjoint(MASKED)
    assert {one.value for one in Mask} == MASKS


def test_the_spec_tells_the_caps_of_every_track() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (audio|video) \|.*\| ([\d–]+) \| ([\d–]+) \|$", SPEC, re.M)
    told = {name: (kind, columns) for name, kind, *columns in rows}
    assert set(told) == set(Track)
    for column, mask in enumerate((Mask.NONE, Mask.PIXELATED)):
        caps = {one.track: str(one.max_kbps) for one in may_send(ViewerRole.SEAT, mask)}
        for track in Track:
            kind, columns = told[track]
            assert kind == kind_of(track)
            assert columns[column] == caps.get(track, "–")


def test_masks_differ_in_the_picture_only() -> None:
    def tracks(mask: Mask) -> tuple[Terms, ...]:
        return may_send(ViewerRole.SEAT, mask)

    assert tracks(Mask.PIXELATED) == tracks(Mask.SILHOUETTE)
