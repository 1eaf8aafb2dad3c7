"""Passwords tried at a login host: all refused, one accepted, and the same seen from behind."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.background import play_background
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.logins import log_in_by_ssh
from tickets.simulator.network import Dialogue
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import Stage
from tickets.simulator.telling import OnLine, OnPacket, Raised, draw_list_day, tell

ATTEMPTS_A_CONNECTION = 5


def _series(stage: Stage, *, accepted_last: bool = False) -> list[Dialogue]:
    """Connection after connection of the file's stranger, each with a handful of passwords. Where one is accepted,
    it is the last of the last."""
    count, gap_s = stage.number("connections"), stage.number("gap_s")
    first_ns = stage.start_ns - (count - 1) * gap_s * NS_PER_S if accepted_last else stage.start_ns
    return [
        log_in_by_ssh(
            stage,
            stage.socket(stage.host("stranger")),
            stage.door("bastion", 22),
            first_ns + number * gap_s * NS_PER_S,
            stage.choose("user"),
            failures=ATTEMPTS_A_CONNECTION - 1
            if accepted_last and number == count - 1
            else ATTEMPTS_A_CONNECTION,
            is_accepted=accepted_last and number == count - 1,
            software=stage.choose("tool"),
        )
        for number in range(count)
    ]


def _tell_series(stage: Stage, series: list[Dialogue], lesson: Dialogue, raised: Raised) -> Simulation:
    also = [OnPacket(dialogue=each) for each in series if each is not lesson]
    return tell(
        stage,
        lesson,
        [*series, *play_background(stage, 4, spread_s=60)],
        stage.firewall(),
        raised=raised,
        also=also if isinstance(raised, OnPacket) else (),
        outcome=Outcome.ESTABLISHED,
        values={
            "connections": str(len(series)),
            "list_day": draw_list_day(stage),
        },
    )


def play_passwords_in_vain(stage: Stage) -> Simulation:
    """T082: every password is refused."""
    series = _series(stage)
    return _tell_series(stage, series, series[0], OnPacket(dialogue=series[0]))


def play_password_found(stage: Stage) -> Simulation:
    """T083: the last password is accepted."""
    series = _series(stage, accepted_last=True)
    return _tell_series(stage, series, series[-1], OnPacket(dialogue=series[-1]))


def play_passwords_seen_backwards(stage: Stage) -> Simulation:
    """T111: the same as T082; the SIEM reads the flow record of the answers."""
    series = _series(stage)
    lesson = series[0]
    ours, theirs = lesson.server.endpoint, lesson.client.endpoint
    line = OnLine(
        sensor="nfdump",
        dialogue=lesson,
        words=f"{ours.ip},{ours.port},{theirs.ip}",
        ends=(ours, theirs),
    )
    return _tell_series(stage, series, lesson, line)
