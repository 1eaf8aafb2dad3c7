"""A stage for a story: the day, the network, hosts with addresses, and the everyday traffic around it.

What the story turns on (addresses, ports, the hour) comes from the stream `truth`, what is merely seen
with it (delays, identifiers, page texts) from `noise`, names from `names`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeVar

from tickets.engine.types import Endpoint
from tickets.simulator.clock import NS_PER_S, to_http_date
from tickets.simulator.dialogues import TcpTalk, play_exchange
from tickets.simulator.dialogues.icmp import PROHIBITED, Error, play_errors
from tickets.simulator.dialogues.relays import Leg, Relayed, play_relayed
from tickets.simulator.dialogues.series import draw_beats, play_sweep
from tickets.simulator.dialogues.udp import Hop
from tickets.simulator.messages import dns, http, ntp, tls
from tickets.simulator.messages.pages import WORDS, write_page
from tickets.simulator.messages.turns import ask
from tickets.simulator.network import Dialogue, Firewall, Host, Socket, Tap, Zone, travel_ns
from tickets.simulator.randomness import SEED_BYTES, Stream
from tickets.simulator.sensors.alarms import Signature
from tickets.simulator.setting import CastHost, PlacedTap, Setting, Span
from tickets.simulator.systems import BY_NAME, LINUX, NETWORK_GEAR, SCANNERS, WINDOWS, OperatingSystem

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
USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:136.0) Gecko/20100101 Firefox/136.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/134.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 Version/18.3 Safari/605.1.15",
)
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
WEB_SERVERS = ("nginx", "Apache/2.4.62 (Debian)", "nginx/1.26.3", "lighttpd/1.4.76")


def fixed_addresses(setting: Setting) -> set[str]:
    """The addresses that the file gives away, so that nobody else is given one."""
    return {address for cast in setting.hosts.values() for address in cast.addresses}


def _draw(parameter: tuple[str, ...] | Span, chance: Stream) -> str:
    if isinstance(parameter, Span):
        return str(chance.between(parameter.low, parameter.high))
    return chance.pick(parameter)


class Stage:
    """Everything a story draws on. The same story and seed set the same stage."""

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
        return TcpTalk(client, server, start_ns, self._chance())

    def _chance(self) -> Stream:
        self._dialogues += 1
        return self.noise.child(f"dialogue {self._dialogues}")

    # Attempts: the network's state decides what becomes of them.

    def knock(self, client: Socket, server: Socket, start_ns: int, firewall: Firewall) -> Dialogue:
        """A SYN to a port: dropped by the firewall, refused by the host, or opened and let go of."""
        talk = self.talk(client, server, start_ns)
        if not firewall.permits(client.host, server):
            talk.knock_in_vain()
        elif server.port not in server.host.listens:
            talk.knock_refused()
        elif client.host.system in SCANNERS:
            talk.knock_half_open()
        else:
            talk.shake_hands()
            talk.part(talk.client, self.noise.about(150 * MS))
        return talk.end()

    def knock_rejected(
        self, client: Socket, server: Socket, start_ns: int, reporter: Host, error: Error = PROHIBITED
    ) -> tuple[Dialogue, Dialogue]:
        """A SYN that a filter answers with an ICMP error. A system that heeds it gives up at once, another tries
        on, and is told each time."""
        talk = self.talk(client, server, start_ns)
        if client.host.system.heeds_icmp:
            talk.knock_once()
        else:
            talk.knock_in_vain()
        attempt = talk.end()
        return attempt, play_errors(attempt, attempt.packets, reporter, error, self._chance())

    # Series and relays.

    def sweep(
        self,
        client: Host,
        targets: Sequence[Socket],
        start_ns: int,
        firewall: Firewall,
        *,
        gap_ns: int,
        port: int | None = None,
    ) -> tuple[Dialogue, ...]:
        """Knock at many doors, from one port (as scanners do) or from a new one each time."""
        sources = [self.socket(client) if port is None else Socket(client, port) for _ in targets]
        return play_sweep(
            zip(sources, targets, strict=True),
            start_ns,
            gap_ns,
            lambda source, target, at_ns: self.knock(source, target, at_ns, firewall),
            self._chance(),
        )

    def beacon(
        self,
        client: Host,
        server: Socket,
        start_ns: int,
        *,
        period_ns: int,
        count: int,
        sizes: tuple[int, int],
        jitter_percent: int = 10,
        kind: tls.ClientKind = tls.IMPLANT,
    ) -> tuple[Dialogue, ...]:
        """Short sealed conversations of equal size, one each period."""
        beats = draw_beats(start_ns, period_ns, jitter_percent, count, self._chance())
        return tuple(
            self.talk_sealed(self.socket(client), server, beat_ns, [sizes], kind=kind) for beat_ns in beats
        )

    def talk_sealed(
        self,
        client: Socket,
        server: Socket,
        start_ns: int,
        sizes: Sequence[tuple[int, int]],
        *,
        name: str = "",
        kind: tls.ClientKind = tls.BROWSER,
    ) -> Dialogue:
        """A TLS conversation: handshake, requests and answers of these sizes, close notify."""
        chance, host = self._chance(), name or server.host.name
        opening = (
            tls.talk_tls13(host, chance, kind)
            if kind.knows_13
            else tls.talk_tls12(host, chance, start_ns, kind)
        )
        talk = self.talk(client, server, start_ns)
        talk.shake_hands()
        talk.play((*opening, *tls.talk_tls_data(sizes, chance), ask(tls.write_close_notify(chance))))
        talk.part(talk.client, chance.about(2 * MS))
        return talk.end("tls", {"server_name": host})

    def relay(
        self,
        near: Leg,
        far: Leg,
        start_ns: int,
        exchanges: Sequence[Relayed],
        said: dict[str, str] | None = None,
    ) -> tuple[Dialogue, Dialogue]:
        """Through a proxy or a load balancer: the client's leg, and the relay's own."""
        return play_relayed(near, far, start_ns, exchanges, self._chance(), said=said)

    # Everyday traffic.

    def look_up(self, client: Host, site: Host, start_ns: int) -> Dialogue:
        """A DNS question to our resolver and its answer."""
        number, ttl_s = self.noise.below(1 << 16), self.noise.pick((60, 300, 600, 3600))
        pair = (
            dns.write_dns_query(number, site.name),
            dns.write_dns_answer(number, site.name, site.ip, ttl_s),
        )
        said = {"number": str(number), "name": site.name, "address": site.ip, "ttl_s": str(ttl_s)}
        return play_exchange(
            self.socket(client),
            Socket(self.resolver, 53),
            start_ns,
            [pair],
            think_ns=self.noise.between(1, 30) * MS,
            service="dns",
            chance=self._chance(),
            said=said,
        )

    def set_clock(self, client: Host, server: Host, start_ns: int) -> Dialogue:
        """An NTP question and its answer."""
        way_ns = travel_ns(client, server)
        pair = (
            ntp.write_ntp_question(start_ns),
            ntp.write_ntp_answer(start_ns, start_ns + way_ns, f"203.0.113.{self.noise.between(1, 4)}"),
        )
        port = 123 if self.noise.happens(50) else self.socket(client).port
        return play_exchange(
            Socket(client, port),
            Socket(server, 123),
            start_ns,
            [pair],
            think_ns=60_000,
            service="ntp",
            chance=self._chance(),
        )

    def read_page(self, client: Socket, site: Host, start_ns: int, user_agent: str = "") -> Dialogue:
        """GET, 200 and a page of a few segments, then both close."""
        path = f"/{self.names.pick(WORDS)}/{self.names.pick(WORDS)}.html"
        agent = user_agent or self.names.pick(USER_AGENTS)
        body = write_page(self.noise.between(1_800, 9_500), self.noise)
        talk = self.talk(client, Socket(site, 80), start_ns)
        talk.shake_hands()
        talk.say(talk.client, http.write_http_get(site.name, path, agent), self.noise.about(600_000))
        page = http.write_http_page(body, self.names.pick(WEB_SERVERS), to_http_date(start_ns))
        talk.say(talk.server, page, self.noise.about(9 * MS))
        talk.part(talk.server, self.noise.about(700_000))
        said = {"host": site.name, "path": path, "user_agent": agent, "length": str(len(body))}
        return talk.end("http", said)

    def visit(
        self, client: Host, site: Host, start_ns: int, user_agent: str = ""
    ) -> tuple[Dialogue, Dialogue]:
        """A name looked up, then a page read."""
        lookup = self.look_up(client, site, start_ns)
        after_ns = lookup.packets[-1].sent_ns + travel_ns(client, self.resolver) + self.noise.about(2 * MS)
        return lookup, self.read_page(self.socket(client), site, after_ns, user_agent)

    def moments(self, count: int, spread_s: int) -> list[int]:
        """`count` moments around the start, in order, not at the same time."""
        low, high = self.start_ns - spread_s * NS_PER_S, self.start_ns + spread_s * NS_PER_S
        while True:
            moments = sorted(self.noise.between(low, high) for _ in range(count))
            if all(later - earlier > 50 * MS for earlier, later in pairwise(moments)):
                return moments
