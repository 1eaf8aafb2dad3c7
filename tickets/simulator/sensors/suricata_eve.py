"""Suricata's EVE log: alerts, flows, what its parsers read, and what it counts of itself.

Source: Suricata's output-json-*.c and schema.json, and runs of version 7.0. An alert prints the addresses of the packet that
fired. Since version 7 `direction` and the ends in `flow`, client first, say how the sensor holds the conversation;
before that an alert tells only the counts. A drop is told when the sensor stands in the line and may.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from tickets.engine.types import Alert, Endpoint, Location, Protocol, TcpFlags
from tickets.simulator.clock import NS_PER_S, to_iso
from tickets.simulator.network import SeenPacket
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Flow, Recording
from tickets.simulator.sensors.account import Account
from tickets.simulator.sensors.alarms import Alarm, Signature
from tickets.simulator.sensors.community_id import compute_community_id
from tickets.simulator.sensors.suricata_applications import (
    Application,
    name_application,
    read_applications,
)
from tickets.simulator.sensors.suricata_flows import BY_DEFAULT, Streams, Tracked, track_flows

__all__ = ["FILE", "Alarm", "Release", "Setup", "Signature", "write_eve", "write_eve_log"]

FILE = "eve.json"
EveRecord = dict[str, Any]
FLAG_NAMES = {
    TcpFlags.SYN: "syn",
    TcpFlags.FIN: "fin",
    TcpFlags.RST: "rst",
    TcpFlags.PSH: "psh",
    TcpFlags.ACK: "ack",
}
USUAL_KINDS = frozenset({"alert", "drop", "flow", "http", "dns", "tls", "ssh", "ftp", "smtp", "smb"})
ALL_KINDS = USUAL_KINDS | {"anomaly", "netflow", "stats"}
STATS_NS = 8 * NS_PER_S


class Release(IntEnum):
    """Which version writes: 6 has no direction in alerts, 8 tells dns in format 3."""

    SIX = 6
    SEVEN = 7
    EIGHT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How the sensor is set up. `kinds` are the event types that are switched on."""

    release: Release = Release.EIGHT
    streams: Streams = BY_DEFAULT
    kinds: frozenset[str] = USUAL_KINDS

    @property
    def dns_version(self) -> int:
        return 3 if self.release is Release.EIGHT else 2


USUAL_SETUP = Setup()
TIME_EXCEEDED, TIME_EXCEEDED6 = 11, 3  # RFC 792, RFC 4443


def write_eve(
    recording: Recording, alarm: Alarm | None, chance: Stream, setup: Setup = USUAL_SETUP
) -> tuple[bytes, Alert | None]:
    """The log as lines in order of writing, and the alert with its place in it."""
    data, alerts = write_eve_log(recording, [alarm] if alarm else [], chance, setup)
    return data, alerts[0] if alerts else None


def write_eve_log(
    recording: Recording, alarms: Sequence[Alarm], chance: Stream, setup: Setup = USUAL_SETUP
) -> tuple[bytes, tuple[Alert, ...]]:
    """The same with any number of alarms; alerts in the order of the log."""
    events: list[tuple[int, EveRecord]] = []
    for flow in recording.flows:
        mine = [alarm for alarm in alarms if alarm.dialogue is flow.dialogue and flow.part == 0]
        told = 0
        for tracked in track_flows(flow, setup.streams):
            count = len(tracked.account.packets)
            here = [alarm for alarm in mine if told <= alarm.packet < told + count]
            events.extend(_flow_events(tracked, here, told, chance, setup))
            told += count
    if "stats" in setup.kinds:
        events.extend(_stats(recording, len(alarms)))
    events = [event for event in events if event[1]["event_type"] in setup.kinds]
    events.sort(key=lambda event: event[0])
    lines = [json.dumps(record, separators=(",", ":")) for _, record in events]
    alerts = [
        _read_alert(number, time_ns, record, lines[number - 1])
        for number, (time_ns, record) in enumerate(events, 1)
        if record["event_type"] == "alert"
    ]
    return "".join(line + "\n" for line in lines).encode(), tuple(alerts)


def _flow_events(
    tracked: Tracked, alarms: Sequence[Alarm], told: int, chance: Stream, setup: Setup
) -> Iterator[tuple[int, EveRecord]]:
    flow_id = chance.between(10**14, 2**51)
    for alarm in alarms:
        yield from _alert(tracked, flow_id, alarm, told, setup)
    account = tracked.account
    if not _keeps_flow(account):
        return
    for application in read_applications(tracked, dns_version=setup.dns_version):
        yield application.time_ns, _application(account, flow_id, application, setup)
    for name, seen in tracked.oddities:
        yield seen.time_ns, _oddity(account, flow_id, name, seen, setup)
    written_ns, reason = _end(tracked, chance)
    record = _flow(tracked, flow_id, written_ns, setup, is_alerted=bool(alarms), reason=reason)
    yield written_ns, record
    for from_client in (True, False):
        half = _netflow(tracked, flow_id, written_ns, setup, from_client=from_client)
        if half is not None:
            yield written_ns, half


def _keeps_flow(account: Account) -> bool:
    """An ICMP "time exceeded" belongs to no flow (a run of Suricata 7.0.10): nothing but an alert tells of it."""
    first = account.packets[0].packet
    expired = TIME_EXCEEDED6 if first.is_ipv6 else TIME_EXCEEDED
    return first.protocol is not Protocol.ICMP or first.icmp_type != expired


# Parts that events share.


def _head(
    account: Account, flow_id: int, kind: str, time_ns: int, ends: Sequence[Endpoint], setup: Setup
) -> EveRecord:
    src, dst = ends
    is_message = account.protocol is Protocol.ICMP
    record: EveRecord = {
        "timestamp": to_iso(time_ns) + "+0000",
        "flow_id": flow_id,
        "in_iface": account.flow.tap.interface,
        "event_type": kind,
        **({"vlan": [account.flow.tap.vlan]} if account.flow.tap.vlan is not None else {}),
        "src_ip": src.ip,
        **({} if is_message else {"src_port": src.port}),
        "dest_ip": dst.ip,
        **({} if is_message else {"dest_port": dst.port}),
        "proto": _protocol_name(account, src),
    }
    if is_message:
        first = next(seen.packet for seen in account.packets if seen.packet.src.host.ip == src.ip)
        record |= {"icmp_type": first.icmp_type, "icmp_code": first.icmp_code}
    if setup.release is Release.EIGHT:
        record["ip_v"] = 6 if ":" in src.ip else 4
    if setup.release >= Release.SEVEN and kind not in ("flow", "netflow"):
        record["pkt_src"] = "wire/pcap"
    record["community_id"] = compute_community_id(account.protocol, account.orig, account.resp)
    return record


def _protocol_name(account: Account, end: Endpoint) -> str:
    is_six = account.protocol is Protocol.ICMP and ":" in end.ip
    return "IPv6-ICMP" if is_six else account.protocol.value.upper()


def _counters(account: Account) -> EveRecord:
    to_server, to_client = account.tally(from_orig=True), account.tally(from_orig=False)
    return {
        "pkts_toserver": to_server.packets,
        "pkts_toclient": to_client.packets,
        "bytes_toserver": to_server.frame_bytes,
        "bytes_toclient": to_client.frame_bytes,
    }


def _flag_words(flags: TcpFlags) -> EveRecord:
    return {name: True for flag, name in FLAG_NAMES.items() if flags & flag}


# Alerts.


def _alert(
    tracked: Tracked, flow_id: int, alarm: Alarm, told: int, setup: Setup
) -> Iterator[tuple[int, EveRecord]]:
    """The flow stands in an alert as the sensor held it at that packet."""
    whole = tracked.account.flow
    seen = tracked.account.packets[alarm.packet - told]
    now = track_flows(whole.until(alarm.packet - told + 1), setup.streams)[-1]
    account = now.account
    ends = (seen.packet.src.endpoint, seen.packet.dst.endpoint)
    record = _head(account, flow_id, "alert", seen.time_ns, ends, setup)
    record["alert"] = _rule(alarm)
    if not _keeps_flow(account):
        del record["flow_id"], record["community_id"]
        yield seen.time_ns, record
        return
    if application := name_application(now):
        record["app_proto"] = application
    if setup.release >= Release.SEVEN:
        record["direction"] = "to_server" if account.is_from_orig(seen) else "to_client"
    record["flow"] = {**_counters(account), "start": to_iso(account.start_ns) + "+0000"}
    if setup.release >= Release.SEVEN:
        record["flow"] |= _flow_ends(account)
    is_lost = alarm.drops or alarm.is_stopped
    if is_lost and setup.release >= Release.SEVEN:
        record["verdict"] = {"action": "drop"}
    yield seen.time_ns, record
    if is_lost:
        yield seen.time_ns, _drop(account, flow_id, alarm, seen, setup)


def _rule(alarm: Alarm) -> EveRecord:
    signature = alarm.signature
    return {
        "action": "blocked" if alarm.drops else "allowed",
        "gid": 1,
        "signature_id": signature.sid,
        "rev": signature.rev,
        "signature": signature.message,
        "category": signature.category,
        "severity": signature.severity,
    }


def _flow_ends(account: Account) -> EveRecord:
    if account.protocol is Protocol.ICMP:
        return {"src_ip": account.orig.ip, "dest_ip": account.resp.ip}
    return {
        "src_ip": account.orig.ip,
        "dest_ip": account.resp.ip,
        "src_port": account.orig.port,
        "dest_port": account.resp.port,
    }


def _drop(account: Account, flow_id: int, alarm: Alarm, seen: SeenPacket, setup: Setup) -> EveRecord:
    packet = seen.packet
    record = _head(account, flow_id, "drop", seen.time_ns, (packet.src.endpoint, packet.dst.endpoint), setup)
    details: EveRecord = {"len": packet.ip_bytes, "tos": 0, "ttl": seen.ttl, "ipid": packet.ip_id}
    if packet.protocol is Protocol.TCP:
        flags = {name: bool(packet.flags & flag) for flag, name in FLAG_NAMES.items()}
        details |= {"tcpseq": packet.seq, "tcpack": packet.ack, "tcpwin": packet.window, **flags}
        details["tcpres"] = 0
    elif packet.protocol is Protocol.UDP:
        details["udplen"] = 8 + len(packet.payload)
    record["drop"] = details | {"reason": "rules"}
    if alarm.drops:
        record["alert"] = _rule(alarm)
    return record


def _read_alert(number: int, time_ns: int, record: EveRecord, line: str) -> Alert:
    alert, flow = record["alert"], record.get("flow", {})
    has_ends = "src_port" in flow
    is_message = "icmp_type" in record
    return Alert(
        protocol=Protocol.ICMP if is_message else Protocol(record["proto"].lower()),
        src=Endpoint(record["src_ip"], record["icmp_type" if is_message else "src_port"]),
        dst=Endpoint(record["dest_ip"], record["icmp_code" if is_message else "dest_port"]),
        location=Location(FILE, number),
        source="suricata.alert",
        time_ns=time_ns,
        sid=alert["signature_id"],
        gid=alert["gid"],
        rev=alert["rev"],
        message=alert["signature"],
        category=alert["category"],
        severity=alert["severity"],
        action=alert["action"],
        verdict=record.get("verdict", {}).get("action", ""),
        direction=record.get("direction", ""),
        flow_orig=Endpoint(flow["src_ip"], flow["src_port"]) if has_ends else None,
        flow_resp=Endpoint(flow["dest_ip"], flow["dest_port"]) if has_ends else None,
        community_id=record.get("community_id", ""),
        flow_id=str(record.get("flow_id", "")),
        raw=line,
    )


# Flows.


def _end(tracked: Tracked, chance: Stream) -> tuple[int, str]:
    """When the flow is told, and why: its time was over, or the sensor was stopped before."""
    over_ns = tracked.account.end_ns + tracked.timeout_ns + chance.between(1, 4 * NS_PER_S)
    flow: Flow = tracked.account.flow
    restarts = sorted(flow.tap.restarts_ns)
    if flow.part < len(restarts) and restarts[flow.part] + flow.tap.skew_ns < over_ns:
        return restarts[flow.part] + flow.tap.skew_ns, "shutdown"
    return over_ns, "timeout"


def _flow(
    tracked: Tracked, flow_id: int, written_ns: int, setup: Setup, *, is_alerted: bool, reason: str
) -> EveRecord:
    account = tracked.account
    record = _head(account, flow_id, "flow", written_ns, (account.orig, account.resp), setup)
    if application := name_application(tracked):
        record["app_proto"] = application
    record["flow"] = {
        **_counters(account),
        **_times(account),
        "state": tracked.flow_state,
        "reason": reason,
        "alerted": is_alerted,
    }
    if account.protocol is Protocol.TCP:
        record["tcp"] = _tcp_summary(tracked)
    return record


def _times(account: Account) -> EveRecord:
    return {
        "start": to_iso(account.start_ns) + "+0000",
        "end": to_iso(account.end_ns) + "+0000",
        "age": account.end_ns // NS_PER_S - account.start_ns // NS_PER_S,
    }


def _tcp_summary(tracked: Tracked) -> EveRecord:
    """Flags are hexadecimal and added up over each direction; without a session none are counted."""
    to_server, to_client = (tracked.flags(from_client=side) for side in (True, False))
    both = to_server | to_client
    summary: EveRecord = {
        "tcp_flags": f"{int(both):02x}",
        "tcp_flags_ts": f"{int(to_server):02x}",
        "tcp_flags_tc": f"{int(to_client):02x}",
    }
    if not tracked.has_session:
        return summary
    regions = {"ts_max_regions": 1, "tc_max_regions": 1}
    return summary | _flag_words(both) | {"state": tracked.state} | regions


def _netflow(
    tracked: Tracked, flow_id: int, written_ns: int, setup: Setup, *, from_client: bool
) -> EveRecord | None:
    """One direction. The client's is told even where it sent nothing."""
    account = tracked.account
    tally = account.tally(from_orig=from_client)
    if not tally.packets and not from_client:
        return None
    ends = (account.orig, account.resp) if from_client else (account.resp, account.orig)
    if account.protocol is Protocol.ICMP and not tally.packets:
        return None
    record = _head(account, flow_id, "netflow", written_ns, ends, setup)
    record["app_proto"] = name_application(tracked) or "unknown"
    ttls = tracked.ttls[0 if from_client else 1] or (0,)
    record["netflow"] = {
        "pkts": tally.packets,
        "bytes": tally.frame_bytes,
        **_times(account),
        "min_ttl": min(ttls),
        "max_ttl": max(ttls),
    }
    if account.protocol is Protocol.TCP:
        flags = tracked.flags(from_client=from_client)
        record["tcp"] = {"tcp_flags": f"{int(flags):02x}"} | _flag_words(flags)
    return record


# Everything else.


def _application(account: Account, flow_id: int, application: Application, setup: Setup) -> EveRecord:
    record = _head(account, flow_id, application.kind, application.time_ns, application.ends, setup)
    return record | application.details


def _oddity(account: Account, flow_id: int, name: str, seen: SeenPacket, setup: Setup) -> EveRecord:
    ends = (seen.packet.src.endpoint, seen.packet.dst.endpoint)
    record = _head(account, flow_id, "anomaly", seen.time_ns, ends, setup)
    return record | {"anomaly": {"type": "stream", "event": name}}


def _stats(recording: Recording, alerts: int) -> Iterator[tuple[int, EveRecord]]:
    """Counters of the sensor itself, here those after the last packet."""
    if not recording.packets:
        return
    packets = [seen.packet for seen in recording.packets]
    told_ns = recording.packets[-1].time_ns + STATS_NS
    lasted_ns = told_ns - recording.packets[0].time_ns
    counted = {
        "uptime": lasted_ns // NS_PER_S,
        "capture": {"kernel_packets": len(packets), "kernel_drops": 0, "errors": 0},
        "decoder": {
            "pkts": len(packets),
            "bytes": sum(map(recording.tap.frame_bytes, packets)),
            "invalid": 0,
            "ipv4": sum(not packet.is_ipv6 for packet in packets),
            "ipv6": sum(packet.is_ipv6 for packet in packets),
            "ethernet": len(packets),
            "tcp": sum(packet.protocol is Protocol.TCP for packet in packets),
            "udp": sum(packet.protocol is Protocol.UDP for packet in packets),
        },
        "flow": {
            "total": len(recording.flows),
            "tcp": sum(flow.dialogue.protocol is Protocol.TCP for flow in recording.flows),
            "udp": sum(flow.dialogue.protocol is Protocol.UDP for flow in recording.flows),
        },
        "detect": {"alert": alerts},
    }
    yield told_ns, {"timestamp": to_iso(told_ns) + "+0000", "event_type": "stats", "stats": counted}
