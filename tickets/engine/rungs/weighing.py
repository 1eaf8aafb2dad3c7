"""How much the rungs below the first weigh: agreement adds a little, and a contradiction costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..types import Protocol
from .case import Clue

CEILING = 0.99
FLOOR = 0.6
AGREEMENT = 0.02
# What a contradiction costs. A source port is easily chosen, so a port is a weak witness.
COSTS = {"port.service": 0.05, "port.ftp_data": 0.05, "port.range": 0.0, "port.lower": 0.0, "packet.first": 0.0, "peers.fan_in": 0.0,
         "device.flow_order": 0.0, "flow.earlier": 0.05, "flow.order": 0.0, "sensor.flow_start": 0.0, "earlier.conversation": 0.05}  # fmt: skip
COST = 0.10
# A handshake shows its originator. No message without one is worth more than a handshake that its use contradicts.
HANDSHAKE = frozenset({"tcp.syn", "tcp.syn_acknowledged", "tcp.syn_ack"})
SPOKEN = frozenset({"application.role", "application.agreement", "application.banner"})
USE_COST = 0.02
SPOKEN_CEILING = 0.95
# A tunnel that was dialled from within (SOCKS in reverse) carries requests against its opening, and once its beginning is
# lost nothing but the ports hints at it.
TURNED_CEILING = 0.88


def weigh(clues: Sequence[Clue], protocol: Protocol) -> float:
    """Return the winner's confidence after what the other rungs say for and against it."""
    winner = clues[0]
    against = {clue.rule for clue in clues if clue.side != winner.side} - _explained(winner, protocol)
    cost = _cost(winner.rule, against)
    confidence = winner.confidence - cost
    if not cost and any(clue.side == winner.side and clue.rule not in COSTS for clue in clues[1:]):
        confidence = max(confidence, min(confidence + AGREEMENT, CEILING))
    if protocol is Protocol.TCP and winner.rule in SPOKEN:
        confidence = min(confidence, TURNED_CEILING if "port.range" in against else SPOKEN_CEILING)
    return round(max(confidence, min(FLOOR, winner.confidence)), 2)


def _explained(winner: Clue, protocol: Protocol) -> frozenset[str]:
    """A flow record calls the sender of the first datagram the originator. Where a packet elsewhere says why that side
    would send first, this is no contradiction: a request that announced it (TFTP: RFC 1350, 4), or the packet that an
    ICMP error is about (RFC 792)."""
    is_announced = winner.rule == "control.announced" and protocol is Protocol.UDP
    return frozenset({"device.flow"}) if is_announced or winner.rule == "icmp.error" else frozenset()


def _cost(winner: str, against: Iterable[str]) -> float:
    """What is spoken over a connection, and its ports, may run against its opening (a reverse shell, a tunnel, a scan
    from port 80): that is a finding about its use, and hardly bears on who sent the SYN."""
    costs = {rule: COSTS.get(rule, COST) for rule in against}
    if winner not in HANDSHAKE:
        return sum(costs.values())
    aside = SPOKEN | {"port.service"}
    used_otherwise = USE_COST if any(rule in aside for rule in costs) else 0.0
    return used_otherwise + sum(cost for rule, cost in costs.items() if rule not in aside)
