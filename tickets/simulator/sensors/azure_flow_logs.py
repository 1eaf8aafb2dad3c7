"""Azure's flow logs: of a network security group (version 2) and of a virtual network (version 4), as JSON.

Source: Microsoft Learn, "Flow logging for network security groups" and "Virtual network flow logs". A tuple's source is
the side that opened the flow; I and O are relative to the machine's interface. B: a flow began (no counts, no proof
of an answer); C: it goes on, and E: it ended, with the packets and bytes of both sides since the tuple before; D: denied.
A record holds a minute's tuples, by the rule that decided.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tickets.engine.types import Protocol
from tickets.simulator.clock import NS_PER_S, to_datetime
from tickets.simulator.network import Dialogue, Firewall, Host, SentPacket, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.ip_numbers import protocol_number
from tickets.simulator.sensors.passage import Session, Timeouts, crosses, make_device

NSG_FILE, VNET_FILE = "nsg-flow.json", "vnet-flow.json"
# An idle flow is dropped after four minutes; one that never stood or is half closed, sooner.
TIMEOUTS = Timeouts(
    opening_ns=30 * NS_PER_S,
    standing_ns=240 * NS_PER_S,
    closing_ns=30 * NS_PER_S,
    datagram_ns=240 * NS_PER_S,
    echo_ns=60 * NS_PER_S,
)
MINUTE_NS = 60 * NS_PER_S
NS_PER_MS = 1_000_000
BEGAN, GOES_ON, ENDED, DENIED = "B", "C", "E", "D"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuple:
    """One flow tuple: when, about which packet's ends, its state, and what either side sent since the last."""

    time_ns: int
    first: SentPacket
    is_inbound: bool
    state: str
    rule: str
    sent: tuple[int, int] = (0, 0)
    received: tuple[int, int] = (0, 0)


def write_nsg_flow_log(
    dialogues: tuple[Dialogue, ...], firewall: Firewall, host: Host, chance: Stream
) -> bytes:
    """The log of the security group at a machine's interface. Of protocols it knows TCP and UDP."""
    tuples = [
        item
        for item in collect_tuples(dialogues, firewall, host)
        if item.first.protocol in (Protocol.TCP, Protocol.UDP)
    ]
    ids = chance.child("nsg")
    system, subscription = _uuid(ids), _uuid(ids)
    group = f"{host.name.upper()}-NSG"
    records = [
        {
            "time": _time(minute),
            "systemId": system,
            "macAddress": _mac(host),
            "category": "NetworkSecurityGroupFlowEvent",
            "resourceId": f"/SUBSCRIPTIONS/{subscription.upper()}/RESOURCEGROUPS/PROD/PROVIDERS/"
            f"MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/{group}",
            "operationName": "NetworkSecurityGroupFlowEvents",
            "properties": {
                "Version": 2,
                "flows": [
                    {
                        "rule": rule,
                        "flows": [{"mac": _mac(host), "flowTuples": [_nsg_tuple(item) for item in items]}],
                    }
                    for rule, items in _by_rule(inside).items()
                ],
            },
        }
        for minute, inside in _by_minute(tuples).items()
    ]
    return _encode(records)


def write_vnet_flow_log(
    dialogues: tuple[Dialogue, ...], firewall: Firewall, host: Host, chance: Stream
) -> bytes:
    """The log of the virtual network at the same interface, with milliseconds and every protocol."""
    tuples = collect_tuples(dialogues, firewall, host)
    ids = chance.child("vnet")
    guid, acl, subscription = _uuid(ids), _uuid(ids), _uuid(ids)
    network = f"/subscriptions/{subscription}/resourceGroups/prod/providers/Microsoft.Network/virtualNetworks"
    records = [
        {
            "time": _time(minute),
            "flowLogVersion": 4,
            "flowLogGUID": guid,
            "macAddress": _mac(host),
            "category": "FlowLogFlowEvent",
            "flowLogResourceID": f"/SUBSCRIPTIONS/{subscription.upper()}/RESOURCEGROUPS/NETWORKWATCHERRG/PROVIDERS/"
            "MICROSOFT.NETWORK/NETWORKWATCHERS/NETWORKWATCHER/FLOWLOGS/VNET-FLOWLOG",
            "targetResourceID": f"{network}/vnet-prod",
            "operationName": "FlowLogFlowEvent",
            "flowRecords": {
                "flows": [
                    {
                        "aclID": acl,
                        "flowGroups": [
                            {"rule": rule, "flowTuples": [_vnet_tuple(item) for item in items]}
                            for rule, items in _by_rule(inside).items()
                        ],
                    }
                ]
            },
        }
        for minute, inside in _by_minute(tuples).items()
    ]
    return _encode(records)


def collect_tuples(dialogues: tuple[Dialogue, ...], firewall: Firewall, host: Host) -> list[Tuple]:
    """All tuples about a machine, in order of time."""
    device = make_device(dialogues, firewall)
    tuples: list[Tuple] = []
    for dialogue in filter(crosses, dialogues):
        if host.ip not in (dialogue.client.host.ip, dialogue.server.host.ip):
            continue
        passage = device.follow(dialogue, TIMEOUTS)
        for session in passage.sessions:
            tuples.extend(_life(session, host))
        # A refusal is remembered: packets of the same five values are not told again within the minute.
        tuples.extend(
            Tuple(
                time_ns=seen.time_ns,
                first=seen.packet,
                is_inbound=seen.packet.dst.host.ip == host.ip,
                state=DENIED,
                rule=_rule(seen.packet, host, is_denied=True),
            )
            for seen in passage.denied[:1]
        )
    return sorted(tuples, key=lambda item: item.time_ns)


def _life(session: Session, host: Host) -> Iterator[Tuple]:
    """From B over a C each minute to E."""
    first = session.packets[0].packet
    is_inbound, rule = first.dst.host.ip == host.ip, _rule(first, host, is_denied=False)
    yield Tuple(time_ns=session.start_ns, first=first, is_inbound=is_inbound, state=BEGAN, rule=rule)
    told_ns = session.start_ns - 1
    ticks = range(session.start_ns + MINUTE_NS, session.end_ns, MINUTE_NS)
    for moment_ns, state in (*((tick, GOES_ON) for tick in ticks), (session.end_ns, ENDED)):
        part = [seen.packet for seen in session.packets if told_ns < seen.time_ns <= moment_ns]
        told_ns = moment_ns
        if state == GOES_ON and not part:
            continue
        sent, received = (
            _sizes([packet for packet in part if (packet.src == session.client) is side])
            for side in (True, False)
        )
        yield Tuple(
            time_ns=moment_ns,
            first=first,
            is_inbound=is_inbound,
            state=state,
            rule=rule,
            sent=sent,
            received=received,
        )


def _sizes(packets: list[SentPacket]) -> tuple[int, int]:
    return sum(packet.copies for packet in packets), sum(
        packet.copies * packet.ip_bytes for packet in packets
    )


def _rule(first: SentPacket, host: Host, *, is_denied: bool) -> str:
    is_inbound = first.dst.host.ip == host.ip
    peer = first.src.host if is_inbound else first.dst.host
    if is_denied:
        return f"DefaultRule_DenyAll{'InBound' if is_inbound else 'OutBound'}"
    if peer.zone is not Zone.OUTSIDE:
        return f"DefaultRule_AllowVnet{'InBound' if is_inbound else 'OutBound'}"
    return f"UserRule_allow-in-{first.dst.port}" if is_inbound else "DefaultRule_AllowInternetOutBound"


def _nsg_tuple(item: Tuple) -> str:
    first = item.first
    is_denied = item.state == DENIED
    counts = ["", "", "", ""] if item.state in (BEGAN, DENIED) else _counts(item)
    columns = (
        *(str(item.time_ns // NS_PER_S), first.src.host.ip, first.dst.host.ip),
        *(str(first.src.port), str(first.dst.port), "T" if first.protocol is Protocol.TCP else "U"),
        *("I" if item.is_inbound else "O", "D" if is_denied else "A", BEGAN if is_denied else item.state),
        *counts,
    )
    return ",".join(columns)


def _vnet_tuple(item: Tuple) -> str:
    first = item.first
    ports = (0, 0) if first.protocol is Protocol.ICMP else (first.src.port, first.dst.port)
    columns = (
        *(str(item.time_ns // NS_PER_MS), first.src.host.ip, first.dst.host.ip, str(ports[0]), str(ports[1])),
        *(str(protocol_number(first)), "I" if item.is_inbound else "O", item.state, "NX", *_counts(item)),
    )
    return ",".join(columns)


def _counts(item: Tuple) -> list[str]:
    return [str(number) for number in (*item.sent, *item.received)]


def _by_minute(tuples: list[Tuple]) -> dict[int, list[Tuple]]:
    minutes: dict[int, list[Tuple]] = {}
    for item in tuples:
        minutes.setdefault(item.time_ns // MINUTE_NS, []).append(item)
    return minutes


def _by_rule(tuples: list[Tuple]) -> dict[str, list[Tuple]]:
    rules: dict[str, list[Tuple]] = {}
    for item in tuples:
        rules.setdefault(item.rule, []).append(item)
    return rules


def _time(minute: int) -> str:
    """The end of the minute that a record is about, when it is written."""
    return f"{to_datetime((minute + 1) * MINUTE_NS):%Y-%m-%dT%H:%M:%S}.0000000Z"


def _mac(host: Host) -> str:
    return host.mac.hex().upper()


def _uuid(chance: Stream) -> str:
    text = chance.take(16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _encode(records: list[dict[str, Any]]) -> bytes:
    return (json.dumps({"records": records}, indent=1) + "\n").encode()
