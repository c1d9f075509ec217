"""RTP, RTCP and SDP by the byte: what is written is read, and nothing sent breaks a reader."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from evaluation_room.core.media_rules import Kind
from evaluation_room.media import rtcp, rtp, sdp, vp8

SSRC = st.integers(0, 2**32 - 1)
SEQS = st.lists(st.integers(0, 65535), min_size=1, max_size=40, unique=True)
LOCAL = sdp.Local("abcd", "x" * 22, "AA:" * 31 + "AA", ["1 1 udp 1 127.0.0.1 40000 typ host"])


@given(st.binary(max_size=1600))
def test_no_datagram_breaks_the_readers(data: bytes) -> None:
    rtcp.parse(data)
    head = rtp.parse(data)
    if head is not None:
        assert head.start <= len(data)
        vp8.begins_keyframe(head.payload)
        rtp.unwrap_rtx(data, head, 1, 96)


@given(SSRC, SSRC, SEQS, st.integers(0, 65535))
def test_a_nack_names_what_it_was_made_of(
    ssrc: int, media: int, seqs: list[int], base: int
) -> None:
    lost = sorted(seqs, key=lambda seq: (seq - base) & 0xFFFF)
    parts = rtcp.parse(rtcp.nack(ssrc, media, lost))
    assert [part for part in parts if isinstance(part, rtcp.Nack)] == parts
    assert {seq for part in parts for seq in part.lost} == set(lost)  # type: ignore[union-attr]


@given(
    SSRC,
    st.lists(st.tuples(SSRC, st.integers(0, 255), st.integers(-(2**23), 2**23 - 1)), max_size=31),
)
def test_a_receiver_report_comes_back(ssrc: int, blocks: list[tuple[int, int, int]]) -> None:
    reports = [rtcp.Report(one, fraction, lost, 7, 8, 9, 10) for one, fraction, lost in blocks]
    assert rtcp.parse(rtcp.receiver_report(ssrc, reports)) == reports


@given(SSRC, st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_a_sender_report_comes_back(ssrc: int, ntp: int, timestamp: int) -> None:
    packet = rtcp.sender_report(ssrc, ntp, timestamp, 2**40, 5)
    assert rtcp.parse(packet) == [rtcp.SenderReport(ssrc, ntp, timestamp)]


def test_a_keyframe_wish_is_read_from_pli_and_fir_and_a_cap_is_neither() -> None:
    assert rtcp.parse(rtcp.pli(1, 2)) == [rtcp.KeyframeWanted(2)]
    fir = bytes([0x84, 206, 0, 4]) + bytes(8) + (77).to_bytes(4, "big") + bytes(4)
    assert rtcp.parse(fir) == [rtcp.KeyframeWanted(77)]
    assert rtcp.parse(rtcp.remb(1, 800_000, [2, 3])) == []


@given(st.integers(1, 2**40))
def test_a_cap_is_never_told_higher_than_it_is(bits: int) -> None:
    fci = rtcp.remb(1, bits, [2])[12:]
    exponent, mantissa = fci[5] >> 2, (fci[5] & 3) << 16 | fci[6] << 8 | fci[7]
    assert bits / 2 < mantissa << exponent <= bits or bits == mantissa << exponent


@given(st.binary(min_size=1, max_size=200), st.integers(0, 65535), SSRC)
def test_a_retransmission_gives_back_the_packet(payload: bytes, seq: int, ssrc: int) -> None:
    inner = rtp.HEADER.pack(0x80, 0x80 | 96, seq, 5, ssrc) + payload
    outer = rtp.HEADER.pack(0x80, 0x80 | 97, 9, 5, 1) + seq.to_bytes(2, "big") + payload
    head = rtp.parse(outer)
    assert head is not None
    assert rtp.unwrap_rtx(outer, head, ssrc, 96) == inner


def test_vp8_keyframes_are_told_by_descriptor_and_first_byte() -> None:
    assert vp8.begins_keyframe(b"\x10\x00")
    assert not vp8.begins_keyframe(b"\x10\x01")
    assert not vp8.begins_keyframe(b"\x00\x00")
    # extended: a picture id of two bytes, TL0PICIDX and TID
    assert vp8.begins_keyframe(b"\x90\xe0\x81\x02\x03\x04\x00")
    assert not vp8.begins_keyframe(b"\x90\xe0\x81\x02\x03\x04\x01")
    assert not vp8.begins_keyframe(b"\x90\xe0\x81")


@given(st.text(max_size=3000))
def test_no_text_breaks_the_reader_of_descriptions(text: str) -> None:
    for said in (text, "v=0\r\n" + text, "v=0\r\nm=video 9 x 96\r\na=" + text):
        with suppress(sdp.BadOffer):
            sdp.parse(said)


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.booleans()), min_size=1, max_size=20))
def test_what_we_offer_we_read(kinds: list[tuple[Kind, bool]]) -> None:
    lines = [
        sdp.Line(str(i), kind, 10 * i + 1, 10 * i + 2, on) for i, (kind, on) in enumerate(kinds)
    ]
    read = sdp.parse(sdp.offer(lines, LOCAL, 1))
    assert (read.ufrag, read.password, read.setup) == ("abcd", "x" * 22, "actpass")
    for line, media in zip(lines, read.media, strict=True):
        assert (media.mid, media.kind, media.sends) == (line.mid, line.kind.value, line.active)
        assert media.ssrc == (line.ssrc if line.active else None)
        if line.active and line.kind is Kind.VIDEO:
            assert media.rtx_ssrc == line.rtx_ssrc


def test_an_answer_refuses_with_port_0_what_it_does_not_take() -> None:
    offer = sdp.parse(
        sdp.offer(
            [sdp.Line("a", Kind.AUDIO, 1, 2, True), sdp.Line("b", Kind.VIDEO, 3, 4, True)], LOCAL, 1
        )
    )
    text = sdp.answer(offer, LOCAL, {"a": 40}, 2)
    assert "a=group:BUNDLE a\r\n" in text
    assert "m=video 0 " in text
    assert "b=AS:40" in text
    assert "useinbandfec=1" in text
    assert "a=setup:passive" in text
