"""A person without a browser: ICE and DTLS by aiortc, SDP by hand, packets by load.py.

The kernel drops what such a person is sent (a filter on the socket), unless somebody listens:
so that one core of load can stand against one core of server.
"""

import ctypes
import os
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aioice import Candidate, stun
from aiortc import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)
from aiortc.rtcicetransport import candidate_from_aioice

OPUS: Final = 111
VP8: Final = 96
ATTACH_FILTER: Final = 26
DETACH_FILTER: Final = 27
TIMESTAMPNS: Final = 35
ROOM: Final = 4 << 20
"""Bytes of a listener's receive buffer."""
NO_RTP: Final = (
    (0x30, 0, 0, 8),  # first byte of the datagram, behind the UDP header
    (0x54, 0, 0, 0xC0),
    (0x15, 0, 4, 0x80),  # neither RTP nor RTCP: keep
    (0x30, 0, 0, 9),
    (0x54, 0, 0, 0x7F),
    (0x35, 0, 2, 64),  # payload type below 64: RTP, drop
    (0x25, 1, 0, 95),  # above 95: RTP, drop
    (0x06, 0, 0, 0xFFFF),
    (0x06, 0, 0, 0),
)
"""Classic BPF: (code, jump if true, jump if false, value)."""


LEFT_OUT: Final = tuple(
    f"a={one}"
    for one in ("ice-", "fingerprint", "setup", "candidate", "end-of", "ssrc", "msid", "extmap")
)

Bring = Callable[[str], Awaitable[str]]
"""Brings a description to the server; its answer, where there is one."""


class Connection:
    """One connection of a person."""

    def __init__(self, certificate: RTCCertificate, *, up: bool) -> None:
        self._gatherer = RTCIceGatherer(iceServers=[])
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = RTCDtlsTransport(self._ice, [certificate])
        inner: Any = self._dtls
        inner._set_role("client")
        self._inner: Any = self._gatherer
        self._inner._connection.ice_controlling = up

    async def gather(self) -> list[str]:
        """Our lines of a description, but for the candidates: the server learns them."""
        await self._gatherer.gather()
        ice = self._gatherer.getLocalParameters()
        prints = self._dtls.getLocalParameters().fingerprints
        digest = next(one.value for one in prints if one.algorithm == "sha-256")
        return [
            f"a=ice-ufrag:{ice.usernameFragment}",
            f"a=ice-pwd:{ice.password}",
            f"a=fingerprint:sha-256 {digest}",
        ]

    async def connect(self, remote: str) -> None:
        """Connect to what the server's description says."""
        for line in re.findall(r"^a=candidate:(.+?)\r?$", remote, re.M):
            await self._add(line)
        await self._add(None)
        ufrag, password = (_value(remote, name) for name in ("ice-ufrag", "ice-pwd"))
        await self._ice.start(RTCIceParameters(ufrag, password))
        algorithm, digest = _value(remote, "fingerprint").split()
        await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(algorithm, digest)]))
        if self._dtls.state != "connected":
            raise ConnectionError(self._dtls.state)
        pair = self._inner._connection._nominated[1]
        number = pair.protocol.transport.get_extra_info("socket").fileno()
        inner: Any = self._dtls
        self.protect, self.unprotect = inner._tx_srtp.protect, inner._rx_srtp.unprotect
        self.protect_rtcp = inner._tx_srtp.protect_rtcp
        self.socket = socket.socket(fileno=os.dup(number))
        self.server = pair.remote_addr

    def deafen(self) -> None:
        """Let the kernel drop RTP that arrives."""
        code = b"".join(struct.pack("HBBI", *one) for one in NO_RTP)
        kept = ctypes.create_string_buffer(code)
        program = struct.pack("HL", len(NO_RTP), ctypes.addressof(kept))
        self.socket.setsockopt(socket.SOL_SOCKET, ATTACH_FILTER, program)

    def listen(self) -> None:
        """Hear RTP again, each datagram with the kernel's time of arrival."""
        self.socket.setsockopt(socket.SOL_SOCKET, DETACH_FILTER, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        self.socket.setsockopt(socket.SOL_SOCKET, TIMESTAMPNS, 1)

    def answer_check(self, datagram: bytes) -> None:
        """Answer a consent check of the server, as nobody else reads this socket now."""
        try:
            asked = stun.parse_message(datagram)
        except ValueError:
            return
        if asked.message_class is not stun.Class.REQUEST:
            return
        told = stun.Message(
            stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=asked.transaction_id
        )
        told.attributes["XOR-MAPPED-ADDRESS"] = self.server
        told.add_message_integrity(self._inner._connection.local_password.encode())
        told.add_fingerprint()
        self.socket.sendto(bytes(told), self.server)

    async def _add(self, line: str | None) -> None:
        candidate = None if line is None else candidate_from_aioice(Candidate.from_sdp(line))
        if candidate is not None:
            candidate.sdpMid = "0"
        await self._ice.addRemoteCandidate(candidate)


class Caller:
    """One person: publishes sound and picture, watches the others of the room."""

    def __init__(self, room: str, who: str, number: int, certificate: RTCCertificate) -> None:
        self.room, self.who = room, who
        self.ssrcs = {"mic": 2 * number + 1000, "face": 2 * number + 1001}
        self.up = Connection(certificate, up=True)
        self.down = Connection(certificate, up=False)
        self.heard: list[int] = []
        """SSRCs of what the server sends."""

    async def publish(self, send: Bring) -> None:
        """Offer both tracks; `send` brings the offer and returns the answer."""
        ours = await self.up.gather()
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"]
        for mid, (kind, number, codec, track) in enumerate(
            (("audio", OPUS, "opus/48000/2", "mic"), ("video", VP8, "VP8/90000", "face"))
        ):
            lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}", "c=IN IP4 0.0.0.0", *ours]
            lines += ["a=setup:actpass", f"a=mid:{mid}", "a=sendonly", "a=rtcp-mux"]
            lines += [f"a=rtpmap:{number} {codec}", f"a=ssrc:{self.ssrcs[track]} cname:{self.who}"]
        await self.up.connect(await send("\r\n".join([*lines, ""])))

    async def take(self, offer: str, send: Bring) -> None:
        """Answer the server's offer, all of which is received."""
        self.heard = [int(one) for one in re.findall(r"^a=ssrc:(\d+) cname", offer, re.M)]
        ours = await self.down.gather()
        lines: list[str] = []
        for line in offer.splitlines():
            if line.startswith(LEFT_OUT):
                continue
            if line.startswith("a=sendonly"):
                lines += ["a=recvonly", *ours, "a=setup:active"]
            else:
                lines.append(line)
        await send("\r\n".join([*lines, ""]))
        await self.down.connect(offer)
        self.down.deafen()


def _value(text: str, name: str) -> str:
    found = re.search(rf"^a={name}:(.+?)\r?$", text, re.M)
    assert found is not None, name
    return found[1]
