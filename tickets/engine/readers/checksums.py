"""Checksums, which are noted and never believed over the rest.

A sender's own capture is full of wrong ones: the network card computes them after the packet was captured. So a
wrong checksum is told beside its packet, and no rung or outcome rests on it.
"""

from __future__ import annotations

from .layers import IpHeader

ONES = 0xFFFF
ICMP4 = 1
UDP, UDP_CHECKSUM = 17, 6


def sums_up(data: bytes, more: int = 0) -> bool:
    """RFC 1071: with the checksum in its place the words add up to all ones, which is 0 modulo 65535."""
    padded = data if len(data) % 2 == 0 else data + b"\0"
    return (int.from_bytes(padded, "big") + more) % ONES == 0


def has_bad_checksum(data: bytes, ip: IpHeader, end: int) -> bool:
    """Is the checksum of the IPv4 header or of the segment, datagram or message wrong? What was not captured whole, a
    fragment, and a datagram without a checksum (RFC 768) cannot be wrong.

    The pseudo header (RFC 9293, 3.1; RFC 8200, 8.1) has the addresses, the length and the protocol."""
    if ip.has_bad_checksum:
        return True
    if ip.end > end or ip.fragment is not None or not ip.addresses:
        return False
    if ip.protocol == UDP and data[ip.at + UDP_CHECKSUM : ip.at + UDP_CHECKSUM + 2] == b"\0\0":
        return False
    segment = data[ip.at : ip.end]
    if ip.protocol == ICMP4:
        return not sums_up(segment)
    pseudo = int.from_bytes(ip.addresses, "big") + ip.protocol + len(segment)
    return not sums_up(segment, pseudo)
