"""Suricata's EVE log (version 8): flow, http, dns and alert records.

An alert prints the addresses of the packet that fired, with `direction` and the conversation's own
ends, client first, in `flow`; http and flow records print client and server; dns records of format 3
print the packet's addresses (output-json-alert.c, output-json-dns.c).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tickets.engine.types import Alert, Endpoint, Location, Protocol, TcpFlags
from tickets.simulator.clock import NS_PER_S, to_iso
from tickets.simulator.network import Dialogue, SeenPacket
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Flow, Recording
from tickets.simulator.sensors.community_id import compute_community_id

FILE = "eve.json"
EveRecord = dict[str, Any]
TIMEOUTS_S = {"new": 60, "closed": 60, "established": 300}  # default timers of UDP and TCP
NEW_UDP_TIMEOUT_S = 30
FLAG_NAMES = {
    TcpFlags.SYN: "syn",
    TcpFlags.FIN: "fin",
    TcpFlags.RST: "rst",
    TcpFlags.PSH: "psh",
    TcpFlags.ACK: "ack",
}
LOGGED_AFTER_NS = 40_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What an alert says of its rule."""

    sid: int
    rev: int
    message: str
    category: str
    severity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A signature that fires on one packet of a dialogue (0-based, as the tap saw them)."""

    signature: Signature
    dialogue: Dialogue
    packet: int


def write_eve(recording: Recording, alarm: Alarm | None, chance: Stream) -> tuple[bytes, Alert | None]:
    """The log as lines in order of writing, and the alert with its place in it."""
    events: list[tuple[int, EveRecord]] = []
    for flow in recording.flows:
        flow_id = chance.between(10**14, 2**51)
        is_alerted = alarm is not None and flow.dialogue is alarm.dialogue
        if alarm is not None and is_alerted:
            events.append(_alert(flow, flow_id, alarm))
        events.extend(_application_events(flow, flow_id))
        events.append(_flow_event(flow, flow_id, is_alerted=is_alerted, chance=chance))
    events.sort(key=lambda event: event[0])
    lines = [json.dumps(record, separators=(",", ":")) for _, record in events]
    alerts = [
        _read_alert(number, time_ns, record, lines[number - 1])
        for number, (time_ns, record) in enumerate(events, 1)
        if record["event_type"] == "alert"
    ]
    return "".join(line + "\n" for line in lines).encode(), alerts[0] if alerts else None


def _head(flow: Flow, flow_id: int, kind: str, time_ns: int, ends: Sequence[Endpoint]) -> EveRecord:
    return {
        "timestamp": to_iso(time_ns) + "+0000",
        "flow_id": flow_id,
        "in_iface": flow.tap.interface,
        "event_type": kind,
        "src_ip": ends[0].ip,
        "src_port": ends[0].port,
        "dest_ip": ends[1].ip,
        "dest_port": ends[1].port,
        "proto": flow.dialogue.protocol.value.upper(),
        "ip_v": 6 if ":" in ends[0].ip else 4,
        "pkt_src": "wire/pcap",
        "community_id": compute_community_id(flow.dialogue.protocol, flow.orig, flow.resp),
    }


def _alert(flow: Flow, flow_id: int, alarm: Alarm) -> tuple[int, EveRecord]:
    seen = flow.packets[alarm.packet]
    src, dst = seen.packet.src.endpoint, seen.packet.dst.endpoint
    so_far = flow.until(alarm.packet + 1)
    signature = alarm.signature
    record = _head(flow, flow_id, "alert", seen.time_ns, (src, dst))
    record["alert"] = {
        "action": "allowed",
        "gid": 1,
        "signature_id": signature.sid,
        "rev": signature.rev,
        "signature": signature.message,
        "category": signature.category,
        "severity": signature.severity,
    }
    record["direction"] = "to_server" if flow.is_from_orig(seen) else "to_client"
    record["flow"] = {
        **_counters(so_far),
        "start": to_iso(flow.start_ns) + "+0000",
        "src_ip": flow.orig.ip,
        "dest_ip": flow.resp.ip,
        "src_port": flow.orig.port,
        "dest_port": flow.resp.port,
    }
    return seen.time_ns, record


def _read_alert(number: int, time_ns: int, record: EveRecord, line: str) -> Alert:
    alert, flow = record["alert"], record["flow"]
    return Alert(
        protocol=Protocol(record["proto"].lower()),
        src=Endpoint(record["src_ip"], record["src_port"]),
        dst=Endpoint(record["dest_ip"], record["dest_port"]),
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
        direction=record["direction"],
        flow_orig=Endpoint(flow["src_ip"], flow["src_port"]),
        flow_resp=Endpoint(flow["dest_ip"], flow["dest_port"]),
        community_id=record["community_id"],
        flow_id=str(record["flow_id"]),
        raw=line,
    )


def _counters(flow: Flow) -> EveRecord:
    to_server, to_client = flow.tally(from_orig=True), flow.tally(from_orig=False)
    return {
        "pkts_toserver": to_server.packets,
        "pkts_toclient": to_client.packets,
        "bytes_toserver": to_server.frame_bytes,
        "bytes_toclient": to_client.frame_bytes,
    }


def _flow_event(flow: Flow, flow_id: int, *, is_alerted: bool, chance: Stream) -> tuple[int, EveRecord]:
    state = _state(flow)
    timeout_s = TIMEOUTS_S[state]
    if state == "new" and flow.dialogue.protocol is Protocol.UDP:
        timeout_s = NEW_UDP_TIMEOUT_S
    written_ns = flow.end_ns + timeout_s * NS_PER_S + chance.between(1, 4 * NS_PER_S)
    record = _head(flow, flow_id, "flow", written_ns, (flow.orig, flow.resp))
    del record["pkt_src"]
    if flow.dialogue.service in ("dns", "http", "ntp", "ssh", "ftp"):
        record["app_proto"] = flow.dialogue.service
    record["flow"] = {
        **_counters(flow),
        "start": to_iso(flow.start_ns) + "+0000",
        "end": to_iso(flow.end_ns) + "+0000",
        "age": flow.end_ns // NS_PER_S - flow.start_ns // NS_PER_S,
        "state": state,
        "reason": "timeout",
        "alerted": is_alerted,
    }
    if flow.dialogue.protocol is Protocol.TCP:
        record["tcp"] = _tcp_summary(flow)
    return written_ns, record


def _state(flow: Flow) -> str:
    if not flow.tally(from_orig=False).packets:
        return "new"
    return "closed" if flow.dialogue.protocol is Protocol.TCP else "established"


def _tcp_summary(flow: Flow) -> EveRecord:
    """Flags are hexadecimal and added up over each direction."""
    to_server, to_client = (flow.tally(from_orig=side).flags for side in (True, False))
    both = to_server | to_client
    summary: EveRecord = {
        "tcp_flags": f"{int(both):02x}",
        "tcp_flags_ts": f"{int(to_server):02x}",
        "tcp_flags_tc": f"{int(to_client):02x}",
    }
    summary |= {name: True for flag, name in FLAG_NAMES.items() if both & flag}
    summary["state"] = "closed" if to_client else "syn_sent"
    return summary | {"ts_max_regions": 1, "tc_max_regions": 1}


def _application_events(flow: Flow, flow_id: int) -> Iterator[tuple[int, EveRecord]]:
    if flow.dialogue.service == "http":
        yield _http_event(flow, flow_id)
    elif flow.dialogue.service == "dns":
        for seen in flow.packets:
            yield _dns_event(flow, flow_id, seen)


def _http_event(flow: Flow, flow_id: int) -> tuple[int, EveRecord]:
    said = flow.dialogue.said
    answers = [seen for seen in flow.packets if seen.packet.payload and not flow.is_from_orig(seen)]
    written_ns = answers[-1].time_ns + LOGGED_AFTER_NS
    record = _head(flow, flow_id, "http", written_ns, (flow.orig, flow.resp))
    record["tx_id"] = 0
    record["http"] = {
        "hostname": said["host"],
        "url": said["path"],
        "http_user_agent": said["user_agent"],
        "http_content_type": "text/html",
        "http_method": "GET",
        "protocol": "HTTP/1.1",
        "status": 200,
        "length": int(said["length"]),
    }
    return written_ns, record


def _dns_event(flow: Flow, flow_id: int, seen: SeenPacket) -> tuple[int, EveRecord]:
    said, is_answer = flow.dialogue.said, not flow.is_from_orig(seen)
    written_ns = seen.time_ns + LOGGED_AFTER_NS
    ends = (seen.packet.src.endpoint, seen.packet.dst.endpoint)
    record = _head(flow, flow_id, "dns", written_ns, ends)
    dns: EveRecord = {
        "version": 3,
        "type": "response" if is_answer else "request",
        "tx_id": 1 if is_answer else 0,
        "id": int(said["number"]),
        "flags": "8180" if is_answer else "100",
        **({"qr": True} if is_answer else {}),
        "rd": True,
        **({"ra": True} if is_answer else {}),
        "opcode": 0,
        "rcode": "NOERROR",
        "queries": [{"rrname": said["name"], "rrtype": "A"}],
    }
    if is_answer:
        dns["answers"] = [
            {"rrname": said["name"], "rrtype": "A", "ttl": int(said["ttl_s"]), "rdata": said["address"]}
        ]
    record["dns"] = dns
    return written_ns, record
