"""The desks of systems: remote shells, screens, printers, boards that manage a machine, and the servers behind them."""

from __future__ import annotations

import re

from ..types import Protocol
from .roles import CLIENT, EITHER, SERVER, Message, Role, over, u16, u32

TCP, UDP = Protocol.TCP, Protocol.UDP
RLOGIN = re.compile(rb"\x00[\w.$-]{1,32}\x00[\w.$-]{1,32}\x00[\w.-]+/\d+\x00")
RSH = re.compile(rb"\d{1,5}\x00(?:[\w.$-]{1,32}\x00[\w.$-]{1,32}\x00[^\x00]+\x00)?$", re.DOTALL)
LPD = re.compile(rb"[\x01-\x05][\w.-]{1,64}(?: [^\n]*)?\n$")


@over(TCP, 513, first=b"\x00")
def rlogin(message: Message) -> Role | None:
    """RFC 1282, 2: the client's user, the server's user, and the terminal with its speed."""
    return Role("login", "connection string", CLIENT) if RLOGIN.match(message.data) else None


@over(TCP, 514, first=b"0123456789")
def rsh(message: Message) -> Role | None:
    """rshd(8): a port for errors, two users and a command, each with a zero behind it."""
    return Role("shell", "request", CLIENT) if RSH.match(message.data) else None


@over(TCP, 515, first=b"\x01\x02\x03\x04\x05")
def lpd(message: Message) -> Role | None:
    """RFC 1179, 5: the command's number, the queue and what belongs to it."""
    return Role("printer", "command", CLIENT) if LPD.match(message.data) else None


X11_PORTS = tuple(range(6000, 6011))


@over(TCP, *X11_PORTS)
def x11(message: Message) -> Role | None:
    """X Window System Protocol, 8: the client names its byte order and version 11, the server answers with it."""
    data = message.data
    if data[0] in b"Bl" and data[1] == 0:
        version = b"\x00\x0b" if data[0] == 0x42 else b"\x0b\x00"
        is_setup = data[2:6] == version + bytes(2)
        return Role("x11", "connection setup", CLIENT) if is_setup else None
    is_answer = data[0] in (0, 1, 2) and data[2:6] in (b"\x00\x0b\x00\x00", b"\x0b\x00\x00\x00")
    return Role("x11", "answer to setup", SERVER) if is_answer else None


# IPMI 2.0, table 13-16: what opens a session. ASF 2.0, 3.2.4: presence ping and pong.
RMCP_PAYLOADS = {
    0x10: ("open request", CLIENT), 0x11: ("open response", SERVER), 0x12: ("RAKP 1", CLIENT), 0x13: ("RAKP 2", SERVER),
    0x14: ("RAKP 3", CLIENT), 0x15: ("RAKP 4", SERVER),
}  # fmt: skip
ASF_TYPES = {0x80: ("presence ping", CLIENT), 0x40: ("presence pong", SERVER)}


@over(UDP, 623, 664, bytes_at={0: b"\x06", 1: b"\x00", 3: b"\x06\x07"})
def ipmi(message: Message) -> Role | None:
    """IPMI 2.0, 13.1.3 and 5.1: a message's network function is even in a request, odd in its response."""
    data = message.data
    if data[:2] != b"\x06\x00":
        return None
    if data[3] == 6:
        kind = ASF_TYPES.get(data[8]) if data[4:8] == b"\x00\x00\x11\xbe" else None
        return Role("ipmi", *kind) if kind else None
    if data[3] != 7:
        return None
    if data[4] == 6:
        kind = RMCP_PAYLOADS.get(data[5] & 0x3F)
        return Role("ipmi", *kind) if kind else Role("ipmi", "message", EITHER)
    at = 14 if data[4] == 0 else 30
    if data[4] not in (0, 1, 2, 4) or data[at - 1] + at != message.length:
        return None
    is_response = bool(data[at + 1] >> 2 & 1)
    return Role("ipmi", "response" if is_response else "request", SERVER if is_response else CLIENT)


@over(TCP, 8009)
def ajp(message: Message) -> Role | None:
    """The Apache JServ protocol 1.3: packets to the container begin with 1234, those from it with AB."""
    data = message.data
    if u16(data, 2) + 4 != message.length:
        return None
    if data[:2] == b"\x12\x34":
        return Role("ajp", "request", CLIENT)
    return Role("ajp", "answer", SERVER) if data[:2] == b"AB" and data[4] in (3, 4, 5, 6, 9) else None


@over(TCP, first=b"J", bytes_at={1: b"R", 2: b"M", 3: b"I"})
def rmi(message: Message) -> Role | None:
    """Java Remote Method Invocation, 10.2: the client names the protocol, its version and the way to speak it."""
    is_header = message.data[:4] == b"JRMI" and u16(message.data, 4) <= 2 and message.data[6] in b"KLM"
    return Role("rmi", "header", CLIENT) if is_header else None


@over(TCP, 179, first=b"\xff")
def bgp(message: Message) -> Role | None:
    """RFC 4271, 4.1: a marker of ones, length and type. Neighbours speak alike."""
    data = message.data
    is_header = data[:16] == b"\xff" * 16 and 19 <= u16(data, 16) <= 4096 and 1 <= data[18] <= 5
    return Role("bgp", "message", EITHER) if is_header else None


# RFC 6733, 3 and 5: the flag R marks a request. Who connects asks for the capabilities; later either may ask.
CAPABILITIES = 257


@over(TCP, 3868, first=b"\x01")
def diameter(message: Message) -> Role | None:
    data = message.data
    length, command = u32(data, 0) & 0xFFFFFF, u32(data, 4) & 0xFFFFFF
    if data[0] != 1 or length % 4 or not 20 <= length <= message.length or data[4] & 0x0F:
        return None
    if command != CAPABILITIES:
        return Role("diameter", "message", EITHER)
    is_request = bool(data[4] & 0x80)
    return Role("diameter", "capabilities", CLIENT if is_request else SERVER)
