"""What keeps a network going: names, addresses, time, management, keys."""

from __future__ import annotations

from ..types import Protocol
from .roles import CLIENT, EITHER, SERVER, Message, Role, ber_header, over, u16, u32

TCP, UDP = Protocol.TCP, Protocol.UDP
NAME_SERVICES = {53: "dns", 5353: "mdns", 5355: "llmnr", 137: "nbns"}


@over(UDP, *NAME_SERVICES)
def dns(message: Message) -> Role | None:
    """RFC 1035, 4.1.1: the bit QR is 0 in a query and 1 in a response. RFC 6762, 4795 and 1002 share the header."""
    return _name_message(message, message.data, message.length)


@over(TCP, 53, 5355)
def dns_over_tcp(message: Message) -> Role | None:
    """RFC 1035, 4.2.2: two bytes of length come first; a segment may end anywhere."""
    if u16(message.data, 0) < 12:
        return None
    return _name_message(message, message.data[2:], message.length - 2)


def _name_message(message: Message, data: bytes, length: int) -> Role | None:
    flags, questions, answers = u16(data, 2), u16(data, 4), u16(data, 6)
    highest_opcode = 15 if message.is_on(137) else 6  # NetBIOS registers and refreshes with higher ones
    if length < 12 or questions > 64 or answers > 4096 or flags >> 11 & 15 > highest_opcode:
        return None
    service = next(NAME_SERVICES[port] for port in (53, 5353, 5355, 137) if message.is_on(port))
    is_response = bool(flags & 0x8000)
    return Role(service, "response" if is_response else "query", SERVER if is_response else CLIENT)


LABEL = frozenset(b"-_" + bytes(range(0x30, 0x3A)) + bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B)))
CLASSES = (1, 255)
DNS_NAME_BYTES = 255


@over(UDP, bytes_at={4: b"\x00", 5: b"\x01"})
def dns_anywhere(message: Message) -> Role | None:
    """RFC 1035, 4.1: on a port that is not its own a message is known by its one question: a name of plain labels, a
    type and a class, and nothing behind them in a query but what its counts say."""
    data = message.data
    flags, answers, others = u16(data, 2), u16(data, 6), u16(data, 8) + u16(data, 10)
    if (
        u16(data, 4) != 1 or flags & 0x7840 or answers > 64 or others > 64
    ):  # a standard query, and a bit that is zero
        return None
    at = 12
    while size := data[at]:
        if size > 63 or at > DNS_NAME_BYTES or not LABEL.issuperset(data[at + 1 : at + 1 + size]):
            return None
        at += 1 + size
    if at == 12 or not 0 < u16(data, at + 1) <= 257 or u16(data, at + 3) not in CLASSES:
        return None
    is_response = bool(flags & 0x8000)
    if not is_response and (answers or u16(data, 8) or flags & 0x048F):
        return None
    is_whole = at + 5 == message.length if not answers and not others else at + 5 < message.length
    role = ("response", SERVER) if is_response else ("query", CLIENT)
    return Role("dns", *role) if is_whole else None


@over(UDP, 67, 68)
def dhcp(message: Message) -> Role | None:
    """RFC 2131, 2: op 1 is a client's message (relays keep it), 2 a server's."""
    if message.length < 240 or message.data[236:240] != b"\x63\x82\x53\x63" or message.data[0] not in (1, 2):
        return None
    is_request = message.data[0] == 1
    return Role("dhcp", "request" if is_request else "reply", CLIENT if is_request else SERVER)


@over(UDP, 546, 547)
def dhcp6(message: Message) -> Role | None:
    """RFC 8415, 7.3: message types. Requests go to a group, so the server's unicast reply begins a conversation
    of its own: it is no answer within one."""
    kind = message.data[0]
    if kind in (1, 3, 4, 5, 6, 8, 9, 11, 12):
        return Role("dhcp", "request", CLIENT)
    return Role("dhcp", "reply", EITHER) if kind in (2, 7, 10, 13) else None


@over(UDP, 123)
def ntp(message: Message) -> Role | None:
    """RFC 5905, 7.3: mode 3 is a client, 4 a server; RFC 9327: control messages have a response bit."""
    data = message.data
    mode, version = data[0] & 7, data[0] >> 3 & 7
    if not 1 <= version <= 4:
        return None
    if mode in (3, 4) and message.length >= 48:
        return Role("ntp", f"mode {mode}", CLIENT if mode == 3 else SERVER)
    if mode == 6 and message.length >= 12:
        return Role("ntp", "control message", SERVER if data[1] & 0x80 else CLIENT)
    if mode == 7:
        return Role("ntp", "private message", SERVER if data[0] & 0x80 else CLIENT)
    return Role("ntp", f"mode {mode}", EITHER)


# RFC 3416, 3: which protocol data unit is a request. Traps and informs go to the manager, from whoever opens.
SNMP_UNITS = {
    0xA0: ("get", CLIENT), 0xA1: ("get-next", CLIENT), 0xA2: ("response", SERVER), 0xA3: ("set", CLIENT),
    0xA4: ("trap", CLIENT), 0xA5: ("get-bulk", CLIENT), 0xA6: ("inform", CLIENT), 0xA7: ("trap", CLIENT),
    0xA8: ("report", SERVER),
}  # fmt: skip


@over(UDP, 161, 162, first=b"\x30")
def snmp(message: Message) -> Role | None:
    """RFC 3417: a BER sequence of version, then community and unit; version 3 hides its unit behind security."""
    data = message.data
    tag, _, at = ber_header(data, 0)
    kind, size, start = ber_header(data, at)
    if tag != 0x30 or kind != 0x02 or size != 1:
        return None
    version = data[start]
    if version == 3:
        return _snmp3(data, start + 1)
    _, size, at = ber_header(data, start + 1)
    name, speaker = SNMP_UNITS.get(data[at + size], ("", EITHER))
    return Role("snmp", name, speaker) if name else None


def _snmp3(data: bytes, at: int) -> Role:
    """RFC 3412, 6.4: only a request may set the flag that asks for reports (of units that are not traps)."""
    _, _, at = ber_header(data, at)
    for _ in range(2):
        _, size, start = ber_header(data, at)
        at = start + size
    _, _, start = ber_header(data, at)
    return Role(
        "snmp", "version 3 request" if data[start] & 4 else "version 3", CLIENT if data[start] & 4 else EITHER
    )


@over(UDP, 1645, 1646, 1812, 1813, 3799)
def radius(message: Message) -> Role | None:
    """RFC 2865, 3 and RFC 5176: the code, and a length that must fit."""
    data = message.data
    if u16(data, 2) > message.length or u16(data, 2) < 20:
        return None
    if data[0] in (1, 4, 12, 40, 43):
        return Role("radius", "request", CLIENT)
    return Role("radius", "answer", SERVER) if data[0] in (2, 3, 5, 11, 41, 42, 44, 45) else None


@over(UDP, 500, 4500)
def ike(message: Message) -> Role | None:
    """RFC 7296, 3.1 (and RFC 2409): the responder's id is zero in the first message; later a flag names the side."""
    at = 4 if message.is_on(4500) and message.data[:4] == bytes(4) else 0
    data = message.data[at:]
    version, flags = data[17] >> 4, data[19]
    if version not in (1, 2) or u32(data, 24) > message.length + 4:
        return None
    if data[8:16] == bytes(8):
        return Role("ike", "first message", CLIENT)
    if version == 2:
        return Role("ike", "message", CLIENT if flags & 0x08 else SERVER)
    return Role("ike", "message", EITHER)


@over(UDP, 111, 2049)
def rpc(message: Message) -> Role | None:
    """RFC 5531, 9: a call names version 2; a reply says that it is one."""
    return _rpc_message(message.data)


@over(TCP, 111, 2049)
def rpc_over_tcp(message: Message) -> Role | None:
    return _rpc_message(message.data[4:])


def _rpc_message(data: bytes) -> Role | None:
    kind, word = u32(data, 4), u32(data, 8)
    if kind == 0 and word == 2:
        return Role("rpc", "call", CLIENT)
    return Role("rpc", "reply", SERVER) if kind == 1 and word in (0, 1) else None


@over(UDP, 5351)
def port_mapping(message: Message) -> Role | None:
    """RFC 6886, 3 and RFC 6887, 7: the upper bit of the second byte marks a response."""
    data = message.data
    if data[0] not in (0, 2) or data[1] & 0x7F > 3 or (data[0] == 2 and message.length < 24):
        return None
    is_response = bool(data[1] & 0x80)
    return Role("nat-pmp", "response" if is_response else "request", SERVER if is_response else CLIENT)


# RFC 2661, 3.2 and 4.4.1: the first attribute of a control message is its type.
L2TP = {1: ("SCCRQ", CLIENT), 2: ("SCCRP", SERVER), 3: ("SCCCN", CLIENT)}


@over(UDP, 1701, bytes_at={0: b"\xc8", 1: b"\x02"})
def l2tp(message: Message) -> Role | None:
    data = message.data
    is_control = data[:2] == b"\xc8\x02" and u16(data, 2) == message.length and data[14:18] == bytes(4)
    return Role("l2tp", *L2TP[u16(data, 18)]) if is_control and u16(data, 18) in L2TP else None


TFTP_MODES = frozenset({b"netascii", b"octet", b"mail"})


@over(UDP, 69)
def tftp(message: Message) -> Role | None:
    """RFC 1350, 5: requests go to port 69, and the rest of the talk goes elsewhere. A name and a mode, each with its end."""
    data = message.data
    if message.dst_port != 69 or u16(data, 0) not in (1, 2):
        return None
    name, _, rest = data[2:].partition(b"\0")
    is_whole = rest.partition(b"\0")[0].lower() in TFTP_MODES and rest.count(b"\0") > 0
    is_cut = message.length > len(data)
    if not name or not (is_whole or is_cut):
        return None
    return Role("tftp", "read request" if data[1] == 1 else "write request", CLIENT)


@over(UDP, 1194)
@over(TCP, 1194)
def openvpn(message: Message) -> Role | None:
    """OpenVPN's ssl_pkt.h: hard resets of client and server open the control channel. TCP adds a length."""
    opcode = message.data[2 if u16(message.data, 0) + 2 == message.length else 0] >> 3
    if opcode in (1, 7, 10):
        return Role("openvpn", "client reset", CLIENT)
    return Role("openvpn", "server reset", SERVER) if opcode in (2, 8) else None


@over(TCP, 20000)
@over(UDP, 20000)
def dnp3(message: Message) -> Role | None:
    """IEEE 1815, 4.2.2.6: behind the link's header of ten bytes, and the transport's and the application's control, the
    function. Up to 33 they are the master's requests; those of responses begin at 129. Frames of the link alone (a reset,
    a test) come from either, and their bit DIR is not always set by it."""
    data = message.data
    if data[:2] != b"\x05\x64":
        return None
    has_function = data[2] >= 8 and data[10] & 0x40
    if not has_function:
        return Role("dnp3", "link frame", EITHER)
    function = data[12]
    if function <= 33:
        return Role("dnp3", "request", CLIENT)
    return Role("dnp3", "response", SERVER) if 129 <= function <= 131 else None
