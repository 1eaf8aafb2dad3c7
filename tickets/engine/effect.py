"""What the attempt achieved: the decision table's input about consequences.

The outcome says what became of opening the conversation; beside it stand what devices and decoys say and
what the application answered. A device's permission is never the target's answer, so "allowed" is read
nowhere here. Order of proof, and the first that speaks decides:

1. a decoy's part in it: what it lets in is its own choice, so nothing that it accepts is a success;
2. an accepted login in a record of it (the target's own log, a sensor's parser), then one in the packets, with whatever
   else the application accepted there (`answers`): success;
3. the same refused, and none accepted: failed;
4. HTTP answers that are all errors: failed. One that is none leaves it open, and so does success of HTTP: that a
   page was served does not say that the attempt did what it set out to do;
5. an inline sensor that dropped the packet it alerted on, where the target said nothing after it: blocked. The rule's
   action may be "allowed" beside it: the verdict is what became of the packet;
6. a denial beside an attempt that got no answer, then the outcome itself;
7. where the outcome says nothing of the beginning, a statement that the conversation stood or was refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .answers import Answer, answer_of, read_answers
from .types import (
    Alert,
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
# RFC 9110, 15.5 and 15.6: the request is refused, or the server could not fulfil it. 1xx (15.2) is no answer yet.
REFUSED_STATUS = range(400, 600)
FIRST_FINAL_STATUS = 200
# More places prove no more.
MAX_PLACES = 16
DECOY_WORDS = {Statement.AUTHENTICATED: "accepted", Statement.AUTHENTICATION_FAILED: "refused"}
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
    answers: Sequence[Answer]
    dropped: tuple[Location, ...]
    is_decoy: bool

    def said(self, *statements: Statement) -> tuple[Location, ...]:
        return tuple(place for statement in statements for place in self.statements.get(statement, ()))


def _gather(conversation: Conversation, outcome: Outcome | None, records: Iterable[Record]) -> _Evidence:
    own = list(records)
    logs = [record for record in own if isinstance(record, LogRecord)]
    statements: dict[Statement, tuple[Location, ...]] = {}
    for log in logs:
        statements[log.statement] = (*statements.get(log.statement, ()), log.location)
    answers = read_answers(conversation, (record for record in own if isinstance(record, Packet)))
    proofs = (item.records for item in conversation.findings if item.claim is Claim.OUTCOME and item.supports)
    return _Evidence(
        outcome=outcome,
        outcome_records=next(proofs, ()),
        statements=statements,
        statuses=[
            (status, record.location or conversation.records[0])
            for record in own
            if (status := _http_status(record))
        ],
        answers=[*answers, *(answer for log in logs if (answer := answer_of(log)))],
        dropped=_dropped_places(conversation, own),
        is_decoy=any(log.basis is Basis.DECOY for log in logs),
    )


# Suricata's verdict and older action, and the words of other inline sensors.
DROPS = frozenset({"drop", "dropped", "block", "blocked", "reject", "rejected", "reset"})


def _dropped_places(conversation: Conversation, records: Sequence[Record]) -> tuple[Location, ...]:
    """The alerts of an inline sensor on packets that it dropped, unless the target spoke on."""
    spoke_ns = max(
        (
            item.time_ns
            for item in records
            if isinstance(item, Packet) and item.payload_bytes and item.src == conversation.resp
        ),
        default=-1,
    )
    return tuple(
        item.location
        for item in records
        if isinstance(item, Alert)
        and item.location is not None
        and (item.verdict or item.action).lower() in DROPS
        and spoke_ns <= (item.time_ns or 0)
    )


def _http_status(record: Record) -> int:
    """The status that a web server answered with in this record, 0 when it did not."""
    if isinstance(record, Packet):
        found = STATUS_LINE.match(record.payload)
        return _final(int(found[1])) if found else 0
    if isinstance(record, LogRecord) and record.service in ("http", "http2"):
        status = record.fields.get("status", "")
        return _final(int(status)) if status.isascii() and status.isdecimal() and len(status) < 5 else 0
    return 0


def _final(status: int) -> int:
    return status if status >= FIRST_FINAL_STATUS else 0


def _show(rule: str, effect: Effect, records: Sequence[Location], **facts: str) -> Shown:
    finding = Finding(rule=rule, claim=Claim.EFFECT, value=effect.value, records=tuple(records), facts=facts)
    return Shown(effect, finding)


def _decoy_login(evidence: _Evidence) -> Shown | None:
    """A decoy lets in whom it likes, and refuses whom it likes: the session stood, and nothing real was entered."""
    if not evidence.is_decoy:
        return None
    for statement, word in DECOY_WORDS.items():
        answered = (item.location for item in evidence.answers if item.is_accepted is (word == "accepted"))
        if places := (*evidence.said(statement), *answered):
            rule = f"effect.decoy_{word}"
            return _show(rule, Effect.ESTABLISHED, places[:MAX_PLACES], attempts=str(len(places)))
    return None


def _authenticated(evidence: _Evidence) -> Shown | None:
    """The target's own log: the login was accepted, so the attempt did what it set out to do."""
    places = evidence.said(Statement.AUTHENTICATED)
    return _show("effect.authenticated", Effect.SUCCESS, places) if places else None


def _authentication_failed(evidence: _Evidence) -> Shown | None:
    places = evidence.said(Statement.AUTHENTICATION_FAILED)
    if not places:
        return None
    return _show("effect.authentication_failed", Effect.FAILED, places, attempts=str(len(places)))


def _answer_accepted(evidence: _Evidence) -> Shown | None:
    """The application's own answer on the wire: it did what it was asked."""
    return _answered(evidence, Effect.SUCCESS)


def _answer_refused(evidence: _Evidence) -> Shown | None:
    """The application's own answer on the wire: it refused, and accepted nothing."""
    return _answered(evidence, Effect.FAILED)


def _answered(evidence: _Evidence, effect: Effect) -> Shown | None:
    fitting = [item for item in evidence.answers if item.is_accepted is (effect is Effect.SUCCESS)]
    if not fitting:
        return None
    alike = [item for item in fitting if item.rule == fitting[0].rule]
    facts = {"code": alike[0].code, "name": alike[0].name, "user": alike[0].user, "attempts": str(len(alike))}
    return _show(alike[0].rule, effect, [item.location for item in alike[:MAX_PLACES]], **facts)


def _application_refused(evidence: _Evidence) -> Shown | None:
    """Every answer refuses. One that does not is enough to leave the question open."""
    if not evidence.statuses or any(status not in REFUSED_STATUS for status, _ in evidence.statuses):
        return None
    codes = ", ".join(str(code) for code in sorted({status for status, _ in evidence.statuses}))
    return _show(
        "effect.application_refused", Effect.FAILED, [place for _, place in evidence.statuses], status=codes
    )


def _dropped(evidence: _Evidence) -> Shown | None:
    """Suricata's user guide, EVE "verdict": what became of the packet that fired, whatever the rule's action is."""
    if not evidence.dropped or evidence.statuses or evidence.answers:
        return None
    return _show("effect.dropped", Effect.BLOCKED, evidence.dropped)


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
    _decoy_login,
    _authenticated,
    _answer_accepted,
    _authentication_failed,
    _answer_refused,
    _application_refused,
    _dropped,
    _denied,
    _by_outcome,
    _stated_to_stand,
    _stated_refused,
)
