"""ICMP in logs that print a message's type and code where others print ports."""

from __future__ import annotations

from ..types import Endpoint
from .transport import COUNTERPARTS, ICMP4, ICMP6
from .values import BadRecord, address

# RFC 792 and 950; RFC 4443, 4861, 4620 and 6275.
REPLIES = {ICMP4: frozenset({0, 14, 16, 18}), ICMP6: frozenset({129, 136, 140, 145})}


def message_ends(src_ip: object, dst_ip: object, kind: object, code: object) -> tuple[Endpoint, Endpoint]:
    """Return the two ends as a capture's packet has them: the type, and the type that answers it (else the code)."""
    src, dst = address(src_ip), address(dst_ip)
    number = _octet(kind)
    return Endpoint(src, number), Endpoint(dst, COUNTERPARTS.get((_family(src), number), _octet(code)))


def is_reply(src: Endpoint) -> bool:
    """Does the message that this end sent answer another?"""
    return src.port in REPLIES[_family(src.ip)]


def _family(ip: str) -> int:
    return ICMP6 if ":" in ip else ICMP4


def _octet(value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < 256):
        raise BadRecord(f"{text[:60]!r} is not a type or code of ICMP")
    return int(text)
