"""Stores and queues that many machines share, and what they are asked."""

from __future__ import annotations

import re

from ..types import Protocol
from .roles import CLIENT, EITHER, SERVER, Message, Role, over, u16, u32

TCP, UDP = Protocol.TCP, Protocol.UDP
OP_REPLY, OP_QUERY, OP_COMPRESSED, OP_MSG = 1, 2004, 2012, 2013
OPERATIONS = {OP_REPLY, 2001, 2002, OP_QUERY, 2005, 2006, 2007, OP_COMPRESSED, OP_MSG}


@over(TCP, 27017, 27018, 27019)
def mongodb(message: Message) -> Role | None:
    """MongoDB's wire protocol: length, request, the request that is answered (0 in a request), operation."""
    data = message.data
    length, answered, operation = (int.from_bytes(data[at : at + 4], "little") for at in (0, 8, 12))
    if len(data) < 16 or length != message.length or operation not in OPERATIONS:
        return None
    is_answer = operation == OP_REPLY or (operation in (OP_COMPRESSED, OP_MSG) and answered != 0)
    return Role("mongodb", "answer" if is_answer else "request", SERVER if is_answer else CLIENT)


CQL_REQUESTS = frozenset({0x01, 0x05, 0x07, 0x09, 0x0A, 0x0B, 0x0D, 0x0F})
CQL_RESPONSES = frozenset({0x00, 0x02, 0x03, 0x06, 0x08, 0x0C, 0x0E, 0x10})


@over(TCP, 9042)
def cassandra(message: Message) -> Role | None:
    """Apache Cassandra's native protocol 3 to 5, 2: the upper bit of the version marks a response; the length fits."""
    data = message.data
    if data[0] & 0x7F not in (3, 4, 5) or u32(data, 5) + 9 != message.length:
        return None
    is_response = bool(data[0] & 0x80)
    if data[4] not in (CQL_RESPONSES if is_response else CQL_REQUESTS):
        return None
    return Role("cassandra", "response" if is_response else "request", SERVER if is_response else CLIENT)


@over(TCP, first=b"E", bytes_at={1: b"S", 2: b"\x00"})
def elasticsearch(message: Message) -> Role | None:
    """Elasticsearch's TcpHeader: the letters ES, a length, the request's number, and a status whose first bit marks a
    response."""
    data = message.data
    if data[:2] != b"ES" or u32(data, 2) + 6 != message.length or message.length < 19 or data[14] & 0xF0:
        return None
    is_response = bool(data[14] & 1)
    return Role("elasticsearch", "response" if is_response else "request", SERVER if is_response else CLIENT)


KAFKA_KEYS, KAFKA_VERSIONS = 96, 24
CLIENT_NAME = re.compile(rb"[\x20-\x7e]+")


@over(TCP, 9092, 9093, 9094)
def kafka(message: Message) -> Role | None:
    """Apache Kafka's protocol guide, request header: size, key, version, number and the client's name. A response has no
    mark of its own."""
    data = message.data
    name = u16(data, 12)
    is_header = (
        u32(data, 0) + 4 == message.length and u16(data, 4) < KAFKA_KEYS and u16(data, 6) < KAFKA_VERSIONS
    )
    is_named = name == 0xFFFF or (
        14 + name <= message.length and bool(CLIENT_NAME.fullmatch(data[14 : 14 + name]))
    )
    return Role("kafka", "request", CLIENT) if is_header and is_named else None


# AMQP 0-9-1, 1.4: methods of the class connection, by who sends them.
AMQP_METHODS = {
    10: ("connection.start", SERVER), 11: ("connection.start-ok", CLIENT), 20: ("connection.secure", SERVER),
    21: ("connection.secure-ok", CLIENT), 30: ("connection.tune", SERVER), 31: ("connection.tune-ok", CLIENT),
    40: ("connection.open", CLIENT), 41: ("connection.open-ok", SERVER),
}  # fmt: skip


@over(TCP, first=b"A", bytes_at={1: b"M", 2: b"Q", 3: b"P"})
def amqp_header(message: Message) -> Role | None:
    """AMQP 0-9-1, 4.2.2: the client names the protocol. AMQP 1.0, 2.2: both sides do."""
    data = message.data
    if data[:4] != b"AMQP" or message.length != 8:
        return None
    return Role("amqp", "protocol header", CLIENT if data[5:7] == b"\x00\x09" else EITHER)


@over(TCP, 5672, first=b"\x01", bytes_at={1: b"\x00", 2: b"\x00", 7: b"\x00", 8: b"\x0a"})
def amqp_method(message: Message) -> Role | None:
    """AMQP 0-9-1, 4.2.3: a method frame of channel 0 names class and method."""
    data = message.data
    is_connection = data[:3] == b"\x01\x00\x00" and u16(data, 7) == 10 and u32(data, 3) + 8 <= message.length
    return (
        Role("amqp", *AMQP_METHODS[u16(data, 9)]) if is_connection and u16(data, 9) in AMQP_METHODS else None
    )


MEMCACHED_ASKS = re.compile(
    rb"(?:gets?|gats?|mg|delete|incr|decr|touch|stats|version|flush_all|verbosity|quit)(?: [^\r\n]*)?\r\n"
    rb"|(?:set|add|replace|append|prepend|cas|ms) \S{1,250} \d"
)
MEMCACHED_SAYS = re.compile(
    rb"(?:VALUE \S{1,250} \d+ \d+|STAT \S+ |VERSION \S+|STORED|NOT_STORED|EXISTS|NOT_FOUND|DELETED|TOUCHED|END|OK|ERROR"
    rb"|CLIENT_ERROR [^\r\n]*|SERVER_ERROR [^\r\n]*)[^\r\n]*\r\n"
)


@over(TCP, 11211)
def memcached(message: Message) -> Role | None:
    return _memcached(message.data, message.length)


@over(UDP, 11211)
def memcached_datagram(message: Message) -> Role | None:
    """memcached's protocol.txt, UDP protocol: eight bytes of a frame's header come first."""
    data = message.data
    is_frame = u16(data, 2) < u16(data, 4) and u16(data, 6) == 0
    return _memcached(data[8:], message.length - 8) if is_frame else None


def _memcached(data: bytes, length: int) -> Role | None:
    """memcached's protocol.txt, and of the binary protocol the magic byte and a body's length that fits."""
    if data[:1] in (b"\x80", b"\x81") and u32(data, 8) + 24 == length:
        is_response = data[0] == 0x81
        return Role("memcached", "response" if is_response else "request", SERVER if is_response else CLIENT)
    if MEMCACHED_ASKS.match(data):
        return Role("memcached", "command", CLIENT)
    return Role("memcached", "answer", SERVER) if MEMCACHED_SAYS.match(data) else None


STOMP_ASKS = re.compile(rb"(?:CONNECT|STOMP|SEND|SUBSCRIBE|UNSUBSCRIBE)\r?\n[a-z-]+:")
STOMP_SAYS = re.compile(rb"(?:CONNECTED|MESSAGE|RECEIPT)\r?\n[a-z-]+:")


@over(TCP, first=b"CMRSU", bytes_at={1: b"OETUN"})
def stomp(message: Message) -> Role | None:
    """STOMP 1.2: a command on a line of its own, and headers."""
    if STOMP_ASKS.match(message.data):
        return Role("stomp", "client's frame", CLIENT)
    return Role("stomp", "server's frame", SERVER) if STOMP_SAYS.match(message.data) else None


@over(TCP, first=b"IC", bytes_at={1: b"NO"})
def nats(message: Message) -> Role | None:
    """NATS's client protocol: the server tells of itself, the client how it wants to talk; both in JSON."""
    if message.data.startswith(b'INFO {"server_id"'):
        return Role("nats", "INFO", SERVER)
    return Role("nats", "CONNECT", CLIENT) if message.data.startswith(b'CONNECT {"') else None


# Oracle Net, as Wireshark's dissector names its packets: packet-tns.c.
TNS_PACKETS = {
    1: ("connect", CLIENT), 2: ("accept", SERVER), 4: ("refuse", SERVER), 5: ("redirect", SERVER), 6: ("data", EITHER),
    11: ("resend", SERVER),
}  # fmt: skip


@over(TCP, 1521, 1522, 2483)
def tns(message: Message) -> Role | None:
    """Length, a checksum of 0, type, and a header's checksum of 0. Newer ones have four bytes of length for data."""
    data = message.data
    is_whole = u16(data, 0) == message.length and data[2:4] == bytes(2) and data[6:8] == bytes(2)
    return Role("oracle", *TNS_PACKETS[data[4]]) if is_whole and data[4] in TNS_PACKETS else None


@over(UDP, 1434, first=b"\x02\x03\x04\x05")
def mssql_browser(message: Message) -> Role | None:
    """MC-SQLR 2.2: one byte asks for all instances or one of them; an answer knows its length."""
    data = message.data
    if data[0] == 5:
        fits = int.from_bytes(data[1:3], "little") + 3 == message.length
        return Role("mssql-browser", "answer", SERVER) if fits else None
    if data[0] not in (2, 3, 4):
        return None
    is_request = message.length == 1 if data[0] != 4 else message.length <= 34 and data[-1] == 0
    return Role("mssql-browser", "request", CLIENT) if is_request else None
