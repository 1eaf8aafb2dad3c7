"""Splunk's CIM rows: no field for who opened it, and a teardown that need not have stood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.readers.lines import CLIENT, NOON_NS, SERVER, log, one, read
from tickets.engine.conversations import converse
from tickets.engine.types import Alert, Endpoint, Outcome, Statement


def row(**more: Any) -> dict[str, Any]:
    return {
        "_time": 1767614400,
        "sourcetype": "example:gate",
        "tag": ["network", "communicate"],
        "action": "blocked",
        "src_ip": CLIENT.ip,
        "src_port": CLIENT.port,
        "dest_ip": SERVER.ip,
        "dest_port": str(SERVER.port),
        "transport": "tcp",
        "direction": "outbound",
        **more,
    }


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_row_is_a_statement_that_names_nobody(wrapped: bool) -> None:
    line = {"preview": False, "offset": 0, "result": row()} if wrapped else row()
    record = log(json.dumps(line))
    assert (record.source, record.statement, record.orig) == ("splunk.cim", Statement.DENIED, None)
    assert (record.src, record.dst, record.time_ns) == (CLIENT, SERVER, NOON_NS)


def test_times_of_searches_may_be_text() -> None:
    assert log(json.dumps(row(_time="1767614400.500"))).time_ns == NOON_NS + 500_000_000
    assert log(json.dumps(row(_time="2026-01-05T13:00:00.000+01:00"))).time_ns == NOON_NS


def test_allowed_is_the_policys_word() -> None:
    (found,) = converse([log(json.dumps(row(action="allowed")))])
    assert found.outcome is Outcome.ONE_WAY


@pytest.mark.parametrize(
    ("more", "statement", "outcome"),
    [
        ({"sourcetype": "cisco:asa", "bytes": 6050}, Statement.CLOSED, Outcome.ESTABLISHED),
        (
            {"sourcetype": "cisco:asa", "bytes": 0, "reason": "SYN Timeout"},
            Statement.CLOSED,
            Outcome.UNANSWERED,
        ),
        ({"sourcetype": "cisco:asa", "bytes": 0}, Statement.SEEN, Outcome.ONE_WAY),
        ({"bytes": 74}, Statement.SEEN, Outcome.ONE_WAY),
    ],
)
def test_a_teardown_says_how_it_went_only_with_payload_bytes_or_a_reason(
    more: dict[str, Any], statement: Statement, outcome: Outcome
) -> None:
    record = log(json.dumps(row(action="teardown", **more)))
    assert record.statement is statement
    (found,) = converse([record])
    assert found.outcome is outcome


def test_a_detection_is_an_alert() -> None:
    alert = one(
        json.dumps(
            row(
                tag=["ids", "attack"], action="allowed", ids_type="network", signature="TRAINING", signature_id=1900001,
                src=SERVER.ip, src_ip=None, src_port=SERVER.port, dest=CLIENT.ip, dest_ip=None, dest_port=CLIENT.port,
            )
        )
    )  # fmt: skip
    assert isinstance(alert, Alert)
    assert (alert.src, alert.sid, alert.flow_orig) == (SERVER, 1900001, None)


def test_a_translated_address_is_another_view() -> None:
    record = log(json.dumps(row(dest_translated_ip="10.20.9.80", dest_translated_port=8080)))
    assert record.translated == ((CLIENT, Endpoint("10.20.9.80", 8080)),)


def test_a_row_with_a_name_for_an_address_is_passed_over_and_a_bad_one_told() -> None:
    _, records, problems = read(
        json.dumps(row()),
        json.dumps({**row(), "src_ip": None, "src": "ws40"}),
        json.dumps(row(transport=None)),
        json.dumps(row(dest_port="http")),
        "{",
        json.dumps(row(action="teardown")),
    )
    assert len(records) == 2
    assert problems[:2] == ["line 3: the transport protocol is missing", "line 4: 'http' is not a port"]
    assert problems[2].startswith("line 5: this is not JSON")


def test_a_raw_line_of_another_format_within_a_row_is_still_the_row() -> None:
    format_id, records, _ = read(
        json.dumps(row(_raw="%ASA-4-106023: Deny tcp src a:1.2.3.4/1 dst b:5.6.7.8/2"))
    )
    assert (format_id, len(records)) == ("splunk.cim", 1)
