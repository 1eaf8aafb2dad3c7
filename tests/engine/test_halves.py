"""Halves and intervals: which belong together, who asked, and what they say of the outcome together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traffic import packets, rules, tcp
from tickets.engine.conversations import converse
from tickets.engine.explain import describe
from tickets.engine.types import (
    Conversation,
    Endpoint,
    FlowRecord,
    Location,
    Outcome,
    Protocol,
    Record,
    TcpFlags,
)

CLIENT, SERVER = Endpoint("10.20.30.40", 41000), Endpoint("203.0.113.80", 42000)
WEB = Endpoint("203.0.113.80", 80)
NOON_NS = 1_767_614_400_000_000_000
MS, S = 1_000_000, 1_000_000_000
LETTERS = {"F": TcpFlags.FIN, "S": TcpFlags.SYN, "R": TcpFlags.RST, "P": TcpFlags.PSH, "A": TcpFlags.ACK}
COUNTER = iter(range(1, 1_000_000))


def half(
    src: Endpoint,
    dst: Endpoint,
    flags: str | None,
    *,
    at_ms: int = 0,
    lasts_ms: int = 100,
    packets: int = 5,
    size: int = 0,
    protocol: Protocol = Protocol.TCP,
    observer: str = "r1/0",
    is_sampled: bool = False,
) -> FlowRecord:
    start = NOON_NS + at_ms * MS
    value = None if flags is None else TcpFlags(sum(LETTERS[letter] for letter in flags))
    return FlowRecord(
        location=Location("flows.json", next(COUNTER)),
        source="nfdump.json",
        time_ns=start,
        end_ns=start + lasts_ms * MS,
        protocol=protocol,
        orig=src,
        resp=dst,
        is_half=True,
        is_sampled=is_sampled,
        observer=observer,
        orig_packets=packets,
        orig_bytes=size or 60 * packets,
        orig_flags=value,
    )


def out(flags: str | None, at_ms: int = 0, **more: Any) -> FlowRecord:
    return half(CLIENT, SERVER, flags, at_ms=at_ms, **more)


def back(flags: str | None, at_ms: int = 0, **more: Any) -> FlowRecord:
    return half(SERVER, CLIENT, flags, at_ms=at_ms, **more)


def conversation(*records: Record) -> Conversation:
    (found,) = converse(records)
    for item in found.findings:
        assert describe(item)
    return found


# Who asked


def test_a_half_with_syn_and_without_ack_asks() -> None:
    found = conversation(back("AR", packets=1), out("S", packets=1))
    assert (found.orig, rules(found)[0], found.confidence) == (CLIENT, "flow.syn", 0.97)


def test_syn_in_both_halves_tells_nothing_so_the_earlier_one_does() -> None:
    found = conversation(back("SAPF", at_ms=20), out("SAPF"))
    assert (found.orig, rules(found)[0], found.confidence) == (CLIENT, "flow.earlier", 0.88)
    assert [str(end) for end in found.endpoints] == [str(CLIENT), str(SERVER)]


@pytest.mark.parametrize(("first", "second", "confidence"), [(CLIENT, WEB, 0.92), (WEB, CLIENT, 0.83)])
def test_a_services_port_is_a_second_witness_of_the_order(
    first: Endpoint, second: Endpoint, confidence: float
) -> None:
    """Where packets overtook each other the later SYN's half came first, so order alone is no key."""
    found = conversation(half(first, second, "SAPF"), half(second, first, "SAPF", at_ms=20))
    assert (found.orig, found.confidence) == (first, confidence)


def test_a_millisecond_is_not_earlier() -> None:
    assert "flow.earlier" not in rules(conversation(back("SAPF", at_ms=1), out("SAPF")))


def test_the_clocks_of_two_exporters_are_not_compared() -> None:
    found = conversation(back("SAPF", at_ms=0, observer="r2/0"), out("SAPF", at_ms=20, observer="r1/0"))
    assert "flow.earlier" not in rules(found)
    same = conversation(out("SAPF", at_ms=0, observer="r1/0"), back("SAPF", at_ms=20, observer="r1/1"))
    assert rules(same)[0] == "flow.earlier"


def test_a_syn_ack_in_one_packet_answers_whoever_went_on() -> None:
    found = conversation(back("SA", packets=1), out("AP", at_ms=5))
    assert (found.orig, rules(found)[0], found.confidence) == (CLIENT, "flow.syn_ack", 0.97)


@pytest.mark.parametrize("asker", [(), (out("R", at_ms=5, packets=1),)])
def test_a_syn_ack_alone_or_reset_at_once_may_be_backscatter(asker: tuple[FlowRecord, ...]) -> None:
    found = conversation(back("SA", packets=1), *asker)
    assert (found.orig, rules(found)[0]) == (CLIENT, "flow.lone_reply")
    assert found.confidence < 0.9


def test_syn_and_ack_in_several_packets_may_be_either_side() -> None:
    found = conversation(out("SA", packets=2))
    assert "flow.syn_ack" not in rules(found)
    assert "flow.lone_reply" not in rules(found)


def test_a_reset_alone_answers() -> None:
    found = conversation(back("RA", packets=1))
    assert (found.orig, found.outcome, rules(found)[0]) == (CLIENT, Outcome.REFUSED, "flow.lone_reply")
    assert found.confidence < 0.9


@pytest.mark.parametrize("flags", ["SF", "SR"])
def test_one_packet_with_syn_and_an_end_opens_nothing(flags: str) -> None:
    assert "flow.syn" not in rules(conversation(out(flags, packets=1)))
    assert "flow.syn" in rules(conversation(out(flags, packets=2)))


def test_two_halves_with_bare_syns_contradict_each_other() -> None:
    assert "flow.syn" not in rules(conversation(out("S"), back("S")))


def test_a_scan_from_port_80_keeps_its_originator() -> None:
    scan = half(WEB, CLIENT, "S", packets=1)
    found = conversation(scan, half(CLIENT, WEB, "RA", packets=1, at_ms=5))
    assert (found.orig, found.outcome) == (WEB, Outcome.REFUSED)
    assert 0.9 <= found.confidence < 0.97


def test_in_the_middle_the_earlier_half_is_no_more_than_a_hint() -> None:
    found = conversation(half(WEB, CLIENT, "AP"), half(CLIENT, WEB, "A", at_ms=20))
    assert (found.orig, rules(found)[0], found.outcome) == (CLIENT, "port.service", Outcome.MIDSTREAM)
    assert "-flow.order" in rules(found)


def test_without_flags_the_earlier_half_is_believed_less() -> None:
    found = conversation(half(WEB, CLIENT, None), half(CLIENT, WEB, None, at_ms=20))
    assert (found.orig, rules(found)[0]) == (WEB, "flow.earlier")
    assert found.confidence < 0.9


def test_a_half_without_more_is_no_first_packet() -> None:
    equal = Endpoint("203.0.113.80", 41000)
    assert conversation(half(equal, CLIENT, "AP")).orig is None


def test_udp_goes_by_the_earlier_half_and_alone_by_its_sender() -> None:
    udp: dict[str, Any] = {"protocol": Protocol.UDP}
    found = conversation(back(None, at_ms=30, **udp), out(None, **udp))
    assert (found.orig, rules(found)[0], found.outcome) == (CLIENT, "flow.earlier", Outcome.ESTABLISHED)
    alone = conversation(out(None, **udp))
    assert (alone.orig, alone.outcome) == (CLIENT, Outcome.UNANSWERED)


def test_icmp_goes_by_its_type_whichever_half_is_earlier() -> None:
    ask, answer = Endpoint("10.20.30.40", 8), Endpoint("203.0.113.80", 0)
    icmp: dict[str, Any] = {"protocol": Protocol.ICMP}
    reply = half(answer, ask, None, **icmp)
    echo = half(ask, answer, None, at_ms=20, **icmp)
    found = conversation(reply, echo)
    assert (found.orig, rules(found)[0], found.outcome) == (ask, "flow.icmp", Outcome.ESTABLISHED)
    assert conversation(echo).outcome is Outcome.UNANSWERED
    assert conversation(reply).outcome is Outcome.ONE_WAY


# What became of it


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        ("SAPF", "SAPF", Outcome.ESTABLISHED),
        ("SR", "SA", Outcome.ESTABLISHED),
        ("S", "RA", Outcome.REFUSED),
        ("S", "SAR", Outcome.ESTABLISHED),
        ("SAP", "A", Outcome.ESTABLISHED),
        ("AP", "A", Outcome.MIDSTREAM),
        ("A", "R", Outcome.MIDSTREAM),
    ],
)
def test_flags_of_both_halves_together(ours: str, theirs: str, outcome: Outcome) -> None:
    asker = half(CLIENT, WEB, ours, packets=2)
    assert conversation(asker, half(WEB, CLIENT, theirs, at_ms=20, packets=2)).outcome is outcome


def test_data_before_the_reset_is_no_refusal() -> None:
    found = conversation(out("S", packets=1), back("RA", at_ms=5, packets=4, size=4000))
    assert found.outcome is Outcome.ESTABLISHED


def test_a_syn_half_alone_is_unanswered() -> None:
    found = conversation(out("S", packets=3, size=180))
    assert (found.outcome, found.orig_packets) == (Outcome.UNANSWERED, 3)


def test_where_packets_are_passed_over_a_missing_half_is_no_silence() -> None:
    assert conversation(out("S", packets=1, is_sampled=True)).outcome is Outcome.ONE_WAY


def test_where_the_exporter_sees_one_direction_only_a_missing_half_is_no_silence() -> None:
    other = half(Endpoint("10.20.30.40", 41001), SERVER, "SAPF")
    assert [item.outcome for item in converse([out("S"), other])] == [Outcome.ONE_WAY, Outcome.ONE_WAY]
    both = half(SERVER, Endpoint("10.20.30.40", 41001), "SAPF", at_ms=20)
    outcomes = {item.outcome for item in converse([out("S"), other, both])}
    assert outcomes == {Outcome.UNANSWERED, Outcome.ESTABLISHED}


# Which belong together


def test_a_session_that_a_timeout_split_is_one_conversation() -> None:
    parts = [
        out("SAP", lasts_ms=1_800_000),
        back("SAP", at_ms=20, lasts_ms=1_800_000),
        out("AP", at_ms=1_800_100, lasts_ms=1_000_000),
        back("APF", at_ms=1_800_150, lasts_ms=1_000_000),
        out("AF", at_ms=2_900_000),
    ]
    found = conversation(*parts)
    assert (found.orig, found.outcome, found.orig_packets) == (CLIENT, Outcome.ESTABLISHED, 15)
    assert found.last_ns == NOON_NS + 2_900_100 * MS


def test_a_port_that_is_used_again_after_the_end_is_another_connection() -> None:
    first = [out("SAF", lasts_ms=500), back("SAF", at_ms=20, lasts_ms=480)]
    second = [out("S", at_ms=2000, packets=1), back("RA", at_ms=2005, packets=1)]
    found = converse([*first, *second])
    assert [item.outcome for item in found] == [Outcome.ESTABLISHED, Outcome.REFUSED]


def test_a_syn_that_is_sent_again_is_the_same_attempt() -> None:
    found = conversation(
        out("S", packets=1), out("S", at_ms=20_000, packets=1), out("S", at_ms=45_000, packets=1)
    )
    assert (found.orig_packets, found.outcome) == (3, Outcome.UNANSWERED)


def test_two_routers_count_the_same_packets_once() -> None:
    lines = [
        out("SAF"),
        out("SAF", observer="r2/0"),
        back("SAF", at_ms=20),
        back("SAF", at_ms=20, observer="r2/0"),
    ]
    found = conversation(*lines)
    assert (found.orig_packets, found.resp_packets, found.orig_bytes) == (5, 5, 300)
    told = next(describe(item) for item in found.findings if item.rule == "flow.parts")
    assert told.count("5 packets") == 2


def test_halves_join_the_packets_of_a_capture_that_prove_more() -> None:
    captured = packets(tcp(f"{CLIENT}", f"{SERVER}").handshake())
    shift = NOON_NS - captured[0].time_ns
    halves = [
        replace(item, time_ns=item.time_ns - shift, end_ns=item.end_ns - shift)
        for item in (back("SA", 5), out("SA"))
    ]
    found = conversation(*captured, *halves)
    assert (found.orig, rules(found)[0], found.outcome) == (CLIENT, "tcp.syn", Outcome.ESTABLISHED)


SPLIT = [
    out("SAP", lasts_ms=200_000),
    back("SAP", at_ms=20, lasts_ms=200_000),
    out("AP", at_ms=400_000, lasts_ms=100_000),
    back("AP", at_ms=400_050, lasts_ms=100_000),
    out("AF", at_ms=700_000),
    half(CLIENT, WEB, "S", packets=1),
    half(WEB, CLIENT, "RA", packets=1, at_ms=3),
]


@given(st.permutations(SPLIT))
def test_the_order_of_the_records_does_not_matter(order: list[FlowRecord]) -> None:
    def told(records: list[FlowRecord]) -> set[tuple[object, ...]]:
        return {(item.orig, item.outcome, item.confidence, item.orig_packets) for item in converse(records)}

    assert told(order) == told(SPLIT)
    assert len(told(order)) == 2
