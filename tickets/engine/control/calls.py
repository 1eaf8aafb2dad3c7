"""Calls: SIP carries a description of the media, which names where each side wants to hear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from ..types import Endpoint, Packet, Protocol
from .announcements import Announced, Part, Questions, over

CONNECTION = re.compile(rb"c=IN IP[46] ([0-9A-Fa-f.:]{2,45})")
MEDIA = re.compile(rb"m=\w{1,20} (\d{1,5})(?:/\d+)? (?:RTP|UDP/TLS/RTP)/S?AVPF? ")
CONTROL_PORT = re.compile(rb"a=rtcp:(\d{1,5})(?: IN IP[46] ([0-9A-Fa-f.:]{2,45}))?")
BODY = b"\r\n\r\nv=0"
MAX_MEDIA = 16


@over(Protocol.UDP, "sip", starts=b"ISUAP", holds=BODY)
@over(Protocol.TCP, "sip", 5060, starts=b"ISUAP")
def session_description(packet: Packet, _: Questions) -> Iterator[Announced]:
    """RFC 3264 in SIP (RFC 3261): offer and answer each name the address and port of their sender. Media flow
    between the two, and either may be heard first, so this tells what belongs together and not who opened it."""
    at = packet.payload.find(BODY)
    if at < 0 or (
        b" SIP/2.0\r\n" not in packet.payload[:1024] and not packet.payload.startswith(b"SIP/2.0 ")
    ):
        return
    session, *sections = packet.payload[at:].split(b"\nm=")
    found = CONNECTION.search(session)
    default = found[1] if found else b""
    for section in sections[:MAX_MEDIA]:
        yield from _media(b"m=" + section, default)


def _media(section: bytes, default: bytes) -> Iterator[Announced]:
    """RFC 4566, 5.14 and RFC 3605: RTCP has the port above RTP's, or the one that `a=rtcp` names. Port 0 declines."""
    media, connection = MEDIA.match(section), CONNECTION.search(section)
    address = connection[1] if connection else default
    if media is None or not address or not 0 < int(media[1]) < 65535:
        return
    port = int(media[1])
    yield _end(address, port, "rtp")
    control = CONTROL_PORT.search(section)
    if control is None:
        yield _end(address, port + 1, "rtcp")
    elif int(control[1]) <= 65535:
        yield _end(control[2] or address, int(control[1]), "rtcp")


def _end(address: bytes, port: int, service: str) -> Announced:
    ip = str(ip_address(address.decode("ascii")))
    return Announced(Protocol.UDP, Endpoint(ip, port), Part.TAKES_PART, service)
