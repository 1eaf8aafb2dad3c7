"""A conversation inside a tunnel, or captured on another kind of link, is the one that it is without: the same originator, outcome,
state and history, and the tunnel is kept as its layers. Read in bulk, as captures are."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from tests.traffic import (
    NOON,
    UDP,
    Dialogue,
    datagram,
    ethernet,
    frames_of,
    ip_packet,
    pcap,
    tcp,
    udp,
)
from tickets.engine import Conversation, Outcome, examine

MACS = bytes(12)
SNAP = b"\xaa\xaa\x03\0\0\0\x08\0"
GTP = struct.Struct(">BBHI")
Wrap = Callable[[bytes], bytes]


def story() -> list[Dialogue]:
    """One that stood and was closed, one that was refused, one that nobody answered, and a question with its answer."""
    web = tcp("10.0.0.1:3932", "203.0.113.80:80").handshake().says(b"GET / HTTP/1.1\r\n\r\n")
    question = b"\0\7\1\0\0\1" + bytes(6) + b"\7example\3net\0\0\1\0\1"
    return [
        web.answers(b"HTTP/1.1 200 OK\r\n\r\n").close(),
        tcp("198.51.100.7:80", "10.0.0.1:3389", 50_000).syn().reset(),
        tcp("198.51.100.7:40001", "10.0.0.1:445", 60_000).syn(),
        udp("10.0.0.1:5353", "10.0.0.53:53", 70_000)
        .says(question)
        .answers(question[:2] + b"\x81\x80" + question[4:]),
    ]


def over(protocol: int, data: bytes, ends: tuple[str, str] = ("192.0.2.1", "192.0.2.2")) -> bytes:
    return ethernet(ip_packet(protocol, *ends, data))


def in_udp(port: int, data: bytes) -> bytes:
    return over(UDP, datagram(50000, port, data))


TUNNELS: dict[str, tuple[Wrap, tuple[str, ...]]] = {
    "VLAN": (lambda ip: MACS + b"\x81\0\0\x14\x08\0" + ip, ("vlan:20",)),
    "QinQ": (lambda ip: MACS + b"\x88\xa8\0\x0a\x81\0\0\x14\x08\0" + ip, ("vlan:10", "vlan:20")),
    "MPLS": (lambda ip: MACS + b"\x88\x47\0\x01\x01\x40" + ip, ("mpls:16",)),
    "PPPoE": (lambda ip: MACS + b"\x88\x64\x11\0\0\x01" + struct.pack(">H", len(ip) + 2) + b"\0\x21" + ip, ("pppoe",)),
    "GRE": (lambda ip: over(47, b"\0\0\x08\0" + ip), ("gre",)),
    "4in4": (lambda ip: over(4, ip), ("ipip",)),
    "4in6": (lambda ip: over(4, ip, ("2001:db8::a", "2001:db8::b")), ("4in6",)),
    "VXLAN": (lambda ip: in_udp(4789, b"\x08\0\0\0\0\0\x07\0" + ethernet(ip)), ("vxlan:7",)),
    "GTP": (lambda ip: in_udp(2152, GTP.pack(0x30, 255, len(ip), 7) + ip), ("gtp:7",)),
    "GRE in VLAN": (lambda ip: MACS + b"\x81\0\0\x14\x08\0" + ip_packet(47, "192.0.2.1", "192.0.2.2", b"\0\0\x08\0" + ip), ("vlan:20", "gre")),
}  # fmt: skip
LINKS: dict[str, tuple[int, Wrap]] = {
    "null": (0, lambda ip: struct.pack("<I", 2) + ip),
    "raw": (101, lambda ip: ip),
    "raw IPv4": (228, lambda ip: ip),
    "802.11": (105, lambda ip: b"\x08\x01" + bytes(22) + SNAP + ip),
    "SLL": (113, lambda ip: bytes(14) + b"\x08\0" + ip),
    "radiotap": (
        127,
        lambda ip: struct.pack("<BBHI", 0, 0, 8, 0) + b"\x08\x01" + bytes(22) + SNAP + ip,
    ),
    "SLL2": (276, lambda ip: b"\x08\0" + bytes(18) + ip),
}


def capture(link: int, wrap: Wrap, parts: list[Dialogue]) -> bytes:
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for frame in frames_of(*parts):
        data = wrap(frame.data)
        seconds, rest = divmod(frame.at_us, 1_000_000)
        out.append(struct.pack("<IIII", NOON + seconds, rest, len(data), len(data)) + data)
    return b"".join(out)


def verdicts(data: bytes) -> dict[tuple[str, ...], Conversation]:
    return {tuple(map(str, item.endpoints)): item for item in examine([("x.pcap", data)]).conversations}


def facts(item: Conversation) -> tuple[object, ...]:
    basis = item.basis.rule if item.basis else ""
    counted = item.orig_packets, item.resp_packets, item.orig_bytes, item.resp_bytes
    return (
        item.orig,
        item.outcome,
        item.conn_state,
        item.history,
        item.service,
        item.confidence,
        basis,
        counted,
    )


BARE = verdicts(pcap(*story()))


def test_the_story_has_one_of_each_outcome() -> None:
    assert sorted(item.outcome for item in BARE.values()) == sorted(
        [Outcome.ESTABLISHED, Outcome.ESTABLISHED, Outcome.REFUSED, Outcome.UNANSWERED]
    )


@pytest.mark.parametrize("name", TUNNELS)
def test_a_tunnel_changes_nothing_but_the_layers(name: str) -> None:
    wrap, layers = TUNNELS[name]
    found = verdicts(capture(1, wrap, story()))
    for ends, bare in BARE.items():
        assert facts(found[ends]) == facts(bare)
        assert found[ends].layers == layers


@pytest.mark.parametrize("name", LINKS)
def test_a_link_changes_nothing(name: str) -> None:
    link, wrap = LINKS[name]
    found = verdicts(capture(link, wrap, story()))
    assert {ends: facts(item) for ends, item in found.items()} == {
        ends: facts(item) for ends, item in BARE.items()
    }


def test_teredo_carries_a_conversation_over_ipv6() -> None:
    web = tcp("[2001:db8::1]:3932", "[2001:db8::2]:80").handshake().says(b"GET / HTTP/1.1\r\n\r\n").close()
    (bare,) = verdicts(pcap(web)).values()
    found = verdicts(capture(1, lambda ip: in_udp(3544, ip), [web]))
    assert len(found) == 2  # and the conversation that carries it
    item = found[tuple(map(str, bare.endpoints))]
    assert (facts(item), item.layers) == (facts(bare), ("teredo",))
    raw = verdicts(capture(229, bytes, [web]))
    assert [facts(item) for item in raw.values()] == [facts(bare)]
