"""Community ID: one short text for a conversation, the same from every sensor and in both directions.

Version 1 of https://github.com/corelight/community-id-spec with its default seed. Zeek and Suricata print it.
"""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from hashlib import sha1
from ipaddress import ip_address
from struct import pack

from .types import Endpoint, Protocol

SEED = 0
NUMBERS = {Protocol.TCP: 6, Protocol.UDP: 17}
ICMP4, ICMP6 = 1, 58


def community_id_of(protocol: Protocol, src: Endpoint, dst: Endpoint) -> str:
    """Return the id of a conversation between two ends; "" where an end has no address (a host's own log).

    The lower end is hashed first, so the order of the ends does not matter. ICMP's messages that have no
    counterpart go one way only: their code stands where the answer's type would, and they keep their order.
    """
    try:
        first, second = _packed(src.ip), _packed(dst.ip)
    except ValueError:
        return ""
    ports = src.port, dst.port
    if _is_both_ways(protocol, len(first), ports) and (second, ports[1]) < (first, ports[0]):
        first, second, ports = second, first, ports[::-1]
    number = NUMBERS.get(protocol, ICMP4 if len(first) == 4 else ICMP6)
    hashed = pack(">H", SEED) + first + second + pack(">BBHH", number, 0, *ports)
    digest = sha1(hashed, usedforsecurity=False).digest()
    return "1:" + b64encode(digest).decode("ascii")


@lru_cache(maxsize=65536)
def _packed(ip: str) -> bytes:
    return ip_address(ip).packed


def _is_both_ways(protocol: Protocol, address_bytes: int, ports: tuple[int, int]) -> bool:
    if protocol is not Protocol.ICMP:
        return True
    pairs = ICMP4_PAIRS if address_bytes == 4 else ICMP6_PAIRS
    return ports in pairs or ports[::-1] in pairs


# Request and reply types, as Zeek pairs them (the specification follows Zeek).
ICMP4_PAIRS = frozenset({(8, 0), (13, 14), (15, 16), (17, 18), (10, 9)})
ICMP6_PAIRS = frozenset({(128, 129), (130, 131), (133, 134), (135, 136), (139, 140), (144, 145)})
