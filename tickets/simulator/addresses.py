"""Addresses as bytes, and the link addresses of groups."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, ip_address

EVERYONE = "255.255.255.255"


@lru_cache(maxsize=4096)
def pack_ip(ip: str) -> bytes:
    """Four or sixteen bytes."""
    return ip_address(ip).packed


def is_ipv6(ip: str) -> bool:
    return ":" in ip


@lru_cache(maxsize=4096)
def is_group(ip: str) -> bool:
    """A multicast address, or everyone on the link."""
    return ip == EVERYONE or ip_address(ip).is_multicast


def group_mac(ip: str) -> bytes:
    """The link address of a group: RFC 1112, 6.4; RFC 2464, 7; all ones for everyone."""
    if ip == EVERYONE:
        return b"\xff" * 6
    if isinstance(ip_address(ip), IPv4Address):
        low = int.from_bytes(pack_ip(ip)[1:], "big") & 0x7FFFFF
        return b"\x01\x00\x5e" + low.to_bytes(3, "big")
    return b"\x33\x33" + pack_ip(ip)[12:]
