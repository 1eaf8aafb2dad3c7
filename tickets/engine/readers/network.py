"""IPv4 and IPv6: addresses, options, extension headers, fragments."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address
from struct import Struct

from .checksums import sums_up
from .layers import IP_PROTOCOLS, Fragment, Frame, IpHeader, ethertype, link_type, ppp_protocol

IPV4 = Struct(">BBHHHBBH4s4s")
IPV6 = Struct(">IHBB16s16s")
# RFC 8200, 4.1; RFC 6275 (135), RFC 7401 (139), RFC 5533 (140). Authentication (51) counts words of four.
EXTENSIONS = frozenset({0, 43, 60, 135, 139, 140})
FRAGMENT, AUTHENTICATION = 44, 51
FRAGMENT_HEADER = Struct(">HI")
MORE_FRAGMENTS = 0x2000


@lru_cache(maxsize=65536)
def address_text(packed: bytes) -> str:
    """Return the canonical text of an address of 4 or 16 bytes (RFC 5952)."""
    if len(packed) == 4:
        return f"{packed[0]}.{packed[1]}.{packed[2]}.{packed[3]}"
    return str(IPv6Address(packed))


@link_type(228)
@ethertype(0x0800)
@ppp_protocol(0x21)
def ipv4(frame: Frame, data: bytes, at: int, end: int) -> None:
    header = read_ipv4(data, at, end)
    if header is None:
        frame.fault = "an IPv4 header is not possible"
    else:
        hand_on(frame, data, header, end)


@link_type(229)
@ethertype(0x86DD)
@ppp_protocol(0x57)
def ipv6(frame: Frame, data: bytes, at: int, end: int) -> None:
    header = read_ipv6(data, at, end)
    if header is None:
        frame.fault = "an IPv6 header is not possible"
    else:
        hand_on(frame, data, header, end)


def hand_on(frame: Frame, data: bytes, header: IpHeader, end: int) -> None:
    transport = IP_PROTOCOLS.get(header.protocol)
    if transport is None:
        return
    if header.fragment is None:
        transport(frame, data, header, min(end, header.end))
    else:
        frame.fragments.take(frame, data, header, header.fragment, min(end, header.end), transport)


def read_ip(data: bytes, at: int, end: int) -> IpHeader | None:
    """Read either version's header; None when it is neither."""
    return read_ipv4(data, at, end) if data[at] >> 4 == 4 else read_ipv6(data, at, end)


def read_ipv4(data: bytes, at: int, end: int) -> IpHeader | None:
    """RFC 791. A total length of 0 is a segment that the network card was yet to cut; a checksum of 0, one that it
    was yet to compute."""
    version, _, length, ident, place, ttl, protocol, checksum, src, dst = IPV4.unpack_from(data, at)
    header = 4 * (version & 0x0F)
    if version >> 4 != 4 or header < 20 or 0 < length < header:
        return None
    length = length or end - at
    return IpHeader(
        protocol,
        address_text(src),
        address_text(dst),
        at + header,
        at + length,
        ttl,
        length,
        _fragment(8 * (place & 0x1FFF), bool(place & MORE_FRAGMENTS), ident),
        src + dst,
        checksum != 0 and not sums_up(data[at : at + header]),
    )


def read_ipv6(data: bytes, at: int, end: int) -> IpHeader | None:
    """RFC 8200. A payload length of 0 is a jumbogram, or a segment that was yet to be cut."""
    word, length, following, ttl, src, dst = IPV6.unpack_from(data, at)
    if word >> 28 != 6:
        return None
    start = at + 40
    stop = start + length if length else end
    protocol, start, fragment = _skip_extensions(data, following, start, stop)
    return IpHeader(
        protocol, address_text(src), address_text(dst), start, stop, ttl, stop - at, fragment, src + dst
    )


def _fragment(offset: int, more: bool, ident: int) -> Fragment | None:
    """One that is the first and the last at once is whole (RFC 6946)."""
    return Fragment(offset, ident) if offset or more else None


def _skip_extensions(data: bytes, following: int, at: int, end: int) -> tuple[int, int, Fragment | None]:
    fragment = None
    while at < end:
        if following in EXTENSIONS:
            length = 8 + 8 * data[at + 1]
        elif following == AUTHENTICATION:
            length = 8 + 4 * data[at + 1]
        elif following == FRAGMENT:
            length = 8
            place, ident = FRAGMENT_HEADER.unpack_from(data, at + 2)
            fragment = _fragment(place & 0xFFF8, bool(place & 1), ident)
            if place & 0xFFF8:
                return data[at], at + 8, fragment
        else:
            break
        following, at = data[at], at + length
    return following, at, fragment
