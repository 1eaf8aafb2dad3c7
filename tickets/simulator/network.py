"""The network that a story plays on: zones around one firewall, hosts, and where the sensors listen.

The firewall stands in the middle. A host reaches the tap of its own zone over `hops` routers in
`delay_ns`; to the tap of another zone it also crosses the firewall, which leaves the TTL alone (as a
Cisco ASA does). Two hosts of one zone talk without passing a tap.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import NamedTuple

from tickets.engine.types import Endpoint, Protocol, TcpFlags

CROSSING_NS = 70_000
MICROSECOND_NS = 1_000
ETHERNET_HEADER_BYTES = 14
SHORTEST_FRAME_BYTES = 60


class Zone(StrEnum):
    """A side of the firewall. The value is the interface's name in the firewall's log."""

    OUTSIDE = "outside"
    DECOYS = "decoys"
    DMZ = "dmz"
    SERVERS = "servers"
    INSIDE = "inside"


SECURITY_LEVELS = {Zone.OUTSIDE: 0, Zone.DECOYS: 20, Zone.DMZ: 50, Zone.SERVERS: 90, Zone.INSIDE: 100}


class TcpOption(IntFlag):
    """The TCP options a system offers in its SYN."""

    NONE = 0
    SACK = 1
    SCALE = 2
    TIMESTAMPS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingSystem:
    """What a system's packets look like: first TTL, client ports, TCP windows in bytes, options.

    `delayed_ack_ns` is how long a lone segment waits for its acknowledgement, 0 for at once.
    `retries_ns` is when a SYN is sent again, counted from the first. `scale_first` is the order of the
    options in a SYN: Windows writes the window scale before the SACK permission.
    """

    name: str
    ttl: int
    client_ports: tuple[int, int]
    syn_window: int
    window: int
    options: TcpOption
    window_shift: int = 0
    scale_first: bool = True
    counts_ip_ids: bool = False
    delayed_ack_ns: int = 0
    retries_ns: tuple[int, ...] = ()


SECOND_NS = 1_000_000_000
LINUX = OperatingSystem(
    name="Linux 6.1",
    ttl=64,
    client_ports=(32768, 60999),
    syn_window=64240,
    window=64256,
    options=TcpOption.SACK | TcpOption.SCALE | TcpOption.TIMESTAMPS,
    window_shift=7,
    scale_first=False,
    retries_ns=(1 * SECOND_NS, 3 * SECOND_NS, 7 * SECOND_NS),
)
WINDOWS = OperatingSystem(
    name="Windows 11",
    ttl=128,
    client_ports=(49152, 65535),
    syn_window=64240,
    window=262656,
    options=TcpOption.SACK | TcpOption.SCALE,
    window_shift=8,
    counts_ip_ids=True,
    delayed_ack_ns=40_000_000,
    retries_ns=(1 * SECOND_NS, 3 * SECOND_NS, 7 * SECOND_NS),
)
WINDOWS_XP = OperatingSystem(
    name="Windows XP Embedded",
    ttl=128,
    client_ports=(1025, 5000),
    syn_window=65535,
    window=65535,
    options=TcpOption.SACK,
    counts_ip_ids=True,
    delayed_ack_ns=120_000_000,
    retries_ns=(3 * SECOND_NS, 9 * SECOND_NS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A machine with one address. `listens` are the TCP ports that a service of it answers on."""

    name: str
    ip: str
    zone: Zone
    system: OperatingSystem
    mac: bytes
    hops: int
    delay_ns: int
    listens: frozenset[int] = frozenset()


class Socket(NamedTuple):
    """A port of a host."""

    host: Host
    port: int

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.host.ip, self.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPacket:
    """An IPv4 packet as its sender made it. `options` are TCP option bytes, padded to four."""

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

    @property
    def header_bytes(self) -> int:
        """IP header and transport header."""
        return 20 + (20 + len(self.options) if self.protocol is Protocol.TCP else 8)

    @property
    def ip_bytes(self) -> int:
        return self.header_bytes + len(self.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firewall:
    """The device in the middle: who may open a conversation to whom.

    `published` are the address and port pairs that lower zones may reach; `address` hides the inside
    zones from the Internet, port by port, and is seen in the firewall's own log only.
    """

    address: str
    published: frozenset[Endpoint]
    open_zones: frozenset[Zone] = frozenset({Zone.DECOYS})

    def permits(self, client: Host, server: Socket) -> bool:
        if server.host.zone in self.open_zones or server.endpoint in self.published:
            return True
        return SECURITY_LEVELS[client.zone] >= SECURITY_LEVELS[server.host.zone]

    def hides(self, host: Host, peer: Host) -> bool:
        return host.zone in (Zone.INSIDE, Zone.SERVERS) and peer.zone is Zone.OUTSIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """One conversation as it was played: who opened it to whom, the packets sent, what was said.

    `said` holds what the application logs need (method, host, user name ...), by the writer's own keys.
    """

    client: Socket
    server: Socket
    protocol: Protocol
    packets: tuple[SentPacket, ...]
    service: str = ""
    said: dict[str, str] = field(default_factory=dict)

    @property
    def start_ns(self) -> int:
        return self.packets[0].sent_ns


class SeenPacket(NamedTuple):
    """A packet as it passes a tap: when, and with how much of its TTL left."""

    time_ns: int
    ttl: int
    packet: SentPacket


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """Where packets are recorded: the firewall's link to a zone, or (with `host`) one host's own card."""

    name: str
    zone: Zone
    interface: str
    firewall_mac: bytes
    router_mac: bytes
    host: Host | None = None

    def sees(self, dialogue: Dialogue, firewall: Firewall) -> bool:
        ends = (dialogue.client.host, dialogue.server.host)
        if self.host is not None:
            return self.host in ends
        if ends[0].zone == ends[1].zone:
            return False
        admitted = firewall.permits(dialogue.client.host, dialogue.server)
        return ends[0].zone is self.zone or (ends[1].zone is self.zone and admitted)

    def see(self, packet: SentPacket) -> SeenPacket:
        """The packet at this tap. Times are cut to the microsecond, the resolution of every sensor here."""
        src = packet.src.host
        if src == self.host:
            return SeenPacket(_cut(packet.sent_ns), src.system.ttl, packet)
        if self.host is not None:
            arrival_ns = packet.sent_ns + travel_ns(src, self.host)
            return SeenPacket(_cut(arrival_ns), src.system.ttl - src.hops - self.host.hops, packet)
        crossing_ns = CROSSING_NS if src.zone is not self.zone else 0
        return SeenPacket(
            _cut(packet.sent_ns + src.delay_ns + crossing_ns), src.system.ttl - src.hops, packet
        )

    def frame_bytes(self, packet: SentPacket) -> int:
        """Length of the Ethernet frame. A card pads what it sends to 60 bytes, after its own host has
        recorded it."""
        length = ETHERNET_HEADER_BYTES + packet.ip_bytes
        return length if packet.src.host == self.host else max(length, SHORTEST_FRAME_BYTES)

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
