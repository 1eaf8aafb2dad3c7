"""DNS (RFC 1035) with EDNS (RFC 6891), over UDP and TCP; its neighbours LLMNR (RFC 4795) and mDNS (RFC 6762)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from tickets.simulator.addresses import pack_ip


class Kind(IntEnum):
    """Types of records (RFC 1035, 3.2.2; RFC 3596, 2.1; RFC 2782)."""

    A = 1
    NS = 2
    CNAME = 5
    PTR = 12
    MX = 15
    TXT = 16
    AAAA = 28
    SRV = 33


NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
QUERY_FLAGS, ANSWER_FLAGS, CUT_SHORT = 0x0100, 0x8180, 0x0200
POINTER_TO_QUESTION = b"\xc0\x0c"
MULTICAST_TTL_S = 120


class Record(NamedTuple):
    """A resource record. `value` is an address, a name, or a text as the kind wants it."""

    kind: Kind
    value: str
    ttl_s: int = 300
    name: str = ""


def write_dns_query(number: int, name: str, kind: Kind = Kind.A, edns_bytes: int = 0) -> bytes:
    """A recursive question (RFC 1035, 4); with `edns_bytes` it says how long an answer it can take."""
    return (
        _head(number, QUERY_FLAGS, (1, 0, 0, int(edns_bytes > 0))) + _question(name, kind) + _edns(edns_bytes)
    )


def write_dns_answer(number: int, name: str, ip: str, ttl_s: int) -> bytes:
    return write_dns_reply(number, name, Kind.A, [Record(Kind.A, ip, ttl_s)])


def write_dns_reply(
    number: int,
    name: str,
    kind: Kind,
    records: Sequence[Record] = (),
    *,
    code: int = NOERROR,
    edns_bytes: int = 0,
    is_cut_short: bool = False,
) -> bytes:
    """The answer: its records, or the code that says why there are none."""
    flags = ANSWER_FLAGS | code | (CUT_SHORT if is_cut_short else 0)
    shown = () if is_cut_short else records
    body = b"".join(map(_record, shown))
    return (
        _head(number, flags, (1, len(shown), 0, int(edns_bytes > 0)))
        + _question(name, kind)
        + body
        + _edns(edns_bytes)
    )


def over_tcp(message: bytes) -> bytes:
    """With its length in front (RFC 1035, 4.2.2)."""
    return len(message).to_bytes(2, "big") + message


def write_llmnr_query(number: int, name: str) -> bytes:
    return _head(number, 0, (1, 0, 0, 0)) + _question(name, Kind.A)


def write_llmnr_answer(number: int, name: str, ip: str) -> bytes:
    record = _record(Record(Kind.A, ip, 30))
    return _head(number, 0x8000, (1, 1, 0, 0)) + _question(name, Kind.A) + record


def write_mdns_query(name: str, kind: Kind = Kind.PTR) -> bytes:
    """Asks for a unicast answer (RFC 6762, 5.4)."""
    return _head(0, 0, (1, 0, 0, 0)) + _name(name) + kind.to_bytes(2, "big") + b"\x80\x01"


def write_mdns_answer(name: str, records: Sequence[Record]) -> bytes:
    """Authoritative, without the question (RFC 6762, 6)."""
    whole = [
        record._replace(name=record.name or name, ttl_s=min(record.ttl_s, MULTICAST_TTL_S))
        for record in records
    ]
    return _head(0, 0x8400, (0, len(whole), 0, 0)) + b"".join(map(_record, whole))


def _head(number: int, flags: int, counts: tuple[int, int, int, int]) -> bytes:
    return b"".join(value.to_bytes(2, "big") for value in (number, flags, *counts))


def _question(name: str, kind: Kind) -> bytes:
    return _name(name) + kind.to_bytes(2, "big") + b"\x00\x01"


def _name(name: str) -> bytes:
    labels = [label for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\x00"


def _record(record: Record) -> bytes:
    owner = _name(record.name) if record.name else POINTER_TO_QUESTION
    value = _value(record)
    head = record.kind.to_bytes(2, "big") + b"\x00\x01" + record.ttl_s.to_bytes(4, "big")
    return owner + head + len(value).to_bytes(2, "big") + value


def _value(record: Record) -> bytes:
    if record.kind in (Kind.A, Kind.AAAA):
        return pack_ip(record.value)
    if record.kind is Kind.TXT:
        text = record.value.encode()
        return b"".join(
            bytes([len(text[at : at + 255])]) + text[at : at + 255] for at in range(0, len(text), 255)
        )
    if record.kind is Kind.MX:
        return b"\x00\x0a" + _name(record.value)
    if record.kind is Kind.SRV:
        port, _, host = record.value.partition(" ")
        return b"\x00\x00\x00\x64" + int(port).to_bytes(2, "big") + _name(host)
    return _name(record.value)


def _edns(size: int) -> bytes:
    """The OPT record without options (RFC 6891, 6.1.2)."""
    return b"\x00\x00\x29" + size.to_bytes(2, "big") + bytes(6) if size else b""
