"""What an attempt achieved, from the outcome and the statements beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tickets.engine.effect import classify_effect
from tickets.engine.types import (
    Alert,
    Conversation,
    Effect,
    Location,
    LogRecord,
    Outcome,
    Packet,
    Protocol,
    Record,
    Statement,
)

from .samples import NOON_NS, endpoint, make_alert, make_conversation

CLIENT, SERVER = "198.51.100.23:51544", "192.0.2.10:80"


def conversation(outcome: Outcome) -> Conversation:
    return make_conversation(CLIENT, SERVER, outcome=outcome)


def said(
    statement: Statement, number: int = 1, source: str = "firewall", service: str = "", **fields: str
) -> LogRecord:
    return LogRecord(
        location=Location("device.log", number),
        source=source,
        time_ns=NOON_NS,
        protocol=Protocol.TCP,
        src=endpoint(CLIENT),
        dst=endpoint(SERVER),
        statement=statement,
        service=service,
        fields=fields,
    )


def answered(status: int, number: int = 5) -> Packet:
    payload = f"HTTP/1.1 {status} \r\n\r\n".encode()
    return Packet(
        location=Location("capture.pcap", number),
        time_ns=NOON_NS,
        protocol=Protocol.TCP,
        src=endpoint(SERVER),
        dst=endpoint(CLIENT),
        wire_bytes=60 + len(payload),
        payload=payload,
    )


DENIED, RESET, ALLOWED = said(Statement.DENIED), said(Statement.RESET), said(Statement.ALLOWED)


@pytest.mark.parametrize(
    ("outcome", "records", "effect", "rule"),
    [
        ("rejected", [], "blocked", "effect.rejected"),
        ("refused", [], "rst", "effect.refused"),
        ("unanswered", [], "noreply", "effect.unanswered"),
        ("established", [], "established", "effect.established"),
        ("unanswered", [DENIED], "blocked", "effect.denied"),
        ("unanswered", [RESET], "blocked", "effect.denied"),
        ("refused", [RESET], "blocked", "effect.denied"),
        ("refused", [DENIED], "rst", "effect.refused"),
        ("established", [DENIED], "established", "effect.established"),
        ("unanswered", [ALLOWED], "noreply", "effect.unanswered"),
        ("established", [said(Statement.AUTHENTICATED)], "success", "effect.authenticated"),
        ("established", [said(Statement.AUTHENTICATION_FAILED)], "failed", "effect.authentication_failed"),
        (
            "established",
            [said(Statement.AUTHENTICATION_FAILED), said(Statement.AUTHENTICATED, 2)],
            "success",
            "effect.authenticated",
        ),
        ("established", [answered(403)], "failed", "effect.application_refused"),
        ("established", [answered(404), answered(200, 9)], "established", "effect.established"),
        ("established", [answered(302)], "established", "effect.established"),
        ("established", [answered(200)], "established", "effect.established"),
        ("established", [answered(500), answered(503, 9)], "failed", "effect.application_refused"),
        ("established", [answered(100), answered(403, 9)], "failed", "effect.application_refused"),
        ("established", [answered(101)], "established", "effect.established"),
        (
            "established",
            [said(Statement.SEEN, source="suricata.http", service="http", status="404")],
            "failed",
            "effect.application_refused",
        ),
        ("established", [said(Statement.ACCEPTED)], "established", "effect.established"),
        ("midstream", [said(Statement.ACCEPTED)], "established", "effect.stood"),
        ("one_way", [said(Statement.CLOSED)], "established", "effect.stood"),
        ("one_way", [said(Statement.REFUSED)], "rst", "effect.stated_refused"),
    ],
)
def test_the_evidence_shows_an_effect(outcome: str, records: list[Record], effect: str, rule: str) -> None:
    shown = classify_effect(conversation(Outcome(outcome)), Outcome(outcome), records)
    assert shown.effect is Effect(effect)
    assert shown.finding is not None
    assert (shown.finding.rule, shown.finding.value) == (rule, effect)
    assert shown.finding.records


@pytest.mark.parametrize("outcome", [Outcome.MIDSTREAM, Outcome.ONE_WAY, None])
@pytest.mark.parametrize("records", [[], [ALLOWED], [DENIED]])
def test_what_no_proof_settles_is_not_known(outcome: Outcome | None, records: list[Record]) -> None:
    shown = classify_effect(conversation(outcome or Outcome.ONE_WAY), outcome, records)
    assert shown == (None, None)


def test_the_finding_cites_the_line_that_proves_it() -> None:
    shown = classify_effect(
        conversation(Outcome.UNANSWERED), Outcome.UNANSWERED, [said(Statement.DENIED, 4), ALLOWED]
    )
    assert shown.finding is not None
    assert shown.finding.records == (Location("device.log", 4),)


def dropped(**words: str) -> Alert:
    alert = make_alert(CLIENT, SERVER)
    return replace(alert, time_ns=NOON_NS, location=Location("eve.json", 3), **words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "words", [{"action": "allowed", "verdict": "drop"}, {"action": "blocked"}, {"action": "drop"}]
)
def test_what_an_inline_sensor_dropped_is_blocked_although_the_connection_stood(
    words: dict[str, str],
) -> None:
    shown = classify_effect(conversation(Outcome.ESTABLISHED), Outcome.ESTABLISHED, [dropped(**words)])
    assert shown.effect is Effect.BLOCKED
    assert shown.finding is not None
    assert (shown.finding.rule, shown.finding.records) == ("effect.dropped", (Location("eve.json", 3),))


def test_an_alert_that_let_the_packet_pass_blocks_nothing() -> None:
    passed = dropped(action="allowed", verdict="alert")
    shown = classify_effect(conversation(Outcome.ESTABLISHED), Outcome.ESTABLISHED, [passed])
    assert shown.effect is Effect.ESTABLISHED


def test_a_target_that_spoke_on_was_not_kept_from_it() -> None:
    later = replace(answered(200), time_ns=NOON_NS + 1, payload=b"opaque", payload_bytes=6)
    records: list[Record] = [dropped(verdict="drop"), later]
    shown = classify_effect(conversation(Outcome.ESTABLISHED), Outcome.ESTABLISHED, records)
    assert shown.effect is Effect.ESTABLISHED
