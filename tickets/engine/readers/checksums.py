"""Checksums, which are noted and never believed over the rest.

A wrong checksum is told beside its packet and as `c` in the history, and no rung or outcome rests on it. A sender's
own capture is full of checksums that the network card computes only after the packet was captured. What stands in
their place is known, and is no wrong checksum: nothing, or the sum of the pseudo header, for the card to go on from.
"""

from __future__ import annotations

from .layers import IpHeader

ONES = 0xFFFF
ICMP4, TCP, UDP = 1, 6, 17
CHECKSUM_AT = {TCP: 16, UDP: 6}
ICMP_CHECKSUM_AT = 2


def sums_up(data: bytes, more: int = 0) -> bool:
    """RFC 1071: with the checksum in its place the words add up to all ones, which is 0 modulo 65535."""
    padded = data if len(data) % 2 == 0 else data + b"\0"
    return (int.from_bytes(padded, "big") + more) % ONES == 0


def has_bad_checksum(data: bytes, ip: IpHeader, end: int) -> bool:
    """Is the checksum of the IPv4 header or of the segment, datagram or message wrong? What was not captured whole, a
    fragment, and what has no checksum yet, or none (RFC 768), cannot be wrong.

    The pseudo header (RFC 9293, 3.1; RFC 8200, 8.1) has the addresses, the length and the protocol."""
    if ip.has_bad_checksum:
        return True
    if ip.end > end or ip.fragment is not None or not ip.addresses:
        return False
    segment = data[ip.at : ip.end]
    at = CHECKSUM_AT.get(ip.protocol, ICMP_CHECKSUM_AT)
    written = int.from_bytes(segment[at : at + 2], "big")
    pseudo = int.from_bytes(ip.addresses, "big") + ip.protocol + len(segment) if ip.protocol != ICMP4 else 0
    return written != 0 and not sums_up(segment, pseudo) and not is_pseudo_sum(written, pseudo)


def is_pseudo_sum(written: int, pseudo: int) -> bool:
    """Is it the pseudo header's sum that was written, not yet inverted, for the card to go on from?"""
    return pseudo > 0 and (written - pseudo) % ONES == 0
