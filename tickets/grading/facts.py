"""What is right for each criterion, which findings and records show it, and what is not marked and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tickets.engine import (
    Claim,
    Finding,
    IntentMatch,
    Location,
    Protocol,
    Reversed,
    Verdict,
    name_inputs,
)
from tickets.grading.accepted import Accepted
from tickets.grading.answers import OutcomeAnswer
from tickets.grading.citing import (
    SURE_ENOUGH,
    open_outcome_records,
    records_of,
    saying,
    supporting,
    sure_records,
    undeterminable_records,
)
from tickets.grading.criteria import Criterion


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One criterion's key. `expected` is canonical text; `why_unmarked` is "" where the criterion is marked.

    `findings` support the value, the deciding one first; `records` are theirs, each once, never empty
    where the criterion is marked."""

    criterion: Criterion
    expected: str
    findings: tuple[Finding, ...] = ()
    records: tuple[Location, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    why_unmarked: str = ""

    @property
    def is_marked(self) -> bool:
        return not self.why_unmarked


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The records of which one must be pinned to have cited `claim`."""

    claim: Claim
    records: tuple[Location, ...]


def build_facts(verdict: Verdict, accepted: tuple[Accepted, ...]) -> Iterable[Fact]:
    yield _reversed_fact(verdict)
    yield from _endpoint_facts(verdict)
    yield _protocol_fact(verdict)
    yield _outcome_fact(verdict)
    yield _intent_fact(verdict)
    yield from _disposition_facts(verdict, accepted)


def _fact(
    verdict: Verdict,
    criterion: Criterion,
    expected: str,
    findings: tuple[Finding, ...],
    *,
    why_unmarked: str = "",
    accepted: tuple[Accepted, ...] = (),
) -> Fact:
    """A fact, marked only if its deciding finding is sure enough and something can be cited."""
    records = records_of(findings) or _fallback_records(verdict)
    return Fact(
        criterion=criterion,
        expected=expected,
        findings=findings,
        records=records,
        accepted=accepted,
        why_unmarked=why_unmarked or _why_unsure(findings, records),
    )


def _why_unsure(findings: tuple[Finding, ...], records: tuple[Location, ...]) -> str:
    if not findings:
        return "No record settles this, so it is not marked."
    if findings[0].confidence < SURE_ENOUGH:
        return "The records make one answer likely but do not prove it, so it is not marked."
    return "" if records else "No record can be shown for this, so it is not marked."


def _fallback_records(verdict: Verdict) -> tuple[Location, ...]:
    """What to show for a claim that rests on stated context alone: the alert, else the first record."""
    conversation = verdict.conversation
    alert = (verdict.alert.location,) if verdict.alert.location is not None else ()
    return alert or (conversation.records[:1] if conversation is not None else ())


def _direction_findings(verdict: Verdict) -> tuple[Finding, ...]:
    """What proves who opened the conversation, before what compares it with the alert."""
    return (*supporting(verdict, Claim.ORIGINATOR), *supporting(verdict, Claim.REVERSED))


def _is_direction_unsure(verdict: Verdict) -> bool:
    return verdict.conversation is None or verdict.conversation.confidence < SURE_ENOUGH


_LIKELY = (
    "The records make one side likely but do not prove who opened the conversation, so it is not marked."
)


def _reversed_fact(verdict: Verdict) -> Fact:
    if verdict.reversed is Reversed.CANNOT_BE_DETERMINED:
        return _undeterminable_fact(verdict)
    why = _LIKELY if _is_direction_unsure(verdict) else ""
    findings = _direction_findings(verdict)
    return _fact(verdict, Criterion.REVERSED, verdict.reversed.value, findings, why_unmarked=why)


def _undeterminable_fact(verdict: Verdict) -> Fact:
    """That nobody can be named is sure just where no side is likely enough: no bar of confidence here."""
    records = undeterminable_records(verdict)
    return Fact(
        criterion=Criterion.REVERSED,
        expected=Reversed.CANNOT_BE_DETERMINED.value,
        findings=supporting(verdict, Claim.REVERSED),
        records=records,
        why_unmarked=""
        if records
        else "The evidence holds no conversation of this alert, so it is not marked.",
    )


_ENDPOINT_FIELDS: tuple[tuple[Criterion, bool, bool], ...] = (
    # criterion, of the originator, is a port
    (Criterion.ORIGINATOR_IP, True, False),
    (Criterion.ORIGINATOR_PORT, True, True),
    (Criterion.RESPONDER_IP, False, False),
    (Criterion.RESPONDER_PORT, False, True),
)


def _endpoint_facts(verdict: Verdict) -> Iterable[Fact]:
    conversation = verdict.conversation
    orig = conversation.orig if conversation is not None else None
    resp = conversation.resp if conversation is not None else None
    unknown = orig is None or resp is None or verdict.reversed is Reversed.CANNOT_BE_DETERMINED
    why = "The records do not say who opened the conversation, so no endpoint is marked." if unknown else ""
    if not unknown and _is_direction_unsure(verdict):
        why = _LIKELY
    is_icmp = conversation is not None and conversation.protocol is Protocol.ICMP
    for criterion, of_originator, is_port in _ENDPOINT_FIELDS:
        end = orig if of_originator else resp
        value = "" if end is None else str(end.port if is_port else end.ip)
        reason = why or ("ICMP has no ports, so none is marked." if is_icmp and is_port else "")
        yield _fact(verdict, criterion, value, _direction_findings(verdict), why_unmarked=reason)


def _protocol_fact(verdict: Verdict) -> Fact:
    """The protocol is read off the packet or line itself; the conversation's own records show it."""
    conversation = verdict.conversation
    if conversation is None:
        why = "No record of the conversation is in the evidence, so the protocol is not marked."
        return Fact(criterion=Criterion.PROTOCOL, expected=verdict.alert.protocol.value, why_unmarked=why)
    findings = supporting(verdict, Claim.ORIGINATOR, Claim.OUTCOME)
    records = conversation.records[:1] or records_of(findings) or _fallback_records(verdict)
    return Fact(
        criterion=Criterion.PROTOCOL,
        expected=conversation.protocol.value,
        records=records,
        why_unmarked="" if records else "No record can be shown for this, so it is not marked.",
    )


def _outcome_fact(verdict: Verdict) -> Fact:
    if verdict.outcome is None:
        return _open_outcome_fact(verdict)
    findings = saying(supporting(verdict, Claim.OUTCOME), verdict.outcome.value)
    return _fact(verdict, Criterion.OUTCOME, verdict.outcome.value, findings)


def _open_outcome_fact(verdict: Verdict) -> Fact:
    """No record says what became of it: that is the answer, as it is for a direction that nobody can know."""
    records = open_outcome_records(verdict)
    return Fact(
        criterion=Criterion.OUTCOME,
        expected=OutcomeAnswer.CANNOT_BE_DETERMINED.value,
        findings=supporting(verdict, Claim.OUTCOME),
        records=records,
        why_unmarked=""
        if records
        else "The evidence holds no record of this conversation, so the outcome is not marked.",
    )


def _intent_fact(verdict: Verdict) -> Fact:
    unknown = verdict.intent is IntentMatch.UNKNOWN
    why = (
        "What the rule expects cannot be compared with this conversation, so it is not marked."
        if unknown
        else ""
    )
    findings = saying(supporting(verdict, Claim.INTENT), verdict.intent.value)
    return _fact(verdict, Criterion.INTENT, verdict.intent.value, findings, why_unmarked=why)


def _disposition_facts(verdict: Verdict, accepted: tuple[Accepted, ...]) -> Iterable[Fact]:
    """A disposition may be settled although its reason is not: two rows that agree on the closing."""
    disposition = "" if verdict.disposition is None else verdict.disposition.value
    code = "" if verdict.reason_code is None else verdict.reason_code.value
    findings = saying(supporting(verdict, Claim.DISPOSITION), disposition, code)
    for criterion, expected in ((Criterion.DISPOSITION, disposition), (Criterion.REASON_CODE, code)):
        why = "" if expected else _why_undecided(verdict)
        yield _fact(verdict, criterion, expected, findings, why_unmarked=why, accepted=accepted)


def _why_undecided(verdict: Verdict) -> str:
    return f"It depends on what is not stated here ({name_inputs(verdict.depends_on)}), so it is not marked."


def build_proofs(verdict: Verdict, facts: Mapping[Criterion, Fact]) -> Iterable[Proof]:
    """The alert is what is being checked: it proves nothing by being compared with the records."""
    if facts[Criterion.REVERSED].is_marked:
        unknown = verdict.reversed is Reversed.CANNOT_BE_DETERMINED
        opened = undeterminable_records(verdict) if unknown else sure_records(verdict, Claim.ORIGINATOR)
        yield Proof(claim=Claim.ORIGINATOR, records=opened)
    if facts[Criterion.OUTCOME].is_marked:
        is_open = verdict.outcome is None
        answered = open_outcome_records(verdict) if is_open else sure_records(verdict, Claim.OUTCOME)
        yield Proof(claim=Claim.OUTCOME, records=answered)


def evidence_fact(proofs: tuple[Proof, ...]) -> Fact:
    return Fact(
        criterion=Criterion.EVIDENCE,
        expected=", ".join(dict.fromkeys(str(proof.records[0]) for proof in proofs)),
        records=tuple(dict.fromkeys(record for proof in proofs for record in proof.records)),
        why_unmarked="" if proofs else "Nothing here can be proved by one record, so pins are not marked.",
    )
