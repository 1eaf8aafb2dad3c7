"""Records as rows of the desk: what a sensor printed, laid out to be read. Never a judgement."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .types import Alert, Endpoint, FlowRecord, LogRecord, Packet, Protocol, Record, TcpFlags

# More of a payload is seldom read on a screen; the file itself can be downloaded.
DUMP_BYTES = 512
_DUMP_WIDTH = 16
_LINE = re.compile(rb"[\x20-\x7e]{4,160}")


class RecordKind(StrEnum):
    """Which evidence tab a record stands on."""

    PACKET = "packet"
    FLOW = "flow"
    IDS = "ids"
    FIREWALL = "firewall"
    HONEYPOT = "honeypot"
    HOST = "host"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSummary:
    """One record as a row. `number` is its packet or line number; `detail` are name and value pairs for
    the opened row; `dump` are the hex lines of a packet's payload (at most `DUMP_BYTES`).

    Addresses stand as printed. `time_ns` is None for a record without a time; `length` is the payload's
    bytes for a packet, all bytes both ways for a flow record, None for other logs."""

    kind: RecordKind
    source: str
    number: int
    time_ns: int | None
    protocol: Protocol
    src: Endpoint
    dst: Endpoint
    flags: str = ""
    length: int | None = None
    info: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    dump: tuple[str, ...] = ()
    raw: str = ""


def summarise(record: Record) -> RecordSummary:
    """The row of one record. TypeError for what is no record."""
    for kind, summarise_kind in _KINDS.items():
        if isinstance(record, kind):
            return summarise_kind(record)
    raise TypeError(f"no record: {record!r}")


# -- Packets --------------------------------------------------------------------------------------


def _packet(packet: Packet) -> RecordSummary:
    return RecordSummary(
        kind=RecordKind.PACKET,
        source="packet",
        number=packet.location.number,
        time_ns=packet.time_ns,
        protocol=packet.protocol,
        src=packet.src,
        dst=packet.dst,
        flags=flag_letters(packet.flags) if packet.protocol is Protocol.TCP else "",
        length=packet.payload_bytes,
        info=_packet_info(packet),
        detail=_packet_detail(packet),
        dump=dump_lines(packet.payload[:DUMP_BYTES]),
    )


_FLAG_PLACES = (
    ("U", TcpFlags.URG),
    ("A", TcpFlags.ACK),
    ("P", TcpFlags.PSH),
    ("R", TcpFlags.RST),
    ("S", TcpFlags.SYN),
    ("F", TcpFlags.FIN),
)


def flag_letters(flags: TcpFlags) -> str:
    """Six fixed places, `UAPRSF`, a dot for a flag that is not set: `·A··S·` reads down a column."""
    return "".join(letter if flags & flag else "·" for letter, flag in _FLAG_PLACES)


_FLAG_WORDS = (
    (TcpFlags.SYN, "SYN"),
    (TcpFlags.FIN, "FIN"),
    (TcpFlags.RST, "RST"),
    (TcpFlags.ACK, "ACK"),
)


def _packet_info(packet: Packet) -> str:
    if packet.is_later_fragment:
        return f"IP fragment, {packet.payload_bytes} bytes"
    spoken = _first_line(packet.payload)
    if packet.protocol is Protocol.ICMP:
        return _icmp_info(packet)
    if packet.protocol is Protocol.UDP:
        return spoken or f"{packet.payload_bytes} bytes"
    words = ", ".join(word for flag, word in _FLAG_WORDS if packet.flags & flag)
    if packet.flags & (TcpFlags.SYN | TcpFlags.FIN | TcpFlags.RST):
        return f"{words}, {spoken}" if spoken else words
    return spoken or (f"data, {packet.payload_bytes} bytes" if packet.payload_bytes else words)


# RFC 792 and RFC 4443: (is IPv6, type) to the message's name.
_ICMP_NAMES = {
    (False, 0): "echo reply",
    (False, 3): "destination unreachable",
    (False, 5): "redirect",
    (False, 8): "echo request",
    (False, 11): "time exceeded",
    (True, 1): "destination unreachable",
    (True, 2): "packet too big",
    (True, 3): "time exceeded",
    (True, 128): "echo request",
    (True, 129): "echo reply",
    (True, 133): "router solicitation",
    (True, 134): "router advertisement",
    (True, 135): "neighbour solicitation",
    (True, 136): "neighbour advertisement",
}


def _icmp_info(packet: Packet) -> str:
    name = _ICMP_NAMES.get((":" in packet.src.ip, packet.icmp_type or 0), "ICMP")
    told = f"{name}, type {packet.icmp_type} code {packet.icmp_code}"
    if packet.quoted is None:
        return told
    return f"{told}, quotes {packet.quoted.protocol} {packet.quoted.src} to {packet.quoted.dst}"


def _packet_detail(packet: Packet) -> dict[str, str]:
    detail = {
        "Frame": f"{packet.wire_bytes} bytes on the wire",
        "Layers": ", ".join(packet.layers),
        "IP": f"{packet.src.ip} to {packet.dst.ip}, TTL {packet.ttl}",
    }
    if packet.protocol is Protocol.TCP:
        detail["TCP"] = (
            f"{packet.src.port} to {packet.dst.port}, sequence {packet.seq}, "
            f"acknowledges {packet.ack}, window {packet.window}"
        )
    if packet.has_bad_checksum:
        detail["Checksum"] = "wrong: damaged or forged, or captured before the network card computed it"
    if packet.payload_bytes > len(packet.payload):
        detail["Payload"] = f"{packet.payload_bytes} bytes, of which {len(packet.payload)} were captured"
    elif packet.payload_bytes:
        detail["Payload"] = f"{packet.payload_bytes} bytes"
    return {name: value for name, value in detail.items() if value}


def _first_line(payload: bytes) -> str:
    """The first line of a payload that is text, as it stands; nothing for one that is not."""
    match = _LINE.match(payload)
    return match[0].decode("ascii") if match else ""


def dump_lines(data: bytes) -> tuple[str, ...]:
    """Offset, hexadecimal and ASCII, sixteen bytes a line."""
    lines = []
    for start in range(0, len(data), _DUMP_WIDTH):
        chunk = data[start : start + _DUMP_WIDTH]
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in chunk)
        lines.append(f"{start:04x}  {chunk.hex(' '):<{3 * _DUMP_WIDTH}} {shown}")
    return tuple(lines)


# -- Logs -----------------------------------------------------------------------------------------


def _flow(flow: FlowRecord) -> RecordSummary:
    detail = {
        "Packets": _both(flow, flow.orig_packets, flow.resp_packets),
        "Bytes": _both(flow, flow.orig_bytes, flow.resp_bytes),
        "State": flow.state,
        "History": flow.history,
        "Service": flow.service,
        "Flags": _flag_pair(flow),
        "Lasted": f"{(flow.end_ns - flow.time_ns) / 1e9:.3f} s",
        "Community ID": flow.community_id,
        "Flow": flow.flow_id,
    }
    if flow.is_half:
        counts = f"{flow.orig_bytes} bytes, {flow.orig_packets} packets in this direction"
    else:
        counts = f"{flow.orig_bytes} and {flow.resp_bytes} bytes, {flow.orig_packets} packets out, {flow.resp_packets} back"
    parts = (flow.service, counts, flow.state, flow.history)
    return RecordSummary(
        kind=_flow_kind(flow.source),
        source=flow.source,
        number=flow.location.number,
        time_ns=flow.time_ns,
        protocol=flow.protocol,
        src=flow.orig,
        dst=flow.resp,
        length=flow.orig_bytes + flow.resp_bytes,
        info=", ".join(part for part in parts if part),
        detail={name: value for name, value in detail.items() if value},
        raw=flow.raw,
    )


def _both(flow: FlowRecord, ours: int, theirs: int) -> str:
    """A half says nothing of what came back."""
    return str(ours) if flow.is_half else f"{ours} and {theirs}"


def _flow_kind(source: str) -> RecordKind:
    """A firewall's session stands beside its other lines."""
    kind = _LOG_KINDS.get(source.partition(".")[0])
    return kind if kind is RecordKind.FIREWALL else RecordKind.FLOW


def _flag_pair(flow: FlowRecord) -> str:
    sides = (flow.orig_flags, flow.resp_flags)
    return " and ".join(flag_letters(flags) for flags in sides if flags is not None)


def _alert(alert: Alert) -> RecordSummary:
    detail = {
        "Signature": f"{alert.gid}:{alert.sid}:{alert.rev or 0}" if alert.sid else "",
        "Message": alert.message,
        "Category": alert.category,
        "Severity": str(alert.severity or ""),
        "Action": alert.action,
        "Packet's fate": alert.verdict,
        "Direction": alert.direction,
        "Flow": f"{alert.flow_orig} to {alert.flow_resp}" if alert.flow_orig else "",
        "Community ID": alert.community_id,
    }
    parts = ("alert", alert.message, alert.direction, alert.action)
    return RecordSummary(
        kind=RecordKind.IDS,
        source=alert.source,
        number=alert.location.number if alert.location else 0,
        time_ns=alert.time_ns,
        protocol=alert.protocol,
        src=alert.src,
        dst=alert.dst,
        info=", ".join(part for part in parts if part),
        detail={name: value for name, value in detail.items() if value},
        raw=alert.raw,
    )


# By a log's format id, else by the first part of it. What a collector passes on is mostly a firewall's.
_LOG_KINDS = {
    "aws.vpc": RecordKind.FIREWALL,
    "azure.nsg": RecordKind.FIREWALL,
    "azure.vnet": RecordKind.FIREWALL,
    "cef": RecordKind.FIREWALL,
    "cisco": RecordKind.FIREWALL,
    "cowrie": RecordKind.HONEYPOT,
    "dionaea": RecordKind.HONEYPOT,
    "ecs": RecordKind.FIREWALL,
    "fatt": RecordKind.IDS,
    "fortinet": RecordKind.FIREWALL,
    "gcp.firewall": RecordKind.FIREWALL,
    "honeytrap": RecordKind.HONEYPOT,
    "ipfix.event": RecordKind.FIREWALL,
    "leef": RecordKind.FIREWALL,
    "netfilter": RecordKind.FIREWALL,
    "nfdump.event": RecordKind.FIREWALL,
    "ocsf": RecordKind.FIREWALL,
    "openssh": RecordKind.HOST,
    "p0f": RecordKind.IDS,
    "paloalto": RecordKind.FIREWALL,
    "pf": RecordKind.FIREWALL,
    "splunk": RecordKind.FIREWALL,
    "suricata": RecordKind.IDS,
    "tpot": RecordKind.HONEYPOT,
    "windows.firewall": RecordKind.FIREWALL,
    "windows.security": RecordKind.HOST,
    "zeek": RecordKind.IDS,
}


def _log(log: LogRecord) -> RecordSummary:
    kind = _LOG_KINDS.get(log.source) or _LOG_KINDS.get(log.source.partition(".")[0], RecordKind.HOST)
    return RecordSummary(
        kind=kind,
        source=log.source,
        number=log.location.number,
        time_ns=log.time_ns or None,
        protocol=log.protocol,
        src=log.src,
        dst=log.dst,
        info=_log_info(log, kind),
        detail={"Service": log.service, **log.fields} if log.service else dict(log.fields),
        raw=log.raw,
    )


def _log_info(log: LogRecord, kind: RecordKind) -> str:
    """A syslog line says it best itself; JSON and XML are told by their fields."""
    if not log.raw.lstrip().startswith(("{", "<Event")):
        return log.raw.strip()
    told = ", ".join(f"{name} {value}" for name, value in log.fields.items() if value)
    name = log.service if kind is RecordKind.IDS else log.source
    return f"{name}: {told}" if told else name


_KINDS: Mapping[type[Record], Callable[..., RecordSummary]] = {
    Packet: _packet,
    FlowRecord: _flow,
    Alert: _alert,
    LogRecord: _log,
}
