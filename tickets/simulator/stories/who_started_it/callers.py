"""Somebody calls on a page, on a bastion, on a closed door: the first three tickets of lesson 1."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.logins import log_in_by_ssh
from tickets.simulator.network import Socket
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.systems import WINDOWS
from tickets.simulator.telling import OnLine, OnPacket, change_window, draw_list_day, tell

LEGACY_AGENTS = (
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)",
    "Mozilla/5.0 (Windows NT 5.1; rv:52.0) Gecko/20100101 Firefox/52.0",
)
ADMINISTRATORS = ("a.moreau", "d.ritter", "j.okafor", "m.keller", "p.novak", "s.lind", "t.baker", "y.sato")


def play_web_return(stage: Stage) -> Simulation:
    """T001: a workstation with the old client ports reads a web page; the rule fires on the server's packet."""
    reader, site, neighbour = stage.host("reader"), stage.host("site"), stage.host("neighbour")
    agent = stage.names.pick(LEGACY_AGENTS)
    lookup, lesson = stage.visit(reader, site, stage.start_ns, agent)
    before, between, after = stage.moments(3, 20)
    dialogues = [
        lookup,
        lesson,
        *stage.visit(neighbour, stage.web_site(), before),
        stage.set_clock(stage.workstation(), stage.time_server, between),
        stage.set_clock(reader if stage.noise.happens(50) else neighbour, stage.time_server, after),
    ]
    if stage.noise.happens(60):
        dialogues.append(stage.look_up(neighbour, site, after + 300 * MS))
    low_port, high_port = reader.system.client_ports
    return tell(
        stage,
        lesson,
        dialogues,
        stage.firewall(),
        raised=OnPacket(dialogue=lesson, packet=1),
        outcome=Outcome.ESTABLISHED,
        values={"low_port": str(low_port), "high_port": str(high_port), "client_user_agent": agent},
    )


def play_bastion_login(stage: Stage) -> Simulation:
    """T003: an administrator logs in to the bastion from home, inside a change window."""
    bastion, visitor = stage.host("bastion"), stage.stranger(system=WINDOWS)
    home, user = stage.socket(stage.host("home")), stage.names.pick(ADMINISTRATORS)
    lesson = log_in_by_ssh(stage, home, stage.door("bastion"), stage.start_ns, user, by_key=True)
    before, after = stage.moments(2, 25)
    dialogues = [
        lesson,
        stage.read_page(stage.socket(visitor), stage.web_server, before),
        stage.set_clock(bastion, stage.stranger(), after),
    ]
    if stage.noise.happens(60):
        dialogues.append(stage.look_up(bastion, stage.web_site(), after + 700 * MS))
    return tell(
        stage,
        lesson,
        dialogues,
        stage.firewall(),
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
        values=change_window(stage) | {"admin_user": user},
    )


def play_knock_at_the_edge(stage: Stage) -> Simulation:
    """T004: an Internet host knocks on a port that the edge firewall does not let through."""
    bastion, firewall = stage.host("bastion"), stage.firewall()
    visitor, late_visitor = stage.stranger(system=WINDOWS), stage.stranger()
    knock = Socket(bastion, stage.number("port"))
    lesson = stage.knock(stage.socket(stage.host("stranger")), knock, stage.start_ns, firewall)
    before, between, after = stage.moments(3, 15)
    dialogues = [
        lesson,
        stage.read_page(stage.socket(visitor), stage.web_server, before),
        stage.set_clock(bastion, stage.stranger(), between),
        stage.look_up(stage.web_server, stage.web_site(), between + 900 * MS),
        stage.read_page(stage.socket(late_visitor), stage.web_server, after),
    ]
    if stage.noise.happens(60):
        dialogues.append(stage.set_clock(bastion, stage.stranger(), after + 400 * MS))
    return tell(
        stage,
        lesson,
        dialogues,
        firewall,
        raised=OnLine(sensor="cisco_asa", dialogue=lesson),
        outcome=Outcome.UNANSWERED,
        values={"list_day": draw_list_day(stage)},
    )
