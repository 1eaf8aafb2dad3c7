"""Control conversations that announce another one: FTP tells where its data will go.

RFC 959, 4.1.2 and RFC 2428: after PASV or EPSV the client connects to the port that the server
names in its reply; after PORT or EPRT the server connects to the port that the client names.
Either way the announced endpoint is the one that is connected *to*.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .types import Endpoint, Location, Packet

NUMBERS = rb"(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})"
PASSIVE = re.compile(rb"227 [^\r\n]{0,80}?" + NUMBERS)
EXTENDED_PASSIVE = re.compile(rb"229 [^\r\n]{0,80}?\(\|\|\|(\d{1,5})\|\)")
ACTIVE = re.compile(rb"PORT " + NUMBERS, re.IGNORECASE)
EXTENDED_ACTIVE = re.compile(rb"EPRT \|[12]\|([0-9A-Fa-f.:]{2,45})\|(\d{1,5})\|", re.IGNORECASE)


class Announcement(NamedTuple):
    """An endpoint that a control conversation said would be connected to, and by whom and where it was said."""

    announced: Endpoint
    by: str
    location: Location
    protocol: str = "ftp"


def read_announcement(packet: Packet) -> Announcement | None:
    """Return what an FTP reply or command announces. The extended forms leave the address to the conversation."""
    if packet.payload[:1] not in (b"2", b"P", b"E", b"p", b"e"):
        return None
    if found := PASSIVE.match(packet.payload) or ACTIVE.match(packet.payload):
        numbers = [int(part) for part in found.groups()]
        if max(numbers) > 255:
            return None
        ip, port = ".".join(map(str, numbers[:4])), numbers[4] << 8 | numbers[5]
    elif found := EXTENDED_PASSIVE.match(packet.payload):
        ip, port = packet.src.ip, int(found[1])
    elif found := EXTENDED_ACTIVE.match(packet.payload):
        ip, port = found[1].decode("ascii").lower(), int(found[2])
    else:
        return None
    if port > 65535:
        return None
    return Announcement(Endpoint(ip, port), packet.src.ip, packet.location)
