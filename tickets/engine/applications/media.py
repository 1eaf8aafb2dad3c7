"""Calls, peers and the ways that they find each other."""

from __future__ import annotations

import re

from ..types import Protocol
from .roles import CLIENT, EITHER, SERVER, Message, Role, over, u16, u32

TCP, UDP = Protocol.TCP, Protocol.UDP
SIP_METHODS = (
    b"INVITE|REGISTER|OPTIONS|ACK|BYE|CANCEL|SUBSCRIBE|NOTIFY|MESSAGE|INFO|PRACK|UPDATE|REFER|PUBLISH"
)
SIP_REQUEST = re.compile(rb"\s*(" + SIP_METHODS + rb") [^\r\n]{1,1000} SIP/2\.0")


def _sip_at(place: int) -> bytes:
    """Return what may stand at one of the first places, as blanks may come before the first word."""
    words = [b"SIP/2.0", *SIP_METHODS.split(b"|")]
    return bytes({*b" \t\r\n\f\v", *(letter for word in words for letter in word[: place + 1])})


@over(UDP, bytes_at={place: _sip_at(place) for place in range(4)})
@over(TCP, 5060, 5061)
def sip(message: Message) -> Role | None:
    """RFC 3261, 7. Either phone may ask; the first to do so opened the conversation."""
    if message.data.lstrip().startswith(b"SIP/2.0 "):
        return Role("sip", "status line", SERVER)
    request = SIP_REQUEST.match(message.data)
    return Role("sip", request[1].decode("ascii") + " request", CLIENT) if request else None


@over(UDP, bytes_at={0: bytes(range(0x40)), 4: b"\x21", 5: b"\x12", 6: b"\xa4", 7: b"\x42"})
def stun(message: Message) -> Role | None:
    """RFC 8489, 5: the magic cookie, and the class in two bits of the type. With ICE both peers ask."""
    data = message.data
    if u32(data, 4) != 0x2112A442 or data[0] & 0xC0 or u16(data, 2) + 20 > message.length:
        return None
    kind = u16(data, 0) & 0x0110
    if kind == 0x0010:
        return Role("stun", "indication", EITHER)
    return Role("stun", "response" if kind else "request", SERVER if kind else CLIENT)


@over(UDP, first=b"d")
def bittorrent(message: Message) -> Role | None:
    """BEP 5: peers ask each other between the same two ports, so a response does not tell who began."""
    kinds = {b"1:y1:q": "query", b"1:y1:r": "response", b"1:y1:e": "error"}
    if not message.data.startswith(b"d1:"):
        return None
    kind = next((name for key, name in kinds.items() if key in message.data), "message")
    return Role("bittorrent-dht", kind, EITHER)


@over(TCP, first=b"\x13", bytes_at={1: b"B"})
def bittorrent_peer(message: Message) -> Role | None:
    """BEP 3: both peers send the same handshake."""
    is_handshake = message.data.startswith(b"\x13BitTorrent protocol")
    return Role("bittorrent", "handshake", EITHER) if is_handshake else None
