"""Who talks with whom: group addresses, endpoints with many peers, the same two before."""

from __future__ import annotations

from collections.abc import Iterator

from ..traffic import is_group
from ..types import Protocol
from .case import MANY_PEERS, Case, Clue, first_record


def multicast_sender(case: Case) -> Iterator[Clue]:
    """RFC 1112, 6.1: a group address is never a source."""
    for side in (0, 1):
        if is_group(case.ends[side].ip) and not case.traffic.sides[side].packets:
            first = case.traffic.sides[1 - side].first
            records = (first,) if first else first_record(case)
            yield case.clue("multicast.sender", 1 - side, 0.95, records, group=case.ends[side].ip)
            return


def fan_in(case: Case) -> Iterator[Clue]:
    """One endpoint talks with several others of this evidence and its peer does not. Clients of UDP that always send from
    one port (NTP, Teredo) have many peers too: measured in logs without an order, 4 of 16 were right."""
    counts = [len(case.scene.peers.get(end, ())) for end in case.ends]
    if (counts[0] >= MANY_PEERS) == (counts[1] >= MANY_PEERS):
        return
    server = 0 if counts[0] >= MANY_PEERS else 1
    facts = {"endpoint": str(case.ends[server]), "peers": f"At least {MANY_PEERS}"}
    confidence = 0.6 if case.traffic.protocol is Protocol.UDP else 0.8
    yield case.clue("peers.fan_in", 1 - server, confidence, first_record(case), **facts)


def earlier_conversation(case: Case) -> Iterator[Clue]:
    """The same two endpoints talked before, and a proof says who opened that."""
    earlier = case.scene.earlier.get((case.traffic.protocol, frozenset(case.ends)))
    if earlier is not None:
        orig = next(end for end in case.ends if str(end) == earlier.facts["orig"])
        yield from case.clue_of("earlier.conversation", orig, 0.88, earlier.records, rule=earlier.rule)
