"""Conversations and alerts for tests, in a few words."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.engine.types import (
    Alert,
    Claim,
    Conversation,
    DecisionInputs,
    Disposition,
    Effect,
    Endpoint,
    Finding,
    IntentMatch,
    Location,
    Outcome,
    Protocol,
    ReasonCode,
    Reversed,
    Role,
    Verdict,
)

NOON_NS = 1_767_614_400_000_000_000  # 2026-01-05 12:00:00 UTC


def endpoint(text: str) -> Endpoint:
    ip, _, port = text.rpartition(":")
    return Endpoint(ip.strip("[]"), int(port))


def make_conversation(
    orig: str,
    resp: str,
    *,
    outcome: Outcome = Outcome.ESTABLISHED,
    service: str = "",
    confidence: float = 0.99,
    first_ns: int = NOON_NS,
) -> Conversation:
    """A TCP conversation that a SYN in record 1 proves and whose outcome record 2 shows."""
    return Conversation(
        protocol=Protocol.TCP,
        endpoints=(endpoint(orig), endpoint(resp)),
        orig=endpoint(orig),
        resp=endpoint(resp),
        outcome=outcome,
        conn_state="SF",
        history="ShADadFf",
        service=service,
        first_ns=first_ns,
        last_ns=first_ns + 1_000_000_000,
        orig_packets=4,
        resp_packets=4,
        orig_bytes=300,
        resp_bytes=900,
        flipped=False,
        confidence=confidence,
        findings=(
            Finding(
                rule="tcp.syn",
                claim=Claim.ORIGINATOR,
                value=orig,
                records=(Location("capture.pcap", 1),),
                facts={"orig": orig, "resp": resp, "seq": "100"},
                confidence=confidence,
            ),
            Finding(
                rule="tcp.handshake",
                claim=Claim.OUTCOME,
                value=outcome.value,
                records=(Location("capture.pcap", 2),),
            ),
        ),
        records=(Location("capture.pcap", 1), Location("capture.pcap", 2)),
    )


def make_alert(src: str, dst: str, *, time_ns: int | None = NOON_NS, sid: int | None = 1900001) -> Alert:
    return Alert(
        protocol=Protocol.TCP,
        src=endpoint(src),
        dst=endpoint(dst),
        location=Location("eve.json", 1),
        time_ns=time_ns,
        sid=sid,
    )


def make_verdict(facts: Mapping[str, str]) -> Verdict:
    """ana's seed ticket, judged. Its only finding has these facts."""
    return Verdict(
        engine_version="1.0.0",
        alert=make_alert("203.0.113.80:80", "10.20.30.40:3932"),
        conversation=make_conversation("10.20.30.40:3932", "203.0.113.80:80", service="http"),
        reversed=Reversed.YES,
        outcome=Outcome.ESTABLISHED,
        intent=IntentMatch.MISMATCH,
        effect=Effect.ESTABLISHED,
        disposition=Disposition.FALSE_POSITIVE,
        reason_code=ReasonCode.FP1,
        decided_by="R4",
        inputs=DecisionInputs(role=Role.WORK),
        depends_on=(),
        findings=(
            Finding(
                rule="tcp.syn",
                claim=Claim.ORIGINATOR,
                value="10.20.30.40:3932",
                records=(Location("capture.pcap", 1),),
                facts=facts,
            ),
        ),
    )
