"""Answers that look like visits: the record that raised the alert is the second half of a conversation."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.background import play_background
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import Dialogue, Host, Socket, Zone
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.telling import OnLine, OnPacket, draw_list_day, tell

COUNTED = 25  # as the search of T002 counts
COUNTED_RECORDS = 9  # and that of T109
CONNECTIONS_EACH = 2  # a browser opens more than one


def _line_of_the_answer(lesson: Dialogue, at: str = "") -> OnLine:
    """A search over flow records that met the one whose sender is the server; the client stands there as `at`."""
    server = lesson.server.endpoint
    client_ip = at or lesson.client.host.ip
    return OnLine(sensor="nfdump", dialogue=lesson, words=f"{server.ip},{server.port},{client_ip}")


def play_busy_site(stage: Stage) -> Simulation:
    """T002: an announcement sends many workstations to one page; each answer has a port of its own."""
    site, firewall = stage.host("site"), stage.firewall()
    gap_ns = stage.number("gap_ms") * MS
    lookups: list[Dialogue] = []
    visits: list[Dialogue] = []
    at_ns = stage.start_ns
    for _ in range(stage.number("readers")):
        reader = stage.workstation()
        lookups.append(stage.look_up(reader, site, at_ns - stage.noise.between(45, 90) * MS))
        for _ in range(CONNECTIONS_EACH):
            sizes = [(520, stage.noise.between(3_000, 9_000))]
            visits.append(stage.talk_sealed(stage.socket(reader), Socket(site, 443), at_ns, sizes))
            at_ns += stage.noise.about(gap_ns)
    lesson = visits[COUNTED - 1]
    return tell(
        stage,
        lesson,
        [*lookups, *visits, *play_background(stage, 7)],
        firewall,
        raised=_line_of_the_answer(lesson, firewall.address),
        outcome=Outcome.ESTABLISHED,
        values={"connections": str(len(visits))},
    )


def play_mapped_event(stage: Stage) -> Simulation:
    """T006: a page is read; the collector's event of the alert has the packet's sender for its source."""
    reader, site = stage.host("reader"), stage.host("site")
    lookup, lesson = stage.visit(reader, site, stage.start_ns, stage.browser_of(reader))
    from_site = [
        number
        for number, packet in enumerate(lesson.packets)
        if packet.src == lesson.server and packet.payload
    ]
    return tell(
        stage,
        lesson,
        [lookup, lesson, *play_background(stage, 7)],
        stage.firewall(),
        raised=OnLine(sensor="ecs", dialogue=lesson),
        also=(OnPacket(dialogue=lesson, packet=from_site[0]),),
        outcome=Outcome.ESTABLISHED,
    )


def play_listed_partner(stage: Stage) -> Simulation:
    """T109: an implant calls home every minute; the search met the record of the answer first."""
    beats = stage.beacon(
        stage.host("desk"),
        stage.door("far", 443),
        stage.start_ns,
        period_ns=stage.number("period_s") * NS_PER_S,
        count=stage.number("beats"),
        sizes=(stage.number("asked"), stage.number("answered")),
        jitter_percent=3,
    )
    lesson = beats[COUNTED_RECORDS // 2]  # two records each, and the answer's comes first: it ends earlier
    return tell(
        stage,
        lesson,
        [*beats, *play_background(stage, 8, spread_s=120)],
        stage.firewall(),
        raised=_line_of_the_answer(lesson),
        outcome=Outcome.ESTABLISHED,
        values={
            "beats_seen": str(len(beats)),
            "list_day": draw_list_day(stage),
        },
    )


def play_forged_senders(stage: Stage) -> Simulation:
    """T005: somebody floods a web site with SYNs whose senders are forged; its SYN-ACKs come to addresses of ours."""
    site, idle = stage.host("site"), stage.host("idle")
    network, _, own = idle.ip.rpartition(".")
    lesson = _scatter(stage, site, idle, stage.start_ns, is_reset=True)
    used = {int(own)}
    others: list[Dialogue] = []
    for number, moment in enumerate(stage.moments(stage.number("others"), 20)):
        last = stage.truth.child(f"address {number}").between(130, 250)
        while last in used:
            last = last % 250 + 1
        used.add(last)
        unused = stage.server("", Zone.DECOYS, f"{network}.{last}")
        others.append(_scatter(stage, site, unused, moment, is_reset=False))
    return tell(
        stage,
        lesson,
        [lesson, *others, *play_background(stage, 7)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        also=[OnPacket(dialogue=other) for other in others],
        outcome=Outcome.MIDSTREAM,
        has_opener=False,
    )


def _scatter(stage: Stage, site: Host, target: Host, start_ns: int, *, is_reset: bool) -> Dialogue:
    """The site answers a SYN that the target never sent."""
    talk = stage.talk(Socket(site, 80), Socket(target, stage.truth.between(1_024, 65_535)), start_ns)
    talk.scatter_back(is_reset=is_reset)
    return talk.end()
