"""Decoys: who dialled, which end is evidence and which is configuration, and what a decoy's word is worth."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, log, one, read
from tickets.engine.conversations import converse
from tickets.engine.effect import classify_effect
from tickets.engine.readers import read_evidence
from tickets.engine.types import (
    Alert,
    Basis,
    Conversation,
    Effect,
    Endpoint,
    Location,
    LogRecord,
    Outcome,
    Protocol,
    Record,
    Statement,
)

STRANGER, DECOY = Endpoint("198.51.100.7", 50123), Endpoint("192.0.2.60", 2222)
NOON = "2026-01-05T12:00:00.000000"


def conversation(*lines: str) -> Conversation:
    (found,) = converse(read(*lines)[1])
    return found


# dionaea


def hpfeeds(action: str, transport: str = "tcp", **more: Any) -> str:
    ends = {"remote_host": SERVER.ip, "remote_port": 80, "local_host": CLIENT.ip, "local_port": 3932}
    said = {
        "connection_type": action,
        "connection_transport": transport,
        "connection_protocol": "remoteshell",
    }
    return json.dumps({"channel": "dionaea.connections", **said, **ends, "remote_hostname": ""} | more)


def tree(action: str, transport: str = "tcp") -> str:
    arrow = "-> 203.0.113.80/None:80" if action == "connect" else "<- 203.0.113.80:80"
    return f"   connection 7 remoteshell {transport} {action} 10.20.30.40:3932 {arrow} (7 None)"


@pytest.mark.parametrize("line", [hpfeeds, tree])
@pytest.mark.parametrize(
    ("action", "statement", "orig", "outcome"),
    [
        ("accept", Statement.ACCEPTED, SERVER, Outcome.ESTABLISHED),
        ("reject", Statement.REFUSED, SERVER, Outcome.REFUSED),
        ("pending", Statement.SEEN, SERVER, Outcome.ONE_WAY),
        ("connect", Statement.CONNECTED_OUT, CLIENT, Outcome.ESTABLISHED),
    ],
)
def test_the_type_of_a_session_says_who_opened_it_though_the_remote_side_is_the_source(
    line: Any, action: str, statement: Statement, orig: Endpoint, outcome: Outcome
) -> None:
    record = log(line(action))
    assert (record.src, record.dst, record.service) == (SERVER, CLIENT, "remoteshell")
    assert (record.statement, record.orig, record.basis) == (statement, orig, Basis.DECOY)
    found = conversation(line(action))
    assert (found.orig, found.outcome) == (orig, outcome)


@pytest.mark.parametrize("line", [hpfeeds, tree])
def test_a_session_without_a_peer_is_passed_over(line: Any) -> None:
    assert read(line("accept"), line("listen"), line("accept", "sctp"))[2] == []
    assert len(read(line("accept"), line("listen"), line("accept", "sctp"))[1]) == 1


def test_a_refused_scan_from_port_80_is_no_reply() -> None:
    """The module pcap logs only resets that answer a bare SYN."""
    found = conversation(hpfeeds("reject", connection_protocol="pcap"))
    assert (found.orig, found.outcome, found.confidence) == (SERVER, Outcome.REFUSED, 0.92)


def test_a_collector_may_add_a_time_and_wrap_the_message() -> None:
    bare = json.loads(hpfeeds("accept"))
    assert log(hpfeeds("accept")).time_ns == 0
    assert log(json.dumps({**bare, "timestamp": NOON})).time_ns == NOON_NS
    for payload in (bare, json.dumps(bare)):
        wrapped = json.dumps(
            {"channel": "dionaea.connections", "ident": "x", "timestamp": NOON, "payload": payload}
        )
        assert (log(wrapped).orig, log(wrapped).time_ns) == (SERVER, NOON_NS)


def test_a_captured_file_belongs_to_the_session_that_it_came_by_and_names_no_opener() -> None:
    ends = {"saddr": "::ffff:203.0.113.80", "sport": "80", "daddr": CLIENT.ip, "dport": "3932"}
    capture = json.dumps(
        {"time": "2026-01-05 12:00:00", **ends, "md5": "0a", "sha512": "0b", "url": "http://203.0.113.80/a"}
    )
    record = log(capture)
    assert (record.src, record.dst, record.orig, record.statement) == (SERVER, CLIENT, None, Statement.SEEN)
    assert record.fields == {
        "action": "capture",
        "url": "http://203.0.113.80/a",
        "md5": "0a",
        "sha512": "0b",
    }
    assert conversation(hpfeeds("connect"), capture).orig == CLIENT


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (hpfeeds("greet"), "'greet' is not a type of session that dionaea knows"),
        (hpfeeds("accept", remote_port=70000), "'70000' is not a port"),
        ('{"hello": 1}', "this is neither a session nor a capture of dionaea"),
        ("[1]", "this is JSON, but not an object"),
    ],
)
def test_a_bad_message_is_told(line: str, told: str) -> None:
    kind, records, problems = read(hpfeeds("accept"), line, hpfeeds("reject"))
    assert (kind, len(records), problems) == ("dionaea.hpfeeds", 2, [f"line 2: {told}"])


def test_messages_of_other_channels_are_passed_over() -> None:
    other = json.dumps({"channel": "shellcode_profiles", "payload": "not JSON"})
    assert read(hpfeeds("accept"), other)[2] == []


def test_sessions_below_another_have_the_time_of_the_outermost() -> None:
    lines = ("2026-01-05 12:00:00", tree("accept"), "   p0f: genre:'x'", tree("connect"))
    _, records, problems = read(*lines)
    assert problems == []
    assert [(record.time_ns, record.location.number) for record in records if record.location] == [
        (NOON_NS, 2),
        (NOON_NS, 4),
    ]


@pytest.mark.parametrize("peer", ["host.example/203.0.113.80", "203.0.113.80/host.example", "/203.0.113.80"])
def test_a_session_that_the_decoy_opened_names_its_peer_in_either_order(peer: str) -> None:
    record = log(f" connection 8 ftpctrl tcp connect 10.20.30.40:3932 -> {peer}:80")
    assert (record.orig, record.resp) == (CLIENT, SERVER)


def test_an_arrow_that_does_not_fit_is_told() -> None:
    wrong = " connection 9 smbd tcp accept 10.20.30.40:3932 -> 203.0.113.80:80"
    told = [
        "line 2: the arrow -> does not fit a session of type accept",
        "line 3: the session is not written as readlogsqltree writes it",
    ]
    assert read(tree("accept"), wrong, " connection nine")[2] == told
    unknown = " connection 9 smbd tcp greet 10.20.30.40:3932"
    assert read(tree("accept"), unknown)[2] == ["line 2: 'greet' is not a type of session that dionaea knows"]


CEF = (
    "2026-01-05T12:00:00.000000 CEF:0|ThreatStream|MHN|1.0|dionaea.connections|Connection to Honeypot|10|"
    "src=203.0.113.80 spt=80 dst=10.20.30.40 dpt=3932 proto=tcp deviceDirection=0 cs1=Dionaea cs1Label=vendor_product"
)


def test_cef_keeps_no_type_of_the_session_so_it_names_no_opener() -> None:
    """`deviceDirection=0` is a constant: the same line is written for what the decoy opened itself."""
    record = log(CEF)
    assert (record.source, record.src, record.dst, record.orig) == ("dionaea.cef", SERVER, CLIENT, None)
    assert record.time_ns == NOON_NS
    found = conversation(CEF)
    assert (found.outcome, found.confidence < 0.9) == (Outcome.ONE_WAY, True)


@pytest.mark.parametrize(
    "before", ["<14>1 2026-01-05T12:00:00Z mhn logger - - - ", "<14>Jan  5 12:00:00 mhn "]
)
def test_cef_may_come_over_syslog(before: str) -> None:
    assert log(before + CEF.partition(" ")[2]).src == SERVER


def test_events_of_other_decoys_in_cef_are_passed_over_and_bad_ones_told() -> None:
    other = CEF.replace("dionaea.connections", "kippo.sessions")
    bad = CEF.replace("spt=80", "spt=eighty")
    _, records, problems = read(CEF, *[CEF] * 20, other, bad, "no event")
    assert len(records) == 21
    assert problems == ["line 23: 'eighty' is not a port", "line 24: the line holds no event in CEF"]


# cowrie


def cowrie(kind: str, **more: Any) -> str:
    common = {"eventid": f"cowrie.{kind}", "session": "c0ffee", "src_ip": STRANGER.ip, "sensor": "hp1"}
    return json.dumps({**common, "timestamp": "2026-01-05T12:00:00.000000Z"} | more)


CONNECT = cowrie(
    "session.connect", src_port=50123, dst_ip=DECOY.ip, dst_port=2222, protocol="ssh", message="x"
)


def test_only_the_first_event_of_a_session_has_ports_and_the_others_join_it() -> None:
    login = cowrie("login.failed", username="root", password="123456")
    found = conversation(CONNECT, login, cowrie("session.closed", duration_ms=12))
    assert (found.orig, found.resp, found.outcome) == (STRANGER, DECOY, Outcome.ESTABLISHED)
    assert (found.service, found.confidence, len(found.records)) == ("ssh", 0.97, 3)


def test_a_login_that_a_decoy_lets_in_is_its_own_choice_and_no_success() -> None:
    login = cowrie("login.success", username="root", password="admin")
    failed = cowrie("login.failed", username="root", password="root")
    records = read(CONNECT, failed, login)[1]
    assert [record.statement for record in records if isinstance(record, LogRecord)] == [
        Statement.ACCEPTED,
        Statement.AUTHENTICATION_FAILED,
        Statement.AUTHENTICATED,
    ]
    (found,) = converse(records)
    assert classify_effect(found, found.outcome, records).effect is Effect.ESTABLISHED


def test_a_login_says_user_and_result() -> None:
    _, records, _ = read(CONNECT, cowrie("login.success", username="root", password="admin"))
    assert isinstance(records[1], LogRecord)
    assert records[1].fields == {
        "action": "login.success",
        "user": "root",
        "password": "admin",
        "method": "password",
        "result": "accepted",
    }


def test_what_a_client_wishes_to_reach_through_the_decoy_was_never_on_the_wire() -> None:
    tunnel = cowrie(
        "direct-tcpip.request",
        dst_ip="203.0.113.25",
        dst_port=25,
        orig_ip="127.0.0.1",
        orig_port=49152,
    )
    record = read(CONNECT, tunnel)[1][1]
    assert isinstance(record, LogRecord)
    assert (record.src, record.dst, record.orig) == (STRANGER, DECOY, STRANGER)
    assert (record.fields["wished"], record.fields["claimed"]) == ("203.0.113.25:25", "127.0.0.1:49152")
    assert conversation(CONNECT, tunnel).endpoints == (STRANGER, DECOY)


def test_a_session_that_began_in_an_earlier_file_has_no_ports() -> None:
    record = log(cowrie("login.failed", username="root", password="x"))
    assert (record.src, record.dst) == (Endpoint(STRANGER.ip, 0), Endpoint("hp1", 0))
    assert conversation(cowrie("command.input", input="id")).orig == Endpoint(STRANGER.ip, 0)


def test_a_closed_session_is_forgotten() -> None:
    later = read(CONNECT, cowrie("session.closed", duration=1.5), cowrie("command.input", input="id"))[1][-1]
    assert isinstance(later, LogRecord)
    assert later.src == Endpoint(STRANGER.ip, 0)


def test_events_without_a_session_are_passed_over_and_bad_ones_told() -> None:
    start = json.dumps({"eventid": "cowrie.log.open", "session": "", "timestamp": NOON})
    bad = CONNECT.replace("50123", "-1")
    kind, records, problems = read(CONNECT, start, bad, '{"eventid": "other"}')
    assert (kind, len(records)) == ("cowrie", 1)
    assert problems == ["line 3: '-1' is not a port", "line 4: this is no event of cowrie"]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    reading = read_evidence("x", ("\ufeff" + CONNECT + "\r\n" + CONNECT + "\r\n").encode())
    assert [record.location for record in reading.records] == [Location("x", 1), Location("x", 2)]
    assert reading.problems == []


# honeytrap


def connection(
    remote: str = "0.0.0.0:0", local: str = "0.0.0.0:0", length: int = 0, spoken: str = "tcp"
) -> Any:
    (remote_ip, _, remote_port), (local_ip, _, local_port) = remote.rpartition(":"), local.rpartition(":")
    ends = {
        "remote_ip": remote_ip,
        "remote_port": int(remote_port),
        "local_ip": local_ip,
        "local_port": int(local_port),
    }
    return {"protocol": spoken, **ends, "payload": {"md5_hash": "0a", "length": length, "data_hex": ""}}


def honeytrap(attack: Any, proxy: Any = None, **more: Any) -> str:
    event = {"attack_connection": attack, "proxy_connection": proxy or connection()}
    return json.dumps({"start_time": "2026-01-05 12:00:00 UTC", **event, "operation_mode": 1} | more)


ATTACK = connection("198.51.100.7:50123", "192.0.2.60:2222", 24)


@pytest.mark.parametrize(
    ("attack", "statement", "outcome"),
    [
        (ATTACK, Statement.ACCEPTED, Outcome.ESTABLISHED),
        (connection("198.51.100.7:50123", "192.0.2.60:2222", 0), Statement.SEEN, Outcome.ONE_WAY),
        (connection("198.51.100.7:50123", "192.0.2.60:2222", 24, "udp"), Statement.SEEN, Outcome.ONE_WAY),
    ],
)
def test_the_remote_side_attacks_and_payload_shows_that_tcp_stood(
    attack: Any, statement: Statement, outcome: Outcome
) -> None:
    record = log(honeytrap(attack))
    assert (record.src, record.orig, record.statement) == (STRANGER, STRANGER, statement)
    assert record.time_ns == NOON_NS
    assert conversation(honeytrap(attack)).outcome == outcome


def test_in_mirror_mode_the_decoy_opens_a_second_conversation_to_the_attacker() -> None:
    proxy = connection("198.51.100.7:2222", "192.0.2.60:41000", 10)
    there, back = converse(read(honeytrap(ATTACK, proxy))[1])
    assert (there.orig, there.resp) == (STRANGER, DECOY)
    assert (back.orig, back.resp) == (Endpoint("192.0.2.60", 41000), Endpoint("198.51.100.7", 2222))
    assert back.outcome is Outcome.ESTABLISHED


def test_a_bad_attack_is_told_and_protocols_without_ports_passed_over() -> None:
    lines = (honeytrap(ATTACK), honeytrap({}), honeytrap(connection("x:1", "y:2")))
    assert read(*lines)[2] == [
        "line 2: the event has no attack_connection",
        "line 3: 'x' is not an address",
    ]
    assert len(read(honeytrap(ATTACK), honeytrap({**ATTACK, "protocol": "igmp"}))[1]) == 1


# T-Pot


def tpot(kind: str, **more: Any) -> str:
    host = {"t-pot_ip_ext": "192.0.2.60", "t-pot_ip_int": "10.9.8.60", "t-pot_hostname": "pot1"}
    ends = {"src_ip": STRANGER.ip, "src_port": STRANGER.port, "dest_ip": "192.0.2.60", "dest_port": 6379}
    return json.dumps({"type": kind, "@timestamp": "2026-01-05T12:00:00.000Z", **ends, **host} | more)


@pytest.mark.parametrize(
    "line",
    [
        tpot("Redishoneypot", action="NewConnect"),
        tpot("Tanner", dest_port=80, dest_ip=None),
        tpot("Sentrypeer", dest_port=5060, transport_type="TCP"),
        tpot("NewDecoyOfTomorrow", dest_port=1234),
    ],
)
def test_a_destination_that_the_pipeline_fills_in_is_no_evidence(line: str) -> None:
    record = log(line)
    assert (record.src, record.dst) == (STRANGER, Endpoint("192.0.2.60", 0))
    assert (record.orig, record.statement) == (STRANGER, Statement.ACCEPTED)


def test_a_decoy_without_a_port_joins_what_another_sensor_saw_of_the_same_client() -> None:
    redis = tpot("Redishoneypot", action="NewConnect")
    seen = tpot("P0f", mod="syn", subject="cli", dest_ip="10.9.8.60", dest_port=6380)
    for lines in ((redis, seen), (seen, redis)):
        found = conversation(*lines)
        assert (found.orig, found.resp) == (STRANGER, Endpoint("10.9.8.60", 6380))
        assert found.outcome is Outcome.ESTABLISHED


def test_port_0_of_a_decoy_is_no_low_port() -> None:
    found = conversation(tpot("Redishoneypot", action="NewConnect"))
    assert {item.rule for item in found.findings if item.rule.startswith("port.")} == set()


def test_p0f_follows_a_connection_from_its_syn_on() -> None:
    record = log(tpot("P0f", mod="syn+ack", subject="srv"))
    assert (record.source, record.orig, record.basis) == ("p0f", STRANGER, Basis.HANDSHAKE)
    assert conversation(tpot("P0f", mod="syn", subject="cli")).confidence == 0.95


@pytest.mark.parametrize(
    ("details", "orig"),
    [
        ({"fatt_tls": {"ja3": "0a"}}, STRANGER),
        ({"fatt_tls": {"ja3s": "0a"}}, Endpoint("192.0.2.60", 6379)),
        ({"fatt_ssh": {"server": "SSH-2.0-x", "hasshServer": "0a"}}, Endpoint("192.0.2.60", 6379)),
        ({"fatt_tls": {}}, None),
    ],
)
def test_a_fingerprint_is_of_a_client_or_of_a_server(details: Any, orig: Endpoint | None) -> None:
    assert log(tpot("Fatt", protocol="tls", **details)).orig == orig


def test_a_container_is_the_host_seen_from_inside() -> None:
    session = {"protocol": "smbd", "transport": "tcp", "type": "accept"}
    record = log(tpot("Dionaea", connection=session, dest_ip="172.20.0.4", dest_port=445))
    assert (record.dst, record.statement) == (Endpoint("172.20.0.4", 445), Statement.ACCEPTED)
    assert record.translated == (
        (STRANGER, Endpoint("10.9.8.60", 445)),
        (STRANGER, Endpoint("192.0.2.60", 445)),
    )


def test_a_session_that_the_decoy_opened_is_its_own_in_the_index_too() -> None:
    session = {"protocol": "remoteshell", "transport": "tcp", "type": "connect"}
    record = log(tpot("Dionaea", connection=session))
    assert (record.orig, record.resp) == (Endpoint("192.0.2.60", 6379), STRANGER)
    assert read(tpot("Dionaea", connection={**session, "type": "listen"}))[1:] == ([], [])


def test_cowrie_in_the_index_is_joined_by_session() -> None:
    connect = tpot("Cowrie", eventid="cowrie.session.connect", session="1", dest_port=22)
    wish = tpot(
        "Cowrie", eventid="cowrie.direct-tcpip.request", session="1", dest_ip="x.example", dest_port=25
    )
    first, second = read(connect, wish)[1]
    assert isinstance(first, LogRecord)
    assert isinstance(second, LogRecord)
    assert (first.dst, second.dst) == (Endpoint("192.0.2.60", 22), Endpoint("192.0.2.60", 22))
    assert (first.service, second.fields["wished"]) == ("", "x.example:25")


def test_honeytrap_in_the_index_has_its_addresses_outside() -> None:
    record = log(
        tpot("Honeytrap", attack_connection={"protocol": "tcp", "payload": {"length": 3}}, dest_port=81)
    )
    assert (record.orig, record.resp) == (STRANGER, Endpoint("192.0.2.60", 81))
    assert record.statement is Statement.ACCEPTED


def test_a_sensors_alert_in_the_index_prints_its_packet() -> None:
    back = {"src_ip": "10.9.8.60", "src_port": 445, "dest_ip": STRANGER.ip, "dest_port": STRANGER.port}
    alert = one(
        tpot(
            "Suricata",
            event_type="alert",
            proto="TCP",
            direction="to_client",
            alert={"signature_id": 1900001},
            **back,
        )
    )
    assert isinstance(alert, Alert)
    assert (alert.src, alert.direction, alert.time_ns) == (Endpoint("10.9.8.60", 445), "to_client", NOON_NS)


@pytest.mark.parametrize(
    ("line", "spoken"),
    [
        (tpot("Sentrypeer", transport_type="UDP"), Protocol.UDP),
        (tpot("Ddospot"), Protocol.UDP),
        (tpot("ConPot", data_type="snmp"), Protocol.UDP),
        (tpot("Heralding", proto="ssh"), Protocol.TCP),
    ],
)
def test_a_decoys_transport_is_stated_or_known(line: str, spoken: Protocol) -> None:
    assert log(line).protocol is spoken


def test_an_export_of_the_index_wraps_its_events() -> None:
    event = json.loads(tpot("Adbhoney", dest_port=5555))
    record = log(json.dumps({"_index": "logstash-2026.01.05", "_source": event}))
    assert record.dst == Endpoint("192.0.2.60", 5555)


def test_lines_that_are_no_decoys_are_passed_over() -> None:
    records: list[Record]
    _, records, problems = read(
        tpot("Redishoneypot"), tpot("NGINX"), json.dumps({"type": "Tanner", "t-pot_hostname": "x"})
    )
    assert (len(records), problems) == (1, [])
