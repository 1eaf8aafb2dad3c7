"""One inside host calls on many: a scanner that may, a workstation that may not, a workstation that wants to send mail."""

from __future__ import annotations

from dataclasses import replace

from tickets.engine.types import Outcome
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import Dialogue, Host, Socket, Zone
from tickets.simulator.simulation import Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.telling import OnLine, OnPacket, change_window, tell

SCANNED_PORTS = (445, 22, 80, 135, 443, 1433, 3389, 5985, 8080, 21)


def office_day(stage: Stage, *hosts: Host, spread_s: int = 40) -> list[Dialogue]:
    """Names looked up, clocks set, pages read by the people who sit beside it."""
    moments = stage.moments(3 + len(hosts), spread_s)
    reader = stage.workstation()
    dialogues = [
        *stage.visit(reader, stage.web_site(), moments[0]),
        stage.look_up(stage.workstation(), stage.web_site(), moments[1]),
        stage.set_clock(stage.workstation(), stage.time_server, moments[2]),
    ]
    dialogues += [
        stage.set_clock(host, stage.time_server, moment)
        for host, moment in zip(hosts, moments[3:], strict=True)
    ]
    return dialogues


def _extra_servers(stage: Stage, count: int) -> list[Host]:
    return [
        stage.server(f"srv-{stage.names.between(100, 899)}", Zone.SERVERS, f"10.20.10.{last}", listens=(443,))
        for last in range(210, 210 + count)
    ]


def play_scanner_in_its_window(stage: Stage) -> Simulation:
    """T094: the vulnerability scanner calls on every port of every server, inside its window."""
    scanner, first, firewall = stage.host("scanner"), stage.host("target"), stage.firewall()
    others = _extra_servers(stage, stage.number("servers"))
    doors = [Socket(host, port) for host in (first, *others) for port in SCANNED_PORTS]
    scan = stage.sweep(scanner, doors, stage.start_ns, firewall, gap_ns=stage.number("gap_ms") * MS)
    lesson = scan[0]
    return tell(
        stage,
        lesson,
        [*scan, *office_day(stage, first, scanner)],
        firewall,
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.ESTABLISHED,
        values=change_window(stage) | {"contacts": str(len(scan))},
    )


def play_neighbours_sweep(stage: Stage) -> Simulation:
    """T096: a workstation calls on its neighbours' file service; none takes it."""
    source, first, firewall = stage.host("source"), stage.host("first"), stage.firewall()
    neighbours = [stage.workstation() for _ in range(stage.number("neighbours"))]
    gap_ns = stage.number("gap_ms") * MS
    sweep = []
    for number, neighbour in enumerate((first, *neighbours)):
        talk = stage.talk(stage.socket(source), Socket(neighbour, 445), stage.start_ns + number * gap_ns)
        if number and number % 3 != 0:
            talk.knock_once()
        else:
            talk.knock_refused()
        sweep.append(talk.end())
    lesson = sweep[0]
    return tell(
        stage,
        lesson,
        [*sweep, *office_day(stage, source)],
        firewall,
        raised=OnPacket(dialogue=lesson),
        outcome=Outcome.REFUSED,
        values={"contacts": str(len(sweep))},
    )


def play_mail_to_the_world(stage: Stage) -> Simulation:
    """T107: a workstation tries mail servers all over the Internet; the firewall lets none of it out."""
    source, first = stage.host("source"), stage.host("first")
    firewall = replace(stage.firewall(), forbidden=frozenset({25}))
    exchangers = [first, *(stage.stranger() for _ in range(stage.number("exchangers")))]
    gap_ns = stage.number("gap_s") * NS_PER_S
    attempts = [
        stage.knock(stage.socket(source), Socket(host, 25), stage.start_ns + number * gap_ns, firewall)
        for number, host in enumerate(exchangers)
    ]
    lesson = attempts[0]
    return tell(
        stage,
        lesson,
        [*attempts, *office_day(stage, source)],
        firewall,
        raised=OnLine(sensor="cisco_asa", dialogue=lesson),
        outcome=Outcome.UNANSWERED,
        values={"contacts": str(len(attempts))},
    )
