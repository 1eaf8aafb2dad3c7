"""Cisco ASA syslog: connections built and torn down, translations, packets denied.

Source: Cisco ASA Series Syslog Messages. A connection's lower-security side stands first whoever opened it;
the word inbound or outbound says who did. Bytes are payload. Denied packets are printed as they arrive: source
first. Times are whole seconds of the device's own clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from tickets.engine.types import Protocol, TcpFlags
from tickets.simulator.clock import MONTHS, NS_PER_S
from tickets.simulator.network import SECURITY_LEVELS, Dialogue, Firewall, SeenPacket, Socket, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.lines import Ends, LogLine, encode_lines, ends_of, sort_lines
from tickets.simulator.sensors.passage import (
    Close,
    Device,
    Passage,
    Session,
    Timeouts,
    arrives_at,
    crosses,
    make_device,
)

FILE = "firewall.log"
AsaLine = LogLine
encode_asa_log = encode_lines
ACCESS_LIST_HASH = "[0x8ed66b60, 0x0]"
# The defaults of `timeout` in the command reference; an embryonic connection waits 30 seconds.
TIMEOUTS = Timeouts(
    opening_ns=30 * NS_PER_S,
    standing_ns=3600 * NS_PER_S,
    closing_ns=600 * NS_PER_S,
    datagram_ns=120 * NS_PER_S,
    echo_ns=2 * NS_PER_S,
)
PORT_TRANSLATION_NS = 30 * NS_PER_S  # timeout pat-xlate
HIT_INTERVAL_NS = 300 * NS_PER_S
NUMBERS = {Protocol.TCP: (302013, 302014), Protocol.UDP: (302015, 302016)}
FLAG_WORDS = (
    (TcpFlags.FIN, "FIN"),
    (TcpFlags.SYN, "SYN"),
    (TcpFlags.RST, "RST"),
    (TcpFlags.PSH, "PSH"),
    (TcpFlags.ACK, "ACK"),
    (TcpFlags.URG, "URG"),
)


class Denial(StrEnum):
    """What turns an unwanted packet away, which decides how the ASA tells of it."""

    ACCESS_GROUP = "access group"  # an access list of the interface: 106023
    LOGGED_ENTRY = (
        "logged entry"  # an entry with the word log: 106100, the first hit and a count each 5 minutes
    )
    SECURITY_LEVELS = "security levels"  # no access list permits it: 106001, 106006, 106014


def write_asa_log(
    dialogues: tuple[Dialogue, ...],
    firewall: Firewall,
    chance: Stream,
    *,
    denial: Denial = Denial.ACCESS_GROUP,
    east_s: int = 0,
    tells_translations: bool = False,
) -> tuple[LogLine, ...]:
    """The lines about all dialogues that reached the firewall, in order of writing.

    Translations (305011, 305012) are lines of their own that name no peer; many sites leave them out.
    """
    device = make_device(dialogues, firewall, east_s)
    lines: list[LogLine] = []
    connection = chance.between(100_000, 900_000)
    for dialogue in sorted(dialogues, key=lambda dialogue: dialogue.start_ns):
        if dialogue.server.host.zone is Zone.DEVICE:
            lines.extend(_to_the_box(dialogue, device))
        if not crosses(dialogue):
            continue
        passage = device.follow(dialogue, TIMEOUTS)
        for session in passage.sessions:
            connection += chance.between(1, 9)
            if tells_translations:
                lines.extend(_translation(session, device))
            lines.extend(_session(session, device, connection))
        lines.extend(_denials(dialogue, passage, device, denial))
    return sort_lines(lines)


# Connections.


def _session(session: Session, device: Device, number: int) -> Iterator[LogLine]:
    if session.dialogue.protocol is Protocol.ICMP:
        return _echo(session, device)
    return _connection(session, device, number)


def _connection(session: Session, device: Device, number: int) -> Iterator[LogLine]:
    lower, higher = _by_security(session)
    word = "inbound" if lower == session.client else "outbound"
    built, torn_down = NUMBERS[session.dialogue.protocol]
    name = session.dialogue.protocol.value.upper()
    end_ns = _end_ns(session)
    size = sum(session.tally(from_client=side).payload_bytes for side in (True, False))
    seconds = end_ns // NS_PER_S - session.start_ns // NS_PER_S
    yield _line(
        session.start_ns,
        f"%ASA-6-{built}: Built {word} {name} connection {number}"
        f" for {_real_and_mapped(session, lower, device)} to {_real_and_mapped(session, higher, device)}",
        session.dialogue,
        device,
    )
    if session.close is Close.FORGOTTEN:
        return
    yield _line(
        end_ns,
        f"%ASA-6-{torn_down}: Teardown {name} connection {number} for {_interface(lower)}"
        f" to {_interface(higher)} duration {_duration(seconds)} bytes {size}{_reason(session, higher)}",
        session.dialogue,
        device,
    )


def _end_ns(session: Session) -> int:
    """A name server's answer closes the connection at once (`dns-guard`)."""
    return session.last_ns if session.dialogue.service == "dns" else session.end_ns


def _by_security(session: Session) -> tuple[Socket, Socket]:
    lower, higher = sorted(
        (session.client, session.server), key=lambda socket: SECURITY_LEVELS[socket.host.zone]
    )
    return lower, higher


def _reason(session: Session, higher: Socket) -> str:
    """Reset-I came from the side of higher security, Reset-O from the other."""
    if session.dialogue.protocol is Protocol.UDP:
        return ""
    if session.close in (Close.RESET_BY_CLIENT, Close.RESET_BY_SERVER):
        resetter = session.client if session.close is Close.RESET_BY_CLIENT else session.server
        return " TCP Reset-I" if resetter == higher else " TCP Reset-O"
    words = {Close.FINS: "TCP FINs", Close.NEVER_OPENED: "SYN Timeout", Close.IDLE: "Idle Timeout"}
    if session.close is Close.IDLE and _is_half_closed(session):
        return " FIN Timeout"
    return f" {words[session.close]}"


def _is_half_closed(session: Session) -> bool:
    return any(session.tally(from_client=side).flags & TcpFlags.FIN for side in (True, False))


def _echo(session: Session, device: Device) -> Iterator[LogLine]:
    """ICMP: the foreign address, then the local one as the world sees it and as it is. The client's
    identifier stands in place of its port."""
    lower, higher = _by_security(session)
    word = "inbound" if lower == session.client else "outbound"
    global_ip = device.mapped(Protocol.ICMP, higher, lower).ip
    first = session.packets[0].packet
    number = int.from_bytes(first.icmp_rest[:2], "big")
    foreign, local = (0, number) if higher == session.client else (number, 0)
    ends = (
        f"faddr {lower.host.ip}/{foreign} gaddr {global_ip}/{local} laddr {higher.host.ip}/{local}"
        f" type {first.icmp_type} code {first.icmp_code}"
    )
    yield _line(
        session.start_ns,
        f"%ASA-6-302020: Built {word} ICMP connection for {ends}",
        session.dialogue,
        device,
    )
    yield _line(
        session.end_ns, f"%ASA-6-302021: Teardown ICMP connection for {ends}", session.dialogue, device
    )


def _translation(session: Session, device: Device) -> Iterator[LogLine]:
    client, server = session.client, session.server
    outside = device.mapped(session.dialogue.protocol, client, server)
    if outside == client.endpoint:
        return
    end_ns = _end_ns(session) + PORT_TRANSLATION_NS
    name = session.dialogue.protocol.value.upper()
    pair = f"from {_interface(client)} to {server.host.zone.value}:{outside.ip}/{outside.port}"
    seconds = end_ns // NS_PER_S - session.start_ns // NS_PER_S
    yield _line(
        session.start_ns, f"%ASA-6-305011: Built dynamic {name} translation {pair}", session.dialogue, device
    )
    yield _line(
        end_ns,
        f"%ASA-6-305012: Teardown dynamic {name} translation {pair} duration {_duration(seconds)}",
        session.dialogue,
        device,
    )


# Denied packets.


def _denials(dialogue: Dialogue, passage: Passage, device: Device, denial: Denial) -> Iterator[LogLine]:
    if denial is Denial.LOGGED_ENTRY:
        yield from _hits(dialogue, passage.denied, device)
    else:
        for seen in passage.denied:
            told = _by_group(seen) if denial is Denial.ACCESS_GROUP else _by_levels(seen)
            yield _line(seen.time_ns, told, dialogue, device, ends_of(seen.packet))
    for seen in passage.stray:
        if dialogue.protocol is Protocol.TCP:
            yield _line(
                seen.time_ns,
                _no_connection(seen, device),
                dialogue,
                device,
                device.on_arrival(seen.packet),
            )


def _by_group(seen: SeenPacket) -> str:
    """Every packet that the access list turns away is a line."""
    packet = seen.packet
    group = f"{packet.src.host.zone.value}_in".upper()
    if packet.protocol is Protocol.ICMP:
        src, dst = (f"{end.host.zone.value}:{end.host.ip}" for end in (packet.src, packet.dst))
        kind = f" (type {packet.icmp_type}, code {packet.icmp_code})"
    else:
        src, dst, kind = _interface(packet.src), _interface(packet.dst), ""
    return (
        f"%ASA-4-106023: Deny {packet.protocol.value} src {src} dst {dst}{kind}"
        f' by access-group "{group}" {ACCESS_LIST_HASH}'
    )


def _by_levels(seen: SeenPacket) -> str:
    packet = seen.packet
    interface = packet.src.host.zone.value
    if packet.protocol is Protocol.TCP:
        return (
            f"%ASA-2-106001: Inbound TCP connection denied from {_plain(packet.src)} to {_plain(packet.dst)}"
            f" flags {_flag_words(packet.flags)}  on interface {interface}"
        )
    if packet.protocol is Protocol.ICMP:
        return (
            f"%ASA-3-106014: Deny inbound icmp src {interface}:{packet.src.host.ip} dst"
            f" {packet.dst.host.zone.value}:{packet.dst.host.ip} (type {packet.icmp_type}, code {packet.icmp_code})"
        )
    return (
        f"%ASA-2-106006: Deny inbound UDP from {_plain(packet.src)} to {_plain(packet.dst)}"
        f" on interface {interface}"
    )


def _hits(dialogue: Dialogue, denied: Sequence[SeenPacket], device: Device) -> Iterator[LogLine]:
    """The first packet of a kind is told at once, those that follow in the interval by their number."""
    if not denied:
        return
    first, later = denied[0], denied[1:]
    yield _line(first.time_ns, f"{_entry(first)} hit-cnt 1 first hit {ACCESS_LIST_HASH}", dialogue, device)
    if later:
        told = f"{_entry(first)} hit-cnt {len(later)} 300-second interval {ACCESS_LIST_HASH}"
        yield _line(first.time_ns + HIT_INTERVAL_NS, told, dialogue, device)


def _entry(seen: SeenPacket) -> str:
    packet = seen.packet
    src, dst = (f"{end.host.zone.value}/{end.host.ip}({end.port})" for end in (packet.src, packet.dst))
    name = f"{packet.src.host.zone.value}_in".upper()
    return f"%ASA-6-106100: access-list {name} denied {packet.protocol.value} {src} -> {dst}"


def _no_connection(seen: SeenPacket, device: Device) -> str:
    """A segment that belongs to no connection, with the addresses that it carries when it arrives."""
    packet = seen.packet
    dst = device.aimed_at(packet)
    return (
        f"%ASA-6-106015: Deny TCP (no connection) from {_plain(packet.src)} to {dst.ip}/{dst.port}"
        f" flags {_flag_words(packet.flags)}  on interface {packet.src.host.zone.value}"
    )


def _to_the_box(dialogue: Dialogue, device: Device) -> Iterator[LogLine]:
    """Packets to the firewall's own address, which serves nobody there."""
    name = dialogue.protocol.value.upper()
    for packet in dialogue.packets:
        if packet.src == dialogue.client:
            zone = packet.src.host.zone.value
            told = (
                f"%ASA-3-710003: {name} access denied by ACL from {_plain(packet.src)}"
                f" to {zone}:{_plain(packet.dst)}"
            )
            yield _line(arrives_at(packet).time_ns, told, dialogue, device)


# Parts.


def _plain(socket: Socket) -> str:
    return f"{socket.host.ip}/{socket.port}"


def _interface(socket: Socket) -> str:
    return f"{socket.host.zone.value}:{_plain(socket)}"


def _real_and_mapped(session: Session, socket: Socket, device: Device) -> str:
    peer = session.server if socket == session.client else session.client
    end = device.mapped(session.dialogue.protocol, socket, peer)
    return f"{_interface(socket)} ({end.ip}/{end.port})"


def _flag_words(flags: TcpFlags) -> str:
    return " ".join(word for flag, word in FLAG_WORDS if flags & flag)


def _duration(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _line(time_ns: int, text: str, dialogue: Dialogue, device: Device, ends: Ends | None = None) -> LogLine:
    moment = device.clock.reads(time_ns)
    return LogLine(time_ns, f"{MONTHS[moment.month - 1]} {moment:%d %Y %H:%M:%S}: {text}", dialogue, ends)
