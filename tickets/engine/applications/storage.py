"""Databases and caches."""

from __future__ import annotations

import re

from ..types import Protocol
from .roles import CLIENT, DIGITS, EITHER, LETTERS, SERVER, Message, Role, over, u32

TCP = Protocol.TCP
POSTGRES_STARTS = {
    0x00030000: "startup", 0x00020000: "startup", 80877102: "cancel request", 80877103: "SSL request",
    80877104: "GSS request",
}  # fmt: skip
# PostgreSQL documentation, 55.7: messages of the frontend and of the backend that share no letter.
POSTGRES_FRONTEND, POSTGRES_BACKEND = b"QPBXpFf", b"RTZKANnvtsI123"
REDIS_REQUEST = re.compile(rb"\*\d{1,6}\r\n\$\d{1,6}\r\n[A-Za-z]{2,20}\r\n")
REDIS_ANSWER = re.compile(
    rb"(?:\+PONG|\+QUEUED|:-?\d{1,19}|\$-1|\$\d{1,9}|-[A-Z]{3,20} [^\r\n]*|[*~%]\d{1,6})\r\n"
)


@over(TCP, bytes_at={3: b"\x00", 4: b"\x0a"})
def mysql(message: Message) -> Role | None:
    """MySQL's protocol documentation: the server greets with protocol version 10 and a version string."""
    data = message.data
    length = int.from_bytes(data[:3], "little")
    if (
        data[3] == 0
        and data[4] == 10
        and length + 4 == message.length
        and re.match(rb"[\x20-\x7e]{3,60}\x00", data[5:])
    ):
        return Role("mysql", "greeting", SERVER)
    return None


@over(TCP, 3306)
def mysql_message(message: Message) -> Role | None:
    data = message.data
    length = int.from_bytes(data[:3], "little")
    if length + 4 > message.length:
        return None
    if data[3] == 0 and 1 <= data[4] <= 0x1F:
        return Role("mysql", "command", CLIENT)
    return (
        Role("mysql", "result", SERVER)
        if data[3] == 1 and data[4] in (0x01, 0x02, 0x03) and length == 1
        else None
    )


@over(TCP, first=b"\x00")
def postgresql(message: Message) -> Role | None:
    """PostgreSQL documentation, 55.7: the first message has no letter, and names a version or a wish."""
    data = message.data
    if u32(data, 0) == message.length and u32(data, 4) in POSTGRES_STARTS:
        return Role("postgresql", POSTGRES_STARTS[u32(data, 4)], CLIENT)
    return None


@over(TCP, 5432)
def postgresql_message(message: Message) -> Role | None:
    data = message.data
    if message.length == 1 and data in (b"S", b"N", b"G"):
        return Role("postgresql", "answer to SSL request", SERVER)
    if not 4 <= u32(data, 1) < 1 << 24:
        return None
    if data[0] in POSTGRES_FRONTEND:
        return Role("postgresql", "frontend message", CLIENT)
    return Role("postgresql", "backend message", SERVER) if data[0] in POSTGRES_BACKEND else None


@over(TCP, first=b"*+:$-~%", bytes_at={1: b"-" + LETTERS + DIGITS})
def redis(message: Message) -> Role | None:
    """Redis serialization protocol: a request is an array of bulk strings that starts with a command."""
    if REDIS_REQUEST.match(message.data):
        return Role("redis", "command", CLIENT)
    if message.is_on(6379) and REDIS_ANSWER.match(message.data):
        return Role("redis", "answer", SERVER)
    return None


@over(TCP, first=b"HAM", bytes_at={1: b"ECS", 2: b"LKG", 3: b"F"})
def opc_ua(message: Message) -> Role | None:
    """OPC 10000-6, 7.1.2: Hello from the client, Acknowledge from the server, then messages of both."""
    kinds = {b"HELF": ("Hello", CLIENT), b"ACKF": ("Acknowledge", SERVER), b"MSGF": ("message", EITHER)}
    kind = kinds.get(message.data[:4])
    fits = int.from_bytes(message.data[4:8], "little") <= message.length
    return Role("opcua", *kind) if kind and fits else None
