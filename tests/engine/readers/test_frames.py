"""What wraps IP is peeled, and what a header claims is never believed beyond the bytes that are there."""

from __future__ import annotations

import struct

import pytest

from tests.traffic import UDP, Frame, datagram, ethernet, icmp, ip_packet, packets, pcap, tcp, udp
from tickets.engine.readers import read_evidence
from tickets.engine.readers.fragments import Fragments
from tickets.engine.readers.frames import decode_frame
from tickets.engine.types import Endpoint, Location, Packet, Problem, Protocol, QuotedPacket, TcpFlags

PACKET = tcp("10.0.0.1:3932", "203.0.113.80:80").syn().frames[0].data
PACKET6 = tcp("[2001:db8::1]:3932", "[2001:db8::2]:80").syn().frames[0].data
ENDS = (Endpoint("10.0.0.1", 3932), Endpoint("203.0.113.80", 80))
ENDS6 = (Endpoint("2001:db8::1", 3932), Endpoint("2001:db8::2", 80))
MACS = bytes(12)
SNAP = b"\xaa\xaa\x03\0\0\0\x08\0"


CAPWAP = struct.pack(">IHH", 2 << 19 | 1 << 9, 0, 0)
CAPWAP_RADIO = struct.pack(">IHH", 2 << 19 | 1 << 9 | 0x100, 0, 0)
RADIO = b"\x08\x01" + bytes(22)
SNAP = b"\xaa\xaa\x03\0\0\0\x08\0"


def decode(data: bytes, linktype: int = 1) -> tuple[list[Packet], list[str]]:
    problems: list[Problem] = []
    found = decode_frame(Location("x.pcap", 1), 0, linktype, data, len(data), problems, Fragments())
    return found, [problem.problem for problem in problems]


def ends_of(packet: Packet) -> tuple[Endpoint, Endpoint]:
    return packet.src, packet.dst


def in_udp(port: int, data: bytes) -> bytes:
    return ethernet(ip_packet(UDP, "192.0.2.1", "192.0.2.2", datagram(50000, port, data)))


def in_gre(kind: int, data: bytes, flags: int = 0, words: bytes = b"") -> bytes:
    return ethernet(ip_packet(47, "192.0.2.1", "192.0.2.2", struct.pack(">HH", flags, kind) + words + data))


@pytest.mark.parametrize(
    ("linktype", "frame"),
    [
        (0, struct.pack("<I", 2) + PACKET),
        (0, struct.pack(">I", 2) + PACKET),
        (1, ethernet(PACKET)),
        (1, MACS + struct.pack(">H", len(PACKET) + 8) + SNAP + PACKET),
        (9, b"\xff\x03\x00\x21" + PACKET),
        (9, b"\x21" + PACKET),
        (12, PACKET),
        (14, PACKET),
        (50, b"\x00\x21" + PACKET),
        (101, PACKET),
        (104, b"\x0f\x00\x08\x00" + PACKET),
        (105, b"\x08\x01" + bytes(22) + SNAP + PACKET),
        (105, b"\x88\x01" + bytes(22) + b"\0\0" + SNAP + PACKET),
        (105, b"\x08\x03" + bytes(28) + SNAP + PACKET),
        (108, struct.pack(">I", 2) + PACKET),
        (113, bytes(14) + b"\x08\x00" + PACKET),
        (127, struct.pack("<BBHI", 0, 0, 8, 0) + b"\x08\x01" + bytes(22) + SNAP + PACKET),
        (228, PACKET),
        (239, bytes(4) + struct.pack("<HHI", 8, 1, 0) + struct.pack("<HH", len(PACKET) + 4, 9) + PACKET),
        (276, b"\x08\x00" + bytes(18) + PACKET),
        (6, b"\x10\x40" + bytes(12) + SNAP + PACKET),
        (6, b"\x10\x40" + bytes(6) + b"\x80" + bytes(5) + b"\x06" + bytes(5) + SNAP + PACKET),
        (10, b"\x50" + bytes(12) + SNAP + PACKET),
        (51, b"\x11\0\0\x01\0\x2a\0\x21" + PACKET),
        (100, SNAP + PACKET),
        (100, b"\x06\x06\x03" + PACKET),
        (107, b"\x18\x41\x03\xcc" + PACKET),
        (107, b"\x18\x41\x03\0\x80\0\0\0\x08\0" + PACKET),
        (107, b"\x18\x41\x08\0" + PACKET),
        (109, bytes(12) + PACKET),
        (117, b"\x3d\x02" + bytes(62) + PACKET),
        (119, struct.pack("<II", 0x44, 144) + bytes(136) + b"\x08\x01" + bytes(22) + SNAP + PACKET),
        (119, struct.pack(">II", 0x44, 144) + bytes(136) + b"\x08\x01" + bytes(22) + SNAP + PACKET),
        (119, struct.pack(">II", 0x80211001, 64) + bytes(56) + b"\x08\x01" + bytes(22) + SNAP + PACKET),
        (163, struct.pack(">II", 0x80211001, 64) + bytes(56) + b"\x08\x01" + bytes(22) + SNAP + PACKET),
        (166, b"\x01\x03\x00\x21" + PACKET),
        (204, b"\x01\xff\x03\x00\x21" + PACKET),
        (204, b"\x00\x00\x21" + PACKET),
        (205, b"\x01\x0f\x00\x08\x00" + PACKET),
        (226, bytes(24) + PACKET),
        (240, bytes(4) + ethernet(PACKET)),
        (192, struct.pack("<BBHI", 0, 0, 12, 1) + bytes(4) + ethernet(PACKET)),
        (
            127,
            struct.pack("<BBHIQB", 0, 0, 17, 3, 7, 0x20) + b"\x88\x01" + bytes(24) + b"\0\0" + SNAP + PACKET,
        ),
        (
            127,
            struct.pack("<BBHIIB", 0, 0, 13, 0x80000002, 0, 0x10) + b"\x08\x01" + bytes(22) + SNAP + PACKET,
        ),
    ],
)
def test_every_link_type_leads_to_the_same_packet(linktype: int, frame: bytes) -> None:
    found, problems = decode(frame, linktype)
    assert ([ends_of(packet) for packet in found], problems) == ([ENDS], [])


def test_raw_ipv6_has_a_link_type_of_its_own() -> None:
    assert [ends_of(packet) for packet in decode(PACKET6, 229)[0]] == [ENDS6]


@pytest.mark.parametrize(
    ("frame", "layers"),
    [
        (MACS + b"\x81\0\0\x14\x08\0" + PACKET, ("vlan:20",)),
        (MACS + b"\x88\xa8\0\x0a\x81\0\0\x14\x08\0" + PACKET, ("vlan:10", "vlan:20")),
        (MACS + b"\x88\x47\0\x01\0\x40\0\x01\x11\x40" + PACKET, ("mpls:16", "mpls:17")),
        (MACS + b"\x88\x47\0\x01\x01\x40" + bytes(4) + ethernet(PACKET), ("mpls:16",)),
        (MACS + b"\x88\x64\x11\0\0\x01\0\x2a\0\x21" + PACKET, ("pppoe",)),
        (MACS + b"\x88\xe7\0\0\0\x07" + ethernet(PACKET), ("pbb:7",)),
        (MACS + b"\x89\x4f\x0f\xc2\x01\x01" + bytes(4) + PACKET, ("nsh",)),
        (ethernet(ip_packet(4, "192.0.2.1", "192.0.2.2", PACKET)), ("ipip",)),
        (ethernet(ip_packet(97, "192.0.2.1", "192.0.2.2", b"\x30\0" + ethernet(PACKET))), ("etherip",)),
        (in_gre(0x0800, PACKET), ("gre",)),
        (in_gre(0x0800, PACKET, 0xB000, bytes(12)), ("gre",)),
        (in_gre(0x6558, ethernet(PACKET)), ("gre",)),
        (in_gre(0x88BE, bytes(8) + ethernet(PACKET), 0x1000, bytes(4)), ("gre",)),
        (in_gre(0x88BE, ethernet(PACKET)), ("gre",)),
        (in_gre(0x22EB, bytes(12) + ethernet(PACKET), 0x1000, bytes(4)), ("gre",)),
        (in_gre(0x880B, b"\xff\x03\0\x21" + PACKET, 0x2001, bytes(4)), ("gre",)),
    ],
)
def test_what_wraps_ip_is_peeled_and_kept_as_layers(frame: bytes, layers: tuple[str, ...]) -> None:
    found, problems = decode(frame)
    assert ([ends_of(packet) for packet in found], problems) == ([ENDS], [])
    assert found[0].layers == layers


@pytest.mark.parametrize(
    ("frame", "layer", "ends"),
    [
        (in_udp(4789, b"\x08\0\0\0\0\0\x07\0" + ethernet(PACKET)), "vxlan:7", ENDS),
        (in_udp(6081, b"\x01\0\x65\x58\0\0\x07\0" + bytes(4) + ethernet(PACKET)), "geneve:7", ENDS),
        (in_udp(4790, b"\x08\0\0\x01\0\0\x07\0" + PACKET), "vxlan:7", ENDS),
        (in_udp(4790, b"\x0c\0\0\x03\0\0\x07\0" + ethernet(PACKET)), "vxlan:7", ENDS),
        (in_udp(6635, b"\0\x01\x01\x40" + PACKET), "mpls:16", ENDS),
        (in_udp(4341, bytes(8) + PACKET6), "lisp", ENDS6),
        (in_udp(2152, struct.pack(">BBHI", 0x30, 255, len(PACKET), 7) + PACKET), "gtp:7", ENDS),
        (in_udp(40000, struct.pack(">BBHI", 0x30, 255, len(PACKET), 7) + PACKET), "gtp:7", ENDS),
        (
            in_udp(2152, struct.pack(">BBHI", 0x32, 255, len(PACKET) + 4, 7) + bytes(4) + PACKET),
            "gtp:7",
            ENDS,
        ),
        (in_udp(3544, PACKET6), "teredo", ENDS6),
        (in_udp(3544, b"\0\x01\0\0" + bytes(9) + b"\0\0" + bytes(6) + PACKET6), "teredo", ENDS6),
        (in_udp(1701, struct.pack(">HHHHBB", 0x4002, 0, 1, 1, 255, 3) + b"\0\x21" + PACKET), "l2tp", ENDS),
        (in_udp(1701, struct.pack(">HHI", 3, 0, 9) + ethernet(PACKET)), "l2tpv3:9", ENDS),
        (in_udp(5247, CAPWAP + ethernet(PACKET)), "capwap", ENDS),
        (in_udp(5247, CAPWAP_RADIO + RADIO + SNAP + PACKET), "capwap", ENDS),
        (in_udp(5247, CAPWAP_RADIO + RADIO[1::-1] + RADIO[2:] + SNAP + PACKET), "capwap", ENDS),
        (in_udp(5072, b"\x44\x52\x11\x29" + bytes(4) + bytes(36) + PACKET6), "ayiya", ENDS6),
    ],
)
def test_a_tunnel_over_udp_gives_its_own_packet_and_the_one_inside(
    frame: bytes, layer: str, ends: tuple[Endpoint, Endpoint]
) -> None:
    outer, inside = decode(frame)[0]
    assert (outer.protocol, outer.src, outer.layers) == (Protocol.UDP, Endpoint("192.0.2.1", 50000), ())
    assert (ends_of(inside), inside.layers, inside.location) == (ends, (layer,), outer.location)


@pytest.mark.parametrize(
    "payload",
    [
        struct.pack(">IHH", 1 << 24 | 2 << 19, 0, 0) + bytes(60),  # DTLS
        struct.pack(">IHH", 2 << 19 | 1 << 9 | 0x08, 0, 0) + bytes(20),  # a keep-alive
        struct.pack(">IHH", 2 << 19 | 1 << 9 | 0x80, 7, 100 << 3)
        + ethernet(PACKET),  # not the first fragment
    ],
)
def test_what_capwap_does_not_show_stays_a_datagram(payload: bytes) -> None:
    found, problems = decode(in_udp(5247, payload))
    assert ([packet.protocol for packet in found], problems) == ([Protocol.UDP], [])


@pytest.mark.parametrize("cookie", [b"", bytes(4), b"\xc0\x01\xd0\x0d" * 2, b"\x45" * 12])
@pytest.mark.parametrize(
    ("link", "ends"),
    [
        (ethernet(PACKET), ENDS),
        (ethernet(PACKET)[:12] + b"\x81\0\0\x14\x08\0" + PACKET, ENDS),
        (b"\xff\x03\0\x57" + PACKET6, ENDS6),
    ],
)
def test_l2tpv3_is_opened_whatever_was_agreed_on_before_the_frame(
    cookie: bytes, link: bytes, ends: tuple[Endpoint, Endpoint]
) -> None:
    (found,), problems = decode(
        ethernet(ip_packet(115, "192.0.2.1", "192.0.2.2", b"\0\0\0\x09" + cookie + link))
    )
    assert (ends_of(found), found.layers[0], problems) == (ends, "l2tpv3:9", [])


def test_l2tpv3_without_a_packet_inside_is_no_packet() -> None:
    for body in (bytes(60), b"\0\0\0\x09" + bytes(60), b"\0\0\0\x09", b"\0"):
        assert decode(ethernet(ip_packet(115, "192.0.2.1", "192.0.2.2", body))) == ([], [])


@pytest.mark.parametrize(
    ("protocol", "src", "inner", "layer"),
    [
        (4, "192.0.2.1", PACKET, "ipip"),
        (4, "2001:db8::9", PACKET, "4in6"),
        (41, "192.0.2.1", PACKET6, "6in4"),
        (41, "2001:db8::9", PACKET6, "6in6"),
    ],
)
def test_ip_in_ip_says_which_is_in_which(protocol: int, src: str, inner: bytes, layer: str) -> None:
    dst = "2001:db8::8" if ":" in src else "192.0.2.2"
    (found,), problems = decode(ethernet(ip_packet(protocol, src, dst, inner)))
    assert (found.layers, ends_of(found), problems) == ((layer,), ENDS if inner is PACKET else ENDS6, [])


def test_a_port_alone_makes_no_tunnel() -> None:
    found, problems = decode(in_udp(4789, b"\x08 is what this text happens to begin with, no more"))
    assert (len(found), problems) == (1, [])
    assert found[0].layers == ()


def test_frames_of_other_protocols_are_no_packets_and_no_problem() -> None:
    assert decode(MACS + b"\x08\x06" + bytes(28)) == ([], [])
    assert decode(b"\x80\x00" + bytes(40), 105) == ([], [])


def test_an_unknown_link_type_is_named() -> None:
    assert decode(PACKET, 147) == ([], ["link type 147 is not known"])


@pytest.mark.parametrize("length", [10, 20, 33, 40])
def test_a_header_that_is_cut_is_a_problem(length: int) -> None:
    assert decode(ethernet(PACKET)[:length]) == ([], ["a header is cut short"])


def test_an_ip_header_that_cannot_be_is_a_problem() -> None:
    assert decode(ethernet(b"\x41" + PACKET[1:]))[1] == ["an IPv4 header is not possible"]
    assert decode(MACS + b"\x86\xdd\x50" + PACKET6[1:])[1] == ["an IPv6 header is not possible"]


def test_layers_inside_one_another_have_an_end() -> None:
    found, problems = decode(MACS + b"\x81\0\0\x01" * 20 + b"\x08\0" + PACKET)
    assert (found, problems) == ([], ["more than 16 layers inside one another"])


def test_padding_after_the_ip_packet_is_no_payload() -> None:
    (packet,) = decode(ethernet(PACKET) + bytes(6))[0]
    assert (packet.payload, packet.payload_bytes) == (b"", 0)


def test_a_short_snap_length_leaves_the_length_of_the_payload() -> None:
    frame = ethernet(tcp("10.0.0.1:1", "10.0.0.2:80").says(b"x" * 500).frames[0].data)
    (packet,) = decode(frame[:100])[0]
    assert (len(packet.payload), packet.payload_bytes) == (46, 500)


def test_ip_options_and_extension_headers_are_passed() -> None:
    head = struct.pack(">BBHHHBBH", 0x46, 0, 44, 1, 0, 64, 6, 0) + PACKET[12:20] + b"\x94\x04\0\0"
    assert ends_of(decode(ethernet(head + PACKET[20:]))[0][0]) == ENDS
    chain = struct.pack(">IHBB", 6 << 28, 8 + 8 + 20, 0, 64) + PACKET6[8:40]
    chain += b"\x2c\0" + bytes(6) + b"\x06\0\0\0" + bytes(4) + PACKET6[40:]
    assert ends_of(decode(ethernet(chain))[0][0]) == ENDS6


def test_only_the_first_fragment_is_a_packet() -> None:
    first = PACKET[:6] + b"\x20\x00" + PACKET[8:]
    later = PACKET[:6] + b"\x00\x03" + PACKET[8:]
    assert len(decode(ethernet(first))[0]) == 1
    assert decode(ethernet(later)) == ([], [])
    fragment6 = (
        struct.pack(">IHBB", 6 << 28, 8 + 20, 44, 64)
        + PACKET6[8:40]
        + b"\x06\0\0\x08"
        + bytes(4)
        + PACKET6[40:]
    )
    assert decode(ethernet(fragment6)) == ([], [])


def test_icmp_has_types_for_ports() -> None:
    request, reply, other = packets(
        icmp("10.0.0.1", "10.0.0.2").message(8).message(0, from_server=True).message(5, 1)
    )
    assert (request.src.port, request.dst.port) == (8, 0)
    assert (reply.src.port, reply.dst.port) == (0, 8)
    assert (other.src.port, other.dst.port, other.icmp_code) == (5, 1, 1)
    (echo,) = packets(icmp("2001:db8::1", "2001:db8::2").message(128))
    assert (echo.src.port, echo.dst.port) == (128, 129)


@pytest.mark.parametrize("size", [28, 60])
def test_an_icmp_error_names_the_packet_that_it_quotes(size: int) -> None:
    quoted = udp("10.0.0.1:5000", "10.0.0.2:53").says(b"hello" * 8).frames[0].data
    (error,) = packets(icmp("10.0.0.2", "10.0.0.1").message(3, 3, quoted[:size]))
    assert error.quoted == QuotedPacket(
        protocol=Protocol.UDP,
        src=Endpoint("10.0.0.1", 5000),
        dst=Endpoint("10.0.0.2", 53),
        payload=quoted[28:size],
        payload_bytes=40,
    )


@pytest.mark.parametrize(("size", "flags"), [(24, None), (33, None), (34, TcpFlags.SYN), (40, TcpFlags.SYN)])
def test_a_quoted_segment_has_its_flags_where_the_quote_reaches_them(
    size: int, flags: TcpFlags | None
) -> None:
    (error,) = packets(icmp("10.0.0.2", "10.0.0.1").message(3, 1, PACKET[:size]))
    assert error.quoted is not None
    assert (error.quoted.src, error.quoted.dst, error.quoted.flags) == (*ENDS, flags)


@pytest.mark.parametrize("body", [b"", b"\x45" + bytes(10), b"\x75" + bytes(40)])
def test_an_icmp_error_that_quotes_nothing_is_read_all_the_same(body: bytes) -> None:
    (error,) = packets(icmp("10.0.0.2", "10.0.0.1").message(3, 1, body))
    assert error.quoted is None


def test_the_header_of_a_segment_is_kept() -> None:
    (packet,) = packets(tcp("10.0.0.1:3932", "203.0.113.80:80", isn=7).syn())
    assert (packet.flags, packet.seq, packet.ack, packet.window, packet.ttl) == (
        TcpFlags.SYN,
        7,
        0,
        64240,
        64,
    )


def test_problems_are_listed_up_to_a_bound() -> None:
    reading = read_evidence("x.pcap", pcap([Frame(0, b"\x41" + bytes(30))] * 1200))
    assert list(reading.records) == []
    assert len(reading.problems) == 1001
    assert str(reading.problems[-1]) == "x.pcap: packet 1001: further problems are not listed"
