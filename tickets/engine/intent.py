"""What a rule expects of the conversation that it fires on, held against what happened.

A rule's header is matched against a packet, so a rule on replies is written the other way round than the
conversation it is about. `read_intent` turns that around; `match_intent` judges the conversation as it
was, not as the alert prints it. Where the originator is not known both readings are tried, and only what
they agree on is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from .rules import (
    PROTOCOLS,
    TO_CLIENT,
    Item,
    Rule,
    Variables,
    check_variables,
    contains_address,
    contains_port,
    missing_variables,
)
from .types import Claim, Conversation, Endpoint, Finding, IntentMatch, Location, Outcome, Protocol

# How an outcome bears on a rule that wants an established conversation. A conversation seen from the
# middle with both sides talking stood, though its handshake is not in the evidence.
STOOD = {
    Outcome.ESTABLISHED: True,
    Outcome.MIDSTREAM: True,
    Outcome.ONE_WAY: None,
    Outcome.UNANSWERED: False,
    Outcome.REFUSED: False,
    Outcome.REJECTED: False,
}


_RANK = {IntentMatch.MISMATCH: 0, IntentMatch.UNKNOWN: 1, IntentMatch.MATCH: 2}
_VALUE = {True: IntentMatch.MATCH, False: IntentMatch.MISMATCH, None: IntentMatch.UNKNOWN}


class Side(NamedTuple):
    """The addresses and ports that the rule allows one side."""

    addresses: Item
    ports: Item

    def __str__(self) -> str:
        return f"{self.addresses} port {self.ports}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What the rule expects. `either_way` is a `<>` rule, for which the sides may be exchanged.
    `fires_on_replies` says that the packet that fires goes from responder to originator by design."""

    protocol: str
    originator: Side
    responder: Side
    services: frozenset[str]
    either_way: bool
    fires_on_replies: bool
    wants_established: bool


class Match(NamedTuple):
    """The answer, and a finding for each part that decided it."""

    result: IntentMatch
    findings: tuple[Finding, ...]


def read_intent(rule: Rule) -> Intent:
    """Who is expected to open the conversation, towards whom, in which state.

    Suricata user guide, "Rules Format" (header, direction) and "Flow Keywords": with to_client or
    from_server the packet is a reply, so the header's destination opened the conversation. A rule without
    a direction in its flow keyword is read as its header stands, unless it asks for SYN and ACK together,
    which only an answer has (RFC 9293, 3.5)."""
    replies = rule.direction == "->" and (bool(rule.flow & TO_CLIENT) or _asks_for_syn_ack(rule))
    src, dst = Side(rule.src, rule.sport), Side(rule.dst, rule.dport)
    return Intent(
        protocol=rule.protocol,
        originator=dst if replies else src,
        responder=src if replies else dst,
        services=rule.services,
        either_way=rule.direction == "<>",
        fires_on_replies=replies,
        wants_established="established" in rule.flow,
    )


def match_intent(rule: Rule, conversation: Conversation, variables: Variables) -> Match:
    """Does the conversation fit what the rule expects? EngineError for a variable that cannot be read."""
    check_variables(variables)
    intents = _both_ways(read_intent(rule))
    readings = [
        max(
            (_judge(_Case(intent, sides, conversation, variables)) for intent in intents),
            key=lambda parts: _RANK[_sum_up(parts)],
        )
        for sides in _sides_of(conversation)
    ]
    results = {_sum_up(parts) for parts in readings}
    if len(results) > 1:
        return Match(
            IntentMatch.UNKNOWN, (_originator_finding("unknown", IntentMatch.UNKNOWN, conversation),)
        )
    result = results.pop()
    decisive = [part for part in readings[0] if part.fits is result]
    if len(readings) > 1:
        # Whoever opened it, the answer is the same: say only what does not depend on the guess.
        decisive = [part for part in decisive if part.rule in _CLAIM_BEHIND]
    if not decisive:
        return Match(result, (_originator_finding("either", result, conversation),))
    return Match(result, tuple(_finding(part, result, conversation) for part in decisive))


def _asks_for_syn_ack(rule: Rule) -> bool:
    wanted = rule.flags.split(",")[0]
    return {"S", "A"} <= set(wanted) and not set(wanted) & {"!", "*"}


def _both_ways(intent: Intent) -> tuple[Intent, ...]:
    if not intent.either_way:
        return (intent,)
    return intent, replace(intent, originator=intent.responder, responder=intent.originator)


def _sides_of(conversation: Conversation) -> list[tuple[Endpoint, Endpoint]]:
    """Originator and responder; both readings where it is not known who opened the conversation."""
    if conversation.orig is not None and conversation.resp is not None:
        return [(conversation.orig, conversation.resp)]
    first, second = conversation.endpoints
    return [(first, second), (second, first)]


# The parts of an intent


class _Case(NamedTuple):
    intent: Intent
    sides: tuple[Endpoint, Endpoint]
    conversation: Conversation
    variables: Variables


class Judged(NamedTuple):
    """One part: does it fit, what was wanted, what was there, what is missing to tell."""

    rule: str
    fits: IntentMatch
    expected: str
    actual: str
    missing: str = ""


def _judge(case: _Case) -> tuple[Judged, ...]:
    return tuple(part(case) for part in PARTS)


def _judge_protocol(case: _Case) -> Judged:
    """A rule may name a transport, or an application whose service the evidence must show."""
    wanted, conversation = case.intent, case.conversation
    carried = conversation.protocol.value in PROTOCOLS[wanted.protocol].transports
    if not carried or not wanted.services:
        return Judged("intent.protocol", _VALUE[carried], wanted.protocol, conversation.protocol.value)
    # A Snort rule names the transport in its header and the application among its options.
    name = wanted.protocol if PROTOCOLS[wanted.protocol].services else " or ".join(sorted(wanted.services))
    if not conversation.service:
        return Judged("intent.protocol", IntentMatch.UNKNOWN, name, "", "the application protocol")
    fits = conversation.service in wanted.services
    return Judged("intent.protocol", _VALUE[fits], name, conversation.service)


def _judge_originator_address(case: _Case) -> Judged:
    return _judge_address("intent.originator_address", case.intent.originator, case.sides[0], case.variables)


def _judge_responder_address(case: _Case) -> Judged:
    return _judge_address("intent.responder_address", case.intent.responder, case.sides[1], case.variables)


def _judge_originator_port(case: _Case) -> Judged:
    return _judge_port("intent.originator_port", case.intent.originator, case.sides[0], case)


def _judge_responder_port(case: _Case) -> Judged:
    return _judge_port("intent.responder_port", case.intent.responder, case.sides[1], case)


def _judge_state(case: _Case) -> Judged:
    """`flow:established`; a rule without it fits any state."""
    outcome = case.conversation.outcome
    if not case.intent.wants_established:
        return Judged("intent.state", IntentMatch.MATCH, "any", outcome.value)
    missing = "the other side" if STOOD[outcome] is None else ""
    return Judged("intent.state", _VALUE[STOOD[outcome]], "established", outcome.value, missing)


def _judge_address(rule: str, side: Side, endpoint: Endpoint, variables: Variables) -> Judged:
    fits = contains_address(side.addresses, endpoint.ip, variables)
    return Judged(rule, _VALUE[fits], str(side.addresses), endpoint.ip, _names(side.addresses, variables))


def _judge_port(rule: str, side: Side, endpoint: Endpoint, case: _Case) -> Judged:
    """ICMP has no ports: there is nothing that could fail to fit."""
    if case.conversation.protocol is Protocol.ICMP:
        return Judged(rule, IntentMatch.MATCH, str(side.ports), "")
    fits = contains_port(side.ports, endpoint.port, case.variables)
    return Judged(rule, _VALUE[fits], str(side.ports), str(endpoint.port), _names(side.ports, case.variables))


def _names(item: Item, variables: Variables) -> str:
    return ", ".join(f"${name}" for name in missing_variables(item, variables))


PARTS: tuple[Callable[[_Case], Judged], ...] = (
    _judge_protocol,
    _judge_originator_address,
    _judge_originator_port,
    _judge_responder_address,
    _judge_responder_port,
    _judge_state,
)


def _sum_up(parts: tuple[Judged, ...]) -> IntentMatch:
    return min((part.fits for part in parts), key=lambda value: _RANK[value])


def _finding(part: Judged, result: IntentMatch, conversation: Conversation) -> Finding:
    return Finding(
        rule=part.rule,
        claim=Claim.INTENT,
        value=result.value,
        records=_records_for(part.rule, conversation),
        facts={"expected": part.expected, "actual": part.actual, "missing": part.missing},
    )


def _originator_finding(word: str, result: IntentMatch, conversation: Conversation) -> Finding:
    first, second = conversation.endpoints
    return Finding(
        rule=f"intent.originator_{word}",
        claim=Claim.INTENT,
        value=result.value,
        records=conversation.records[:1],
        facts={"first": str(first), "second": str(second)},
    )


_CLAIM_BEHIND = {"intent.protocol": Claim.SERVICE, "intent.state": Claim.OUTCOME}


def _records_for(rule: str, conversation: Conversation) -> tuple[Location, ...]:
    """The records of the finding that settles this part; the first record where none does."""
    claim = _CLAIM_BEHIND.get(rule, Claim.ORIGINATOR)
    proofs = (item.records for item in conversation.findings if item.claim is claim and item.supports)
    return next((records for records in proofs if records), conversation.records[:1])
