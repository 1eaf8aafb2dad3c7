"""The order of the rungs, strongest first, and the decision that they lead to.

Each rung looks for one kind of evidence and yields what it says, if anything. The first rung that
speaks decides; the others are kept as corroboration or contradiction. Ports and order of arrival
stand last, never override, and never reach the confidence of a proof.

Confidences are shares that were right on real captures, rounded down.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..halves import accounts_of
from ..traffic import Spoken, Traffic
from ..types import Claim, Finding, Protocol
from .case import Case, Clue, Rung, Scene
from .guesses import flow_order, packet_first, port_ftp_data, port_lower, port_range, port_service
from .halves import (
    flow_answer,
    flow_answer_denied,
    flow_earlier,
    flow_order_of_halves,
    flow_reset_alone,
    flow_syn,
)
from .icmp import flow_icmp, icmp_error, icmp_message, icmp_quoted, icmp_quoted_request, icmp_request
from .peers import earlier_conversation, fan_in, multicast_sender
from .speech import application_role, control_announced
from .statements import (
    device_built,
    device_denied,
    device_flow,
    device_opening,
    device_reply,
    honeypot_session,
    host_login,
    sensor_application,
    sensor_beginning,
    sensor_flow_start,
    sensor_tracked,
    sensor_turned,
)
from .tcp import tcp_reply_alone, tcp_reset_alone, tcp_syn, tcp_syn_ack, tcp_without_ack
from .weighing import weigh

# Below this the answer is "cannot be determined".
BAR = 0.6
# For TCP ports come before the first packet, for UDP after it: so it was measured on real captures.
LADDERS: dict[Protocol, tuple[Rung, ...]] = {
    Protocol.TCP: (
        host_login,
        honeypot_session,
        tcp_syn,
        tcp_syn_ack,
        application_role,
        icmp_quoted_request,
        device_denied,
        device_opening,
        flow_syn,
        flow_answer,
        device_flow,
        device_built,
        flow_answer_denied,
        control_announced,
        sensor_beginning,
        sensor_turned,
        sensor_application,
        device_reply,
        tcp_reply_alone,
        tcp_reset_alone,
        flow_reset_alone,
        flow_earlier,
        tcp_without_ack,
        earlier_conversation,
        icmp_quoted,
        port_service,
        port_ftp_data,
        sensor_tracked,
        fan_in,
        port_range,
        sensor_flow_start,
        port_lower,
        flow_order_of_halves,
        flow_order,
        packet_first,
    ),
    Protocol.UDP: (
        host_login,
        honeypot_session,
        multicast_sender,
        application_role,
        icmp_quoted_request,
        device_denied,
        device_opening,
        device_built,
        control_announced,
        sensor_application,
        sensor_tracked,
        sensor_turned,
        device_reply,
        earlier_conversation,
        device_flow,
        flow_answer_denied,
        flow_earlier,
        port_service,
        icmp_quoted,
        packet_first,
        sensor_flow_start,
        flow_order_of_halves,
        flow_order,
        fan_in,
        port_range,
        port_lower,
    ),
    Protocol.ICMP: (
        icmp_request,
        flow_icmp,
        icmp_quoted_request,
        icmp_error,
        host_login,
        device_denied,
        device_opening,
        device_flow,
        device_built,
        device_reply,
        icmp_message,
        flow_order,
    ),
}
OF_LOGS = frozenset({
    host_login, honeypot_session, device_denied, device_opening, flow_syn, flow_answer, device_flow, device_built,
    flow_answer_denied, sensor_beginning, sensor_turned, sensor_application, sensor_tracked, device_reply, flow_reset_alone, flow_earlier,
    sensor_flow_start, flow_order_of_halves, flow_order, flow_icmp,
})  # fmt: skip
LADDERS_OF_PACKETS = {
    protocol: tuple(rung for rung in rungs if rung not in OF_LOGS) for protocol, rungs in LADDERS.items()
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Who opened it (None: cannot be determined), how sure, why, and what was spoken."""

    side: int | None
    confidence: float
    findings: tuple[Finding, ...]
    spoken: tuple[Spoken, ...]


def decide_originator(traffic: Traffic, scene: Scene) -> Decision:
    """Climb down the ladder and weigh what was found."""
    case = _case_of(traffic, scene)
    clues = [clue for rung in _ladder_for(traffic) for clue in rung(case)]
    named = tuple([item for item in case.spoken if item.role.service])
    if not clues or clues[0].confidence < BAR:
        return Decision(None, 0.0, tuple(_finding(clue, None) for clue in clues), named)
    winner = clues[0]
    _remember(case, winner)
    return Decision(
        winner.side,
        weigh(clues, traffic.protocol),
        tuple(_finding(clue, winner.side) for clue in clues),
        named,
    )


def find_basis(traffic: Traffic, scene: Scene) -> Finding | None:
    """Return the finding that decides who opened it, and look no further down the ladder."""
    case = _case_of(traffic, scene)
    winner = next((clue for rung in _ladder_for(traffic) for clue in rung(case)), None)
    return None if winner is None or winner.confidence < BAR else _finding(winner, winner.side)


def _case_of(traffic: Traffic, scene: Scene) -> Case:
    names = str(traffic.ends[0]), str(traffic.ends[1])
    return Case(traffic, scene, tuple(traffic.spoken), accounts_of(traffic), traffic.ends, names)


def _ladder_for(traffic: Traffic) -> tuple[Rung, ...]:
    """Rungs that only logs can speak on need not be asked where there are none."""
    return LADDERS[traffic.protocol] if traffic.logs else LADDERS_OF_PACKETS[traffic.protocol]


def _finding(clue: Clue, side: int | None) -> Finding:
    return Finding(
        rule=clue.rule,
        claim=Claim.ORIGINATOR,
        value=clue.facts["orig"],
        records=clue.records,
        facts=clue.facts,
        confidence=clue.confidence,
        supports=clue.side == side,
    )


def _remember(case: Case, winner: Clue) -> None:
    """Keep who opened it for a later conversation of the same endpoints, where a proof says so."""
    if winner.confidence >= 0.9:
        key = (case.traffic.protocol, frozenset(case.ends))
        case.scene.earlier.setdefault(key, winner)
