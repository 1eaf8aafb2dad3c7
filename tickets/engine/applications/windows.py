"""The protocols of Windows domains: SMB, NetBIOS, DCE/RPC, LDAP, Kerberos, RDP, TDS."""

from __future__ import annotations

from ..types import Protocol
from .roles import CLIENT, EITHER, SERVER, Message, Role, ber_header, over, u16, u32

TCP, UDP = Protocol.TCP, Protocol.UDP
NETBIOS = {
    0x81: ("session request", CLIENT),
    0x82: ("session granted", SERVER),
    0x83: ("session refused", SERVER),
}


@over(TCP, bytes_at={0: b"\x00", 4: b"\xff\xfe\xfd", 5: b"S", 6: b"M", 7: b"B"})
@over(TCP, 139, first=b"\x00\x81\x82\x83")
def smb(message: Message) -> Role | None:
    """MS-CIFS 2.2.3.1: flag 0x80 marks a reply. MS-SMB2 2.2.1: flag 1 marks a response. Sealed messages say nothing."""
    data = message.data
    if data[0] in NETBIOS and message.is_on(139) and u16(data, 2) + 4 == message.length:
        return Role("netbios", *NETBIOS[data[0]])
    magic = data[4:8]
    if data[0] != 0 or magic not in (b"\xffSMB", b"\xfeSMB", b"\xfdSMB"):
        return None
    if magic == b"\xfdSMB":
        return Role("smb", "sealed message", EITHER)
    is_reply = bool(data[13] & 0x80) if magic == b"\xffSMB" else bool(data[20] & 1)
    return Role("smb", "reply" if is_reply else "request", SERVER if is_reply else CLIENT)


# C706 (DCE 1.1 RPC), 12.6.4 and 12.5.2: packet types by number; the connectionless ones end at 10.
PDU_TYPES = {
    0: ("request", CLIENT), 1: ("ping", CLIENT), 2: ("response", SERVER), 3: ("fault", SERVER),
    4: ("working", SERVER), 5: ("nocall", SERVER), 6: ("reject", SERVER), 7: ("ack", CLIENT),
    11: ("bind", CLIENT), 12: ("bind_ack", SERVER), 13: ("bind_nak", SERVER), 14: ("alter_context", CLIENT),
    15: ("alter_context_resp", SERVER), 16: ("auth3", CLIENT),
}  # fmt: skip


@over(TCP, first=b"\x05", bytes_at={1: b"\x00\x01", 4: b"\x00\x10"})
def dcerpc(message: Message) -> Role | None:
    """Version 5.0 or 5.1, a packet type, and a fragment length in the byte order that the message names."""
    data = message.data
    if data[0] != 5 or data[1] > 1 or data[4] not in (0x00, 0x10) or data[2] not in PDU_TYPES:
        return None
    length = int.from_bytes(data[8:10], "little" if data[4] == 0x10 else "big")
    return Role("dcerpc", *PDU_TYPES[data[2]]) if 16 <= length <= 65535 else None


@over(UDP, 135, 1024, 1025, 1026, 1027)
def dcerpc_datagram(message: Message) -> Role | None:
    """Version 4: 80 bytes of header."""
    data = message.data
    if data[0] != 4 or message.length < 80 or data[1] not in PDU_TYPES:
        return None
    return Role("dcerpc", *PDU_TYPES[data[1]])


# RFC 4511, 4: the application tag of each operation.
LDAP_OPERATIONS = {
    0x60: ("bind", CLIENT), 0x61: ("bind response", SERVER), 0x42: ("unbind", CLIENT), 0x63: ("search", CLIENT),
    0x64: ("search entry", SERVER), 0x65: ("search done", SERVER), 0x66: ("modify", CLIENT),
    0x67: ("modify response", SERVER), 0x68: ("add", CLIENT), 0x69: ("add response", SERVER),
    0x4A: ("delete", CLIENT), 0x6B: ("delete response", SERVER), 0x6C: ("rename", CLIENT),
    0x6D: ("rename response", SERVER), 0x6E: ("compare", CLIENT), 0x6F: ("compare response", SERVER),
    0x50: ("abandon", CLIENT), 0x73: ("search reference", SERVER), 0x77: ("extended request", CLIENT),
    0x78: ("extended response", SERVER), 0x79: ("intermediate response", SERVER),
}  # fmt: skip


@over(TCP, first=b"\x30")
@over(UDP, 389)
def ldap(message: Message) -> Role | None:
    """RFC 4511, 4.1.1: a sequence of message id and operation."""
    data = message.data
    if data[0] != 0x30:
        return None
    _, length, at = ber_header(data, 0)
    kind, size, start = ber_header(data, at)
    if kind != 0x02 or not 1 <= size <= 4 or length < 5:
        return None
    name, speaker = LDAP_OPERATIONS.get(data[start + size], ("", EITHER))
    return Role("ldap", name, speaker) if name else None


# RFC 4120, 5.10: application tags.
KERBEROS = {
    0x6A: ("AS-REQ", CLIENT), 0x6B: ("AS-REP", SERVER), 0x6C: ("TGS-REQ", CLIENT), 0x6D: ("TGS-REP", SERVER),
    0x6E: ("AP-REQ", CLIENT), 0x6F: ("AP-REP", SERVER), 0x7E: ("KRB-ERROR", SERVER),
}  # fmt: skip


@over(UDP, 88, 464, 750)
def kerberos(message: Message) -> Role | None:
    return _kerberos(message.data)


@over(TCP, 88, 464, 750)
def kerberos_over_tcp(message: Message) -> Role | None:
    """RFC 4120, 7.2.2: four bytes of length come first."""
    return _kerberos(message.data[4:]) if u32(message.data, 0) < 1 << 24 else None


def _kerberos(data: bytes) -> Role | None:
    name, speaker = KERBEROS.get(data[0], ("", EITHER))
    return Role("kerberos", name, speaker) if name else None


@over(TCP, first=b"\x03", bytes_at={1: b"\x00"})
def rdp(message: Message) -> Role | None:
    """RFC 1006 and X.224, 13: connection request and confirm; data says nothing of who speaks."""
    data = message.data
    if data[:2] != b"\x03\x00" or u16(data, 2) > message.length or u16(data, 2) < 7:
        return None
    names = {
        0xE0: ("connection request", CLIENT),
        0xD0: ("connection confirm", SERVER),
        0xF0: ("data", EITHER),
    }
    return Role("rdp" if message.is_on(3389) else "tpkt", *names[data[5]]) if data[5] in names else None


@over(TCP, 1433)
def tds(message: Message) -> Role | None:
    """MS-TDS 2.2.3.1: packet type, and a length that must fit."""
    data = message.data
    if data[1] > 9 or not 8 <= u16(data, 2) <= 32767:
        return None
    if data[0] in (1, 3, 6, 7, 14, 16, 17, 18):
        return Role("tds", "request", CLIENT)
    return Role("tds", "response", SERVER) if data[0] == 4 else None
