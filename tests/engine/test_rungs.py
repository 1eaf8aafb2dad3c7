"""Who opened it: each rung of the ladder, what it outranks, and what it costs to be contradicted."""

from __future__ import annotations

import json
import struct

import pytest

from tests.traffic import (
    ACK,
    FIN,
    PSH,
    RST,
    SYN,
    Dialogue,
    conversation,
    conversations,
    icmp,
    packets,
    rules,
    tcp,
    udp,
)
from tickets.engine.conversations import converse
from tickets.engine.readers import read_evidence
from tickets.engine.types import Conversation, Outcome, Record

CLIENT, SERVER = "10.20.30.40:3932", "203.0.113.80:80"
HIGH = ("10.20.30.40:41000", "203.0.113.80:42000")
GET, OK = b"GET / HTTP/1.1\r\nHost: www.example.net\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"


def opener(found: Conversation) -> str:
    return str(found.orig) if found.orig else "nobody"


def read(name: str, text: str) -> list[Record]:
    return list(read_evidence(name, text.encode()).records)


# Handshakes


def test_the_sender_of_the_syn_opened_it() -> None:
    found = conversation(tcp(CLIENT, SERVER).handshake())
    assert (opener(found), rules(found)[0], found.flipped) == (CLIENT, "tcp.syn", False)
    assert found.confidence == 0.99


def test_a_capture_that_starts_at_the_syn_ack_flips_the_roles() -> None:
    found = conversation(tcp(CLIENT, SERVER).handshake().cut(1))
    assert (opener(found), rules(found)[0], found.flipped) == (CLIENT, "tcp.syn_ack", True)
    assert found.history.startswith("^h")


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 0, 1), (2, 1, 0)])
def test_the_order_of_the_handshake_does_not_matter(order: tuple[int, ...]) -> None:
    frames = tcp(CLIENT, SERVER).handshake().frames
    swapped = [frames[index]._replace(at_us=place) for place, index in enumerate(order)]
    found = conversation(swapped)
    assert (opener(found), found.confidence) == (CLIENT, 0.99)


def test_a_scan_from_source_port_80_keeps_its_originator() -> None:
    found = conversation(tcp("203.0.113.77:80", "192.0.2.10:3932").syn().reset())
    assert opener(found) == "203.0.113.77:80"
    assert "-port.service" in rules(found)
    assert 0.9 <= found.confidence < 0.99


def test_active_ftp_data_is_opened_by_port_20() -> None:
    found = conversation(tcp("203.0.113.21:20", "10.20.30.40:50133").handshake())
    assert opener(found) == "203.0.113.21:20"


def test_of_two_syns_the_acknowledged_one_opened_it() -> None:
    decoy = tcp(SERVER, CLIENT, isn=77).syn()
    found = conversation(decoy, tcp(CLIENT, SERVER, at_us=5000).handshake())
    assert (opener(found), rules(found)[0]) == (CLIENT, "tcp.syn_acknowledged")


@pytest.mark.parametrize("extra", [FIN, RST])
def test_a_syn_with_fin_or_rst_opens_nothing(extra: int) -> None:
    found = conversation(tcp(CLIENT, SERVER).segment(SYN | extra))
    assert "tcp.syn" not in rules(found)
    assert found.confidence < 0.9


def test_a_lone_syn_ack_may_be_backscatter() -> None:
    found = conversation(tcp(CLIENT, SERVER).syn().syn_ack().cut(1))
    assert (opener(found), rules(found)[0]) == (CLIENT, "tcp.lone_reply")
    assert found.confidence < 0.9


def test_who_resets_a_syn_ack_without_acknowledging_knew_of_no_connection() -> None:
    found = conversation(tcp(CLIENT, SERVER).syn().syn_ack().segment(RST).cut(1))
    assert (opener(found), rules(found)[0]) == ("nobody", "-tcp.disowned_reply")
    assert (found.outcome, rules(found, "outcome")) == (Outcome.MIDSTREAM, ["tcp.reply_reset"])


def test_who_resets_and_acknowledges_after_a_syn_ack_may_have_asked() -> None:
    found = conversation(tcp(CLIENT, SERVER).syn().syn_ack().segment(RST | ACK).cut(1))
    assert (opener(found), rules(found)[0]) == (CLIENT, "tcp.lone_reply")
    assert found.confidence < 0.9


def test_a_syn_ack_that_is_sent_again_into_silence_proves_no_asker() -> None:
    talk = tcp(CLIENT, SERVER).syn()
    for _ in range(3):
        talk.syn_ack()
        talk.next[True] -= 1
    found = conversation(talk.cut(1))
    assert (opener(found), rules(found)[0]) == ("nobody", "-tcp.unclaimed_reply")
    assert (found.outcome, rules(found, "outcome")) == (Outcome.ONE_WAY, ["tcp.one_side_only"])


def test_a_syn_ack_sent_again_that_is_then_acknowledged_names_its_asker() -> None:
    talk = tcp(CLIENT, SERVER).syn().syn_ack()
    talk.next[True] -= 1
    found = conversation(talk.syn_ack().ack().cut(1))
    assert (opener(found), rules(found)[0], found.confidence) == (CLIENT, "tcp.syn_ack", 0.97)


def test_a_device_that_kept_the_session_outranks_a_syn_ack_that_nobody_took_up() -> None:
    talk = tcp(CLIENT, SERVER).syn().syn_ack()
    talk.next[True] -= 1
    built = (
        "Jan 05 2026 12:00:00: %ASA-6-302013: Built outbound TCP connection 7 for outside:203.0.113.80/80 "
        "(203.0.113.80/80) to inside:10.20.30.40/3932 (10.20.30.40/3932)\n"
    )
    (found,) = converse([*packets(talk.syn_ack().cut(1)), *read("asa.log", built)])
    assert (opener(found), rules(found)[0]) == (CLIENT, "device.built")
    assert found.confidence >= 0.9


def test_a_lone_reset_that_answers_a_syn_is_a_reply() -> None:
    found = conversation(tcp(*HIGH).syn().reset().cut(1))
    assert (opener(found), rules(found)[0], found.flipped) == (HIGH[0], "tcp.lone_reply", True)


@pytest.mark.parametrize("flags", [0, FIN, FIN | PSH | 0x20])
def test_a_segment_without_ack_answers_nothing(flags: int) -> None:
    found = conversation(tcp("203.0.113.77:80", "192.0.2.10:80").segment(flags))
    assert (opener(found), rules(found)[0]) == ("203.0.113.77:80", "tcp.without_ack")
    assert (found.outcome, rules(found, "outcome")) == (Outcome.ONE_WAY, ["tcp.probe_silence"])
    assert found.confidence == 0.9


@pytest.mark.parametrize("flags", [0, FIN, FIN | PSH | 0x20, SYN | FIN])
def test_a_reset_with_number_0_answers_a_segment_without_ack(flags: int) -> None:
    found = conversation(tcp("203.0.113.77:80", "192.0.2.10:40000").segment(flags).reset())
    assert (opener(found), rules(found)[0]) == ("203.0.113.77:80", "tcp.probe_reset")
    assert (found.outcome, rules(found, "outcome")) == (Outcome.REFUSED, ["tcp.probe_refused"])


def test_a_reset_of_a_connection_answers_no_probe() -> None:
    talk = tcp("203.0.113.77:80", "192.0.2.10:40000").segment(FIN).segment(RST | ACK, from_server=True)
    found = conversation(talk)
    assert "tcp.probe_reset" not in rules(found)
    assert found.outcome is Outcome.MIDSTREAM


def test_the_middle_of_a_connection_between_equal_ports_names_nobody() -> None:
    found = conversation(tcp("203.0.113.80:5000", "10.20.30.40:5000").ack())
    assert (found.orig, found.resp, found.confidence) == (None, None, 0.0)
    assert [str(end) for end in found.endpoints] == ["203.0.113.80:5000", "10.20.30.40:5000"]
    assert not found.flipped


def test_a_syn_into_a_connection_that_stands_opens_nothing() -> None:
    """It is answered with an ACK (RFC 5961, 4.2), and may be forged in the name of either side."""
    talk = tcp(*HIGH).says(GET).answers(OK)
    talk.next[True] = 77
    found = conversation(talk.syn(from_server=True).ack())
    assert (opener(found), rules(found)[0]) == (HIGH[0], "application.agreement")


def test_a_syn_that_is_answered_opens_though_late_packets_of_before_were_seen() -> None:
    talk = tcp(SERVER, CLIENT).says(b"late").answers(b"late too")
    again = tcp(CLIENT, SERVER, at_us=5000, isn=1 << 30).handshake()
    assert rules(conversation(talk, again))[0] == "tcp.syn"


def test_a_syn_with_data_opens() -> None:
    """TCP Fast Open (RFC 7413): the request may be in the SYN, and be all that is captured of the client."""
    talk = tcp(*HIGH).segment(SYN, GET).syn_ack().answers(OK)
    found = conversation(talk)
    assert (opener(found), found.service, found.outcome) == (HIGH[0], "http", Outcome.ESTABLISHED)
    assert opener(conversation(talk.cut(1))) == HIGH[0]


# What is spoken


@pytest.mark.parametrize("cut", [(1, 2, 3), (1, 2, 3, 4), (1, 2, 3, 5)])
def test_in_the_middle_http_tells_who_asks(cut: tuple[int, ...]) -> None:
    found = conversation(tcp(*HIGH).handshake().says(GET).answers(OK).cut(*cut))
    assert (opener(found), found.service) == (HIGH[0], "http")
    assert rules(found)[0] in ("application.role", "application.agreement")
    assert found.confidence >= 0.95


def test_a_request_against_the_handshake_costs_and_is_told() -> None:
    found = conversation(tcp(*HIGH).handshake().answers(GET))
    assert (opener(found), rules(found)[0]) == (HIGH[0], "tcp.syn")
    assert "-application.role" in rules(found)
    assert found.confidence == 0.97


def test_sides_that_ask_each_other_are_a_weaker_sign() -> None:
    found = conversation(tcp(*HIGH).says(GET).answers(GET))
    assert opener(found) == HIGH[0]
    assert found.confidence < 0.9


INVITE = b"INVITE sip:ana@example.net SIP/2.0\r\nVia: SIP/2.0/UDP 10.20.30.40\r\n\r\n"
REGISTER = INVITE.replace(b"INVITE", b"REGISTER")
FIRST_OF_IKE = b"\7" * 8 + bytes(8) + b"\x21\x20\x22\x08" + bytes(4) + struct.pack(">I", 28)


@pytest.mark.parametrize(
    ("message", "client", "server", "confidence"),
    [
        # An exchange calls a phone that had registered.
        (INVITE, "10.20.30.40:5060", "203.0.113.80:49999", 0.80),
        (INVITE, "10.20.30.40:5060", "203.0.113.80:5060", 0.85),
        (INVITE, "10.20.30.40:49999", "203.0.113.80:5060", 0.95),
        # But a phone that registers has not been called yet.
        (REGISTER, "10.20.30.40:5060", "203.0.113.80:5060", 0.95),
        # A first message may be about new keys for an old conversation.
        (FIRST_OF_IKE, "10.20.30.40:500", "203.0.113.80:500", 0.85),
        (FIRST_OF_IKE, "10.20.30.40:40000", "203.0.113.80:500", 0.95),
    ],
)
def test_where_either_may_ask_the_ports_have_to_agree(
    message: bytes, client: str, server: str, confidence: float
) -> None:
    found = conversation(udp(client, server).says(message).answers(b"\0\0\0\0"))
    assert (opener(found), found.confidence) == (client, confidence)


def test_a_proxy_that_dialled_out_is_asked_by_the_side_that_it_dialled() -> None:
    """Without the handshake nothing tells it from a proxy that was dialled, so it is not held for certain."""
    request = b"\5\1\0\1\xcb\0\x71\x50\0\x50"
    talk = tcp("10.0.0.2:54263", "10.0.0.1:8855").says(request).answers(b"\5\0" + request[2:]).says(GET)
    found = conversation(talk)
    assert (found.service, rules(found)[0], found.confidence) == ("socks", "application.agreement", 0.85)


def test_a_greeting_comes_from_the_server() -> None:
    found = conversation(tcp(*HIGH).answers(b"220 mail.example.net ESMTP\r\n"))
    assert (opener(found), rules(found)[0]) == (HIGH[0], "application.banner")
    assert found.confidence < 0.9


def test_a_line_that_both_sides_send_says_nothing() -> None:
    found = conversation(tcp(*HIGH).says(b"SSH-2.0-Go\r\n").answers(b"SSH-2.0-OpenSSH_9.6\r\n"))
    assert found.service == "ssh"
    assert not any("application" in rule for rule in rules(found))


@pytest.mark.parametrize(("flags", "orig"), [(0x0100, CLIENT), (0x8180, "203.0.113.53:53")])
def test_a_dns_bit_tells_query_from_response(flags: int, orig: str) -> None:
    message = struct.pack(">HHHHHH", 1, flags, 1, 0, 0, 0)
    found = conversation(udp(CLIENT, "203.0.113.53:53").says(message))
    assert opener(found) == orig


# Other evidence


def test_a_group_only_listens() -> None:
    response = struct.pack(">HHHHHH", 0, 0x8400, 0, 1, 0, 0)
    found = conversation(udp("10.0.0.1:5353", "224.0.0.251:5353").says(response))
    assert (opener(found), rules(found)[0]) == ("10.0.0.1:5353", "multicast.sender")


@pytest.mark.parametrize("first", [False, True])
def test_an_echo_reply_never_opens(first: bool) -> None:
    talk = icmp("10.0.0.1", "10.0.0.2")
    talk.message(0, from_server=True).message(8) if first else talk.message(8).message(0, from_server=True)
    assert opener(conversation(talk)) == "10.0.0.1:8"


def test_a_reply_alone_still_names_the_side_that_asked() -> None:
    found = conversation(icmp("10.0.0.1", "10.0.0.2").message(0, from_server=True))
    assert (opener(found), rules(found)[0], found.flipped) == ("10.0.0.1:8", "icmp.answer", True)


@pytest.mark.parametrize(
    ("said", "target"),
    [
        (b"227 Entering Passive Mode (203,0,113,21,195,80)\r\n", "203.0.113.21:50000"),
        (b"229 Entering Extended Passive Mode (|||50000|)\r\n", "203.0.113.21:50000"),
    ],
)
def test_passive_ftp_announces_where_the_client_will_connect(said: bytes, target: str) -> None:
    control = tcp("10.20.30.40:50010", "203.0.113.21:21").handshake().answers(said)
    data = tcp("10.20.30.40:40001", target, at_us=50_000).handshake().answers(b"x" * 50).cut(1, 2, 3)
    found = conversations(control, data)[1]
    assert (opener(found), rules(found)[0]) == ("10.20.30.40:40001", "control.announced")


@pytest.mark.parametrize("said", [b"PORT 10,20,30,40,195,213\r\n", b"EPRT |1|10.20.30.40|50133|\r\n"])
def test_active_ftp_announces_where_the_server_will_connect(said: bytes) -> None:
    control = tcp("10.20.30.40:50010", "203.0.113.21:21").handshake().says(said)
    data = tcp("203.0.113.21:20", "10.20.30.40:50133", at_us=50_000).handshake().says(b"x").cut(1, 2, 3)
    found = conversations(control, data)[1]
    assert (opener(found), rules(found)[0]) == ("203.0.113.21:20", "control.announced")


def test_an_earlier_conversation_hints_at_a_later_one() -> None:
    first = tcp("10.0.0.1:40000", "10.0.0.2:50000").handshake()
    later = tcp("10.0.0.1:40000", "10.0.0.2:50000", at_us=400_000_000, isn=1 << 30).answers(b"later")
    found = conversations(first, later)
    assert [opener(item) for item in found] == ["10.0.0.1:40000", "10.0.0.1:40000"]
    assert rules(found[1])[0] == "earlier.conversation"
    assert found[1].confidence < 0.9


def test_an_error_quotes_the_request() -> None:
    attempt = udp(*HIGH).says(b"hello")
    error = icmp("203.0.113.80", "10.20.30.40", at_us=9000).message(3, 3, attempt.frames[0].data)
    assert "icmp.quoted" in rules(conversations(attempt, error)[0])


# Ports and order


def test_for_tcp_ports_come_before_the_first_packet_and_are_no_proof() -> None:
    found = conversation(tcp(CLIENT, SERVER).answers(b"\x00\x01\x02"))
    assert (opener(found), rules(found)) == (
        CLIENT,
        ["port.service", "port.range", "-packet.first"],
    )
    assert found.confidence == 0.85


def test_without_a_handshake_port_20_still_opens_ftps_data() -> None:
    found = conversation(tcp("10.20.30.40:50133", "203.0.113.21:20").says(b"\x00\x01\x02"))
    assert (opener(found), rules(found)) == ("203.0.113.21:20", ["port.ftp_data", "-packet.first"])
    assert found.confidence == 0.8


@pytest.mark.parametrize(("client", "server"), [(40000, 50001), (49153, 61000), (2100, 9901)])
def test_two_ports_of_one_range_name_nobody(client: int, server: int) -> None:
    """Measured: between such ports the lower one is the server's in fewer than half of the cases."""
    found = conversation(tcp(f"10.20.30.40:{client}", f"203.0.113.80:{server}").says(b"\x00\x01\x02"))
    assert (opener(found), rules(found)) == ("nobody", ["-packet.first"])


def test_of_two_well_known_ports_the_lower_one_is_a_hint() -> None:
    found = conversation(tcp("10.20.30.40:1011", "203.0.113.80:777").answers(b"\x00\x01\x02"))
    assert (opener(found), found.confidence, rules(found)[0]) == ("10.20.30.40:1011", 0.65, "port.lower")


def _expired(probe: Dialogue) -> Dialogue:
    """A router's word on the only packet of `probe`, one hop away."""
    (frame,) = probe.frames
    return icmp("198.51.100.9", "10.20.30.40", 5_000).message(11, 0, frame.data[:28])


def test_an_error_about_a_packet_that_was_seen_was_caused_by_its_sender() -> None:
    probe = udp("10.20.30.40:41000", "203.0.113.80:33434").says(bytes(32))
    (error,) = (item for item in conversations(probe, _expired(probe)) if item.protocol == "icmp")
    assert error.orig is not None
    assert (error.orig.ip, rules(error)) == ("10.20.30.40", ["icmp.error"])
    assert [place.number for place in error.findings[0].records] == [1, 2]


def test_an_error_about_a_packet_that_nobody_saw_may_answer_a_forged_one() -> None:
    probe = udp("10.20.30.40:41000", "203.0.113.80:33434").says(bytes(32))
    (error,) = (item for item in conversations(_expired(probe)) if item.protocol == "icmp")
    assert error.orig is not None
    assert (error.orig.ip, rules(error)) == ("198.51.100.9", ["icmp.message"])


def test_a_flow_record_does_not_contradict_the_request_that_announced_who_would_send_first() -> None:
    """RFC 1350, 4: the server's first block begins a flow; the request to port 69 says for whom."""
    request = udp("10.0.0.1:50618", "10.0.0.2:69").says(b"\x00\x01sw-confg\x00octet\x00")
    blocks = udp("10.0.0.2:3445", "10.0.0.1:50618", 5_000)
    blocks.says(b"\x00\x03\x00\x01" + bytes(90)).answers(b"\x00\x04\x00\x01")
    line = (
        '{"ts":0.005,"uid":"CTq5k12wGzYh8cfmQ1","id.orig_h":"10.0.0.2","id.orig_p":3445,"id.resp_h":"10.0.0.1",'
        '"id.resp_p":50618,"proto":"udp","duration":0.001,"orig_bytes":94,"resp_bytes":4,"conn_state":"SF",'
        '"history":"Dd","orig_pkts":1,"orig_ip_bytes":122,"resp_pkts":1,"resp_ip_bytes":32}\n'
    )
    records: list[Record] = [*packets(request, blocks), *read_evidence("conn.log", line.encode()).records]
    found = next(item for item in converse(records) if not {69} & {end.port for end in item.endpoints})
    assert (str(found.orig), found.confidence) == ("10.0.0.1:50618", 0.93)
    assert "-device.flow" in rules(found)


@pytest.mark.parametrize("senders", [1, 3])
@pytest.mark.parametrize(
    ("port", "answer"),
    [
        (123, bytes.fromhex("d700032a00060048") + bytes(432)),
        (53, b"\0\7\x81\x80\0\1\0\1" + bytes(20)),
        (1900, b"HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n"),
    ],
)
def test_answers_to_one_who_was_not_seen_to_ask_may_answer_a_forged_question(
    senders: int, port: int, answer: bytes
) -> None:
    floods = [
        udp(f"203.0.113.{number}:{port}", "192.0.2.25:40123").says(answer).says(answer)
        for number in range(senders)
    ]
    found = conversations(*floods)
    assert {(str(item.orig), rules(item)[0]) for item in found} == {("192.0.2.25:40123", "application.role")}
    assert max(item.confidence for item in found) < 0.9


def test_an_answer_of_the_own_link_is_to_a_question_that_went_to_a_group() -> None:
    answer = b"\0\7\x80\0\0\1\0\1\0\0\0\0" + b"\3nas\0\0\1\0\1" + b"\3nas\0\0\1\0\1\0\0\0\x1e\0\4\x0a\0\0\x09"
    found = conversation(udp("10.0.0.9:5355", "10.0.0.1:50121").says(answer))
    assert (opener(found), found.confidence, found.service) == ("10.0.0.1:50121", 0.95, "llmnr")


def test_an_answer_before_the_next_question_names_the_one_who_asked() -> None:
    answer, question = b"\0\7\x81\x80\0\1\0\1" + bytes(20), b"\0\7\1\0\0\1" + bytes(6)
    found = conversation(udp("192.0.2.25:40123", "203.0.113.53:53").answers(answer).says(question))
    assert (opener(found), found.confidence) == ("192.0.2.25:40123", 0.97)


def test_one_who_asked_several_is_their_client() -> None:
    asked = [
        udp("10.0.0.1:123", f"203.0.113.{number}:123").says(b"\x23" + bytes(47)).answers(b"\x24" + bytes(47))
        for number in range(4)
    ]
    found = conversations(*asked)
    assert {(str(item.orig), item.confidence) for item in found} == {("10.0.0.1:123", 0.97)}


def test_for_udp_the_first_packet_comes_before_ranges() -> None:
    found = conversation(udp("10.0.0.1:2000", "10.0.0.2:50000").says(b"\xff\x00\xff"))
    assert (opener(found), rules(found)[0]) == ("10.0.0.1:2000", "packet.first")
    assert found.confidence == 0.75


def test_many_peers_suggest_a_server() -> None:
    talks = [tcp(f"10.0.0.{host}:41000", "10.0.1.1:45000").ack() for host in range(1, 5)]
    found = conversations(*talks)
    assert {rules(item)[0] for item in found} == {"peers.fan_in"}
    assert {str(item.resp) for item in found} == {"10.0.1.1:45000"}


def test_a_clock_that_asks_many_from_its_own_port_is_no_server_of_theirs() -> None:
    """Logs of UDP without what was spoken: who was seen first comes before how many an endpoint talks with."""
    at = '{"timestamp": "2026-01-05T12:00:00.000001+0000", "event_type": "flow", "proto": "UDP", "src_ip": "10.0.0.1", '
    more = '"src_port": 123, "dest_ip": "203.0.113.%d", "dest_port": 123, "flow": {"pkts_toserver": 1, "pkts_toclient": 1}}'
    found = converse(read("eve.json", "\n".join(at + more % number for number in range(1, 5))))
    assert {(opener(item), rules(item)[0]) for item in found} == {("10.0.0.1:123", "device.flow_order")}
    assert any("-peers.fan_in" in rules(item) for item in found)


@pytest.mark.parametrize(
    "talk",
    [
        tcp(*HIGH).ack(),
        tcp(CLIENT, SERVER).ack(),
        tcp("10.0.0.1:53", "10.0.0.2:50000").says(b"\xff\xfe"),
        udp(CLIENT, "203.0.113.80:161").says(b"\xff\xfe"),
    ],
)
def test_what_rests_on_ports_alone_stays_below_nine_tenths(talk: Dialogue) -> None:
    assert conversation(talk).confidence < 0.9


# Logs

MHN = (
    '2026-01-05T12:00:00 src="203.0.113.80", src_port="80", dest="10.20.30.40", dest_port="3932", '
    'dionaea_action="{}", transport="tcp"'
)


@pytest.mark.parametrize(
    ("action", "orig", "rule"),
    [
        ("accept", SERVER, "honeypot.accepted"),
        ("reject", SERVER, "honeypot.rejected"),
        ("connect", CLIENT, "honeypot.dialled_out"),
    ],
)
def test_a_decoys_word_outranks_ports(action: str, orig: str, rule: str) -> None:
    (found,) = converse(read("honeypot.log", MHN.format(action)))
    assert (opener(found), rules(found)[0]) == (orig, rule)
    assert found.confidence >= 0.9


def zeek(orig: str, resp: str, history: str, state: str = "SF", proto: str = "tcp") -> list[Record]:
    (source, sport), (target, dport) = orig.split(":"), resp.split(":")
    ends = {"id.orig_h": source, "id.orig_p": int(sport), "id.resp_h": target, "id.resp_p": int(dport)}
    line = {"ts": 1767614400.5, **ends, "proto": proto, "conn_state": state, "history": history}
    return read("conn.log", json.dumps(line))


@pytest.mark.parametrize(
    ("history", "rule", "least", "most"),
    [
        ("ShADadFf", "device.flow", 0.9, 1.0),
        ("^hADad", "device.flow", 0.8, 0.9),
        ("DadA", "port.service", 0.8, 0.9),
    ],
)
def test_zeeks_history_says_what_its_roles_rest_on(
    history: str, rule: str, least: float, most: float
) -> None:
    (found,) = converse(zeek(CLIENT, SERVER, history))
    assert (opener(found), rules(found)[0]) == (CLIENT, rule)
    assert least <= found.confidence < most


def test_zeek_without_handshake_is_no_proof_against_ports() -> None:
    (found,) = converse(zeek(SERVER, CLIENT, "Da", "OTH"))
    assert (opener(found), rules(found)[-1]) == (CLIENT, "-device.flow_order")


def flow(orig: str, resp: str, ts: str, tc: str) -> list[Record]:
    (source, sport), (target, dport) = orig.split(":"), resp.split(":")
    ends = {"src_ip": source, "src_port": int(sport), "dest_ip": target, "dest_port": int(dport)}
    tcp_flags = {"tcp_flags_ts": ts, "tcp_flags_tc": tc}
    line = {
        "timestamp": "2026-01-05T12:00:00+0000",
        "event_type": "flow",
        "proto": "TCP",
        **ends,
        "flow": {},
        "tcp": tcp_flags,
    }
    return read("eve.json", json.dumps(line))


def test_suricata_that_saw_the_syn_is_believed_and_midstream_it_is_not() -> None:
    (seen,) = converse(flow(SERVER, CLIENT, "02", "14"))
    assert (opener(seen), rules(seen)[0]) == (SERVER, "device.flow")
    (picked_up,) = converse(flow(SERVER, CLIENT, "18", "18"))
    assert (opener(picked_up), rules(picked_up)[0]) == (CLIENT, "port.service")


def test_a_log_that_contradicts_the_packets_is_told() -> None:
    (found,) = converse(
        [*packets(tcp(CLIENT, SERVER).handshake()), *read("honeypot.log", MHN.format("accept"))]
    )
    assert rules(found)[:2] == ["honeypot.accepted", "-tcp.syn"]
    assert found.confidence < 0.9


def test_every_finding_names_both_ends_and_cites_records() -> None:
    talk = tcp(CLIENT, SERVER).handshake().says(GET).answers(OK)
    for finding in conversation(talk).findings:
        assert finding.records
        if finding.claim == "originator":
            assert {finding.facts["orig"], finding.facts["resp"]} == {CLIENT, SERVER}


def test_cutting_the_handshake_never_raises_the_confidence() -> None:
    confidences = [
        conversation(
            tcp(CLIENT, SERVER).handshake().says(GET).answers(OK).cut(*range(1, count + 1))
        ).confidence
        for count in range(4)
    ]
    assert confidences == sorted(confidences, reverse=True) == [0.99, 0.99, 0.95, 0.95]


def test_an_ack_scan_rests_on_ports_only() -> None:
    found = conversation(tcp("203.0.113.77:45000", "192.0.2.10:80").segment(ACK))
    assert rules(found)[0] == "port.service"


def test_a_port_of_reverse_shells_has_no_services_name() -> None:
    found = conversation(tcp("10.20.30.40:50100", "203.0.113.80:4444").handshake().answers(b"id\n"))
    assert (opener(found), found.service) == ("10.20.30.40:50100", "")
    assert not any("port.service" in rule for rule in rules(found))
