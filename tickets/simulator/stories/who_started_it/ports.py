"""Ports that mislead: which of the two is the service does not stand in their numbers."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.background import play_background
from tickets.simulator.clock import to_datetime
from tickets.simulator.messages import tds
from tickets.simulator.network import Socket
from tickets.simulator.simulation import Oddity, Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.telling import OnLine, tell


def play_nightly_report(stage: Stage) -> Simulation:
    """T007: a report server whose client ports begin at 1024 calls on a database from a port that looks like a service."""
    report, database, chance = stage.host("report"), stage.door("database", 1433), stage.chance()
    client = Socket(report, stage.number("port"))
    names = (report.name.upper(), database.host.name.upper())
    talk = stage.talk(client, database, stage.start_ns)
    talk.shake_hands()
    job = tds.talk_tds_job(
        stage.choose("account"),
        chance.take(9).hex(),
        names,
        stage.choose("statement"),
        chance.between(40, 900),
    )
    talk.play(job)
    talk.part(talk.client, chance.about(60 * MS))
    lesson = talk.end("tds")
    return tell(
        stage,
        lesson,
        [lesson, *play_background(stage, 7)],
        stage.firewall(),
        raised=OnLine(
            sensor="nfdump", dialogue=lesson, words=f"{report.ip},{client.port},{database.host.ip}"
        ),
        outcome=Outcome.ESTABLISHED,
        oddities=(Oddity.CLIENT_PORT,),
        values={"job_time": f"{to_datetime(stage.start_ns):%H:%M}"},
    )


def play_code_server(stage: Stage) -> Simulation:
    """T009: a partner's build server fetches from a code server that listens among the client ports."""
    partner, door = stage.host("partner"), stage.door("code")
    sizes = [(640, 2_400), (1_900, stage.number("kilobytes") * 1_000)]
    lesson = stage.talk_sealed(stage.socket(partner), door, stage.start_ns, sizes, name=stage.choose("name"))
    return tell(
        stage,
        lesson,
        [lesson, *play_background(stage, 7)],
        stage.firewall(),
        raised=OnLine(sensor="cisco_asa", dialogue=lesson, words="Built"),
        outcome=Outcome.ESTABLISHED,
    )
