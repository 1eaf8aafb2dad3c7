"""A stage for a story: what its cast may do, and the everyday traffic around it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tickets.simulator.cast import MS, NO_SETTING, Cast
from tickets.simulator.clock import NS_PER_S, to_http_date
from tickets.simulator.dialogues import play_exchange
from tickets.simulator.dialogues.icmp import PROHIBITED, Error, play_errors
from tickets.simulator.dialogues.relays import Leg, Relayed, play_relayed
from tickets.simulator.dialogues.series import draw_beats, play_sweep
from tickets.simulator.messages import dns, http, ntp, tls
from tickets.simulator.messages.pages import WORDS, write_page
from tickets.simulator.messages.turns import ask
from tickets.simulator.network import Dialogue, Firewall, Host, Socket, travel_ns
from tickets.simulator.systems import SCANNERS

__all__ = ["MS", "NO_SETTING", "Stage"]

USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:136.0) Gecko/20100101 Firefox/136.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/134.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 Version/18.3 Safari/605.1.15",
)
PLATFORMS = {"Windows": "Windows NT", "Linux": "X11", "macOS": "Macintosh"}
WEB_SERVERS = ("nginx", "Apache/2.4.62 (Debian)", "nginx/1.26.3", "lighttpd/1.4.76")


class Stage(Cast):
    """Everything a story draws on."""

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
        return attempt, play_errors(attempt, attempt.packets, reporter, error, self.chance())

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
            self.chance(),
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
        beats = draw_beats(start_ns, period_ns, jitter_percent, count, self.chance())
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
        chance, host = self.chance(), name or server.host.name
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
        return play_relayed(near, far, start_ns, exchanges, self.chance(), said=said)

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
            chance=self.chance(),
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
            chance=self.chance(),
        )

    def browser_of(self, host: Host) -> str:
        """A browser's name for itself that runs on the host's system."""
        platform = PLATFORMS.get(host.system.name.partition(" ")[0], "")
        return self.names.pick([agent for agent in USER_AGENTS if platform in agent])

    def read_page(self, client: Socket, site: Host, start_ns: int, user_agent: str = "") -> Dialogue:
        """GET, 200 and a page of a few segments, then both close."""
        path = f"/{self.names.pick(WORDS)}/{self.names.pick(WORDS)}.html"
        agent = user_agent or self.browser_of(client.host)
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

    def visit_sealed(
        self, client: Host, site: Host, start_ns: int, sizes: Sequence[tuple[int, int]] = ((520, 6_800),)
    ) -> tuple[Dialogue, Dialogue]:
        """A name looked up, then read over TLS: the name stands in the first message."""
        lookup = self.look_up(client, site, start_ns)
        after_ns = lookup.packets[-1].sent_ns + travel_ns(client, self.resolver) + self.noise.about(2 * MS)
        return lookup, self.talk_sealed(self.socket(client), Socket(site, 443), after_ns, sizes)

    def visit_by_proxy(
        self,
        client: Host,
        proxy: Socket,
        site: Host,
        start_ns: int,
        *,
        path: str = "",
        user_agent: str = "",
    ) -> tuple[Dialogue, Dialogue]:
        """A page asked for at a proxy that listens at `proxy`: the client's leg, and the proxy's own."""
        path = path or f"/{self.names.pick(WORDS)}/{self.names.pick(WORDS)}.html"
        agent = user_agent or self.browser_of(client)
        request = http.write_http_get(site.name, path, agent)
        asked = request.replace(b"GET /", f"GET http://{site.name}/".encode(), 1)
        body = write_page(self.noise.between(1_800, 9_500), self.noise)
        page = http.write_http_page(body, self.names.pick(WEB_SERVERS), to_http_date(start_ns))
        exchange = Relayed(
            asked,
            http.add_field(request, "Via", f"1.1 {proxy.host.name}"),
            page,
            http.add_field(page, "Via", f"1.1 {proxy.host.name}"),
        )
        near, far = Leg(self.socket(client), proxy), Leg(self.socket(proxy.host), Socket(site, 80))
        said = {"host": site.name, "path": path, "user_agent": agent, "length": str(len(body))}
        return self.relay(near, far, start_ns, [exchange], said)

    # Times.

    def before(self, least_s: int, most_s: int) -> int:
        """A moment so many seconds before the start."""
        return self.start_ns - self.noise.between(least_s * NS_PER_S, most_s * NS_PER_S)

    def after(self, least_s: int, most_s: int) -> int:
        return self.start_ns + self.noise.between(least_s * NS_PER_S, most_s * NS_PER_S)

    def moments(self, count: int, spread_s: int) -> list[int]:
        """`count` moments around the start, in order, not at the same time."""
        low, high = self.start_ns - spread_s * NS_PER_S, self.start_ns + spread_s * NS_PER_S
        while True:
            moments = sorted(self.noise.between(low, high) for _ in range(count))
            if all(later - earlier > 50 * MS for earlier, later in pairwise(moments)):
                return moments
