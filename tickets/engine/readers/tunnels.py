"""Tunnels: IP, or a whole Ethernet frame, inside IP or UDP."""

from __future__ import annotations

import struct

from .layers import (
    ETHERTYPES,
    PPP_PROTOCOLS,
    Frame,
    IpHeader,
    by_ethertype,
    ethertype,
    ip_by_version,
    ip_protocol,
    peel,
    udp_tunnel,
)
from .links import ppp, wireless
from .network import read_ipv4, read_ipv6

ETHERNET = 0x6558
NEXT_IN_NSH = {1: 0x0800, 2: 0x86DD, 3: ETHERNET, 5: 0x8847}
NEXT_IN_GPE = {1: 0x0800, 2: 0x86DD, 3: ETHERNET, 4: 0x894F}
TEREDO_AUTHENTICATION, TEREDO_ORIGIN = 1, 0


@ip_protocol(4)
def ipv4_inside(frame: Frame, data: bytes, ip: IpHeader, end: int) -> None:
    """RFC 2003 (and RFC 2473 when the outer one is IPv6)."""
    if peel(frame, "4in6" if ":" in ip.src else "ipip"):
        ETHERTYPES[0x0800](frame, data, ip.at, end)


@ip_protocol(41)
def ipv6_inside(frame: Frame, data: bytes, ip: IpHeader, end: int) -> None:
    """RFC 4213 (and RFC 2473 when the outer one is IPv6)."""
    if peel(frame, "6in6" if ":" in ip.src else "6in4"):
        ETHERTYPES[0x86DD](frame, data, ip.at, end)


@ip_protocol(137)
def mpls_inside(frame: Frame, data: bytes, ip: IpHeader, end: int) -> None:
    """RFC 4023."""
    ETHERTYPES[0x8847](frame, data, ip.at, end)


@ip_protocol(97)
def ethernet_inside(frame: Frame, data: bytes, ip: IpHeader, end: int) -> None:
    """RFC 3378 (EtherIP): two bytes of version before the frame."""
    if peel(frame, "etherip"):
        by_ethertype(frame, ETHERNET, data, ip.at + 2, end)


@ip_protocol(47)
def gre(frame: Frame, data: bytes, ip: IpHeader, end: int) -> None:
    """RFC 2784 and 2890; version 1 is PPTP's (RFC 2637). Routing (RFC 1701) is long dead."""
    at = ip.at
    flags, kind = struct.unpack_from(">HH", data, at)
    if not peel(frame, "gre"):
        return
    sequence = bool(flags & 0x1000)
    words = bool(flags & 0x8000) + bool(flags & 0x2000) + sequence + bool(flags & 0x0080)
    at += 4 + 4 * words
    if at >= end:
        return
    if kind == 0x88BE and sequence:  # without sequence number ERSPAN has no header: type I
        at += 8
    by_ethertype(frame, kind, data, at, end)


@ethertype(0x22EB)
def erspan_3(frame: Frame, data: bytes, at: int, end: int) -> None:
    """draft-foschiano-erspan: twelve bytes, and eight more when the last bit says so."""
    by_ethertype(frame, ETHERNET, data, at + 12 + (8 if data[at + 11] & 1 else 0), end)


@ethertype(0x88BE)
def erspan_2(frame: Frame, data: bytes, at: int, end: int) -> None:
    by_ethertype(frame, ETHERNET, data, at, end)


@ethertype(0x894F)
def service_header(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 8300 (NSH): length in words, and the next protocol."""
    layer = ETHERTYPES.get(NEXT_IN_NSH.get(data[at + 3], 0))
    length = 4 * (data[at + 1] & 0x3F)
    if layer is not None and length >= 8 and peel(frame, "nsh"):
        layer(frame, data, at + length, end)


@udp_tunnel(4789, 8472)
def vxlan(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 7348: the flag says that the network identifier is valid."""
    if data[at] & 0x08 and peel(frame, f"vxlan:{int.from_bytes(data[at + 4 : at + 7], 'big')}"):
        by_ethertype(frame, ETHERNET, data, at + 8, end)


@udp_tunnel(4790)
def vxlan_gpe(frame: Frame, data: bytes, at: int, end: int) -> None:
    """draft-ietf-nvo3-vxlan-gpe: as VXLAN, and the next protocol is named. Not all writers set the flag for that."""
    layer = ETHERTYPES.get(NEXT_IN_GPE.get(data[at + 3], 0))
    if layer is None or not data[at] & 0x08:
        return
    if peel(frame, f"vxlan:{int.from_bytes(data[at + 4 : at + 7], 'big')}"):
        layer(frame, data, at + 8, end)


@udp_tunnel(6635)
def mpls_over_udp(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 7510."""
    ETHERTYPES[0x8847](frame, data, at, end)


@udp_tunnel(4341)
def lisp(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 9300, 5: eight bytes, then the packet of the end systems."""
    if data[at + 8] >> 4 in (4, 6) and peel(frame, "lisp"):
        ip_by_version(frame, data, at + 8, end)


@udp_tunnel(6081)
def geneve(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 8926: options in words of four bytes, then what the type says."""
    (kind,) = struct.unpack_from(">H", data, at + 2)
    if data[at] >> 6 == 0 and peel(frame, f"geneve:{int.from_bytes(data[at + 4 : at + 7], 'big')}"):
        by_ethertype(frame, kind, data, at + 8 + 4 * (data[at] & 0x3F), end)


@udp_tunnel(2152)
def gtp_user(frame: Frame, data: bytes, at: int, end: int) -> None:
    """3GPP TS 29.281: version 1, message type 255 carries a user's packet; extension headers in words of four."""
    flags = data[at]
    if not is_gtp_user(data, at, end):
        return
    start = at + 8
    if flags & 0x07:
        following, start = data[start + 3], start + 4
        while flags & 0x04 and following:
            length = 4 * data[start]
            if not length:
                return
            following, start = data[start + length - 1], start + length
    if peel(frame, f"gtp:{struct.unpack_from('>I', data, at + 4)[0]}"):
        ip_by_version(frame, data, start, end)


def is_gtp_user(data: bytes, at: int, end: int) -> bool:
    """Only the exact length makes this safe to look for on any port."""
    if end - at < 28 or data[at] & 0xF0 != 0x30 or data[at + 1] != 0xFF:
        return False
    return int(struct.unpack_from(">H", data, at + 2)[0]) == end - at - 8


@udp_tunnel(3544)
def teredo(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 4380, 5.1.1: authentication and origin may come before the IPv6 packet."""
    if data[at : at + 2] == bytes((0, TEREDO_AUTHENTICATION)):
        at += 13 + data[at + 2] + data[at + 3]
    if data[at : at + 2] == bytes((0, TEREDO_ORIGIN)):
        at += 8
    if at < end and data[at] >> 4 == 6 and peel(frame, "teredo"):
        ETHERTYPES[0x86DD](frame, data, at, end)


def is_teredo(data: bytes, at: int, end: int) -> bool:
    """On any port, since a peer behind NAT has one: a whole IPv6 packet with a Teredo or link-local address."""
    if end - at < 40 or data[at] >> 4 != 6:
        return False
    exact = int(struct.unpack_from(">H", data, at + 4)[0]) == end - at - 40
    prefixes = (data[at + 8 : at + 12], data[at + 24 : at + 28])
    return exact and any(prefix in (b"\x20\x01\x00\x00", b"\xfe\x80\x00\x00") for prefix in prefixes)


@udp_tunnel(5072)
def ayiya(frame: Frame, data: bytes, at: int, end: int) -> None:
    """draft-massar-v6ops-ayiya: lengths of identity and signature, the operation, the next header."""
    identity, signature = 1 << (data[at] >> 4), 4 * (data[at + 1] >> 4)
    is_forward, following = data[at + 2] & 0x0F == 1, data[at + 3]
    if is_forward and following in (4, 41) and peel(frame, "ayiya"):
        ip_by_version(frame, data, at + 8 + identity + signature, end)


@udp_tunnel(1701)
def l2tp(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 2661: data messages carry PPP; length, sequence and offset are there when their bits are set."""
    (flags,) = struct.unpack_from(">H", data, at)
    if flags & 0x800F == 3:
        l2tp3_session(frame, data, at + 4, end)
    if flags & 0x8000 or flags & 0x0F != 2:
        return
    start = at + 6 + (2 if flags & 0x4000 else 0) + (4 if flags & 0x0800 else 0)
    if flags & 0x0200:
        start += 2 + int(struct.unpack_from(">H", data, start)[0])
    if data[start : start + 2] == b"\xff\x03":
        start += 2
    inside = PPP_PROTOCOLS.get(int(struct.unpack_from(">H", data, start)[0]))
    if inside is not None and peel(frame, "l2tp"):
        inside(frame, data, start + 2, end)


@ip_protocol(115)
def l2tp3(frame: Frame, data: bytes, ip: IpHeader, end: int) -> None:
    """RFC 3931, 4.1.1: straight over IP. Session 0 is control."""
    l2tp3_session(frame, data, ip.at, end)


def l2tp3_session(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 3931, 4.1: the session, then a cookie of none, four or eight bytes and perhaps a sublayer of four. Only the
    control connection says which, so the first place is taken where a whole packet begins behind its link's header."""
    session = int.from_bytes(data[at : at + 4], "big")
    for start in range(at + 4, min(at + 20, end - 22), 4):
        if not session:
            return
        if data[start : start + 2] == b"\xff\x03" and _begins_ip(data, start + 2, end):
            layer = ppp
        elif _begins_ip(data, start + 12, end):
            layer = ETHERTYPES[ETHERNET]
        else:
            continue
        if peel(frame, f"l2tpv3:{session}"):
            layer(frame, data, start, end)
        return


IP_WORDS = frozenset({b"\x08\x00", b"\x86\xdd", b"\x00\x21", b"\x00\x57"})


def _begins_ip(data: bytes, at: int, end: int) -> bool:
    """Do an EtherType or PPP's number, after a VLAN's tag or not, and a sound IP header stand here?"""
    at += 4 if data[at : at + 2] == b"\x81\x00" else 0
    if data[at : at + 2] not in IP_WORDS or end - at < 22:
        return False
    if data[at + 2] >> 4 == 4:
        header = read_ipv4(data, at + 2, end)
        is_summed = data[at + 12 : at + 14] != b"\0\0"
        return header is not None and (header.end == end or (is_summed and not header.has_bad_checksum))
    return end - at >= 42 and read_ipv6(data, at + 2, end) is not None


@udp_tunnel(5247)
def capwap(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 5415, 4.3: the header's length in words; T says that the frame is the radio's own (IEEE 802.11), not
    802.3. DTLS (preamble 1), keep-alives (K) and later fragments hold nothing that can be read."""
    word, offset = struct.unpack_from(">I2xH", data, at)
    start = at + 4 * (word >> 19 & 0x1F)
    if word >> 24 or start < at + 8 or word & 0x08 or offset >> 3 or not peel(frame, "capwap"):
        return
    if not word & 0x100:
        by_ethertype(frame, ETHERNET, data, start, end)
    elif word >> 9 & 0x1F == 1:
        if data[start] & 0x03:  # some controllers swap the two bytes of the frame's control field
            data = data[:start] + data[start : start + 2][::-1] + data[start + 2 :]
        wireless(frame, data, start, end)
