"""SMB 2 and 3 (MS-SMB2): negotiation, login, shares, files and pipes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from tickets.simulator.messages import spnego
from tickets.simulator.messages.turns import MS, Script, answer, ask
from tickets.simulator.randomness import Stream

SUCCESS, MORE_PROCESSING, LOGON_FAILURE = 0, 0xC0000016, 0xC000006D
ACCESS_DENIED, NOT_FOUND = 0xC0000022, 0xC0000034
DIALECTS = (0x0202, 0x0210, 0x0300, 0x0302)
HEADER_BYTES = 64
DISK, PIPE = 1, 2
PIPE_TRANSCEIVE = 0x0011C017
ALL_SIZES = (0x00100000).to_bytes(4, "little")


class Command(IntEnum):
    NEGOTIATE = 0
    SESSION_SETUP = 1
    LOGOFF = 2
    TREE_CONNECT = 3
    CREATE = 5
    CLOSE = 6
    READ = 8
    WRITE = 9
    IOCTL = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who logs in from where to what."""

    user: str
    domain: str
    workstation: str
    server: str


class SmbSession:
    """Writes the messages of one session in order; each call gives a question and its answer."""

    def __init__(self, login: Login, now_ns: int, chance: Stream) -> None:
        self._login, self._now_ns, self._chance = login, now_ns, chance
        self._number = 0
        self._session = 0x0000_1000_0000_0000 | chance.below(1 << 32)
        self._tree = 0

    def negotiate(self) -> Script:
        dialects = b"".join(_u16(dialect) for dialect in DIALECTS)
        question = (
            _u16(36) + _u16(len(DIALECTS)) + _u16(1) + _u16(0) + _u32(0x7F) + self._chance.take(16) + bytes(8)
        )
        token = spnego.write_mechanisms()
        times = spnego.to_filetime(self._now_ns) + bytes(8)
        reply = _u16(65) + _u16(1) + _u16(DIALECTS[-1]) + _u16(0) + self._chance.take(16) + _u32(0x2F)
        reply += ALL_SIZES * 3 + times + _u16(HEADER_BYTES + 64) + _u16(len(token)) + _u32(0) + token
        return self._pair(Command.NEGOTIATE, question + dialects, reply, session=0)

    def log_in(self, *, is_accepted: bool = True) -> Script:
        """NTLM in two rounds; a wrong password gets its status and nothing else."""
        login, chance = self._login, self._chance
        first = self._setup(
            spnego.write_ntlm_negotiate(),
            spnego.write_ntlm_challenge(login.domain, login.server, self._now_ns, chance),
            MORE_PROCESSING,
        )
        token = spnego.write_ntlm_authenticate(
            login.user, login.domain, login.workstation, login.server, self._now_ns, chance
        )
        status = SUCCESS if is_accepted else LOGON_FAILURE
        return first + self._setup(token, spnego.write_accepted(), status)

    def connect_tree(self, share: str, kind: int = DISK, status: int = SUCCESS) -> Script:
        path = f"\\\\{self._login.server}\\{share}".encode("utf-16-le")
        question = _u16(9) + _u16(0) + _u16(HEADER_BYTES + 8) + _u16(len(path)) + path
        self._tree += 1
        reply = _u16(16) + bytes([kind, 0]) + _u32(0) + _u32(0) + _u32(0x001F01FF)
        return self._pair(Command.TREE_CONNECT, question, reply, status, tree=(0, self._tree))

    def create(self, name: str, file_id: bytes, size: int = 0, status: int = SUCCESS) -> Script:
        """Open a file or a pipe (MS-SMB2 2.2.13)."""
        text = name.encode("utf-16-le")
        question = (
            _u16(57) + b"\x00\x00" + _u32(2) + bytes(16) + _u32(0x0012019F) + _u32(0) + _u32(7) + _u32(1)
        )
        question += _u32(0x40) + _u16(HEADER_BYTES + 56) + _u16(len(text)) + bytes(8) + (text or bytes(8))
        times = spnego.to_filetime(self._now_ns - 86_400 * 10**9) * 4
        sizes = (size + 4095 & ~4095).to_bytes(8, "little") + size.to_bytes(8, "little")
        reply = _u16(89) + b"\x00\x00" + _u32(1) + times + sizes + _u32(0x80) + _u32(0) + file_id + bytes(8)
        return self._pair(Command.CREATE, question, reply, status)

    def write(self, file_id: bytes, at: int, data: bytes) -> Script:
        question = _u16(49) + _u16(HEADER_BYTES + 48) + _u32(len(data)) + at.to_bytes(8, "little") + file_id
        question += bytes(16) + data
        return self._pair(Command.WRITE, question, _u16(17) + _u16(0) + _u32(len(data)) + bytes(8))

    def read(self, file_id: bytes, at: int, data: bytes) -> Script:
        question = _u16(49) + b"\x50\x00" + _u32(len(data)) + at.to_bytes(8, "little") + file_id + bytes(17)
        reply = _u16(17) + b"\x50\x00" + _u32(len(data)) + bytes(8) + data
        return self._pair(Command.READ, question, reply)

    def call(self, file_id: bytes, question: bytes, reply: bytes) -> Script:
        """A remote procedure through a pipe (MS-SMB2 2.2.31, FSCTL_PIPE_TRANSCEIVE)."""
        head = _u32(PIPE_TRANSCEIVE) + file_id
        asked = _u16(57) + _u16(0) + head + _u32(HEADER_BYTES + 56) + _u32(len(question)) + bytes(12)
        asked += _u32(4280) + _u32(1) + _u32(0) + question
        told = _u16(49) + _u16(0) + head + _u32(HEADER_BYTES + 48) + _u32(0) + _u32(HEADER_BYTES + 48)
        told += _u32(len(reply)) + bytes(8) + reply
        return self._pair(Command.IOCTL, asked, told)

    def close(self, file_id: bytes) -> Script:
        return self._pair(Command.CLOSE, _u16(24) + bytes(6) + file_id, _u16(60) + bytes(58))

    def log_off(self) -> Script:
        return self._pair(Command.LOGOFF, _u16(4) + _u16(0), _u16(4) + _u16(0))

    def _setup(self, token: bytes, reply_token: bytes, status: int) -> Script:
        session = 0 if status == MORE_PROCESSING else self._session
        question = (
            _u16(25) + b"\x00\x01" + _u32(1) + _u32(0) + _u16(HEADER_BYTES + 24) + _u16(len(token)) + bytes(8)
        )
        reply = _u16(9) + _u16(0) + _u16(HEADER_BYTES + 8) + _u16(len(reply_token)) + reply_token
        return self._pair(Command.SESSION_SETUP, question + token, reply, status, session=session)

    def _pair(
        self,
        command: Command,
        question: bytes,
        reply: bytes,
        status: int = SUCCESS,
        *,
        session: int | None = None,
        tree: tuple[int, int] | None = None,
    ) -> Script:
        asked_tree, told_tree = tree if tree is not None else (self._tree, self._tree)
        asked_session = self._session if session is None else session
        told_session = 0 if command is Command.NEGOTIATE else self._session
        if status not in (SUCCESS, MORE_PROCESSING):
            reply = _u16(9) + b"\x00\x00" + _u32(0) + b"\x00"
        asked = self._head(command, 0, asked_tree, asked_session, is_answer=False) + question
        told = self._head(command, status, told_tree, told_session, is_answer=True) + reply
        self._number += 1
        return ask(_framed(asked), MS), answer(_framed(told), MS)

    def _head(self, command: Command, status: int, tree: int, session: int, *, is_answer: bool) -> bytes:
        if command in (Command.NEGOTIATE, Command.SESSION_SETUP, Command.LOGOFF):
            tree = 0
        return b"".join(
            (
                b"\xfeSMB" + _u16(64) + _u16(0 if command is Command.NEGOTIATE else 1),
                _u32(status) + _u16(command) + _u16(33 if is_answer else 31),
                _u32(int(is_answer)) + _u32(0) + self._number.to_bytes(8, "little"),
                _u32(0xFEFF) + _u32(tree) + session.to_bytes(8, "little") + bytes(16),
            )
        )


def talk_smb_read(
    login: Login, share: str, file_name: str, content: bytes, now_ns: int, chance: Stream
) -> Script:
    """A file is read from a share."""
    session, file_id = SmbSession(login, now_ns, chance), chance.take(16)
    return (
        *session.negotiate(),
        *session.log_in(),
        *session.connect_tree(share),
        *session.create(file_name, file_id, len(content)),
        *session.read(file_id, 0, content),
        *session.close(file_id),
        *session.log_off(),
    )


def talk_smb_refused(login: Login, now_ns: int, chance: Stream) -> Script:
    """A login with a wrong password."""
    session = SmbSession(login, now_ns, chance)
    return (*session.negotiate(), *session.log_in(is_accepted=False))


def _framed(message: bytes) -> bytes:
    """Direct TCP transport: a zero and the length in three bytes (MS-SMB2 2.1)."""
    return len(message).to_bytes(4, "big") + message


def _u16(value: int) -> bytes:
    return value.to_bytes(2, "little")


def _u32(value: int) -> bytes:
    return value.to_bytes(4, "little")
