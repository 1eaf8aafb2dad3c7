"""What the attempt achieved: the decision table's input about consequences.

The outcome says what became of opening the conversation; beside it stand what devices and decoys say and
what the application answered. A device's permission is never the target's answer, so "allowed" is read
nowhere here. Order of proof: the application's own answer, then the outcome with the denials beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .types import (
    Basis,
    Claim,
    Conversation,
    Effect,
    Finding,
    Location,
    LogRecord,
    Outcome,
    Packet,
    Record,
    Statement,
)

STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r\n]")
# RFC 9110, 15.5: the request is refused, whatever the reason.
REFUSED_STATUS = range(400, 500)
DENIALS = (Statement.DENIED, Statement.RESET)
# The target's or the decoy's own word that the conversation stood.
STANDING = (Statement.ACCEPTED, Statement.CONNECTED_OUT, Statement.CLOSED)


class Shown(NamedTuple):
    """The effect that the evidence shows (None: not shown) and the finding that proves it."""

    effect: Effect | None
    finding: Finding | None


def classify_effect(conversation: Conversation, outcome: Outcome | None, records: Iterable[Record]) -> Shown:
    """The effect of one conversation. `outcome` is None where it is not proven; `records` are its own."""
    evidence = _gather(conversation, outcome, records)
    for rule in RULES:
        if shown := rule(evidence):
            return shown
    return Shown(None, None)


@dataclass(frozen=True, slots=True)
class _Evidence:
    outcome: Outcome | None
    outcome_records: tuple[Location, ...]
    statements: Mapping[Statement, tuple[Location, ...]]
    statuses: Sequence[tuple[int, Location]]

    def said(self, *statements: Statement) -> tuple[Location, ...]:
        return tuple(place for statement in statements for place in self.statements.get(statement, ()))


def _gather(conversation: Conversation, outcome: Outcome | None, records: Iterable[Record]) -> _Evidence:
    statements: dict[Statement, tuple[Location, ...]] = {}
    statuses: list[tuple[int, Location]] = []
    for record in records:
        if isinstance(record, LogRecord):
            said = _said_of_target(record)
            statements[said] = (*statements.get(said, ()), record.location)
        if status := _http_status(record):
            statuses.append((status, record.location or conversation.records[0]))
    proofs = (item.records for item in conversation.findings if item.claim is Claim.OUTCOME and item.supports)
    return _Evidence(outcome, next(proofs, ()), statements, statuses)


def _said_of_target(record: LogRecord) -> Statement:
    """A decoy lets in whom it likes: that a login was accepted or failed there says only that the session stood."""
    is_login = record.statement in (Statement.AUTHENTICATED, Statement.AUTHENTICATION_FAILED)
    return Statement.ACCEPTED if is_login and record.basis is Basis.DECOY else record.statement


def _http_status(record: Record) -> int:
    """The status that a web server answered with in this record, 0 when it did not."""
    if isinstance(record, Packet):
        found = STATUS_LINE.match(record.payload)
        return int(found[1]) if found else 0
    if isinstance(record, LogRecord) and record.service in ("http", "http2"):
        status = record.fields.get("status", "")
        return int(status) if status.isdecimal() else 0
    return 0


def _show(rule: str, effect: Effect, records: Sequence[Location], **facts: str) -> Shown:
    finding = Finding(rule=rule, claim=Claim.EFFECT, value=effect.value, records=tuple(records), facts=facts)
    return Shown(effect, finding)


def _authenticated(evidence: _Evidence) -> Shown | None:
    """The target's own log: the login was accepted, so the attempt did what it set out to do."""
    places = evidence.said(Statement.AUTHENTICATED)
    return _show("effect.authenticated", Effect.SUCCESS, places) if places else None


def _authentication_failed(evidence: _Evidence) -> Shown | None:
    places = evidence.said(Statement.AUTHENTICATION_FAILED)
    if not places:
        return None
    return _show("effect.authentication_failed", Effect.FAILED, places, attempts=str(len(places)))


def _application_refused(evidence: _Evidence) -> Shown | None:
    """Every answer refuses. One that does not is enough to leave the question open."""
    if not evidence.statuses or any(status not in REFUSED_STATUS for status, _ in evidence.statuses):
        return None
    codes = ", ".join(str(code) for code in sorted({status for status, _ in evidence.statuses}))
    return _show(
        "effect.application_refused", Effect.FAILED, [place for _, place in evidence.statuses], status=codes
    )


def _denied(evidence: _Evidence) -> Shown | None:
    """A denial is the end of it where no answer was seen; a reset that the device sent is no answer."""
    places = evidence.said(*DENIALS)
    answered_by_device = evidence.outcome is Outcome.REFUSED and evidence.said(Statement.RESET)
    unanswered = evidence.outcome in (Outcome.UNANSWERED, Outcome.REJECTED)
    if not places or not (unanswered or answered_by_device):
        return None
    return _show("effect.denied", Effect.BLOCKED, places)


def _by_outcome(evidence: _Evidence) -> Shown | None:
    if evidence.outcome is None or evidence.outcome not in OUTCOME_EFFECTS:
        return None
    effect = OUTCOME_EFFECTS[evidence.outcome]
    return _show(f"effect.{evidence.outcome.value}", effect, evidence.outcome_records)


def _stated_to_stand(evidence: _Evidence) -> Shown | None:
    """Seen from the middle or from one side only: a statement that it stood settles it."""
    places = evidence.said(*STANDING)
    return _show("effect.stood", Effect.ESTABLISHED, places) if places else None


def _stated_refused(evidence: _Evidence) -> Shown | None:
    places = evidence.said(Statement.REFUSED)
    return _show("effect.stated_refused", Effect.RST, places) if places else None


# Midstream and one-way say nothing of how it began: they are not here, and only a statement settles them.
OUTCOME_EFFECTS: Mapping[Outcome, Effect] = {
    Outcome.ESTABLISHED: Effect.ESTABLISHED,
    Outcome.REFUSED: Effect.RST,
    Outcome.REJECTED: Effect.BLOCKED,
    Outcome.UNANSWERED: Effect.NOREPLY,
}

RULES: tuple[Callable[[_Evidence], Shown | None], ...] = (
    _authenticated,
    _authentication_failed,
    _application_refused,
    _denied,
    _by_outcome,
    _stated_to_stand,
    _stated_refused,
)
