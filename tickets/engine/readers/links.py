"""Link layers: from the captured frame's first byte to where IP starts."""

from __future__ import annotations

import struct

from .layers import (
    PPP_PROTOCOLS,
    U16,
    U32,
    Frame,
    by_ethertype,
    ethertype,
    ip_by_version,
    link_type,
    peel,
    ppp_protocol,
)


@link_type(1)
@ethertype(0x6558)  # inside GRE (RFC 7637)
def ethernet(frame: Frame, data: bytes, at: int, end: int) -> None:
    """IEEE 802.3: a value below 0x0600 is a length, and LLC with SNAP may follow."""
    (kind,) = U16.unpack_from(data, at + 12)
    if kind < 0x0600:
        llc(frame, data, at + 14, end)
    else:
        by_ethertype(frame, kind, data, at + 14, end)


def llc(frame: Frame, data: bytes, at: int, end: int) -> None:
    """IEEE 802.2 with SNAP (RFC 1042). Other LLC users (spanning tree) carry no IP."""
    if data[at : at + 3] == b"\xaa\xaa\x03":
        by_ethertype(frame, U16.unpack_from(data, at + 6)[0], data, at + 8, end)


@ethertype(0x8100, 0x88A8, 0x9100)
def vlan(frame: Frame, data: bytes, at: int, end: int) -> None:
    """IEEE 802.1Q and 802.1ad: tag, then the type that follows."""
    tag, kind = struct.unpack_from(">HH", data, at)
    if not peel(frame, f"vlan:{tag & 0x0FFF}"):
        return
    if kind < 0x0600:
        llc(frame, data, at + 4, end)
    else:
        by_ethertype(frame, kind, data, at + 4, end)


@ethertype(0x88E7)
def provider_backbone(frame: Frame, data: bytes, at: int, end: int) -> None:
    """IEEE 802.1ah: a service tag of four bytes, then the customer's whole Ethernet frame."""
    if peel(frame, f"pbb:{U32.unpack_from(data, at)[0] & 0xFFFFFF}"):
        ethernet(frame, data, at + 4, end)


@ethertype(0x8847, 0x8848)
@ppp_protocol(0x281)
def mpls(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 3032: labels up to the bottom of the stack. What follows is told by its first nibble (RFC 4928)."""
    bottom = False
    while not bottom:
        (label,) = U32.unpack_from(data, at)
        if not peel(frame, f"mpls:{label >> 12}"):
            return
        bottom = bool(label & 0x100)
        at += 4
    nibble = data[at] >> 4
    if nibble in (4, 6):
        ip_by_version(frame, data, at, end)
    elif nibble == 0:  # RFC 4448: a pseudowire's control word
        ethernet(frame, data, at + 4, end)


@ethertype(0x8864)
def pppoe(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 2516: a session's frames carry PPP."""
    if data[at + 1] == 0 and peel(frame, "pppoe"):
        ppp(frame, data, at + 6, end)


@link_type(9, 50)
@ethertype(0x880B)
def ppp(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 1661 and RFC 1662: address and control bytes and the protocol's first byte may be left out."""
    if data[at : at + 2] == b"\xff\x03":
        at += 2
    if data[at] & 1:
        kind, at = data[at], at + 1
    else:
        kind, at = U16.unpack_from(data, at)[0], at + 2
    layer = PPP_PROTOCOLS.get(kind)
    if layer is not None:
        layer(frame, data, at, end)


@link_type(0, 108)
def loopback(frame: Frame, data: bytes, at: int, end: int) -> None:
    """BSD loopback: the address family in the byte order of the host that captured. All values of
    AF_INET6 in use differ from AF_INET, so the packet's own version is enough."""
    ip_by_version(frame, data, at + 4, end)


@link_type(113)
def linux_cooked(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_LINUX_SLL: 16 bytes, the last two are the type."""
    by_ethertype(frame, U16.unpack_from(data, at + 14)[0], data, at + 16, end)


@link_type(276)
def linux_cooked_2(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_LINUX_SLL2: 20 bytes, the first two are the type."""
    by_ethertype(frame, U16.unpack_from(data, at)[0], data, at + 20, end)


@link_type(104)
def cisco_hdlc(frame: Frame, data: bytes, at: int, end: int) -> None:
    by_ethertype(frame, U16.unpack_from(data, at + 2)[0], data, at + 4, end)


@link_type(239)
def nflog(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_NFLOG: four bytes, then fields of (length, type, value); type 9 is the packet."""
    at += 4
    while at + 4 <= end:
        length, kind = struct.unpack_from("<HH", data, at)
        if kind == 9:
            ip_by_version(frame, data, at + 4, min(end, at + length))
            return
        at += max(4, (length + 3) // 4 * 4)


@link_type(127)
def radiotap(frame: Frame, data: bytes, at: int, end: int) -> None:
    """The header's length stands at byte 2, little endian whatever the host."""
    wireless(frame, data, at + struct.unpack_from("<H", data, at + 2)[0], end)


@link_type(105)
@ethertype(0x8200)  # inside GRE: Aruba's access points
def wireless(frame: Frame, data: bytes, at: int, end: int) -> None:
    """IEEE 802.11: data frames in the clear. Management and control frames and encrypted data hold no IP."""
    control, flags = data[at], data[at + 1]
    is_data = control & 0x0C == 0x08 and not control & 0x40
    if not is_data or flags & 0x40:
        return
    header = 24 + (6 if flags & 3 == 3 else 0)
    if not control & 0x80:
        llc(frame, data, at + header, end)
        return
    quality = data[at + header]
    header += 2 + (4 if flags & 0x80 else 0)
    if quality & 0x80:
        aggregated(frame, data, at + header, end)
    else:
        llc(frame, data, at + header, end)


def aggregated(frame: Frame, data: bytes, at: int, end: int) -> None:
    """IEEE 802.11n A-MSDU: subframes of two addresses, a length and LLC, each padded to four bytes."""
    layers = frame.layers
    while at + 14 < end:
        (length,) = U16.unpack_from(data, at + 12)
        frame.layers = layers
        llc(frame, data, at + 14, min(end, at + 14 + length))
        at += (14 + length + 3) // 4 * 4
