"""Lesson 4, Multi-connection protocols: one connection announces another, or carries what comes the other way."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.background import play_background
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.dialogues.related import FtpTalk
from tickets.simulator.messages import ftp
from tickets.simulator.messages.pages import write_page
from tickets.simulator.network import Dialogue
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import Stage
from tickets.simulator.telling import OnPacket, tell


def _log_in(stage: Stage, size: int) -> FtpTalk:
    """The control connection of the file's client, logged in."""
    control = stage.talk(stage.socket(stage.host("client")), stage.door("server"), stage.start_ns)
    control.shake_hands()
    control.play(ftp.talk_ftp_login(stage.choose("user"), stage.choose("password")))
    return FtpTalk(control, write_page(size, stage.noise.child("content")), stage.noise.child("transfer"))


def _tell_transfer(stage: Stage, lesson: Dialogue, control: Dialogue) -> Simulation:
    return tell(
        stage,
        lesson,
        [control, lesson, *play_background(stage, 14, spread_s=60)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
        values={"control_port": str(control.client.port), "data_port": str(lesson.server.port)},
    )


def play_file_from_port_20(stage: Stage) -> Simulation:
    """T039: the server opens the data connection that the client asked for."""
    talk = _log_in(stage, stage.number("size"))
    control, lesson = talk.fetch_actively(stage.number("listens_at"), stage.choose("file"))
    return _tell_transfer(stage, lesson, control)


def play_listing_from_a_high_port(stage: Stage) -> Simulation:
    """T041: the client opens the data connection to a port that the server named."""
    talk = _log_in(stage, stage.number("size"))
    control, lesson = talk.list_passively(stage.socket(stage.host("client")), stage.number("listens_at"))
    return _tell_transfer(stage, lesson, control)


def play_support_by_relay(stage: Stage) -> Simulation:
    """T045: the workstation keeps a connection to the maker's relay, and is controlled through it."""
    chance = stage.noise.child("session")
    sizes = [(60 + chance.below(40), 300 + chance.below(500)) for _ in range(stage.number("turns"))]
    lookup = stage.look_up(stage.host("client"), stage.host("server"), stage.start_ns - 2 * NS_PER_S)
    lesson = stage.talk_sealed(
        stage.socket(stage.host("client")), stage.door("server"), stage.start_ns, sizes
    )
    return tell(
        stage,
        lesson,
        [lookup, lesson, *play_background(stage, 14, spread_s=60)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
        values={"help_number": f"HD{stage.names.between(10_000, 99_999)}"},
    )
