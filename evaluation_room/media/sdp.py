"""The little of SDP that two peers of one server need: read what a browser says, write our part.

Strict about what we rely on, deaf to the rest. Sizes are bounded before anything is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from evaluation_room.core.media_rules import Kind
from foundation.errors import Kind as Fault
from foundation.errors import ServiceError

MAX_LINES: Final = 4000
MAX_MEDIA: Final = 24
LEVEL_URI: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
CLOCK: Final = {"vp8": 90_000, "opus": 48_000}
OURS: Final = {Kind.VIDEO: "vp8", Kind.AUDIO: "opus"}

# Our own payload types, for what we offer.
OPUS_TYPE: Final = 111
VP8_TYPE: Final = 96
RTX_TYPE: Final = 97


class BadOffer(ServiceError):
    """A description of a connection that cannot be read or lacks what a connection needs."""

    code = "media.bad_offer"
    kind = Fault.INVALID


@dataclass(frozen=True, slots=True)
class Codec:
    """A payload type of a codec of ours, with its retransmission's, if there is one."""

    name: str
    payload_type: int
    rtx_type: int | None = None


@dataclass(slots=True)
class Media:
    """One m-line: `sends` when the other side sends on it; `codec` None: none of ours."""

    kind: str
    mid: str
    port: int
    direction: str
    codec: Codec | None = None
    ssrc: int | None = None
    rtx_ssrc: int | None = None
    level_id: int = 0

    @property
    def sends(self) -> bool:
        """Whether packets are to come."""
        return self.port != 0 and self.direction in {"sendonly", "sendrecv"}


@dataclass(slots=True)
class Description:
    """What a browser says of a connection."""

    ufrag: str = ""
    password: str = ""
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    setup: str = ""
    candidates: list[str] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)


@dataclass(slots=True)
class _Section:
    """An m-line as read, before its codec is chosen."""

    media: Media
    maps: dict[int, str] = field(default_factory=dict)
    apt: dict[int, int] = field(default_factory=dict)
    ssrcs: list[int] = field(default_factory=list)
    fid: list[int] = field(default_factory=list)


def parse(text: str) -> Description:
    """Read an offer or an answer.

    Raises:
        BadOffer: no SDP, too long, or without ICE and DTLS.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if len(lines) > MAX_LINES or not text.startswith("v=0"):
        raise BadOffer
    found = Description()
    sections: list[_Section] = []
    try:
        for line in lines:
            if line.startswith("m="):
                if len(sections) >= MAX_MEDIA:
                    raise BadOffer
                sections.append(_Section(_media_of(line)))
            elif line.startswith("a="):
                name, _, value = line[2:].partition(":")
                if not _of_connection(found, name, value) and sections:
                    _of_media(sections[-1], name, value)
    except (ValueError, IndexError) as odd:
        raise BadOffer from odd
    found.media = [_settled(section) for section in sections]
    if not found.ufrag or not found.password or not found.fingerprints or not found.media:
        raise BadOffer
    return found


def _media_of(line: str) -> Media:
    kind, port, _profile, *_ = line[2:].split()
    return Media(kind, "", int(port), "sendrecv")


def _of_connection(found: Description, name: str, value: str) -> bool:
    """Attributes of the one transport; in a bundle every m-line repeats them."""
    match name:
        case "ice-ufrag":
            found.ufrag = found.ufrag or value
        case "ice-pwd":
            found.password = found.password or value
        case "fingerprint":
            algorithm, digest = value.split()
            if (algorithm, digest) not in found.fingerprints and len(found.fingerprints) < 8:
                found.fingerprints.append((algorithm, digest))
        case "setup":
            found.setup = found.setup or value
        case "candidate":
            if len(found.candidates) < 32:
                found.candidates.append(value)
        case _:
            return False
    return True


def _of_media(section: _Section, name: str, value: str) -> None:
    match name:
        case "mid":
            section.media.mid = value[:16]
        case "sendrecv" | "sendonly" | "recvonly" | "inactive":
            section.media.direction = name
        case "rtpmap":
            number, codec = value.split(maxsplit=1)
            section.maps[int(number) & 0x7F] = codec.lower()
        case "fmtp":
            number, _, params = value.partition(" ")
            if params.startswith("apt="):
                section.apt[int(number) & 0x7F] = int(params[4:].split(";")[0])
        case "ssrc":
            ssrc = int(value.split(maxsplit=1)[0]) & 0xFFFFFFFF
            if ssrc not in section.ssrcs and len(section.ssrcs) < 8:
                section.ssrcs.append(ssrc)
        case "ssrc-group":
            what, *members = value.split()
            if what == "FID" and len(members) == 2:
                section.fid = [int(one) & 0xFFFFFFFF for one in members]
        case "extmap":
            number, uri, *_ = value.split()
            if uri == LEVEL_URI:
                section.media.level_id = int(number.split("/")[0])
        case _:
            return


def _settled(section: _Section) -> Media:
    """Choose the codec and the streams of an m-line."""
    media = section.media
    wanted = {"video": "vp8/90000", "audio": "opus/48000/2"}.get(media.kind)
    for number, codec in section.maps.items():
        if codec == wanted:
            rtx = [one for one, base in section.apt.items() if base == number]
            known = rtx and section.maps.get(rtx[0], "").startswith("rtx/")
            media.codec = Codec(codec.split("/")[0], number, rtx[0] if known else None)
            break
    if section.fid:
        media.ssrc, media.rtx_ssrc = section.fid
    elif section.ssrcs:
        media.ssrc = section.ssrcs[0]
    return media


@dataclass(frozen=True, slots=True)
class Local:
    """Our side of a connection, as its attributes."""

    ufrag: str
    password: str
    fingerprint: str
    candidates: Sequence[str]

    def lines(self, setup: str) -> list[str]:
        """The attributes that every m-line of the bundle carries."""
        return [
            f"a=ice-ufrag:{self.ufrag}",
            f"a=ice-pwd:{self.password}",
            "a=ice-options:ice2",
            f"a=fingerprint:sha-256 {self.fingerprint}",
            f"a=setup:{setup}",
            *(f"a=candidate:{one}" for one in self.candidates),
            "a=end-of-candidates",
        ]


@dataclass(frozen=True, slots=True)
class Line:
    """One m-line of ours that sends: the streams it carries, and a name for the page's stream."""

    mid: str
    kind: Kind
    ssrc: int
    rtx_ssrc: int
    active: bool


def _head(mids: Sequence[str], number: int) -> list[str]:
    return [
        "v=0",
        f"o=- {number} {number} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE " + " ".join(mids) if mids else "a=group:BUNDLE",
        "a=msid-semantic: WMS *",
    ]


def answer(offer: Description, local: Local, caps: Mapping[str, int], number: int) -> str:
    """Our answer to an up offer.

    Args:
        caps: mid -> kbit/s of the m-lines that are taken; the others are refused with port 0.
    """
    setup = "active" if offer.setup == "passive" else "passive"
    lines = _head([one.mid for one in offer.media if one.mid in caps], number)
    for one in offer.media:
        if one.mid not in caps or one.codec is None:
            lines += [f"m={one.kind} 0 UDP/TLS/RTP/SAVPF 0", "c=IN IP4 0.0.0.0", "a=inactive"]
            lines += [f"a=mid:{one.mid}"]
            continue
        direction = "recvonly" if one.sends else "inactive"
        lines += _opened(one.kind, one.mid, one.codec, direction, [f"b=AS:{caps[one.mid]}"])
        if one.level_id:
            lines.append(f"a=extmap:{one.level_id} {LEVEL_URI}")
        lines += local.lines(setup)
    return "\r\n".join([*lines, ""])


def offer(sends: Sequence[Line], local: Local, number: int) -> str:
    """A down offer: every m-line sends, or is inactive until it is used again."""
    lines = _head([one.mid for one in sends], number)
    for one in sends:
        is_audio = one.kind is Kind.AUDIO
        codec = Codec("opus", OPUS_TYPE) if is_audio else Codec("vp8", VP8_TYPE, RTX_TYPE)
        lines += _opened(one.kind, one.mid, codec, "sendonly" if one.active else "inactive")
        lines += local.lines("actpass")
        if one.active:
            lines.append(f"a=msid:m{one.mid} t{one.mid}")
            if not is_audio:
                lines.append(f"a=ssrc-group:FID {one.ssrc} {one.rtx_ssrc}")
            # Chromium takes the first of the lines for the stream itself.
            lines.append(f"a=ssrc:{one.ssrc} cname:{one.ssrc:08x}")
            if not is_audio:
                lines.append(f"a=ssrc:{one.rtx_ssrc} cname:{one.ssrc:08x}")
    return "\r\n".join([*lines, ""])


def _opened(
    kind: str, mid: str, codec: Codec, direction: str, width: Sequence[str] = ()
) -> list[str]:
    """An m-line with its codec and, on the way up, its cap (`b=`)."""
    number, types = codec.payload_type, [codec.payload_type]
    if codec.name == "opus":
        about = [
            f"a=rtpmap:{number} opus/48000/2",
            f"a=fmtp:{number} minptime=10;useinbandfec=1",
            f"a=rtcp-fb:{number} nack",
        ]
    else:
        about = [
            f"a=rtpmap:{number} VP8/90000",
            *(f"a=rtcp-fb:{number} {how}" for how in ("nack", "nack pli", "ccm fir", "goog-remb")),
        ]
        if codec.rtx_type is not None:
            types.append(codec.rtx_type)
            about += [f"a=rtpmap:{codec.rtx_type} rtx/90000"]
            about += [f"a=fmtp:{codec.rtx_type} apt={number}"]
    return [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF " + " ".join(map(str, types)),
        "c=IN IP4 0.0.0.0",
        *width,
        *about,
        *("a=rtcp:9 IN IP4 0.0.0.0", "a=rtcp-mux", "a=rtcp-rsize"),
        f"a={direction}",
        f"a=mid:{mid}",
    ]
