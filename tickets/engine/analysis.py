"""From evidence files and an alert to a verdict: the few lines that compose the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from .case import nearest_conversation
from .conversations import converse
from .disposition import INPUT_VALUES, STATED_INPUTS, Decided, decide, is_contradiction
from .effect import Shown, classify_effect
from .intent import Match, match_intent, read_intent
from .readers import read_evidence
from .reversal import is_about, judge_reversal
from .rules import Rule, parse_rule
from .types import (
    Alert,
    Claim,
    Context,
    Conversation,
    DecisionInputs,
    DirectionInput,
    Effect,
    EngineError,
    Finding,
    FlowRecord,
    IntentMatch,
    Location,
    Outcome,
    Problem,
    Record,
    Reversed,
    Stated,
    Verdict,
)

ENGINE_VERSION = "2.0.0"

# A verdict is an answer key. Ports alone reach 0.85 at most and were wrong now and then on real captures, so
# a conversation that only they decide is keyed "cannot be determined": a trainee is never marked wrong
# against a port heuristic.
KEY_CONFIDENCE = 0.9


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """One evidence file: the name that locations use, and its bytes."""

    name: str
    data: bytes


def analyze(
    files: Sequence[EvidenceFile], *, alert: Alert | None = None, rule: str | None = None, context: Context
) -> Verdict:
    """Judge one alert by the evidence, its rule and what the author states.

    Without `alert` the first alert record in the files is judged (the first of the rule's sid, when a rule
    is given). Without `rule` the intent is unknown. EngineError for evidence of no known kind, a rule that
    cannot be read, an alert that is not there, or a stated value that is not allowed.
    """
    stated = _read_inputs(context)
    parsed = parse_rule(rule) if rule else None
    records, problems = _read_files(files)
    alert = _choose_alert(alert, [item for item in records if isinstance(item, Alert)], parsed)
    found = _find_conversation(alert, converse(records))
    case = _Case(alert, parsed, context, _settle(found.conversation), found.findings)
    return _judge(case, stated, records, problems)


class _Case(NamedTuple):
    alert: Alert
    rule: Rule | None
    context: Context
    conversation: Conversation | None
    findings: tuple[Finding, ...]


def _judge(
    case: _Case, stated: DecisionInputs, records: Sequence[Record], problems: tuple[Problem, ...]
) -> Verdict:
    own = _own_records(case.conversation, records)
    reversal = judge_reversal(case.alert, case.conversation, case.rule, own)
    reverse = reversal.reversed
    outcome = _proven_outcome(case.conversation)
    intent = _judge_intent(case)
    effect, effect_findings = _judge_effect(case, stated, outcome, own)
    inputs = replace(stated, dir=_direction(case, reverse), intent=intent.result, effect=effect)
    decided = decide(inputs)
    findings = (
        *(case.conversation.findings if case.conversation else ()),
        *case.findings,
        *reversal.findings,
        *intent.findings,
        *effect_findings,
        *_context_findings(case.context),
    )
    return Verdict(
        engine_version=ENGINE_VERSION,
        alert=case.alert,
        conversation=case.conversation,
        reversed=reverse,
        outcome=outcome,
        intent=intent.result,
        effect=effect,
        disposition=decided.disposition,
        reason_code=decided.reason_code,
        decided_by=" or ".join(decided.rows) if decided.disposition else "",
        inputs=inputs,
        depends_on=decided.depends_on,
        findings=(*findings, *_disposition_findings(decided, inputs, findings)),
        problems=problems,
        cause=reversal.cause,
    )


# Evidence


def _read_files(files: Sequence[EvidenceFile]) -> tuple[list[Record], tuple[Problem, ...]]:
    records: list[Record] = []
    problems: list[Problem] = []
    for file in files:
        reading = read_evidence(file.name, file.data)
        records.extend(reading.records)
        problems.extend(reading.problems)
    if not records:
        raise EngineError("There is no record in the evidence that can be read.")
    return records, tuple(problems)


def _choose_alert(given: Alert | None, alerts: Sequence[Alert], rule: Rule | None) -> Alert:
    """The alert to judge. One given by hand takes the place and time of its record, where there is one."""
    if given is not None:
        _require_same_sid(given, rule)
        return next((item for item in alerts if _is_same_alert(given, item)), given)
    fitting = [item for item in alerts if rule is None or item.sid == rule.sid]
    if fitting:
        return fitting[0]
    if not alerts:
        raise EngineError("There is no alert in the evidence, and none was given.")
    sids = ", ".join(sorted({str(item.sid) for item in alerts}))
    raise EngineError(f"No alert in the evidence has the rule's sid {rule.sid if rule else ''}, but {sids}.")


def _require_same_sid(alert: Alert, rule: Rule | None) -> None:
    if rule is not None and alert.sid not in (None, rule.sid):
        raise EngineError(f"The alert has sid {alert.sid}, its rule has sid {rule.sid}.")


def _is_same_alert(given: Alert, record: Alert) -> bool:
    return (
        given.location is None
        and (given.protocol, given.src, given.dst) == (record.protocol, record.src, record.dst)
        and given.sid in (None, record.sid)
        and given.time_ns in (None, record.time_ns)
    )


class _Found(NamedTuple):
    conversation: Conversation | None
    findings: tuple[Finding, ...]


def _find_conversation(alert: Alert, conversations: Iterable[Conversation]) -> _Found:
    """The conversation between the alert's endpoints that is nearest in time; the first without a time."""
    fitting = [item for item in conversations if is_about(alert, item)]
    nearest = nearest_conversation(alert, fitting)
    if nearest is None:
        finding = _alert_finding("alert.no_conversation", alert)
        return _Found(None, (finding,))
    if len(fitting) == 1 or alert.time_ns is not None:
        return _Found(nearest, ())
    finding = _alert_finding("alert.several_conversations", alert, count=str(len(fitting)))
    return _Found(nearest, (finding,))


def _alert_finding(rule: str, alert: Alert, **facts: str) -> Finding:
    return Finding(
        rule=rule,
        claim=Claim.REVERSED,
        value="",
        records=_places(alert),
        facts={"src": str(alert.src), "dst": str(alert.dst), **facts},
        supports=False,
    )


def _places(alert: Alert) -> tuple[Location, ...]:
    return (alert.location,) if alert.location else ()


# Claims


def _settle(conversation: Conversation | None) -> Conversation | None:
    """Take the sides away where no proof clears the bar of an answer key: what is left is told as a hint."""
    if conversation is None or conversation.orig is None or conversation.confidence >= KEY_CONFIDENCE:
        return conversation
    findings = tuple(
        replace(item, supports=False) if item.claim is Claim.ORIGINATOR else item
        for item in conversation.findings
    )
    return replace(conversation, orig=None, resp=None, findings=findings)


def _proof(conversation: Conversation | None, claim: Claim) -> Finding | None:
    """The finding that decided a claim about the conversation."""
    findings = conversation.findings if conversation else ()
    return next((item for item in findings if item.claim is claim and item.supports), None)


def _proven_outcome(conversation: Conversation | None) -> Outcome | None:
    """The outcome, where a finding proves it. "Unanswered" needs to know who asked, and so does a SYN-ACK that was
    reset: backscatter, a scan and a late capture look alike, and in two of the three there was no session."""
    proof = _proof(conversation, Claim.OUTCOME)
    if conversation is None or proof is None:
        return None
    needs_sides = conversation.outcome is Outcome.UNANSWERED or proof.rule == "tcp.reply_reset"
    if conversation.orig is None and needs_sides:
        return None
    return conversation.outcome


def _direction(case: _Case, reverse: Reversed) -> DirectionInput | None:
    """The table's own word for it. Without a rule "reversed by design" cannot be told from "reversed"."""
    if case.conversation is None:
        return None
    if reverse is not Reversed.YES:
        return DirectionInput.OK if reverse is Reversed.NO else DirectionInput.GUESS
    if case.rule is None:
        return None
    return DirectionInput.PACKET if read_intent(case.rule).fires_on_replies else DirectionInput.REV


def _judge_intent(case: _Case) -> Match:
    if case.rule is not None and case.conversation is not None:
        return match_intent(case.rule, case.conversation, case.context.variables)
    finding = Finding(
        rule="intent.no_rule" if case.rule is None else "intent.no_conversation",
        claim=Claim.INTENT,
        value=IntentMatch.UNKNOWN.value,
        records=_places(case.alert),
    )
    return Match(IntentMatch.UNKNOWN, (finding,))


def _judge_effect(
    case: _Case, stated: DecisionInputs, outcome: Outcome | None, records: Sequence[Record]
) -> tuple[Effect | None, tuple[Finding, ...]]:
    """The author's word where there is one, and what the evidence shows; a difference is told."""
    shown = _shown_effect(case.conversation, outcome, records)
    evidence = (shown.finding,) if shown.finding else ()
    if stated.effect is None:
        return shown.effect, evidence
    against = tuple(replace(item, supports=item.value == stated.effect.value) for item in evidence)
    return stated.effect, (_context_finding("effect", case.context), *against)


def _shown_effect(conversation: Conversation | None, outcome: Outcome | None, own: Sequence[Record]) -> Shown:
    return Shown(None, None) if conversation is None else classify_effect(conversation, outcome, own)


def _own_records(conversation: Conversation | None, records: Sequence[Record]) -> list[Record]:
    if conversation is None:
        return []
    places = {place for item in conversation.findings for place in item.records} | set(conversation.records)
    return [item for item in records if item.location in places or _is_within(item, conversation)]


def _is_within(record: Record, conversation: Conversation) -> bool:
    """A conversation names only its first records; the others are known by their ends and their time."""
    if record.time_ns is None or not conversation.first_ns <= record.time_ns <= conversation.last_ns:
        return False
    ends = (record.orig, record.resp) if isinstance(record, FlowRecord) else (record.src, record.dst)
    views = (conversation.endpoints, *conversation.translated)
    same_protocol = record.protocol is conversation.protocol
    return same_protocol and any(set(ends) == set(view) for view in views)


# What the author states


def _read_inputs(context: Context) -> DecisionInputs:
    """The stated inputs as the table's own words. EngineError says which is not allowed."""
    for name, stated in context.inputs.items():
        _require_allowed(name, stated, len(context.notes))
    words = {name: stated.value for name, stated in context.inputs.items()}
    values: dict[str, Any] = {name: kind(words[name]) for name, kind in INPUT_VALUES.items() if name in words}
    values |= {name: words.get(name) == "y" for name in ("data_error", "dup")}
    inputs = replace(DecisionInputs(), **values)
    if is_contradiction(inputs):
        raise EngineError(
            "An attack that is confirmed cannot have a harmless purpose (evid confirmed, mal n).",
            file="context",
            place="input evid",
        )
    return inputs


def _require_allowed(name: str, stated: Stated, notes: int) -> None:
    place = f"input {name}"
    if name not in STATED_INPUTS:
        raise EngineError(f"Only {', '.join(STATED_INPUTS)} can be stated.", file="context", place=place)
    if stated.value not in STATED_INPUTS[name]:
        allowed = ", ".join(STATED_INPUTS[name])
        raise EngineError(f"{stated.value!r} is not one of {allowed}.", file="context", place=place)
    if missing := [number for number in stated.notes if not 1 <= number <= notes]:
        raise EngineError(f"There is no note {missing[0]}.", file="context", place=place)


def _context_findings(context: Context) -> tuple[Finding, ...]:
    """In the table's own order, not in that of the mapping: PostgreSQL gives back the keys of stored JSON in another."""
    stated = [name for name in STATED_INPUTS if name in context.inputs and name != "effect"]
    return tuple(_context_finding(name, context) for name in stated)


def _context_finding(name: str, context: Context) -> Finding:
    """A stated input cites its notes; one that names none rests on all of them."""
    stated = context.inputs[name]
    notes: Iterable[int] = stated.notes or range(1, len(context.notes) + 1)
    return Finding(
        rule=f"context.{name}",
        claim=Claim.EFFECT if name == "effect" else Claim.DISPOSITION,
        value=stated.value,
        records=tuple(Location("context", number) for number in notes),
    )


# The disposition


def _disposition_findings(
    decided: Decided, inputs: DecisionInputs, findings: Sequence[Finding]
) -> tuple[Finding, ...]:
    """The row or rows that decided, resting on everything that the inputs rest on."""
    supporting = [item for item in findings if item.supports]
    records = _merge(*(_records_for(claim, supporting) for claim in Claim))
    facts = {name: str(getattr(inputs, name) or "") for name in INPUT_VALUES}
    if decided.disposition is None:
        finding = Finding(
            rule="disposition.open",
            claim=Claim.DISPOSITION,
            value="",
            records=records,
            facts={**facts, "depends_on": ", ".join(decided.depends_on)},
            supports=False,
        )
        return (finding,)
    value = (decided.reason_code or decided.disposition).value
    return tuple(
        Finding(rule=f"disposition.{row}", claim=Claim.DISPOSITION, value=value, records=records, facts=facts)
        for row in decided.rows
    )


def _records_for(claim: Claim, findings: Sequence[Finding]) -> tuple[Location, ...]:
    """The records of a claim's first finding; a disposition rests on every stated input."""
    proofs = [item.records for item in findings if item.claim is claim]
    return _merge(*(proofs if claim is Claim.DISPOSITION else proofs[:1]))


def _merge(*places: Sequence[Location]) -> tuple[Location, ...]:
    return tuple(dict.fromkeys(place for part in places for place in part))
