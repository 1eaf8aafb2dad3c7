"""Relative sequence numbers, and the packets of a capture by number."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests import factories as make
from tests.traffic import pcapng, tcp
from tickets.engine import Numbered, RelativeNumbers
from tickets.engine.readers import read_payloads
from tickets.engine.types import Endpoint, Location, Packet, Protocol, TcpFlags

CLIENT, SERVER = Endpoint("10.20.30.40", 3932), Endpoint("203.0.113.80", 80)
SYN, ACK, SYN_ACK = TcpFlags.SYN, TcpFlags.ACK, TcpFlags.SYN | TcpFlags.ACK
Sent = tuple[Endpoint, TcpFlags, int, int]


def numbers_of(sent: Sequence[Sent], protocol: Protocol = Protocol.TCP) -> list[Numbered]:
    relative = RelativeNumbers()
    packets = [
        Packet(
            location=Location("capture.pcap", number),
            time_ns=number,
            protocol=protocol,
            src=src,
            dst=SERVER if src == CLIENT else CLIENT,
            wire_bytes=60,
            flags=flags,
            seq=seq,
            ack=ack,
        )
        for number, (src, flags, seq, ack) in enumerate(sent, start=1)
    ]
    return [relative.number(packet) for packet in packets]


def test_a_handshake_counts_from_nought() -> None:
    sent = [
        (CLIENT, SYN, 5000, 0),
        (SERVER, SYN_ACK, 9000, 5001),
        (CLIENT, ACK, 5001, 9001),
        (CLIENT, ACK, 5101, 9001),
    ]
    assert numbers_of(sent) == [(0, None), (0, 1), (1, 1), (101, 1)]


def test_a_repeated_syn_begins_nothing_new() -> None:
    sent = [
        (CLIENT, SYN, 5000, 0),
        (SERVER, SYN_ACK, 9000, 5001),
        (CLIENT, SYN, 5000, 0),
        (SERVER, ACK, 9101, 5001),
    ]
    assert numbers_of(sent)[2:] == [(0, None), (101, 1)]


def test_another_connection_of_the_same_ends_counts_anew() -> None:
    sent = [
        (CLIENT, SYN, 5000, 0),
        (SERVER, SYN_ACK, 9000, 5001),
        (CLIENT, SYN, 70000, 0),
        (SERVER, SYN_ACK, 100, 70001),
    ]
    assert numbers_of(sent)[2:] == [(0, None), (0, 1)]


def test_a_capture_that_begins_in_the_middle_counts_from_one() -> None:
    sent = [(SERVER, ACK, 9000, 5000), (CLIENT, ACK, 5000, 9100)]
    assert numbers_of(sent) == [(1, 1), (1, 101)]


def test_numbers_go_on_over_their_end() -> None:
    sent = [(CLIENT, SYN, 0xFFFFFFFF, 0), (CLIENT, ACK, 9, 1)]
    assert numbers_of(sent)[1][0] == 10


def test_what_is_no_tcp_has_no_numbers() -> None:
    assert numbers_of([(CLIENT, TcpFlags.NONE, 0, 0)], Protocol.UDP) == [Numbered(None, None)]


@pytest.mark.parametrize("wanted", [{4}, {4, 5}, set(), {99}])
def test_only_the_wanted_packets_of_a_capture_are_read(wanted: set[int]) -> None:
    packets = list(read_payloads("capture.pcap", make.make_capture(), wanted))
    assert [packet.location.number for packet in packets] == sorted(wanted - {99})


def test_a_pcapng_is_read_by_number_too() -> None:
    capture = pcapng(tcp("10.0.0.1:3932", "203.0.113.80:80").syn().syn_ack().ack().says(b"GET / HTTP/1.1"))
    assert [packet.payload for packet in read_payloads("capture.pcapng", capture, {2, 4})] == [
        b"",
        b"GET / HTTP/1.1",
    ]


def test_a_log_has_no_payloads() -> None:
    line = b"<134>Jan  5 12:00:00 fw %ASA-6-302013: Built inbound TCP connection 1 for outside:192.0.2.1/5 (192.0.2.1/5) to inside:10.0.0.1/80 (10.0.0.1/80)\n"
    assert list(read_payloads("firewall.log", line, {1})) == []
