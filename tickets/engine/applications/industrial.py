"""Machines and buildings: the protocols that read and set their values."""

from __future__ import annotations

from ..types import Protocol
from .roles import CLIENT, EITHER, SERVER, Message, Role, over, u16

TCP, UDP = Protocol.TCP, Protocol.UDP
READ_BITS, READ_WORDS, WRITE_ONE, WRITE_MANY = (1, 2), (3, 4), (5, 6), (15, 16)


@over(TCP, 502, bytes_at={2: b"\x00", 3: b"\x00", 4: b"\x00\x01"})
def modbus(message: Message) -> Role | None:
    """MODBUS Messaging on TCP/IP, 3.1.3, and MODBUS Application Protocol, 6: a request for values has a fixed length, an
    answer counts its bytes. A single write is echoed, and says nothing."""
    data = message.data
    length, function = u16(data, 4), data[7]
    if u16(data, 2) != 0 or not 3 <= length <= 254 or length + 6 != message.length:
        return None
    if function & 0x80:
        return Role("modbus", "exception", SERVER) if length == 3 else None
    if function in READ_BITS + READ_WORDS:
        is_request, is_answer = length == 6, data[8] + 3 == length
        if is_request and is_answer and function in READ_WORDS:
            is_answer = False  # words are of two bytes, and three would be counted
        return _asked("modbus", "read", is_request, is_answer)
    if function in WRITE_MANY:
        is_request = length > 7 and data[12] + 7 == length
        return _asked("modbus", "write", is_request, length == 6)
    return Role("modbus", "write", EITHER) if function in WRITE_ONE and length == 6 else None


def _asked(service: str, name: str, is_request: bool, is_answer: bool) -> Role | None:
    if not is_request and not is_answer:
        return None
    if is_request and is_answer:
        return Role(service, name, EITHER)
    return Role(
        service, f"{name} request" if is_request else f"{name} answer", CLIENT if is_request else SERVER
    )


# IEC 60870-5-104, 5.3: the controlling station starts and stops the transfer, and either may test the line.
IEC_CONTROLS = {
    0x07: ("STARTDT act", CLIENT), 0x0B: ("STARTDT con", SERVER), 0x13: ("STOPDT act", CLIENT), 0x23: ("STOPDT con", SERVER),
    0x43: ("TESTFR act", EITHER), 0x83: ("TESTFR con", EITHER),
}  # fmt: skip
ACTIVATION, CONFIRMATION, TERMINATION = 6, 7, 10


@over(TCP, 2404, first=b"\x68", bytes_at={1: bytes(range(4, 254))})
def iec_104(message: Message) -> Role | None:
    """IEC 60870-5-101, 7.2: types up to 44 are sent by the controlled station; a command is activated by the other,
    and confirmed with its own type and another cause."""
    data = message.data
    if data[0] != 0x68 or not 4 <= data[1] <= 253 or data[1] + 2 > message.length:
        return None
    control = data[2]
    if control & 3 == 3:
        return Role("iec-104", *IEC_CONTROLS[control]) if data[1] == 4 and control in IEC_CONTROLS else None
    if control & 3 == 1:
        return Role("iec-104", "acknowledgement", EITHER) if data[1] == 4 and control == 1 else None
    kind, cause = data[6], data[8] & 0x3F
    if 1 <= kind <= 44:
        return Role("iec-104", "values", SERVER)
    if not 45 <= kind <= 107:
        return None
    speakers = {ACTIVATION: CLIENT, CONFIRMATION: SERVER, TERMINATION: SERVER}
    return Role("iec-104", "command", speakers.get(cause, EITHER))


LIST_SERVICES, LIST_IDENTITY, LIST_INTERFACES, REGISTER, UNREGISTER = 0x04, 0x63, 0x64, 0x65, 0x66
SEND_REQUEST, SEND_UNIT = 0x6F, 0x70


@over(TCP, 44818)
@over(UDP, 44818)
def enip(message: Message) -> Role | None:
    """The CIP Networks Library, volume 2, 2-3: a header of 24 bytes, which knows its data's length. A request for a
    list is empty, one for a session has none yet, and of CIP inside the upper bit of the service marks a reply."""
    data = message.data
    command, length = _little(data, 0), _little(data, 2)
    if length + 24 != message.length or data[8:12] not in (
        bytes(4),
        b"\x01\0\0\0",
        b"\x64\0\0\0",
        b"\x69\0\0\0",
    ):
        return None
    if command in (LIST_SERVICES, LIST_IDENTITY, LIST_INTERFACES):
        return _asked("enip", "list", length == 0, length > 0)
    if command == REGISTER and length == 4:
        return _asked("enip", "session", data[4:8] == bytes(4), data[4:8] != bytes(4))
    if command == UNREGISTER and length == 0:
        return Role("enip", "end of session", CLIENT)
    at = {SEND_REQUEST: 40, SEND_UNIT: 46}.get(command)
    if at is None or _little(data, 30) != 2:
        return None
    is_reply = bool(data[at] & 0x80)
    return _asked("enip", "CIP", not is_reply, is_reply)


def _little(data: bytes, at: int) -> int:
    return data[at] | data[at + 1] << 8


# ANSI/ASHRAE 135, 20.1: what kinds of APDU there are. Unconfirmed requests are sent by everybody.
BACNET_UNITS = {
    0: ("request", CLIENT), 1: ("unconfirmed request", EITHER), 2: ("acknowledgement", SERVER), 3: ("answer", SERVER),
    5: ("error", SERVER), 6: ("reject", SERVER),
}  # fmt: skip


@over(UDP, 47808, first=b"\x81")
def bacnet(message: Message) -> Role | None:
    """ANSI/ASHRAE 135, annex J (a header with its length) and 6.2 (the network's, which says what else it has)."""
    data = message.data
    if data[0] != 0x81 or u16(data, 2) != message.length:
        return None
    at = {0x04: 10, 0x09: 4, 0x0A: 4, 0x0B: 4}.get(data[1])
    if at is None or data[at] != 1:
        return Role("bacnet", "message", EITHER) if data[1] <= 0x0C else None
    control, at = data[at + 1], at + 2
    has_target = bool(control & 0x20)
    for has_address in (has_target, bool(control & 0x08)):
        at += 3 + data[at + 2] if has_address else 0
    if control & 0x80:
        return Role("bacnet", "network message", EITHER)
    kind = data[at + has_target] >> 4
    return Role("bacnet", *BACNET_UNITS[kind]) if kind in BACNET_UNITS else None


@over(UDP, 5683)
def coap(message: Message) -> Role | None:
    """RFC 7252, 3 and 12.1: version 1, a token of at most eight bytes, and a code whose class says who speaks."""
    data = message.data
    kind, token, code = data[0] >> 4 & 3, data[0] & 15, data[1]
    if data[0] >> 6 != 1 or token > 8 or message.length < 4 + token:
        return None
    if code == 0:
        return Role("coap", "empty message", EITHER) if token == 0 and message.length == 4 else None
    if code >> 5 == 0 and code <= 7 and kind <= 1:
        return Role("coap", "request", CLIENT)
    return Role("coap", "response", SERVER) if code >> 5 in (2, 4, 5) and kind != 3 else None


# S7 communication over ISO on TCP, as Wireshark's dissector names its kinds: packet-s7comm.c.
S7_KINDS = {
    1: ("job", CLIENT),
    2: ("acknowledgement", SERVER),
    3: ("answer", SERVER),
    7: ("user data", EITHER),
}


@over(TCP, 102, first=b"\x03", bytes_at={1: b"\x00", 5: b"\xf0", 7: b"\x32"})
def s7(message: Message) -> Role | None:
    """RFC 1006 with X.224's data header, and a message that begins with 32 and its kind."""
    data = message.data
    if data[:2] != b"\x03\x00" or u16(data, 2) > message.length or data[5] != 0xF0 or data[7] != 0x32:
        return None
    return Role("s7comm", *S7_KINDS[data[8]]) if data[8] in S7_KINDS and u16(data, 9) == 0 else None
