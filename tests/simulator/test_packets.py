"""What every capture must show: headers that hold, stacks that behave, time that runs forward."""

from __future__ import annotations

from tests.simulator.captures import ACK, FIN, RST, SYN, End, conversations
from tests.simulator.played import capture_of, every_play, lesson_of, play
from tickets.engine.types import Outcome


@every_play
def test_every_checksum_holds_and_time_runs_forward(story: str, seed: bytes) -> None:
    packets = capture_of(play(story, seed))
    assert 20 <= len(packets) <= 80
    assert all(packet.checksums_hold for packet in packets)
    times = [packet.time_us for packet in packets]
    assert times == sorted(times)


@every_play
def test_ttls_are_an_initial_value_less_some_hops(story: str, seed: bytes) -> None:
    for packet in capture_of(play(story, seed)):
        hops = min(initial - packet.ttl for initial in (64, 128) if initial >= packet.ttl)
        is_near = packet.src[0].startswith(("10.", "192.0.2."))
        assert 0 <= hops <= 1 if is_near else 6 <= hops <= 17
        assert packet.ip_bytes >= 28


@every_play
def test_each_side_numbers_its_bytes_without_a_gap_and_acknowledges_only_what_was_sent(
    story: str, seed: bytes
) -> None:
    for packets in conversations(capture_of(play(story, seed))).values():
        if packets[0].protocol != 6 or any(packet.flags & RST for packet in packets):
            continue
        following: dict[End, int] = {}
        acknowledged: dict[End, int] = {}
        for packet in packets:
            if packet.flags & SYN:
                assert following.get(packet.src, packet.seq + 1) == packet.seq + 1, (
                    "sent again with its number"
                )
                following[packet.src] = packet.seq
            assert packet.seq == following[packet.src]
            size = len(packet.payload) + bool(packet.flags & SYN) + bool(packet.flags & FIN)
            following[packet.src] = packet.seq + size
            if packet.flags & ACK:
                assert acknowledged.get(packet.src, 0) <= packet.ack <= following[packet.dst]
                acknowledged[packet.src] = packet.ack
        if len(following) == 2:
            assert all(acknowledged[end] == following[peer] for end, peer in _pairs(following))


def _pairs(ends: dict[End, int]) -> list[tuple[End, End]]:
    one, other = ends
    return [(one, other), (other, one)]


@every_play
def test_only_a_syn_opens_and_both_sides_offer_what_both_know(story: str, seed: bytes) -> None:
    for packets in conversations(capture_of(play(story, seed))).values():
        if packets[0].protocol != 6:
            continue
        assert packets[0].flags == SYN
        answers = [packet for packet in packets if packet.flags == SYN | ACK]
        assert len(answers) <= 1
        for answer in answers:
            offered, taken = _kinds(packets[0].options), _kinds(answer.options)
            assert taken <= offered
            stamped = 8 in taken
            rest = [packet for packet in packets if not packet.flags & SYN]
            assert all((_kinds(packet.options) == {8}) is stamped for packet in rest)


def _kinds(options: bytes) -> set[int]:
    """Option kinds but for the filling 1 (RFC 9293, 3.1)."""
    kinds, at = set(), 0
    while at < len(options):
        if options[at] == 1:
            at += 1
            continue
        kinds.add(options[at])
        at += options[at + 1]
    assert len(options) % 4 == 0
    return kinds


@every_play
def test_timestamps_echo_only_what_had_arrived(story: str, seed: bytes) -> None:
    for packets in conversations(capture_of(play(story, seed))).values():
        stamps: dict[End, set[bytes]] = {}
        for packet in packets:
            if (at := packet.options.find(b"\x08\x0a")) < 0:
                continue
            stamp, echo = packet.options[at + 2 : at + 6], packet.options[at + 6 : at + 10]
            assert echo == bytes(4) if packet.flags == SYN else echo in stamps[packet.dst]
            stamps.setdefault(packet.src, set()).add(stamp)


@every_play
def test_the_wire_shows_the_outcome_that_the_story_made(story: str, seed: bytes) -> None:
    played = play(story, seed)
    packets, orig = lesson_of(played), tuple(played.truth.orig)
    flags = [packet.flags for packet in packets]
    assert packets[0].src == orig
    if played.truth.outcome is Outcome.UNANSWERED:
        assert flags == [SYN] * 4
        assert len({packet.seq for packet in packets}) == 1
        waits = [round((packet.time_us - packets[0].time_us) / 1_000_000) for packet in packets]
        assert waits == [0, 1, 3, 7]
    elif played.truth.outcome is Outcome.REFUSED:
        assert flags == [SYN, RST | ACK]
        assert (packets[1].seq, packets[1].ack) == (0, packets[0].seq + 1)
    else:
        assert flags[:3] == [SYN, SYN | ACK, ACK]
        assert sum(bool(flag & FIN) for flag in flags) == 2


def test_the_seed_ticket_keeps_its_shape_from_port_80_to_the_old_client_ports() -> None:
    played = play("web_return")
    assert played.alert.src.port == 80
    assert 1025 <= played.alert.dst.port <= 5000
    assert played.alert.src == played.truth.resp
    assert played.alert.dst == played.truth.orig
