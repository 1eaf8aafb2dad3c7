"""What routers say about packets that died on their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tickets.engine.types import Outcome, Protocol, Reversed
from tickets.simulator.dialogues.udp import play_traceroute
from tickets.simulator.network import Dialogue, Socket
from tickets.simulator.simulation import Oddity, Simulation
from tickets.simulator.stage import Stage
from tickets.simulator.stories.one_shot.clients import play_clients
from tickets.simulator.telling import OnPacket, change_window, tell

EXPIRED = 11  # the type of the error (RFC 792)
HOPS, COUNTED_ERRORS = 11, 12


def play_way_to_a_site(stage: Stage) -> Simulation:
    """T029: the network team follows the way to a site; each router on it says that a probe expired."""
    tracer, site = stage.host("tracer"), replace(stage.host("site"), hops=HOPS)
    # The classic tool counts its own port up from a number of its own.
    trace = play_traceroute(
        Socket(tracer, stage.number("port")),
        site,
        stage.routers(site),
        stage.start_ns,
        stage.noise.child("trace"),
    )
    lesson, packet = _counted(stage, trace)
    return tell(
        stage,
        lesson,
        [*trace, *play_clients(stage)],
        stage.firewall(),
        raised=OnPacket(dialogue=lesson, packet=packet),
        outcome=Outcome.ONE_WAY,
        ends=(lesson.server.endpoint, lesson.client.endpoint),
        is_reversed=Reversed.YES,
        oddities=(Oddity.TTL,),
        values=change_window(stage) | _name_ends(lesson),
    )


def _counted(stage: Stage, trace: Sequence[Dialogue]) -> tuple[Dialogue, int]:
    """The error that makes the count full, in the order in which they pass the tap."""
    tap = next(iter(stage.taps.values()))
    errors = [
        (tap.pass_ns(packet), item, number)
        for item in trace
        if item.protocol is Protocol.ICMP
        for number, packet in enumerate(item.packets)
        if packet.icmp_type == EXPIRED
    ]
    errors.sort(key=lambda error: error[0])
    _, lesson, number = errors[COUNTED_ERRORS - 1]
    return lesson, number


def _name_ends(error: Dialogue) -> dict[str, str]:
    """An error goes to whoever sent the packet that it is about, and who therefore spoke first."""
    client, server = error.server, error.client
    return {
        "client_ip": client.host.ip,
        "client_port": str(client.port),
        "client_name": client.host.name,
        "server_ip": server.host.ip,
        "server_port": str(server.port),
        "server_name": server.host.name,
    }
