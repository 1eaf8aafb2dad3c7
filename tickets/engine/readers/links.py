"""Link layers: from the captured frame's first byte to where IP starts."""

from __future__ import annotations

import struct
from typing import Literal

from .layers import (
    LINK_TYPES,
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

ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")


@link_type(1)
@ethertype(0x6558)  # inside GRE (RFC 7637)
def ethernet(frame: Frame, data: bytes, at: int, end: int) -> None:
    """IEEE 802.3: a value below 0x0600 is a length, and LLC with SNAP may follow."""
    (kind,) = U16.unpack_from(data, at + 12)
    if kind < 0x0600:
        llc(frame, data, at + 14, end)
    else:
        by_ethertype(frame, kind, data, at + 14, end)


@link_type(100)
def llc(frame: Frame, data: bytes, at: int, end: int) -> None:
    """IEEE 802.2 with SNAP (RFC 1042, RFC 2684), or IP's own number (RFC 948). Other users carry no IP."""
    if data[at : at + 3] == b"\x06\x06\x03":
        ip_by_version(frame, data, at + 3, end)
    elif data[at : at + 3] == b"\xaa\xaa\x03":
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


@link_type(51)
def pppoe_alone(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_PPP_ETHER: a PPPoE session's frame without Ethernet before it."""
    pppoe(frame, data, at, end)


@link_type(166, 204)
def ppp_with_direction(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_PPP_PPPD and LINKTYPE_PPP_WITH_DIR: a byte says who sent it, in the place of the address byte or
    before it."""
    ppp(frame, data, at + 2 if data[at + 1] == 0x03 else at + 1, end)


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


@link_type(205)
def cisco_hdlc_with_direction(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_C_HDLC_WITH_DIR: a byte says who sent it."""
    cisco_hdlc(frame, data, at + 1, end)


@link_type(107)
def frame_relay(frame: Frame, data: bytes, at: int, end: int) -> None:
    """RFC 2427: an address of two to four bytes, the last with its lowest bit set, then control and NLPID. Cisco's
    own framing has an EtherType there."""
    address = next(size for size in (1, 2, 3, 4) if data[at + size - 1] & 1 or size == 4)
    at += address
    if data[at] != 0x03:
        by_ethertype(frame, U16.unpack_from(data, at)[0], data, at + 2, end)
        return
    at += 1 + (data[at + 1] == 0)
    if data[at] in (0xCC, 0x8E):
        ip_by_version(frame, data, at + 1, end)
    elif data[at] == 0x80:
        by_ethertype(frame, U16.unpack_from(data, at + 4)[0], data, at + 6, end)


@link_type(10)
def fddi(frame: Frame, data: bytes, at: int, end: int) -> None:
    """Frame control and two addresses, then LLC (RFC 1390)."""
    llc(frame, data, at + 13, end)


@link_type(6)
def token_ring(frame: Frame, data: bytes, at: int, end: int) -> None:
    """Access and frame control, two addresses, and a route when the source's first bit says so (RFC 1042)."""
    route = data[at + 14] & 0x1F if data[at + 8] & 0x80 else 0
    llc(frame, data, at + 14 + route, end)


@link_type(240)
def net_analyzer(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_NETANALYZER: four bytes, then Ethernet."""
    ethernet(frame, data, at + 4, end)


@link_type(117)
def packet_filter_log(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_PFLOG: the header's length in its first byte, without the padding to four bytes."""
    ip_by_version(frame, data, at + (data[at] + 3) // 4 * 4, end)


@link_type(109)
def encapsulated(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_ENC: what OpenBSD's IPsec took out of its envelope, after twelve bytes."""
    ip_by_version(frame, data, at + 12, end)


@link_type(226)
def solaris_ipnet(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_IPNET: 24 bytes of interface and zone."""
    ip_by_version(frame, data, at + 24, end)


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


@link_type(192)
def per_packet_information(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_PPI: length and the real link type, both little endian."""
    length, number = struct.unpack_from("<HI", data, at + 2)
    layer = LINK_TYPES.get(number)
    if layer is not None and length >= 8 and peel(frame, "ppi"):
        layer(frame, data, at + length, end)


@link_type(119)
def prism(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_IEEE802_11_PRISM: the length in the order of the host that captured; some drivers wrote AVS."""
    if data[at : at + 2] == b"\x80\x21":
        avs(frame, data, at, end)
        return
    length = min(int.from_bytes(data[at + 4 : at + 8], order) for order in ORDERS)
    wireless(frame, data, at + length, end)


@link_type(163)
def avs(frame: Frame, data: bytes, at: int, end: int) -> None:
    """LINKTYPE_IEEE802_11_AVS: a magic number and the header's length."""
    wireless(frame, data, at + U32.unpack_from(data, at + 4)[0], end)


@link_type(127)
def radiotap(frame: Frame, data: bytes, at: int, end: int) -> None:
    """The header's length stands at byte 2, little endian whatever the host. A flag says that the driver padded
    the frame's own header to four bytes."""
    length, present = struct.unpack_from("<HI", data, at + 2)
    wireless_data(frame, data, at + length, end, is_padded=_has_data_pad(data, at, present))


DATA_PAD = 0x20


def _has_data_pad(data: bytes, at: int, present: int) -> bool:
    """radiotap.org, fields: words of presence while bit 31 is set, the clock (eight bytes, aligned), the flags."""
    field = at + 8
    more = present
    while more & 0x80000000:
        more = struct.unpack_from("<I", data, field)[0]
        field += 4
    if not present & 2:
        return False
    if present & 1:
        field += -(field - at) % 8 + 8
    return bool(data[field] & DATA_PAD)


@link_type(105)
@ethertype(0x8200)  # inside GRE: Aruba's access points
def wireless(frame: Frame, data: bytes, at: int, end: int) -> None:
    """IEEE 802.11 without a word before it."""
    wireless_data(frame, data, at, end, is_padded=False)


def wireless_data(frame: Frame, data: bytes, at: int, end: int, *, is_padded: bool) -> None:
    """IEEE 802.11: data frames in the clear. Management and control frames and encrypted data hold no IP."""
    control, flags = data[at], data[at + 1]
    is_data = control & 0x0C == 0x08 and not control & 0x40
    if not is_data or flags & 0x40:
        return
    header = 24 + (6 if flags & 3 == 3 else 0)
    if not control & 0x80:
        llc(frame, data, at + (_padded(header) if is_padded else header), end)
        return
    quality = data[at + header]
    header += 2 + (4 if flags & 0x80 else 0)
    header = _padded(header) if is_padded else header
    if quality & 0x80:
        aggregated(frame, data, at + header, end)
    else:
        llc(frame, data, at + header, end)


def _padded(length: int) -> int:
    return (length + 3) // 4 * 4


def aggregated(frame: Frame, data: bytes, at: int, end: int) -> None:
    """IEEE 802.11n A-MSDU: subframes of two addresses, a length and LLC, each padded to four bytes."""
    layers = frame.layers
    while at + 14 < end:
        (length,) = U16.unpack_from(data, at + 12)
        frame.layers = layers
        llc(frame, data, at + 14, min(end, at + 14 + length))
        at += (14 + length + 3) // 4 * 4
