"""The only file that touches what aiortc, aioice and pylibsrtp do not publish.

Everything above uses public names. `check` is the contract: it says in words what is missing
on another version, and a test runs it. Five things are needed that no public name gives:
datagrams before they are parsed as STUN, ports of our own choice, the DTLS role, the keyed
SRTP sessions, and the path that ICE chose.
"""

import asyncio
import importlib.metadata
import inspect
import os
import socket
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

import pylibsrtp
from aioice import Candidate
from aioice import ice as aioice_ice
from aioice.candidate import candidate_foundation, candidate_priority
from aiortc import RTCDtlsTransport, RTCIceGatherer
from pylibsrtp import _binding as srtp_binding

MADE_FOR: Final = {"aiortc": "1.16", "aioice": "0.13", "pylibsrtp": "1."}
"""Versions the hooks were written against; the contract test says what else must hold."""

TRAILER: Final = 32
"""Bytes that protection may add to a packet, with room to spare."""
MAX_PACKET: Final = 1500
DTLS_WAITING: Final = 64
CHECKS_WAITING: Final = 64
REMOTES: Final = 32

_lib = srtp_binding.lib
_ffi = srtp_binding.ffi
Take = Callable[[bytes], None]


class HooksUnfit(RuntimeError):
    """Another version of a library, in which a name we rely on is gone or means something else."""


def check() -> list[str]:
    """What is missing in the libraries at hand, in words; empty when all is well."""
    found = [
        f"{name} is {importlib.metadata.version(name)}, the hooks were made for {wanted}"
        for name, wanted in MADE_FOR.items()
        if not importlib.metadata.version(name).startswith(wanted)
    ]
    connection = aioice_ice.Connection(ice_controlling=True)
    gatherer = RTCIceGatherer(iceServers=[])
    wanted = {
        "aioice.ice.StunProtocol.datagram_received": callable(
            getattr(aioice_ice.StunProtocol, "datagram_received", None)
        ),
        "aioice.ice.Connection attributes": all(
            hasattr(connection, name)
            for name in (
                *("_protocols", "_local_candidates", "_local_candidates_end", "_nominated"),
                *("_early_checks", "_remote_candidates", "_queue"),
            )
        ),
        "aiortc.RTCIceGatherer._connection": isinstance(
            getattr(gatherer, "_connection", None), aioice_ice.Connection
        ),
        "aiortc.RTCDtlsTransport._set_role": callable(getattr(RTCDtlsTransport, "_set_role", None)),
        "aiortc.RTCDtlsTransport sessions": "_tx_srtp" in inspect.getsource(RTCDtlsTransport)
        and "_rx_srtp" in inspect.getsource(RTCDtlsTransport),
        "pylibsrtp.Session._srtp": hasattr(pylibsrtp.Session(), "_srtp"),
        "libsrtp in-place functions": all(
            hasattr(_lib, name)
            for name in (
                *("srtp_protect", "srtp_unprotect"),
                *("srtp_protect_rtcp", "srtp_unprotect_rtcp"),
            )
        ),
    }
    return found + [name for name, holds in wanted.items() if not holds]


def install() -> None:
    """Let SRTP datagrams go past the STUN parser. Twice is once.

    Raises:
        HooksUnfit: `check` found something.
    """
    if unfit := check():
        raise HooksUnfit("; ".join(unfit))
    cast(Any, aioice_ice.StunProtocol).datagram_received = _datagram_received


_stun_received = aioice_ice.StunProtocol.datagram_received


def _datagram_received(self: Any, data: bytes, addr: tuple[Any, ...]) -> None:
    """First byte 128…191 is SRTP (RFC 7983), 20…63 DTLS, 0…3 STUN; all else is dropped here.

    What waits for somebody to read it is bounded: whoever sends garbage fills nothing.
    """
    first = data[0] if data else 255
    receiver = self.receiver
    if 127 < first < 192:
        take = getattr(receiver, "expert_draw_take", None)
        if take is not None:
            take(data)
    elif first < 4:
        if len(receiver._early_checks) < CHECKS_WAITING and (
            len(receiver._remote_candidates) < REMOTES or _is_known(receiver, addr)
        ):
            _stun_received(self, data, addr)
    elif 19 < first < 64 and receiver._queue.qsize() < DTLS_WAITING:
        receiver.data_received(data, self.local_candidate.component)


def _is_known(connection: Any, addr: tuple[Any, ...]) -> bool:
    return any(one.host == addr[0] and one.port == addr[1] for one in connection._remote_candidates)


def listen(gatherer: RTCIceGatherer, take: Take | None) -> None:
    """Give every SRTP or SRTCP datagram of this connection to `take`, still encrypted."""
    cast(Any, gatherer)._connection.expert_draw_take = take


async def bind(gatherer: RTCIceGatherer, addresses: Iterable[str], ports: Iterable[int]) -> None:
    """Gather host candidates on these addresses, each on the first free of these ports (0: any).

    Raises:
        OSError: on no address could a port be had.
    """
    connection: Any = cast(Any, gatherer)._connection
    loop = asyncio.get_running_loop()
    for address in addresses:
        protocol = await _bound(loop, connection, address, ports)
        if protocol is None:
            continue
        host, port = protocol.transport.get_extra_info("sockname")[:2]
        protocol.local_candidate = Candidate(
            foundation=candidate_foundation("host", "udp", host),
            component=1,
            transport="udp",
            priority=candidate_priority(1, "host"),
            host=host,
            port=port,
            type="host",
        )
        connection._protocols.append(protocol)
        connection._local_candidates.append(protocol.local_candidate)
    if not connection._protocols:
        raise OSError("no media port is free")
    connection._local_candidates_end = True


async def _bound(
    loop: asyncio.AbstractEventLoop, connection: Any, address: str, ports: Iterable[int]
) -> Any:
    for port in ports:
        try:
            _, protocol = await loop.create_datagram_endpoint(
                lambda: aioice_ice.StunProtocol(connection), local_addr=(address, port)
            )
        except OSError:
            continue
        return protocol
    return None


def set_role(gatherer: RTCIceGatherer, dtls: RTCDtlsTransport, *, controlling: bool) -> None:
    """ICE role as said; DTLS server in either case, so that AES-256-GCM is chosen."""
    cast(Any, gatherer)._connection.ice_controlling = controlling
    cast(Any, dtls)._set_role("server")


class Path:
    """The socket and address that ICE chose; it may change while people move.

    A descriptor of our own to the same socket: one system call a packet, no queue. A full
    send buffer loses the packet, as a network would.
    """

    def __init__(self, gatherer: RTCIceGatherer) -> None:
        self._nominated: dict[int, Any] = cast(Any, gatherer)._connection._nominated
        self._pair: Any = None
        self._socket: socket.socket | None = None
        self._addr: tuple[str, int] = ("", 0)

    def send(self, data: memoryview | bytes) -> None:
        """Send one datagram, or lose it."""
        pair = self._nominated.get(1)
        if pair is not self._pair:
            self._turn_to(pair)
        if self._socket is not None:
            try:
                self._socket.sendto(data, self._addr)
            except OSError:
                return

    def _turn_to(self, pair: Any) -> None:
        self.close()
        self._pair = pair
        if pair is not None:
            number = pair.protocol.transport.get_extra_info("socket").fileno()
            self._socket = socket.socket(fileno=os.dup(number))
            self._addr = pair.remote_addr

    def close(self) -> None:
        """Give the descriptor back."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._pair = None, None


class Cipher:
    """The keyed SRTP sessions of a connected DTLS transport, working in one buffer.

    `out` is the buffer to write a packet into before `protect`; at most MAX_PACKET bytes.
    """

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        inner: Any = cast(Any, dtls)
        self._sessions = (inner._rx_srtp, inner._tx_srtp)  # kept alive: the C side points there
        self._rx, self._tx = inner._rx_srtp._srtp[0], inner._tx_srtp._srtp[0]
        self._length = _ffi.new("int *")
        self._in = _ffi.new("char[]", MAX_PACKET + TRAILER)
        self._in_view = memoryview(_ffi.buffer(self._in))
        self._out = _ffi.new("char[]", MAX_PACKET + TRAILER)
        self.out = memoryview(_ffi.buffer(self._out)).cast("B")

    def open(self, data: bytes) -> bytes | None:
        """An RTP packet in the clear; None when it is forged, replayed or too long."""
        return self._open(data, _lib.srtp_unprotect)

    def open_rtcp(self, data: bytes) -> bytes | None:
        """An RTCP packet in the clear; None likewise."""
        return self._open(data, _lib.srtp_unprotect_rtcp)

    def protect(self, size: int) -> memoryview | None:
        """The first `size` bytes of `out` as an SRTP packet, in place."""
        self._length[0] = size
        if _lib.srtp_protect(self._tx, self._out, self._length):
            return None
        return self.out[: self._length[0]]

    def protect_rtcp(self, packet: bytes) -> memoryview | None:
        """An RTCP packet, protected."""
        size = len(packet)
        if size > MAX_PACKET - TRAILER:
            return None
        self.out[:size] = packet
        self._length[0] = size
        if _lib.srtp_protect_rtcp(self._tx, self._out, self._length):
            return None
        return self.out[: self._length[0]]

    def _open(self, data: bytes, how: Any) -> bytes | None:
        size = len(data)
        if size > MAX_PACKET:
            return None
        self._in_view[:size] = data
        self._length[0] = size
        if how(self._rx, self._in, self._length):
            return None
        return bytes(self._in_view[: self._length[0]])
