"""Which findings and records stand behind a claim."""

from __future__ import annotations

from collections.abc import Iterable

from tickets.engine import Claim, Finding, Location, Verdict

# A key that rests on less than this marks a trainee wrong too often (assessment.md, QA of variants).
SURE_ENOUGH = 0.9


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


def undeterminable_records(verdict: Verdict) -> tuple[Location, ...]:
    """The conversation's records that stand where a proof would have to stand."""
    if verdict.conversation is None:
        return ()
    cited = records_of(supporting(verdict, Claim.REVERSED))
    return tuple(record for record in cited if record != verdict.alert.location)


def open_outcome_records(verdict: Verdict) -> tuple[Location, ...]:
    """The conversation's own records: an answer would have to stand in them. The alert is what is being checked."""
    records = verdict.conversation.records if verdict.conversation is not None else ()
    return tuple(record for record in records if record != verdict.alert.location)


def sure_records(verdict: Verdict, claim: Claim) -> tuple[Location, ...]:
    return records_of(f for f in supporting(verdict, claim) if f.confidence >= SURE_ENOUGH)
