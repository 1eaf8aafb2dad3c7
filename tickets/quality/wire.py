"""Packets as systems send them: sizes, TTLs, ports and checksums that could be so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tickets.engine import Packet, Protocol, TcpFlags
from tickets.quality.exhibit import Exhibit, Key
from tickets.simulator import Oddity
from tickets.simulator.systems import SYSTEMS, OperatingSystem

# Headers without options: IPv4 (RFC 791) or IPv6 (RFC 8200) and TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792).
HEADER_BYTES = {Protocol.TCP: 20, Protocol.UDP: 8, Protocol.ICMP: 8}
MOST_SYN_BYTES = 80
ETHERNET_HEADER_BYTES = 14
MOST_HOPS = 32
SYSTEM_PORTS = 1024
FTP_DATA = 20  # from which a server calls its client back (RFC 959, 3.2)
DHCP_PORTS = {67, 68}


def check_sizes(exhibit: Exhibit) -> Iterator[str]:
    """No packet is smaller than its headers, and a SYN carries headers and options alone."""
    for packet in _packets(exhibit):
        network = 40 if ":" in packet.src.ip else 20
        least = network + HEADER_BYTES[packet.protocol]
        if packet.is_later_fragment or packet.layers:
            continue
        if packet.ip_bytes < least + packet.payload_bytes:
            yield f"{packet.location} has {packet.ip_bytes} bytes for headers of {least} and its payload"
        if packet.wire_bytes < ETHERNET_HEADER_BYTES + packet.ip_bytes:
            yield f"{packet.location} is a frame of {packet.wire_bytes} bytes around {packet.ip_bytes}"
        is_bare_syn = TcpFlags.SYN in packet.flags and not packet.payload_bytes
        if is_bare_syn and packet.ip_bytes > MOST_SYN_BYTES + network - 20:
            yield f"{packet.location} is a SYN of {packet.ip_bytes} bytes"


def check_checksums(exhibit: Exhibit) -> Iterator[str]:
    """Every checksum holds."""
    for packet in _packets(exhibit):
        if packet.has_bad_checksum:
            yield f"{packet.location} has a wrong checksum"


def check_ttls(exhibit: Exhibit) -> Iterator[str]:
    """A host's packets come with one TTL, some hops below what a system starts with."""
    if exhibit.is_odd(Oddity.TTL):
        return
    for conversations in exhibit.captures.values():
        for packets in conversations.values():
            yield from _odd_ttls(packets)
        yield from _changing_hosts(conversations, _outer_ips(exhibit))


def _odd_ttls(packets: Sequence[Packet]) -> Iterator[str]:
    for packet in packets:
        if packet.protocol is not Protocol.ICMP and not _systems_at(packet.ttl):
            yield f"{packet.location} has a TTL of {packet.ttl}, which no system leaves after {MOST_HOPS} hops"


def _changing_hosts(conversations: Mapping[Key, Sequence[Packet]], shared: frozenset[str]) -> Iterator[str]:
    """All that a host's system sends has one TTL. A reset may come from below a program that writes its own packets,
    and behind a translation's address there are many hosts."""
    seen: dict[str, Packet] = {}
    for packets in conversations.values():
        for packet in packets:
            if packet.protocol is Protocol.ICMP or TcpFlags.RST in packet.flags or packet.src.ip in shared:
                continue
            first = seen.setdefault(packet.src.ip, packet)
            if first.ttl != packet.ttl:
                yield f"{packet.location} has a TTL of {packet.ttl}, and {first.location} of the same host {first.ttl}"


def check_client_ports(exhibit: Exhibit) -> Iterator[str]:
    """A SYN looks like some system's, and comes from a port that this system gives to clients."""
    if exhibit.is_odd(Oddity.CLIENT_PORT, Oddity.TTL):
        return
    shared = _outer_ips(exhibit)
    for packet in _packets(exhibit):
        is_syn = packet.flags & (TcpFlags.SYN | TcpFlags.ACK) == TcpFlags.SYN
        is_called_back = packet.src.port == FTP_DATA
        if packet.protocol is Protocol.TCP and is_syn and not is_called_back and packet.src.ip not in shared:
            yield from _odd_syn(packet)
        elif packet.protocol is Protocol.UDP and _is_between_system_ports(packet):
            yield f"{packet.location} goes from one system port to another"


def _is_between_system_ports(packet: Packet) -> bool:
    """NTP and some others use one port on both sides; DHCP has a port for clients and one for servers (RFC 2131, 4.1)."""
    ports = (packet.src.port, packet.dst.port)
    return max(ports) < SYSTEM_PORTS and ports[0] != ports[1] and set(ports) != DHCP_PORTS


def _odd_syn(packet: Packet) -> Iterator[str]:
    systems = [system for system in _systems_at(packet.ttl) if system.syn_window == packet.window]
    if not systems:
        yield f"{packet.location} is a SYN with TTL {packet.ttl} and window {packet.window}, as no system sends it"
    elif not any(low <= packet.src.port <= high for low, high in (system.client_ports for system in systems)):
        names = ", ".join(system.name for system in systems)
        yield f"{packet.location} comes from port {packet.src.port}, which none of {names} gives to a client"


def _systems_at(ttl: int) -> list[OperatingSystem]:
    """Whose packets may have so much left."""
    return [system for system in SYSTEMS if 0 <= system.ttl - ttl <= MOST_HOPS]


def _outer_ips(exhibit: Exhibit) -> frozenset[str]:
    """Addresses behind which others hide, by the records that state a translation."""
    translated = (
        (inner.ip, outer.ip)
        for log in exhibit.logs
        for view in log.translated
        for inner, outer in zip((log.src, log.dst), view, strict=True)
    )
    return frozenset(outer for inner, outer in translated if inner != outer)


def _packets(exhibit: Exhibit) -> Iterator[Packet]:
    for conversations in exhibit.captures.values():
        for packets in conversations.values():
            yield from packets
