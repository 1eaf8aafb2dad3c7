"""Remote control between inside hosts: the same protocols in the hands of an administrator, a program and an intruder."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.messages import rdp, services, tls, winrm
from tickets.simulator.messages.smb import Login
from tickets.simulator.messages.turns import Script
from tickets.simulator.network import Dialogue
from tickets.simulator.randomness import Stream
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import Stage
from tickets.simulator.stories.inside.sweeps import office_day
from tickets.simulator.telling import OnPacket, change_window, tell

PROGRAM_BYTES = 48_000


def _login(stage: Stage) -> Login:
    return Login(
        user=stage.choose("user"),
        domain="CORP",
        workstation=stage.host("source").name.upper(),
        server=stage.host("target").name.upper(),
    )


def _talk(stage: Stage, port: int, script: Script, service: str) -> Dialogue:
    """The file's source at its target: the script, then the source closes."""
    talk = stage.talk(stage.socket(stage.host("source")), stage.door("target", port), stage.start_ns)
    talk.shake_hands()
    talk.play(script)
    talk.part(talk.client, stage.noise.child("end").about(900_000_000))
    return talk.end(service)


def _chance(stage: Stage) -> Stream:
    return stage.noise.child("session")


def _tell_session(stage: Stage, lesson: Dialogue, packet: int) -> Simulation:
    source, target = stage.host("source"), stage.host("target")
    return tell(
        stage,
        lesson,
        [lesson, *office_day(stage, source, target)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson, packet=packet),
        outcome=Outcome.ESTABLISHED,
        values=change_window(stage),
    )


def play_service_by_smb(stage: Stage) -> Simulation:
    """T097: from workstation to workstation a program is copied and started as a service."""
    service, chance = stage.choose("service"), _chance(stage)
    script = services.talk_service_creation(
        _login(stage),
        service,
        f"%SystemRoot%\\{service}.exe",
        b"MZ" + chance.take(PROGRAM_BYTES),
        stage.start_ns,
        chance,
    )
    return _tell_session(stage, _talk(stage, 445, script, "smb"), 0)


def play_winrm_by_management(stage: Stage) -> Simulation:
    """T098: configuration management runs its jobs by WinRM."""
    sizes = [
        (1_400 + 16 * _chance(stage).below(40), 2_100 + 16 * turn) for turn in range(stage.number("jobs"))
    ]
    script = winrm.talk_winrm(_login(stage), sizes, stage.start_ns, _chance(stage))
    return _tell_session(stage, _talk(stage, 5985, script, "http"), 0)


def play_desktop_from_jump_host(stage: Stage) -> Simulation:
    """T100: an administrator opens a server's desktop from the jump host."""
    chance = _chance(stage)
    sizes = [(90 + chance.below(60), 2_500 + chance.below(2_000)) for _ in range(stage.number("screens"))]
    script = (
        *rdp.talk_rdp_opening(stage.choose("user")),
        *tls.talk_tls12(stage.host("target").name, chance, stage.start_ns),
        *tls.talk_tls_data(sizes, chance),
    )
    return _tell_session(stage, _talk(stage, 3389, script, "rdp"), 0)
