"""ASN.1 in its distinguished encoding (X.690): what certificates, SNMP, LDAP and Kerberos are written in."""

from __future__ import annotations

from tickets.simulator.clock import to_datetime

INTEGER, OCTETS, NULL, OBJECT, SEQUENCE, SET = 0x02, 0x04, 0x05, 0x06, 0x30, 0x31


def encode(tag: int, *parts: bytes) -> bytes:
    """Tag, length, content."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = (len(content).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(content).to_bytes(size, "big") + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    size = value.bit_length() // 8 + 1
    return encode(tag, value.to_bytes(size, "big", signed=True))


def octets(value: bytes, tag: int = OCTETS) -> bytes:
    return encode(tag, value)


def text(value: str, tag: int) -> bytes:
    return encode(tag, value.encode())


def sequence(*parts: bytes) -> bytes:
    return encode(SEQUENCE, *parts)


def explicit(number: int, *parts: bytes) -> bytes:
    """A context tag around what it holds."""
    return encode(0xA0 | number, *parts)


def application(number: int, *parts: bytes) -> bytes:
    return encode(0x60 | number, *parts)


def null() -> bytes:
    return encode(NULL)


def object_id(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    return encode(OBJECT, b"".join(_base128(part) for part in (40 * first + second, *rest)))


def bits(value: bytes) -> bytes:
    return encode(0x03, b"\x00", value)


def utc_time(time_ns: int) -> bytes:
    return text(f"{to_datetime(time_ns):%y%m%d%H%M%S}Z", 0x17)


def generalized_time(time_ns: int) -> bytes:
    return text(f"{to_datetime(time_ns):%Y%m%d%H%M%S}Z", 0x18)


def _base128(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))
