"""Is an alert's printed source the responder, and if so, why was it printed so?

An alert and a conversation are compared by their endpoints, through address translations that records state. The
cause is named only where a record shows it: an alert that prints replies by its rule, a log whose writer always
prints the remote side first, an exporter that writes a line a direction, a sensor that took the responder for the
client because it came too late, or simply the packet that fired, which was a reply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from .intent import read_intent
from .rules import Rule
from .types import (
    Alert,
    Basis,
    Cause,
    Claim,
    Conversation,
    Endpoint,
    Finding,
    FlowRecord,
    Location,
    LogRecord,
    Protocol,
    Record,
    Reversed,
)

# Below this the two sides of a conversation are a guess, and an alert is neither upright nor reversed.
REVERSED_CONFIDENCE = 0.7

Ends = tuple[Endpoint, Endpoint]
Kind = TypeVar("Kind", FlowRecord, LogRecord)


class Reversal(NamedTuple):
    """The answer, the cause of a reversed alert where evidence shows one, and the findings for both."""

    reversed: Reversed
    cause: Cause | None
    findings: tuple[Finding, ...]


class _Case(NamedTuple):
    alert: Alert
    conversation: Conversation
    rule: Rule | None
    records: Sequence[Record]


def judge_reversed(alert: Alert, conversation: Conversation | None) -> Reversed:
    """Is the alert's printed source the responder? Cannot be determined below REVERSED_CONFIDENCE."""
    if conversation is None or conversation.orig is None or conversation.confidence < REVERSED_CONFIDENCE:
        return Reversed.CANNOT_BE_DETERMINED
    ends = as_printed(alert, conversation)
    if ends is None:
        return Reversed.CANNOT_BE_DETERMINED
    originator = ends[0 if conversation.orig == conversation.endpoints[0] else 1]
    return Reversed.NO if _is_same(alert.protocol, alert.src, originator) else Reversed.YES


def judge_reversal(
    alert: Alert, conversation: Conversation | None, rule: Rule | None, records: Iterable[Record]
) -> Reversal:
    """Judge one alert about one conversation. `records` are the log lines and alerts of that conversation."""
    result = judge_reversed(alert, conversation)
    if conversation is None or result is not Reversed.YES:
        return Reversal(result, None, (_finding(alert, conversation, f"reversed.{result.value}", result),))
    case = _Case(alert, conversation, rule, tuple(records))
    shown = next((found for look in CAUSES for found in look(case)), None)
    by_design = shown is not None and shown[0] is Cause.RESPONSE_RULE
    first = _finding(alert, conversation, "reversed.by_design" if by_design else "reversed.yes", result)
    if shown is None:
        return Reversal(result, None, (first,))
    return Reversal(result, shown[0], (first, _cause_finding(case, *shown)))


def is_about(alert: Alert, conversation: Conversation) -> bool:
    """Does the conversation run between the alert's two endpoints, as seen here or behind a translation?"""
    return alert.protocol is conversation.protocol and any(
        _is_between(alert, ends) for ends in (conversation.endpoints, *conversation.translated)
    )


def as_printed(alert: Alert, conversation: Conversation) -> Ends | None:
    """The conversation's `endpoints`, as they look where the alert was raised. None where both ends are one, or
    where the alert is about another conversation."""
    for ends in (conversation.endpoints, *conversation.translated):
        if _is_between(alert, ends) and not _is_same(alert.protocol, *ends):
            return ends
    return None


def _is_between(alert: Alert, ends: Ends) -> bool:
    def pair(one: Endpoint, other: Endpoint) -> set[tuple[str, int]]:
        return {_comparable(alert.protocol, one), _comparable(alert.protocol, other)}

    return pair(alert.src, alert.dst) == pair(*ends)


def _is_same(protocol: Protocol, one: Endpoint, other: Endpoint) -> bool:
    return _comparable(protocol, one) == _comparable(protocol, other)


def _comparable(protocol: Protocol, endpoint: Endpoint) -> tuple[str, int]:
    """ICMP has no ports; what stands in their place differs between sensors."""
    return (endpoint.ip, 0 if protocol is Protocol.ICMP else endpoint.port)


# Causes: each yields what shows it, with the records that do

Shown = tuple[Cause, tuple[Location, ...], dict[str, str]]


def _response_rule(case: _Case) -> Iterator[Shown]:
    """The rule asks for packets on their way to the client (Suricata's user guide, flow keywords)."""
    if case.rule is not None and read_intent(case.rule).fires_on_replies:
        yield Cause.RESPONSE_RULE, _place(case.alert), {"sid": str(case.rule.sid)}


def _pipeline(case: _Case) -> Iterator[Shown]:
    """A decoy's log prints the remote side first, whoever dialled; what is made of it keeps that order."""
    for record in _of_kind(LogRecord, case):
        dialled_out = record.basis is Basis.DECOY and record.orig == record.dst
        if dialled_out and _is_same(record.protocol, record.src, case.alert.src):
            facts = {"source": record.source, "action": record.fields.get("action", "")}
            yield Cause.PIPELINE, (record.location,), facts


def _both_halves(case: _Case) -> Iterator[Shown]:
    """An exporter that writes one line a direction (NetFlow, cloud flow logs): this is the answering half."""
    halves = [record for record in _of_kind(FlowRecord, case) if record.is_half]
    ours = [half for half in halves if _is_same(half.protocol, half.orig, case.alert.src)]
    theirs = [half for half in halves if _is_same(half.protocol, half.orig, case.alert.dst)]
    if ours and theirs:
        yield Cause.BOTH_HALVES, (ours[0].location, theirs[0].location), {"source": ours[0].source}


def _midstream(case: _Case) -> Iterator[Shown]:
    """The sensor itself believed the responder to be the client: it saw the conversation from its middle."""
    alert = case.alert
    believed = alert.flow_orig or {"to_server": alert.src, "to_client": alert.dst}.get(alert.direction)
    if believed is not None and _is_same(alert.protocol, believed, alert.src):
        yield Cause.MIDSTREAM, _place(alert), {"source": alert.source}
    for record in _of_kind(FlowRecord, case):
        same_sensor = record.source.partition(".")[0] == alert.source.partition(".")[0]
        is_late = record.basis in LATE and not record.is_half and same_sensor
        if is_late and _is_same(record.protocol, record.orig, alert.src):
            yield Cause.MIDSTREAM, (record.location,), {"source": record.source}


def _translation(case: _Case) -> Iterator[Shown]:
    """The alert was raised on the other side of an address translation."""
    ends = as_printed(case.alert, case.conversation)
    if ends is not None and ends != case.conversation.endpoints:
        stating: list[FlowRecord | LogRecord] = [*_of_kind(FlowRecord, case), *_of_kind(LogRecord, case)]
        places = tuple(record.location for record in stating if record.translated)
        yield Cause.TRANSLATION, places[:1] or _place(case.alert), {}


def _reply_packet(case: _Case) -> Iterator[Shown]:
    """A sensor prints the packet that fired. Its own word for it is "to client", or its flow names the other side."""
    alert = case.alert
    flow_says = alert.flow_orig is not None and _is_same(alert.protocol, alert.flow_orig, alert.dst)
    if flow_says or alert.direction == "to_client":
        yield Cause.REPLY_PACKET, _place(alert), {"source": alert.source}


def _of_kind(kind: type[Kind], case: _Case) -> Iterator[Kind]:
    return (record for record in case.records if isinstance(record, kind))


LATE = (Basis.FIRST_PACKET, Basis.PORTS)
CAUSES: tuple[Callable[[_Case], Iterator[Shown]], ...] = (
    _response_rule,
    _pipeline,
    _both_halves,
    _midstream,
    _reply_packet,
    _translation,
)


# Findings


def _cause_finding(
    case: _Case, cause: Cause, records: tuple[Location, ...], facts: dict[str, str]
) -> Finding:
    return Finding(
        rule=f"cause.{cause.value}",
        claim=Claim.REVERSED,
        value=cause.value,
        records=records,
        facts={**_ends(case.alert, case.conversation), **facts},
    )


def _finding(alert: Alert, conversation: Conversation | None, rule: str, result: Reversed) -> Finding:
    proof = _deciding(conversation)
    first = conversation.records[:1] if conversation else ()
    return Finding(
        rule=rule,
        claim=Claim.REVERSED,
        value=result.value,
        records=tuple(dict.fromkeys((*_place(alert), *(proof.records if proof else ()), *first))),
        facts=_ends(alert, conversation),
        confidence=conversation.confidence if conversation else 0.0,
    )


def _deciding(conversation: Conversation | None) -> Finding | None:
    findings = conversation.findings if conversation else ()
    return next((item for item in findings if item.claim is Claim.ORIGINATOR and item.supports), None)


def _ends(alert: Alert, conversation: Conversation | None) -> dict[str, str]:
    orig = conversation.orig if conversation else None
    resp = conversation.resp if conversation else None
    return {
        "src": str(alert.src),
        "dst": str(alert.dst),
        "orig": str(orig) if orig else "",
        "resp": str(resp) if resp else "",
    }


def _place(alert: Alert) -> tuple[Location, ...]:
    return (alert.location,) if alert.location else ()
