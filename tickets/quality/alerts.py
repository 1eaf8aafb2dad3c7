"""The alert: it stands in the evidence, comes from the rule that is shown, and the rule fires on its packet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tickets.engine import (
    Alert,
    Endpoint,
    EngineError,
    Location,
    LogRecord,
    Packet,
    Protocol,
    Record,
    Rule,
    Statement,
    TcpFlags,
    contains_address,
    contains_port,
)
from tickets.quality.exhibit import Exhibit, ends_of, key_of
from tickets.simulator import Oddity

REFERENCE = re.compile(r"\bevent=([^\s:]+):([1-9]\d*)")
LETTERS = {
    "F": TcpFlags.FIN,
    "S": TcpFlags.SYN,
    "R": TcpFlags.RST,
    "P": TcpFlags.PSH,
    "A": TcpFlags.ACK,
    "U": TcpFlags.URG,
    "E": TcpFlags.ECE,
    "C": TcpFlags.CWR,
    "1": TcpFlags.CWR,
    "2": TcpFlags.ECE,
}
LOGINS = frozenset({Statement.AUTHENTICATED, Statement.AUTHENTICATION_FAILED})
TO_SERVER, TO_CLIENT = ({"to_server", "from_client"}, {"to_client", "from_server"})


def check_alert_record(exhibit: Exhibit) -> Iterator[str]:
    """The alert is the one that its sensor wrote, or is about a line that is there."""
    alert = exhibit.played.alert
    if alert.location is not None:
        found = exhibit.by_place.get(alert.location)
        # On what the sensor's roles rest is the reader's judgement, and no word of the sensor.
        if not isinstance(found, Alert) or replace(found, basis=alert.basis) != alert:
            yield f"{alert.location} is not the alert that the ticket shows"
        return
    references = REFERENCE.findall(alert.raw)
    is_line = any(alert.raw.encode() in file.data.splitlines() for file in exhibit.played.files)
    if alert.raw and not references and not is_line:
        yield "the alert's text stands in no file, and it names no record"
    for file, number in references:
        record = exhibit.by_place.get(Location(file, int(number)))
        if record is None:
            yield f"the alert is about {file}:{number}, and there is no such record"
        elif not _has_ends(record, alert):
            yield f"the alert is about {file}:{number}, which has other ends"


def _has_ends(record: Record, alert: Alert) -> bool:
    """A login host's line names the client and, by its name, the host that writes: no port of it."""
    src, dst = ends_of(record)
    if dst.port == 0 and isinstance(record, LogRecord) and record.statement in LOGINS:
        return src in (alert.src, alert.dst)
    return key_of(record.protocol, src, dst) == key_of(alert.protocol, alert.src, alert.dst)


def check_rule(exhibit: Exhibit) -> Iterator[str]:
    """The alert comes from the rule that the trainee is shown."""
    rule, alert = exhibit.rule, exhibit.played.alert
    for what, wanted, given in (
        ("sid", rule.sid, alert.sid),
        ("rev", rule.rev, alert.rev),
        ("message", rule.msg, alert.message),
    ):
        if wanted != given:
            yield f"{what} is {wanted} in the rule and {given} in the alert"


def check_firing(exhibit: Exhibit) -> Iterator[str]:
    """The rule's header, flags and flow fit the packet that the alert is about."""
    alert, rule = exhibit.played.alert, exhibit.rule
    if not _header_fits(exhibit, alert):
        yield f"the rule's header does not fit {alert.src} -> {alert.dst}"
        return
    candidates = list(_candidates(exhibit, alert))
    if not candidates:
        if alert.source == "suricata.alert" and exhibit.captures and not exhibit.is_odd(Oddity.CAPTURE_GAP):
            yield "no packet of the capture has the alert's ends and time"
    elif not any(_fires(rule, alert, packets, index) for packets, index in candidates):
        yield "the rule's flags or flow fit none of the packets that the alert can be about"


def _header_fits(exhibit: Exhibit, alert: Alert) -> bool:
    """A variable that is not stated decides nothing, and a rule with <> is tried both ways."""
    rule, variables = exhibit.rule, exhibit.filled.context.variables

    def fits(src: Endpoint, dst: Endpoint) -> bool:
        parts = [contains_address(rule.src, src.ip, variables), contains_address(rule.dst, dst.ip, variables)]
        if alert.protocol is not Protocol.ICMP:
            parts += [
                contains_port(rule.sport, src.port, variables),
                contains_port(rule.dport, dst.port, variables),
            ]
        return False not in parts

    try:
        return fits(alert.src, alert.dst) or (rule.direction == "<>" and fits(alert.dst, alert.src))
    except (EngineError, ValueError):  # a host's name in place of an address
        return False


def _candidates(exhibit: Exhibit, alert: Alert) -> Iterator[tuple[Sequence[Packet], int]]:
    """The packets that the alert can be about, each as its conversation and its place in it. An IDS prints its
    packet's own time; what was raised on a log line can be about any packet of that direction."""
    is_exact = alert.source == "suricata.alert" and not exhibit.is_odd(Oddity.CLOCK)
    for _, packets in exhibit.views(key_of(alert.protocol, alert.src, alert.dst)):
        for index, packet in enumerate(packets):
            is_same_way = packet.src == alert.src or alert.protocol is Protocol.ICMP
            if is_same_way and (not is_exact or packet.time_ns == alert.time_ns):
                yield packets, index


def _fires(rule: Rule, alert: Alert, packets: Sequence[Packet], index: int) -> bool:
    packet = packets[index]
    if packet.protocol is Protocol.TCP and rule.flags and not flags_fit(rule.flags, packet.flags):
        return False
    client = alert.flow_orig or packets[0].src
    if rule.flow & TO_SERVER and packet.src != client:
        return False
    if rule.flow & TO_CLIENT and packet.src == client:
        return False
    if "established" in rule.flow:
        return _stands(packets[:index], packet)
    return "not_established" not in rule.flow or not _stands(packets[:index], packet)


def _stands(before: Sequence[Packet], packet: Packet) -> bool:
    """Suricata's user guide, flow keywords: after the handshake, for UDP once both sides have spoken. A conversation
    picked up in the middle is taken for established."""
    senders = {item.src for item in before}
    if packet.protocol is not Protocol.TCP:
        return len(senders | {packet.src}) == 2
    if TcpFlags.SYN in packet.flags:
        return False
    syns = [item for item in before if TcpFlags.SYN in item.flags]
    return not syns or any(TcpFlags.ACK in item.flags for item in syns)


def flags_fit(wanted: str, flags: TcpFlags) -> bool:
    """Suricata's user guide, tcp.flags: exactly these; with + these and any more, * any of these, ! none of these.
    What follows a comma is ignored."""
    text, _, ignored = wanted.replace(" ", "").partition(",")
    mask = _read_flags(ignored)
    asked, given = _read_flags(text) & ~mask, flags & ~mask
    if "+" in text:
        return given & asked == asked
    if "*" in text:
        return bool(given & asked)
    if "!" in text:
        return not given & asked
    return given == asked


def _read_flags(text: str) -> TcpFlags:
    flags = TcpFlags.NONE
    for letter in text.upper():
        flags |= LETTERS.get(letter, TcpFlags.NONE)
    return flags


def check_alert_counts(exhibit: Exhibit) -> Iterator[str]:
    """What Suricata's alert counts of its flow had passed by then, and its client is who sent the first packet."""
    if exhibit.is_odd(Oddity.CLOCK, Oddity.CAPTURE_GAP):
        return
    for alert in exhibit.alerts:
        if alert.source != "suricata.alert" or alert.time_ns is None:
            continue
        views = [packets for _, packets in exhibit.views(key_of(alert.protocol, alert.src, alert.dst))]
        found = [list(_wrong_counts(alert, packets)) for packets in views]
        yield from min(found, key=len, default=())


def _wrong_counts(alert: Alert, packets: Sequence[Packet]) -> Iterator[str]:
    flow: dict[str, Any] = json.loads(alert.raw).get("flow", {}) if alert.raw.startswith("{") else {}
    client = alert.flow_orig
    if client is None or "pkts_toserver" not in flow or alert.time_ns is None:
        return
    if alert.protocol is Protocol.ICMP:
        return
    passed = [packet for packet in packets if packet.time_ns <= alert.time_ns]
    sides = (
        ("toserver", [p for p in passed if p.src == client]),
        ("toclient", [p for p in passed if p.src != client]),
    )
    for side, sent in sides:
        printed = (flow.get(f"pkts_{side}"), flow.get(f"bytes_{side}"))
        counted = (len(sent), sum(packet.wire_bytes for packet in sent))
        if printed != counted:
            yield f"{alert.location} counts {printed} {side}, the capture {counted}"
    if (
        passed
        and alert.direction
        and alert.direction != ("to_server" if alert.src == client else "to_client")
    ):
        yield f"{alert.location} says {alert.direction}, and its ends say the other way"
    if passed and passed[0].src != client and TcpFlags.ACK not in passed[0].flags:
        yield f"{alert.location} takes {client} for the client, and {passed[0].src} sent the first packet"
