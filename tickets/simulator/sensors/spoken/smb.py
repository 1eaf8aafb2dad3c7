"""SMB2 messages as a parser reads them: request and response by their number ([MS-SMB2] 2.2.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tickets.simulator.sensors.spoken.turns import Turn

COMMANDS = (
    "NEGOTIATE_PROTOCOL", "SESSION_SETUP", "LOGOFF", "TREE_CONNECT", "TREE_DISCONNECT", "CREATE", "CLOSE", "FLUSH",
    "READ", "WRITE", "LOCK", "IOCTL", "CANCEL", "KEEPALIVE", "FIND", "NOTIFY", "GETINFO", "SETINFO", "BREAK",
)  # fmt: skip
STATUSES = {
    0x00000000: "STATUS_SUCCESS",
    0xC0000016: "STATUS_MORE_PROCESSING_REQUIRED",
    0xC0000022: "STATUS_ACCESS_DENIED",
    0xC000006D: "STATUS_LOGON_FAILURE",
    0xC000006A: "STATUS_WRONG_PASSWORD",
    0xC0000064: "STATUS_NO_SUCH_USER",
    0xC0000034: "STATUS_OBJECT_NAME_NOT_FOUND",
    0xC00000CC: "STATUS_BAD_NETWORK_NAME",
}
DIALECTS = {0x0202: "2.02", 0x0210: "2.10", 0x0300: "3.00", 0x0302: "3.02", 0x0311: "3.11"}
NTLMSSP = b"NTLMSSP\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One request with its response; `status` is empty where none was seen."""

    name: str
    status: str = ""
    code: int = 0
    dialect: str = ""
    session: int = 0
    tree: int = 0
    user: str = ""
    domain: str = ""
    workstation: str = ""
    share: str = ""
    time_ns: int = 0


@dataclass(frozen=True, slots=True)
class _Header:
    from_orig: bool
    command: int
    status: int
    number: int
    tree: int
    session: int
    body: bytes
    time_ns: int


def read_smb(turns: Sequence[Turn]) -> tuple[Command, ...]:
    headers = [header for turn in turns for header in _headers(turn)]
    answers = {header.number: header for header in headers if not header.from_orig}
    return tuple(_command(header, answers.get(header.number)) for header in headers if header.from_orig)


def _headers(turn: Turn) -> Iterator[_Header]:
    """Each message stands behind four bytes with its length (RFC 1002, 4.3.1)."""
    at = 0
    while at + 4 < len(turn.data):
        length = int.from_bytes(turn.data[at + 1 : at + 4], "big")
        data = turn.data[at + 4 : at + 4 + length]
        if data[:4] == b"\xfeSMB" and len(data) >= 64:
            yield _Header(
                turn.from_orig,
                int.from_bytes(data[12:14], "little"),
                int.from_bytes(data[8:12], "little"),
                int.from_bytes(data[24:32], "little"),
                int.from_bytes(data[36:40], "little"),
                int.from_bytes(data[40:48], "little"),
                data[64:],
                turn.end_ns,
            )
        at += 4 + length


def _command(asked: _Header, answered: _Header | None) -> Command:
    name = f"SMB2_COMMAND_{COMMANDS[asked.command]}" if asked.command < len(COMMANDS) else str(asked.command)
    domain, user, workstation = _names(asked.body)
    is_negotiation = asked.command == 0 and answered is not None
    return Command(
        name=name,
        status=STATUSES.get(answered.status, f"{answered.status:#010x}") if answered else "",
        code=answered.status if answered else 0,
        dialect=DIALECTS.get(int.from_bytes(answered.body[4:6], "little"), "")
        if answered and is_negotiation
        else "",
        session=answered.session if answered else asked.session,
        tree=answered.tree if answered else asked.tree,
        user=user,
        domain=domain,
        workstation=workstation,
        share=_share(asked.body) if asked.command == 3 else "",
        time_ns=answered.time_ns if answered else asked.time_ns,
    )


def _share(body: bytes) -> str:
    """TREE_CONNECT: offset and length of the path ([MS-SMB2] 2.2.9); offsets count from the header."""
    offset, length = (int.from_bytes(body[at : at + 2], "little") for at in (4, 6))
    return body[offset - 64 : offset - 64 + length].decode("utf-16-le", "replace")


def _names(body: bytes) -> tuple[str, str, str]:
    """Domain, user and workstation of an NTLM AUTHENTICATE message ([MS-NLMP] 2.2.1.3)."""
    at = body.find(NTLMSSP)
    if at < 0 or body[at + 8 : at + 12] != b"\x03\x00\x00\x00":
        return "", "", ""
    message = body[at:]
    texts = []
    for field in (28, 36, 44):
        length = int.from_bytes(message[field : field + 2], "little")
        offset = int.from_bytes(message[field + 4 : field + 8], "little")
        texts.append(message[offset : offset + length].decode("utf-16-le", "replace"))
    return texts[0], texts[1], texts[2]
