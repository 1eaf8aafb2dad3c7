"""A question and its answer. The alert is about the answer, and only the messages say so."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.dialogues.udp import play_datagrams, play_exchange
from tickets.simulator.messages import asn1, dns, management, ntp, quic
from tickets.simulator.messages.turns import ask
from tickets.simulator.network import Dialogue, Host, Socket, travel_ns
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.stories.one_shot.clients import play_clients
from tickets.simulator.telling import OnPacket, Raised, tell

ANSWER = 1
NTP_PORT, SNMP_PORT, TRAP_PORT = 123, 161, 162
COUNTERS = tuple(f"1.3.6.1.2.1.2.2.1.{column}.1" for column in (10, 16, 14, 20))
DEVICE_TEXTS = ("Switch, release 15.2(7)E9", "Router, release 17.9.4a", "Access switch, release 16.12.10")


def _tell_answer(
    stage: Stage, lesson: Dialogue, others: list[Dialogue], raised: Raised | None = None
) -> Simulation:
    return tell(
        stage,
        lesson,
        [lesson, *others],
        stage.firewall(),
        raised=raised or OnPacket(dialogue=lesson, packet=ANSWER),
        outcome=Outcome.ESTABLISHED,
    )


def _look_up(stage: Stage, client: Socket, name: str, records: list[dns.Record], start_ns: int) -> Dialogue:
    number = stage.noise.below(1 << 16)
    pair = dns.write_dns_query(number, name), dns.write_dns_reply(number, name, dns.Kind.A, records)
    return play_exchange(
        client,
        Socket(stage.resolver, 53),
        start_ns,
        [pair],
        think_ns=stage.noise.between(4, 40) * MS,
        service="dns",
        chance=stage.noise.child(f"lookup {name} {start_ns}"),
    )


# -- Names ----------------------------------------------------------------------------------------


def play_long_answer(stage: Stage) -> Simulation:
    """T025: a workstation asks for a name that many addresses stand behind; the answer is longer than usual."""
    reader = stage.host("reader")
    name = f"static.{stage.choose('site')}.example.com"
    behind = f"{stage.names.take(4).hex()}.edge.example.org"
    site = stage.stranger(name, listens=(443,))
    records = [dns.Record(dns.Kind.CNAME, behind)]
    records += [dns.Record(dns.Kind.A, ip, 60, name=behind) for ip in _pool(site, stage.number("addresses"))]
    lesson = _look_up(stage, stage.socket(reader), name, records, stage.start_ns)
    page = stage.talk_sealed(
        stage.socket(reader), Socket(site, 443), _heard_ns(stage, lesson), [(510, 6_100), (380, 2_900)]
    )
    return _tell_answer(stage, lesson, [page, *play_clients(stage)])


def _pool(site: Host, count: int) -> list[str]:
    """The addresses of a content network: the site's own and its neighbours."""
    network, _, number = site.ip.rpartition(".")
    return [f"{network}.{(int(number) + step) % 250 + 1}" for step in range(-1, count - 1)]


def _heard_ns(stage: Stage, lookup: Dialogue) -> int:
    """When the asker goes on, with the answer in hand."""
    way_ns = travel_ns(lookup.client.host, lookup.server.host)
    return lookup.packets[-1].sent_ns + way_ns + stage.noise.about(4 * MS)


def play_listed_answer(stage: Stage) -> Simulation:
    """T113: a workstation asks for a name that was taken over, again and again, and tries what it is told."""
    desk, sinkhole, firewall = stage.host("desk"), stage.host("sinkhole"), stage.firewall()
    name = f"{stage.choose('label')}.example.net"
    records = [dns.Record(dns.Kind.A, sinkhole.ip, 60)]
    lookups: list[Dialogue] = []
    tries: list[Dialogue] = []
    at_ns = stage.start_ns
    for _ in range(4):
        lookups.append(_look_up(stage, stage.socket(desk), name, records, at_ns))
        door = Socket(sinkhole, 443)
        tries.append(stage.knock(stage.socket(desk), door, _heard_ns(stage, lookups[-1]), firewall))
        at_ns += stage.number("period_s") * NS_PER_S + stage.noise.about(300 * MS)
    lesson, *repeats = lookups
    return _tell_answer(stage, lesson, [*repeats, *tries, *play_clients(stage, 60)])


# -- The time -------------------------------------------------------------------------------------


def play_time_answer(stage: Stage) -> Simulation:
    """T026: our time server asks servers on the Internet, from port 123 to port 123."""
    clock, upstream = stage.time_server, stage.host("upstream")
    lesson = _ask_time(stage, clock, upstream, stage.start_ns)
    at_ns = stage.start_ns
    others: list[Dialogue] = []
    for key in ("second", "third"):
        at_ns += stage.noise.between(2_000, 9_000) * MS
        others.append(_ask_time(stage, clock, stage.host(key), at_ns))
    others += [stage.set_clock(stage.workstation(), clock, moment) for moment in stage.moments(4, 25)]
    others += play_clients(stage)
    return _tell_answer(stage, lesson, others)


def _ask_time(stage: Stage, clock: Host, upstream: Host, start_ns: int) -> Dialogue:
    """A server asks as a client does, but from its own port (RFC 5905, 9.1)."""
    way_ns = travel_ns(clock, upstream)
    reference = f"198.51.100.{stage.noise.between(1, 4)}"
    pair = ntp.write_ntp_question(start_ns), ntp.write_ntp_answer(start_ns, start_ns + way_ns, reference)
    return play_exchange(
        Socket(clock, NTP_PORT),
        Socket(upstream, NTP_PORT),
        start_ns,
        [pair],
        think_ns=60_000,
        service="ntp",
        chance=stage.noise.child(f"time {upstream.ip}"),
    )


# -- Management -----------------------------------------------------------------------------------


def play_polled_device(stage: Stage) -> Simulation:
    """T027: the network management polls devices; one device also sends a trap of its own accord."""
    manager, community = stage.host("manager"), stage.choose("community")
    at_ns = stage.start_ns
    polls: list[Dialogue] = []
    for key in ("device", "second", "third"):
        polls.append(_poll(stage, manager, stage.host(key), community, at_ns))
        at_ns += stage.noise.between(300, 1_800) * MS
    trap = play_datagrams(
        stage.socket(stage.host("third")),
        Socket(manager, TRAP_PORT),
        at_ns + stage.noise.between(2, 12) * NS_PER_S,
        [ask(management.write_snmp_trap(stage.noise.below(1 << 30), community, stage.noise.below(1 << 28)))],
        service="snmp",
        chance=stage.noise.child("trap"),
    )
    before, after = stage.moments(2, 20)
    own = [
        stage.set_clock(manager, stage.time_server, before),
        stage.look_up(stage.web_server, stage.web_site(), after),
    ]
    lesson, *others = polls
    return _tell_answer(stage, lesson, [*others, trap, *own, *play_clients(stage)])


def _poll(stage: Stage, manager: Host, device: Host, community: str, start_ns: int) -> Dialogue:
    """Two questions: who are you, and how much went through your first interface."""
    chance = stage.noise.child(f"poll {device.ip}")
    first = chance.between(1 << 16, 1 << 30)
    about = [
        (management.SYS_DESCR, asn1.octets(chance.pick(DEVICE_TEXTS).encode())),
        (management.SYS_UPTIME, asn1.integer(chance.below(1 << 28), management.TIME_TICKS)),
    ]
    counters = [(name, asn1.integer(chance.below(1 << 31), management.COUNTER)) for name in COUNTERS]
    pairs = [
        (
            management.write_snmp_get(first + number, community, [name for name, _ in values]),
            management.write_snmp_response(first + number, community, values),
        )
        for number, values in enumerate((about, counters))
    ]
    return play_exchange(
        stage.socket(manager),
        Socket(device, SNMP_PORT),
        start_ns,
        pairs,
        think_ns=3 * MS,
        service="snmp",
        chance=chance,
    )


# -- Films ----------------------------------------------------------------------------------------

FLOOD_COUNT, FLOOD_BYTES = 30, 1_000


def play_film(stage: Stage) -> Simulation:
    """T032: a workstation fetches a film over QUIC; the rule counts the datagrams that come."""
    reader, site = stage.host("reader"), stage.host("site")
    lookup = stage.look_up(reader, site, stage.start_ns - stage.noise.between(40, 200) * MS)
    size = stage.noise.between(70_000, 78_000)
    lesson = play_datagrams(
        stage.socket(reader),
        Socket(site, 443),
        stage.start_ns,
        quic.talk_quic(site.name, [(420, 9_000), (310, size)], stage.noise.child("film")),
        service="quic",
        chance=stage.noise.child("datagrams"),
    )
    counted = [
        number
        for number, packet in enumerate(lesson.packets)
        if packet.src == lesson.server and len(packet.payload) > FLOOD_BYTES
    ]
    raised = OnPacket(dialogue=lesson, packet=counted[FLOOD_COUNT - 1])
    return _tell_answer(stage, lesson, [lookup, *play_clients(stage)], raised)
