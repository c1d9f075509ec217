"""The only file that touches what aiortc, aioice and pylibsrtp do not publish.

Everything above uses public names. `check` is the contract: it says in words what is missing
on another version, and a test runs it. Five things are needed that no public name gives:
datagrams before they are parsed as STUN, ports of our own choice, the DTLS role, the keyed
SRTP sessions, and the path that ICE chose.
"""

import asyncio
import importlib.metadata
import inspect
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
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
SOCKET_BUFFER: Final = 2**20
"""Bytes; a keyframe of everybody at once must find room."""
DTLS_WAITING: Final = 64
CHECKS_WAITING: Final = 64
REMOTES: Final = 32

_lib = srtp_binding.lib
_ffi = srtp_binding.ffi

# One buffer in and one out for all connections of the process: they belong to one loop, nothing
# waits while one is in use, and what is small stays in the processor's cache.
_in = _ffi.new("char[]", MAX_PACKET + TRAILER)
_out = _ffi.new("char[]", MAX_PACKET + TRAILER)
INCOMING: Final = memoryview(_ffi.buffer(_in)).cast("B")
"""The datagram being taken; from `Cipher.open` on, in the clear."""
OUTGOING: Final = memoryview(_ffi.buffer(_out)).cast("B")
"""Where a packet is written before `Cipher.protect`."""
_READY: Final = [OUTGOING[:size] for size in range(len(OUTGOING) + 1)]

Take = Callable[[int], None]
"""Takes the first so many bytes of `INCOMING`."""


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
        size = len(data)
        if take is not None and size <= MAX_PACKET:
            INCOMING[:size] = data
            take(size)
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
        inner = protocol.transport.get_extra_info("socket")
        for which in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            inner.setsockopt(socket.SOL_SOCKET, which, SOCKET_BUFFER)
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


def set_roles(
    gatherer: RTCIceGatherer, dtls: RTCDtlsTransport, *, controlling: bool, dtls_server: bool
) -> None:
    """ICE and DTLS roles as said; by itself the library would tie one to the other."""
    cast(Any, gatherer)._connection.ice_controlling = controlling
    cast(Any, dtls)._set_role("server" if dtls_server else "client")


class Path:
    """The way to the browser that ICE chose; it may change while people move.

    It is a socket of our own on the port ICE bound, connected to the browser's address: the
    kernel looks up no route per packet, and nobody formats an address. What comes from elsewhere
    comes to ICE's own socket, as before. A full send buffer loses the packet, as a network would.
    """

    def __init__(self, gatherer: RTCIceGatherer) -> None:
        self._connection: Any = cast(Any, gatherer)._connection
        self.nominated: dict[int, Any] = self._connection._nominated
        self.pair: Any = None
        self.write: Callable[[memoryview], object] = len
        self._socket: socket.socket | None = None

    def turn(self) -> None:
        """Go the way that is nominated now."""
        self.close()
        pair = self.pair = self.nominated.get(1)
        if pair is None:
            return
        bound = pair.protocol.transport.get_extra_info("socket")
        self._socket = _twin(bound, pair.remote_addr)
        self.write = self._socket.send
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def send(self, size: int) -> None:
        """Send the first `size` bytes of `OUTGOING`, or lose them."""
        if self.nominated.get(1) is not self.pair:
            self.turn()
        with suppress(OSError):
            self.write(_READY[size])

    def close(self) -> None:
        """Give the socket back."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
        self._socket, self.pair, self.write = None, None, len

    def _read(self) -> None:
        assert self._socket is not None  # noqa: S101 # no reader without it
        try:
            size = self._socket.recv_into(INCOMING)
        except OSError:
            return
        if 127 < INCOMING[0] < 192:
            take = getattr(self._connection, "expert_draw_take", None)
            if take is not None:
                take(size)
        else:
            data = bytes(INCOMING[:size])
            self.pair.protocol.datagram_received(data, self.pair.remote_addr)


def _twin(bound: socket.socket, remote: tuple[str, int]) -> socket.socket:
    """A socket on the port of another, which hears and speaks to one address only.

    Both allow it just while it is made, so that nobody else comes to share the port.
    """
    twin = socket.socket(bound.family, socket.SOCK_DGRAM)
    twin.setblocking(False)
    for one in (bound, twin):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        twin.bind(bound.getsockname())
        twin.connect(remote)
    finally:
        for one in (bound, twin):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    return twin


class Cipher:
    """The keyed SRTP sessions of a connected DTLS transport, working in the buffers above."""

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        inner: Any = cast(Any, dtls)
        self._sessions = (inner._rx_srtp, inner._tx_srtp)  # kept alive: the C side points there
        self._rx, self._tx = inner._rx_srtp._srtp[0], inner._tx_srtp._srtp[0]
        self._length = _ffi.new("int *")

    def open(self, size: int) -> bytes | None:
        """An RTP packet in the clear; None when it is forged, replayed or too long."""
        self._length[0] = size
        if _lib.srtp_unprotect(self._rx, _in, self._length):
            return None
        return bytes(INCOMING[: self._length[0]])

    def open_rtcp(self, size: int) -> bytes | None:
        """An RTCP packet in the clear; None likewise."""
        self._length[0] = size
        if _lib.srtp_unprotect_rtcp(self._rx, _in, self._length):
            return None
        return bytes(INCOMING[: self._length[0]])

    def sender(self, path: Path) -> Callable[[int], None]:
        """Protects and sends the first so many bytes of `OUTGOING`, an RTP packet.

        All that happens once per packet and viewer is in this one function.
        """
        protect, tx, length, nominated = _lib.srtp_protect, self._tx, self._length, path.nominated

        def send(size: int) -> None:
            length[0] = size
            if protect(tx, _out, length):
                return
            if nominated.get(1) is not path.pair:
                path.turn()
            try:
                path.write(_READY[length[0]])
            except OSError:
                return

        return send

    def protect_rtcp(self, packet: bytes) -> int:
        """Put an RTCP packet into `OUTGOING`, protected; its size, 0 when it is too long."""
        size = len(packet)
        if size > MAX_PACKET - TRAILER:
            return 0
        OUTGOING[:size] = packet
        self._length[0] = size
        if _lib.srtp_protect_rtcp(self._tx, _out, self._length):
            return 0
        return int(self._length[0])
