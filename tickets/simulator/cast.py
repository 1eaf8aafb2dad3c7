"""Who is there: the day, the network, hosts with addresses, the doors and taps of the scenario file.

What the story turns on (addresses, ports, the hour) comes from the stream `truth`, what is merely seen
with it (delays, identifiers, page texts) from `noise`, names from `names`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from tickets.engine.types import Endpoint
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.dialogues import TcpTalk
from tickets.simulator.dialogues.udp import Hop
from tickets.simulator.network import Firewall, Host, Socket, Tap, Zone
from tickets.simulator.randomness import SEED_BYTES, Stream
from tickets.simulator.sensors.alarms import Signature
from tickets.simulator.setting import CastHost, PlacedTap, Setting, Span
from tickets.simulator.systems import BY_NAME, LINUX, NETWORK_GEAR, WINDOWS, OperatingSystem

Known = TypeVar("Known")
MS = 1_000_000
PUBLIC_NETWORKS = ("198.51.100", "203.0.113")
FIRST_DAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
WORKING_DAYS = [day for day in range(30) if day % 7 < 5]
FIREWALL_ADDRESS = "192.0.2.1"
RESOLVER_IP, TIME_SERVER_IP, WEB_SERVER_IP = "10.20.0.53", "10.20.0.12", "192.0.2.20"
VENDOR_PREFIXES = ("005056", "001b21", "3cecef", "a4bf01", "d8bbc1")
SITES = (
    "almanac",
    "atlas",
    "ferry",
    "garden",
    "harbour",
    "journal",
    "library",
    "meadow",
    "museum",
    "weather",
)
DEPARTMENTS = ("acc", "hr", "lab", "log", "mkt", "ops", "pur", "sal")
USUAL_SYSTEMS = {
    Zone.OUTSIDE: LINUX,
    Zone.DECOYS: LINUX,
    Zone.DMZ: LINUX,
    Zone.SERVERS: LINUX,
    Zone.INSIDE: WINDOWS,
    Zone.DEVICE: NETWORK_GEAR,
}
# Network, lowest and highest host number. The Internet has several.
USUAL_ADDRESSES = {
    Zone.OUTSIDE: ("", 5, 250),
    Zone.DECOYS: ("192.0.2", 50, 59),
    Zone.DMZ: ("192.0.2", 22, 49),
    Zone.SERVERS: ("10.20.10", 20, 199),
    Zone.INSIDE: ("10.20.30", 20, 199),
    Zone.DEVICE: ("192.0.2", 2, 9),
}
NO_SETTING = Setting(signature=Signature(sid=0, rev=0, message="", category="", severity=3))


def fixed_addresses(setting: Setting) -> set[str]:
    """The addresses that the file gives away, so that nobody else is given one."""
    return {address for cast in setting.hosts.values() for address in cast.addresses}


def _draw(parameter: tuple[str, ...] | Span, chance: Stream) -> str:
    if isinstance(parameter, Span):
        return str(chance.between(parameter.low, parameter.high))
    return chance.pick(parameter)


class Cast:
    """The same story, seed and setting give the same cast."""

    def __init__(self, story: str, seed: bytes, setting: Setting | None = None) -> None:
        if len(seed) != SEED_BYTES:
            raise ValueError(f"A seed has {SEED_BYTES} bytes, not {len(seed)}.")
        self.truth, self.noise, self.names = (
            Stream(seed, name).child(story) for name in (b"truth", b"noise", b"names")
        )
        self.start_ns = self._draw_start()
        self._taken_ips = {FIREWALL_ADDRESS}
        self._taken_names: set[str] = set()
        self._dialogues = 0
        self.resolver = self.server("ns-core", Zone.SERVERS, RESOLVER_IP)
        self.time_server = self.server("time-core", Zone.SERVERS, TIME_SERVER_IP)
        self.web_server = self.server("www", Zone.DMZ, WEB_SERVER_IP, listens=(80,))
        self.story = story
        self.setting = setting or NO_SETTING
        # All at once and in the file's order: which is asked for first changes nothing.
        self._taken_ips |= fixed_addresses(self.setting)
        self.hosts = {key: self._cast(cast) for key, cast in self.setting.hosts.items()}
        self.parameters = {
            name: _draw(parameter, self.truth.child(f"parameter {name}"))
            for name, parameter in self.setting.parameters.items()
        }
        self.taps = {key: self._place(placed) for key, placed in self.setting.taps.items()}

    def _draw_start(self) -> int:
        """A moment in the working hours of March 2026."""
        days_s = self.truth.pick(WORKING_DAYS) * 86_400
        seconds = int(FIRST_DAY.timestamp()) + days_s + self.truth.below(9 * 3600)
        return seconds * NS_PER_S + self.truth.below(NS_PER_S)

    # What the scenario file says.

    def host(self, key: str) -> Host:
        """The host of the scenario file's network under this key."""
        return self._ask(self.hosts, "host", key)

    def door(self, key: str, port: int | None = None) -> Socket:
        """A port of a host of the file; the first that it listens on where none is named."""
        return Socket(self.host(key), self.setting.hosts[key].listens[0] if port is None else port)

    def choose(self, name: str) -> str:
        """What was drawn for a parameter of the file."""
        return self._ask(self.parameters, "parameter", name)

    def number(self, name: str) -> int:
        """The same of a parameter that is a number."""
        return int(self.choose(name))

    def _ask(self, known: Mapping[str, Known], what: str, key: str) -> Known:
        if key not in known:
            raise ValueError(
                f"The story {self.story} asks for the {what} {key!r}, which its file does not name."
            )
        return known[key]

    def _cast(self, cast: CastHost) -> Host:
        system = BY_NAME[cast.system] if cast.system else USUAL_SYSTEMS[cast.zone]
        network, low, high = USUAL_ADDRESSES[cast.zone]
        address = self.truth.pick(cast.addresses) if cast.addresses else ""
        if not address:
            network = self.truth.pick(PUBLIC_NETWORKS) if cast.zone is Zone.OUTSIDE else network
            address = self._new_ip(network, low, high)
        elif "/" in address:
            address = self._new_ip(address.rpartition(".")[0], 5, 250)
        name = self.names.pick(cast.names) if cast.names else self._usual_name(cast)
        self._taken_names.add(name)
        if cast.zone is Zone.OUTSIDE:
            return self._far_host(name, address, system, cast.listens)
        hops = 1 if cast.zone in (Zone.SERVERS, Zone.INSIDE) else 0
        return self._host(name, address, cast.zone, system, hops=hops, listens=cast.listens)

    def _usual_name(self, cast: CastHost) -> str:
        if cast.zone is Zone.INSIDE:
            return self._new_name(
                lambda: f"ws-{self.names.pick(DEPARTMENTS)}-{self.names.between(1, 99):02d}"
            )
        if cast.zone is Zone.OUTSIDE:
            is_site = bool({80, 443} & set(cast.listens))
            return self._new_name(self._site_name) if is_site else ""
        stem = {Zone.SERVERS: "srv", Zone.DMZ: "ext", Zone.DECOYS: "sensor"}.get(cast.zone, "fw")
        return self._new_name(lambda: f"{stem}-{self.names.between(1, 99):02d}")

    def _site_name(self) -> str:
        return f"www.{self.names.pick(SITES)}-{self.names.between(2, 99)}.example.net"

    def _place(self, placed: PlacedTap) -> Tap:
        tap = self.tap(placed.name, placed.zone, self.host(placed.host) if placed.host else None)
        return replace(
            tap,
            mirrors=placed.mirrors,
            hears=placed.hears,
            vlan=placed.vlan,
            skew_ns=placed.skew_ms * MS,
        )

    # Hosts.

    def workstation(self, system: OperatingSystem = WINDOWS) -> Host:
        name = self._new_name(lambda: f"ws-{self.names.pick(DEPARTMENTS)}-{self.names.between(1, 99):02d}")
        return self._host(name, self._new_ip("10.20.30", 20, 199), Zone.INSIDE, system, hops=1)

    def server(
        self,
        name: str,
        zone: Zone,
        ip: str,
        system: OperatingSystem = LINUX,
        listens: tuple[int, ...] = (),
    ) -> Host:
        """A host of ours at a fixed address."""
        self._taken_ips.add(ip)
        return self._host(name, ip, zone, system, hops=1 if zone is Zone.SERVERS else 0, listens=listens)

    def web_site(self) -> Host:
        return self.stranger(self._new_name(self._site_name), listens=(80,))

    def stranger(
        self,
        name: str = "",
        system: OperatingSystem = LINUX,
        listens: tuple[int, ...] = (),
    ) -> Host:
        """A host on the Internet, some routers away."""
        return self._far_host(name, self._new_ip(self.truth.pick(PUBLIC_NETWORKS), 5, 250), system, listens)

    def _far_host(self, name: str, ip: str, system: OperatingSystem, listens: tuple[int, ...]) -> Host:
        hops = self.noise.between(6, 17)
        delay_ns = self.noise.between(4, 55) * MS + self.noise.below(MS)
        return Host(
            name=name,
            ip=ip,
            zone=Zone.OUTSIDE,
            system=system,
            mac=self._mac(),
            hops=hops,
            delay_ns=delay_ns,
            listens=frozenset(listens),
        )

    def socket(self, host: Host) -> Socket:
        """A client port from the host's own range."""
        return Socket(host, self.truth.between(*host.system.client_ports))

    def gateway(self, ip: str = FIREWALL_ADDRESS) -> Host:
        """The filter in the middle, where it speaks for itself: ICMP errors, its own logs' sender."""
        return Host(
            name="edge-fw",
            ip=ip,
            zone=Zone.DEVICE,
            system=NETWORK_GEAR,
            mac=self._mac(),
            hops=0,
            delay_ns=20_000,
        )

    def routers(self, target: Host) -> list[Hop]:
        """All routers on the way from a workstation to a host on the Internet that lie beyond the tap, nearest first;
        one in eight keeps silent."""
        found = []
        for number in range(1, target.hops + 1):
            ip = self._new_ip(self.truth.pick(PUBLIC_NETWORKS), 5, 250)
            delay_ns = target.delay_ns * number // (target.hops + 1) + self.noise.below(MS)
            router = Host(
                name="",
                ip=ip,
                zone=Zone.OUTSIDE,
                system=NETWORK_GEAR,
                mac=self._mac(),
                hops=number,
                delay_ns=delay_ns,
            )
            found.append(Hop(number + 1, None if self.noise.below(8) == 0 else router))
        return found

    def _host(
        self,
        name: str,
        ip: str,
        zone: Zone,
        system: OperatingSystem,
        *,
        hops: int,
        listens: tuple[int, ...] = (),
    ) -> Host:
        return Host(
            name=name,
            ip=ip,
            zone=zone,
            system=system,
            mac=self._mac(),
            hops=hops,
            delay_ns=self.noise.between(120_000, 380_000),
            listens=frozenset(listens),
        )

    def _new_ip(self, network: str, low: int, high: int) -> str:
        while (ip := f"{network}.{self.truth.between(low, high)}") in self._taken_ips:
            pass
        self._taken_ips.add(ip)
        return ip

    def _new_name(self, draw: Callable[[], str]) -> str:
        while (name := draw()) in self._taken_names:
            pass
        self._taken_names.add(name)
        return name

    def _mac(self) -> bytes:
        return bytes.fromhex(self.names.pick(VENDOR_PREFIXES)) + self.names.take(3)

    # The network.

    def firewall(self, *published: tuple[str, int]) -> Firewall:
        """The edge firewall with the doors of the file. The web server, the resolver and the clock may be reached from
        the DMZ."""
        always = ((WEB_SERVER_IP, 80), (RESOLVER_IP, 53), (TIME_SERVER_IP, 123))
        of_file = ((self.host(key).ip, port) for key, port in self.setting.published)
        return Firewall(
            address=FIREWALL_ADDRESS,
            published=frozenset(Endpoint(*pair) for pair in (*always, *of_file, *published)),
        )

    def tap(self, name: str, zone: Zone, host: Host | None = None) -> Tap:
        return Tap(
            name=name,
            zone=zone,
            interface="ens3" if host else f"eth{self.noise.between(1, 3)}",
            firewall_mac=self._mac(),
            router_mac=self._mac(),
            host=host,
        )

    def talk(self, client: Socket, server: Socket, start_ns: int) -> TcpTalk:
        """A TCP conversation with a stream of chance of its own."""
        return TcpTalk(client, server, start_ns, self.chance())

    def chance(self) -> Stream:
        """A stream of its own for one more dialogue."""
        self._dialogues += 1
        return self.noise.child(f"dialogue {self._dialogues}")
