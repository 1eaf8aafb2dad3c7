"""Files and the history of files: repositories, copies, disks and volumes over the network."""

from __future__ import annotations

import re

from ..types import Protocol
from .roles import CLIENT, EITHER, SERVER, Message, Role, over, u32

TCP, UDP = Protocol.TCP, Protocol.UDP
HEX = b"0123456789abcdef"
GIT_REQUEST = re.compile(rb"[0-9a-f]{4}git-(?:upload-pack|receive-pack|upload-archive) ")
GIT_WANTS = re.compile(rb"[0-9a-f]{4}(?:want|have|shallow) [0-9a-f]{40}")
GIT_OFFERS = re.compile(rb"[0-9a-f]{4}(?:[0-9a-f]{40} (?:HEAD|refs/)|NAK\n|ACK [0-9a-f]{40}|version [12]\n)")


@over(TCP, first=HEX, bytes_at={1: HEX, 2: HEX, 3: HEX})
def git(message: Message) -> Role | None:
    """Git's gitprotocol-pack(5): lines that begin with their length; the client asks, the server offers what it has."""
    if GIT_REQUEST.match(message.data):
        return Role("git", "request", CLIENT)
    if GIT_WANTS.match(message.data):
        return Role("git", "wants", CLIENT)
    return Role("git", "offer", SERVER) if GIT_OFFERS.match(message.data) else None


SVN_GREETS = re.compile(rb"\( success \( \d+ \d+ \( ")
SVN_ANSWERS = re.compile(rb"\( \d+ \( (?:[a-z0-9-]+ )*\) \d+:svn")


@over(TCP, first=b"(", bytes_at={1: b" "})
def svn(message: Message) -> Role | None:
    """Subversion's ra_svn protocol: the server greets with its versions, the client answers with one and an address."""
    if SVN_GREETS.match(message.data):
        return Role("svn", "greeting", SERVER)
    return Role("svn", "answer to greeting", CLIENT) if SVN_ANSWERS.match(message.data) else None


RSYNC_LINE = re.compile(rb"@RSYNCD: (?:\d+\.\d+|OK|EXIT|AUTHREQD)")


@over(TCP, first=b"@", bytes_at={1: b"R"})
def rsync(message: Message) -> Role | None:
    """rsync's clientserver.c: both sides send their version, and only the server says what became of a request."""
    found = RSYNC_LINE.match(message.data)
    if found is None:
        return None
    return (
        Role("rsync", "version line", EITHER) if found[0][-1:].isdigit() else Role("rsync", "status", SERVER)
    )


# RFC 7143, 11: operation codes of initiators, and of targets, which have the bit 20 set.
ISCSI = {
    0x00: "NOP-Out", 0x01: "command", 0x02: "task management", 0x03: "login", 0x04: "text", 0x05: "Data-Out", 0x06: "logout",
    0x20: "NOP-In", 0x21: "response", 0x22: "task response", 0x23: "login response", 0x24: "text response", 0x25: "Data-In",
    0x26: "logout response", 0x31: "R2T", 0x32: "async message", 0x3F: "reject",
}  # fmt: skip
HEADER = 48


@over(TCP, 3260)
def iscsi(message: Message) -> Role | None:
    """The first segment's lengths must fit where it is whole; the bit 40 is set by initiators only."""
    data = message.data
    code, more, size = data[0] & 0x3F, 4 * data[4], u32(data, 4) & 0xFFFFFF
    if data[0] & 0x80 or code not in ISCSI or message.length < HEADER or size > 1 << 18:
        return None
    fits = message.length >= HEADER + more + (size + 3 & ~3) or size > 1024
    is_target = code >= 0x20
    if not fits or (is_target and data[0] & 0x40):
        return None
    return Role("iscsi", ISCSI[code], SERVER if is_target else CLIENT)


RPC_PROGRAMS = range(100000, 101000)


@over(TCP, first=b"\x80", bytes_at={8: b"\x00", 9: b"\x00", 10: b"\x00", 11: b"\x00"})
def rpc_call(message: Message) -> Role | None:
    """RFC 5531, 9 and 11, on any port: one whole record, a call, version 2, and a program of those that are assigned."""
    is_record = u32(message.data, 0) == 0x80000000 | message.length - 4
    return _call(message.data[4:]) if is_record else None


@over(UDP, bytes_at={4: b"\x00", 5: b"\x00", 6: b"\x00", 7: b"\x00", 8: b"\x00", 11: b"\x02"})
def rpc_datagram(message: Message) -> Role | None:
    return _call(message.data)


def _call(data: bytes) -> Role | None:
    is_call = u32(data, 4) == 0 and u32(data, 8) == 2 and u32(data, 12) in RPC_PROGRAMS and u32(data, 16) < 16
    return Role("rpc", "call", CLIENT) if is_call else None


DSI_COMMANDS = {1: "close", 2: "command", 3: "status", 4: "open", 6: "write"}


@over(TCP, 548, first=b"\x00\x01", bytes_at={1: bytes(DSI_COMMANDS)})
def afp(message: Message) -> Role | None:
    """Apple's Data Stream Interface: request or reply, command, number, error or offset, length of what follows."""
    data = message.data
    if data[0] > 1 or data[1] not in DSI_COMMANDS or u32(data, 8) + 16 != message.length or u32(data, 12):
        return None
    return Role("afp", DSI_COMMANDS[data[1]], SERVER if data[0] else CLIENT)


UTP_SYN = 0x41


@over(UDP, first=b"\x41")
def utp(message: Message) -> Role | None:
    """BEP 29: a SYN has type 4 and version 1, number 1, and no difference of times yet. What follows it is too short of
    marks to be known on any port."""
    data = message.data
    is_syn = data[0] == UTP_SYN and data[1] <= 2 and data[8:12] == bytes(4) and data[16:18] == b"\x00\x01"
    is_bare = data[1] != 0 or message.length == 20
    return Role("bittorrent", "uTP SYN", CLIENT) if is_syn and is_bare and any(data[4:8]) else None
