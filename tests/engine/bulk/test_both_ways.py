"""A capture read in bulk, and read packet by packet, shows the same conversations."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.traffic import (
    ACK,
    NOON,
    RST,
    SYN,
    UDP,
    Frame,
    Icmp,
    Tcp,
    Udp,
    block,
    datagram,
    ethernet,
    frames_of,
    icmp,
    ip_packet,
    pcap,
    summed,
    tcp,
    udp,
)
from tickets.engine.bulk import frames as bulk_frames
from tickets.engine.bulk import records as bulk_records
from tickets.engine.conversations import converse
from tickets.engine.observing import Observed, observe
from tickets.engine.readers import read_evidence
from tickets.engine.rungs import ladder
from tickets.engine.types import Conversation, Problem

# A few ends, so that their conversations meet, follow one another and share what is known of an end.
HOSTS = st.sampled_from(["10.0.0.1", "10.0.0.2", "203.0.113.80", "[2001:db8::1]", "[2001:db8::2]"])
GROUPS = st.sampled_from(["224.0.0.251", "[ff02::fb]", "255.255.255.255"])
PORTS = st.sampled_from([21, 53, 80, 443, 5060, 40000, 40001])
PAYLOADS = st.sampled_from([
    b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + bytes(190),
    b"\x17\x03\x03\x00\x40" + bytes(64), b"\x17\x03\x03\x40\x00" + bytes(64), b"220 mail.example.net ESMTP\r\n", b"EHLO x\r\n",
    b"SSH-2.0-x\r\n", b"227 Entering (10,0,0,2,156,64)\r\n", b"port 10,0,0,1,156,64\r\n", b"\0\7\1\0\0\1" + bytes(6),
    b"\0\7\x81\x80\0\1\0\1" + bytes(20), b"\x30\xff\0\x1c" + bytes(32), b"\x60\0\0\0\0\0\x3b\1\xfe\x80" + bytes(30),
    b"INVITE sip:b@example.net SIP/2.0\r\n\r\nv=0\r\nc=IN IP4 10.0.0.1\r\nm=audio 40000 RTP/AVP 0\r\n", b"\x80" * 30, b"x", bytes(1400),
])  # fmt: skip
WORDS = (
    "syn",
    "syn_ack",
    "wrong_syn_ack",
    "ack",
    "back",
    "fin",
    "fin_back",
    "reset",
    "says",
    "answers",
    "again",
    "wait",
    "long",
    "odd",
    "other",
)


@st.composite
def tcp_dialogues(draw: st.DrawFn, client: str, server: str, at_us: int) -> Tcp:
    talk = tcp(client, server, at_us, isn=draw(st.sampled_from([1000, 0xFFFFFFF0])))
    for word in draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14)):
        talk.next = {side: number & 0xFFFFFFFF for side, number in talk.next.items()}
        if word in ("says", "answers"):
            getattr(talk, word)(draw(PAYLOADS))
        elif word in ("wait", "long"):
            talk.wait(20 if word == "wait" else 301)
        elif word == "again" and talk.frames:
            talk.frames.append(talk.frames[-1]._replace(at_us=talk.now_us))
        elif word == "odd":
            talk.segment(draw(st.integers(0, 255)), from_server=draw(st.booleans()))
        elif word == "other":
            talk.next[False] += draw(st.sampled_from([5, 90_000, 1 << 27]))
        elif word in SIMPLE:
            SIMPLE[word](talk)
    return talk


SIMPLE: dict[str, Callable[[Tcp], object]] = {
    "syn": Tcp.syn,
    "syn_ack": Tcp.syn_ack,
    "ack": Tcp.ack,
    "wrong_syn_ack": lambda talk: talk.segment(SYN | ACK, from_server=True, ack=77),
    "back": lambda talk: talk.ack(from_server=True),
    "fin": Tcp.fin,
    "fin_back": lambda talk: talk.fin(from_server=True),
    "reset": lambda talk: talk.segment(RST | ACK, from_server=True),
}


@st.composite
def udp_dialogues(draw: st.DrawFn, client: str, server: str, at_us: int) -> Udp:
    talk = udp(client, server, at_us)
    for word in draw(st.lists(st.sampled_from(["says", "answers", "wait"]), min_size=1, max_size=12)):
        if word == "wait":
            talk.wait(draw(st.sampled_from([1, 61])))
        else:
            getattr(talk, word)(draw(PAYLOADS))
    return talk


@st.composite
def icmp_dialogues(draw: st.DrawFn, client: str, server: str, at_us: int) -> Icmp:
    talk = icmp(client.rpartition(":")[0], server.rpartition(":")[0], at_us)
    kinds = st.sampled_from([0, 3, 8, 11, 13, 128, 129, 135, 136, 1, 200])
    for kind in draw(st.lists(kinds, min_size=1, max_size=5)):
        talk.message(kind, draw(st.integers(0, 3)), draw(QUOTES), from_server=draw(st.booleans()))
    return talk


QUOTES = st.sampled_from([
    b"", bytes(8),
    ip_packet(UDP, "10.0.0.1", "10.0.0.2", datagram(40000, 53, b"x" * 20)),
    ip_packet(6, "10.0.0.1", "203.0.113.80", struct.pack(">HHIIBBHHH", 40000, 80, 1000, 0, 5 << 4, SYN, 1, 0, 0)),
])  # fmt: skip


@st.composite
def dialogues(draw: st.DrawFn) -> Tcp | Udp | Icmp:
    client, server = draw(HOSTS), draw(st.one_of(HOSTS, HOSTS, HOSTS, GROUPS))
    if ("[" in client) != ("[" in server):
        server = client
    ends = f"{client}:{draw(PORTS)}", f"{server}:{draw(PORTS)}"
    at_us = draw(st.integers(0, 40)) * 17_000
    kind: st.SearchStrategy[Tcp | Udp | Icmp] = st.one_of(
        tcp_dialogues(*ends, at_us), udp_dialogues(*ends, at_us), icmp_dialogues(*ends, at_us)
    )
    return draw(kind)


# What may be around a packet, and what may befall a frame.


def tagged(packet: bytes) -> bytes:
    frame = ethernet(packet)
    return frame[:12] + b"\x81\x00\x20\x14" + frame[12:]


def tagged_twice(packet: bytes) -> bytes:
    frame = ethernet(packet)
    return frame[:12] + b"\x88\xa8\x00\x07\x81\x00\x00\x14" + frame[12:]


def tunnelled(packet: bytes) -> bytes:
    kind = b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"
    return ethernet(ip_packet(47, "10.0.0.1", "203.0.113.80", b"\0\0" + kind + packet))


def with_options(packet: bytes) -> bytes:
    if packet[0] != 0x45:
        return ethernet(packet)
    length = struct.pack(">H", len(packet) + 4)
    return ethernet(b"\x46" + packet[1:2] + length + packet[4:20] + b"\1\1\1\1" + packet[20:])


def with_extension(packet: bytes) -> bytes:
    if packet[0] >> 4 != 6:
        return ethernet(packet)
    length = struct.pack(">H", len(packet) - 40 + 8)
    return ethernet(packet[:4] + length + b"\x3c" + packet[7:40] + packet[6:7] + bytes(7) + packet[40:])


def fragment(packet: bytes) -> bytes:
    return ethernet(packet[:6] + b"\x20" + packet[7:])


def padded(packet: bytes) -> bytes:
    return ethernet(packet) + bytes(6)


def without_length(packet: bytes) -> bytes:
    at = 2 if packet[0] >> 4 == 4 else 4
    return ethernet(packet[:at] + b"\0\0" + packet[at + 2 :])


def cut(packet: bytes) -> bytes:
    return ethernet(packet)[:-5]


def cut_early(packet: bytes) -> bytes:
    return ethernet(packet)[:36]


def no_ip(_: bytes) -> bytes:
    return bytes(12) + b"\x08\x06" + bytes(28)


def spanning_tree(_: bytes) -> bytes:
    return bytes(12) + b"\x00\x26\x42\x42\x03" + bytes(35)


def unknown(packet: bytes) -> bytes:
    return bytes(12) + b"\x12\x34" + packet


def other_protocol(packet: bytes) -> bytes:
    return ethernet(packet[:9] + b"\x32" + packet[10:] if packet[0] == 0x45 else packet)


def with_checksums(packet: bytes) -> bytes:
    return ethernet(summed(packet))


def damaged(packet: bytes) -> bytes:
    whole = summed(packet)
    return ethernet(whole[:-1] + bytes([whole[-1] ^ 4]))


def damaged_head(packet: bytes) -> bytes:
    return ethernet(packet[:10] + b"\1\2" + packet[12:] if packet[0] == 0x45 else packet)


AROUND = (
    damaged, damaged_head, with_checksums, tagged, tagged_twice, tunnelled, with_options, with_extension, fragment, padded, without_length, cut, cut_early, no_ip,
    spanning_tree, unknown, other_protocol,
)  # fmt: skip


@st.composite
def captures(draw: st.DrawFn) -> list[tuple[int, bytes]]:
    """Frames with their times, mostly ordinary, some in strange clothes, some missed."""
    woven = frames_of(*draw(st.lists(dialogues(), min_size=1, max_size=5)))
    missed = draw(st.sets(st.integers(0, 70), max_size=4))
    woven = [frame for place, frame in enumerate(woven) if place not in missed]
    usual = draw(st.sampled_from([ethernet, with_checksums]))
    clothes = draw(st.lists(st.tuples(st.integers(0, 70), st.sampled_from(AROUND)), max_size=6))
    worn = {place % len(woven): around for place, around in clothes} if woven else {}
    return [(frame.at_us, worn.get(place, usual)(frame.data)) for place, frame in enumerate(woven)]


def as_pcap(found: list[tuple[int, bytes]], order: str = "<", *, nano: bool = False) -> bytes:
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, 1)]
    for at_us, data in found:
        seconds, rest = divmod(at_us, 1_000_000)
        fraction = rest * 1000 if nano else rest
        out.append(struct.pack(order + "IIII", NOON + seconds, fraction, len(data), len(data)) + data)
    return b"".join(out)


def as_pcapng(found: list[tuple[int, bytes]], order: str = "<") -> bytes:
    """Two interfaces, one of which counts in milliseconds, and now and then another kind of block."""
    out = [
        block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)),
        block(order, 1, struct.pack(order + "HHI", 1, 0, 262144)),
        block(order, 1, struct.pack(order + "HHI", 1, 0, 262144) + struct.pack(order + "HHB3x", 9, 1, 3)),
    ]
    for number, (at_us, data) in enumerate(found):
        interface = int(number % 7 == 3)
        ticks = (NOON * 1_000_000 + at_us) // (1000 if interface else 1)
        head = struct.pack(order + "IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
        out.append(block(order, 6, head + data))
        if number % 9 == 4:
            out.append(block(order, 5, bytes(16)))
        if number % 11 == 5:
            out.append(block(order, 3, struct.pack(order + "I", len(data)) + data))
    return b"".join(out)


@contextmanager
def small_blocks() -> Iterator[None]:
    """Make a few packets a block, and few bytes a lane."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(bulk_frames, "BLOCK_BYTES", 2048))
        stack.enter_context(patch.object(bulk_frames, "MAX_FRAMES", 4))
        stack.enter_context(patch.object(bulk_frames, "WORTH_WHILE", 1))
        stack.enter_context(patch.multiple(bulk_records, LANE_BYTES=300, SEARCHED_BYTES=200))
        yield


def one_by_one(*files: tuple[str, bytes]) -> tuple[list[Conversation], list[Problem]]:
    readings = [read_evidence(name, data) for name, data in files]
    records = [record for reading in readings for record in reading.records]
    return converse(records), [problem for reading in readings for problem in reading.problems]


def check(*files: tuple[str, bytes]) -> Observed:
    expected, problems = one_by_one(*files)
    observed = observe(files)
    assert [item.basis for item in observed.conversations] == [item.basis for item in expected]
    assert observed.conversations == expected
    assert observed.problems == problems
    return observed


@given(found=captures(), order=st.sampled_from("<>"), nano=st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_pcap_is_the_same_both_ways(found: list[tuple[int, bytes]], order: str, nano: bool) -> None:
    check(("x.pcap", as_pcap(found, order, nano=nano)))


@given(found=captures(), order=st.sampled_from("<>"))
@settings(max_examples=100, deadline=None)
def test_a_capture_of_many_blocks_is_the_same_both_ways(found: list[tuple[int, bytes]], order: str) -> None:
    with small_blocks():
        check(("x.pcap", as_pcap(found, order)))
        check(("x.pcapng", as_pcapng(found, order)))


@given(found=captures(), end=st.integers(1, 400), place=st.integers(0, 4000), value=st.integers(0, 255))
@settings(max_examples=75, deadline=None)
def test_a_damaged_capture_is_the_same_both_ways(
    found: list[tuple[int, bytes]], end: int, place: int, value: int
) -> None:
    for data in (as_pcap(found), as_pcapng(found)):
        damaged = bytearray(data)
        damaged[8 + place % (len(data) - 8)] = value
        for file in (data[: max(30, len(data) - end)], bytes(damaged)):
            with small_blocks():
                check(("x", file))


@given(one=captures(), other=captures())
@settings(max_examples=40, deadline=None)
def test_several_captures_are_laid_together_the_same_both_ways(
    one: list[tuple[int, bytes]], other: list[tuple[int, bytes]]
) -> None:
    check(("b.pcap", as_pcap(one)), ("a.pcapng", as_pcapng(other)))


@given(found=captures())
@settings(max_examples=60)
def test_an_empty_capture_beside_another_changes_nothing(found: list[tuple[int, bytes]]) -> None:
    alone = observe([("a.pcap", as_pcap(found))])
    assert observe([("a.pcap", as_pcap(found)), ("b.pcap", as_pcap([]))]).conversations == alone.conversations


def test_what_one_capture_holds_apart_stays_apart_beside_another() -> None:
    """A FIN, and SYNs after it, of a host that talks with itself: two connections, in whatever company."""
    ends = b"\x0a\x00\x00\x01" * 2 + b"\x00\x15\x00\x15"
    head = bytes(12) + b"\x08\x00\x45\x00\x00\x28\x00\x01\x00\x00\x40\x06\x00\x00" + ends

    def segment(seq: int, ack: int, flags: int) -> bytes:
        return head + struct.pack(">IIBBHI", seq, ack, 0x50, flags, 64240, 0)

    opening = [(1000 * number, segment(1000 + number, 0, 0x02)) for number in range(1, 5)]
    found = [(0, segment(1000, 5000, 0x11)), *opening, (5000, segment(5000, 1005, 0x12))]
    files = (("a.pcapng", as_pcapng(found)), ("b.pcap", as_pcap([(0, opening[0][1][:-5])])))
    assert len(check(files[0]).conversations) == 2
    assert check(*files).conversations == check(files[0]).conversations


@given(found=captures())
@settings(max_examples=60, deadline=None)
def test_a_rung_that_is_left_out_where_there_are_no_logs_has_nothing_to_say(
    found: list[tuple[int, bytes]],
) -> None:
    records = list(read_evidence("x", as_pcap(found)).records)
    with patch.object(ladder, "LADDERS_OF_PACKETS", ladder.LADDERS):
        expected = converse(records)
    assert converse(records) == expected


def test_a_log_joins_the_conversations_of_a_capture_that_was_read_in_bulk() -> None:
    log = b'Jan 05 2026 12:00:00: %ASA-4-106023: Deny tcp src a:10.0.0.1/3932 dst b:203.0.113.80/80 by access-group "x" [0x0]\n'
    talks = [tcp(f"10.0.0.1:{port}", "203.0.113.80:80").syn() for port in (3932, 3933)]
    observed = check(("x.pcap", pcap(*talks)), ("x.log", log))
    assert len(observed.conversations) == 2
    assert any(item.rule == "device.denied_packet" for item in observed.conversations[0].findings)


def test_link_types_without_ethernet_are_the_same_both_ways() -> None:
    talk = tcp("10.0.0.1:3932", "203.0.113.80:80").handshake().says(b"GET / HTTP/1.1\r\n\r\n").close()
    six = udp("[2001:db8::1]:5000", "[2001:db8::2]:53").says(b"\0\7\1\0\0\1" + bytes(6))
    for linktype in (12, 101, 228, 229, 105, 147):
        check(("x", pcap(talk, six, linktype=linktype)))


@pytest.mark.parametrize("linktype", [0, 108, 113, 276])
def test_link_types_with_a_short_header_are_the_same_both_ways(linktype: int) -> None:
    heads = {0: b"\2\0\0\0", 108: b"\0\0\0\2", 113: bytes(14) + b"\x08\x00", 276: b"\x08\x00" + bytes(18)}
    talk = tcp("10.0.0.1:3932", "203.0.113.80:80").handshake().says(b"GET / HTTP/1.1\r\n\r\n")
    frames = [Frame(frame.at_us, heads[linktype] + frame.data) for frame in talk.frames]
    observed = check(("x", pcap(frames, linktype=linktype)))
    assert len(observed.conversations) == 1


def test_a_scan_of_many_ports_and_a_busy_server_are_the_same_both_ways() -> None:
    scan = [tcp("10.0.0.9:50000", f"10.0.0.{host}:80", at_us=host).syn() for host in range(20, 60)]
    visits = [
        udp(f"10.0.0.{host}:40000", "10.0.0.1:9999", at_us=host).answers(b"x") for host in range(20, 60)
    ]
    error = icmp("10.0.0.20", "10.0.0.9", at_us=2_000_000).message(3, 3, scan[0].frames[0].data)
    observed = check(("x.pcap", pcap(*scan, *visits, error)))
    assert len(observed.conversations) == 81


def test_two_conversations_whose_keys_are_mixed_alike_stay_two() -> None:
    talks = [
        udp(f"10.0.0.1:{port}", "10.0.0.2:53", at_us=port).says(b"x").answers(b"y")
        for port in range(5000, 5040)
    ]
    with patch("tickets.engine.bulk.runs.MIX", [np.uint64(0)] * 2):
        observed = check(("x.pcap", pcap(*talks)))
    assert len(observed.conversations) == 40


def test_addresses_whose_numbers_are_mixed_alike_stay_apart() -> None:
    talks = [
        udp(f"[2001:db8::{host}]:5000", "[2001:db8::1]:53", at_us=host).says(b"x") for host in range(2, 40)
    ]
    with patch("tickets.engine.bulk.addresses.SPREAD", [np.uint64(0)] * 2):
        observed = check(("x.pcap", pcap(*talks)))
    assert len(observed.conversations) == 38
