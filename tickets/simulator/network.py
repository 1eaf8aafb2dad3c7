"""The network that a story plays on: zones around one firewall, hosts, and where the sensors listen.

The firewall stands in the middle. A host reaches the tap of its own zone over `hops` routers in
`delay_ns`; to the tap of another zone it also crosses the firewall, which leaves the TTL alone (as a
Cisco ASA does). Two hosts of one zone talk without passing a tap, unless it is a mirror of the zone's switch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from tickets.engine.types import Endpoint, Protocol, TcpFlags
from tickets.simulator.addresses import group_mac, is_group, is_ipv6
from tickets.simulator.systems import OperatingSystem

CROSSING_NS = 70_000
MICROSECOND_NS = 1_000
ETHERNET_HEADER_BYTES = 14
VLAN_TAG_BYTES = 4
SHORTEST_FRAME_BYTES = 60


class Zone(StrEnum):
    """A side of the firewall. The value is the interface's name in the firewall's log.

    `DEVICE` is the firewall itself, where it speaks with an address of its own."""

    OUTSIDE = "outside"
    DECOYS = "decoys"
    DMZ = "dmz"
    SERVERS = "servers"
    INSIDE = "inside"
    DEVICE = "identity"


SECURITY_LEVELS = {
    Zone.OUTSIDE: 0,
    Zone.DECOYS: 20,
    Zone.DMZ: 50,
    Zone.SERVERS: 90,
    Zone.INSIDE: 100,
    Zone.DEVICE: 100,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A machine by one of its addresses. `listens` are the TCP ports that a service of it answers on;
    `skew_ns` is what its own clock is ahead."""

    name: str
    ip: str
    zone: Zone
    system: OperatingSystem
    mac: bytes
    hops: int
    delay_ns: int
    listens: frozenset[int] = frozenset()
    skew_ns: int = 0

    def at(self, ip: str) -> Host:
        """The same machine by another address."""
        return replace(self, ip=ip)

    def is_same_machine(self, other: Host) -> bool:
        return self.mac == other.mac


def group(ip: str, member: Host) -> Host:
    """Everyone who listens at a multicast or broadcast address on the link of `member`."""
    return replace(member, name="", ip=ip, mac=group_mac(ip), hops=0, listens=frozenset())


class Socket(NamedTuple):
    """A port of a host. ICMP has no ports: the type at the asking end, the type that answers it (else the code)
    at the other, as Zeek prints it."""

    host: Host
    port: int

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.host.ip, self.port)


class Quote(NamedTuple):
    """What an ICMP error says of the packet that it is about: the packet as its reporter got it, with how much
    of its TTL left, and at most how many bytes of it are repeated (RFC 792: header and 8; RFC 1812, 4.3.2.3:
    as much as fits in 576)."""

    packet: SentPacket
    ttl: int
    limit: int

    @property
    def length(self) -> int:
        return min(self.packet.ip_bytes, self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPacket:
    """An IP packet as its sender made it. `options` are TCP option bytes, padded to four.

    An ICMP message has `icmp_type`, `icmp_code`, `icmp_rest` (the four bytes after the checksum), and a
    payload or a `quoted` packet. `ttl` is None for the system's own. A packet that `stops_at_firewall`
    passes the tap on its sender's side only. `copies` alike follow one another: so a long transfer is told to flow
    meters; a capture cannot show it."""

    sent_ns: int
    src: Socket
    dst: Socket
    protocol: Protocol
    ip_id: int
    payload: bytes = b""
    seq: int = 0
    ack: int = 0
    flags: TcpFlags = TcpFlags.NONE
    window: int = 0
    options: bytes = b""
    dont_fragment: bool = True
    ttl: int | None = None
    icmp_type: int = 0
    icmp_code: int = 0
    icmp_rest: bytes = bytes(4)
    quoted: Quote | None = None
    stops_at_firewall: bool = False
    copies: int = 1

    @property
    def first_ttl(self) -> int:
        return self.src.host.system.ttl if self.ttl is None else self.ttl

    @property
    def is_ipv6(self) -> bool:
        return is_ipv6(self.src.host.ip)

    @property
    def header_bytes(self) -> int:
        """IP header and transport header."""
        network = 40 if self.is_ipv6 else 20
        return network + (20 + len(self.options) if self.protocol is Protocol.TCP else 8)

    @property
    def ip_bytes(self) -> int:
        return self.header_bytes + self.payload_bytes

    @property
    def payload_bytes(self) -> int:
        """What follows the headers: of an ICMP error the packet that it quotes."""
        return len(self.payload) + (self.quoted.length if self.quoted else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One conversation as it was played: who opened it to whom, the packets sent, what was said.

    `said` holds what the application logs need (method, host, user name ...), by the writer's own keys.
    `about` is the conversation that this one belongs to: an ICMP error's, a data connection's control
    connection, a proxy's other leg.
    """

    client: Socket
    server: Socket
    protocol: Protocol
    packets: tuple[SentPacket, ...]
    service: str = ""
    said: dict[str, str] = field(default_factory=dict)
    about: Dialogue | None = None

    @property
    def start_ns(self) -> int:
        return self.packets[0].sent_ns


class Translation(NamedTuple):
    """What a firewall's address translation makes of sockets on the Internet's side."""

    table: Mapping[tuple[Protocol, Endpoint], Endpoint]

    def outer(self, protocol: Protocol, socket: Socket) -> Socket:
        """The socket as it is seen in front of the firewall."""
        mapped = self.table.get((protocol, socket.endpoint))
        return socket if mapped is None else Socket(socket.host.at(mapped.ip), mapped.port)

    def outer_packet(self, packet: SentPacket) -> SentPacket:
        """The packet in front of the firewall, with what it quotes."""
        src, dst = (self._outer_end(packet, end) for end in (packet.src, packet.dst))
        quoted = packet.quoted
        if quoted is not None:
            quoted = quoted._replace(packet=self.outer_packet(quoted.packet))
        if src is packet.src and dst is packet.dst and quoted is packet.quoted:
            return packet
        return replace(packet, src=src, dst=dst, quoted=quoted)

    def _outer_end(self, packet: SentPacket, end: Socket) -> Socket:
        """The ends of an ICMP error are known by the quoted packet's, for they have no ports of their own."""
        if packet.quoted is None:
            return self.outer(packet.protocol, end)
        about = packet.quoted.packet
        for quoted in (about.src, about.dst):
            if quoted.host.ip == end.host.ip:
                return Socket(self._outer_end(about, quoted).host, end.port)
        return end


@dataclass(frozen=True, slots=True, kw_only=True)
class Firewall:
    """The device in the middle: who may open a conversation to whom.

    `published` are the address and port pairs (the hosts' own) that lower zones may reach; `address` hides
    the inside zones from the Internet, port by port. `static` gives hosts an outer address of their own, as
    pairs of outer and real. The translation is seen in the firewall's own log and at taps in front of it. `forbidden` are
    ports of the Internet that nobody inside may reach. At `forgets_ns` another unit takes over, which knows of no
    connection that stands.
    """

    address: str
    published: frozenset[Endpoint]
    open_zones: frozenset[Zone] = frozenset({Zone.DECOYS})
    static: tuple[tuple[str, str], ...] = ()
    forbidden: frozenset[int] = frozenset()
    forgets_ns: tuple[int, ...] = ()
    skew_ns: int = 0

    def permits(self, client: Host, server: Socket) -> bool:
        if server.host.zone in self.open_zones or server.endpoint in self.published:
            return True
        if server.host.zone is Zone.OUTSIDE and server.port in self.forbidden:
            return False
        return SECURITY_LEVELS[client.zone] >= SECURITY_LEVELS[server.host.zone]

    def admits(self, dialogue: Dialogue) -> bool:
        """What belongs to a conversation that stands (an error, a data connection) follows it through."""
        return dialogue.about is not None or self.permits(dialogue.client.host, dialogue.server)

    def hides(self, host: Host, peer: Host) -> bool:
        if is_ipv6(host.ip) or any(host.ip == real for _, real in self.static):
            return False
        return host.zone in (Zone.INSIDE, Zone.SERVERS) and peer.zone is Zone.OUTSIDE

    def translate(self, dialogues: Iterable[Dialogue]) -> Translation:
        """Give each socket that the Internet sees its outer address and port: its own port where that is free,
        else the next free one (RFC 4787, 4.2.1). One mapping a socket, whoever it talks to, so it is unique in time.

        Every sensor must be given the same dialogues, or two of them would see other ports.
        """
        outer_ips = {real: outer for outer, real in self.static}
        table: dict[tuple[Protocol, Endpoint], Endpoint] = {}
        taken: set[tuple[Protocol, int]] = set()
        for dialogue in sorted(dialogues, key=lambda dialogue: dialogue.start_ns):
            ends = (dialogue.client, dialogue.server)
            for socket, peer in (ends, ends[::-1]):
                key = (dialogue.protocol, socket.endpoint)
                if key in table or peer.host.zone is not Zone.OUTSIDE:
                    continue
                if socket.host.ip in outer_ips:
                    table[key] = Endpoint(outer_ips[socket.host.ip], socket.port)
                elif self.hides(socket.host, peer.host):
                    table[key] = Endpoint(self.address, _free_port(dialogue.protocol, socket.port, taken))
        return Translation(table)


def _free_port(protocol: Protocol, port: int, taken: set[tuple[Protocol, int]]) -> int:
    """The port itself, or the next one up. What ICMP has in place of ports is never translated."""
    if protocol is Protocol.ICMP:
        return port
    while (protocol, port) in taken:
        port = port + 1 if port < 0xFFFF else 1024
    taken.add((protocol, port))
    return port


class SeenPacket(NamedTuple):
    """A packet as it passes a tap: when by the sensor's clock, and with how much of its TTL left."""

    time_ns: int
    ttl: int
    packet: SentPacket


class Hears(StrEnum):
    """Which way of the link a tap listens to. A one-way tap sees one side of every conversation."""

    BOTH = "both"
    FROM_ZONE = "from_zone"
    TO_ZONE = "to_zone"


class Blind(NamedTuple):
    """A time, by the true clock, in which a tap records nothing: before it started, after it stopped, a gap."""

    from_ns: int
    until_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """Where packets are recorded: the firewall's link to a zone, or (with `host`) one host's own card.

    A tap that `mirrors` is the mirror port of the zone's switch: it also sees what stays in the zone. `vlan`
    is the tag that its frames carry. `skew_ns` is what its clock is ahead. At `restarts_ns` its sensor forgets
    every conversation that it knew.
    """

    name: str
    zone: Zone
    interface: str
    firewall_mac: bytes
    router_mac: bytes
    host: Host | None = None
    mirrors: bool = False
    hears: Hears = Hears.BOTH
    vlan: int | None = None
    blind: tuple[Blind, ...] = ()
    restarts_ns: tuple[int, ...] = ()
    skew_ns: int = 0

    @property
    def is_outside(self) -> bool:
        """In front of the address translation."""
        return self.zone is Zone.OUTSIDE

    def passes(self, packet: SentPacket, *, is_admitted: bool = True) -> bool:
        """Does the packet come by here? One that is not admitted does not cross the firewall."""
        src, dst = packet.src.host, packet.dst.host
        stays = src.zone is dst.zone
        arrives = stays or (is_admitted and not packet.stops_at_firewall)
        if self.host is not None:
            is_mine = self.host.is_same_machine(dst) or (is_group(dst.ip) and src.zone is self.host.zone)
            return self._hears(self.host.is_same_machine(src), is_mine and arrives)
        if stays:
            return self.mirrors and src.zone is self.zone and self._remaining_ttl(packet) > 0
        is_here = self._hears(src.zone is self.zone, dst.zone is self.zone and arrives)
        return is_here and self._remaining_ttl(packet) > 0

    def _hears(self, is_from: bool, is_to: bool) -> bool:
        if self.hears is Hears.FROM_ZONE:
            return is_from
        if self.hears is Hears.TO_ZONE:
            return is_to
        return is_from or is_to

    def is_blind(self, time_ns: int) -> bool:
        return any(gap.from_ns <= time_ns < gap.until_ns for gap in self.blind)

    def see(self, packet: SentPacket) -> SeenPacket:
        """The packet at this tap. Times are cut to the microsecond, the resolution of every sensor here."""
        return SeenPacket(_cut(self.pass_ns(packet) + self.skew_ns), self._remaining_ttl(packet), packet)

    def pass_ns(self, packet: SentPacket) -> int:
        """When the packet comes by, by the true clock."""
        src = packet.src.host
        if self.host is None:
            return packet.sent_ns + src.delay_ns + (CROSSING_NS if src.zone is not self.zone else 0)
        if self.host.is_same_machine(src):
            return packet.sent_ns
        return packet.sent_ns + travel_ns(src, self.host)

    def _remaining_ttl(self, packet: SentPacket) -> int:
        """Within one zone there is no router, or it is the zone's own business. A mirror of the zone's switch stands
        before that router on the way out, and behind it on the way in."""
        src = packet.src.host
        if self._is_on_switch:
            return packet.first_ttl - (0 if src.zone is self.zone else src.hops + packet.dst.host.hops)
        if self.host is None:
            stays = src.zone is packet.dst.host.zone
            return packet.first_ttl - (0 if stays and src.zone is not Zone.OUTSIDE else src.hops)
        if self.host.is_same_machine(src):
            return packet.first_ttl
        return packet.first_ttl - (0 if src.zone is self.host.zone else src.hops + self.host.hops)

    def frame_bytes(self, packet: SentPacket) -> int:
        """Length of the Ethernet frame. A card pads what it sends to 60 bytes, after its own host has
        recorded it; a tag comes on top."""
        length = ETHERNET_HEADER_BYTES + packet.ip_bytes
        if self.host is None or not self.host.is_same_machine(packet.src.host):
            length = max(length, SHORTEST_FRAME_BYTES)
        return length + (0 if self.vlan is None else VLAN_TAG_BYTES)

    def macs_of(self, packet: SentPacket) -> tuple[bytes, bytes]:
        """Link addresses of source and destination on this link."""
        src, dst = packet.src.host, packet.dst.host
        if self._is_on_switch:
            return self._switched_mac(src, dst), self._switched_mac(dst, src)
        if src.zone is dst.zone is self.zone and self.zone is not Zone.OUTSIDE:
            return src.mac, dst.mac
        return self.mac_of(src), self.mac_of(dst)

    @property
    def _is_on_switch(self) -> bool:
        return self.mirrors and self.host is None and self.zone is not Zone.OUTSIDE

    def _switched_mac(self, host: Host, peer: Host) -> bytes:
        if host.zone is self.zone:
            return host.mac
        return self.router_mac if peer.hops else self.firewall_mac

    def mac_of(self, host: Host) -> bytes:
        """The link address that stands for a host here: its own, its router's or the firewall's."""
        if host.zone is not self.zone:
            return self.firewall_mac
        return host.mac if host.hops == 0 else self.router_mac


def travel_ns(src: Host, dst: Host) -> int:
    """How long a packet takes from host to host."""
    crossing = CROSSING_NS if src.zone is not dst.zone else 0
    return src.delay_ns + crossing + dst.delay_ns


def _cut(time_ns: int) -> int:
    return time_ns // MICROSECOND_NS * MICROSECOND_NS
