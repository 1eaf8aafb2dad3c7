"""The values of log lines: addresses, ports, times. What cannot be read raises BadRecord."""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar

from ..types import LAST_NS, Endpoint, Location, Problem, Protocol
from .source import MAX_LINE, Source, note_problem

T = TypeVar("T")

NS = 1_000_000_000
BOM = b"\xef\xbb\xbf"
ISO_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
SYSLOG_TIME = re.compile(
    r"([A-Z][a-z]{2}) {1,2}(\d{1,2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?", re.ASCII
)
EPOCH_TIME = re.compile(r"(\d{1,11})(?:\.(\d{1,9})\d*)?", re.ASCII)
# A header of syslog before JSON (RFC 3164, RFC 5424), and what relays put between them (`@cee:`).
RELAYED = re.compile(r"(?:<\d{1,3}>|[A-Z][a-z]{2} [ \d]\d |\d{4}-\d\d-\d\d[T ])[^{]{0,512}(?=\{)", re.ASCII)
JSON = json.JSONDecoder(parse_float=str)
MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
PROTOCOLS = {
    "tcp": Protocol.TCP, "6": Protocol.TCP, "udp": Protocol.UDP, "17": Protocol.UDP,
    "icmp": Protocol.ICMP, "1": Protocol.ICMP, "icmp6": Protocol.ICMP, "58": Protocol.ICMP,
    "ipv6-icmp": Protocol.ICMP, "icmpv6": Protocol.ICMP,
}  # fmt: skip


class BadRecord(Exception):
    """One line that cannot be what it should be; the words say why."""


def read_records(
    source: Source, problems: list[Problem], decode: Callable[[Location, str], T | None]
) -> Iterator[T]:
    """Yield what `decode` makes of each line. A line that it refuses is a problem with its number, and skipped."""
    for number, line in source.lines():
        line = line.removeprefix(BOM) if number == 1 else line
        if not line.strip():
            continue
        try:
            if len(line) >= MAX_LINE:
                raise BadRecord(f"the line is longer than {MAX_LINE} bytes")
            record = decode(Location(source.name, number), line.decode("utf-8", "replace"))
        except BadRecord as bad:
            note_problem(problems, source.name, f"line {number}", str(bad))
            continue
        if record is not None:
            yield record


def json_object(line: str) -> dict[str, Any]:
    """Return the object on a line. Fractions stay text, so that no digit of a time is lost."""
    relayed = RELAYED.match(line)
    try:
        value = JSON.decode(line[relayed.end() :] if relayed else line)
    except json.JSONDecodeError as bad:
        raise BadRecord(f"this is not JSON: {bad.msg} at column {bad.colno}") from None
    except (ValueError, RecursionError):
        raise BadRecord("this is not JSON that can be read") from None
    if not isinstance(value, dict):
        raise BadRecord("this is JSON, but not an object")
    return value


def inner(record: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the object under `key`, an empty one when there is none."""
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def text(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""


def number(record: dict[str, Any], key: str) -> int:
    """Return a count; what is absent or no count is 0."""
    value = record.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def address(value: object) -> str:
    """Return the canonical text of an address. IPv4 mapped into IPv6 is the same host as IPv4."""
    if not isinstance(value, str):
        raise BadRecord("an address is missing")
    return _canonical(value)


@lru_cache(maxsize=65536)
def _canonical(value: str) -> str:
    """A log names the same few hosts again and again; each is read once, and its text is kept once."""
    try:
        found = ip_address(value.strip().strip("[]").partition("%")[0])
    except ValueError:
        raise BadRecord(f"{value[:60]!r} is not an address") from None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(found)


def port(value: object) -> int:
    if isinstance(value, str):
        return _written_port(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 65535:
        raise BadRecord(f"{str(value)[:60]!r} is not a port")
    return value


@lru_cache(maxsize=65536)
def _written_port(value: str) -> int:
    found = int(value) if value.isascii() and value.isdigit() and len(value) <= 5 else -1
    if not 0 <= found <= 65535:
        raise BadRecord(f"{value[:60]!r} is not a port")
    return found


def endpoint(ip: object, number: object) -> Endpoint:
    return Endpoint(_canonical(ip) if isinstance(ip, str) else address(ip), port(number))


def protocol(value: object) -> Protocol | None:
    """Return the protocol, None for one that has no conversations here (IGMP, ESP)."""
    return PROTOCOLS.get(str(value).lower())


def iso_ns(value: object) -> int:
    """Return the time of ISO 8601 text. A time without zone is UTC, as dionaea and Suricata in UTC write it."""
    if not isinstance(value, str):
        raise BadRecord("the time is missing or cannot be read")
    if len(value) == 31 and value[19] == "." and value[26] in "+-":  # as Suricata writes it
        fraction = value[20:26]
        if fraction.isascii() and fraction.isdigit():
            return _possible(_moment_ns(value[:19] + value[26:]) + 1000 * int(fraction))
    return _read_iso(value)


def _read_iso(value: str) -> int:
    match = ISO_TIME.match(value)
    if match is None:
        raise BadRecord("the time is missing or cannot be read")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    seconds = _seconds(int(year), int(month), int(day), int(hour), int(minute), int(second))
    return _possible((seconds - _zone_seconds(zone)) * NS + _fraction_ns(fraction))


# Lines follow one another within a second.
_moment_ns = lru_cache(maxsize=4096)(_read_iso)


def epoch_ns(value: object) -> int:
    """Return the time of seconds since 1970, written with or without a fraction."""
    match = EPOCH_TIME.fullmatch(str(value))
    if match is None:
        raise BadRecord("the time is missing or cannot be read")
    return _possible(int(match[1]) * NS + _fraction_ns(match[2]))


def syslog_ns(value: str) -> int:
    """Return the time at the start of a syslog line, in UTC. RFC 3164 has no year: such a time lies in 1970."""
    match = SYSLOG_TIME.match(value)
    if match is None:
        return iso_ns(value)
    month, day, year, hour, minute, second, fraction = match.groups()
    if month not in MONTHS:
        raise BadRecord(f"{month!r} is not a month")
    seconds = _seconds(int(year or 1970), MONTHS[month], int(day), int(hour), int(minute), int(second))
    return _possible(seconds * NS + _fraction_ns(fraction))


@lru_cache(maxsize=4096)
def _seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    possible = (
        year >= 1970 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61
    )
    if not possible:
        raise BadRecord("the time is not possible")
    return calendar.timegm((year, month, day, hour, minute, second))


def _possible(time_ns: int) -> int:
    if not 0 <= time_ns <= LAST_NS:
        raise BadRecord("the time is not possible")
    return time_ns


def _fraction_ns(digits: str | None) -> int:
    return int((digits or "").ljust(9, "0"))


def _zone_seconds(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    seconds = 3600 * int(zone[1:3]) + 60 * int(zone[-2:])
    return -seconds if zone[0] == "-" else seconds
