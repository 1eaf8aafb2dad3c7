"""Community ID version 1: one name for both directions of a conversation, the same in every tool."""

from __future__ import annotations

import base64
import hashlib

from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.addresses import is_ipv6, pack_ip

NUMBERS = {Protocol.TCP: 6, Protocol.UDP: 17, Protocol.ICMP: 1}
ICMP6 = 58
# Messages that ask and those that answer; every other message goes one way and keeps its order.
ICMP_PAIRS = frozenset({(8, 0), (13, 14), (15, 16), (17, 18), (10, 9)})
ICMP6_PAIRS = frozenset({(128, 129), (133, 134), (135, 136), (130, 131), (139, 140), (144, 145)})


def compute_community_id(protocol: Protocol, one: Endpoint, other: Endpoint) -> str:
    """Seed 0; the smaller address and port first (community-id-spec, version 1)."""
    ends = [(pack_ip(end.ip), end.port.to_bytes(2, "big")) for end in (one, other)]
    if not _goes_one_way(protocol, one, other):
        ends.sort()
    (low_ip, low_port), (high_ip, high_port) = ends
    number = ICMP6 if protocol is Protocol.ICMP and is_ipv6(one.ip) else NUMBERS[protocol]
    text = b"\x00\x00" + low_ip + high_ip + bytes([number, 0]) + low_port + high_port
    digest = hashlib.sha1(text, usedforsecurity=False).digest()
    return "1:" + base64.b64encode(digest).decode()


def _goes_one_way(protocol: Protocol, one: Endpoint, other: Endpoint) -> bool:
    pairs = ICMP6_PAIRS if is_ipv6(one.ip) else ICMP_PAIRS
    kinds = (one.port, other.port)
    return protocol is Protocol.ICMP and kinds not in pairs and kinds[::-1] not in pairs
