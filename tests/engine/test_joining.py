"""Records that print other ends, or no packets at all, still find the conversation that they speak of."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.traffic import (
    Dialogue,
    Frame,
    conversation,
    conversations,
    endpoint,
    icmp,
    packets,
    pcap,
    rules,
    tcp,
    udp,
)
from tickets.engine.community_id import community_id_of
from tickets.engine.conversations import converse
from tickets.engine.readers import read_evidence
from tickets.engine.reversal import judge_reversed
from tickets.engine.types import Alert, Conversation, Outcome, Packet, Protocol, Record, Reversed

INSIDE, OUTSIDE, SERVER = "10.20.30.40:3932", "192.0.2.1:61001", "203.0.113.80:80"
BUILT = (
    "Jan 05 2026 12:00:00: %ASA-6-302013: Built outbound TCP connection 9001 for outside:203.0.113.80/80 "
    "(203.0.113.80/80) to inside:10.20.30.40/3932 (192.0.2.1/61001)"
)
GET, OK = b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"


def lines(*text: str) -> list[Record]:
    return list(read_evidence("asa.log", "\n".join(text).encode()).records)


def capture(name: str, *parts: Dialogue | list[Frame]) -> list[Record]:
    return list(read_evidence(name, pcap(*parts)).records)


def ends(found: Conversation) -> tuple[str, str]:
    return str(found.orig), str(found.resp)


# Address translation


def test_the_conversation_before_and_behind_a_translation_is_one() -> None:
    inside = capture("inside.pcap", tcp(INSIDE, SERVER).handshake().says(GET).answers(OK))
    outside = capture(
        "outside.pcap", tcp(OUTSIDE, SERVER, at_us=90, isn=777).handshake().says(GET).answers(OK)
    )
    (found,) = converse([*inside, *outside, *lines(BUILT)])
    assert (ends(found), found.outcome, found.confidence) == ((INSIDE, SERVER), Outcome.ESTABLISHED, 0.99)
    assert [tuple(map(str, view)) for view in found.translated] == [(OUTSIDE, SERVER)]
    assert (found.orig_packets, found.resp_packets, found.orig_bytes) == (3, 2, len(GET))
    (proof,) = [finding for finding in found.findings if finding.rule == "join.translation"]
    assert [str(record) for record in proof.records] == ["asa.log:1"]


@pytest.mark.parametrize("seen", [(INSIDE, SERVER), (OUTSIDE, SERVER)])
def test_a_translation_is_told_where_one_side_was_captured(seen: tuple[str, str]) -> None:
    (found,) = converse([*packets(tcp(*seen).handshake()), *lines(BUILT)])
    assert ends(found) == seen
    other = {(INSIDE, SERVER), (OUTSIDE, SERVER)} - {seen}
    assert {tuple(map(str, view)) for view in found.translated} == other
    assert {"tcp.syn", "device.built"} <= set(rules(found))


def test_the_side_that_was_captured_better_gives_the_proof() -> None:
    late = capture("inside.pcap", tcp(INSIDE, SERVER).handshake().says(GET).answers(OK).cut(1, 2))
    whole = capture("outside.pcap", tcp(OUTSIDE, SERVER).handshake())
    (found,) = converse([*late, *whole, *lines(BUILT)])
    assert (ends(found), rules(found)[0], found.outcome) == (
        (OUTSIDE, SERVER),
        "tcp.syn",
        Outcome.ESTABLISHED,
    )
    assert (found.orig_packets, found.resp_bytes) == (2, len(OK))


def test_an_alert_that_prints_the_translated_ends_is_about_the_same_conversation() -> None:
    alert = Alert(
        protocol=Protocol.TCP, src=endpoint(SERVER), dst=endpoint(OUTSIDE), time_ns=lines(BUILT)[0].time_ns
    )
    (found,) = converse([alert, *packets(tcp(INSIDE, SERVER).handshake()), *lines(BUILT)])
    assert ends(found) == (INSIDE, SERVER)
    assert judge_reversed(alert, found) is Reversed.YES
    assert judge_reversed(replace(alert, src=alert.dst, dst=alert.src), found) is Reversed.NO


def test_a_twice_translated_connection_is_one_through_both_firewalls() -> None:
    second = BUILT.replace("10.20.30.40/3932 (192.0.2.1/61001)", "192.0.2.1/61001 (198.51.100.9/7000)")
    seen = [tcp(client, SERVER).handshake() for client in (INSIDE, OUTSIDE, "198.51.100.9:7000")]
    records = [record for number, talk in enumerate(seen) for record in capture(f"{number}.pcap", talk)]
    (found,) = converse([*records, *lines(BUILT, second)])
    assert (ends(found), found.orig_packets) == ((INSIDE, SERVER), 2)
    assert [str(view[0]) for view in found.translated] == [OUTSIDE, "198.51.100.9:7000"]


def test_two_connections_through_one_translation_stay_two() -> None:
    again = BUILT.replace("12:00:00", "12:02:00").replace("9001", "9002")
    talks = [
        tcp(OUTSIDE, SERVER, at_us=at, isn=at + 7).handshake().says(GET).close() for at in (0, 120_000_000)
    ]
    found = converse([*packets(*talks), *lines(BUILT, again)])
    assert [rules(item, "joined") for item in found] == [["join.translation"], ["join.translation"]]
    assert [str(item.translated[0][0]) for item in found] == [INSIDE, INSIDE]


def test_a_translation_of_another_day_joins_nothing() -> None:
    found = converse([*packets(tcp(OUTSIDE, SERVER).handshake()), *lines(BUILT.replace("Jan 05", "Jan 06"))])
    assert len(found) == 2


# Community ID


def test_a_record_with_other_ends_joins_by_its_community_id() -> None:
    talk = tcp(INSIDE, SERVER).handshake().says(GET).answers(OK)
    event = {
        "timestamp": "2026-01-05T12:00:00+0000",
        "event_type": "flow",
        "proto": "TCP",
        "src_ip": "192.0.2.1",
        "src_port": 61001,
        "dest_ip": "203.0.113.80",
        "dest_port": 80,
        "flow": {"pkts_toserver": 3, "pkts_toclient": 2, "start": "2026-01-05T12:00:00+0000"},
        "tcp": {"tcp_flags_ts": "1a", "tcp_flags_tc": "1a"},
        "community_id": community_id_of(Protocol.TCP, endpoint(INSIDE), endpoint(SERVER)),
    }
    logged = list(read_evidence("eve.json", json.dumps(event).encode()).records)
    (found,) = converse([*packets(talk), *logged])
    assert (ends(found), str(found.translated[0][0])) == ((INSIDE, SERVER), OUTSIDE)
    assert rules(found, "joined") == ["join.community_id"]
    assert "device.flow" in rules(found)
    event["community_id"] = community_id_of(Protocol.TCP, endpoint(INSIDE), endpoint("203.0.113.80:81"))
    assert len(converse([*packets(talk), *read_evidence("e", json.dumps(event).encode()).records])) == 2


# Packets that only an ICMP error shows


def error(kind: int, code: int, quoted: bytes, reporter: str = "203.0.113.1") -> list[Conversation]:
    return conversations(icmp(reporter, "10.20.30.40").message(kind, code, quoted))


@pytest.mark.parametrize("size", [24, 40])
def test_a_quoted_packet_without_packets_of_its_own_is_a_conversation(size: int) -> None:
    quoted = tcp(INSIDE, SERVER).syn().frames[0].data[:size]
    found = next(item for item in error(3, 13, quoted) if item.protocol is Protocol.TCP)
    assert (ends(found), found.outcome, found.orig_packets) == ((INSIDE, SERVER), Outcome.REJECTED, 0)
    assert found.confidence == (0.95 if size == 40 else 0.8)
    assert {record.number for finding in found.findings for record in finding.records} == {1}


def test_a_quoted_answer_was_sent_by_the_server() -> None:
    answer = b"\x12\x34\x81\x80\x00\x01\x00\x01" + bytes(20)
    quoted = udp("10.20.30.40:5000", "203.0.113.53:53").answers(answer).frames[0].data
    talk = icmp("10.20.30.40", "203.0.113.53").message(3, 3, quoted)
    found = next(item for item in conversations(talk) if item.protocol is Protocol.UDP)
    assert (ends(found)[0], rules(found)[0]) == ("10.20.30.40:5000", "icmp.quoted_request")
    assert (found.outcome, rules(found, "outcome")) == (Outcome.ONE_WAY, ["icmp.quoted_only"])


def test_a_quoted_syn_ack_may_answer_a_forged_syn() -> None:
    quoted = tcp(INSIDE, SERVER).syn().syn_ack().frames[1].data
    talk = icmp("10.20.30.40", "203.0.113.80").message(3, 1, quoted)
    found = next(item for item in conversations(talk) if item.protocol is Protocol.TCP)
    assert (ends(found), found.confidence < 0.9) == ((INSIDE, SERVER), True)


def test_an_unreachable_port_quoted_over_ipv6_is_refused() -> None:
    quoted = udp("[2001:db8::1]:5000", "[2001:db8::2]:9999").says(b"hello").frames[0].data
    talk = icmp("2001:db8::2", "2001:db8::1").message(1, 4, quoted)
    found = next(item for item in conversations(talk) if item.protocol is Protocol.UDP)
    assert (ends(found)[1], found.outcome) == ("[2001:db8::2]:9999", Outcome.REFUSED)


def test_a_traceroute_by_echo_requests_is_opened_by_its_sender() -> None:
    quoted = icmp("10.20.30.40", "203.0.113.80").message(8).frames[0].data
    found = next(item for item in error(11, 0, quoted) if item.endpoints[0].ip == "10.20.30.40")
    assert (found.orig and found.orig.ip, rules(found)[0]) == ("10.20.30.40", "icmp.quoted_request")


def test_many_errors_about_the_same_packets_are_one_conversation() -> None:
    quoted = tcp(INSIDE, SERVER).syn().frames[0].data
    talk = icmp("203.0.113.1", "10.20.30.40")
    for _ in range(50):
        talk.message(3, 13, quoted)
    found = [item for item in conversations(talk) if item.protocol is Protocol.TCP]
    assert [rules(item, "outcome") for item in found] == [["icmp.unreachable"]]


# Several captures


def test_a_capture_cut_into_two_files_is_told_as_one() -> None:
    talk = tcp(INSIDE, SERVER).handshake().says(GET).answers(OK).close()
    whole = conversation(talk)
    first, second = capture("a.pcap", talk.frames[:4]), capture("b.pcap", talk.frames[4:])
    (found,) = converse([*second, *first])
    for name in ("outcome", "history", "conn_state", "orig_packets", "resp_packets", "orig_bytes", "orig"):
        assert getattr(found, name) == getattr(whole, name), name


def test_two_sensors_on_one_connection_count_it_once() -> None:
    talk = tcp(INSIDE, SERVER).handshake().says(GET).answers(OK)
    again = tcp(INSIDE, SERVER, at_us=40).handshake().says(GET).answers(OK)
    (found,) = converse([*capture("a.pcap", talk), *capture("b.pcap", again)])
    assert (found.orig_packets, found.resp_packets, found.resp_bytes) == (3, 2, len(OK))
    assert {record.file for record in found.records} == {"a.pcap", "b.pcap"}


def test_each_direction_in_a_file_of_its_own_makes_one_conversation() -> None:
    talk = tcp(INSIDE, SERVER).handshake().says(GET).answers(OK)
    client = tcp(INSIDE, SERVER).handshake().says(GET).answers(OK).only("client")
    server = talk.only("server")
    (found,) = converse([*capture("tx.pcap", server), *capture("rx.pcap", client)])
    assert (found.outcome, found.orig_packets, found.resp_packets) == (Outcome.ESTABLISHED, 3, 2)
    assert {"application.agreement", "tcp.syn"} <= set(rules(found))


def test_a_reused_port_in_the_next_file_is_another_connection() -> None:
    first = capture("a.pcap", tcp(INSIDE, SERVER).handshake().close())
    second = capture("b.pcap", tcp(INSIDE, SERVER, at_us=9_000_000, isn=5).handshake().close())
    assert len(converse([*first, *second])) == 2
    assert all(isinstance(record, Packet) for record in first)
