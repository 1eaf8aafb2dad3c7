"""Answers of Windows' services: SMB sessions and shares, LDAP binds, Kerberos tickets, RDP's negotiation."""

from __future__ import annotations

from collections.abc import Iterator

from ..applications.roles import ber_header, u32
from .dialogue import Answer, Dialogue, Message, accepted, of, printable, refused

SMB1, SMB2 = b"\xffSMB", b"\xfeSMB"
SMB1_SESSION, SMB1_SHARES = 0x73, frozenset({0x70, 0x75})
SMB2_SESSION, SMB2_SHARE = 1, 3
# [MS-ERREF] 2.3. Only codes of severity "error" refuse, and of those not what only asks for more or once more:
# MORE_PROCESSING_REQUIRED, USER_SESSION_DELETED, NETWORK_SESSION_EXPIRED.
SMB_AGAIN = frozenset({0xC0000016, 0xC0000203, 0xC000035C})
STATUS_NAMES = {
    0xC0000022: "access denied", 0xC0000064: "no such user", 0xC000006A: "wrong password", 0xC000006D: "logon failure",
    0xC000006E: "account restriction", 0xC0000071: "password expired", 0xC0000072: "account disabled",
    0xC00000CC: "no such share", 0xC000015B: "logon type not granted", 0xC0000193: "account expired",
    0xC0000224: "password must change", 0xC0000234: "account locked out",
}  # fmt: skip
LDAP_BIND, LDAP_BIND_RESULT = 0x60, 0x61
LDAP_CODES = {
    1: "operations error", 2: "protocol error", 7: "auth method not supported", 8: "stronger auth required",
    13: "confidentiality required", 32: "no such object", 34: "invalid DN syntax", 48: "inappropriate authentication",
    49: "invalid credentials", 50: "insufficient access rights", 51: "busy", 52: "unavailable", 53: "unwilling to perform",
}  # fmt: skip
LDAP_IN_PROGRESS = 14
TICKETS = {0x6B: "AS-REP", 0x6D: "TGS-REP"}
KRB_ERROR = 0x7E
# RFC 4120, 7.5.9. These two only ask the client to try again in another way.
KERBEROS_AGAIN = frozenset({25, 52})
KERBEROS_CODES = {
    3: "bad protocol version", 6: "unknown client", 7: "unknown server", 12: "policy", 14: "encryption type not supported",
    18: "client revoked", 23: "key expired", 24: "pre-authentication failed", 31: "integrity check failed",
    32: "ticket expired", 37: "clock skew", 60: "generic error",
}  # fmt: skip
RDP_FAILURES = {
    1: "TLS required", 2: "TLS not allowed", 3: "no certificate on the server", 4: "inconsistent flags",
    5: "network level authentication required", 6: "TLS with user authentication required",
}  # fmt: skip


# SMB


@of()
def smb(dialogue: Dialogue) -> Iterator[Answer]:
    """[MS-CIFS] 2.2.3.1, [MS-SMB2] 2.2.1: the NT status of a session's setup and of a tree connect. A guest's and a null
    session are opened without a password, so they are no login; nor is a tree that comes with them."""
    user = ""
    for message in dialogue:
        if message.data[:1] != b"\0" or message.data[4:8] not in (SMB1, SMB2):
            continue
        if message.may_ask:
            said = _ntlm_user(message.data)
            user = user if said is None else said
        if message.may_answer:
            yield from (
                _smb1_answer(message, user) if message.data[4:8] == SMB1 else _smb2_answers(message, user)
            )


def _ntlm_user(data: bytes) -> str | None:
    """[MS-NLMP] 2.2.1.3: the user of an AUTHENTICATE_MESSAGE, "" for a null session's; None without one."""
    at = data.find(b"NTLMSSP\0\x03\0\0\0")
    if at < 0 or at + 44 > len(data):
        return None
    length, offset = data[at + 36] | data[at + 37] << 8, _le32(data, at + 40)
    name = data[at + offset : at + offset + length]
    return printable(name.decode("utf-16-le", "replace").encode())


def _smb1_answer(message: Message, user: str) -> Iterator[Answer]:
    """Nothing in an SMB 1 answer marks a null session, so only one whose user is in the evidence is a login."""
    header = message.data[4:]
    if len(header) < 39 or not header[9] & 0x80:
        return
    command, status = header[4], _le32(header, 5)
    is_session = command == SMB1_SESSION
    if is_session and status == 0 and user and header[32] >= 3 and not header[37] & 1:
        yield _session(message, status, user)
    elif (is_session or command in SMB1_SHARES) and _is_error(status):
        yield _session(message, status, user) if is_session else _share(message, status)


def _smb2_answers(message: Message, user: str) -> Iterator[Answer]:
    at, data = 4, message.data
    while len(data) - at >= 68 and data[at : at + 4] == SMB2:
        command, status = data[at + 12] | data[at + 13] << 8, _le32(data, at + 8)
        if data[at + 16] & 1:
            is_open = bool(data[at + 66] & 3)
            if command == SMB2_SESSION and (_is_error(status) or (status == 0 and not is_open)):
                yield _session(message, status, user)
            elif command == SMB2_SHARE and _is_error(status):
                yield _share(message, status)
        following = _le32(data, at + 20)
        if following < 64:
            return
        at += following


def _is_error(status: int) -> bool:
    return status >> 30 == 3 and status not in SMB_AGAIN


def _session(message: Message, status: int, user: str) -> Answer:
    if status == 0:
        return accepted("answer.smb_login", message, "STATUS_SUCCESS", user)
    return refused("answer.smb_login", message, f"0x{status:08x}", STATUS_NAMES.get(status, ""))


def _share(message: Message, status: int) -> Answer:
    return refused("answer.smb_share", message, f"0x{status:08x}", STATUS_NAMES.get(status, ""))


# LDAP


@of("ldap")
def ldap_bind(dialogue: Dialogue) -> Iterator[Answer]:
    """RFC 4511, 4.2: the result of a bind. One without name and password is anonymous (RFC 4513, 5.1), and that it is
    allowed is no login; a SASL bind goes on while the result is 14."""
    has_credentials: dict[int, bool] = {}
    for message in dialogue:
        number, operation, at = _ldap_operation(message.data)
        if operation == LDAP_BIND and message.may_ask:
            has_credentials[number] = _has_credentials(message.data, at)
        elif (
            operation == LDAP_BIND_RESULT and message.may_answer and message.data[at : at + 2] == b"\x0a\x01"
        ):
            code = int.from_bytes(message.data[at + 2 : at + 3], "big")
            if code not in (0, LDAP_IN_PROGRESS):
                yield refused("answer.ldap_bind", message, str(code), LDAP_CODES.get(code, ""))
            elif code == 0 and has_credentials.get(number):
                yield accepted("answer.ldap_bind", message, "success")


def _ldap_operation(data: bytes) -> tuple[int, int, int]:
    """The message's number, its operation's tag, and where the operation's first element stands; zeros for none."""
    try:
        tag, _, at = ber_header(data, 0)
        kind, length, at = ber_header(data, at)
        number = int.from_bytes(data[at : at + min(length, 4)], "big")
        operation, _, at = ber_header(data, at + length)
    except IndexError:
        return 0, 0, 0
    return (number, operation, at) if tag == 0x30 and kind == 0x02 else (0, 0, 0)


def _has_credentials(data: bytes, at: int) -> bool:
    """Version, name, then `simple` [0] with a password or `sasl` [3]."""
    try:
        _, length, at = ber_header(data, at)
        _, length, at = ber_header(data, at + length)
        choice, size, _ = ber_header(data, at + length)
    except IndexError:
        return False
    return choice == 0xA3 or (choice == 0x80 and size > 0)


# Kerberos


@of("kerberos", "kpasswd")
def kerberos(dialogue: Dialogue) -> Iterator[Answer]:
    """RFC 4120, 5.4.2 and 5.9.1: AS-REP and TGS-REP bring a ticket, KRB-ERROR says why there is none. Over TCP four
    bytes of length stand before the message (7.2.2)."""
    for message in dialogue:
        data = message.data[4:] if message.data[:1] == b"\0" else message.data
        kind = data[0] if data and message.may_answer else 0
        if kind in TICKETS:
            yield accepted("answer.kerberos", message, TICKETS[kind])
        elif kind == KRB_ERROR:
            code = _kerberos_error(data)
            if code and code not in KERBEROS_AGAIN:
                yield refused("answer.kerberos", message, str(code), KERBEROS_CODES.get(code, ""))


def _kerberos_error(data: bytes) -> int:
    """The code, which is the element [6] of the sequence; 0 where the message is cut before it."""
    try:
        _, _, at = ber_header(data, 0)
        _, _, at = ber_header(data, at)
        for _ in range(8):
            tag, length, value = ber_header(data, at)
            if tag == 0xA6:
                _, size, start = ber_header(data, value)
                return int.from_bytes(data[start : start + min(size, 4)], "big")
            at = value + length
    except IndexError:
        pass
    return 0


# RDP


@of()
def rdp_negotiation(dialogue: Dialogue) -> Iterator[Answer]:
    """[MS-RDPBCGR] 2.2.1.2.2: RDP_NEG_FAILURE (type 3, length 8) in X.224's connection confirm."""
    for message in dialogue:
        data = message.data
        is_confirm = data[:2] == b"\x03\x00" and len(data) >= 19 and data[5] & 0xF0 == 0xD0
        if message.may_answer and is_confirm and data[11] == 3 and data[13:15] == b"\x08\x00":
            code = _le32(data, 15)
            yield refused("answer.rdp_negotiation", message, str(code), RDP_FAILURES.get(code, ""))


def _le32(data: bytes, at: int) -> int:
    """Four bytes, least first; IndexError past the end."""
    return u32(data[at : at + 4][::-1], 0)
