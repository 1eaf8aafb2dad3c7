"""Records of both directions become conversations, whatever order they come in."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.traffic import Dialogue, Tcp, conversation, conversations, icmp, packets, rules, tcp, udp
from tickets.engine.conversations import MAX_ALIKE, converse
from tickets.engine.readers import read_evidence
from tickets.engine.traffic import MAX_RECORDS
from tickets.engine.types import Alert, Conversation, Endpoint, Outcome, Protocol, Record

CLIENT, SERVER = "10.20.30.40:3932", "203.0.113.80:80"
QUERY, ANSWER = b"\x12\x34\x01\x00\x00\x01" + bytes(6), b"\x12\x34\x81\x80\x00\x01" + bytes(6)
BUILT = (
    "Jan 05 2026 12:00:00: %ASA-6-302013: Built outbound TCP connection 9001 for outside:203.0.113.80/80 "
    "(203.0.113.80/80) to inside:10.20.30.40/3932 (192.0.2.1/3932)"
)
DENY = (
    "Jan 05 2026 12:00:01: %ASA-4-106023: Deny tcp src inside:10.20.30.40/3932 dst outside:203.0.113.80/80 "
    'by access-group "OUT" [0x0, 0x0]'
)
LOGIN = "2026-01-05T12:00:0{}.000000+00:00 web1 sshd[81{}]: Accepted password for ana from 10.20.30.40 port 3932 ssh2"


def visit(at_us: int = 0, isn: int = 1000) -> Tcp:
    return (
        tcp(CLIENT, SERVER, at_us, isn)
        .handshake()
        .says(b"GET / HTTP/1.1\r\n\r\n")
        .answers(b"HTTP/1.1 200 OK\r\n\r\n")
    )


def lines(*text: str) -> list[Record]:
    return list(read_evidence("x.log", "\n".join(text).encode()).records)


def test_both_directions_are_one_conversation() -> None:
    found = conversation(visit().close())
    assert (str(found.orig), str(found.resp)) == (CLIENT, SERVER)
    assert (found.orig_packets, found.resp_packets) == (5, 3)
    assert (found.orig_bytes, found.resp_bytes) == (18, 19)
    assert found.last_ns - found.first_ns == 7_000_000
    assert [record.number for record in found.records] == list(range(1, 9))


def test_conversations_stand_in_the_order_of_their_first_packets() -> None:
    others = [tcp(f"10.20.30.40:{port}", SERVER, at_us=port).syn() for port in (5003, 5001, 5002)]
    assert [found.orig and found.orig.port for found in conversations(*others)] == [5001, 5002, 5003]


def test_a_fresh_syn_after_the_end_opens_another_conversation() -> None:
    first, second = conversations(visit().close(), visit(at_us=500_000, isn=900_000))
    assert (first.outcome, second.outcome) == (Outcome.ESTABLISHED, Outcome.ESTABLISHED)
    assert (first.orig_packets, second.orig_packets) == (5, 3)


@pytest.mark.parametrize("again", [1000, 2000, 3000])
def test_a_syn_that_is_sent_again_is_the_same_attempt(again: int) -> None:
    retry = tcp(CLIENT, SERVER, at_us=again * 1000).syn()
    found = conversation(tcp(CLIENT, SERVER).syn().reset(), retry)
    assert (found.outcome, found.orig_packets) == (Outcome.REFUSED, 2)


def test_a_syn_that_arrives_last_belongs_to_the_conversation_that_it_opened() -> None:
    talk = visit().close()
    late = talk.frames.pop(0)
    found = conversation(talk, [late._replace(at_us=900_000)])
    assert (found.outcome, found.orig_packets) == (Outcome.ESTABLISHED, 5)


@pytest.mark.parametrize(("silence_s", "count"), [(59, 1), (61, 2)])
def test_udp_that_is_silent_for_a_minute_is_over(silence_s: float, count: int) -> None:
    talk = udp("10.20.30.40:5000", "203.0.113.53:53").says(QUERY).answers(ANSWER).wait(silence_s).says(QUERY)
    assert len(conversations(talk)) == count


def test_a_silent_connection_goes_on_where_its_numbers_go_on() -> None:
    assert len(conversations(visit().wait(3000).says(b"still here"))) == 1


def test_a_stray_segment_after_a_long_silence_is_another_conversation() -> None:
    stray = tcp(CLIENT, SERVER, at_us=400_000_000, isn=1 << 30).says(b"who?")
    assert len(conversations(visit(), stray)) == 2


def test_the_same_ends_over_udp_and_tcp_are_two_conversations() -> None:
    assert len(conversations(visit(), udp(CLIENT, SERVER).says(b"hello"))) == 2


def test_an_icmp_error_is_tied_to_the_conversation_that_it_quotes() -> None:
    attempt = tcp(CLIENT, SERVER).syn()
    error = icmp("203.0.113.1", "10.20.30.40", at_us=9000).message(3, 13, attempt.frames[0].data)
    found = conversations(attempt, error)
    assert [item.outcome for item in found] == [Outcome.REJECTED, Outcome.ONE_WAY]
    assert {record.number for finding in found[0].findings for record in finding.records} == {1, 2}


def test_logs_join_the_packets_of_the_same_ends() -> None:
    found = converse([*lines(BUILT), *packets(visit())])
    assert len(found) == 1
    assert {str(record) for record in found[0].records} >= {"capture.pcap:1", "x.log:1"}
    assert rules(found[0])[0] == "tcp.syn"
    assert "device.built" in rules(found[0])


def test_a_log_of_another_day_is_another_conversation() -> None:
    assert len(converse([*packets(visit()), *lines(BUILT.replace("Jan 05", "Jan 06"))])) == 2


def test_a_log_without_a_year_joins_what_fits() -> None:
    assert len(converse([*packets(visit()), *lines(BUILT.replace(" 2026", ""))])) == 1


def test_logs_join_the_nearest_of_several_conversations() -> None:
    late = visit(at_us=100_000_000, isn=900_000)
    first, second = converse([*packets(visit().close(), late), *lines(BUILT.replace("12:00:00", "12:01:41"))])
    assert (rules(first).count("device.built"), rules(second).count("device.built")) == (0, 1)


def test_a_log_finds_its_own_among_many_conversations_of_the_same_ends() -> None:
    talks = [visit(at_us=minute * 60_000_000, isn=900_000 * (minute + 1)).close() for minute in range(30)]
    found = converse([*packets(*talks), *lines(BUILT.replace("12:00:00", "12:17:01"))])
    assert [number for number, item in enumerate(found) if "device.built" in rules(item)] == [17]


@pytest.mark.parametrize("year", ["", " 2026"])
def test_a_line_for_each_packet_of_a_scan_is_no_finding_for_each(year: str) -> None:
    found = converse(lines(*[DENY.replace(" 2026", year)] * 500))
    assert len(found) == 1
    assert rules(found[0], "effect") == ["firewall.denied"] * MAX_ALIKE
    assert rules(found[0]).count("device.denied_packet") == MAX_ALIKE


def test_two_built_lines_without_packets_are_two_connections() -> None:
    later = BUILT.replace("12:00:00", "12:02:00").replace("9001", "9002")
    assert len(converse(lines(BUILT, later))) == 2


def test_sshd_joins_by_its_client_alone() -> None:
    (found,) = converse([*packets(tcp(CLIENT, "203.0.113.80:22").handshake()), *lines(LOGIN.format(1, 2))])
    assert rules(found)[0] == "host.login"
    assert found.confidence == 0.99


def test_logins_of_many_clients_stay_apart() -> None:
    logins = [LOGIN.format(1, 2).replace("port 3932", f"port {port}") for port in range(4000, 4050)]
    talks = [tcp(f"10.20.30.40:{port}", "203.0.113.80:22").handshake() for port in range(4000, 4010)]
    found = converse([*packets(*talks), *lines(*logins, *logins)])
    assert len(found) == 50
    assert [rules(item)[:2] for item in found] == [["host.login"] * 2] * 50


def test_an_alert_alone_proves_no_outcome() -> None:
    alert = Alert(protocol=Protocol.TCP, src=Endpoint("203.0.113.80", 80), dst=Endpoint("10.20.30.40", 3932))
    (found,) = converse([alert])
    assert rules(found, "outcome") == []
    assert found.confidence < 0.9


def test_a_denial_stands_beside_the_targets_silence() -> None:
    (found,) = converse([*packets(tcp(CLIENT, SERVER).syn()), *lines(DENY)])
    assert found.outcome is Outcome.UNANSWERED
    assert rules(found, "outcome") == ["tcp.syn_unanswered"]
    assert rules(found, "effect") == ["firewall.denied"]


def test_what_is_kept_of_a_long_conversation_is_bounded() -> None:
    talk = visit()
    for _ in range(200):
        talk.says(b"x")
    found = conversation(talk)
    assert (found.orig_packets, len(found.records)) == (203, MAX_RECORDS)


def shape(found: Conversation) -> tuple[object, ...]:
    return (
        found.protocol,
        {found.orig, found.resp},
        found.orig,
        found.outcome,
        found.orig_packets,
        found.confidence,
    )


@pytest.mark.parametrize("seed", range(10))
def test_how_conversations_are_woven_does_not_matter(seed: int) -> None:
    talks: list[Dialogue] = [
        tcp(f"10.20.30.40:{5000 + n}", SERVER).handshake().says(b"GET / HTTP/1.1\r\n") for n in range(4)
    ]
    talks.append(udp("10.20.30.40:5000", "203.0.113.53:53").says(QUERY).answers(ANSWER))
    queues = [packets(talk) for talk in talks]
    woven = []
    random = Random(seed)
    while any(queues):
        woven.append(random.choice([queue for queue in queues if queue]).pop(0))
    one_by_one = converse([packet for talk in talks for packet in packets(talk)])
    assert sorted(map(str, map(shape, converse(woven)))) == sorted(map(str, map(shape, one_by_one)))


def test_a_shift_in_time_changes_times_only() -> None:
    original = packets(visit().close())
    shifted = [replace(packet, time_ns=packet.time_ns + 86_400_000_000_000) for packet in original]
    (before,), (after,) = converse(original), converse(shifted)
    assert replace(after, first_ns=before.first_ns, last_ns=before.last_ns) == before
    assert after.first_ns - before.first_ns == 86_400_000_000_000
