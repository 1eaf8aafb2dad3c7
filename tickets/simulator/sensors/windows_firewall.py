"""Windows Firewall's own log, pfirewall.log: packets dropped, and connections allowed where that is switched on.

Source: Microsoft, "Configure the Windows Firewall log", and the header that the log itself carries. `path` is the way
on which the writing host saw it. An allowed row is of a connection and tells no flags; a dropped one is of a packet.
Times are the host's own clock in its own zone, which is not written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tickets.engine.types import Protocol, TcpFlags
from tickets.simulator.clock import DeviceClock
from tickets.simulator.network import SeenPacket
from tickets.simulator.recording import Flow, Recording
from tickets.simulator.sensors.lines import LogLine, ends_of, sort_lines
from tickets.simulator.sensors.segments import is_syn, is_syn_ack

FILE = "pfirewall.log"
FIELDS = (
    "date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode"
    " info path"
)
HEADER = (
    "#Version: 1.5",
    "#Software: Microsoft Windows Firewall",
    "#Time Format: Local",
    f"#Fields: {FIELDS}",
    "",
)
FLAG_LETTERS = (
    (TcpFlags.FIN, "F"),
    (TcpFlags.SYN, "S"),
    (TcpFlags.RST, "R"),
    (TcpFlags.PSH, "P"),
    (TcpFlags.ACK, "A"),
    (TcpFlags.URG, "U"),
)


def write_windows_firewall_log(
    recording: Recording, *, blocked: Collection[int] = (), tells_allowed: bool = True, east_s: int = 0
) -> tuple[LogLine, ...]:
    """The rows of the host whose card was recorded. `blocked` are ports of its own that its firewall closes; it
    also drops what comes in for no connection that it knows."""
    assert recording.tap.host is not None
    clock = DeviceClock(east_s=east_s)
    return sort_lines(
        line for flow in recording.flows for line in _rows(flow, recording, blocked, clock, tells_allowed)
    )


def encode_windows_firewall_log(lines: tuple[LogLine, ...]) -> bytes:
    return "".join(f"{text}\r\n" for text in (*HEADER, *(line.text for line in lines))).encode()


def _rows(
    flow: Flow, recording: Recording, blocked: Collection[int], clock: DeviceClock, tells_allowed: bool
) -> Iterator[LogLine]:
    host = recording.tap.host
    assert host is not None
    first = flow.packets[0]
    is_sent = first.packet.src.host.is_same_machine(host)
    path = "SEND" if is_sent else "RECEIVE"
    if not is_sent and (first.packet.dst.port in blocked or _is_stray(first)):
        for seen in flow.packets:
            if seen.packet.dst.host.is_same_machine(host):
                yield LogLine(seen.time_ns, _dropped(seen, clock), flow.dialogue, ends_of(seen.packet))
    elif tells_allowed and (_is_accepted(flow) or (is_sent and not _is_stray(first))):
        yield LogLine(
            first.time_ns,
            f"{_start(first, 'ALLOW', clock)} 0 {_allowed(first)} - {path}",
            flow.dialogue,
            ends_of(first.packet),
        )


def _is_accepted(flow: Flow) -> bool:
    """A SYN to a port without a service is refused, and no connection came of it."""
    if flow.dialogue.protocol is Protocol.TCP:
        return any(map(is_syn_ack, flow.packets)) and is_syn(flow.packets[0])
    return True


def _is_stray(first: SeenPacket) -> bool:
    """A segment that is no SYN, or an answer to a question that was not asked."""
    packet = first.packet
    if packet.protocol is Protocol.TCP:
        return not is_syn(first)
    return packet.protocol is Protocol.ICMP and packet.icmp_type in (0, 129)


def _allowed(first: SeenPacket) -> str:
    if first.packet.protocol is Protocol.TCP:
        return "- 0 0 0 - -"
    return f"- - - - {_message(first)}"


def _dropped(seen: SeenPacket, clock: DeviceClock) -> str:
    packet = seen.packet
    letters = "".join(letter for flag, letter in FLAG_LETTERS if packet.flags & flag)
    is_tcp = packet.protocol is Protocol.TCP
    segment = f"{letters} {packet.seq} {packet.ack} {packet.window}" if is_tcp else "- - - -"
    return f"{_start(seen, 'DROP', clock)} {packet.ip_bytes} {segment} {_message(seen)} - RECEIVE"


def _message(seen: SeenPacket) -> str:
    packet = seen.packet
    return f"{packet.icmp_type} {packet.icmp_code}" if packet.protocol is Protocol.ICMP else "- -"


def _start(seen: SeenPacket, action: str, clock: DeviceClock) -> str:
    packet = seen.packet
    is_message = packet.protocol is Protocol.ICMP
    name = ("ICMPv6" if packet.is_ipv6 else "ICMP") if is_message else packet.protocol.value.upper()
    ports = "- -" if is_message else f"{packet.src.port} {packet.dst.port}"
    return (
        f"{clock.reads(seen.time_ns):%Y-%m-%d %H:%M:%S} {action} {name}"
        f" {packet.src.host.ip} {packet.dst.host.ip} {ports}"
    )
