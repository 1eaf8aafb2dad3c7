"""Later fragments belong to the conversation that the first one names; headers that are split are put together."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traffic import NOON, Frame, conversation, in_fragments, packed, pcap, tcp, udp
from tickets.engine.conversations import converse
from tickets.engine.readers import fragments, read_evidence
from tickets.engine.types import Conversation, Outcome

CLIENT, SERVER = "10.0.0.1:5000", "10.0.0.2:53"
CLIENT6, SERVER6 = "[2001:db8::1]:5000", "[2001:db8::2]:53"
QUERY = b"\x12\x34\x01\x00\x00\x01" + bytes(6)


def read(*packets: bytes, step_us: int = 1000) -> tuple[list[Conversation], list[str]]:
    reading = read_evidence(
        "x.pcap", pcap([Frame(number * step_us, data) for number, data in enumerate(packets)])
    )
    found = converse(reading.records)
    return found, [str(problem) for problem in reading.problems]


def datagram(length: int, client: str = CLIENT, server: str = SERVER) -> bytes:
    return udp(client, server).says(QUERY + bytes(length - len(QUERY) - 8)).frames[0].data


@pytest.mark.parametrize("ends", [(CLIENT, SERVER), (CLIENT6, SERVER6)])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_all_fragments_are_counted_to_one_conversation(ends: tuple[str, str], order: tuple[int, ...]) -> None:
    parts = in_fragments(datagram(1000, *ends), 400, 400, 200)
    (found,), problems = read(*(parts[number] for number in order))
    assert (str(found.orig), str(found.resp), problems) == (*ends, [])
    assert (found.orig_packets, found.orig_bytes, found.history) == (3, 992, "D")
    assert sorted(record.number for record in found.records) == [1, 2, 3]


def test_fragments_of_two_packets_do_not_mix() -> None:
    one, other = (
        in_fragments(datagram(80), 40, 40, ident=1),
        in_fragments(datagram(80, "10.0.0.1:6000"), 40, 40, ident=2),
    )
    found, problems = read(one[1], other[0], other[1], one[0])
    assert [(item.orig_packets, item.orig_bytes) for item in found] == [(2, 72), (2, 72)]
    assert problems == []


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_a_header_split_over_fragments_is_put_together(order: tuple[int, ...]) -> None:
    packet = tcp("10.0.0.1:3932", "203.0.113.80:80").syn().frames[0].data
    parts = in_fragments(packet, 8, 8, 4)
    (found,), problems = read(*(parts[number] for number in order))
    assert (str(found.orig), found.outcome, problems) == ("10.0.0.1:3932", Outcome.UNANSWERED, [])
    assert (found.orig_packets, found.orig_bytes, found.history) == (3, 0, "S")


def test_the_payload_behind_a_split_header_is_counted_once() -> None:
    packet = tcp("10.0.0.1:3932", "203.0.113.80:80").says(b"x" * 300).frames[0].data
    (found,), problems = read(*in_fragments(packet, 8, 112, 200))
    assert (found.orig_packets, found.orig_bytes, problems) == (3, 300, [])


@pytest.mark.parametrize("late", [0, 1])
def test_an_overlapping_fragment_is_noted_and_not_believed(late: int) -> None:
    """A second first fragment with other ports is an old trick to slip past a filter."""
    honest = in_fragments(datagram(80), 40, 40)
    forged = in_fragments(datagram(80, "10.0.0.1:6000", "10.0.0.2:80"), 48, 32)[0]
    (found,), problems = read(*honest[: 1 + late], forged, *honest[1 + late :])
    assert str(found.orig) == CLIENT
    assert found.orig_packets == 3
    assert problems[0].endswith(f"packet {2 + late}: IP fragments overlap: what was seen first is believed")


def test_the_same_fragment_twice_is_no_overlap() -> None:
    parts = in_fragments(datagram(80), 40, 40)
    (found,), problems = read(parts[0], parts[1], parts[1])
    assert (found.orig_packets, problems) == (3, [])


def test_fragments_without_the_first_one_are_told() -> None:
    parts = in_fragments(datagram(120), 40, 40, 40)
    found, problems = read(parts[1], parts[2])
    assert found == []
    assert [problem.split(": ")[1] for problem in problems] == ["packet 1", "packet 2"]


def test_a_number_that_is_used_again_later_is_another_packet() -> None:
    first, second = in_fragments(datagram(80), 40, 40), in_fragments(datagram(80, "10.0.0.1:6000"), 40, 40)
    found, problems = read(*first, *second, step_us=50_000_000)
    assert [str(item.orig) for item in found] == [CLIENT, "10.0.0.1:6000"]
    assert problems == []


def test_what_waits_is_bounded() -> None:
    lone = [
        in_fragments(datagram(80), 40, 40, ident=number)[1] for number in range(fragments.MAX_DATAGRAMS + 5)
    ]
    found, problems = read(*lone, step_us=1)
    assert (found, len(problems)) == ([], 1001)
    sizes = [8] * (fragments.MAX_PIECES + 10)
    crowd = in_fragments(datagram(sum(sizes)), *sizes)
    found, problems = read(*crowd[1:], step_us=1)
    assert found == []
    assert sum("too many fragments" in problem for problem in problems) == 9


def test_a_whole_packet_with_a_fragment_header_is_whole() -> None:
    (part,) = in_fragments(datagram(80, CLIENT6, SERVER6), 80)
    (found,), problems = read(part, part)
    assert (found.orig_packets, found.orig_bytes, problems) == (2, 144, [])


def test_a_tunnel_in_fragments_gives_what_its_beginning_holds() -> None:
    inner = tcp("10.0.0.1:3932", "203.0.113.80:80").says(b"x" * 100).frames[0].data
    outer = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(inner), 1, 0, 64, 4, 0)
    outer += packed("192.0.2.1") + packed("192.0.2.2") + inner
    (found,), problems = read(*in_fragments(outer, 80, len(inner) - 80))
    assert (str(found.endpoints[0]), found.layers, problems) == ("10.0.0.1:3932", ("ipip",), [])


def test_fragments_leave_the_rest_of_a_conversation_as_it_is() -> None:
    talk = tcp("10.0.0.1:3932", "203.0.113.80:80").handshake().says(b"GET / HTTP/1.1\r\n" + b"x" * 584)
    whole = conversation(talk)
    parts = [frame.data for frame in talk.frames[:3]] + in_fragments(talk.frames[3].data, 320, 300)
    (found,), _ = read(*parts)
    for name in ("orig", "outcome", "history", "conn_state", "service", "orig_bytes"):
        assert getattr(found, name) == getattr(whole, name), name
    assert found.first_ns == NOON * 1_000_000_000


@given(data=st.data(), sizes=st.lists(st.integers(1, 12), min_size=1, max_size=8), last=st.integers(1, 30))
def test_however_a_packet_is_cut_and_shuffled_it_is_the_same_conversation(
    data: st.DataObject, sizes: list[int], last: int
) -> None:
    lengths = [8 * size for size in sizes] + [last]
    text = b"GET / HTTP/1.1\r\n" + bytes(max(0, sum(lengths) - 36))
    packet = tcp("10.0.0.1:3932", "203.0.113.80:80").says(text).frames[0].data
    lengths[-1] = len(packet) - 20 - sum(lengths[:-1])
    parts = in_fragments(packet, *(length for length in lengths if length > 0))
    (found,), problems = read(*data.draw(st.permutations(parts)))
    assert (str(found.orig), found.orig_bytes, found.history) == ("10.0.0.1:3932", len(text), "D")
    assert (found.orig_packets, problems) == (len(parts), [])
