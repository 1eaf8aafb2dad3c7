"""Contacts with a decoy: what it did with them, and what was tried there."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.messages import tds
from tickets.simulator.network import Dialogue, Firewall, Socket
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.telling import OnLine, tell

FTP_BANNER = b"220 Welcome to the ftp service\r\n"
SQL_VERSION = bytes.fromhex("08000194")
TOOL_VERSION = bytes.fromhex("09000000")
PASSWORDS = ("Passw0rd!", "P@ssw0rd", "Admin123", "sql2019", "Summer2025", "qwerty12")


def play_decoy_knock(stage: Stage) -> Simulation:
    """T013: a SYN to a port where the decoy has no service; its network card saw the reset."""
    decoy, firewall = stage.host("decoy"), stage.firewall()
    knock = Socket(decoy, stage.number("port"))
    lesson = stage.knock(stage.socket(stage.host("stranger")), knock, stage.start_ns, firewall)
    return tell(
        stage,
        lesson,
        [lesson, *_decoy_background(stage, firewall)],
        firewall,
        raised=OnLine(sensor="dionaea_mhn", dialogue=lesson, late_s=(10, 60)),
        outcome=Outcome.REFUSED,
    )


def play_decoy_logins(stage: Stage) -> Simulation:
    """T014: two logins on the decoy's database service; the same source had tried its file service before."""
    decoy, firewall, stranger = stage.host("decoy"), stage.firewall(), stage.host("stranger")
    lesson = _log_in_twice(stage, stage.socket(stranger), Socket(decoy, 1433))
    earlier_ns = stage.start_ns - stage.noise.between(25, 55) * NS_PER_S
    touch = stage.knock(stage.socket(stranger), Socket(decoy, 445), earlier_ns, firewall)
    return tell(
        stage,
        lesson,
        [lesson, touch, *_decoy_background(stage, firewall)],
        firewall,
        raised=OnLine(sensor="dionaea_json", dialogue=lesson, late_s=(10, 60)),
        outcome=Outcome.ESTABLISHED,
    )


def _decoy_background(stage: Stage, firewall: Firewall) -> list[Dialogue]:
    """What a decoy sees on any day: another knock, another touch, and its own housekeeping."""
    decoy, port = stage.host("decoy"), stage.number("other_port")
    before, between, after, late, last = stage.moments(5, 90)
    dialogues = [
        stage.knock(stage.socket(stage.stranger()), Socket(decoy, port), before, firewall),
        _touch_ftp(stage, stage.socket(stage.stranger()), Socket(decoy, 21), between),
        stage.set_clock(decoy, stage.stranger(), after),
        stage.knock(stage.socket(stage.stranger()), Socket(decoy, 445), late, firewall),
    ]
    if stage.noise.happens(70):
        visitor = stage.socket(stage.stranger())
        dialogues.append(stage.knock(visitor, Socket(decoy, stage.noise.pick((21, 445))), last, firewall))
    return dialogues


def _touch_ftp(stage: Stage, client: Socket, server: Socket, start_ns: int) -> Dialogue:
    """A greeting is read and the connection let go of."""
    talk = stage.talk(client, server, start_ns)
    talk.shake_hands()
    talk.say(talk.server, FTP_BANNER, stage.noise.about(3 * MS))
    talk.part(talk.client, stage.noise.about(400 * MS))
    return talk.end("ftp")


def _log_in_twice(stage: Stage, client: Socket, server: Socket) -> Dialogue:
    """TDS prelogin, then two passwords for sa. The decoy says yes to every login."""
    passwords = ("sa", stage.names.pick(PASSWORDS))
    tool = f"DESKTOP-{stage.names.take(3).hex().upper()}"
    talk = stage.talk(client, server, stage.start_ns)
    talk.shake_hands()
    talk.say(talk.client, tds.write_tds_prelogin(TOOL_VERSION, is_answer=False), stage.noise.about(3 * MS))
    talk.say(talk.server, tds.write_tds_prelogin(SQL_VERSION, is_answer=True), stage.noise.about(5 * MS))
    for password in passwords:
        login = tds.write_tds_login("sa", password, tool, server.host.ip)
        talk.say(talk.client, login, stage.noise.about(120 * MS))
        talk.say(talk.server, tds.write_tds_login_answer(), stage.noise.about(6 * MS))
    talk.part(talk.client, stage.noise.about(250 * MS))
    return talk.end("tds", {"logins": "\n".join(f"sa\t{password}" for password in passwords)})
