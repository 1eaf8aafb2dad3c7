"""What Suricata's events print as source: the packet's side, the flow's client, or the sender of a file."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.engine.readers.lines import BACK, CLIENT, NOON_NS, SERVER, TUPLE, log, one, read
from tickets.engine import Outcome, Reversed, converse, judge_reversed
from tickets.engine.readers import read_evidence
from tickets.engine.types import (
    Alert,
    Basis,
    Conversation,
    Endpoint,
    FlowRecord,
    Location,
    Packet,
    Protocol,
    Statement,
    TcpFlags,
)

UDP = {"proto": "UDP"}


def event(kind: str, **more: Any) -> str:
    common = {"timestamp": "2026-01-05T12:00:00.000001+0000", "event_type": kind, "proto": "TCP", **TUPLE}
    return json.dumps(common | more)


def conversation(*lines: str) -> Conversation:
    _, records, problems = read(*lines)
    assert problems == []
    (found,) = converse(records)
    return found


def rules(found: Conversation) -> list[str]:
    return [item.rule for item in found.findings]


# Alerts


def test_an_alert_prints_the_packet_and_its_flow_names_the_client() -> None:
    alert = one(
        event(
            "alert",
            **BACK,
            alert={
                "signature_id": 1900001,
                "rev": 2,
                "signature": "TRAINING",
                "severity": 2,
                "action": "allowed",
            },
            direction="to_client",
            flow=TUPLE,
            flow_id=17,
        )
    )
    assert isinstance(alert, Alert)
    assert (alert.src, alert.dst, alert.direction) == (SERVER, CLIENT, "to_client")
    assert (alert.flow_orig, alert.flow_resp, alert.flow_id) == (CLIENT, SERVER, "17")
    assert (alert.gid, alert.sid, alert.rev, alert.severity) == (1, 1900001, 2, 2)
    assert (alert.time_ns, alert.location) == (NOON_NS + 1000, Location("x.log", 1))


def test_a_parser_that_does_not_check_who_asks_does_not_speak_against_the_port() -> None:
    """The sensor met the flow at the server's data. TLS goes on as if the server had asked; the name that is asked for
    stands in a ClientHello only."""
    met = event("alert", **BACK, alert={"signature_id": 1}, app_proto="tls", direction="to_server", flow=BACK)
    told = [event("tls", **BACK, tls=tls) for tls in ({"version": "TLS 1.2"}, {"sni": "www.example.net"})]
    assert (conversation(met).orig, rules(conversation(met))[0]) == (CLIENT, "port.service")
    assert (conversation(told[0]).orig, rules(conversation(told[0]))[0]) == (CLIENT, "port.service")
    assert (conversation(told[1]).orig, rules(conversation(told[1]))[0]) == (SERVER, "sensor.application")


def test_suricata_turns_a_flow_of_rpc_that_it_met_in_the_middle_the_wrong_way() -> None:
    there = {**TUPLE, "src_port": 50059, "dest_port": 49683}
    back = {**BACK, "src_port": 49683, "dest_port": 50059}
    first = event("alert", **there, alert={"signature_id": 1}, direction="to_server", flow=there, flow_id=7)
    turned = event("alert", **back, alert={"signature_id": 1}, app_proto="dcerpc", flow=back, flow_id=7)
    found = conversation(first, turned.replace("12:00:00.000001", "12:00:00.100001"))
    assert (found.orig, rules(found)[0]) == (Endpoint(CLIENT.ip, 50059), "sensor.flow_start")


def test_what_is_raised_when_a_flow_ends_belongs_to_that_flow_whatever_its_time() -> None:
    """Suricata prints it with the time of a packet that it makes for itself, an hour later or a day earlier."""
    flow = flow_line("1b", "1b", 8, 9, flow_id=7)
    late = event("http", http={"status": 200}, flow_id=7).replace("T12:00", "T13:00")
    early = event("alert", alert={"signature_id": 1}, flow_id=7).replace("01-05", "01-04")
    found = conversation(flow, late, early)
    assert (found.outcome, len(found.records)) == (Outcome.ESTABLISHED, 3)
    assert found.first_ns == conversation(flow).first_ns
    assert len(converse(read(flow, late.replace('"flow_id": 7', '"flow_id": 8'))[1])) == 2
    without = [line.replace('"flow_id": 7', '"flow_id": 0') for line in (flow, late)]
    assert len(converse(read(*without)[1])) == 2


def test_an_alert_without_flow_names_nobody() -> None:
    alert = one(event("alert", alert={"signature_id": 1}))
    assert isinstance(alert, Alert)
    assert (alert.flow_orig, alert.flow_resp, alert.direction) == (None, None, "")


def test_the_packets_fate_stands_beside_the_rules_action() -> None:
    alert = one(event("alert", alert={"signature_id": 1, "action": "allowed"}, verdict={"action": "drop"}))
    assert isinstance(alert, Alert)
    assert (alert.action, alert.verdict) == ("allowed", "drop")


def test_the_target_of_a_rule_and_a_forwarded_address_are_no_ends_of_the_packet() -> None:
    told = {
        "signature_id": 1,
        "target": {"ip": CLIENT.ip},
        "source": {"ip": SERVER.ip},
        "xff": "198.51.100.23",
    }
    alert = one(event("alert", alert=told, direction="to_server", flow=TUPLE))
    assert isinstance(alert, Alert)
    assert (alert.src, alert.dst) == (CLIENT, SERVER)


@pytest.mark.parametrize("direction", ["to_server", "to_client"])
def test_an_alert_that_the_sensor_met_in_the_middle_is_judged_by_the_service_port(direction: str) -> None:
    """What the sensor calls the server is only who did not send the first packet that it saw."""
    line = event("alert", **BACK, alert={"signature_id": 1}, direction=direction, flow=BACK)
    alert = one(line)
    assert isinstance(alert, Alert)
    assert judge_reversed(alert, conversation(line)) is Reversed.YES


@pytest.mark.parametrize(("direction", "reverse"), [("to_server", Reversed.NO), ("to_client", Reversed.YES)])
def test_a_forwarded_address_in_place_of_an_end_is_the_proxys_conversation(
    direction: str, reverse: Reversed
) -> None:
    """`xff` in mode `overwrite` writes the header's address over the client's side of the packet."""
    printed = {**TUPLE, "src_ip": "198.51.100.23"}
    if direction == "to_client":
        printed = {**BACK, "dest_ip": "198.51.100.23"}
    line = event(
        "alert", **printed, alert={"signature_id": 1}, app_proto="http", direction=direction, flow=TUPLE
    )
    alert = one(line)
    assert isinstance(alert, Alert)
    for lines in ((line,), (event("http", http={"status": 200}), line)):
        found = conversation(*lines)
        assert (found.orig, found.resp) == (CLIENT, SERVER)
        assert "join.forwarded" in rules(found)
        assert judge_reversed(alert, found) is reverse


def test_where_alerts_about_one_flow_disagree_the_later_one_is_right() -> None:
    """The sensor met the flow at the server's data, and turned it round when it read the request."""
    ends = {"src_port": 8240, "dest_port": 3378}
    back = {**BACK, **ends}
    there = {**TUPLE, "src_port": 3378, "dest_port": 8240}
    first = event("alert", **back, alert={"signature_id": 1}, direction="to_server", flow=back, flow_id=7)
    later = event("alert", **back, alert={"signature_id": 1}, direction="to_client", flow=there, flow_id=7)
    later = later.replace("12:00:00.000001", "12:00:01.000001")
    found = conversation(first, later)
    assert (found.orig, rules(found)[0]) == (Endpoint(CLIENT.ip, 3378), "sensor.turned")
    assert conversation(later, first).orig == found.orig
    alone = conversation(first)
    assert (alone.orig, rules(alone)[0]) == (Endpoint(SERVER.ip, 8240), "sensor.flow_start")
    # What Suricata raises when the flow ends may carry an earlier time.
    at_the_end = event(
        "alert", **back, alert={"signature_id": 2}, app_proto="http", flow=there, flow_id=7
    ).replace("12:00:00.000001", "11:59:59.000001")
    assert rules(conversation(first, at_the_end))[0] == "sensor.turned"
    assert conversation(first, at_the_end).orig == found.orig
    other_flow = conversation(first, later.replace('"flow_id": 7', '"flow_id": 8'))
    assert "sensor.turned" not in rules(other_flow)


@pytest.mark.parametrize(
    ("flags", "answers", "reverse"),
    [
        ("1b", 0, Reversed.NO),  # it saw the SYN
        ("00", 4, Reversed.NO),
        ("00", 0, Reversed.CANNOT_BE_DETERMINED),
        ("18", 0, Reversed.CANNOT_BE_DETERMINED),
    ],
)
def test_an_alert_of_a_flow_that_heard_one_side_from_its_middle_names_nobody(
    flags: str, answers: int, reverse: Reversed
) -> None:
    ends = {**TUPLE, "src_port": 50059, "dest_port": 49683}
    line = event("alert", **ends, alert={"signature_id": 1}, direction="to_server", flow=ends, flow_id=7)
    alert = one(line)
    assert isinstance(alert, Alert)
    flow = flow_line(flags, "00", 5, answers, **ends, flow_id=7)
    assert judge_reversed(alert, conversation(line, flow)) is reverse
    assert judge_reversed(alert, conversation(line)) is Reversed.NO


def test_greetings_alike_of_a_flow_without_a_syn_name_nobody() -> None:
    ends = {**TUPLE, "src_port": 50059, "dest_port": 49683}
    greeting = event("ssh", **ends, ssh={"client": {"software_version": "x"}}, flow_id=7)
    assert rules(conversation(greeting))[0] == "sensor.application"
    found = conversation(greeting, flow_line("18", "18", 5, 4, **ends, flow_id=7))
    assert (rules(found)[0], found.confidence) == ("device.flow_order", 0.6)


@pytest.mark.parametrize(("protocol", "basis"), [("http", Basis.PARSER), ("ssh", Basis.FIRST_PACKET)])
def test_what_only_one_side_says_confirms_the_sides_of_an_alerts_flow(protocol: str, basis: Basis) -> None:
    alert = one(event("alert", **BACK, alert={"signature_id": 1}, app_proto=protocol, flow=TUPLE))
    assert isinstance(alert, Alert)
    assert (alert.flow_orig, alert.basis) == (CLIENT, basis)


def test_the_halves_of_netflow_are_one_conversation_that_its_syn_opened() -> None:
    found = conversation(netflow_line(5, "1b"), netflow_line(4, "1b", **BACK))
    assert (found.orig, found.outcome) == (CLIENT, Outcome.ESTABLISHED)
    refused = conversation(netflow_line(1, "02"), netflow_line(1, "14", **BACK))
    assert (refused.orig, refused.outcome) == (CLIENT, Outcome.REFUSED)
    silent = conversation(netflow_line(3, "02"))
    assert (silent.orig, silent.outcome) == (CLIENT, Outcome.UNANSWERED)


# Flows


def test_a_flow_has_the_flags_of_both_sides() -> None:
    flow = one(
        event(
            "flow",
            app_proto="http",
            flow={
                "start": "2026-01-05T12:00:00+0000",
                "end": "2026-01-05T13:00:01.5+0100",
                "pkts_toserver": 5,
                "pkts_toclient": 4,
                "bytes_toserver": 500,
                "bytes_toclient": 4000,
                "state": "closed",
            },
            tcp={"tcp_flags_ts": "1b", "tcp_flags_tc": "12", "state": "closed"},
        )
    )
    assert isinstance(flow, FlowRecord)
    assert (flow.orig, flow.resp, flow.service) == (CLIENT, SERVER, "http")
    assert (flow.time_ns, flow.end_ns) == (NOON_NS, NOON_NS + 1_500_000_000)
    assert flow.orig_flags == TcpFlags.FIN | TcpFlags.SYN | TcpFlags.PSH | TcpFlags.ACK
    assert flow.resp_flags == TcpFlags.SYN | TcpFlags.ACK
    assert (flow.orig_packets, flow.resp_packets, flow.orig_bytes, flow.resp_bytes) == (5, 4, 500, 4000)


def flow_line(ts: str, tc: str, to_server: int, to_client: int, **more: Any) -> str:
    counts = {"pkts_toserver": to_server, "pkts_toclient": to_client}
    return event("flow", flow=counts, tcp={"tcp_flags_ts": ts, "tcp_flags_tc": tc}, **more)


@pytest.mark.parametrize(
    ("ts", "tc", "counts", "outcome", "basis"),
    [
        ("02", "00", (3, 0), Outcome.UNANSWERED, Basis.HANDSHAKE),
        ("02", "14", (1, 1), Outcome.REFUSED, Basis.HANDSHAKE),
        ("1b", "1b", (8, 9), Outcome.ESTABLISHED, Basis.HANDSHAKE),
        ("1b", "1d", (19, 14), Outcome.ESTABLISHED, Basis.HANDSHAKE),
        ("1a", "00", (11, 0), Outcome.ONE_WAY, Basis.HANDSHAKE),
        ("00", "1b", (0, 6), Outcome.ONE_WAY, Basis.SYN_ACK),
        ("18", "18", (4, 4), Outcome.MIDSTREAM, Basis.FIRST_PACKET),
        ("00", "00", (7, 8), Outcome.MIDSTREAM, Basis.FIRST_PACKET),
    ],
)
def test_the_flags_of_both_sides_tell_the_outcome_and_how_far_the_sides_are_believed(
    ts: str, tc: str, counts: tuple[int, int], outcome: Outcome, basis: Basis
) -> None:
    line = flow_line(ts, tc, *counts)
    flow = one(line)
    assert isinstance(flow, FlowRecord)
    assert flow.basis is basis
    found = conversation(line)
    assert (found.orig, found.outcome) == (CLIENT, outcome)


def test_of_two_flows_about_one_connection_the_one_that_saw_it_stand_outweighs_a_part() -> None:
    part, whole = flow_line("00", "00", 1, 0, **BACK), flow_line("1b", "1b", 8, 9)
    for lines in ((part, whole), (whole, part)):
        found = conversation(*lines)
        assert (found.orig, found.outcome) == (CLIENT, Outcome.ESTABLISHED)


def test_a_flow_picked_up_at_the_servers_data_is_turned_by_the_ports() -> None:
    found = conversation(flow_line("18", "18", 4, 4, **BACK))
    assert (found.orig, found.outcome, found.flipped) == (CLIENT, Outcome.MIDSTREAM, True)


@pytest.mark.parametrize(("protocol", "basis"), [("dns", Basis.TRACKED), ("failed", Basis.FIRST_PACKET)])
def test_a_flow_of_udp_is_believed_where_a_parser_turns_it(protocol: str, basis: Basis) -> None:
    flow = one(event("flow", **UDP, app_proto=protocol, flow={"pkts_toserver": 1}))
    assert isinstance(flow, FlowRecord)
    assert (flow.basis, flow.service) == (basis, "dns" if protocol == "dns" else "")


def netflow_line(pkts: int, flags: str, **addresses: Any) -> str:
    flow = {
        "pkts": pkts,
        "bytes": 60 * pkts,
        "start": "2026-01-05T12:00:00+0000",
        "end": "2026-01-05T12:00:02+0000",
    }
    return event("netflow", netflow=flow, tcp={"tcp_flags": flags}, **addresses)


def test_netflow_is_one_direction_a_line_and_prints_its_sender() -> None:
    _, (ours, theirs), problems = read(netflow_line(5, "1b"), netflow_line(4, "1b", **BACK))
    assert problems == []
    assert isinstance(ours, FlowRecord)
    assert isinstance(theirs, FlowRecord)
    assert (ours.orig, theirs.orig, ours.is_half, theirs.is_half) == (CLIENT, SERVER, True, True)
    assert (ours.orig_packets, ours.orig_bytes, ours.resp_packets) == (5, 300, 0)
    assert (ours.orig_flags, ours.end_ns - ours.time_ns) == (TcpFlags(0x1B), 2_000_000_000)


def test_a_direction_in_which_nothing_was_sent_says_nothing() -> None:
    assert read(netflow_line(0, "00"), netflow_line(4, "12", **BACK))[1][0].location.number == 2  # type: ignore[union-attr]


# Drops and anomalies


@pytest.mark.parametrize(
    ("flags", "orig"),
    [
        ({"syn": True}, SERVER),
        ({"syn": True, "ack": True}, CLIENT),
        ({"ack": True, "psh": True}, None),
        ({}, None),
    ],
)
def test_a_dropped_packet_asks_only_when_it_is_a_syn(flags: dict[str, bool], orig: Endpoint | None) -> None:
    record = log(event("drop", **BACK, drop={"len": 60, "reason": "rules", **flags}))
    assert (record.src, record.statement, record.orig) == (SERVER, Statement.DENIED, orig)
    assert record.fields["reason"] == "rules"


def test_a_syn_ack_in_the_wrong_direction_says_that_its_receiver_asked() -> None:
    line = event(
        "anomaly", **BACK, anomaly={"type": "stream", "event": "stream.3whs_synack_in_wrong_direction"}
    )
    assert (log(line).src, log(line).orig, log(line).resp) == (SERVER, CLIENT, SERVER)
    found = conversation(line)
    assert (found.orig, rules(found)[0]) == (CLIENT, "device.reply_packet")


@pytest.mark.parametrize(
    "told", ["stream.3whs_ack_in_wrong_dir", "APPLAYER_WRONG_DIRECTION_FIRST_DATA", "stream.pkt_invalid_ack"]
)
def test_another_anomaly_names_nobody(told: str) -> None:
    record = log(event("anomaly", **BACK, anomaly={"type": "stream", "event": told}))
    assert (record.orig, record.resp, record.fields) == (None, None, {"event": told})


# What parsers read


@pytest.mark.parametrize(
    ("dns", "addresses"),
    [
        ({"version": 3, "type": "request"}, TUPLE),
        ({"version": 3, "type": "response"}, TUPLE),
        ({"version": 2, "type": "query"}, TUPLE),
        ({"version": 2, "type": "answer"}, TUPLE),
        ({"type": "query"}, TUPLE),
        ({"type": "answer"}, BACK),
    ],
)
def test_a_dns_answer_prints_the_flow_and_in_version_1_the_packet(
    dns: dict[str, Any], addresses: dict[str, Any]
) -> None:
    ports = {80: 53, 3932: 3932}
    moved = {name: ports.get(value, value) for name, value in addresses.items()}
    record = log(event("dns", **{**moved, **UDP}, dns=dns))
    assert (record.orig, record.resp) == (CLIENT, Endpoint(SERVER.ip, 53))
    assert (record.source, record.service) == ("suricata.dns", "dns")
    is_answer = dns["type"] in ("answer", "response")
    assert record.statement is (Statement.ANSWERED if is_answer else Statement.SEEN)


def test_a_dns_answer_between_unusual_ports_prints_the_flow() -> None:
    record = log(event("dns", **{**UDP, "dest_port": 5300}, dns={"version": 2, "type": "answer"}))
    assert record.orig == CLIENT


def test_an_application_event_is_the_flows() -> None:
    record = log(event("http", http={"http_method": "GET", "url": "/", "status": 200, "length": 5}))
    assert (record.orig, record.statement) == (CLIENT, Statement.ANSWERED)
    assert record.fields == {"http_method": "GET", "url": "/", "status": "200"}


@pytest.mark.parametrize(
    ("kind", "details", "statement"),
    [
        ("http", {"http_method": "GET", "url": "/"}, Statement.SEEN),
        ("tls", {"sni": "www.example.net", "version": "UNDETERMINED"}, Statement.SEEN),
        ("tls", {"sni": "www.example.net", "version": "TLS 1.3"}, Statement.ANSWERED),
        ("ssh", {"client": {"software_version": "Go"}}, Statement.SEEN),
        ("ssh", {"client": {}, "server": {"software_version": "OpenSSH_9.6"}}, Statement.ANSWERED),
        ("smb", {"command": "SMB2_COMMAND_CREATE", "status": "STATUS_ACCESS_DENIED"}, Statement.ANSWERED),
        ("ftp", {"command": "USER", "completion_code": ["331"]}, Statement.ANSWERED),
        ("ldap", {"request": {}, "responses": [{"operation": "bind_response"}]}, Statement.ANSWERED),
        ("modbus", {"request": {"function": {}}}, Statement.SEEN),
        ("pgsql", {"request": {"simple_query": "x"}, "response": {"data_rows": 1}}, Statement.ANSWERED),
    ],
)
def test_an_event_of_the_flow_names_the_client_first_and_tells_whether_the_server_answered(
    kind: str, details: dict[str, Any], statement: Statement
) -> None:
    record = log(event(kind, **{kind: details}))
    assert (record.orig, record.resp, record.statement) == (CLIENT, SERVER, statement)


def test_an_answer_that_a_parser_read_shows_that_the_conversation_stood() -> None:
    found = conversation(event("http", http={"http_method": "GET", "status": 404}))
    assert (found.orig, found.outcome) == (CLIENT, Outcome.ESTABLISHED)
    assert "sensor.answered" in rules(found)


@pytest.mark.parametrize(
    ("kind", "details", "statement"),
    [
        ("ftp", {"command": "PASS", "completion_code": ["230"]}, Statement.AUTHENTICATED),
        ("ftp", {"command": "PASS", "completion_code": ["530"]}, Statement.AUTHENTICATION_FAILED),
        ("ftp", {"command": "PASS", "completion_code": []}, Statement.SEEN),
        (
            "smb",
            {"command": "SMB2_COMMAND_SESSION_SETUP", "status": "STATUS_SUCCESS", "ntlmssp": {"user": "ana"}},
            Statement.AUTHENTICATED,
        ),
        (
            "smb",
            {
                "command": "SMB2_COMMAND_SESSION_SETUP",
                "status": "STATUS_LOGON_FAILURE",
                "ntlmssp": {"user": "ana"},
            },
            Statement.AUTHENTICATION_FAILED,
        ),
        (
            "smb",
            {"command": "SMB2_COMMAND_SESSION_SETUP", "status": "STATUS_SUCCESS", "ntlmssp": {"user": ""}},
            Statement.ANSWERED,
        ),
    ],
)
def test_the_servers_reply_to_a_password_is_a_login(
    kind: str, details: dict[str, Any], statement: Statement
) -> None:
    record = log(event(kind, **{kind: details}))
    assert (record.orig, record.statement) == (CLIENT, statement)


@pytest.mark.parametrize(
    ("kind", "asks", "answers"),
    [
        ("krb5", {"msg_type": "KRB_AS_REQ"}, {"msg_type": "KRB_AS_REP"}),
        ("snmp", {"pdu_type": "get_request"}, {"pdu_type": "response"}),
        ("sip", {"method": "INVITE"}, {"code": "200"}),
        ("dhcp", {"type": "request"}, {"type": "reply"}),
        ("ike", {"role": "initiator"}, {"role": "responder"}),
        ("ikev2", {"role": "initiator"}, {"role": "responder"}),
        ("bittorrent_dht", {"request_type": "ping"}, {"response": {"id": "00"}}),
    ],
)
def test_a_datagrams_event_prints_its_sender_and_the_message_tells_who_asks(
    kind: str, asks: dict[str, Any], answers: dict[str, Any]
) -> None:
    assert log(event(kind, **UDP, **{kind: asks})).orig == CLIENT
    answer = log(event(kind, **{**UDP, **BACK}, **{kind: answers}))
    assert (answer.src, answer.orig) == (SERVER, CLIENT)
    assert log(event(kind, **UDP, **{kind: {}})).orig is None


def test_of_an_event_on_a_packet_of_tcp_nobody_is_named() -> None:
    """The event may be written on the acknowledgement, which comes from the other side."""
    for kind, details in (("krb5", {"msg_type": "KRB_AS_REP"}), ("rdp", {"event_type": "initial_request"})):
        record = log(event(kind, **{kind: details}))
        assert (record.orig, record.service) == (None, kind)


def test_a_server_name_is_asked_for_by_the_client_and_a_file_transfer_by_its_first_packet() -> None:
    assert log(event("quic", **UDP, quic={"version": "1", "sni": "www.example.net"})).orig == CLIENT
    assert log(event("quic", **UDP, quic={"version": "1"})).orig is None
    assert log(event("tftp", **UDP, tftp={"packet": "read", "file": "x"})).orig == CLIENT


def test_a_reply_to_a_whole_network_names_nobody() -> None:
    reply = event("dhcp", **{**UDP, "dest_ip": "255.255.255.255"}, dhcp={"type": "reply"})
    assert log(reply).orig is None


def test_mqtt_prints_the_senders_side_and_only_some_messages_tell_which_that_is() -> None:
    assert log(event("mqtt", mqtt={"connect": {"client_id": "x"}})).orig == CLIENT
    assert log(event("mqtt", **BACK, mqtt={"connack": {"return_code": 0}})).orig == CLIENT
    assert log(event("mqtt", **BACK, mqtt={"publish": {"topic": "x"}})).orig is None


def test_a_file_prints_who_sent_it_which_may_be_the_server() -> None:
    record = log(event("fileinfo", **BACK, app_proto="http", fileinfo={"filename": "/x", "state": "CLOSED"}))
    assert (record.src, record.orig, record.service) == (SERVER, None, "http")


def test_the_community_id_is_kept() -> None:
    for kind in ("alert", "flow", "http", "drop", "anomaly"):
        record = one(event(kind, community_id="1:abc=", **{kind: {}}))
        assert getattr(record, "community_id") == "1:abc="  # noqa: B009


def test_icmp_has_types_for_ports_in_eve_too() -> None:
    flow = one(event("flow", proto="ICMP", icmp_type=8, icmp_code=0, flow={}))
    assert isinstance(flow, FlowRecord)
    assert (flow.protocol, flow.orig, flow.resp) == (
        Protocol.ICMP,
        Endpoint("10.20.30.40", 8),
        Endpoint("203.0.113.80", 0),
    )


# Lines


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("not json", "this is not JSON: Expecting value at column 1"),
        ('{"event_type": "flow"', "this is not JSON: Expecting ',' delimiter at column 22"),
        ("[1]", "this is JSON, but not an object"),
        ("[" * 100_000, "this is not JSON that can be read"),
        ('{"a": ' + "9" * 5000 + "}", "this is not JSON that can be read"),
        ("{}", "the event has no event_type"),
        (event("flow", src_ip="nowhere", flow={}), "'nowhere' is not an address"),
        (event("flow", src_ip=None, flow={}), "an address is missing"),
        (event("flow", src_port=70000, flow={}), "'70000' is not a port"),
        (event("flow", src_port=True, flow={}), "'True' is not a port"),
        (event("flow", timestamp="yesterday", flow={}), "the time is missing or cannot be read"),
        (event("flow", timestamp="2026-13-05T12:00:00", flow={}), "the time is not possible"),
        (event("flow", timestamp="2300-01-05T12:00:00", flow={}), "the time is not possible"),
        (event("flow", timestamp="1970-01-01T00:00:00+0100", flow={}), "the time is not possible"),
        ("x" * ((1 << 20) + 5), "the line is longer than 1048576 bytes"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_skipped(line: str, told: str) -> None:
    kind, records, problems = read(event("http", http={}), line, event("http", http={}))
    assert (kind, problems) == ("suricata.eve", [f"line 2: {told}"])
    assert [record.location for record in records] == [Location("x.log", 1), Location("x.log", 3)]


def test_events_of_other_types_and_protocols_are_passed_over() -> None:
    passed = (
        event("stats"),
        event("flow", proto="SCTP"),
        event("arp"),
        '{"event_type": "anomaly", "anomaly": {}}',
    )
    assert read(*passed)[1:] == ([], [])


@pytest.mark.parametrize(
    "start",
    [
        "<13>Jan  5 12:00:00 ids1 suricata[811]: ",
        "Jan  5 12:00:00 ids1 suricata[811]: @cee: ",
        "<142>1 2026-01-05T12:00:00Z ids1 suricata 811 - - ",
        "2026-01-05T12:00:00.000000+00:00 ids1 suricata[811]: ",
    ],
)
def test_a_relays_header_does_not_matter(start: str) -> None:
    assert log(start + event("http", http={})).orig == CLIENT


def test_a_byte_order_mark_windows_line_ends_and_gzip_do_no_harm() -> None:
    data = b"\xef\xbb\xbf" + b"".join(event("http", http={}).encode() + b"\r\n" for _ in range(2))
    for content in (data, gzip.compress(data)):
        reading = read_evidence("x", content)
        assert [record.location for record in reading.records] == [Location("x", 1), Location("x", 2)]
        assert reading.problems == []


# What the releases from 5 to 8 add to every event, and all their types of events.
EVERYWHERE: dict[str, Any] = {
    "vlan": [20, 30], "in_iface": "eth0", "pkt_src": "wire/pcap", "ip_v": 4, "tx_id": 0, "tx_guessed": True,
    "app_proto": "http", "app_proto_ts": "http", "app_proto_tc": "failed", "direction": "to_server",
    "metadata": {"flowbits": ["x"], "flowints": {"y": 1}}, "ether": {"src_mac": "00:00:5e:00:53:01"},
    "tunnel": {"src_ip": "192.0.2.1", "src_port": 0, "dest_ip": "192.0.2.2", "dest_port": 0, "proto": "GRE", "depth": 1},
}  # fmt: skip
WITH_ENDS = (
    "alert anomaly http http2 dns doh2 tls ssh smb nfs rpc tftp ftp ftp_data smtp rdp rfb snmp sip krb5 ike ikev2 dhcp "
    "modbus dnp3 enip mqtt quic pgsql mysql redis bittorrent_dht mdns ldap websocket pop3 telnet dcerpc fileinfo "
    "flow drop"
).split()


@pytest.mark.parametrize("proto", ["TCP", "UDP"])
@pytest.mark.parametrize("kind", WITH_ENDS)
def test_every_type_of_event_with_ends_is_read_whatever_stands_around_it(kind: str, proto: str) -> None:
    long = {"src_ip": "2001:0db8:0000:0000:0000:0000:0000:0001", "dest_ip": "2001:0db8:0:0:0:0:0:2"}
    record = one(event(kind, proto=proto, **EVERYWHERE | long))
    assert not isinstance(record, Packet)
    ends = (record.orig, record.resp) if isinstance(record, FlowRecord) else (record.src, record.dst)
    assert ends == (Endpoint("2001:db8::1", CLIENT.port), Endpoint("2001:db8::2", SERVER.port))


@pytest.mark.parametrize(
    "kind", ["arp", "stats", "engine", "packet", "template", "a_type_of_a_later_release"]
)
def test_an_event_without_a_conversation_is_no_fault(kind: str) -> None:
    bare = json.dumps({"timestamp": "2026-01-05T12:00:00.000001+0000", "event_type": kind, kind: {"x": 1}})
    assert read(bare) == ("suricata.eve", [], [])


def test_a_flow_of_icmp_has_types_of_both_sides_and_no_ports() -> None:
    line = json.loads(event("flow", proto="IPv6-ICMP", icmp_type=128, icmp_code=0, response_icmp_type=129))
    del line["src_port"], line["dest_port"]
    flow = one(json.dumps(line | {"src_ip": "2001:db8::1", "dest_ip": "2001:db8::2"}))
    assert isinstance(flow, FlowRecord)
    assert (flow.orig, flow.resp) == (Endpoint("2001:db8::1", 128), Endpoint("2001:db8::2", 129))


@pytest.mark.parametrize("kind", ["dns", "mdns", "doh2"])
def test_version_3_of_dns_keeps_names_in_a_list(kind: str) -> None:
    asked = {
        "version": 3,
        "type": "response",
        "rcode": "NXDOMAIN",
        "queries": [{"rrname": "a.example", "rrtype": "A"}],
    }
    name = "dns" if kind == "doh2" else kind
    record = log(event(kind, **{name: asked}))
    assert (record.fields["rrname"], record.statement) == ("a.example", Statement.ANSWERED)
