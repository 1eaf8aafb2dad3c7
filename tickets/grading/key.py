"""The key: what is right for each criterion, which records prove it, and what is not marked at all.

A fact is marked only where the verdict settles it and its deciding finding is sure enough and
cites a record. Everything else is told to the trainee as "not marked", with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from tickets.engine import (
    Claim,
    Disposition,
    Endpoint,
    Finding,
    IntentMatch,
    Location,
    Origin,
    Protocol,
    ReasonCode,
    Reversed,
    Role,
    Verdict,
    name_inputs,
    service_on,
)
from tickets.grading.answers import OutcomeAnswer
from tickets.grading.criteria import Criterion
from tickets.grading.weights import DEFAULT_WEIGHTS, Weights

E = TypeVar("E", bound=StrEnum)

# A key that rests on less than this marks a trainee wrong too often (assessment.md, QA of variants).
SURE_ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class Accepted:
    """Another reason code that earns part of the marks: `credit` from 0 to 1, `reason` for the trainee.

    A credit of 0 says why a tempting code earns nothing."""

    reason_code: ReasonCode
    credit: Decimal
    reason: str

    def __post_init__(self) -> None:
        if not 0 <= self.credit <= 1:
            raise ValueError(f"{self.reason_code}: credit {self.credit} is not between 0 and 1")


def read_accepted(rows: Iterable[Mapping[str, object]]) -> tuple[Accepted, ...]:
    """Stored rows `{"reason_code", "credit", "reason"}` as values; ValueError for an unknown code or share."""
    return tuple(
        Accepted(
            ReasonCode(str(row["reason_code"])), Decimal(str(row["credit"])), str(row.get("reason") or "")
        )
        for row in rows
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The whole key of one variant. `originator` and `responder` are None where they are not marked.

    `claim` are the ends that the alert prints, source first; no part of the truth, but texts are held against it.
    `orig_views` is how the originator looks beyond an address translation; `spoken` the service that the payload
    shows, "" where none does, and `usual` the one that its port suggests."""

    facts: Mapping[Criterion, Fact]
    originator: Endpoint | None
    responder: Endpoint | None
    disposition: Disposition | None
    reason_code: ReasonCode | None
    proofs: tuple[Proof, ...]
    is_decoy: bool
    claim: tuple[Endpoint, Endpoint]
    weights: Weights
    orig_views: tuple[Endpoint, ...] = ()
    spoken: str = ""
    usual: str = ""

    def is_marked(self, criterion: Criterion) -> bool:
        return self.facts[criterion].is_marked


def build_key(verdict: Verdict, accepted: Sequence[Accepted] = (), weights: Weights = DEFAULT_WEIGHTS) -> Key:
    """The key that follows from a verdict; `accepted` are the other reason codes of the scenario, `weights` its
    points."""
    facts = {fact.criterion: fact for fact in _facts(verdict, tuple(accepted))}
    proofs = tuple(proof for proof in _proofs(verdict, facts) if proof.records)
    facts[Criterion.EVIDENCE] = _evidence_fact(proofs)
    conversation = verdict.conversation
    has_ends = conversation is not None and facts[Criterion.ORIGINATOR_IP].is_marked
    return Key(
        facts=facts,
        originator=conversation.orig if conversation is not None and has_ends else None,
        responder=conversation.resp if conversation is not None and has_ends else None,
        disposition=verdict.disposition if facts[Criterion.DISPOSITION].is_marked else None,
        reason_code=verdict.reason_code if facts[Criterion.REASON_CODE].is_marked else None,
        proofs=proofs,
        is_decoy=verdict.inputs.role is Role.HONEYPOT and verdict.inputs.origin is Origin.EXTERNAL,
        claim=(verdict.alert.src, verdict.alert.dst),
        weights=weights,
        orig_views=_orig_views(verdict) if has_ends else (),
        spoken=_spoken(verdict),
        usual=_usual(verdict) if has_ends else "",
    )


def _orig_views(verdict: Verdict) -> tuple[Endpoint, ...]:
    conversation = verdict.conversation
    if conversation is None or conversation.orig not in conversation.endpoints:
        return ()
    at = conversation.endpoints.index(conversation.orig)
    return tuple(dict.fromkeys(view[at] for view in conversation.translated if view[at] != conversation.orig))


# One service under several names: what matters is what is spoken.
_SAME_SERVICE = {
    "ssl": "tls",
    "https": "tls",
    "https-alt": "tls",
    "http-alt": "http",
    "http-dev": "http",
    "http-proxy": "http",
    "ssh-alt": "ssh",
    "quic": "tls",  # RFC 9001: who says HTTPS is right
    "mssql": "tds",
    "winrm": "http",
}


def same_service(name: str) -> str:
    """The one name of a service that has several."""
    return _SAME_SERVICE.get(name, name)


def _spoken(verdict: Verdict) -> str:
    """The service that the payload itself shows. A port or a log's own guess is no proof of one."""
    told = (f for f in findings_of(verdict, Claim.SERVICE) if f.rule == "service.application" and f.supports)
    return next((same_service(finding.value) for finding in told), "")


def _usual(verdict: Verdict) -> str:
    conversation = verdict.conversation
    if conversation is None or conversation.resp is None:
        return ""
    return same_service(service_on(conversation.protocol, conversation.resp.port))


def findings_of(verdict: Verdict, *claims: Claim) -> tuple[Finding, ...]:
    """All findings about the claims, the verdict's before the conversation's, each once, in their order."""
    conversation = verdict.conversation
    every = [*verdict.findings, *(conversation.findings if conversation is not None else ())]
    kept: list[Finding] = []
    for finding in every:
        if finding.claim in claims and finding not in kept:
            kept.append(finding)
    return tuple(kept)


def supporting(verdict: Verdict, *claims: Claim) -> tuple[Finding, ...]:
    """The findings that support what was concluded about the claims; the first one decided."""
    return tuple(finding for finding in findings_of(verdict, *claims) if finding.supports)


def saying(findings: Iterable[Finding], *values: str) -> tuple[Finding, ...]:
    """Those findings that say one of the values: what the author states of the context supports a disposition
    too, but only the row of the decision table says which."""
    return tuple(finding for finding in findings if finding.value in values)


def records_of(findings: Iterable[Finding]) -> tuple[Location, ...]:
    """The findings' records, each once, in their order."""
    return tuple(dict.fromkeys(record for finding in findings for record in finding.records))


def _facts(verdict: Verdict, accepted: tuple[Accepted, ...]) -> Iterable[Fact]:
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
    records = _undeterminable_records(verdict)
    return Fact(
        criterion=Criterion.REVERSED,
        expected=Reversed.CANNOT_BE_DETERMINED.value,
        findings=supporting(verdict, Claim.REVERSED),
        records=records,
        why_unmarked=""
        if records
        else "The evidence holds no conversation of this alert, so it is not marked.",
    )


def _undeterminable_records(verdict: Verdict) -> tuple[Location, ...]:
    """The conversation's records that stand where a proof would have to stand."""
    if verdict.conversation is None:
        return ()
    cited = records_of(supporting(verdict, Claim.REVERSED))
    return tuple(record for record in cited if record != verdict.alert.location)


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
    records = _open_outcome_records(verdict)
    return Fact(
        criterion=Criterion.OUTCOME,
        expected=OutcomeAnswer.CANNOT_BE_DETERMINED.value,
        findings=supporting(verdict, Claim.OUTCOME),
        records=records,
        why_unmarked=""
        if records
        else "The evidence holds no record of this conversation, so the outcome is not marked.",
    )


def _open_outcome_records(verdict: Verdict) -> tuple[Location, ...]:
    """The conversation's own records: an answer would have to stand in them. The alert is what is being checked."""
    records = verdict.conversation.records if verdict.conversation is not None else ()
    return tuple(record for record in records if record != verdict.alert.location)


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


def _proofs(verdict: Verdict, facts: Mapping[Criterion, Fact]) -> Iterable[Proof]:
    """The alert is what is being checked: it proves nothing by being compared with the records."""
    if facts[Criterion.REVERSED].is_marked:
        unknown = verdict.reversed is Reversed.CANNOT_BE_DETERMINED
        opened = _undeterminable_records(verdict) if unknown else _sure_records(verdict, Claim.ORIGINATOR)
        yield Proof(claim=Claim.ORIGINATOR, records=opened)
    if facts[Criterion.OUTCOME].is_marked:
        is_open = verdict.outcome is None
        answered = _open_outcome_records(verdict) if is_open else _sure_records(verdict, Claim.OUTCOME)
        yield Proof(claim=Claim.OUTCOME, records=answered)


def _sure_records(verdict: Verdict, claim: Claim) -> tuple[Location, ...]:
    return records_of(f for f in supporting(verdict, claim) if f.confidence >= SURE_ENOUGH)


def _evidence_fact(proofs: tuple[Proof, ...]) -> Fact:
    return Fact(
        criterion=Criterion.EVIDENCE,
        expected=", ".join(dict.fromkeys(str(proof.records[0]) for proof in proofs)),
        records=tuple(dict.fromkeys(record for proof in proofs for record in proof.records)),
        why_unmarked="" if proofs else "Nothing here can be proved by one record, so pins are not marked.",
    )
