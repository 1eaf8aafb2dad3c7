"""Community ID version 1: one name for both directions of a conversation, the same in every tool."""

from __future__ import annotations

import base64
import hashlib

from tickets.engine.types import Endpoint, Protocol

NUMBERS = {Protocol.TCP: 6, Protocol.UDP: 17}


def compute_community_id(protocol: Protocol, one: Endpoint, other: Endpoint) -> str:
    """Seed 0; the smaller address and port first (community-id-spec, version 1; IPv4)."""
    (low_ip, low_port), (high_ip, high_port) = sorted(
        (bytes(int(part) for part in end.ip.split(".")), end.port.to_bytes(2, "big")) for end in (one, other)
    )
    text = b"\x00\x00" + low_ip + high_ip + bytes([NUMBERS[protocol], 0]) + low_port + high_port
    digest = hashlib.sha1(text, usedforsecurity=False).digest()
    return "1:" + base64.b64encode(digest).decode()
