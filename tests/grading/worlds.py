"""Hand-made verdicts with the engine's own rule ids: small worlds to mark worksheets against."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tickets.engine import (
    DISPOSITION_OF,
    Alert,
    Claim,
    Conversation,
    DecisionInputs,
    DirectionInput,
    Disposition,
    Effect,
    Endpoint,
    Finding,
    IntentMatch,
    Location,
    Origin,
    Outcome,
    Protocol,
    ReasonCode,
    Reversed,
    Role,
    Verdict,
)
from tickets.grading import DEFAULT_WEIGHTS, Accepted, Answers, Grade, Shown, Weights, grade_worksheet
from tickets.grading.shown import NOTHING_SHOWN

WORKSTATION = Endpoint("10.20.30.40", 3932)
WEB_SITE = Endpoint("203.0.113.80", 80)
OUTSIDER = Endpoint("198.51.100.23", 51544)
BASTION = Endpoint("192.0.2.10", 3389)

SYN = Location("capture.pcap", 1)
SYN_ACK = Location("capture.pcap", 2)
FIREWALL = Location("firewall.log", 1)
ALERT = Location("eve.json", 1)
NOTE = Location("context", 1)


def describe(finding: Finding) -> str:
    """A stand-in for the engine's sentences, one a rule."""
    return f"By {finding.rule} the {finding.claim} is {finding.value}."


def lesson(rule: str) -> str:
    return f"What {rule} teaches."


def finding(
    rule: str, claim: Claim, value: str, *records: Location, confidence: float = 1.0, supports: bool = True
) -> Finding:
    return Finding(
        rule=rule, claim=claim, value=value, records=records, confidence=confidence, supports=supports
    )


def make_verdict(
    *,
    orig: Endpoint = OUTSIDER,
    resp: Endpoint = BASTION,
    protocol: Protocol = Protocol.TCP,
    reversed_: Reversed = Reversed.NO,
    outcome: Outcome | None = Outcome.ESTABLISHED,
    intent: IntentMatch = IntentMatch.MATCH,
    effect: Effect | None = Effect.ESTABLISHED,
    reason_code: ReasonCode | None = ReasonCode.TP2,
    role: Role = Role.PROD,
    origin: Origin = Origin.EXTERNAL,
    severity: int | None = None,
    confidence: float = 0.99,
    outcome_confidence: float = 1.0,
    disposition_confidence: float = 1.0,
    resp_packets: int = 2,
    beside: tuple[Finding, ...] = (),
) -> Verdict:
    """A verdict whose alert shows `orig -> resp`, or the reply where it is reversed."""
    is_known = reversed_ is not Reversed.CANNOT_BE_DETERMINED
    src, dst = (resp, orig) if reversed_ is Reversed.YES else (orig, resp)
    opened = finding("tcp.syn", Claim.ORIGINATOR, str(orig), SYN, confidence=confidence)
    ended = finding("tcp.handshake", Claim.OUTCOME, str(outcome), SYN_ACK, confidence=outcome_confidence)
    conversation = Conversation(
        protocol=protocol,
        endpoints=(src, dst),
        orig=orig if is_known else None,
        resp=resp if is_known else None,
        outcome=outcome or Outcome.ONE_WAY,
        conn_state="SF",
        history="ShAaFf",
        service="",
        first_ns=0,
        last_ns=1,
        orig_packets=3,
        resp_packets=resp_packets,
        orig_bytes=100,
        resp_bytes=200,
        flipped=False,
        confidence=confidence if is_known else 0.5,
        findings=((opened,) if is_known else ()) + ((ended,) if outcome else ()),
        records=(SYN, SYN_ACK),
    )
    findings = [
        *conversation.findings,
        *beside,
        # As the engine has it: how sure the direction is, also where that is not sure enough to name anyone.
        finding(
            f"reversed.{reversed_}", Claim.REVERSED, reversed_, ALERT, SYN, confidence=conversation.confidence
        ),
    ]
    if intent is not IntentMatch.UNKNOWN:
        findings.append(finding("intent.originator_address", Claim.INTENT, intent, SYN))
    findings.append(finding("context.role", Claim.DISPOSITION, role, NOTE))
    if reason_code is not None:
        findings.append(
            finding(
                "disposition.R11", Claim.DISPOSITION, reason_code, NOTE, confidence=disposition_confidence
            )
        )
    return Verdict(
        engine_version="1.0.0",
        alert=Alert(protocol=protocol, src=src, dst=dst, location=ALERT, severity=severity),
        conversation=conversation,
        reversed=reversed_,
        outcome=outcome,
        intent=intent,
        effect=effect,
        disposition=None if reason_code is None else DISPOSITION_OF[reason_code],
        reason_code=reason_code,
        decided_by="" if reason_code is None else "R11",
        inputs=DecisionInputs(dir=DirectionInput.OK, role=role, origin=origin),
        depends_on=() if reason_code is not None else ("auth", "mal"),
        findings=tuple(findings),
    )


SEED_ACCEPTED = (
    Accepted(ReasonCode.FP2, Decimal(1), "The rule has no flow keyword."),
    Accepted(
        ReasonCode.BN2, Decimal("0.5"), "Harmless is right, but it hides that the alert shows the reply."
    ),
    Accepted(ReasonCode.TP2, Decimal(0), "Nothing was attempted against us."),
)


def make_seed_verdict() -> Verdict:
    """T001: a workstation reads a web page, and the alert shows the reply."""
    return make_verdict(
        orig=WORKSTATION,
        resp=WEB_SITE,
        reversed_=Reversed.YES,
        intent=IntentMatch.MISMATCH,
        reason_code=ReasonCode.FP1,
        role=Role.WORK,
        origin=Origin.INTERNAL,
    )


def swap(answers: Answers) -> Answers:
    """The same worksheet with the two ends of the conversation exchanged."""
    return replace(
        answers,
        originator_ip=answers.responder_ip,
        originator_port=answers.responder_port,
        responder_ip=answers.originator_ip,
        responder_port=answers.originator_port,
    )


def mark(
    answers: Answers,
    verdict: Verdict,
    accepted: tuple[Accepted, ...] = (),
    *,
    shown: Shown = NOTHING_SHOWN,
    weights: Weights = DEFAULT_WEIGHTS,
) -> Grade:
    return grade_worksheet(
        answers, verdict, accepted, describe=describe, lesson=lesson, shown=shown, weights=weights
    )


def points(grade: Grade) -> dict[str, Decimal]:
    return {line.criterion.value: line.points for line in grade.criteria}


def codes(grade: Grade) -> dict[str, str]:
    return {line.criterion.value: line.misconception for line in grade.criteria if line.misconception}


def take_at_face_value(answers: Answers) -> Answers:
    """What a trainee writes who believes the alert: its source opened it, it fits, it is an attack."""
    return replace(
        swap(answers),
        reversed=Reversed.NO,
        intent=IntentMatch.MATCH,
        disposition=Disposition.TRUE_POSITIVE,
        reason_code=ReasonCode.TP2,
        evidence=(ALERT,),
    )
