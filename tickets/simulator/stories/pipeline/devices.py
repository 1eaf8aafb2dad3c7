"""What a firewall writes, and what a reader makes of it."""

from __future__ import annotations

from dataclasses import replace

from tickets.engine.types import Outcome
from tickets.simulator.background import play_background
from tickets.simulator.clock import NS_PER_S, to_datetime
from tickets.simulator.messages import tls
from tickets.simulator.network import Dialogue, Host, Socket, Zone
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.telling import OnLine, tell


def play_line_of_the_firewall(stage: Stage) -> Simulation:
    """T061: the firewall names the outer side first, and the SIEM takes the first for the source."""
    lookup, lesson = stage.visit(stage.host("reader"), stage.host("site"), stage.start_ns)
    everyday = play_background(stage, 9, zones=(Zone.INSIDE, Zone.DMZ))
    return tell(
        stage,
        lesson,
        [lookup, lesson, *everyday],
        stage.firewall(),
        raised=OnLine(sensor="cisco_asa", dialogue=lesson, words="Built outbound", turned=True),
        outcome=Outcome.ESTABLISHED,
    )


def play_second_unit(stage: Stage) -> Simulation:
    """T067: the second unit of a pair takes over, and knows none of the connections that stand."""
    firewall = replace(stage.firewall(), forgets_ns=(stage.start_ns,))
    lesson = _cut_off(stage, stage.host("reader"), stage.door("site", 443), stage.start_ns + 700 * MS)
    others = [
        _cut_off(
            stage,
            stage.workstation(),
            Socket(stage.web_site(), 443),
            stage.start_ns + stage.noise.between(900, 6_000) * MS,
        )
        for _ in range(stage.number("others"))
    ]
    again = stage.talk_sealed(
        stage.socket(stage.host("reader")),
        stage.door("site", 443),
        lesson.packets[-1].sent_ns + stage.noise.between(200, 900) * MS,
        [(600, 2_400)],
    )
    return tell(
        stage,
        lesson,
        [lesson, again, *others, *play_background(stage, 7)],
        firewall,
        raised=OnLine(sensor="cisco_asa", dialogue=lesson, words="no connection"),
        outcome=Outcome.ESTABLISHED,
        values={"take_over": f"{to_datetime(stage.start_ns):%H:%M:%S}"},
    )


def _cut_off(stage: Stage, reader: Host, site: Socket, late_ns: int) -> Dialogue:
    """A connection that stands for a while; what the site sends next, at that moment, the firewall does not let in."""
    chance = stage.chance()
    opened_ns = stage.start_ns - chance.between(20 * NS_PER_S, 50 * NS_PER_S)
    talk = stage.talk(stage.socket(reader), site, opened_ns)
    talk.shake_hands()
    talk.play((*tls.talk_tls13(site.host.name, chance), *tls.talk_tls_data([(700, 3_200)], chance)))
    talk.continue_at(late_ns)
    talk.speak_too_late(talk.server, tls.write_sealed(chance.between(90, 400), chance), chance.about(MS))
    return talk.end("tls", {"server_name": site.host.name})
