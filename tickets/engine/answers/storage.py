"""Answers of databases to a login. What they answer to later commands is another question."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..applications.roles import u32
from .dialogue import Answer, Dialogue, Message, accepted, of, printable, refused

MYSQL_OK, MYSQL_ERR, MYSQL_GREETING = 0x00, 0xFF, 0x0A
MYSQL_ERRORS = {1045: "access denied", 1044: "access denied to the database", 1049: "unknown database",
                1129: "host is blocked", 1130: "host is not allowed", 1040: "too many connections"}  # fmt: skip

# PostgreSQL, Error Codes: invalid authorization, no such database, too many connections, cannot connect now.
POSTGRES_LOGIN_STATES = ("28", "3D", "53300", "57P03")

# Redis, commands AUTH and security: the words that an error begins with; before version 6 a wrong password was an `ERR`.
REDIS_AUTH = re.compile(rb"(?:\*[23]\r\n\$4\r\n)?AUTH[ \r]", re.IGNORECASE)
REDIS_ERROR = re.compile(rb"-(WRONGPASS|NOAUTH|DENIED|ERR invalid password)\b")
REDIS_ERRORS = {
    "WRONGPASS": ("answer.redis_login", "wrong name or password"),
    "ERR invalid password": ("answer.redis_login", "wrong password"),
    "NOAUTH": ("answer.redis_command", "a login is asked for first"),
    "DENIED": ("answer.redis_command", "protected mode: only its own host may ask"),
}  # fmt: skip


@of("mysql")
def mysql_login(dialogue: Dialogue) -> Iterator[Answer]:
    """MySQL client/server protocol, connection phase: after greeting (number 0) and response (number 1) an OK or an
    ERR packet ends it. A command of the client, which counts from 0 again, is past it."""
    has_begun = False
    for message in dialogue:
        if not _is_mysql_packet(message.data):
            continue
        number, kind = message.data[3:5]
        if not message.may_answer and number == 0:
            return
        is_first = number == 0 and kind in (MYSQL_GREETING, MYSQL_ERR)
        has_begun = has_begun or is_first or not message.may_answer
        answer = _mysql_answer(message, number, kind) if has_begun and message.may_answer else None
        if answer is not None:
            yield answer
            return


def _is_mysql_packet(data: bytes) -> bool:
    """Is the packet whole? What is encrypted seldom looks so."""
    return len(data) >= 7 and data[0] | data[1] << 8 | data[2] << 16 <= len(data) - 4


def _mysql_answer(message: Message, number: int, kind: int) -> Answer | None:
    if kind == MYSQL_OK and number >= 2:
        return accepted("answer.mysql_login", message, "OK")
    if kind != MYSQL_ERR or number == 1:
        return None
    code = message.data[5] | message.data[6] << 8
    return refused("answer.mysql_login", message, str(code), MYSQL_ERRORS.get(code, ""))


@of("postgresql")
def postgresql_login(dialogue: Dialogue) -> Iterator[Answer]:
    """PostgreSQL, Message Formats: AuthenticationOk is `R` with 0, ErrorResponse `E` with the SQLSTATE in field `C`. An
    error of another class than those of connecting answers a query."""
    messages = (
        (message, part) for message in dialogue if message.may_answer for part in _postgres_parts(message)
    )
    for message, (kind, body) in messages:
        if kind == b"R" and body == b"\0\0\0\0":
            yield accepted("answer.postgresql_login", message, "AuthenticationOk")
            return
        fields = (
            {field[:1]: printable(field[1:]) for field in body.split(b"\0") if field} if kind == b"E" else {}
        )
        code = fields.get(b"C", "")
        if code.startswith(POSTGRES_LOGIN_STATES):
            yield refused("answer.postgresql_login", message, code, fields.get(b"M", ""))
            return


def _postgres_parts(message: Message) -> Iterator[tuple[bytes, bytes]]:
    at, data = 0, message.data
    while at + 5 <= len(data):
        length = u32(data, at + 1)
        if not 4 <= length <= len(data) - at - 1:
            return
        yield data[at : at + 1], data[at + 5 : at + 1 + length]
        at += 1 + length


@of("redis")
def redis_login(dialogue: Dialogue) -> Iterator[Answer]:
    """Redis serialization protocol: answers come in the order of the commands. `+OK` answers many of them, so it is a
    login's only where AUTH was sent with no other command still unanswered. The errors name themselves."""
    is_idle, is_login = True, False
    for message in dialogue:
        if message.may_ask and not message.data.startswith((b"+", b"-")):
            is_login = is_idle and bool(REDIS_AUTH.match(message.data))
            is_idle = False
        elif message.may_answer:
            if error := REDIS_ERROR.match(message.data):
                code = error[1].decode("ascii")
                rule, name = REDIS_ERRORS[code]
                yield refused(rule, message, code, name)
            elif is_login and message.data.startswith(b"+OK\r\n"):
                yield accepted("answer.redis_login", message, "+OK")
            is_idle, is_login = True, False
