"""OCSF network activity: the initiator where it is named, the control's word apart from the target's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, log, one, read
from tickets.engine.conversations import converse
from tickets.engine.types import Basis, Endpoint, FlowRecord, LogRecord, Outcome, Statement, TcpFlags


def ocsf(*, src: Endpoint = CLIENT, dst: Endpoint = SERVER, **more: Any) -> dict[str, Any]:
    return {
        "class_uid": 4001,
        "activity_id": 6,
        "activity_name": "Traffic",
        "time": 1767614400000,
        "src_endpoint": {"ip": src.ip, "port": src.port},
        "dst_endpoint": {"ip": dst.ip, "port": dst.port},
        "connection_info": {"protocol_num": 6},
        **more,
    }


def flow(**more: Any) -> FlowRecord:
    record = one(json.dumps(ocsf(**more)))
    assert isinstance(record, FlowRecord)
    return record


def test_the_initiator_may_be_the_destination_and_the_counts_go_with_it() -> None:
    record = flow(
        src=SERVER,
        dst=CLIENT,
        initiator_id=2,
        traffic={"bytes_out": 900, "bytes_in": 300, "packets_out": 6, "packets_in": 5},
    )
    assert (record.orig, record.resp, record.basis) == (CLIENT, SERVER, Basis.SESSION)
    assert (record.orig_bytes, record.resp_bytes, record.orig_packets, record.resp_packets) == (
        300,
        900,
        5,
        6,
    )


@pytest.mark.parametrize(
    ("more", "basis"),
    [
        ({}, Basis.FIRST_PACKET),
        ({"is_src_dst_assignment_known": True}, Basis.SESSION),
        ({"is_src_dst_assignment_known": False}, Basis.FIRST_PACKET),
        ({"initiator_id": 1}, Basis.SESSION),
        ({"initiator_id": 0}, Basis.FIRST_PACKET),
        ({"initiator_id": 1, "connection_info": {"protocol_num": 6, "flag_history": "^dA"}}, Basis.PORTS),
        (
            {"initiator_id": 1, "connection_info": {"protocol_num": 6, "flag_history": "ShAD"}},
            Basis.HANDSHAKE,
        ),
    ],
)
def test_the_source_opened_it_only_where_the_event_says_so(more: dict[str, Any], basis: Basis) -> None:
    record = flow(**more)
    assert (record.orig, record.basis) == (CLIENT, basis)


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"activity_id": 5, "initiator_id": 1}, Outcome.REFUSED),
        (
            {
                "activity_id": 5,
                "initiator_id": 1,
                "connection_info": {"protocol_num": 6, "flag_history": "Sr"},
            },
            Outcome.REFUSED,
        ),
        ({"activity_id": 1, "initiator_id": 1}, Outcome.ONE_WAY),
        ({"activity_id": 3, "initiator_id": 1}, Outcome.ONE_WAY),
        ({"activity_id": 4, "initiator_id": 1}, Outcome.ONE_WAY),
        (
            {"connection_info": {"protocol_num": 6, "flag_history": "^dA"}, "initiator_id": 1},
            Outcome.MIDSTREAM,
        ),
        (
            {"connection_info": {"protocol_num": 6, "flag_history": "ShADadFf"}, "initiator_id": 1},
            Outcome.ESTABLISHED,
        ),
    ],
)
def test_of_the_activities_only_refuse_is_the_targets_answer(more: dict[str, Any], outcome: Outcome) -> None:
    (found,) = converse([flow(**more)])
    assert found.outcome is outcome


def test_a_blocked_attempt_is_the_controls_denial() -> None:
    record = log(
        json.dumps(ocsf(activity_id=4, disposition_id=2, disposition="Blocked", action_id=2, initiator_id=1))
    )
    assert (record.statement, record.orig, record.basis) == (Statement.DENIED, CLIENT, Basis.DENIED_PACKET)
    (found,) = converse([record])
    assert found.outcome is Outcome.UNANSWERED


def test_a_blocked_syn_ack_names_nobody() -> None:
    info = {"protocol_num": 6, "tcp_flags": 18}
    record = log(json.dumps(ocsf(src=SERVER, dst=CLIENT, disposition_id=2, connection_info=info)))
    assert (record.orig, record.fields["flags"]) == (None, "SYN ACK")
    (found,) = converse([record])
    assert found.outcome is Outcome.ONE_WAY


@pytest.mark.parametrize(
    ("disposition", "statement"), [(1, "allowed"), (6, "denied"), (21, "reset"), (25, "reset")]
)
def test_a_disposition_is_the_controls_word(disposition: int, statement: str) -> None:
    record = log(json.dumps(ocsf(activity_id=1, disposition_id=disposition)))
    assert record.statement is Statement(statement)


def test_a_clouds_record_of_one_direction_is_a_half() -> None:
    record = flow(
        action_id=1,
        traffic={"bytes": 120, "packets": 2},
        connection_info={"protocol_num": 6, "tcp_flags": 19},
    )
    assert record.is_half
    assert (record.orig_packets, record.orig_flags) == (2, TcpFlags.FIN | TcpFlags.SYN | TcpFlags.ACK)


def test_an_application_that_the_event_names_is_the_service() -> None:
    assert flow(app_name="SSL").service == "ssl"
    assert flow(app_name="unknown").service == ""
    named = {"ip": SERVER.ip, "port": SERVER.port, "svc_name": "https"}
    assert flow(dst_endpoint=named).service == "https"


def test_other_classes_are_passed_over_and_bad_events_told() -> None:
    format_id, records, problems = read(
        json.dumps(ocsf()),
        json.dumps({**ocsf(), "class_uid": 3002}),
        json.dumps(ocsf(connection_info={})),
        json.dumps(ocsf(time="never")),
        json.dumps({**ocsf(), "src_endpoint": {"name": "ws40"}}),
        json.dumps(ocsf(disposition_id=2)),
    )
    assert format_id == "ocsf"
    assert [type(record) for record in records] == [FlowRecord, LogRecord]
    assert problems == [
        "line 3: the transport protocol is missing",
        "line 4: the time is missing or cannot be read",
    ]


def test_times_are_milliseconds() -> None:
    record = flow(start_time=1767614400250, end_time=1767614401250)
    assert (record.time_ns, record.end_ns) == (NOON_NS + 250_000_000, NOON_NS + 1_250_000_000)
