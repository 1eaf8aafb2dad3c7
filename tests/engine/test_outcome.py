"""What became of it: the target's own answer decides, and a policy's word stays a policy's word."""

from __future__ import annotations

import json

import pytest

from tests.traffic import ACK, RST, SYN, Tcp, conversation, conversations, icmp, packets, rules, tcp, udp
from tickets.engine.conversations import converse
from tickets.engine.readers import read_evidence
from tickets.engine.types import Conversation

CLIENT, SERVER = "10.20.30.40:3932", "203.0.113.80:80"
HOST, TARGET = "10.20.30.40", "203.0.113.80"
GET, OK = b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"


def visit() -> Tcp:
    return tcp(CLIENT, SERVER).handshake().says(GET).answers(OK)


@pytest.mark.parametrize(
    ("talk", "outcome", "state", "history"),
    [
        (visit().close(), "established", "SF", "ShADdFf"),
        (visit(), "established", "S1", "ShADd"),
        (tcp(CLIENT, SERVER).syn().syn_ack(), "established", "OTH", "Sh"),
        (tcp(CLIENT, SERVER).syn().syn_ack().segment(RST), "established", "RSTO", "ShR"),
        (visit().segment(RST | ACK, from_server=True), "established", "RSTR", "ShADdr"),
        (visit().fin(), "established", "S2", "ShADdF"),
        (visit().fin(from_server=True), "established", "S3", "ShADdf"),
        (visit().cut(1), "established", "OTH", "^hADd"),
        (visit().cut(2), "established", "OTH", "SADd"),
        (tcp(CLIENT, SERVER).syn().reset(), "refused", "REJ", "Sr"),
        (tcp(CLIENT, SERVER).syn(), "unanswered", "S0", "S"),
        (tcp(CLIENT, SERVER).syn().segment(RST), "unanswered", "RSTOS0", "SR"),
        (tcp(CLIENT, SERVER).syn().syn_ack().segment(RST).cut(1), "midstream", "REJ", "Hr"),
        (visit().cut(1, 2, 3), "midstream", "OTH", "Dd"),
        (visit().only("client"), "one_way", "S0", "SAD"),
        (visit().close().only("client"), "one_way", "SH", "SADF"),
        (visit().only("server"), "one_way", "OTH", "^hd"),
        (visit().close().only("server"), "one_way", "SHR", "^hdf"),
        (tcp(CLIENT, SERVER).says(GET), "one_way", "OTH", "D"),
    ],
)
def test_a_tcp_conversation_has_an_outcome_and_zeeks_words(
    talk: Tcp, outcome: str, state: str, history: str
) -> None:
    found = conversation(talk)
    assert (found.outcome, found.conn_state, found.history) == (outcome, state, history)
    assert len([rule for rule in rules(found, "outcome") if not rule.startswith("-")]) == 1


@pytest.mark.parametrize(
    ("ack", "outcome"),
    [(1001, "established"), (1000, "unanswered"), (1002, "unanswered"), (77, "unanswered")],
)
@pytest.mark.parametrize(("after", "state"), [((), "S0"), ((RST,), "RSTOS0")])
def test_a_syn_ack_that_acknowledges_something_else_establishes_nothing(
    ack: int, outcome: str, after: tuple[int, ...], state: str
) -> None:
    talk = tcp(CLIENT, SERVER).syn().segment(SYN | ACK, from_server=True, ack=ack)
    for flags in after:
        talk.segment(flags)
    found = conversation(talk)
    assert (str(found.orig), found.outcome) == (CLIENT, outcome)
    assert found.conn_state == state or outcome == "established"
    assert (rules(found, "outcome") == ["tcp.wrong_answer"]) is (outcome == "unanswered")


def test_a_wrong_answer_before_the_right_one_or_before_data_does_not_matter() -> None:
    wrong = tcp(CLIENT, SERVER).syn().segment(SYN | ACK, from_server=True, ack=77).segment(RST)
    again = tcp(CLIENT, SERVER, at_us=900_000).handshake()
    assert conversation(wrong, again).outcome == "established"
    went_on = tcp(CLIENT, SERVER).syn().segment(SYN | ACK, from_server=True, ack=77).ack().says(GET)
    assert conversation(went_on).outcome == "established"


def test_data_in_a_syn_is_acknowledged_with_it() -> None:
    talk = tcp(CLIENT, SERVER).segment(SYN, GET).segment(SYN | ACK, from_server=True)
    assert conversation(talk).outcome == "established"


def test_a_repeated_payload_and_a_closed_window_have_letters() -> None:
    talk = visit()
    again = talk.frames[3]
    assert conversation(talk, [again._replace(at_us=90_000)]).history == "ShADdT"


def test_one_side_alone_cannot_say_that_nobody_answered() -> None:
    found = conversation(visit().only("client"))
    assert rules(found, "outcome") == ["tcp.one_side_only"]
    assert found.findings[-2].facts == {"side": "originator"}


@pytest.mark.parametrize(
    ("code", "reporter", "outcome", "name"),
    [
        (13, "203.0.113.1", "rejected", "prohibited by policy"),
        (1, "203.0.113.1", "rejected", "host unreachable"),
        (3, TARGET, "rejected", "port unreachable"),
    ],
)
def test_an_icmp_error_rejects_a_syn(code: int, reporter: str, outcome: str, name: str) -> None:
    attempt = tcp(CLIENT, SERVER).syn()
    found = conversations(attempt, icmp(reporter, HOST, at_us=9000).message(3, code, attempt.frames[0].data))[
        0
    ]
    assert found.outcome == outcome
    proof = next(item for item in found.findings if item.claim == "outcome")
    assert (proof.facts["name"], proof.facts["from"]) == (name, reporter)


@pytest.mark.parametrize(("kind", "code"), [(11, 0), (3, 4), (5, 1)])
def test_other_icmp_errors_reject_nothing(kind: int, code: int) -> None:
    attempt = tcp(CLIENT, SERVER).syn()
    error = icmp("203.0.113.1", HOST, at_us=9000).message(kind, code, attempt.frames[0].data)
    assert conversations(attempt, error)[0].outcome == "unanswered"


def test_an_error_after_an_answer_rejects_nothing() -> None:
    talk = visit()
    error = icmp("203.0.113.1", HOST, at_us=90_000).message(3, 1, talk.frames[3].data)
    assert conversations(talk, error)[0].outcome == "established"


@pytest.mark.parametrize(
    ("code", "reporter", "outcome"),
    [
        (3, TARGET, "refused"),
        (3, "203.0.113.1", "rejected"),
        (10, TARGET, "rejected"),
        (4, TARGET, "unanswered"),
    ],
)
def test_only_the_targets_own_port_unreachable_refuses_udp(code: int, reporter: str, outcome: str) -> None:
    attempt = udp("10.20.30.40:5000", "203.0.113.80:161").says(b"?")
    error = icmp(reporter, HOST, at_us=9000).message(3, code, attempt.frames[0].data)
    assert conversations(attempt, error)[0].outcome == outcome


def test_an_ipv6_target_refuses_with_type_1_code_4() -> None:
    attempt = udp("[2001:db8::1]:5000", "[2001:db8::2]:161").says(b"?")
    error = icmp("2001:db8::2", "2001:db8::1", at_us=9000).message(1, 4, attempt.frames[0].data)
    assert conversations(attempt, error)[0].outcome == "refused"


def test_udp_is_answered_or_not_or_goes_to_a_group() -> None:
    asked = udp("10.20.30.40:5000", "203.0.113.80:161")
    assert conversation(asked.says(b"?")).outcome == "unanswered"
    assert conversation(asked.answers(b"!")).outcome == "established"
    assert conversation(udp("10.0.0.1:5000", "239.1.1.1:5000").says(b"?")).outcome == "one_way"
    assert conversation(udp("10.0.0.1:68", "255.255.255.255:67").says(b"?")).outcome == "one_way"
    answer_only = b"\0\1\x81\x80\0\1" + bytes(6)
    assert conversation(udp("10.0.0.1:5000", "10.0.0.2:53").answers(answer_only)).outcome == "one_way"


def test_an_echo_is_answered_or_not() -> None:
    ping = icmp("10.0.0.1", "10.0.0.2").message(8)
    assert conversation(ping).outcome == "unanswered"
    assert conversation(ping.message(0, from_server=True)).outcome == "established"
    assert conversation(icmp("10.0.0.1", "10.0.0.2").message(5, 1)).outcome == "one_way"


# Logs


def told(name: str, *lines: str) -> Conversation:
    (found,) = converse(read_evidence(name, "\n".join(lines).encode()).records)
    return found


def zeek(history: str, state: str, proto: str = "tcp", resp: str = TARGET) -> str:
    ends = {"id.orig_h": HOST, "id.orig_p": 3932, "id.resp_h": resp, "id.resp_p": 80}
    return json.dumps({"ts": 1767614400.5, **ends, "proto": proto, "conn_state": state, "history": history})


@pytest.mark.parametrize(
    ("history", "state", "outcome"),
    [
        ("ShADadFf", "SF", "established"),
        ("ShR", "RSTO", "established"),
        ("^hADad", "OTH", "established"),
        ("^hR", "RSTO", "midstream"),
        ("Sr", "REJ", "refused"),
        ("S", "S0", "unanswered"),
        ("SR", "RSTOS0", "unanswered"),
        ("SAD", "S0", "one_way"),
        ("DAF", "SH", "one_way"),
        ("^hdaf", "SHR", "one_way"),
        ("^dA", "OTH", "midstream"),
        ("DadA", "RSTR", "midstream"),
    ],
)
def test_zeeks_history_decides_and_not_its_state_alone(history: str, state: str, outcome: str) -> None:
    found = told("conn.log", zeek(history, state))
    assert (found.outcome, found.conn_state, found.history) == (outcome, state, history)


@pytest.mark.parametrize(
    ("state", "outcome"), [("SF", "established"), ("S0", "unanswered"), ("SHR", "one_way")]
)
def test_zeeks_udp_states(state: str, outcome: str) -> None:
    assert told("conn.log", zeek("Dd", state, "udp")).outcome == outcome
    assert told("conn.log", zeek("Dd", state, "udp", "224.0.0.9")).outcome == "one_way"


def flow(ts: str, tc: str, out: int, back: int, proto: str = "TCP") -> str:
    ends = {"src_ip": HOST, "src_port": 3932, "dest_ip": TARGET, "dest_port": 80}
    counts = {"pkts_toserver": out, "pkts_toclient": back}
    flags = {"tcp_flags_ts": ts, "tcp_flags_tc": tc} if ts else {}
    line = {
        "timestamp": "2026-01-05T12:00:00+0000",
        "event_type": "flow",
        "proto": proto,
        **ends,
        "flow": counts,
        "tcp": flags,
    }
    return json.dumps(line)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (flow("1b", "1b", 6, 5), "established"),
        (flow("02", "14", 1, 1), "refused"),
        (flow("02", "00", 3, 0), "unanswered"),
        (flow("1b", "00", 8, 0), "one_way"),
        (flow("18", "18", 4, 4), "midstream"),
        (flow("1a", "18", 4, 4), "established"),
        (flow("", "", 1, 1, "UDP"), "established"),
        (flow("", "", 1, 0, "UDP"), "unanswered"),
    ],
)
def test_suricatas_flags_and_counts_decide(line: str, outcome: str) -> None:
    found = told("eve.json", line)
    assert (found.outcome, rules(found, "outcome")) == (outcome, ["flow.state"])


ENDS = "outside:203.0.113.80/80 {}to inside:10.20.30.40/3932"
BUILT = f"Jan 05 2026 12:00:00: %ASA-6-302013: Built outbound TCP connection 9 for {ENDS.format('(203.0.113.80/80) ')} (192.0.2.1/3932)"
CLOSED = f"Jan 05 2026 12:00:09: %ASA-6-302014: Teardown TCP connection 9 for {ENDS.format('')} duration 0:00:09 bytes"


@pytest.mark.parametrize(
    ("end", "outcome", "proofs"),
    [
        ("6050 TCP FINs", "established", ["firewall.teardown"]),
        ("120 TCP Reset-O", "established", ["firewall.teardown"]),
        ("0 SYN Timeout", "unanswered", ["firewall.teardown"]),
        ("0 TCP Reset-O", "one_way", []),
    ],
)
def test_a_permission_is_no_answer_and_a_teardown_may_be(end: str, outcome: str, proofs: list[str]) -> None:
    found = told("firewall.log", BUILT, f"{CLOSED} {end}")
    assert (found.outcome, rules(found, "outcome")) == (outcome, proofs)
    assert rules(found, "effect") == ["firewall.allowed"]


def test_a_capture_from_the_middle_gives_way_to_the_firewall_that_saw_the_beginning() -> None:
    seen = packets(visit().cut(1, 2, 3))
    log = read_evidence("firewall.log", f"{BUILT}\n{CLOSED} 6050 TCP FINs\n".encode())
    (found,) = converse([*seen, *log.records])
    assert (found.outcome, rules(found, "outcome")) == ("established", ["firewall.teardown"])
    (alone,) = converse(seen)
    assert (alone.outcome, rules(alone, "outcome")) == ("midstream", ["tcp.midstream"])


def test_a_denial_alone_leaves_the_attempt_unanswered() -> None:
    line = 'Jan 05 2026 12:00:00: %ASA-4-106023: Deny tcp src outside:203.0.113.80/80 dst dmz:10.20.30.40/3932 by access-group "IN" [0x0, 0x0]'
    found = told("firewall.log", line)
    assert (found.outcome, rules(found, "outcome")) == ("unanswered", ["firewall.denied"])


@pytest.mark.parametrize("flags", ["ACK", "SYN ACK"])
def test_a_stray_packet_that_is_denied_is_no_unanswered_attempt(flags: str) -> None:
    said = f"Deny TCP (no connection) from 203.0.113.80/80 to 10.20.30.40/3932 flags {flags}  on interface outside"
    found = told("firewall.log", f"Jan 05 2026 12:00:00: %ASA-6-106015: {said}")
    assert (str(found.orig), found.outcome) == (CLIENT, "one_way")


def test_a_decoy_that_accepts_is_an_answer() -> None:
    line = '2026-01-05T12:00:00 src="203.0.113.80", src_port="80", dest="10.20.30.40", dest_port="3932", dionaea_action="{}", transport="tcp"'
    assert told("honeypot.log", line.format("accept")).outcome == "established"
    assert told("honeypot.log", line.format("connect")).outcome == "established"
    assert told("honeypot.log", line.format("reject")).outcome == "refused"
