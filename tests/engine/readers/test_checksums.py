"""A wrong checksum is noted beside its packet, and changes no verdict."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from tests.traffic import (
    CHECKSUM_AT,
    Dialogue,
    Frame,
    add_up,
    conversation,
    icmp,
    in_fragments,
    packets,
    summed,
    tcp,
    udp,
)
from tickets.engine.summaries import summarise


def frames(talk: Dialogue) -> list[Frame]:
    return [Frame(frame.at_us, summed(frame.data)) for frame in talk.frames]


TALKS: list[Dialogue] = [
    tcp("10.0.0.1:3932", "203.0.113.80:80").handshake().says(b"odd"),
    tcp("[2001:db8::1]:3932", "[2001:db8::2]:80").handshake().says(b"even"),
    udp("10.0.0.1:5000", "10.0.0.2:53").says(b"hello"),
    udp("[2001:db8::1]:5000", "[2001:db8::2]:53").says(b"hello!"),
    icmp("10.0.0.1", "10.0.0.2").message(8, 0, b"abc"),
    icmp("2001:db8::1", "2001:db8::2").message(128, 0, b"abc"),
]


@pytest.mark.parametrize("talk", TALKS)
def test_right_checksums_are_right_and_one_changed_bit_is_not(talk: Dialogue) -> None:
    right = frames(talk)
    assert not any(packet.has_bad_checksum for packet in packets(right))
    damaged = [frame._replace(data=frame.data[:-1] + bytes([frame.data[-1] ^ 1])) for frame in right]
    assert all(packet.has_bad_checksum for packet in packets(damaged))


def test_a_wrong_checksum_of_the_ip_header_is_noted() -> None:
    (right,) = frames(TALKS[2])
    (packet,) = packets([right._replace(data=right.data[:8] + b"\x3f" + right.data[9:])])
    assert packet.has_bad_checksum


def test_a_datagram_without_a_checksum_is_not_wrong() -> None:
    (right,) = frames(TALKS[2])
    (packet,) = packets([right._replace(data=right.data[:26] + b"\0\0" + right.data[28:])])
    assert not packet.has_bad_checksum


def test_a_fragment_cannot_be_checked() -> None:
    (right,) = frames(TALKS[2])
    parts = in_fragments(right.data, 8, 5)
    heads = [part[:10] + struct.pack(">H", add_up(part[:10] + part[12:20])) + part[12:] for part in parts]
    assert not any(packet.has_bad_checksum for packet in packets([Frame(0, head) for head in heads]))


def damaged(talk: Dialogue) -> list[Frame]:
    return [
        frame._replace(data=frame.data[:-1] + bytes([frame.data[-1] ^ 1]))
        if len(frame.data) == len(frames(talk)[-1].data)
        else frame
        for frame in frames(talk)
    ]


@pytest.mark.parametrize("talk", TALKS[:4])
def test_what_the_network_card_was_yet_to_compute_is_not_wrong(talk: Dialogue) -> None:
    """The sender's own capture holds nothing there, or the pseudo header's sum."""
    (right, *_) = talk.frames
    assert not packets([right])[0].has_bad_checksum
    is_v4 = right.data[0] >> 4 == 4
    body = right.data[20 if is_v4 else 40 :]
    addresses, protocol = (right.data[12:20], right.data[9]) if is_v4 else (right.data[8:40], right.data[6])
    begun = ~add_up(addresses + struct.pack(">II", len(body), protocol)) & 0xFFFF
    at = len(right.data) - len(body) + CHECKSUM_AT[protocol]
    frame = right._replace(data=right.data[:at] + struct.pack(">H", begun) + right.data[at + 2 :])
    assert not packets([frame])[0].has_bad_checksum
    other = right._replace(data=right.data[:at] + struct.pack(">H", begun ^ 1) + right.data[at + 2 :])
    assert packets([other])[0].has_bad_checksum


@pytest.mark.parametrize(
    ("talk", "history"), [(TALKS[0], "ShACD"), (TALKS[1], "ShACD"), (TALKS[2], "CD"), (TALKS[3], "CD")]
)
def test_the_history_has_c_for_a_wrong_checksum_and_no_verdict_rests_on_it(
    talk: Dialogue, history: str
) -> None:
    """Zeek leaves such a packet out. Here it counts: a wrong checksum says that a packet is in doubt."""
    right, wrong = conversation(frames(talk)), conversation(damaged(talk))
    assert wrong.history == history
    assert replace(wrong, history=right.history) == right


def test_the_desk_tells_of_a_wrong_checksum() -> None:
    assert "Checksum" in summarise(packets(damaged(TALKS[0]))[-1]).detail
    assert "Checksum" not in summarise(packets(frames(TALKS[0]))[0]).detail
