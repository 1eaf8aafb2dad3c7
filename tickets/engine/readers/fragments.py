"""IP fragments: the later ones belong to the conversation whose ports only the first one names.

RFC 791, 3.2 and RFC 8200, 4.5. A fragment that comes before the first one waits for it. A transport header that
is split over fragments is put together again, as far as needed to read it. Fragments that overlap are noted: of
two that say different things the first seen is believed, for hosts differ in what they make of them (RFC 5722).
What is kept is bounded in number and time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..types import Endpoint, Packet, Problem, Protocol
from .layers import Fragment, Frame, IpHeader, Transport
from .source import note_problem

NS = 1_000_000_000
TIMEOUT_NS = 60 * NS  # RFC 8200, 4.5; RFC 1122, 3.3.2 says 60 to 120 seconds
MAX_DATAGRAMS = 1024
MAX_PIECES = 64  # of one datagram: fragments that wait, and stretches that are remembered
HEAD_BYTES = 128
# What of a header names the ports, and TCP's flags and numbers.
NEEDED = {6: 20, 17: 8, 1: 8, 58: 8}
PROTOCOLS = {6: Protocol.TCP, 17: Protocol.UDP, 1: Protocol.ICMP, 58: Protocol.ICMP}

Key = tuple[str, str, int, int, tuple[str, ...]]


@dataclass(slots=True)
class Datagram:
    """What is known of one fragmented packet."""

    begun_ns: int
    ends: tuple[Endpoint, Endpoint] | None = None
    head: bytes = b""
    stretches: list[tuple[int, int]] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fragment, as the packet that it will be, and where it lies in its datagram."""

    packet: Packet
    start: int
    data: bytes


class Fragments:
    """The fragmented packets of one capture."""

    def __init__(self) -> None:
        self._datagrams: dict[Key, Datagram] = {}  # the oldest first

    def take(
        self, frame: Frame, data: bytes, ip: IpHeader, fragment: Fragment, end: int, transport: Transport
    ) -> None:
        """Add to the frame the packets that a fragment makes known."""
        if ip.protocol not in PROTOCOLS:
            if fragment.offset == 0:  # a tunnel: what is inside begins here
                transport(frame, data, ip, end)
            return
        datagram = self._datagram(frame, ip, fragment)
        length = max(0, ip.end - ip.at)
        is_new = self._note_stretch(frame, datagram, fragment.offset, fragment.offset + length)
        if fragment.offset == 0 and is_new and not datagram.ends and length >= NEEDED[ip.protocol]:
            self._begin(frame, datagram, data, ip, end, transport)
            return
        piece = Waiting(_piece(frame, ip, length), fragment.offset, data[ip.at : end] if is_new else b"")
        if datagram.ends is not None:
            frame.packets.append(_with_ends(piece.packet, datagram.ends))
        elif len(datagram.waiting) < MAX_PIECES:
            datagram.waiting.append(piece)
            self._put_together(frame, datagram, ip, transport)
        else:
            frame.fault = "too many fragments wait for the first one"

    def finish(self, problems: list[Problem]) -> None:
        """Tell of the fragments whose first one never came."""
        for datagram in self._datagrams.values():
            _tell_lost(problems, datagram.waiting)
        self._datagrams.clear()

    def _datagram(self, frame: Frame, ip: IpHeader, fragment: Fragment) -> Datagram:
        key = (ip.src, ip.dst, ip.protocol, fragment.ident, frame.layers)
        datagram = self._datagrams.get(key)
        if datagram is not None and abs(frame.time_ns - datagram.begun_ns) <= TIMEOUT_NS:
            return datagram
        if datagram is None and len(self._datagrams) >= MAX_DATAGRAMS:
            key_of_oldest = next(iter(self._datagrams))
            _tell_lost(frame.problems, self._datagrams.pop(key_of_oldest).waiting)
        elif datagram is not None:
            _tell_lost(frame.problems, self._datagrams.pop(key).waiting)
        self._datagrams[key] = Datagram(frame.time_ns)
        return self._datagrams[key]

    def _note_stretch(self, frame: Frame, datagram: Datagram, start: int, stop: int) -> bool:
        """Remember which bytes were seen. False where some of them were seen before: then they count as sent, and
        say nothing. The same fragment twice is a capture's repetition and no overlap."""
        touching = [item for item in datagram.stretches if item[0] < stop and start < item[1]]
        if touching and touching != [(start, stop)]:
            frame.fault = "IP fragments overlap: what was seen first is believed"
        if len(datagram.stretches) < MAX_PIECES and not touching:
            datagram.stretches.append((start, stop))
        return not touching

    def _begin(
        self, frame: Frame, datagram: Datagram, data: bytes, ip: IpHeader, end: int, transport: Transport
    ) -> None:
        """The first fragment names the ports: it is a packet, and those that waited for it follow."""
        known = len(frame.packets)
        transport(frame, data, ip, end)
        first = frame.packets[known]
        datagram.ends = (first.src, first.dst)
        for piece in datagram.waiting:
            frame.packets.append(_with_ends(piece.packet, datagram.ends))
        datagram.waiting = []

    def _put_together(self, frame: Frame, datagram: Datagram, ip: IpHeader, transport: Transport) -> None:
        """Read a header that is split over fragments, once there is enough of it."""
        head = _head_of(datagram.waiting)
        if len(head) < NEEDED[ip.protocol]:
            return
        known = len(frame.packets)
        transport(frame, head, ip._replace(at=0, end=len(head)), len(head))
        whole = frame.packets[known]
        datagram.ends = (whole.src, whole.dst)
        for piece in datagram.waiting:
            if piece.start:
                frame.packets.append(_with_ends(_beyond(piece, len(head)), datagram.ends))
            else:
                frame.packets[known] = _in_place_of(piece.packet, whole)
        datagram.waiting = []


def _head_of(pieces: Sequence[Waiting]) -> bytes:
    """Return the beginning of the datagram, as far as the pieces follow one another."""
    head = b""
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if piece.start == len(head) < HEAD_BYTES:
            head += piece.data
    return head[:HEAD_BYTES]


def _piece(frame: Frame, ip: IpHeader, length: int) -> Packet:
    """Return a fragment as a packet whose ports are still to be known."""
    return Packet(
        location=frame.location,
        time_ns=frame.time_ns,
        protocol=PROTOCOLS[ip.protocol],
        src=Endpoint(ip.src, 0),
        dst=Endpoint(ip.dst, 0),
        wire_bytes=frame.wire_bytes,
        ip_bytes=ip.ip_bytes,
        payload_bytes=length,
        ttl=ip.ttl,
        layers=frame.layers,
        is_later_fragment=True,
    )


def _with_ends(packet: Packet, ends: tuple[Endpoint, Endpoint]) -> Packet:
    return replace(packet, src=ends[0], dst=ends[1])


def _beyond(piece: Waiting, known: int) -> Packet:
    """Return a piece with what the head that was put together does not count already."""
    stop = piece.start + piece.packet.payload_bytes
    return replace(piece.packet, payload_bytes=max(0, stop - max(piece.start, known)))


def _in_place_of(first: Packet, whole: Packet) -> Packet:
    """Return the packet that was put together, where its first fragment stands."""
    return replace(
        whole,
        location=first.location,
        time_ns=first.time_ns,
        wire_bytes=first.wire_bytes,
        ip_bytes=first.ip_bytes,
    )


def _tell_lost(problems: list[Problem], waiting: Sequence[Waiting]) -> None:
    for piece in waiting:
        place = piece.packet.location
        words = "an IP fragment without the first one, which would name the ports"
        note_problem(problems, place.file, f"packet {place.number}", words)
