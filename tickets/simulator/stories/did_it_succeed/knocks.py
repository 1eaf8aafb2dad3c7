"""Knocks on a door: silence, refusal, a filter's word, a door found open. What the device says of it is another thing."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tickets.engine.types import Outcome
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.dialogues.icmp import PROHIBITED
from tickets.simulator.network import Dialogue, Firewall, Host, Socket
from tickets.simulator.simulation import Oddity, Simulation
from tickets.simulator.stage import MS, Stage
from tickets.simulator.systems import WINDOWS
from tickets.simulator.telling import OnLine, OnPacket, Raised, draw_list_day, tell


def _day_in_the_dmz(stage: Stage, host: Host, spread_s: int = 20) -> list[Dialogue]:
    """What passes the DMZ on any day: pages read, clocks set, names looked up."""
    before, between, after = stage.moments(3, spread_s)
    dialogues = [
        stage.read_page(stage.socket(stage.stranger(system=WINDOWS)), stage.web_server, before),
        stage.set_clock(host, stage.stranger(), between),
        stage.look_up(stage.web_server, stage.web_site(), after),
        stage.read_page(stage.socket(stage.stranger()), stage.web_server, after + NS_PER_S),
    ]
    if stage.noise.happens(60):
        dialogues.append(stage.set_clock(stage.web_server, stage.stranger(), between + 300 * MS))
    return dialogues


def _block_list(stage: Stage) -> dict[str, str]:
    return {"list_day": draw_list_day(stage)}


def _tell_knock(
    stage: Stage,
    lesson: Dialogue,
    others: Iterable[Dialogue],
    firewall: Firewall,
    outcome: Outcome,
    raised: Raised | None = None,
    oddities: Collection[Oddity] = (),
) -> Simulation:
    return tell(
        stage,
        lesson,
        [lesson, *others],
        firewall,
        raised=raised or OnPacket(dialogue=lesson),
        outcome=outcome,
        values=_block_list(stage),
        oddities=oddities,
    )


def _knock(stage: Stage, firewall: Firewall) -> Dialogue:
    """The file's stranger at the file's target."""
    door = Socket(stage.host("target"), stage.number("port"))
    return stage.knock(stage.socket(stage.host("stranger")), door, stage.start_ns, firewall)


def _unheard(stage: Stage, start_ns: int) -> Dialogue:
    """The same knock let through by the firewall, and dropped by the target's own filter without a word."""
    client = stage.socket(stage.host("stranger"))
    talk = stage.talk(client, Socket(stage.host("target"), stage.number("port")), start_ns)
    talk.knock_in_vain()
    return talk.end()


def play_closed_port(stage: Stage) -> Simulation:
    """T011: the firewall lets a knock through, and the host has no service there."""
    firewall = stage.firewall()
    lesson = _knock(stage, firewall)
    return _tell_knock(stage, lesson, _day_in_the_dmz(stage, stage.host("target")), firewall, Outcome.REFUSED)


def play_router_says_no(stage: Stage) -> Simulation:
    """T010: a filter in front answers with an ICMP error that quotes the SYN."""
    firewall, target = stage.firewall(), stage.host("target")
    client = stage.socket(stage.host("stranger"))
    door = Socket(target, stage.number("port"))
    lesson, error = stage.knock_rejected(
        client, door, stage.start_ns, stage.gateway(stage.choose("router_ip")), PROHIBITED
    )
    others = [error, *_day_in_the_dmz(stage, target)]
    return _tell_knock(stage, lesson, others, firewall, Outcome.REJECTED)


def play_unheard_knock(stage: Stage) -> Simulation:
    """T012: nothing comes back, and the tap sees both directions."""
    target = stage.host("target")
    lesson = _unheard(stage, stage.start_ns)
    others = [*_day_in_the_dmz(stage, target), *_visits(stage, target)]
    return _tell_knock(stage, lesson, others, stage.firewall(), Outcome.UNANSWERED)


def _visits(stage: Stage, target: Host) -> list[Dialogue]:
    """Ordinary use of the service that the target does have, so that its answers are seen."""
    first, second = stage.moments(2, 40)
    visitors = [stage.stranger(system=WINDOWS), stage.stranger()]
    port = next(iter(sorted(target.listens)))
    return [
        stage.talk_sealed(stage.socket(visitor), Socket(target, port), moment, [(420, 5_200)])
        for visitor, moment in zip(visitors, (first, second), strict=True)
    ]


def play_half_open_scan(stage: Stage) -> Simulation:
    """T016: the scanner's SYN finds the port open, and its system resets what it never asked for."""
    firewall, target = stage.firewall(), stage.host("target")
    lesson = _knock(stage, firewall)
    others = [*_day_in_the_dmz(stage, target), *_visits(stage, target)]
    return _tell_knock(stage, lesson, others, firewall, Outcome.ESTABLISHED)


def play_device_line(stage: Stage) -> Simulation:
    """T020, T021: the firewall makes a session for a SYN that nobody answers; the SIEM reads the firewall's line."""
    target, firewall = stage.host("target"), stage.firewall()
    lesson = _unheard(stage, stage.start_ns)
    others = [*_day_in_the_dmz(stage, target), *_visits(stage, stage.host("extranet"))]
    return _tell_knock(
        stage,
        lesson,
        others,
        firewall,
        Outcome.UNANSWERED,
        OnLine(sensor=stage.choose("read_by"), dialogue=lesson),
    )


def play_device_reset(stage: Stage) -> Simulation:
    """T022: the same, and the host answers with a reset that the firewall only counts."""
    target, firewall = stage.host("target"), stage.firewall()
    lesson = _knock(stage, firewall)
    others = [*_day_in_the_dmz(stage, target), *_visits(stage, stage.host("extranet"))]
    return _tell_knock(
        stage,
        lesson,
        others,
        firewall,
        Outcome.REFUSED,
        OnLine(sensor=stage.choose("read_by"), dialogue=lesson),
    )


def play_cloud_knock(stage: Stage) -> Simulation:
    """T023: the security group lets a SYN in, and the machine drops it. The cloud's log is all there is."""
    target = stage.host("target")
    lesson = _unheard(stage, stage.start_ns)
    others = [*_visits(stage, target), *_visits(stage, target)]
    return _tell_knock(
        stage,
        lesson,
        others,
        stage.firewall(),
        Outcome.UNANSWERED,
        OnLine(sensor="aws_vpc", dialogue=lesson, late_s=(150, 240)),
        (Oddity.LATE_LOG,),
    )
