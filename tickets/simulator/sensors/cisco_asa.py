"""Cisco ASA syslog: connections built and torn down, packets denied.

A connection's lower-security side stands first whoever opened it; the word inbound or outbound says
who did. Bytes are payload. Times are whole seconds, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

from tickets.engine.types import Protocol, TcpFlags
from tickets.simulator.clock import MONTHS, NS_PER_S, to_datetime
from tickets.simulator.network import (
    SECURITY_LEVELS,
    Dialogue,
    Firewall,
    SentPacket,
    Socket,
    Translation,
    Zone,
)
from tickets.simulator.randomness import Stream

FILE = "firewall.log"
ACCESS_GROUP_HASH = "[0x8ed66b60, 0x0]"
UDP_IDLE_NS = 120 * NS_PER_S
NUMBERS = {Protocol.TCP: (302013, 302014), Protocol.UDP: (302015, 302016)}


@dataclass(frozen=True, slots=True)
class AsaLine:
    """One line, when it was written, and what it tells of."""

    time_ns: int
    text: str
    dialogue: Dialogue


def write_asa_log(dialogues: tuple[Dialogue, ...], firewall: Firewall, chance: Stream) -> tuple[AsaLine, ...]:
    """The lines about all dialogues that reached the firewall, in order of writing."""
    lines: list[AsaLine] = []
    connection = chance.between(100_000, 900_000)
    crossing = [dialogue for dialogue in dialogues if dialogue.client.host.zone != dialogue.server.host.zone]
    translation = firewall.translate(dialogues)
    for dialogue in sorted(crossing, key=lambda dialogue: dialogue.start_ns):
        if firewall.permits(dialogue.client.host, dialogue.server):
            connection += chance.between(1, 9)
            lines.extend(_connection(dialogue, translation, connection))
        else:
            lines.extend(_denials(dialogue))
    return tuple(sorted(lines, key=lambda line: line.time_ns))


def encode_asa_log(lines: tuple[AsaLine, ...]) -> bytes:
    return "".join(line.text + "\n" for line in lines).encode()


def _connection(dialogue: Dialogue, translation: Translation, number: int) -> list[AsaLine]:
    client, server = dialogue.client, dialogue.server
    lower, higher = sorted((client, server), key=lambda socket: SECURITY_LEVELS[socket.host.zone])
    word = "inbound" if lower is client else "outbound"
    built, torn_down = NUMBERS[dialogue.protocol]
    name = dialogue.protocol.value.upper()
    first_ns, last_ns = _passes_ns(dialogue.packets[0]), max(map(_passes_ns, dialogue.packets))
    if dialogue.protocol is Protocol.UDP and dialogue.service != "dns":
        last_ns += UDP_IDLE_NS
    size = sum(len(packet.payload) for packet in dialogue.packets)
    duration = _duration(last_ns // NS_PER_S - first_ns // NS_PER_S)
    start = (
        f"%ASA-6-{built}: Built {word} {name} connection {number} for {_real_and_mapped(lower, higher, dialogue.protocol, translation)}"
        f" to {_real_and_mapped(higher, lower, dialogue.protocol, translation)}"
    )
    end = (
        f"%ASA-6-{torn_down}: Teardown {name} connection {number} for {_interface(lower)} to {_interface(higher)}"
        f" duration {duration} bytes {size}{_reason(dialogue, higher)}"
    )
    return [_line(first_ns, start, dialogue), _line(last_ns, end, dialogue)]


def _denials(dialogue: Dialogue) -> list[AsaLine]:
    """Every packet that the access list turns away is a line."""
    group = f"{dialogue.client.host.zone.value}_in".upper()
    return [
        _line(
            _passes_ns(packet),
            f"%ASA-4-106023: Deny {dialogue.protocol.value} src {_interface(packet.src)}"
            f' dst {_interface(packet.dst)} by access-group "{group}" {ACCESS_GROUP_HASH}',
            dialogue,
        )
        for packet in dialogue.packets
    ]


def _reason(dialogue: Dialogue, higher: Socket) -> str:
    if dialogue.protocol is Protocol.UDP:
        return ""
    for packet in dialogue.packets:
        if packet.flags & TcpFlags.RST:
            return " TCP Reset-I" if packet.src == higher else " TCP Reset-O"
    return " TCP FINs"


def _interface(socket: Socket) -> str:
    return f"{socket.host.zone.value}:{socket.host.ip}/{socket.port}"


def _real_and_mapped(socket: Socket, peer: Socket, protocol: Protocol, translation: Translation) -> str:
    """A socket that talks to the Internet, and what the Internet sees of it."""
    mapped = translation.outer(protocol, socket) if peer.host.zone is Zone.OUTSIDE else socket
    return f"{_interface(socket)} ({mapped.host.ip}/{mapped.port})"


def _passes_ns(packet: SentPacket) -> int:
    return packet.sent_ns + packet.src.host.delay_ns


def _duration(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _line(time_ns: int, text: str, dialogue: Dialogue) -> AsaLine:
    moment = to_datetime(time_ns)
    return AsaLine(time_ns, f"{MONTHS[moment.month - 1]} {moment:%d %Y %H:%M:%S}: {text}", dialogue)
