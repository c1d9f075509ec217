"""The segment file: what was sealed opens, whatever was torn off or changed is seen."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation_room.archive.segment import (
    Found,
    Header,
    NotASegment,
    Sealer,
    open_segment,
    places,
    read_header,
)
from tests.evaluation_room.archive.packets import START
from tests.house.source import ROOT

KEY = bytes(range(32))
VECTORS = ROOT / "tests" / "vectors" / "segment.json"

packets = st.lists(st.tuples(st.integers(0, 2**53), st.binary(min_size=0, max_size=40)), max_size=6)
chunks = st.lists(packets, min_size=1, max_size=5)


def a_header(**changes: object) -> Header:
    known = {
        "evaluation_id": "ev_1", "who": "e1", "track": "face", "codec": "vp8", "clock_rate": 90_000,
        "number": 1, "publication": "0123456789abcdef", "started_at_us": START,
    }  # fmt: skip
    return Header.model_validate(known | changes)


def a_file(sealed: list[list[tuple[int, bytes]]], *, last: bool = True) -> bytes:
    sealer = Sealer(KEY, a_header())
    whole = sealer.head
    for n, one in enumerate(sealed):
        whole += sealer.chunk(one, last=last and n == len(sealed) - 1)
    return whole


@given(chunks, st.booleans())
def test_what_was_sealed_opens(sealed: list[list[tuple[int, bytes]]], last: bool) -> None:
    found = open_segment(a_file(sealed, last=last), KEY)

    assert [list(one.packets) for one in found.chunks] == sealed
    assert found.found is (Found.WHOLE if last else Found.CUT)
    assert found.header == a_header()


@given(chunks, st.data())
def test_a_file_cut_anywhere_opens_up_to_its_last_whole_chunk(
    sealed: list[list[tuple[int, bytes]]], data: st.DataObject
) -> None:
    whole = a_file(sealed)
    start = read_header(whole)[1]
    cut = whole[: data.draw(st.integers(start, len(whole) - 1))]
    left = sum(end <= len(cut) for _, end in places(whole, start))

    found = open_segment(cut, KEY)

    assert found.found is Found.CUT
    assert not found.ended
    assert [list(one.packets) for one in found.chunks] == sealed[:left]
    assert found.size == (found.chunks[-1].end if found.chunks else start)


@given(chunks, st.data())
def test_one_changed_bit_is_seen_and_named(
    sealed: list[list[tuple[int, bytes]]], data: st.DataObject
) -> None:
    whole = bytearray(a_file(sealed))
    start = read_header(bytes(whole))[1]
    place = data.draw(st.integers(0, len(whole) - 1))
    spans = list(places(bytes(whole), start))
    whole[place] ^= 1 << data.draw(st.integers(0, 7))

    try:
        found = open_segment(bytes(whole), KEY)
    except NotASegment:
        assert place < start
        return
    assert found.found is not Found.WHOLE
    hit = next((n for n, (begin, end) in enumerate(spans) if begin <= place < end), 0)
    assert len(found.chunks) <= hit, "what was before the changed chunk, and nothing after"
    if place >= start and not any(begin <= place < begin + 4 for begin, _ in spans):
        assert found.broken == hit


@given(chunks)
def test_chunks_cannot_be_left_out_doubled_or_exchanged(
    sealed: list[list[tuple[int, bytes]]],
) -> None:
    whole = a_file([*sealed, [(1, b"a")], [(2, b"b")]])
    start = read_header(whole)[1]
    spans = [whole[begin:end] for begin, end in places(whole, start)]
    for wrong in (
        [*spans[:-2], spans[-1]],
        [*spans[:-1], spans[-2], spans[-1]],
        [*spans[:-2], spans[-1], spans[-2]],
        [*spans, spans[-1]],
        [*spans, b"x"],
    ):
        found = open_segment(whole[:start] + b"".join(wrong), KEY).found
        assert found is Found.CHANGED or wrong[-1] == b"x"
        assert found is not Found.WHOLE


def test_the_header_belongs_to_the_chunks() -> None:
    """A segment under another name, or of another key, does not open."""
    whole, other = a_file([[(1, b"a")]]), a_header(number=2).head()
    body = whole[read_header(whole)[1] :]

    assert open_segment(other + body, KEY).found is Found.CHANGED
    assert open_segment(whole, bytes(32)).broken == 0


@given(st.binary(max_size=200))
def test_garbage_is_no_segment(data: bytes) -> None:
    with pytest.raises(NotASegment):
        open_segment(data, KEY)


@given(st.binary(max_size=200))
def test_garbage_after_a_header_opens_nothing(data: bytes) -> None:
    assert open_segment(a_header().head() + data, KEY).chunks == ()


def test_another_language_makes_the_same_bytes() -> None:
    for one in json.loads(VECTORS.read_text("utf-8"))["segments"]:
        header = Header.model_validate(one["header"])
        sealer = Sealer(bytes.fromhex(one["room_key"]), header)
        whole = sealer.head
        for chunk in one["chunks"]:
            records = [(at, bytes.fromhex(packet)) for at, packet in chunk["packets"]]
            whole += sealer.chunk(records, last=chunk["last"])
        assert whole.hex() == one["file"]
        assert open_segment(whole, bytes.fromhex(one["room_key"])).found == one["found"]
