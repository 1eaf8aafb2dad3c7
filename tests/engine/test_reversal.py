"""Why an alert is printed the wrong way round, and that the cause is named only where a record shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tickets.engine.reversal import as_printed, is_about, judge_reversal
from tickets.engine.rules import parse_rule
from tickets.engine.types import (
    Alert,
    Basis,
    Cause,
    FlowRecord,
    Location,
    LogRecord,
    Protocol,
    Record,
    Reversed,
    Statement,
)

from .samples import endpoint, make_alert, make_conversation

CLIENT, SERVER = "10.20.30.40:3932", "203.0.113.80:80"
OUTSIDE = "198.51.100.7:61001"
REPLY = parse_rule("alert tcp any 80 -> any any (flow:established,to_client; sid:1900002;)")
PLAIN = parse_rule("alert tcp any any -> any 1024: (flags:A+; sid:1900001;)")
TALK = make_conversation(CLIENT, SERVER, confidence=0.97)


def backwards(**fields: object) -> Alert:
    """The server printed as source."""
    alert = replace(make_alert(SERVER, CLIENT), location=Location("eve.json", 1), source="suricata.alert")
    return replace(alert, **fields)  # type: ignore[arg-type]


def flow(
    src: str, dst: str, number: int, *, is_half: bool = False, source: str = "suricata.flow"
) -> FlowRecord:
    return FlowRecord(
        location=Location("flows", number),
        source=source,
        time_ns=0,
        end_ns=0,
        protocol=Protocol.TCP,
        orig=endpoint(src),
        resp=endpoint(dst),
        is_half=is_half,
    )


def dialled_out() -> LogRecord:
    """A decoy's line prints the remote side first; `connect` says that the decoy itself dialled."""
    return LogRecord(
        location=Location("honeypot.log", 4),
        source="dionaea.mhn",
        time_ns=0,
        protocol=Protocol.TCP,
        src=endpoint(SERVER),
        dst=endpoint(CLIENT),
        statement=Statement.CONNECTED_OUT,
        orig=endpoint(CLIENT),
        resp=endpoint(SERVER),
        basis=Basis.DECOY,
        fields={"action": "connect"},
    )


def cause_of(alert: Alert, *records: Record, rule: str = "") -> Cause | None:
    known = REPLY if rule == "reply" else PLAIN if rule else None
    reversal = judge_reversal(alert, TALK, known, records)
    assert reversal.reversed is Reversed.YES
    assert [finding.value for finding in reversal.findings[1:]] == (
        [reversal.cause] if reversal.cause else []
    )
    assert all(finding.records for finding in reversal.findings)
    return reversal.cause


def test_a_rule_for_replies_prints_replies() -> None:
    assert cause_of(backwards(), rule="reply") is Cause.RESPONSE_RULE


def test_a_decoy_that_dialled_out_is_printed_backwards_by_its_log() -> None:
    assert cause_of(backwards(), dialled_out()) is Cause.PIPELINE


def test_the_answering_half_of_a_flow_is_one_of_two_lines() -> None:
    halves = (flow(SERVER, CLIENT, 1, is_half=True), flow(CLIENT, SERVER, 2, is_half=True))
    assert cause_of(backwards(), *halves) is Cause.BOTH_HALVES
    assert cause_of(backwards(), halves[0]) is None


@pytest.mark.parametrize("field", ["direction", "flow_orig"])
def test_a_sensor_that_came_late_takes_the_server_for_the_client(field: str) -> None:
    believed = {"direction": "to_server", "flow_orig": endpoint(SERVER)}
    assert cause_of(backwards(**{field: believed[field]})) is Cause.MIDSTREAM


def test_the_same_sensors_flow_record_shows_what_it_believed() -> None:
    assert cause_of(backwards(), flow(SERVER, CLIENT, 3)) is Cause.MIDSTREAM
    assert cause_of(backwards(), flow(SERVER, CLIENT, 3, source="zeek.conn")) is None


@pytest.mark.parametrize("field", ["direction", "flow_orig"])
def test_a_sensor_that_knows_better_printed_the_packet(field: str) -> None:
    known = {"direction": "to_client", "flow_orig": endpoint(CLIENT)}
    assert cause_of(backwards(**{field: known[field]}), rule="plain") is Cause.REPLY_PACKET


def test_without_a_record_that_shows_it_no_cause_is_named() -> None:
    assert cause_of(backwards()) is None


def test_an_upright_alert_has_no_cause() -> None:
    reversal = judge_reversal(make_alert(CLIENT, SERVER), TALK, REPLY, (dialled_out(),))
    assert (reversal.reversed, reversal.cause) == (Reversed.NO, None)


class TestTranslation:
    """The client is 10.20.30.40 inside and 198.51.100.7 outside."""

    talk = replace(TALK, translated=((endpoint(OUTSIDE), endpoint(SERVER)),))
    stated = replace(
        flow(CLIENT, SERVER, 9, source="cisco.asa"), translated=((endpoint(OUTSIDE), endpoint(SERVER)),)
    )

    def test_an_alert_from_the_other_side_is_about_the_same_conversation(self) -> None:
        alert = make_alert(SERVER, OUTSIDE)
        assert is_about(alert, self.talk)
        assert as_printed(alert, self.talk) == (endpoint(OUTSIDE), endpoint(SERVER))
        assert judge_reversal(alert, self.talk, None, ()).reversed is Reversed.YES
        assert judge_reversal(make_alert(OUTSIDE, SERVER), self.talk, None, ()).reversed is Reversed.NO

    def test_the_record_that_states_the_translation_is_cited(self) -> None:
        reversal = judge_reversal(make_alert(SERVER, OUTSIDE), self.talk, None, (self.stated,))
        assert reversal.cause is Cause.TRANSLATION
        assert reversal.findings[1].records == (Location("flows", 9),)

    def test_strangers_are_not_taken_for_it(self) -> None:
        assert not is_about(make_alert("198.51.100.8:61001", SERVER), self.talk)
        assert as_printed(make_alert("198.51.100.8:61001", SERVER), self.talk) is None
