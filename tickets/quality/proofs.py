"""Proof: every graded fact can be read off what is shown, and without the records that prove it it falls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple

from tickets.engine import (
    Claim,
    Conversation,
    Decided,
    DecisionInputs,
    Finding,
    Location,
    Record,
    Verdict,
    converse,
    decide,
)
from tickets.quality.exhibit import Exhibit, ends_of, key_of
from tickets.quality.truth import CERTAIN, NEED_SIDES, is_outcome_open, is_side_open

GRADED = (Claim.ORIGINATOR, Claim.OUTCOME, Claim.REVERSED, Claim.INTENT, Claim.DISPOSITION)
# What a rung of proof rests on is taken away rung by rung; the ladder has about twenty.
MOST_ROUNDS = 40


def check_proofs(exhibit: Exhibit) -> Iterator[str]:
    """Every graded fact has a finding that supports it, is as good as certain, and cites a record. What is open has
    none: `check_open` sees to it."""
    conversation = exhibit.verdict.conversation
    findings = (*exhibit.verdict.findings, *(conversation.findings if conversation else ()))
    is_open = {
        Claim.ORIGINATOR: is_side_open(exhibit),
        Claim.REVERSED: is_side_open(exhibit),
        Claim.OUTCOME: is_outcome_open(exhibit),
    }
    for claim in GRADED:
        if is_open.get(claim):
            continue
        strong = [item for item in findings if item.claim is claim and item.supports and item.records]
        if not any(item.confidence >= CERTAIN for item in strong):
            yield f"no record proves the {claim.value} with a confidence of {CERTAIN} or more"


def check_citations(exhibit: Exhibit) -> Iterator[str]:
    """Every record that a finding cites can be opened: it is in the evidence, or among the notes."""
    notes = len(exhibit.filled.context.notes)
    missing = {
        place
        for finding in exhibit.verdict.findings
        for place in finding.records
        if (place not in exhibit.by_place if place.file != "context" else not 1 <= place.number <= notes)
    }
    for place in sorted(missing):
        yield f"{place} is cited and not shown"


def check_statements_cited(exhibit: Exhibit) -> Iterator[str]:
    """What the author states because it is not on the wire stands in a note; without numbers it rests on all notes."""
    context = exhibit.filled.context
    for name, stated in context.inputs.items():
        if stated.value != "unk" and not any(
            context.notes[number - 1].strip() for number in _cited(exhibit, name)
        ):
            yield f"the author states {name} {stated.value}, and no note says so"


def _cited(exhibit: Exhibit, name: str) -> Sequence[int]:
    context = exhibit.filled.context
    return context.inputs[name].notes or range(1, len(context.notes) + 1)


# Without the proof


class _Left(NamedTuple):
    """What the records that are left say of the lesson's conversation."""

    conversation: Conversation | None

    def settled(self, claim: Claim) -> object:
        """The claim's value where it is proven well enough to be marked."""
        if self.conversation is None or not self.proofs(claim):
            return None
        return self.conversation.orig if claim is Claim.ORIGINATOR else self.conversation.outcome

    def proofs(self, claim: Claim) -> Sequence[Finding]:
        findings = self.conversation.findings if self.conversation else ()
        return [
            item
            for item in findings
            if item.claim is claim and item.supports and item.confidence >= CERTAIN and item.records
        ]


def check_deletion(exhibit: Exhibit) -> Iterator[str]:
    """Without the records that prove it, and whatever else proves the same, a fact is no longer settled. What is open
    stays open whichever file is read alone: the proof must not lie in one that was not joined to the others."""
    yield from _settled_alone(exhibit)
    for claim, value in _wire_facts(exhibit.verdict):
        left, deleted = _take_away(exhibit, claim, value)
        if left.settled(claim) == value:
            yield f"the {claim.value} stands although {deleted} records that prove it were taken away"
        elif not deleted:
            yield f"the {claim.value} is settled, and no record proves it"


def _settled_alone(exhibit: Exhibit) -> Iterator[str]:
    """Files that contradict each other leave it open, so one value alone is a fault, two are none."""
    is_open = {Claim.ORIGINATOR: is_side_open(exhibit), Claim.OUTCOME: is_outcome_open(exhibit)}
    for claim in (claim for claim, holds in is_open.items() if holds):
        alone = {
            name: value
            for name, records in exhibit.files.items()
            if (value := _known_from(exhibit, claim, records)) is not None
        }
        if len(set(alone.values())) == 1:
            name, value = next(iter(alone.items()))
            yield f"{name} alone settles the {claim.value} as {value}, which should be open"


def _known_from(exhibit: Exhibit, claim: Claim, records: Sequence[Record]) -> str | None:
    """What a file says by itself. What else happened may be what leaves it open (many answers, and no question), so
    where the conversation's own records settle it the whole file is read."""
    own = [item for item in records if key_of(item.protocol, *ends_of(item)) in exhibit.lesson_keys]
    value = _known(exhibit, claim, own)
    return value if value is None else _known(exhibit, claim, records)


def _known(exhibit: Exhibit, claim: Claim, records: Sequence[Record]) -> str | None:
    left = _Left(_lesson(exhibit, records))
    value = left.settled(claim)
    needs_sides = claim is Claim.OUTCOME and left.settled(Claim.ORIGINATOR) is None
    return None if value is None or (needs_sides and str(value) in NEED_SIDES) else str(value)


def _wire_facts(verdict: Verdict) -> Iterator[tuple[Claim, object]]:
    conversation = verdict.conversation
    if conversation is not None and conversation.orig is not None:
        yield Claim.ORIGINATOR, conversation.orig
    if verdict.outcome is not None:
        yield Claim.OUTCOME, verdict.outcome


def _take_away(exhibit: Exhibit, claim: Claim, value: object) -> tuple[_Left, int]:
    """Delete what proves the value until nothing does. Only the records of the conversation matter."""
    records = _own_records(exhibit)
    deleted: set[Location] = set()
    for _ in range(MOST_ROUNDS):
        left = _Left(_lesson(exhibit, [item for item in records if item.location not in deleted]))
        cited = {place for item in left.proofs(claim) for place in item.records} - deleted
        if left.settled(claim) != value or not cited:
            return left, len(deleted)
        deleted |= cited
    return left, len(deleted)


def _own_records(exhibit: Exhibit) -> list[Record]:
    """The conversation's records, and what speaks of it without having its ends (an ICMP error, a host's own log)."""
    cited = {place for finding in exhibit.verdict.findings for place in finding.records}
    return [
        record
        for record in exhibit.records
        if record.location in cited or key_of(record.protocol, *ends_of(record)) in exhibit.lesson_keys
    ]


def _lesson(exhibit: Exhibit, records: Sequence[Record]) -> Conversation | None:
    """The conversation between the alert's ends nearest to it in time, as the engine takes it."""
    alert = exhibit.verdict.alert
    fitting = [
        item
        for item in converse(records)
        if any(
            key_of(item.protocol, *ends) in exhibit.lesson_keys for ends in (item.endpoints, *item.translated)
        )
    ]
    time_ns = alert.time_ns

    def away_ns(item: Conversation) -> int:
        return 0 if time_ns is None else max(item.first_ns - time_ns, time_ns - item.last_ns, 0)

    return min(fitting, key=away_ns, default=None)


def check_dependence(exhibit: Exhibit) -> Iterator[str]:
    """The ticket cannot be closed like this without at least one thing that the evidence shows or a note says."""
    inputs, code = exhibit.verdict.inputs, exhibit.verdict.reason_code
    known = [item.name for item in fields(inputs) if getattr(inputs, item.name) not in (None, False)]
    if code is not None and all(_without(inputs, name).reason_code is code for name in known):
        yield f"{code} is reached whichever of its inputs is taken away"


def _without(inputs: DecisionInputs, name: str) -> Decided:
    blank: Any = False if isinstance(getattr(inputs, name), bool) else None
    return decide(replace(inputs, **{name: blank}))
