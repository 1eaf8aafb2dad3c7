"""pf's packet log on pfSense (filterlog): one CSV line a packet that met a logging rule.

Source: pfSense's documentation, Raw Filter Log Format. `in` and `out` are said of the interface: all lines here
are `in` on the interface where the packet arrives. pf keeps states, so `pass` is logged for the packet that makes
one, and `block` for each packet, also for one whose state is gone. Sources are translated on the way out, so what
arrives shows real addresses, and a late answer the firewall's own.
"""

from __future__ import annotations

from tickets.engine.types import Protocol, TcpFlags
from tickets.simulator.clock import NS_PER_S, to_syslog
from tickets.simulator.network import Dialogue, Firewall, SeenPacket, SentPacket, Zone
from tickets.simulator.sensors.lines import LogLine, sort_lines
from tickets.simulator.sensors.passage import Device, Timeouts, crosses, make_device
from tickets.simulator.sensors.tcp_options import name_options

FILE = "filter.log"
INTERFACES = {
    Zone.OUTSIDE: "igb0",
    Zone.INSIDE: "igb1",
    Zone.DMZ: "igb2",
    Zone.SERVERS: "igb3",
    Zone.DECOYS: "igb4",
}
# pf.conf(5), the optimisation "normal": tcp.first, tcp.established, tcp.closing, udp.single, icmp.first.
TIMEOUTS = Timeouts(
    opening_ns=120 * NS_PER_S,
    standing_ns=86_400 * NS_PER_S,
    closing_ns=900 * NS_PER_S,
    datagram_ns=60 * NS_PER_S,
    echo_ns=20 * NS_PER_S,
)
# Rule number and tracker of the rule that blocks all, and of the rules that the administrator wrote.
BLOCK_ALL = ("5", "1000000103")
PASS = {
    Zone.OUTSIDE: ("79", "1756392011"),
    Zone.INSIDE: ("84", "1756391877"),
    Zone.DMZ: ("88", "1756391932"),
    Zone.SERVERS: ("91", "1756391960"),
    Zone.DECOYS: ("94", "1756391985"),
}
NUMBERS = {Protocol.TCP: (6, "tcp"), Protocol.UDP: (17, "udp"), Protocol.ICMP: (1, "icmp")}
MESSAGES = {(False, 8): "request", (False, 0): "reply", (True, 128): "request", (True, 129): "reply"}
FLAG_LETTERS = (
    (TcpFlags.SYN, "S"),
    (TcpFlags.FIN, "F"),
    (TcpFlags.RST, "R"),
    (TcpFlags.PSH, "P"),
    (TcpFlags.ACK, "A"),
    (TcpFlags.URG, "U"),
    (TcpFlags.ECE, "E"),
    (TcpFlags.CWR, "W"),
)


def write_filterlog(
    dialogues: tuple[Dialogue, ...], firewall: Firewall, *, east_s: int = 0
) -> tuple[LogLine, ...]:
    """The lines of a pfSense in the middle that logs what it blocks and what makes a state."""
    device = make_device(dialogues, firewall, east_s)
    lines: list[LogLine] = []
    for dialogue in filter(crosses, dialogues):
        passage = device.follow(dialogue, TIMEOUTS)
        blocked = (*passage.denied, *passage.stray)
        lines += [_line(dialogue, seen, "block", device) for seen in blocked]
        lines += [_line(dialogue, session.packets[0], "pass", device) for session in passage.sessions]
    return sort_lines(lines)


def _line(dialogue: Dialogue, seen: SeenPacket, action: str, device: Device) -> LogLine:
    packet = seen.packet
    zone = packet.src.host.zone
    rule, tracker = PASS[zone] if action == "pass" else BLOCK_ALL
    dst = packet.dst.endpoint if action == "pass" else device.aimed_at(packet)
    columns = [
        *(rule, "", "", tracker, INTERFACES[zone], "match", action, "in"),
        *(_network6(seen) if packet.is_ipv6 else _network4(seen)),
        *(packet.src.host.ip, dst.ip, *_transport(packet, dst.port)),
    ]
    start = to_syslog(device.clock.reads(seen.time_ns))
    return LogLine(
        seen.time_ns, f"{start} filterlog: {','.join(columns)}", dialogue, (packet.src.endpoint, dst)
    )


def _network4(seen: SeenPacket) -> tuple[str, ...]:
    """Version, type of service, ECN, TTL, identification, offset, flags, protocol, length."""
    packet = seen.packet
    number, name = NUMBERS[packet.protocol]
    flags = "DF" if packet.dont_fragment else "none"
    start = ("4", "0x0", "", str(seen.ttl), str(packet.ip_id), "0", flags)
    return (*start, str(number), name, str(packet.ip_bytes))


def _network6(seen: SeenPacket) -> tuple[str, ...]:
    """Version, class, flow label, hop limit, protocol, length of what follows the header."""
    packet = seen.packet
    number, name = (58, "icmp6") if packet.protocol is Protocol.ICMP else NUMBERS[packet.protocol]
    start = ("6", "0x00", f"0x{packet.ip_id:05x}", str(seen.ttl))
    return (*start, name.upper(), str(number), str(packet.ip_bytes - 40))


def _transport(packet: SentPacket, dst_port: int) -> tuple[str, ...]:
    if packet.protocol is Protocol.ICMP:
        return _message(packet)
    ports = (str(packet.src.port), str(dst_port), str(len(packet.payload)))
    return (*ports, *_segment(packet)) if packet.protocol is Protocol.TCP else ports


def _message(packet: SentPacket) -> tuple[str, ...]:
    """An echo's identifier and number; other messages have their own columns, and pf states no others here."""
    word = MESSAGES.get((packet.is_ipv6, packet.icmp_type))
    if word is None:
        return (f"type-{packet.icmp_type}",)
    rest = packet.icmp_rest
    return (word, str(int.from_bytes(rest[:2], "big")), str(int.from_bytes(rest[2:], "big")))


def _segment(packet: SentPacket) -> tuple[str, ...]:
    """Flags, sequence (a range where data is carried), acknowledgement, window, urgent pointer, options."""
    end = f":{packet.seq + len(packet.payload) & 0xFFFFFFFF}" if packet.payload else ""
    return (
        "".join(letter for flag, letter in FLAG_LETTERS if packet.flags & flag),
        f"{packet.seq}{end}",
        str(packet.ack) if packet.flags & TcpFlags.ACK else "",
        str(packet.window),
        "",
        ";".join(name_options(packet.options)),
    )
