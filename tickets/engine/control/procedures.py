"""Remote procedures: a service with a fixed port tells on which port another one listens."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from ipaddress import ip_address

from ..types import Endpoint, Packet, Protocol
from .announcements import Announced, Part, Questions, over

PORTMAPPER = 100000
CALL, REPLY = 0, 1
GETPORT = 3  # version 2 (RFC 1833, 3.2); GETADDR of versions 3 and 4 (2.2.1) has the same number
DUMP = 4  # the whole list; of version 2, for the others describe it in words
LIST = "list"
MAX_MAPPINGS = 128
NUMBERS = {6: Protocol.TCP, 17: Protocol.UDP}
NETIDS = {b"tcp": Protocol.TCP, b"tcp6": Protocol.TCP, b"udp": Protocol.UDP, b"udp6": Protocol.UDP}
PROGRAMS = {
    100000: "portmapper", 100003: "nfs", 100004: "ypserv", 100005: "mount", 100007: "ypbind", 100021: "nlockmgr",
    100024: "status", 100011: "rquota", 100227: "nfs-acl",
}  # fmt: skip


@over(Protocol.UDP, "portmap", 111)
def portmap(packet: Packet, questions: Questions) -> Iterator[Announced]:
    yield from _portmap(packet, packet.payload, questions)


@over(Protocol.TCP, "portmap", 111)
def portmap_over_tcp(packet: Packet, questions: Questions) -> Iterator[Announced]:
    """RFC 5531, 11: a record mark of four bytes comes first."""
    yield from _portmap(packet, packet.payload[4:], questions)


def _portmap(packet: Packet, data: bytes, questions: Questions) -> Iterator[Announced]:
    """RFC 1833: the question names program and transport, the answer the port. They share an id."""
    try:
        xid, kind = struct.unpack_from(">II", data)
        if kind == CALL:
            _note_question(packet, data, xid, questions)
        elif kind == REPLY:
            asked = questions.asked((packet.dst, packet.src, xid))
            if asked is not None:
                yield from _answer(packet, data, *asked)
    except struct.error:
        return


def _note_question(packet: Packet, data: bytes, xid: int, questions: Questions) -> None:
    """RFC 5531, 9: the call's header, then credential and verifier, each with a length of its own."""
    version, program, program_version, procedure = struct.unpack_from(">IIII", data, 8)
    if (version, program) != (2, PORTMAPPER):
        return
    if (program_version, procedure) == (2, DUMP):
        questions.note((packet.src, packet.dst, xid), Protocol.UDP, LIST)
    if procedure != GETPORT:
        return
    at = _past_opaque(data, _past_opaque(data, 24 + 4) + 4)
    wanted, _, third = struct.unpack_from(">III", data, at)
    if program_version == 2:
        protocol = NUMBERS.get(third)
    else:
        protocol = NETIDS.get(data[at + 12 : at + 12 + min(third, 8)])
    if protocol is not None:
        questions.note((packet.src, packet.dst, xid), protocol, PROGRAMS.get(wanted, "rpc"))


def _past_opaque(data: bytes, at: int) -> int:
    """RFC 4506, 4.10: a length, then as many bytes, filled up to words of four."""
    (length,) = struct.unpack_from(">I", data, at)
    if length > 400:  # RFC 5531, 8.2: the most that a credential may have
        raise ValueError(length)
    return int(at + 4 + (length + 3) // 4 * 4)


def _answer(packet: Packet, data: bytes, protocol: Protocol, service: str) -> Iterator[Announced]:
    accepted, _ = struct.unpack_from(">II", data, 8)
    at = _past_opaque(data, 16)
    status, value = struct.unpack_from(">II", data, at)
    if accepted or status or not value:
        return
    if service == LIST:
        yield from _listed(packet, data, at + 4)
        return
    if value <= 45 and len(data) >= at + 8 + value > at + 8 + 4:  # GETADDR: the length of a text
        ip, port = _universal_address(data[at + 8 : at + 8 + value])
    else:
        ip, port = packet.src.ip, value
    if 0 < port <= 65535:
        yield Announced(protocol, Endpoint(ip, port), Part.LISTENS, service)


def _listed(packet: Packet, data: bytes, at: int) -> Iterator[Announced]:
    """RFC 1833, 3.1: program, version, transport and port, each after a word that says that there is one more."""
    for place in range(at, min(len(data) - 19, at + 20 * MAX_MAPPINGS), 20):
        more, program, _, number, port = struct.unpack_from(">5I", data, place)
        if more != 1:
            return
        if number in NUMBERS and 0 < port <= 65535 and program != PORTMAPPER:
            end = Endpoint(packet.src.ip, port)
            yield Announced(NUMBERS[number], end, Part.LISTENS, PROGRAMS.get(program, "rpc"))


def _universal_address(text: bytes) -> tuple[str, int]:
    """RFC 5665, 5.2.3: the address, and the port as two numbers behind it."""
    ip, high, low = text.decode("ascii").rsplit(".", 2)
    return str(ip_address(ip)), int(high) << 8 | int(low)


# C706 (DCE 1.1 RPC), appendix L: a tower's floors for TCP or UDP (port, big endian) and IP (address).
FLOORS = re.compile(rb"\x01\x00([\x07\x08])\x02\x00(..)\x01\x00\x09\x04\x00(....)", re.DOTALL)
RESPONSE = 2
MAX_TOWERS = 64


@over(Protocol.TCP, "epmap", 135, starts=b"\x05")
def endpoint_mapper(packet: Packet, _: Questions) -> Iterator[Announced]:
    """C706, appendix O, `ept_map`: the answer holds a tower for each place where the interface is served."""
    data = packet.payload
    if data[2] != RESPONSE or packet.src.port != 135:
        return
    for number, floors in enumerate(FLOORS.finditer(data, 24)):
        protocol = Protocol.TCP if floors[1] == b"\x07" else Protocol.UDP
        port = int.from_bytes(floors[2], "big")
        ip = packet.src.ip if floors[3] == bytes(4) else ".".join(map(str, floors[3]))
        if port and number < MAX_TOWERS:
            yield Announced(protocol, Endpoint(ip, port), Part.LISTENS, "dcerpc")
