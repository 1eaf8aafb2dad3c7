"""File transfers: FTP tells where its data will go, and a TFTP server answers from a port of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from ..types import Endpoint, Packet, Protocol
from .announcements import Announced, Part, Questions, over

NUMBERS = rb"(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})"
PASSIVE = re.compile(rb"227 [^\r\n]{0,80}?" + NUMBERS)
EXTENDED_PASSIVE = re.compile(rb"229 [^\r\n]{0,80}?\((\W)\1\1(\d{1,5})\1\)")
ACTIVE = re.compile(rb"PORT " + NUMBERS, re.IGNORECASE)
EXTENDED_ACTIVE = re.compile(rb"EPRT (\W)[12]\1([0-9A-Fa-f.:]{2,45})\1(\d{1,5})\1", re.IGNORECASE)


@over(Protocol.TCP, "ftp", starts=b"2PpEe", words=(b"227 ", b"229 ", b"PORT", b"EPRT"))
def ftp(packet: Packet, _: Questions) -> Iterator[Announced]:
    """RFC 959, 4.1.2 and RFC 2428: after PASV or EPSV the client connects to the port that the server names in
    its reply; after PORT or EPRT the server connects to the port that the client names. The extended passive
    reply leaves the address to the conversation."""
    payload = packet.payload
    if found := PASSIVE.match(payload) or ACTIVE.match(payload):
        ip, port = _numbered(found.groups())
        yield _listener(ip, port)
        if ip != packet.src.ip:  # behind a translation a host knows only its inner address
            yield _listener(packet.src.ip, port)
    elif found := EXTENDED_PASSIVE.match(payload):
        yield _listener(packet.src.ip, int(found[2]))
    elif found := EXTENDED_ACTIVE.match(payload):
        yield _listener(str(ip_address(found[2].decode("ascii"))), int(found[3]))


def _numbered(parts: tuple[bytes, ...]) -> tuple[str, int]:
    numbers = bytes(int(part) for part in parts)  # ValueError past 255
    return ".".join(map(str, numbers[:4])), numbers[4] << 8 | numbers[5]


def _listener(ip: str, port: int) -> Announced:
    if port > 65535:
        raise ValueError(port)
    return Announced(Protocol.TCP, Endpoint(ip, port), Part.LISTENS, "ftp-data")


@over(Protocol.UDP, "tftp", 69, starts=b"\x00")
def tftp(packet: Packet, _: Questions) -> Iterator[Announced]:
    """RFC 1350, 4: the request goes to port 69, and the server answers it from a port that it chooses. The client
    keeps its own, so the conversation that the server's first packet seems to begin is the client's."""
    if packet.dst.port == 69 and packet.payload[1] in (1, 2) and packet.payload.count(0) >= 2:
        yield Announced(Protocol.UDP, packet.src, Part.OPENS, "tftp")
