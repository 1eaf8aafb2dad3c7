"""What a collector makes of other sensors' records before it writes them in a format of its own.

A mapping loses or twists things on the way, the same way each time. Here are those that mislead analysts: an alert whose
source is the packet's while its bytes are the flow's; a direction worked out from the printed source; a flow whose
ends are ordered by their ports, the lower one for the server.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.network import Dialogue, Firewall, Socket, Zone
from tickets.simulator.recording import Flow, Recording
from tickets.simulator.sensors.account import Account, by_first_packet
from tickets.simulator.sensors.alarms import Alarm, Signature, find_fired
from tickets.simulator.sensors.cisco_asa import TIMEOUTS
from tickets.simulator.sensors.lines import Ends
from tickets.simulator.sensors.passage import Close, crosses, make_device
from tickets.simulator.sensors.spoken.recognition import recognise
from tickets.simulator.sensors.spoken.turns import take_turns


class Mapping(StrEnum):
    """How an alert's counts are laid to its printed source."""

    PACKET_ENDS_FLOW_COUNTS = "packet ends, flow counts"  # the client's bytes stand at the packet's source
    MATCHING = "matching"  # each side has its own


class EndRule(StrEnum):
    """Which end of a flow becomes the source."""

    FIRST_PACKET = "first packet"
    LOWER_PORT_IS_SERVER = "lower port is server"


@dataclass(frozen=True, slots=True)
class Count:
    packets: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event on its way through a pipeline. `client` and `server` are what the sensor held for them, where the
    mapping keeps that; `word` is what was done about it."""

    time_ns: int
    protocol: Protocol
    src: Socket
    dst: Socket
    dialogue: Dialogue
    word: str
    src_count: Count = Count()
    dst_count: Count = Count()
    service: str = ""
    signature: Signature | None = None
    client: Endpoint | None = None
    server: Endpoint | None = None
    lasted_ns: int = 0
    mapped_src: Endpoint | None = None
    mapped_dst: Endpoint | None = None

    @property
    def ends(self) -> Ends:
        return self.src.endpoint, self.dst.endpoint

    @property
    def direction(self) -> str:
        """Worked out from the printed ends and the list of own networks, as collectors do."""
        return direction_of(self.src, self.dst)


def direction_of(src: Socket, dst: Socket) -> str:
    outside = (src.host.zone is Zone.OUTSIDE, dst.host.zone is Zone.OUTSIDE)
    return {
        (True, False): "inbound",
        (False, True): "outbound",
        (False, False): "internal",
        (True, True): "external",
    }[outside]


def map_alerts(
    recording: Recording, alarms: Sequence[Alarm], mapping: Mapping = Mapping.PACKET_ENDS_FLOW_COUNTS
) -> tuple[Event, ...]:
    """An intrusion sensor's alerts: the ends are the packet's."""
    events = []
    for fired in find_fired(recording, alarms):
        account = by_first_packet(fired.flow.until(fired.alarm.packet + 1))
        client, server = _counts(account)
        is_reply = not account.is_from_orig(fired.seen)
        keeps = mapping is Mapping.MATCHING
        swap = is_reply and keeps
        event = Event(
            time_ns=fired.seen.time_ns,
            protocol=account.protocol,
            src=fired.seen.packet.src,
            dst=fired.seen.packet.dst,
            dialogue=fired.flow.dialogue,
            word="blocked" if fired.alarm.drops else "allowed",
            src_count=server if swap else client,
            dst_count=client if swap else server,
            service=recognise(account, take_turns(account)),
            signature=fired.alarm.signature,
        )
        events.append(replace(event, client=account.orig, server=account.resp) if keeps else event)
    return tuple(events)


def map_denials(dialogues: Sequence[Dialogue], firewall: Firewall) -> tuple[Event, ...]:
    """A firewall's denied packets, one event each."""
    device = make_device(dialogues, firewall)
    events = [
        Event(
            time_ns=seen.time_ns,
            protocol=dialogue.protocol,
            src=seen.packet.src,
            dst=seen.packet.dst,
            dialogue=dialogue,
            word="denied",
        )
        for dialogue in filter(crosses, dialogues)
        for seen in device.follow(dialogue, TIMEOUTS).denied
    ]
    return tuple(sorted(events, key=lambda event: event.time_ns))


def map_sessions(dialogues: Sequence[Dialogue], firewall: Firewall) -> tuple[Event, ...]:
    """A firewall's sessions when they are torn down, with both addresses where one was translated."""
    events = sorted(_sessions(dialogues, firewall), key=lambda event: event.time_ns)
    return tuple(events)


def _sessions(dialogues: Sequence[Dialogue], firewall: Firewall) -> Iterator[Event]:
    device = make_device(dialogues, firewall)
    for dialogue in filter(crosses, dialogues):
        for session in device.follow(dialogue, TIMEOUTS).ended:
            client, server = session.client, session.server
            source = device.mapped(dialogue.protocol, client, server)
            aim = device.mapped(dialogue.protocol, server, client)
            sides = [session.tally(from_client=side) for side in (True, False)]
            yield Event(
                time_ns=session.end_ns if session.close is not Close.FINS else session.last_ns,
                protocol=dialogue.protocol,
                src=client,
                dst=server,
                dialogue=dialogue,
                word="teardown",
                src_count=Count(sides[0].packets, sides[0].payload_bytes),
                dst_count=Count(sides[1].packets, sides[1].payload_bytes),
                lasted_ns=session.last_ns - session.start_ns,
                mapped_src=source if source != client.endpoint else None,
                mapped_dst=aim if aim != server.endpoint else None,
            )


def map_flows(recording: Recording, rule: EndRule) -> tuple[Event, ...]:
    """A flow meter's records after the pipeline has chosen which end is the source."""
    events = [_flow(flow, rule) for flow in recording.flows]
    return tuple(sorted(events, key=lambda event: event.time_ns))


def _flow(flow: Flow, rule: EndRule) -> Event:
    account = by_first_packet(flow)
    if rule is EndRule.LOWER_PORT_IS_SERVER and account.orig.port < account.resp.port:
        account = account.turned()
    src_count, dst_count = _counts(account)
    client, server = flow.ends or (flow.dialogue.client, flow.dialogue.server)
    src, dst = (client, server) if client.endpoint == account.orig else (server, client)
    return Event(
        time_ns=account.end_ns,
        protocol=account.protocol,
        src=src,
        dst=dst,
        dialogue=flow.dialogue,
        word="connection",
        src_count=src_count,
        dst_count=dst_count,
        service=recognise(account, take_turns(account)),
        lasted_ns=account.end_ns - account.start_ns,
    )


def _counts(account: Account) -> tuple[Count, Count]:
    orig, resp = (account.tally(from_orig=side) for side in (True, False))
    return Count(orig.packets, orig.frame_bytes), Count(resp.packets, resp.frame_bytes)
