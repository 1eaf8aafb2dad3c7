"""Lesson 6, Direction used as deception: probes without a SYN, shells, beacons, a protocol on another's port."""

from __future__ import annotations

from tickets.engine.types import Outcome, TcpFlags
from tickets.simulator.background import play_background
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.logins import log_in_by_ssh
from tickets.simulator.messages.terminals import talk_shell
from tickets.simulator.network import Dialogue, Socket
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.telling import OnPacket, draw_list_day, tell

PROBES = {
    "fin": TcpFlags.FIN,
    "xmas": TcpFlags.FIN | TcpFlags.PSH | TcpFlags.URG,
    "null": TcpFlags.NONE,
}


def play_probe_without_syn(stage: Stage) -> Simulation:
    """T072: segments that no conversation begins with, at a closed port, which answers with a reset."""
    stranger, target = stage.host("stranger"), stage.host("target")
    probes: list[Dialogue] = []
    for number in range(stage.number("probes")):
        talk = stage.talk(
            stage.socket(stranger),
            Socket(target, stage.number("port") + number),
            stage.start_ns + number * stage.number("gap_ms") * MS,
        )
        talk.probe(PROBES[stage.choose("kind")], is_answered=True)
        probes.append(talk.end())
    lesson = probes[0]
    return tell(
        stage,
        lesson,
        [*probes, *play_background(stage, 14, spread_s=60)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        also=[OnPacket(dialogue=each) for each in probes[1:]],
        outcome=Outcome.REFUSED,
        values={"list_day": draw_list_day(stage), "contacts": str(len(probes))},
    )


def play_shell_behind_a_port(stage: Stage) -> Simulation:
    """T076: somebody connects to a port that nobody knows of, and a shell answers."""
    server, user = stage.host("server"), stage.choose("account")
    talk = stage.talk(stage.socket(stage.host("stranger")), stage.door("server"), stage.start_ns)
    talk.shake_hands()
    talk.play(
        talk_shell(
            (
                ("id\n", f"uid=33({user}) gid=33({user}) groups=33({user})\n"),
                ("hostname\n", f"{server.name}\n"),
                ("uname -r\n", "6.1.0-28-amd64\n"),
                ("ls /srv\n", "backup\nsite\nuploads\n"),
            )
        )
    )
    talk.part(talk.client, 900 * MS)
    lesson = talk.end()
    return tell(
        stage,
        lesson,
        [lesson, *play_background(stage, 14, spread_s=60)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
        values={"list_day": draw_list_day(stage)},
    )


def play_rhythm_over_tls(stage: Stage) -> Simulation:
    """T077: a workstation calls a listed address once a minute, each time alike."""
    beats = stage.beacon(
        stage.host("client"),
        stage.door("server"),
        stage.start_ns,
        period_ns=stage.number("period_s") * NS_PER_S,
        count=stage.number("beats"),
        sizes=(stage.number("asks"), stage.number("answers")),
    )
    lesson = beats[0]
    return tell(
        stage,
        lesson,
        [*beats, *play_background(stage, 7, spread_s=200)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        also=[OnPacket(dialogue=each) for each in beats[1:]],
        outcome=Outcome.ESTABLISHED,
        values={"list_day": draw_list_day(stage), "contacts": str(len(beats))},
    )


def play_ssh_on_the_web_port(stage: Stage) -> Simulation:
    """T081: what goes to port 80 is no web."""
    lesson = log_in_by_ssh(
        stage,
        stage.socket(stage.host("client")),
        stage.door("server"),
        stage.start_ns,
        stage.choose("user"),
        by_key=True,
        typed_s=8,
    )
    return tell(
        stage,
        lesson,
        [lesson, *play_background(stage, 14, spread_s=60)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
    )
