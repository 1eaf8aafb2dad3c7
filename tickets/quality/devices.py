"""What firewalls, decoys and hosts say, held against the packets: statements, directions, sessions, translations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tickets.engine import (
    Basis,
    Endpoint,
    FlowRecord,
    LogRecord,
    Packet,
    Protocol,
    Statement,
    TcpFlags,
    contains_address,
    parse_rule,
)
from tickets.quality.exhibit import Exhibit, ends_of, key_of
from tickets.simulator import Oddity

SECOND_NS = 1_000_000_000
# What rests on more than an order of printing must name the side that sent the SYN. The others may be the lesson.
PROVEN = frozenset({Basis.HOST, Basis.DECOY, Basis.HANDSHAKE, Basis.DENIED_PACKET, Basis.SESSION})


def check_directions(exhibit: Exhibit) -> Iterator[str]:
    """Who has opened a conversation by a log that knows is the one that sent the SYN, or the first datagram."""
    told: tuple[LogRecord | FlowRecord, ...] = (*exhibit.logs, *exhibit.flows)
    for record in told:
        if record.orig is None or record.basis not in PROVEN:
            continue
        openers = {_opener(packets) for packets in _seen(exhibit, record)} - {None}
        if openers and record.orig not in openers:
            yield f"{record.location} says that {record.orig} opened it, the capture does not"


def _opener(packets: Sequence[Packet]) -> Endpoint | None:
    first = packets[0]
    if first.protocol is Protocol.TCP:
        is_syn = first.flags & (TcpFlags.SYN | TcpFlags.ACK) == TcpFlags.SYN
        return first.src if is_syn else None
    return first.src if first.protocol is Protocol.UDP else None


def _seen(exhibit: Exhibit, record: LogRecord | FlowRecord) -> list[tuple[Packet, ...]]:
    """The packets of what a record tells of, in each capture, where its ends look the same."""
    return [packets for _, packets in exhibit.views(key_of(record.protocol, *ends_of(record)))]


def check_statements(exhibit: Exhibit) -> Iterator[str]:
    """What a device says became of an attempt is what the packets show."""
    if exhibit.is_odd(Oddity.CAPTURE_GAP, Oddity.ONE_WAY_TAP):
        return
    for log in exhibit.logs:
        if log.protocol is Protocol.TCP and log.orig is not None and log.basis in PROVEN:
            views = _seen(exhibit, log)
            if views and all(_is_contradicted(log, packets) for packets in views):
                yield f"{log.location} says {log.statement.value}, and the packets say something else"


def _is_contradicted(log: LogRecord, packets: Sequence[Packet]) -> bool:
    answers = [packet for packet in packets if packet.src != log.orig]
    if log.statement is Statement.DENIED:
        if log.src != log.orig:  # what was denied is itself an answer
            return False
        return any(TcpFlags.RST not in packet.flags for packet in answers)
    if log.statement is Statement.REFUSED:
        return not any(TcpFlags.RST in packet.flags for packet in answers)
    if log.statement in (Statement.ACCEPTED, Statement.AUTHENTICATED, Statement.AUTHENTICATION_FAILED):
        return not any(TcpFlags.SYN in packet.flags or packet.payload_bytes for packet in answers)
    return False


# The ASA's sessions


def check_sessions(exhibit: Exhibit) -> Iterator[str]:
    """A firewall's session has a number of its own, is torn down after it was built, and counts what passed."""
    built: dict[tuple[str, str], LogRecord] = {}
    for log in exhibit.logs:
        number = log.fields.get("connection", "")
        if log.source != "cisco.asa" or not number:
            continue
        place = (log.location.file, number)
        if log.statement is not Statement.CLOSED:
            if place in built:
                yield f"{log.location} builds connection {number} a second time"
            built[place] = log
        elif (begun := built.get(place)) is None:
            yield f"{log.location} tears down connection {number}, which was not built"
        else:
            yield from _wrong_session(begun, log)
            yield from _wrong_teardown(exhibit, log)


def _wrong_session(begun: LogRecord, ended: LogRecord) -> Iterator[str]:
    if key_of(begun.protocol, begun.src, begun.dst) != key_of(ended.protocol, ended.src, ended.dst):
        yield f"{ended.location} has other ends than {begun.location}"
    lasted_ns, printed_ns = ended.time_ns - begun.time_ns, _duration_ns(ended.fields.get("duration", ""))
    if printed_ns is not None and abs(lasted_ns - printed_ns) > SECOND_NS:
        yield f"{ended.location} lasted {printed_ns // SECOND_NS} s by its words and {lasted_ns // SECOND_NS} s by the clock"


def _duration_ns(text: str) -> int | None:
    parts = text.split(":")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        return None
    hours, minutes, seconds = map(int, parts)
    return (hours * 3600 + minutes * 60 + seconds) * SECOND_NS


# What the reason of a teardown says of the flags that passed (Cisco ASA Series Syslog Messages, 302014).
REASONS = (
    ("TCP FINs", TcpFlags.FIN, True),
    ("TCP Reset", TcpFlags.RST, True),
    ("SYN Timeout", TcpFlags.FIN, False),
)


def _wrong_teardown(exhibit: Exhibit, log: LogRecord) -> Iterator[str]:
    if exhibit.is_odd(Oddity.CAPTURE_GAP, Oddity.ONE_WAY_TAP):
        return
    views = _seen(exhibit, log)
    sizes = {sum(packet.payload_bytes for packet in packets) for packets in views}
    printed = log.fields.get("bytes", "")
    if sizes and log.protocol is not Protocol.ICMP and printed.isdecimal() and int(printed) not in sizes:
        yield f"{log.location} counts {printed} bytes, the capture {min(sizes)}"
    for words, flag, is_wanted in REASONS:
        is_said = log.fields.get("reason", "").startswith(words)
        shows = [any(flag in packet.flags for packet in packets) is is_wanted for packets in views]
        if is_said and shows and not any(shows):
            yield f"{log.location} ends with {words}, and the packets end otherwise"


INTERFACE_PAIR = re.compile(r"\b([A-Za-z_][\w-]*):(\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]+)/\d+")


def check_interfaces(exhibit: Exhibit) -> Iterator[str]:
    """An address is always behind the same interface of a firewall, and the Internet behind one that nothing of
    ours is behind."""
    seen: dict[tuple[str, str], tuple[str, LogRecord]] = {}
    for log in exhibit.logs:
        if log.source == "cisco.asa":
            for word, ip in INTERFACE_PAIR.findall(log.raw):
                first, where = seen.setdefault((log.location.file, ip), (word, log))
                if first != word:
                    yield f"{log.location} has {ip} behind {word}, {where.location} behind {first}"
    yield from _mixed_interfaces(exhibit, seen)


def _mixed_interfaces(exhibit: Exhibit, seen: dict[tuple[str, str], tuple[str, LogRecord]]) -> Iterator[str]:
    sides: dict[tuple[str, str], tuple[bool, LogRecord]] = {}
    for (file, ip), (word, log) in seen.items():
        if (is_ours := _is_ours(exhibit, ip)) is None:
            continue
        first, where = sides.setdefault((file, word), (is_ours, log))
        if first is not is_ours:
            yield f"{log.location} has {ip} behind {word}, as {where.location} has addresses of the other side"


HOME = parse_rule("alert ip $HOME_NET any -> any any (sid:1;)").src


def _is_ours(exhibit: Exhibit, ip: str) -> bool | None:
    return contains_address(HOME, ip, exhibit.filled.context.variables)


# Translations


class _Lease(NamedTuple):
    inner: Endpoint
    start_ns: int
    end_ns: int
    log: LogRecord


def check_translations(exhibit: Exhibit) -> Iterator[str]:
    """No two hosts have the same outer address and port at the same time."""
    ends_ns = {
        (log.location.file, log.fields["connection"]): log.time_ns
        for log in exhibit.logs
        if log.statement is Statement.CLOSED and log.fields.get("connection")
    }
    leases: dict[tuple[str, Protocol, Endpoint], list[_Lease]] = {}
    for log in exhibit.logs:
        end_ns = ends_ns.get((log.location.file, log.fields.get("connection", "")), log.time_ns)
        for inner, outer in _mapped(log):
            lease = _Lease(inner, log.time_ns, end_ns, log)
            others = leases.setdefault((log.location.file, log.protocol, outer), [])
            for other in others:
                is_together = other.start_ns <= lease.end_ns and lease.start_ns <= other.end_ns
                if other.inner != inner and is_together:
                    yield f"{log.location} gives {outer} to {inner} while {other.log.location} gives it to {other.inner}"
            others.append(lease)


def _mapped(log: LogRecord) -> Iterator[tuple[Endpoint, Endpoint]]:
    for view in log.translated:
        for inner, outer in zip((log.src, log.dst), view, strict=True):
            if inner != outer and log.protocol is not Protocol.ICMP:
                yield inner, outer


# What applications said


def check_quotes(exhibit: Exhibit) -> Iterator[str]:
    """What a sensor quotes of a page's address or a looked-up name was said in the packets."""
    for log in exhibit.logs:
        views = _seen(exhibit, log)
        said = [b"".join(packet.payload for packet in packets) for packets in views]
        for name in ("hostname", "host", "url", "uri", "user_agent"):
            text = log.fields.get(name, "")
            is_plain = log.service in ("http", "") and log.source in ("suricata.http", "zeek.http")
            if text and is_plain and said and not any(text.encode() in payload for payload in said):
                yield f"{log.location} quotes {text!r}, which nobody said"
