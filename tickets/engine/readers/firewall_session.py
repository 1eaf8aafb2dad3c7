"""How a session that a stateful firewall let through went, from what it counted and how the session ended.

PAN-OS and FortiGate both write one line when a session ends. That it was allowed says nothing of the target: whether
anything came back does, and a single packet back that reset the session is the target's refusal (RFC 9293, 3.10.7.1).
"""

from __future__ import annotations

from ipaddress import ip_address

from ..types import Basis, Endpoint, Outcome, Protocol, Views
from .values import address, port

# Two segments of TCP are at least 80 bytes long (RFC 9293, 3.1; RFC 791, 3.1).
TWO_SEGMENTS = 80


def session_outcome(
    spoken: Protocol, resp: Endpoint, sent: int, received: int, *, was_reset_by_responder: bool
) -> Outcome | None:
    """Return the outcome by the packets of originator and responder; None where nothing was counted."""
    if not received:
        is_group = ip_address(resp.ip).is_multicast
        return None if not sent else Outcome.ONE_WAY if is_group else Outcome.UNANSWERED
    if spoken is Protocol.TCP and received == 1 and was_reset_by_responder:
        return Outcome.REFUSED
    return Outcome.ESTABLISHED


def count_packets(packets: int, size: int) -> int:
    """Return the packets, or where they are not written how many at least their bytes make: none, one or two."""
    return packets or (0 if not size else 1 if size < TWO_SEGMENTS else 2)


def denial_basis(spoken: Protocol, src: Endpoint) -> Basis:
    """What the originator of a denied packet rests on: TCP is looked up in the policy by its SYN. A datagram, or ICMP
    of a type that is not written (0), may be an answer whose session has ended."""
    is_asking = spoken is Protocol.TCP or (spoken is Protocol.ICMP and src.port > 0)
    return Basis.DENIED_PACKET if is_asking else Basis.FIRST_PACKET


def mapped_end(end: Endpoint, ip: str, number: str) -> Endpoint | None:
    """Return what an end was translated to, None where it was not. Port 0, or none, leaves the port as it is."""
    if not ip or ip_address(found := address(ip)).is_unspecified:
        return None
    return Endpoint(found, port(number or "0") or end.port)


def behind(src: Endpoint, dst: Endpoint, new_src: Endpoint | None, new_dst: Endpoint | None) -> Views:
    """Return how the session looks behind the firewall, where it translated an end."""
    view = (new_src or src, new_dst or dst)
    return () if view == (src, dst) else (view,)
