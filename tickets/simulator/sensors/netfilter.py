"""Packets as Linux's packet filter logs them, by iptables or nftables: one line a packet that met a logging rule.

Source: Linux's net/netfilter/nf_log_syslog.c. Logged are what the policy drops, what fits no connection, and each
packet that makes a new one. What becomes of a packet is not written: only the rule's prefix may say it. Lines of
the forwarding chain print real addresses, for sources are translated later and answers were translated before;
what fits no translation goes to the firewall's own address. TTLs stay as they arrive: the rules raise them by one
before routing, so that the firewall does not show.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address

from tickets.engine.types import Endpoint, Protocol, TcpFlags
from tickets.simulator.clock import NS_PER_S, DeviceClock, to_syslog
from tickets.simulator.network import Dialogue, Firewall, SeenPacket, SentPacket, Socket, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Recording
from tickets.simulator.sensors.lines import LogLine, sort_lines
from tickets.simulator.sensors.passage import Device, Timeouts, crosses, make_device
from tickets.simulator.sensors.segments import is_syn

FILE = "kernel.log"
INTERFACES = {
    Zone.OUTSIDE: "eth0",
    Zone.DMZ: "eth1",
    Zone.INSIDE: "eth2",
    Zone.SERVERS: "eth3",
    Zone.DECOYS: "eth4",
}
# Linux's nf_conntrack_proto_tcp.c and _udp.c: SYN_SENT, ESTABLISHED, FIN_WAIT, UDP, ICMP.
TIMEOUTS = Timeouts(
    opening_ns=120 * NS_PER_S,
    standing_ns=432_000 * NS_PER_S,
    closing_ns=120 * NS_PER_S,
    datagram_ns=30 * NS_PER_S,
    echo_ns=30 * NS_PER_S,
)
# Echo and its answer of both ICMPs carry an identifier and a sequence number.
ECHOES = (0, 8, 128, 129)
FLAG_WORDS = (
    (TcpFlags.CWR, "CWR"),
    (TcpFlags.ECE, "ECE"),
    (TcpFlags.URG, "URG"),
    (TcpFlags.ACK, "ACK"),
    (TcpFlags.PSH, "PSH"),
    (TcpFlags.RST, "RST"),
    (TcpFlags.SYN, "SYN"),
    (TcpFlags.FIN, "FIN"),
)


class Tool(StrEnum):
    """Which tool wrote the rules: prefixes are free, these are each tool's customs."""

    IPTABLES = "iptables"
    NFTABLES = "nftables"


PREFIXES = {
    Tool.IPTABLES: {"denied": "FW-DROP: ", "stray": "FW-INVALID: ", "new": "FW-NEW: ", "out": "OUT-NEW: "},
    Tool.NFTABLES: {
        "denied": "nft-forward-drop ",
        "stray": "nft-ct-invalid ",
        "new": "nft-forward-new ",
        "out": "nft-output-new ",
    },
}


def write_netfilter_log(
    dialogues: tuple[Dialogue, ...],
    firewall: Firewall,
    chance: Stream,
    *,
    tool: Tool = Tool.IPTABLES,
    host: str = "fw01",
    east_s: int = 0,
) -> tuple[LogLine, ...]:
    """The lines of a Linux firewall in the middle, in order of writing."""
    device = make_device(dialogues, firewall, east_s)
    kernel = _Kernel(chance, tool, host, device.clock)
    lines: list[LogLine] = []
    for dialogue in filter(crosses, dialogues):
        passage = device.follow(dialogue, TIMEOUTS)
        lines += [kernel.forwarded(dialogue, seen, "denied") for seen in passage.denied]
        lines += [kernel.stray(dialogue, seen, device) for seen in passage.stray]
        lines += [kernel.forwarded(dialogue, session.packets[0], "new") for session in passage.sessions]
    return sort_lines(lines)


def write_host_netfilter_log(
    recording: Recording,
    chance: Stream,
    *,
    tool: Tool = Tool.IPTABLES,
    east_s: int = 0,
) -> tuple[LogLine, ...]:
    """What a server's own rules log of a recording on its card: connections made to it, and by it with the user."""
    assert recording.tap.host is not None
    kernel = _Kernel(chance, tool, recording.tap.host.name, DeviceClock(east_s=east_s))
    lines: list[LogLine] = []
    for flow in recording.flows:
        first = flow.packets[0]
        if first.packet.protocol is Protocol.TCP and not is_syn(first):
            continue
        interface = recording.tap.interface
        if recording.tap.host.is_same_machine(first.packet.src.host):
            said = f"IN= OUT={interface} {_packet(first)} UID=1001 GID=1001 "
            lines.append(kernel.line(flow.dialogue, first, "out", said))
        else:
            said = f"IN={interface} OUT= {kernel.hardware(first.packet, interface)} {_packet(first)} "
            lines.append(kernel.line(flow.dialogue, first, "new", said))
    return sort_lines(lines)


class _Kernel:
    """The machine that writes: its name, its clock, how long it has been up, the addresses on its links."""

    def __init__(self, chance: Stream, tool: Tool, host: str, clock: DeviceClock) -> None:
        self._prefixes, self._host, self._clock = PREFIXES[tool], host, clock
        self._has_uptime = tool is Tool.IPTABLES
        self._up_us = chance.between(10**10, 10**13)
        self._links = chance.child("links")
        self._macs: dict[str, str] = {}

    def forwarded(self, dialogue: Dialogue, seen: SeenPacket, rule: str) -> LogLine:
        packet = seen.packet
        into, out = (INTERFACES[end.host.zone] for end in (packet.src, packet.dst))
        said = f"IN={into} OUT={out} {self.hardware(packet, into)} {_packet(seen)} "
        return self.line(dialogue, seen, rule, said)

    def stray(self, dialogue: Dialogue, seen: SeenPacket, device: Device) -> LogLine:
        """A packet for a translation that is forgotten is one for the firewall itself."""
        packet = seen.packet
        dst = device.aimed_at(packet)
        if dst == packet.dst.endpoint:
            return self.forwarded(dialogue, seen, "stray")
        into = INTERFACES[packet.src.host.zone]
        said = f"IN={into} OUT= {self.hardware(packet, into)} {_packet(seen, dst.ip)} "
        return self.line(dialogue, seen, "stray", said, dst._replace(port=packet.dst.port))

    def line(
        self, dialogue: Dialogue, seen: SeenPacket, rule: str, said: str, dst: Endpoint | None = None
    ) -> LogLine:
        up_us = self._up_us + seen.time_ns // 1_000 % 10**9
        uptime = f"[{up_us // 10**6:5d}.{up_us % 10**6:06d}] " if self._has_uptime else ""
        start = f"{to_syslog(self._clock.reads(seen.time_ns))} {self._host} kernel: {uptime}"
        ends = (seen.packet.src.endpoint, dst or seen.packet.dst.endpoint)
        return LogLine(seen.time_ns, start + self._prefixes[rule] + said, dialogue, ends)

    def hardware(self, packet: SentPacket, interface: str) -> str:
        """MAC= is the Ethernet header as it stands: destination, source, type."""
        sender = (
            packet.src.host.mac.hex(":") if packet.src.host.hops == 0 else self._mac(f"{interface} router")
        )
        return f"MAC={self._mac(interface)}:{sender}:08:00"

    def _mac(self, name: str) -> str:
        if name not in self._macs:
            self._macs[name] = "00:50:56:" + self._links.child(name).take(3).hex(":")
        return self._macs[name]


def _packet(seen: SeenPacket, dst_ip: str = "") -> str:
    """One level of the packet within an ICMP error is printed too, in brackets."""
    packet = seen.packet
    src, dst = _ip(packet.src.host.ip), _ip(dst_ip or packet.dst.host.ip)
    if packet.is_ipv6:
        network = f"LEN={packet.ip_bytes} TC=0 HOPLIMIT={seen.ttl} FLOWLBL={packet.ip_id}"
    else:
        fragment = " DF" if packet.dont_fragment else ""
        network = f"LEN={packet.ip_bytes} TOS=0x00 PREC=0x00 TTL={seen.ttl} ID={packet.ip_id}{fragment}"
    return f"SRC={src} DST={dst} {network} {_transport(packet, packet.src, packet.dst)}"


def _ip(ip: str) -> str:
    """IPv6 addresses are written in full."""
    return ip_address(ip).exploded


def _transport(packet: SentPacket, src: Socket, dst: Socket) -> str:
    if packet.protocol is Protocol.UDP:
        return f"PROTO=UDP SPT={src.port} DPT={dst.port} LEN={8 + len(packet.payload)}"
    if packet.protocol is Protocol.ICMP:
        return _message(packet)
    words = "".join(f" {word}" for flag, word in FLAG_WORDS if packet.flags & flag)
    return f"PROTO=TCP SPT={src.port} DPT={dst.port} WINDOW={packet.window} RES=0x00{words} URGP=0"


def _message(packet: SentPacket) -> str:
    name = "ICMPv6" if packet.is_ipv6 else "ICMP"
    said = f"PROTO={name} TYPE={packet.icmp_type} CODE={packet.icmp_code}"
    if packet.quoted is not None:
        return f"{said} [{_packet(SeenPacket(0, packet.quoted.ttl, packet.quoted.packet))} ]"
    number, row = int.from_bytes(packet.icmp_rest[:2], "big"), int.from_bytes(packet.icmp_rest[2:], "big")
    return f"{said} ID={number} SEQ={row}" if packet.icmp_type in ECHOES else said
