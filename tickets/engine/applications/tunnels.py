"""What carries other conversations: tunnels, and a proxy's word about the connection that it passes on."""

from __future__ import annotations

import re

from ..types import Protocol
from .roles import CLIENT, EITHER, SERVER, Message, Role, over, recognise, u16, u32

TCP, UDP = Protocol.TCP, Protocol.UDP
# WireGuard's paper, 5.4: type, three zero bytes and fixed lengths. The side that is answered by the other began.
WIREGUARD = {1: ("initiation", CLIENT, 148), 2: ("response", SERVER, 92), 3: ("cookie", SERVER, 64)}


@over(UDP, first=b"\x01\x02\x03\x04", bytes_at={1: b"\x00", 2: b"\x00", 3: b"\x00"})
def wireguard(message: Message) -> Role | None:
    data = message.data
    if data[1:4] != bytes(3):
        return None
    if data[0] == 4:
        is_data = message.length >= 32 and message.length % 16 == 0 and u32(data, 12) == 0
        return Role("wireguard", "data", EITHER) if is_data else None
    name, speaker, length = WIREGUARD.get(data[0], ("", EITHER, 0))
    # The index of a random sender is never nothing but zeros, as padding is.
    is_known = bool(name) and length == message.length and any(data[4:8])
    return Role("wireguard", name, speaker) if is_known else None


@over(UDP, first=b"\x38\x40", bytes_at={9: b"\x00\x01"})
def openvpn_reset(message: Message) -> Role | None:
    """OpenVPN's ssl_pkt.h, on any port: a hard reset without tls-auth has a session, and a packet's number, which is 0.
    The server's acknowledges the client's."""
    data = message.data
    if data[0] == 0x38 and message.length == 14 and data[9:14] == bytes(5) and any(data[1:9]):
        return Role("openvpn", "client reset", CLIENT)
    is_answer = (
        data[0] == 0x40 and message.length == 26 and data[9:14] == b"\x01\0\0\0\0" and data[22:26] == bytes(4)
    )
    return Role("openvpn", "server reset", SERVER) if is_answer else None


# RFC 2637, 2: control messages of a client, and their answers. Either end may test the line.
PPTP = {
    1: ("start request", CLIENT), 2: ("start reply", SERVER), 5: ("echo request", EITHER), 6: ("echo reply", EITHER),
    7: ("call request", CLIENT), 8: ("call reply", SERVER),
}  # fmt: skip


@over(TCP, bytes_at={2: b"\x00", 3: b"\x01", 4: b"\x1a", 5: b"\x2b"})
def pptp(message: Message) -> Role | None:
    data = message.data
    is_pptp = data[2:8] == b"\x00\x01\x1a\x2b\x3c\x4d" and u16(data, 0) <= message.length
    return Role("pptp", *PPTP[u16(data, 8)]) if is_pptp and u16(data, 8) in PPTP else None


PROXY_LINE = re.compile(rb"PROXY (?:TCP4 [\d.]{7,15} [\d.]{7,15} \d{1,5} \d{1,5}|TCP6 [\da-fA-F:.]+ [\da-fA-F:.]+ \d{1,5} \d{1,5}|UNKNOWN[^\r\n]*)\r\n")  # fmt: skip
PROXY_SIGN = b"\r\n\r\n\x00\r\nQUIT\n"


@over(TCP, first=b"P\r", bytes_at={1: b"R\n"})
def proxy_protocol(message: Message) -> Role | None:
    """HAProxy's proxy-protocol.txt, 2.1 and 2.2: the side that connects says for whom, before anything else. What
    follows in the same segment names the service."""
    data = message.data
    line = PROXY_LINE.match(data)
    is_binary = data.startswith(PROXY_SIGN) and data[12] >> 4 == 2 and data[12] & 15 <= 1
    if line is None and not is_binary:
        return None
    size = line.end() if line else 16 + u16(data, 14)
    rest = message._replace(data=data[size:], length=max(message.length - size, 0))
    return recognise(TCP, rest) or Role("", "PROXY header", CLIENT)


@over(TCP, 49, bytes_at={0: b"\xc0\xc1", 1: b"\x01\x02\x03"})
def tacacs(message: Message) -> Role | None:
    """RFC 8907, 4.1: the client's sequence numbers are odd, the server's even."""
    data = message.data
    if data[0] not in (0xC0, 0xC1) or data[1] not in (1, 2, 3) or not data[2]:
        return None
    if u32(data, 8) + 12 != message.length:
        return None
    return Role("tacacs", "packet", CLIENT if data[2] % 2 else SERVER)
