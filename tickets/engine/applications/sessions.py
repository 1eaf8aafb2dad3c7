"""Sessions that are picked up late: what shows a side after the greetings are over."""

from __future__ import annotations

import re

from ..types import Protocol
from .roles import CLIENT, EITHER, SERVER, Message, Role, over, u16, u32

TCP = Protocol.TCP
# RFC 854: negotiation and subnegotiation.
IAC, SB, SE, WILL, WONT, DO, DONT = 255, 250, 240, 251, 252, 253, 254
PRINTABLE = frozenset(b"\t\r\n" + bytes(range(0x20, 0x7F)))
MAX_COMMANDS = 32
MAX_OPTION = 49  # IANA, Telnet Options; more are assigned, and none is common
# Options about the user's terminal, which only the client has (RFC 1073, 1079, 1091, 1096, 1116, 1184, 1408, 1572).
TERMINAL = frozenset({24, 31, 32, 33, 34, 35, 36, 39})
ECHO = 1  # RFC 857: what the user types is echoed by the server


@over(TCP, bytes_at={0: b"\xff", 1: bytes((SB, WILL, WONT, DO, DONT)), 2: bytes(range(MAX_OPTION + 1))})
def telnet(message: Message) -> Role | None:
    """RFC 855: an option is offered by the side that has it, and asked for by the other. One command alone is known
    on telnet's port only; three bytes may begin anything."""
    commands = list(_telnet_commands(message.data))
    if not commands or (len(commands) < 2 and not message.is_on(23, 2323)):
        return None
    for verb, option in commands:
        speaker = _telnet_speaker(verb, option)
        if speaker != EITHER:
            return Role("telnet", "option negotiation", speaker)
    return Role("telnet", "option negotiation", EITHER)


def _telnet_commands(data: bytes) -> list[tuple[int, int]]:
    """Return the options that a payload begins with; none where one of them is not possible."""
    found: list[tuple[int, int]] = []
    at = 0
    while at + 2 < len(data) and data[at] == IAC and len(found) < MAX_COMMANDS:
        verb, option = data[at + 1], data[at + 2]
        if verb not in (WILL, WONT, DO, DONT, SB) or option > MAX_OPTION:
            return []
        found.append((verb, option))
        at += 3
        if verb == SB:
            at = data.find(bytes((IAC, SE)), at) + 2
            if at < 2:
                break
    return found


def _telnet_speaker(verb: int, option: int) -> str:
    """Refusals say nothing: either side may be asked for anything."""
    if option in TERMINAL and verb in (WILL, DO):
        return CLIENT if verb == WILL else SERVER
    if option == ECHO and verb in (WILL, DO):
        return SERVER if verb == WILL else CLIENT
    return EITHER


# RFC 4253, 8 and RFC 5656, 4 (30, 31); RFC 4419, 5 (31 to 34): who sends each message of a key exchange. 31 is
# a server's in both.
KEY_EXCHANGE = {
    20: ("key exchange init", EITHER), 21: ("new keys", EITHER), 30: ("key exchange, client's part", CLIENT),
    31: ("key exchange, server's part", SERVER), 32: ("group exchange, client's part", CLIENT),
    33: ("group exchange, server's part", SERVER), 34: ("group request", CLIENT),
}  # fmt: skip


@over(TCP, 22, 2222, bytes_at={0: b"\x00", 1: b"\x00", 5: bytes(KEY_EXCHANGE)})
def ssh_key_exchange(message: Message) -> Role | None:
    """RFC 4253, 6: before the keys are taken into use packets are in the clear: length, padding, number."""
    data = message.data
    length, padding, number = u32(data, 0), data[4], data[5]
    is_packet = (length + 4) % 8 == 0 and 4 <= padding < length <= message.length - 4
    return Role("ssh", *KEY_EXCHANGE[number]) if is_packet and number in KEY_EXCHANGE else None


@over(TCP, bytes_at={0: b"\x00", 1: b"\x00", 5: b"\x1e\x1f\x20\x21\x22"})
def ssh_keys_anywhere(message: Message) -> Role | None:
    """The same on a port that is not SSH's, where a packet of the exchange fills its segment exactly."""
    is_whole = u32(message.data, 0) + 4 == message.length and message.data[5] in range(30, 35)
    return ssh_key_exchange(message) if is_whole else None


HEADERS, SETTINGS, PUSH_PROMISE = 1, 4, 5
END_HEADERS = 0x04
# RFC 7541, appendix A, as the first byte of a block: indexed fields, and literal ones with an indexed name.
REQUEST_FIELDS = frozenset({*range(0x82, 0x88), *range(0x41, 0x48), *range(0x01, 0x08)})
RESPONSE_FIELDS = frozenset({*range(0x88, 0x8F), 0x48, 0x08})


@over(TCP, bytes_at={0: b"\x00", 1: bytes(range(0x41)), 3: bytes((HEADERS, SETTINGS))})
def http2(message: Message) -> Role | None:
    """RFC 9113, 4.1: length, type, flags, stream. Pseudo-header fields come first (8.3), and those of a request are
    others than that of a response; a client's streams are odd."""
    data = message.data
    length, kind, flags, stream = u32(data, 0) >> 8, data[3], data[4], u32(data, 5)
    if length + 9 > message.length or length > 16384:
        return None
    if kind == SETTINGS and stream == 0 and _is_settings(data, length, flags):
        return Role("http2", "SETTINGS frame", EITHER)
    if kind != HEADERS or not flags & END_HEADERS or flags & ~0x25 or not stream % 2 or stream >> 31:
        return None
    field = data[9 + (5 if flags & 0x20 else 0)]
    if field in REQUEST_FIELDS:
        return Role("http2", "request HEADERS frame", CLIENT)
    return Role("http2", "response HEADERS frame", SERVER) if field in RESPONSE_FIELDS else None


def _is_settings(data: bytes, length: int, flags: int) -> bool:
    """RFC 9113, 6.5: pairs of a number and a value; an acknowledgement has none."""
    if flags == 1:
        return length == 0
    numbers = [u16(data, at) for at in range(9, min(9 + length, len(data) - 5), 6)]
    return flags == 0 and length > 0 and length % 6 == 0 and all(1 <= number <= 9 for number in numbers)


SYSLOG_FRAME = re.compile(rb"(?:[1-9]\d{0,4} )?<(?:\d{1,2}|1\d\d)>(?:1 |[A-Z][a-z]{2} [ \d]\d )")


@over(TCP, 514, 601, 1468, 1514, 6514)
def syslog_over_tcp(message: Message) -> Role | None:
    """RFC 6587, 3.4: each message may begin with its length. Nobody answers."""
    return Role("syslog", "log line", CLIENT) if SYSLOG_FRAME.match(message.data) else None


TEXT = 0x81  # RFC 6455, 5.2: a whole message of text
LEAST_TEXT = 12  # below this a frame may be anything


@over(TCP, first=bytes((TEXT,)))
def websocket(message: Message) -> Role | None:
    """RFC 6455, 5.1: a client masks what it sends, a server does not. The length fits, and what is told is text."""
    data = message.data
    is_masked, length, at = bool(data[1] & 0x80), data[1] & 0x7F, 2
    if length == 126:
        length, at = u16(data, 2), 4
    mask = data[at : at + 4] if is_masked else bytes(4)
    at += 4 * is_masked
    if data[0] != TEXT or length == 127 or length < LEAST_TEXT or at + length != message.length:
        return None
    if not all(byte ^ mask[place & 3] in PRINTABLE for place, byte in enumerate(data[at:])):
        return None
    return Role("websocket", "masked text" if is_masked else "text", CLIENT if is_masked else SERVER)
