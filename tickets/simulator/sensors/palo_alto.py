"""PAN-OS traffic and threat logs as CSV over syslog.

Source: PAN-OS Administrator's Guide, Traffic Log Fields and Threat Log Fields (10.0). The source is the side that
opened the session, in both logs; sent is what it sent. A threat's `Direction` says which way the attack went.
Bytes are of Ethernet frames. A row is written when the session is over; `allow` is the policy's word, and the
application `incomplete` says that no data followed a handshake, or that there was none. Segments that fit no session
are dropped without a row. Times are the firewall's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tickets.engine.types import Protocol
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import (
    ETHERNET_HEADER_BYTES,
    SHORTEST_FRAME_BYTES,
    Dialogue,
    Firewall,
    SeenPacket,
    Zone,
)
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import count_packets
from tickets.simulator.sensors.lines import LogLine, sort_lines
from tickets.simulator.sensors.passage import Close, Device, Session, Timeouts, crosses, make_device

TRAFFIC_FILE, THREAT_FILE = "traffic.csv", "threat.csv"
ZONES = {
    Zone.OUTSIDE: ("untrust", "ethernet1/1"),
    Zone.INSIDE: ("trust", "ethernet1/2"),
    Zone.DMZ: ("dmz", "ethernet1/3"),
    Zone.SERVERS: ("servers", "ethernet1/4"),
    Zone.DECOYS: ("decoys", "ethernet1/5"),
}
# The defaults: tcp-handshake, tcp, tcp-half-closed, udp, icmp.
TIMEOUTS = Timeouts(
    opening_ns=10 * NS_PER_S,
    standing_ns=3600 * NS_PER_S,
    closing_ns=120 * NS_PER_S,
    datagram_ns=30 * NS_PER_S,
    echo_ns=6 * NS_PER_S,
)
END_REASONS = {
    Close.FINS: "tcp-fin",
    Close.RESET_BY_CLIENT: "tcp-rst-from-client",
    Close.RESET_BY_SERVER: "tcp-rst-from-server",
    Close.NEVER_OPENED: "aged-out",
    Close.IDLE: "aged-out",
}
APPLICATIONS = {
    "http": "web-browsing",
    "dns": "dns-base",
    "ntp": "ntp-base",
    "tls": "ssl",
    "ssh": "ssh",
    "ftp": "ftp",
    "smtp": "smtp-base",
    "smb": "ms-ds-smbv2",
    "sip": "sip",
    "quic": "quic-base",
    "snmp": "snmp-base",
    "tftp": "tftp",
    "tds": "mssql-db-unencrypted",
    "bittorrent": "bittorrent",
    "bittorrent-dht": "bittorrent",
}
SERIAL, DEVICE, VSYS = "007051000012345", "PA-EDGE", "vsys1"
RULE_UUID = "6f1d9c52-3b7a-4f08-9d44-2a51c07be310"
TRANSLATED, PLAIN = "0x400000", "0x0"
COUNTRIES = {True: "10.0.0.0-10.255.255.255", False: "Reserved"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """A signature of the firewall that fires on one packet of a dialogue (0-based, in the order of arrival)."""

    dialogue: Dialogue
    packet: int
    number: int
    name: str
    severity: str = "high"
    action: str = "alert"
    kind: str = "vulnerability"
    file: str = ""


def write_traffic_log(
    dialogues: tuple[Dialogue, ...], firewall: Firewall, chance: Stream, *, east_s: int = 0
) -> tuple[LogLine, ...]:
    """A row for each session, when it is over, and for each that the policy denies, at once."""
    device = make_device(dialogues, firewall, east_s)
    lines: list[LogLine] = []
    number, sequence = chance.between(10_000, 90_000), chance.between(7 * 10**18, 8 * 10**18)
    for dialogue in sorted(filter(crosses, dialogues), key=lambda dialogue: dialogue.start_ns):
        passage = device.follow(dialogue, TIMEOUTS)
        sessions = [*passage.ended]
        if passage.denied:
            # The packets that follow meet the same discarded session and are not told again.
            first = passage.denied[0]
            sessions.append(Session(dialogue, (first,), Close.NEVER_OPENED, first.time_ns))
        for session in sessions:
            number, sequence = number + chance.between(1, 60), sequence + 1
            text = _traffic_row(session, device, (number, sequence), is_denied=bool(passage.denied))
            ends = device.on_arrival(session.packets[0].packet)
            lines.append(LogLine(session.end_ns, text, dialogue, ends))
    return sort_lines(lines)


def write_threat_log(
    threats: tuple[Threat, ...],
    dialogues: tuple[Dialogue, ...],
    firewall: Firewall,
    chance: Stream,
    *,
    east_s: int = 0,
) -> tuple[LogLine, ...]:
    """A row for each detection, at the packet that showed it."""
    device = make_device(dialogues, firewall, east_s)
    return sort_lines(_threat_line(threat, device, chance) for threat in threats)


def _traffic_row(session: Session, device: Device, numbers: tuple[int, int], *, is_denied: bool) -> str:
    written, began = _stamp(device.clock.reads(session.end_ns)), _stamp(device.clock.reads(session.start_ns))
    sent, received = (_sizes(session, from_client=side) for side in (True, False))
    application = "not-applicable" if is_denied else _application(session)
    action = "deny" if is_denied else "allow"
    reason = "policy-deny" if is_denied else END_REASONS[session.close]
    kind = "deny" if is_denied else "end"
    columns = [
        *("1", written, SERIAL, "TRAFFIC", kind, "2561", written),
        *_session_columns(session, device, numbers[0], application, written, is_denied=is_denied),
        *(session.dialogue.protocol.value, action),
        *(str(sent[1] + received[1]), str(sent[1]), str(received[1]), str(sent[0] + received[0])),
        *(began, str((session.last_ns - session.start_ns) // NS_PER_S), "any", "", str(numbers[1]), "0x0"),
        *_places(session),
        *("", str(sent[0]), str(received[0]), reason, "0", "0", "0", "0", "", DEVICE, "from-policy"),
        *("", "", "0", "", "0", "", "N/A", "0", "0", "0", "0", RULE_UUID, "0"),
    ]
    return ",".join(columns)


def _threat_line(threat: Threat, device: Device, chance: Stream) -> LogLine:
    passage = device.follow(threat.dialogue, TIMEOUTS)
    session = passage.sessions[0]
    seen = session.packets[threat.packet]
    is_from_client = seen.packet.src == session.client
    written = _stamp(device.clock.reads(seen.time_ns))
    number, sequence = chance.between(10_000, 90_000), chance.between(7 * 10**18, 8 * 10**18)
    columns = [
        *("1", written, SERIAL, "THREAT", threat.kind, "2561", written),
        *_session_columns(session, device, number, _application(session), written, is_denied=False),
        *(session.dialogue.protocol.value, threat.action, f'"{threat.file}"'),
        *(f"{threat.name}({threat.number})", "any", threat.severity),
        "client-to-server" if is_from_client else "server-to-client",
        *(str(sequence), "0x0", *_places(session)),
        *("", "", "0", "", "", "0", "", "", "", "", "", "", "", "0", "0", "0", "0", "0", "", DEVICE),
        *("", "", "", "", "0", "", "0", "", "N/A", "code-execution", "AppThreat-8800-8500", "0x0"),
        *("0", "4294967295", "", "", RULE_UUID, "0"),
    ]
    return LogLine(
        seen.time_ns, ",".join(columns), threat.dialogue, device.on_arrival(session.packets[0].packet)
    )


def _session_columns(
    session: Session, device: Device, number: int, application: str, written: str, *, is_denied: bool
) -> list[str]:
    """From the source address to the flags: the same in both logs."""
    client, server = session.client, session.server
    protocol = session.dialogue.protocol
    source, target = device.mapped(protocol, client, server), device.mapped(protocol, server, client)
    is_translated = (source, target) != (client.endpoint, server.endpoint) and not is_denied
    (src_zone, src_port), (dst_zone, dst_port) = (ZONES[end.host.zone] for end in (client, server))
    new = (source.ip, server.host.ip) if is_translated else ("0.0.0.0", "0.0.0.0")  # noqa: S104 - as it prints none
    new_ports = (source.port, server.port) if is_translated else (0, 0)
    rule = "deny-all" if is_denied else f"allow-{src_zone}-{dst_zone}"
    return [
        *(client.host.ip, target.ip, *new, rule, "", "", application, VSYS, src_zone, dst_zone),
        *(src_port, "" if is_denied else dst_port, "default", written, str(number), "1"),
        *(*_ports(client.port, target.port, session), str(new_ports[0]), str(new_ports[1])),
        TRANSLATED if is_translated else PLAIN,
    ]


def _ports(src: int, dst: int, session: Session) -> tuple[str, str]:
    return ("0", "0") if session.dialogue.protocol is Protocol.ICMP else (str(src), str(dst))


def _application(session: Session) -> str:
    """What was recognised from the data; without data there is nothing to recognise."""
    said = sum(session.tally(from_client=side).payload_bytes for side in (True, False))
    if session.dialogue.protocol is Protocol.TCP and not said:
        return "incomplete"
    known = APPLICATIONS.get(session.dialogue.service)
    if known:
        return known
    if session.dialogue.protocol is Protocol.ICMP:
        return "ping"
    return f"unknown-{session.dialogue.protocol.value}" if said > 2000 else "insufficient-data"


def _sizes(session: Session, *, from_client: bool) -> tuple[int, int]:
    """Packets, and bytes of their frames."""
    sent = [seen for seen in session.packets if (seen.packet.src == session.client) is from_client]
    return count_packets(sent), sum(map(_frame_bytes, sent))


def _frame_bytes(seen: SeenPacket) -> int:
    return seen.packet.copies * max(SHORTEST_FRAME_BYTES, ETHERNET_HEADER_BYTES + seen.packet.ip_bytes)


def _places(session: Session) -> tuple[str, str]:
    src, dst = (COUNTRIES[end.host.ip.startswith("10.")] for end in (session.client, session.server))
    return src, dst


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y/%m/%d %H:%M:%S}"
