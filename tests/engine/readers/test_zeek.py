"""What Zeek's logs print, in all the shapes in which they come, and what their originator rests on."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, log, one, read
from tickets.engine import Outcome, Reversed, converse, judge_reversed
from tickets.engine.readers import read_evidence
from tickets.engine.types import (
    Alert,
    Basis,
    Claim,
    Conversation,
    Endpoint,
    FlowRecord,
    Location,
    Protocol,
    Statement,
)

FIELDS = (
    "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state history "
    "orig_pkts resp_pkts"
).split()
VALUES = "1767614400.000001 Cx 10.20.30.40 3932 203.0.113.80 80 tcp http 1.5 500 4000 SF ShADadFf 5 4".split()
HEADER = ("#separator \\x09", "#path\tconn", "#fields\t" + "\t".join(FIELDS))

ENDS = {"id.orig_h": CLIENT.ip, "id.orig_p": CLIENT.port, "id.resp_h": SERVER.ip, "id.resp_p": SERVER.port}


def row(**more: Any) -> str:
    return json.dumps({"ts": 1767614400.000001, "uid": "Cx", **ENDS} | more)


def conn(state: str, history: str, **more: Any) -> str:
    return row(**{"proto": "tcp", "conn_state": state, "history": history} | more)


def conversation(*lines: str) -> Conversation:
    _, records, problems = read(*lines)
    assert problems == []
    (found,) = converse(records)
    return found


# Connections


@pytest.mark.parametrize(
    ("state", "history", "basis", "orig", "outcome"),
    [
        ("SF", "ShADadFf", Basis.HANDSHAKE, CLIENT, Outcome.ESTABLISHED),
        ("S0", "S", Basis.HANDSHAKE, CLIENT, Outcome.UNANSWERED),
        ("REJ", "Sr", Basis.HANDSHAKE, CLIENT, Outcome.REFUSED),
        ("RSTO", "ShR", Basis.HANDSHAKE, CLIENT, Outcome.ESTABLISHED),
        ("RSTR", "ShADadr", Basis.HANDSHAKE, CLIENT, Outcome.ESTABLISHED),
        ("S0", "SAD", Basis.HANDSHAKE, CLIENT, Outcome.ONE_WAY),
        ("SH", "DAF", Basis.FIRST_PACKET, CLIENT, Outcome.ONE_WAY),
        ("SHR", "^hdaf", Basis.SYN_ACK, CLIENT, Outcome.ONE_WAY),
        ("RSTO", "^hR", Basis.SYN_ACK, CLIENT, Outcome.MIDSTREAM),
        ("OTH", "^dA", Basis.PORTS, CLIENT, Outcome.MIDSTREAM),
        ("OTH", "Da", Basis.FIRST_PACKET, CLIENT, Outcome.MIDSTREAM),
        ("S0", "SADg", Basis.HANDSHAKE, CLIENT, Outcome.ESTABLISHED),
        ("S1", "ShADGg", Basis.HANDSHAKE, CLIENT, Outcome.ESTABLISHED),
        ("SHR", "Chadf", Basis.HANDSHAKE, CLIENT, Outcome.ESTABLISHED),
        ("OTH", "Cda", Basis.FIRST_PACKET, CLIENT, Outcome.MIDSTREAM),
        ("OTH", "ADc", Basis.FIRST_PACKET, CLIENT, Outcome.MIDSTREAM),
        ("RSTOS0", "FR", Basis.FIRST_PACKET, CLIENT, Outcome.ONE_WAY),
    ],
)
def test_the_history_tells_what_the_originator_rests_on_and_how_it_went(
    state: str, history: str, basis: Basis, orig: Endpoint, outcome: Outcome
) -> None:
    line = conn(state, history)
    flow = one(line)
    assert isinstance(flow, FlowRecord)
    assert flow.basis is basis
    found = conversation(line)
    assert (found.orig, found.outcome, found.conn_state) == (orig, outcome, state)


def test_a_udp_line_that_is_turned_has_its_state_turned() -> None:
    turned = {"id.orig_h": SERVER.ip, "id.orig_p": 53, "id.resp_h": CLIENT.ip, "id.resp_p": 51022}
    asked = {"src_ip": CLIENT.ip, "src_port": 51022, "dest_ip": SERVER.ip, "dest_port": 53, "proto": "UDP"}
    query = {"event_type": "dns", "timestamp": "2026-01-05T12:00:00Z", "dns": {"type": "query"}} | asked
    records = [*read(conn("S0", "D", **turned | {"proto": "udp"}))[1], *read(json.dumps(query))[1]]
    (found,) = converse(records)
    assert (found.orig, found.outcome) == (Endpoint(CLIENT.ip, 51022), Outcome.ONE_WAY)


@pytest.mark.parametrize("history", ["C", "CCC", "Cc", "Cr", "Ch", "ChR", "SCc"])
def test_packets_that_were_ignored_for_their_checksum_leave_the_outcome_open(history: str) -> None:
    """Zeek counts them nowhere: a line may have `C` and no packet at all."""
    found = conversation(conn("OTH", history, orig_pkts=0, resp_pkts=0))
    assert [finding.rule for finding in found.findings if finding.claim is Claim.OUTCOME] == []


def test_a_connection_met_in_the_middle_is_turned_by_a_service_port() -> None:
    turned = {"id.orig_h": SERVER.ip, "id.orig_p": 8834, "id.resp_h": CLIENT.ip, "id.resp_p": 51022}
    found = conversation(conn("OTH", "Da", **turned))
    assert (found.orig, found.flipped) == (Endpoint(CLIENT.ip, 51022), True)


def test_a_scan_from_port_80_is_not_turned() -> None:
    scan = {"id.orig_h": SERVER.ip, "id.orig_p": 80, "id.resp_h": CLIENT.ip, "id.resp_p": 3932}
    assert conversation(conn("REJ", "Sr", **scan)).orig == SERVER


def test_a_syn_ack_that_stands_alone_was_sent_by_the_responder() -> None:
    """Zeek leaves its sender as originator, whatever the ports."""
    alone = {"id.orig_h": SERVER.ip, "id.orig_p": 40001, "id.resp_h": CLIENT.ip, "id.resp_p": 40000}
    found = conversation(conn("OTH", "H", **alone))
    assert found.orig == Endpoint(CLIENT.ip, 40000)
    assert found.findings[0].rule == "device.reply_packet"


def test_the_two_halves_of_a_connection_are_one_conversation() -> None:
    found = conversation(conn("S0", "SAD"), conn("SH", "DAF", ts=1767614405.1))
    assert (found.orig, found.outcome, len(found.records)) == (CLIENT, Outcome.ONE_WAY, 2)


@pytest.mark.parametrize(
    ("history", "basis", "outcome"),
    [
        ("Dd", Basis.TRACKED, Outcome.ESTABLISHED),
        ("D", Basis.TRACKED, Outcome.UNANSWERED),
        ("^d", Basis.PORTS, Outcome.ONE_WAY),
        ("Cd", Basis.TRACKED, Outcome.ESTABLISHED),
        ("Dc", Basis.TRACKED, Outcome.ESTABLISHED),
    ],
)
def test_udp_is_turned_by_ports_and_by_what_is_spoken(history: str, basis: Basis, outcome: Outcome) -> None:
    state = {"Dd": "SF", "D": "S0", "^d": "SHR", "Cd": "SHR", "Dc": "S0"}[history]
    line = conn(state, history, proto="udp", **{"id.resp_p": 53})
    flow = one(line)
    assert isinstance(flow, FlowRecord)
    assert flow.basis is basis
    found = conversation(line)
    assert (found.orig, found.outcome) == (CLIENT, outcome)


@pytest.mark.parametrize(
    ("kind", "answer", "asks"),
    [(8, 0, True), (0, 8, False), (128, 129, True), (129, 128, False), (3, 1, True)],
)
def test_icmp_has_the_type_for_a_port_and_a_reply_that_is_seen_first_does_not_open(
    kind: int, answer: int, asks: bool
) -> None:
    found = conversation(conn("OTH", "", proto="icmp", **{"id.orig_p": kind, "id.resp_p": answer}))
    ends = Endpoint(CLIENT.ip, kind), Endpoint(SERVER.ip, answer)
    assert found.orig == ends[0 if asks else 1]


def test_whether_an_end_is_local_and_what_carried_it_change_nothing() -> None:
    plain = one(conn("SF", "ShAD"))
    told = one(
        conn("SF", "ShAD", local_orig=False, local_resp=True, tunnel_parents=["Cy"], ip_proto=6, new=[1])
    )
    assert isinstance(plain, FlowRecord)
    assert isinstance(told, FlowRecord)
    assert (told.orig, told.basis, told.history) == (plain.orig, plain.basis, plain.history)
    assert read(conn("OTH", "", proto="unknown_transport", ip_proto=47))[1:] == ([], [])


# Shapes


def test_zeek_is_read_as_text_and_as_json_alike() -> None:
    _, (tsv,), problems = read(*HEADER, "\t".join(VALUES), "#close\tx")
    assert problems == []
    number = {
        "ts",
        "id.orig_p",
        "id.resp_p",
        "duration",
        "orig_bytes",
        "resp_bytes",
        "orig_pkts",
        "resp_pkts",
    }
    pairs = (
        f'"{name}":{value if name in number else json.dumps(value)}'
        for name, value in zip(FIELDS, VALUES, strict=True)
    )
    line = "{" + ",".join(pairs) + "}"
    for text in (line, line.replace("id.", "id_")):
        record = one(text)
        assert isinstance(record, FlowRecord)
        assert isinstance(tsv, FlowRecord)
        assert (record.orig, record.resp, record.state, record.history) == (CLIENT, SERVER, "SF", "ShADadFf")
        assert (
            (record.time_ns, record.end_ns)
            == (tsv.time_ns, tsv.end_ns)
            == (NOON_NS + 1000, NOON_NS + 1_500_001_000)
        )
        assert (record.orig_packets, record.resp_bytes, record.flow_id) == (5, 4000, "Cx")


def test_unset_values_of_zeek_are_empty() -> None:
    values = [
        "-" if name in ("service", "duration", "orig_bytes", "history") else value
        for name, value in zip(FIELDS, VALUES, strict=True)
    ]
    record = one(*HEADER, "\t".join(values))
    assert isinstance(record, FlowRecord)
    assert (record.service, record.history, record.orig_bytes) == ("", "", 0)
    assert record.end_ns == record.time_ns


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a\tb", "line 4: 2 fields where the header names 15"),
        ('{"ts": 1}', "line 4: the field id.orig_h is missing"),
        ("\t".join(["x", *VALUES[1:]]), "line 4: the time is missing or cannot be read"),
        ("\t".join(["99999999999", *VALUES[1:]]), "line 4: the time is not possible"),
    ],
)
def test_a_bad_line_of_zeek_is_told(line: str, told: str) -> None:
    assert read(*HEADER, line)[1:] == ([], [told])


@pytest.mark.parametrize(
    ("moment", "duration", "lasted_ns"),
    [
        (1767614400.000001, 1.5, 1_500_000_000),
        (1767614400000.001, 9.5367431640625e-07, 953),
        ("2026-01-05T12:00:00.000001Z", 2, 2_000_000_000),
    ],
)
def test_times_of_json_are_seconds_milliseconds_or_text_and_short_ones_have_an_exponent(
    moment: Any, duration: float, lasted_ns: int
) -> None:
    flow = one(conn("SF", "ShAD", ts=moment, duration=duration))
    assert isinstance(flow, FlowRecord)
    assert (flow.time_ns, flow.end_ns - flow.time_ns) == (NOON_NS + 1000, lasted_ns)


@pytest.mark.parametrize("duration", ["1e99", "nan", "e", "-1e-3"])
def test_a_duration_that_cannot_be_is_told(duration: str) -> None:
    (told,) = read(conn("SF", "ShAD", duration=duration))[2]
    assert told.startswith("line 1: the ")


def test_ends_may_be_an_object_or_have_underscores() -> None:
    nested = {"orig_h": CLIENT.ip, "orig_p": CLIENT.port, "resp_h": SERVER.ip, "resp_p": SERVER.port}
    line = json.dumps({"ts": 1767614400, "id": nested, "proto": "tcp", "conn_state": "SF", "history": "ShAD"})
    for written in (line, conn("SF", "ShAD").replace("id.", "id_")):
        flow = one(written)
        assert isinstance(flow, FlowRecord)
        assert (flow.orig, flow.resp) == (CLIENT, SERVER)


def test_text_may_be_separated_by_what_its_header_says() -> None:
    header = ("#separator \\x2c", "#path,conn", "#fields," + ",".join(FIELDS))
    flow = one(*header, ",".join(VALUES))
    assert isinstance(flow, FlowRecord)
    assert (flow.orig, flow.location) == (CLIENT, Location("x.log", 4))


@pytest.mark.parametrize("columns", [20, 21, 22])
def test_a_conn_log_without_its_header_has_the_documented_columns(columns: int) -> None:
    whole = [*VALUES[:12], "T", "F", "0", "ShADadFf", "5", "560", "4", "4160", "-", "6"]
    kind, (flow,), problems = read("\t".join(whole[:columns]))
    assert (kind, problems) == ("zeek.conn", [])
    assert isinstance(flow, FlowRecord)
    assert (flow.orig, flow.history, flow.orig_packets, flow.resp_packets) == (CLIENT, "ShADadFf", 5, 4)


def test_logs_in_one_file_are_told_apart_by_their_headers() -> None:
    dns = (
        "#path\tdns",
        "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\trcode_name",
    )
    asked = "\t".join([*VALUES[:5], "53", "udp", "www.example.net", "NOERROR"])
    weird = ("#path\tweird", "#fields\tts\tname", "1767614400.000001\tbad_TCP_checksum")
    kind, records, problems = read(*HEADER, "\t".join(VALUES), "#close\tx", *dns, asked, *weird)
    assert (kind, problems) == ("zeek.logs", [])
    assert [getattr(record, "source") for record in records] == ["zeek.conn", "zeek.dns"]  # noqa: B009
    assert [record.location.number for record in records if record.location] == [4, 8]


def test_logs_in_one_stream_are_told_apart_by_their_names() -> None:
    lines = (
        conn("SF", "ShADadFf", _path="conn"),
        row(_path="http", trans_depth=1, method="GET", status_code=200),
        row(_path="weird", name="x"),
        json.dumps({"_path": "stats", "ts": 1767614400}),
    )
    kind, records, problems = read(*lines)
    assert (kind, len(records), problems) == ("zeek.logs", 2, [])
    (found,) = converse(records)
    assert (found.orig, found.outcome, found.service) == (CLIENT, Outcome.ESTABLISHED, "http")


def test_a_row_of_no_known_log_is_told() -> None:
    assert read(conn("SF", "ShAD"), row(colour="red"))[2] == [
        "line 2: the row is of no log of Zeek that is known"
    ]


# Protocols


@pytest.mark.parametrize(
    ("values", "kind", "protocol", "service", "statement"),
    [
        (
            {"proto": "udp", "trans_id": 7, "query": "x", "rcode": 0},
            "zeek.dns",
            "udp",
            "dns",
            Statement.ANSWERED,
        ),
        ({"proto": "tcp", "trans_id": 7, "query": "x"}, "zeek.dns", "tcp", "dns", Statement.SEEN),
        (
            {"trans_depth": 1, "method": "GET", "status_code": 404},
            "zeek.http",
            "tcp",
            "http",
            Statement.ANSWERED,
        ),
        ({"trans_depth": 1, "method": "GET"}, "zeek.http", "tcp", "http", Statement.SEEN),
        (
            {"version": "TLSv13", "established": True, "resumed": False},
            "zeek.ssl",
            "tcp",
            "tls",
            Statement.ANSWERED,
        ),
        (
            {"version": "DTLSv12", "established": True, "resumed": False},
            "zeek.ssl",
            "udp",
            "tls",
            Statement.ANSWERED,
        ),
        ({"ssl_history": "C", "server_name": "x"}, "zeek.ssl", "tcp", "tls", Statement.SEEN),
        ({"auth_attempts": 1, "server": "SSH-2.0-x"}, "zeek.ssh", "tcp", "ssh", Statement.ANSWERED),
    ],
)
def test_a_row_of_a_protocol_names_the_client_and_tells_whether_the_server_answered(
    values: dict[str, Any], kind: str, protocol: str, service: str, statement: Statement
) -> None:
    line = row(**values)
    record = log(line)
    assert (read(line)[0], record.source) == (kind, kind)
    assert (record.orig, record.resp) == (CLIENT, SERVER)
    assert (record.protocol, record.service, record.statement) == (Protocol(protocol), service, statement)


def test_a_status_is_kept_under_its_shared_name_and_a_forwarded_address_is_no_end() -> None:
    record = log(
        row(trans_depth=1, method="GET", status_code=400, proxied=["X-FORWARDED-FOR -> 198.51.100.23"])
    )
    assert (record.src, record.fields["status"]) == (CLIENT, "400")
    found = conversation(row(trans_depth=1, method="GET", status_code=400))
    assert (found.outcome, found.findings[-1].rule) != (Outcome.ONE_WAY, "")


def test_a_guessed_login_of_ssh_is_no_login() -> None:
    """Zeek infers it from the sizes of encrypted packets."""
    record = log(row(auth_success=True, auth_attempts=1, server="SSH-2.0-x", direction="INBOUND"))
    assert (record.statement, record.fields["auth_success"]) == (Statement.ANSWERED, "T")


@pytest.mark.parametrize(
    ("path", "values", "statement"),
    [
        ("mysql", {"cmd": "login", "arg": "ana", "success": True}, Statement.AUTHENTICATED),
        ("mysql", {"cmd": "login", "arg": "ana", "success": False}, Statement.AUTHENTICATION_FAILED),
        ("mysql", {"cmd": "query", "success": True}, Statement.ANSWERED),
        ("ntlm", {"username": "ana", "success": "F"}, Statement.AUTHENTICATION_FAILED),
        ("ntlm", {"username": "ana"}, Statement.SEEN),
        ("ntlm", {"success": True}, Statement.ANSWERED),
    ],
)
def test_a_reply_to_a_password_is_a_login(path: str, values: dict[str, Any], statement: Statement) -> None:
    assert log(row(_path=path, **values)).statement is statement


# Notices


def notice(**more: Any) -> Alert:
    record = one(
        json.dumps({"ts": 1767614400.0, "note": "Scan::Port_Scan", "msg": "x", "actions": []} | more)
    )
    assert isinstance(record, Alert)
    return record


def test_a_notice_about_a_connection_prints_its_originator_unless_the_script_says_otherwise() -> None:
    plain = notice(**ENDS, proto="tcp", uid="Cx")
    turned = notice(**ENDS, proto="tcp", src=SERVER.ip, dst=CLIENT.ip)
    assert (plain.src, plain.dst, plain.flow_orig, plain.flow_id) == (CLIENT, SERVER, CLIENT, "Cx")
    assert (turned.src, turned.dst, turned.flow_orig) == (SERVER, CLIENT, CLIENT)
    assert (plain.source, plain.message, plain.category) == (
        "zeek.notice",
        "Scan::Port_Scan: x",
        "Scan::Port_Scan",
    )
    (found,) = converse([turned])
    assert judge_reversed(turned, found) is Reversed.YES


def test_a_notice_about_a_host_has_no_conversation() -> None:
    guessing = notice(src=SERVER.ip, sub="Sampled servers: 192.0.2.10")
    assert (guessing.src, guessing.dst) == (Endpoint(SERVER.ip, 0), Endpoint("", 0))
    assert converse([guessing]) == []
    assert judge_reversed(guessing, None) is Reversed.CANNOT_BE_DETERMINED


def test_a_notice_may_name_the_port_at_its_destination_or_nobody() -> None:
    assert notice(src=CLIENT.ip, dst=SERVER.ip, p=80).dst == SERVER
    assert read(json.dumps({"ts": 1, "note": "x", "msg": "y", "actions": []}))[1:] == ([], [])


def test_a_byte_order_mark_windows_line_ends_and_gzip_do_no_harm() -> None:
    for lines in ((*HEADER, "\t".join(VALUES)), ("", "", "", conn("SF", "ShAD"))):
        data = b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\n"
        for content in (data, gzip.compress(data)):
            reading = read_evidence("x", content)
            assert [record.location for record in reading.records] == [Location("x", 4)]
            assert reading.problems == []


def test_a_relays_header_does_not_matter() -> None:
    flow = one("<13>Jan  5 12:00:00 zeek1 zeek_conn: " + conn("SF", "ShAD"))
    assert isinstance(flow, FlowRecord)
    assert flow.orig == CLIENT
