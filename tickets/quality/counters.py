"""Counters, times, flags and history: what sums a conversation up is counted again from the packets in the capture."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum, auto
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from tickets.engine import Alert, Endpoint, FlowRecord, LogRecord, Packet, Protocol, TcpFlags, community_id_of
from tickets.quality.exhibit import Exhibit, Key, ends_of, key_of
from tickets.simulator import Oddity

MICROSECOND_NS = 1_000


class Unit(Enum):
    """What a format's bytes are."""

    FRAME = auto()
    PAYLOAD = auto()


# The formats that print times to the microsecond and count all that passes the tap of the capture beside them.
EXACT = {"suricata.flow": Unit.FRAME, "suricata.netflow": Unit.FRAME, "zeek.conn": Unit.PAYLOAD}


def check_counters(exhibit: Exhibit) -> Iterator[str]:
    """Every flow record counts the packets and bytes that the capture holds, between the same two moments."""
    if exhibit.is_odd(Oddity.CLOCK):
        return
    for flow in exhibit.flows:
        views = [packets for _, packets in exhibit.views(_key(flow))]
        if flow.source in EXACT and views:
            yield from _best(views, partial(_differences, flow))


def _best(
    views: Sequence[tuple[Packet, ...]], compare: Callable[[tuple[Packet, ...]], Iterator[str]]
) -> list[str]:
    """Two captures may see different packets of one conversation: a record agrees with one of them."""
    return min((list(compare(packets)) for packets in views), key=len)


def _differences(flow: FlowRecord, packets: Sequence[Packet]) -> Iterator[str]:
    within = [
        item
        for item in packets
        if flow.time_ns - MICROSECOND_NS <= item.time_ns <= flow.end_ns + MICROSECOND_NS
    ]
    # Between two hosts an echo and an error that quotes something else are two conversations without ports.
    within = [item for item in within if (item.quoted is None) is (within[0].quoted is None)]
    there = [item for item in within if item.src == flow.orig]
    back = [item for item in within if item.src != flow.orig]
    # Suricata counts no flags where it keeps no session, of an answer to nothing say.
    sides = [("the originator's", there, flow.orig_packets, flow.orig_bytes, flow.orig_flags)]
    if not flow.is_half:
        sides.append(("the responder's", back, flow.resp_packets, flow.resp_bytes, flow.resp_flags))
    for whose, sent, count, size, flags in sides:
        if count != len(sent):
            yield f"{flow.location} counts {count} of {whose} packets, the capture {len(sent)}"
        elif not _is_untold(flow, size) and size != (counted := _bytes(sent, EXACT[flow.source])):
            yield f"{flow.location} counts {size} of {whose} bytes, the capture {counted}"
        if flags and flow.protocol is Protocol.TCP and flags != _flags(sent):
            yield f"{flow.location} prints {whose} flags as {flags!r}, the capture {_flags(sent)!r}"
    yield from _wrong_times(flow, within)


def _is_untold(flow: FlowRecord, size: int) -> bool:
    """Zeek prints neither a duration nor bytes of a single packet, and counts no bytes of an ICMP error."""
    is_bare = flow.time_ns == flow.end_ns or flow.protocol is Protocol.ICMP
    return flow.source == "zeek.conn" and not size and is_bare


def _wrong_times(flow: FlowRecord, within: Sequence[Packet]) -> Iterator[str]:
    if not within:
        return
    for word, printed, seen in (
        ("starts", flow.time_ns, within[0].time_ns),
        ("ends", flow.end_ns, within[-1].time_ns),
    ):
        if abs(printed - seen) > MICROSECOND_NS:
            yield f"{flow.location} {word} {abs(printed - seen) // MICROSECOND_NS} microseconds off the capture"


def _bytes(packets: Sequence[Packet], unit: Unit) -> int:
    if unit is Unit.FRAME:
        return sum(packet.wire_bytes for packet in packets)
    if packets and packets[0].protocol is Protocol.TCP:
        return _sequence_bytes(packets)
    return sum(packet.payload_bytes for packet in packets)


def _sequence_bytes(packets: Iterable[Packet]) -> int:
    """Payload by sequence numbers: what is sent twice counts once, and a probe of the number before the first not at
    all (RFC 9293, 3.8.4)."""
    packets = list(packets)
    reached = next((packet.seq + 1 for packet in packets if TcpFlags.SYN in packet.flags), -1)
    spans = sorted(
        (packet.seq, packet.seq + packet.payload_bytes) for packet in packets if packet.payload_bytes
    )
    total = 0
    for start, end in spans:
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _flags(packets: Iterable[Packet]) -> TcpFlags:
    together = TcpFlags.NONE
    for packet in packets:
        together |= packet.flags
    return together


# Every source knows every conversation, and all of it.

# A pipeline's events come from several sensors, each of which counts the same packets.
GATHERED = frozenset({"ecs.flow"})


class _Sum(NamedTuple):
    packets: dict[Endpoint, int]
    first: FlowRecord


def check_coverage(exhibit: Exhibit) -> Iterator[str]:
    """No sensor beside the capture misses a conversation, counts a packet twice or tells of one that was not there."""
    if len(exhibit.captures) != 1 or exhibit.is_odd(Oddity.CAPTURE_GAP, Oddity.ONE_WAY_TAP, Oddity.CLOCK):
        return
    ((name, conversations),) = exhibit.captures.items()
    counted = _count_by_source(exhibit.flows)
    for (file, source), sums in counted.items():
        for key, found in sums.items():
            yield from _uncovered(found, conversations.get(key, ()), name)
        if source in EXACT:
            yield from _missing(file, conversations, sums)


def _count_by_source(flows: Iterable[FlowRecord]) -> dict[tuple[str, str], dict[Key, _Sum]]:
    """Packets by sender, for each file, format and point of observation: two of these see the same packets twice."""
    counted: dict[tuple[str, str], dict[Key, _Sum]] = {}
    for flow in flows:
        if flow.is_sampled or flow.protocol is Protocol.ICMP or flow.source in GATHERED:
            continue
        sums = counted.setdefault((f"{flow.location.file} {flow.observer}".strip(), flow.source), {})
        found = sums.setdefault(_key(flow), _Sum(defaultdict(int), flow))
        found.packets[flow.orig] += flow.orig_packets
        found.packets[flow.resp] += 0 if flow.is_half else flow.resp_packets
    return counted


def _uncovered(found: _Sum, packets: Sequence[Packet], name: str) -> Iterator[str]:
    if not packets:
        if found.first.source in EXACT:
            yield f"{found.first.location} tells of a conversation that is not in {name}"
        return
    for end, count in found.packets.items():
        seen = sum(packet.src == end for packet in packets)
        if count and count != seen:
            yield f"{found.first.location} and what belongs to it count {count} packets of {end}, {name} {seen}"


def _missing(file: str, conversations: Iterable[Key], sums: dict[Key, _Sum]) -> Iterator[str]:
    for protocol, ends in conversations:
        if protocol is not Protocol.ICMP and (protocol, ends) not in sums:
            yield f"{file} misses {protocol} between {' and '.join(sorted(map(str, ends)))}"


def _key(flow: FlowRecord) -> Key:
    return key_of(flow.protocol, *ends_of(flow))


# Zeek's own words


# Letters of the history that a flag or a payload of that side calls for (Zeek's documentation of conn.log).
LETTERS: tuple[tuple[str, Callable[[Packet], bool]], ...] = (
    ("s", lambda p: TcpFlags.SYN in p.flags and TcpFlags.ACK not in p.flags),
    ("h", lambda p: TcpFlags.SYN in p.flags and TcpFlags.ACK in p.flags),
    ("f", lambda p: TcpFlags.FIN in p.flags),
    ("r", lambda p: TcpFlags.RST in p.flags),
    ("d", lambda p: p.payload_bytes > 0),
)
# States that say which letters stand in the history, and which do not.
STATES = {
    "S0": ("S", "hrf"),
    "REJ": ("Sr", "h"),
    "SF": ("Ff", "Rr"),
    "S1": ("Sh", "FfRr"),
    "RSTO": ("R", ""),
    "RSTR": ("r", ""),
    "SH": ("F", "hrf"),
    "SHR": ("", "S"),
}


def check_history(exhibit: Exhibit) -> Iterator[str]:
    """Zeek's state fits its history, and its history the packets."""
    for flow in exhibit.flows:
        if flow.source != "zeek.conn" or flow.protocol is not Protocol.TCP:
            continue
        wanted, unwanted = STATES.get(flow.state, ("", ""))
        if not set(wanted) <= set(flow.history) or set(unwanted) & set(flow.history):
            yield f"{flow.location} has state {flow.state} with history {flow.history}"
        views = [packets for _, packets in exhibit.views(_key(flow))]
        if views and not exhibit.is_odd(Oddity.CLOCK):
            yield from _best(views, partial(_wrong_letters, flow))


def _wrong_letters(flow: FlowRecord, packets: Sequence[Packet]) -> Iterator[str]:
    within = [item for item in packets if flow.time_ns <= item.time_ns <= flow.end_ns + MICROSECOND_NS]
    for letter, calls_for in LETTERS:
        for written, end in ((letter.upper(), flow.orig), (letter, flow.resp)):
            is_sent = any(calls_for(item) for item in within if item.src == end)
            if is_sent is not (written in flow.history):
                seen = "" if is_sent else "no "
                yield f"{flow.location} has history {flow.history}, and {end} sent {seen}such packet as {written!r}"


def check_zeek_sizes(exhibit: Exhibit) -> Iterator[str]:
    """Zeek's bytes on the IP level are those of the packets that it counts."""
    names = _column_names(exhibit)
    for flow in exhibit.flows:
        if flow.source != "zeek.conn" or exhibit.is_odd(Oddity.CLOCK):
            continue
        row = _row(flow, names.get(flow.location.file, ()))
        views = [packets for _, packets in exhibit.views(_key(flow))]
        for end, column in ((flow.orig, "orig_ip_bytes"), (flow.resp, "resp_ip_bytes")):
            printed = row.get(column, "-")
            sizes = {_ip_bytes(flow, packets, end) for packets in views}
            if printed.isdecimal() and sizes and int(printed) not in sizes:
                yield f"{flow.location} prints {column} {printed}, the capture {min(sizes)}"


def _ip_bytes(flow: FlowRecord, packets: Iterable[Packet], end: Endpoint) -> int:
    last_ns = flow.end_ns + MICROSECOND_NS
    return sum(p.ip_bytes for p in packets if p.src == end and flow.time_ns <= p.time_ns <= last_ns)


def _column_names(exhibit: Exhibit) -> dict[str, tuple[str, ...]]:
    found = {}
    for file in exhibit.played.files:
        for line in file.data[:4096].splitlines():
            if line.startswith(b"#fields\t"):
                found[file.name] = tuple(line.decode(errors="replace").split("\t")[1:])
    return found


def _row(flow: FlowRecord, names: Sequence[str]) -> dict[str, str]:
    """The line's columns, of either of Zeek's two writings."""
    if flow.raw.startswith("{"):
        return {name: str(value) for name, value in json.loads(flow.raw).items()}
    return dict(zip(names, flow.raw.split("\t"), strict=False))


# Identities


def check_identities(exhibit: Exhibit) -> Iterator[str]:
    """Community ids are those of the ends, a sensor's flow id belongs to one conversation, and Zeek's to one line."""
    owners: dict[tuple[str, str], Key] = {}
    uids: set[tuple[str, str]] = set()
    told: tuple[FlowRecord | LogRecord | Alert, ...] = (*exhibit.flows, *exhibit.logs, *exhibit.alerts)
    for record in told:
        wanted = community_id_of(record.protocol, *ends_of(record)) if record.community_id else ""
        if wanted and record.community_id != wanted:
            yield f"{record.location} has the community id of other ends"
        flow_id = "" if isinstance(record, LogRecord) else record.flow_id
        if not flow_id or record.location is None:
            continue
        file, key = record.location.file, key_of(record.protocol, *ends_of(record))
        if owners.setdefault((file, flow_id), key) != key:
            yield f"{record.location} has the flow id of another conversation"
        if isinstance(record, FlowRecord) and record.source == "zeek.conn":
            if (file, flow_id) in uids:
                yield f"{record.location} has the uid of another line"
            uids.add((file, flow_id))


# The capture itself


def check_sequence(exhibit: Exhibit) -> Iterator[str]:
    """TCP's numbers add up: nothing was sent that the capture does not hold, nothing acknowledged that was not sent."""
    if exhibit.is_odd(Oddity.CAPTURE_GAP, Oddity.ONE_WAY_TAP):
        return
    for conversations in exhibit.captures.values():
        for (protocol, _), packets in conversations.items():
            if protocol is Protocol.TCP:
                yield from _broken_numbers(packets)


def _broken_numbers(packets: Sequence[Packet]) -> Iterator[str]:
    """RFC 9293, 3.4: SYN and FIN take a number each."""
    next_seq: dict[Endpoint, int] = {}
    for packet in packets:
        length = packet.payload_bytes + bool(packet.flags & TcpFlags.SYN) + bool(packet.flags & TcpFlags.FIN)
        if TcpFlags.RST in packet.flags or TcpFlags.SYN in packet.flags:
            next_seq[packet.src] = (packet.seq + length) % (1 << 32)
            continue
        expected = next_seq.get(packet.src)
        if expected is not None and _ahead(packet.seq, expected) > 0:
            yield f"{packet.location} leaves out {_ahead(packet.seq, expected)} bytes that were sent before it"
        acknowledged = next_seq.get(packet.dst)
        if TcpFlags.ACK in packet.flags and acknowledged is not None and _ahead(packet.ack, acknowledged) > 0:
            yield f"{packet.location} acknowledges what was not sent"
        end = (packet.seq + length) % (1 << 32)
        if expected is None or _ahead(end, expected) > 0:
            next_seq[packet.src] = end


def _ahead(number: int, other: int) -> int:
    """How far ahead a sequence number is, modulo 2**32; negative for behind."""
    return (number - other + (1 << 31)) % (1 << 32) - (1 << 31)


def check_duplicates(exhibit: Exhibit) -> Iterator[str]:
    """No capture holds the same packet twice at the same moment."""
    for name, conversations in exhibit.captures.items():
        for packets in conversations.values():
            for one, other in pairwise(packets):
                if one.time_ns == other.time_ns and _same_packet(one, other):
                    yield f"{other.location} repeats packet {one.location.number} of {name}"


def _same_packet(one: Packet, other: Packet) -> bool:
    return (one.src, one.seq, one.ack, one.flags, one.payload) == (
        other.src,
        other.seq,
        other.ack,
        other.flags,
        other.payload,
    )
