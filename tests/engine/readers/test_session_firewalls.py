"""Firewalls that write a session when it ends (PAN-OS, FortiGate): permission is not the target's answer."""

from __future__ import annotations

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, log, one, read
from tickets.engine.conversations import converse
from tickets.engine.reversal import judge_reversed
from tickets.engine.summaries import RecordKind, summarise
from tickets.engine.types import (
    Alert,
    Basis,
    Conversation,
    Endpoint,
    FlowRecord,
    Outcome,
    Protocol,
    Reversed,
    Statement,
)

NAT = Endpoint("192.0.2.1", 20001)


def conversation(*lines: str) -> Conversation:
    (found,) = converse(read(*lines)[1])
    return found


def flow(*lines: str) -> FlowRecord:
    record = one(*lines)
    assert isinstance(record, FlowRecord)
    return record


# PAN-OS

COLUMNS = (
    "FUTURE_USE,Receive Time,Serial Number,Type,Threat/Content Type,FUTURE_USE,Generated Time,Source Address,"
    "Destination Address,NAT Source IP,NAT Destination IP,Rule Name,Source User,Destination User,Application,"
    "Virtual System,Source Zone,Destination Zone,Inbound Interface,Outbound Interface,Log Action,FUTURE_USE,Session ID,"
    "Repeat Count,Source Port,Destination Port,NAT Source Port,NAT Destination Port,Flags,Protocol,Action"
).split(",")
TRAFFIC = [
    *COLUMNS,
    *"Bytes,Bytes Sent,Bytes Received,Packets,Start Time,Elapsed Time,Category,FUTURE_USE,Sequence Number".split(
        ","
    ),
    *"Action Flags,Source Location,Destination Location,FUTURE_USE,Packets Sent,Packets Received".split(","),
    "Session End Reason",
]
THREAT = [*COLUMNS, "URL/Filename", "Threat ID", "Category", "Severity", "Direction"]
COMMON = {
    "FUTURE_USE": "1",
    "Receive Time": "2026/01/05 12:00:09",
    "Generated Time": "2026/01/05 12:00:08",
    "Start Time": "2026/01/05 12:00:00",
    "Elapsed Time": "3",
    "Serial Number": "000000000007",
    "Type": "TRAFFIC",
    "Threat/Content Type": "end",
    "Source Address": CLIENT.ip,
    "Source Port": "3932",
    "Destination Address": SERVER.ip,
    "Destination Port": "80",
    "NAT Source IP": "0.0.0.0",
    "NAT Destination IP": "0.0.0.0",
    "NAT Source Port": "0",
    "NAT Destination Port": "0",
    "Application": "web-browsing",
    "Source Zone": "trust",
    "Destination Zone": "untrust",
    "Rule Name": '"allow, web"',
    "Session ID": "4711",
    "Protocol": "tcp",
    "Action": "allow",
    "Bytes Sent": "812",
    "Bytes Received": "6202",
    "Packets Sent": "8",
    "Packets Received": "9",
    "Session End Reason": "tcp-fin",
}


def pan(columns: list[str] = TRAFFIC, /, **more: str) -> str:
    values = COMMON | {name.replace("_", " "): value for name, value in more.items()}
    return ",".join(values.get(name, "") for name in columns)


def counts(sent: int, received: int) -> dict[str, str]:
    return {
        "Packets_Sent": str(sent),
        "Packets_Received": str(received),
        "Bytes_Sent": str(60 * sent),
        "Bytes_Received": str(60 * received),
    }


@pytest.mark.parametrize(
    ("application", "reason", "sent", "received", "outcome"),
    [
        ("web-browsing", "tcp-fin", 8, 9, Outcome.ESTABLISHED),
        ("incomplete", "aged-out", 3, 0, Outcome.UNANSWERED),
        ("incomplete", "tcp-rst-from-server", 1, 1, Outcome.REFUSED),
        ("incomplete", "tcp-rst-from-server", 2, 2, Outcome.ESTABLISHED),
        ("incomplete", "tcp-rst-from-client", 2, 1, Outcome.ESTABLISHED),
        ("ssl", "tcp-rst-from-server", 5, 6, Outcome.ESTABLISHED),
        ("insufficient-data", "aged-out", 3, 2, Outcome.ESTABLISHED),
        ("incomplete", "aged-out", 0, 0, None),
    ],
)
def test_what_came_back_tells_whether_an_allowed_session_stood(
    application: str, reason: str, sent: int, received: int, outcome: Outcome | None
) -> None:
    line = pan(Application=application, Session_End_Reason=reason, **counts(sent, received))
    record = flow(line)
    assert (record.orig, record.resp, record.basis, record.outcome) == (
        CLIENT,
        SERVER,
        Basis.SESSION,
        outcome,
    )
    found = conversation(line)
    assert (found.orig, found.confidence) == (CLIENT, 0.93)
    assert found.outcome is (outcome or Outcome.ONE_WAY)


def test_a_session_has_its_counts_times_and_application() -> None:
    record = flow(pan())
    assert (record.time_ns, record.end_ns) == (NOON_NS, NOON_NS + 3 * 10**9)
    assert (record.orig_packets, record.resp_packets, record.orig_bytes, record.resp_bytes) == (
        8,
        9,
        812,
        6202,
    )
    assert (record.state, record.service) == ("allow, web-browsing, tcp-fin", "web-browsing")
    assert (record.flow_id, record.translated) == ("4711", ())


@pytest.mark.parametrize("application", ["incomplete", "not-applicable", "insufficient-data", "unknown-tcp"])
def test_a_word_in_the_place_of_an_application_names_none(application: str) -> None:
    assert flow(pan(Application=application)).service == ""


def test_older_releases_write_bytes_only() -> None:
    """One segment back is less than 80 bytes."""
    refused = pan(Bytes_Received="60", Session_End_Reason="tcp-rst-from-server", Packets_Received="")
    assert flow(refused).outcome is Outcome.REFUSED
    assert flow(refused.replace(",60,", ",6202,")).outcome is Outcome.ESTABLISHED


def test_a_translated_session_is_told_as_it_looks_behind() -> None:
    record = flow(pan(NAT_Source_IP=NAT.ip, NAT_Source_Port="20001", NAT_Destination_IP=SERVER.ip))
    assert record.translated == ((NAT, SERVER),)
    record = flow(pan(NAT_Destination_IP="10.9.9.9", NAT_Destination_Port="8080"))
    assert record.translated == ((CLIENT, Endpoint("10.9.9.9", 8080)),)
    assert flow(pan(NAT_Source_IP=NAT.ip)).translated == ((Endpoint(NAT.ip, 3932), SERVER),)


@pytest.mark.parametrize(
    ("subtype", "action", "statement", "outcome"),
    [
        ("deny", "deny", Statement.DENIED, Outcome.UNANSWERED),
        ("drop", "drop", Statement.DENIED, Outcome.UNANSWERED),
        ("deny", "reset-both", Statement.RESET, Outcome.REJECTED),
        ("deny", "reset-server", Statement.DENIED, Outcome.UNANSWERED),
    ],
)
def test_a_denied_session_is_a_statement_of_policy(
    subtype: str, action: str, statement: Statement, outcome: Outcome
) -> None:
    line = pan(
        **{"Threat/Content_Type": subtype},
        Action=action,
        Application="not-applicable",
        Session_End_Reason="policy-deny",
        **counts(1, 0),
    )
    record = log(line)
    assert (record.statement, record.orig, record.basis) == (statement, CLIENT, Basis.DENIED_PACKET)
    assert record.fields == {
        "word": action,
        "reason": "policy-deny",
        "acl": "allow, web",
        "connection": "4711",
        "zones": "trust to untrust",
    }
    found = conversation(line)
    assert (found.outcome, found.confidence) == (outcome, 0.95)


def test_a_session_that_was_denied_after_it_stood_did_stand() -> None:
    line = pan(**{"Threat/Content_Type": "deny"}, Action="deny", **counts(4, 3))
    assert conversation(line).outcome is Outcome.ESTABLISHED


def test_a_sessions_start_is_a_permission_and_no_answer() -> None:
    line = pan(**{"Threat/Content_Type": "start"})
    record = log(line)
    assert (record.statement, record.orig, record.basis) == (Statement.ALLOWED, CLIENT, Basis.SESSION)
    assert conversation(line).outcome is Outcome.ONE_WAY


def test_a_session_taken_up_without_a_syn_has_only_its_first_packet() -> None:
    found = conversation(pan(Application="non-syn-tcp", Source_Port="80", Destination_Port="3932"))
    assert found.orig == Endpoint(SERVER.ip, 3932)
    assert found.confidence < 0.9


def test_a_denied_datagram_may_be_a_late_answer() -> None:
    line = pan(
        **{"Threat/Content_Type": "drop"},
        Action="drop",
        Protocol="udp",
        Source_Port="53",
        Destination_Port="40123",
        **counts(1, 0),
    )
    found = conversation(line)
    assert (found.orig, found.outcome) == (Endpoint(SERVER.ip, 40123), Outcome.ONE_WAY)
    assert found.confidence < 0.9


@pytest.mark.parametrize(("address", "kinds"), [(CLIENT.ip, (8, 0)), ("2001:db8::1", (128, 129))])
def test_a_ping_is_an_application(address: str, kinds: tuple[int, int]) -> None:
    record = flow(pan(Protocol="icmp", Application="ping", Source_Address=address, Source_Port="0"))
    assert (record.orig.port, record.resp.port) == kinds
    assert conversation(pan(Protocol="icmp", Application="ping", Source_Address=address)).orig == Endpoint(
        address, kinds[0]
    )


@pytest.mark.parametrize(
    "before",
    [
        "",
        "Jan  5 12:00:08 PA-1 ",
        "<14>Jan  5 12:00:08 PA-1.example : ",
        "<14>1 2026-01-05T12:00:08+00:00 PA-1 - - - - ",
    ],
)
def test_what_stands_before_a_row_does_not_matter(before: str) -> None:
    assert flow(before + pan()).orig == CLIENT


@pytest.mark.parametrize("size", [len(TRAFFIC) - 1, len(TRAFFIC), 109, 115])
def test_an_older_release_writes_fewer_columns_and_newer_ones_more(size: int) -> None:
    row = pan().split(",")
    assert flow(",".join((row + ["1"] * 80)[:size])).orig == CLIENT


def test_a_quotation_mark_within_a_column_is_doubled() -> None:
    assert flow(pan(Rule_Name='"the ""web"", rule"')).orig == CLIENT


def test_an_export_has_a_header_whose_names_count_and_not_their_order() -> None:
    names = [name for name in reversed(TRAFFIC) if name != "FUTURE_USE"]
    renamed = {
        "Source Address": "Source address",
        "Destination Address": "Destination address",
        "Protocol": "IP Protocol",
        "Packets Received": "pkts_received",
        "Elapsed Time": "Elapsed Time (sec)",
        "Serial Number": "Serial #",
    }
    header = ",".join(renamed.get(name, name) for name in names)
    kind, (record,), problems = read("\ufeff" + header, pan(names))
    assert (kind, problems) == ("paloalto", [])
    assert isinstance(record, FlowRecord)
    assert (record.orig, record.resp_packets, record.end_ns) == (CLIENT, 9, NOON_NS + 3 * 10**9)


def test_rows_of_other_types_and_remarks_are_passed_over_and_bad_ones_told() -> None:
    lines = (
        pan(),
        "# Type,Source Address,Destination Address",
        pan(COLUMNS, Type="SYSTEM"),
        pan(Protocol="sctp"),
        pan(Protocol=""),
        pan(Source_Port="x"),
        "hello",
        "1,2026/01/05 12:00:00,1,TRAFFIC",
        pan(Start_Time="2026/13/05 12:00:00"),
    )
    kind, records, problems = read(*lines)
    assert (kind, len(records)) == ("paloalto", 1)
    assert problems == [
        "line 5: the protocol is missing",
        "line 6: 'x' is not a port",
        "line 7: the line holds no row of PAN-OS",
        "line 8: the line holds no row of PAN-OS",
        "line 9: the time is not possible",
    ]


def threat(**more: str) -> str:
    named = {"Threat_ID": "TRAINING kit page(99001)", "Severity": "high", "Direction": "server-to-client"}
    return pan(THREAT, **{"Type": "THREAT", "Threat/Content_Type": "vulnerability"} | named | more)


@pytest.mark.parametrize(
    ("direction", "printed"),
    [("server-to-client", "server-to-client"), ("1", "server-to-client"), ("0", "client-to-server")],
)
def test_a_threat_prints_the_session_and_says_apart_which_way_the_attack_went(
    direction: str, printed: str
) -> None:
    line = threat(Direction=direction, Action="reset-both")
    alert = one(line)
    assert isinstance(alert, Alert)
    assert (alert.src, alert.flow_orig, alert.direction) == (CLIENT, CLIENT, printed)
    assert (alert.sid, alert.message, alert.severity) == (99001, "TRAINING kit page", 1)
    assert (alert.action, alert.category, alert.time_ns) == (
        "reset-both",
        "vulnerability",
        NOON_NS + 8 * 10**9,
    )
    found = conversation(line)
    assert (found.orig, found.confidence) == (CLIENT, 0.93)
    assert judge_reversed(alert, found) is Reversed.NO


def test_a_url_that_passed_is_no_alert_and_one_that_was_blocked_is() -> None:
    url = {"Threat/Content_Type": "url", "URL/Filename": "example.test/"}
    record = log(threat(**url, Action="alert"))
    assert (record.statement, record.orig, record.fields["url"]) == (Statement.SEEN, CLIENT, "example.test/")
    assert isinstance(one(threat(**url, Action="block-url")), Alert)


# FortiGate


def forti(kind: str = "traffic", subtype: str = "forward", /, **more: str | int) -> str:
    start = 'date=2026-01-05 time=13:00:03 devname="FGT-1" devid="FGT000000000007" eventtime=1767614403000000000 tz="+0100"'
    pairs: dict[str, str | int] = {
        "srcip": CLIENT.ip,
        "srcport": 3932,
        "srcintfrole": '"lan"',
        "dstip": SERVER.ip,
        "dstport": 80,
        "dstintfrole": '"wan"',
        "sessionid": 4711,
        "proto": 6,
        "policyid": 7,
        "service": '"HTTP"',
    }
    said = " ".join(f"{name}={value}" for name, value in (pairs | more).items() if value != "")
    return f'{start} logid="0000000013" type="{kind}" subtype="{subtype}" level="notice" vd="root" {said}'


def test_a_quotation_mark_within_a_value_is_escaped() -> None:
    line = forti(action='"close"', sentpkt=8, rcvdpkt=9, msg=r'"the \"web\" of srcip=192.0.2.1"')
    assert flow(line).orig == CLIENT


def ended(action: str, sent: int, received: int, **more: str | int) -> str:
    return forti(
        action=f'"{action}"',
        duration=3,
        sentbyte=812,
        rcvdbyte=40 * received,
        sentpkt=sent,
        rcvdpkt=received,
        **more,
    )


@pytest.mark.parametrize(
    ("action", "sent", "received", "outcome"),
    [
        ("close", 8, 9, Outcome.ESTABLISHED),
        ("accept", 8, 9, Outcome.ESTABLISHED),
        ("server-rst", 1, 1, Outcome.REFUSED),
        ("server-rst", 6, 5, Outcome.ESTABLISHED),
        ("client-rst", 3, 2, Outcome.ESTABLISHED),
        ("timeout", 3, 0, Outcome.UNANSWERED),
        ("timeout", 3, 2, Outcome.ESTABLISHED),
        ("ip-conn", 1, 0, Outcome.UNANSWERED),
    ],
)
def test_the_action_of_an_allowed_session_is_how_it_ended(
    action: str, sent: int, received: int, outcome: Outcome
) -> None:
    record = flow(ended(action, sent, received))
    assert (record.orig, record.basis, record.outcome) == (CLIENT, Basis.SESSION, outcome)
    assert (record.time_ns, record.end_ns, record.state) == (NOON_NS, NOON_NS + 3 * 10**9, action)
    found = conversation(ended(action, sent, received))
    assert (found.orig, found.outcome, found.confidence) == (CLIENT, outcome, 0.93)


@pytest.mark.parametrize(
    ("kind", "more", "view"),
    [
        ("snat", {"transip": NAT.ip, "transport": 20001}, (NAT, SERVER)),
        ("dnat", {"tranip": "10.9.9.9", "tranport": 8080}, (CLIENT, Endpoint("10.9.9.9", 8080))),
        ("dnat", {"tranip": "10.9.9.9", "tranport": 0}, (CLIENT, Endpoint("10.9.9.9", 80))),
        (
            "snat+dnat",
            {"transip": NAT.ip, "transport": 20001, "tranip": "10.9.9.9", "tranport": 8080},
            (NAT, Endpoint("10.9.9.9", 8080)),
        ),
        ("noop", {"transip": NAT.ip, "transport": 20001}, None),
        ("snat", {"transip": "0.0.0.0", "transport": 0}, None),
    ],
)
def test_the_disposition_of_translation_says_which_end_was_translated(
    kind: str, more: dict[str, str | int], view: tuple[Endpoint, Endpoint] | None
) -> None:
    record = flow(ended("close", 8, 9, trandisp=f'"{kind}"', **more))
    assert record.translated == ((view,) if view else ())


@pytest.mark.parametrize(
    ("action", "statement", "basis", "outcome"),
    [
        ("deny", Statement.DENIED, Basis.DENIED_PACKET, Outcome.UNANSWERED),
        ("start", Statement.ALLOWED, Basis.SESSION, Outcome.ONE_WAY),
    ],
)
def test_deny_and_start_are_the_policys_word(
    action: str, statement: Statement, basis: Basis, outcome: Outcome
) -> None:
    record = log(forti(action=f'"{action}"'))
    assert (record.statement, record.orig, record.basis) == (statement, CLIENT, basis)
    assert record.fields["zones"] == "lan to wan"
    assert conversation(forti(action=f'"{action}"')).outcome is outcome


@pytest.mark.parametrize(
    ("times", "time_ns"),
    [
        ("eventtime=1767614403000000000", NOON_NS + 3 * 10**9),
        ("eventtime=1767614403", NOON_NS + 3 * 10**9),
        ("eventtime=1767614403000", NOON_NS + 3 * 10**9),
        ("", NOON_NS + 3 * 10**9),
    ],
)
def test_releases_write_the_time_in_other_units(times: str, time_ns: int) -> None:
    line = forti(action='"deny"').replace("eventtime=1767614403000000000", times)
    assert log(line).time_ns == time_ns


@pytest.mark.parametrize(
    ("service", "ends"), [('"PING"', (8, 0)), ('"icmp/13/0"', (13, 14)), ('"ALL_ICMP"', (0, 0))]
)
def test_the_type_of_icmp_is_in_the_service(service: str, ends: tuple[int, int]) -> None:
    record = flow(
        forti(action='"accept"', proto=1, srcport="", dstport="", service=service, sentpkt=1, rcvdpkt=1)
    )
    assert (record.protocol, record.orig.port, record.resp.port) == (Protocol.ICMP, *ends)


def test_intrusion_prevention_prints_the_packet_so_its_source_may_be_the_server() -> None:
    """The reference's own sample has the web server as source and `direction="incoming"`."""
    found_by = forti(
        "utm",
        "ips",
        srcip=SERVER.ip,
        srcport=80,
        dstip=CLIENT.ip,
        dstport=3932,
        attack='"TRAINING.Test"',
        attackid=29844,
        severity='"high"',
        action='"detected"',
        direction='"incoming"',
    )
    alert = one(found_by)
    assert isinstance(alert, Alert)
    assert (alert.src, alert.flow_orig, alert.direction) == (SERVER, None, "incoming")
    assert (alert.sid, alert.message, alert.action, alert.severity) == (29844, "TRAINING.Test", "detected", 1)
    found = conversation(found_by, ended("close", 8, 9))
    assert (found.orig, judge_reversed(alert, found)) == (CLIENT, Reversed.YES)


def test_what_inspection_let_pass_is_no_alert_and_what_it_stopped_is() -> None:
    passed = log(forti("utm", "webfilter", action='"passthrough"', url='"/x"'))
    assert (passed.statement, passed.fields["url"]) == (Statement.SEEN, "/x")
    blocked = one(forti("utm", "webfilter", action='"blocked"', msg='"URL belongs to a denied category"'))
    assert isinstance(blocked, Alert)
    assert (blocked.category, blocked.message) == ("webfilter", "URL belongs to a denied category")


@pytest.mark.parametrize(
    "before", ["<189>", "<189>Jan  5 12:00:03 10.0.0.1 ", "<189>1 2026-01-05T12:00:03Z fgt - - - - "]
)
def test_syslog_before_a_line_of_fortigate_does_not_matter(before: str) -> None:
    assert flow(before + ended("close", 8, 9)).orig == CLIENT


def test_commas_may_part_the_pairs() -> None:
    line = ended("close", 8, 9).replace(" ", ",")
    assert flow(line).outcome is Outcome.ESTABLISHED


def test_a_bad_line_of_fortigate_is_told_and_the_devices_own_events_passed_over() -> None:
    lines = (
        ended("close", 8, 9),
        forti("event", "system", srcip="", action='"login"'),
        forti(action='"accept"', proto=132),
        forti(action='"accept"', proto=""),
        forti(action='"deny"', dstport=99999),
        "no pairs",
    )
    kind, records, problems = read(*lines)
    assert (kind, len(records)) == ("fortinet", 1)
    assert problems == [
        "line 4: the protocol is missing",
        "line 5: '99999' is not a port",
        "line 6: the line has no type",
    ]


@pytest.mark.parametrize("line", [ended("close", 8, 9), forti(action='"deny"'), pan()])
def test_what_a_firewall_writes_stands_among_the_firewalls(line: str) -> None:
    assert summarise(one(line)).kind is RecordKind.FIREWALL
