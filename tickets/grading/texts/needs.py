"""What each step's text must hold, and whether a reading holds it.

A need is held by a right fact that nothing else in the same text contradicts: naming both directions, two
outcomes or every disposition holds none of them. What the key does not mark is not asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from tickets.engine import DISPOSITION_OF, Disposition
from tickets.grading.criteria import Criterion
from tickets.grading.key import Key, same_service
from tickets.grading.texts.facts import Fact, Kind, Passage, Stuffing, TextContext, asserted


class Need(StrEnum):
    EXPECTATION = "expectation"  # what the rule looks for
    CLAIM = "claim"  # what the alert says happened
    SIDES = "sides"  # from whom to whom
    PORT = "port"  # the service port, on the side that has it
    PROTOCOL = "protocol"
    OUTCOME = "outcome"
    RECORD = "record"  # one that proves something
    DIRECTION = "direction"  # who opened it, or that the alert is reversed or not
    PROOF = "proof"  # the record or the flag that shows it
    INTENT = "intent"
    DISPOSITION = "disposition"
    BECAUSE = "because"
    ACTION = "action"  # that fits how the ticket is closed


NEEDS: Mapping[str, tuple[Need, ...]] = {
    "reason": (Need.EXPECTATION, Need.CLAIM),
    "supporting_evidence": (Need.SIDES, Need.PORT, Need.PROTOCOL, Need.OUTCOME, Need.RECORD),
    "analysis": (Need.DIRECTION, Need.PROOF, Need.OUTCOME, Need.INTENT),
    "conclusion": (Need.DISPOSITION, Need.BECAUSE),
    "next_steps": (Need.ACTION,),
}
CRITERION_OF: Mapping[Need, Criterion] = {
    Need.SIDES: Criterion.ORIGINATOR_IP,
    Need.PORT: Criterion.RESPONDER_PORT,
    Need.PROTOCOL: Criterion.PROTOCOL,
    Need.OUTCOME: Criterion.OUTCOME,
    Need.DIRECTION: Criterion.REVERSED,
    Need.INTENT: Criterion.INTENT,
    Need.DISPOSITION: Criterion.DISPOSITION,
    Need.ACTION: Criterion.DISPOSITION,
}
_FITTING: Mapping[Disposition, frozenset[str]] = {
    Disposition.TRUE_POSITIVE: frozenset({"escalate", "contain", "investigate", "notify"}),
    Disposition.BENIGN: frozenset({"close", "tune", "watch"}),
    Disposition.FALSE_POSITIVE: frozenset({"close", "tune", "watch"}),
    Disposition.UNDETERMINED: frozenset({"escalate", "investigate", "watch"}),
    Disposition.DUPLICATE: frozenset({"close"}),
}
# Out of proportion: asking for these where nothing happened that needs them.
_TOO_MUCH = frozenset({"contain", "escalate"})
_HARMLESS = frozenset({Disposition.BENIGN, Disposition.FALSE_POSITIVE, Disposition.DUPLICATE})
_DIRECTED = (Kind.OPENED, Kind.SENT)

Facts = tuple[Fact, ...]


def needs_of(step: str, key: Key) -> tuple[Need, ...]:
    """What this step must hold in this variant. Of a host that talks to itself no text can tell the sides apart."""
    asked = tuple(n for n in NEEDS[step] if n not in CRITERION_OF or key.is_marked(CRITERION_OF[n]))
    talks_to_itself = key.originator and key.responder and key.originator.ip == key.responder.ip
    return tuple(n for n in asked if n not in (Need.SIDES, Need.PORT)) if talks_to_itself else asked


def held_needs(
    step: str, facts: Facts, context: TextContext, passages: Iterable[Passage]
) -> tuple[Need, ...]:
    """The needs that the facts hold; none where the step names everything."""
    key = context.key
    if key is None or any(passage.why is Stuffing.EVERYTHING for passage in passages):
        return ()
    return tuple(need for need in needs_of(step, key) if _HELD[need](facts, key, context))


def _only(facts: Facts, kinds: tuple[Kind, ...], is_right: Callable[[Fact], bool]) -> bool:
    """At least one of these facts is right and none is wrong."""
    said = asserted(facts, *kinds)
    return bool(said) and all(is_right(fact) for fact in said)


def _is_value(facts: Facts, kind: Kind, value: object) -> bool:
    return value is not None and _only(facts, (kind,), lambda fact: fact.value == str(value))


def _whole(key: Key) -> str:
    return f"{key.originator.ip}>{key.responder.ip}" if key.originator and key.responder else ""


def _claims(facts: Facts, key: Key, context: TextContext) -> bool:
    said = asserted(facts, Kind.CLAIMED)
    return any(
        fact.value.strip(">") in context.claim.split(">") or fact.value == context.claim for fact in said
    )


def _names_sides(facts: Facts, key: Key, context: TextContext) -> bool:
    """Both sides in their order. A packet may be told beside it that went the other way, but nobody's opening."""
    whole = _whole(key)
    opened, said = asserted(facts, Kind.OPENED), asserted(facts, *_DIRECTED)
    wrong = [fact for fact in opened if not _agrees(fact.value, whole)]
    return (
        not wrong
        and any(fact.value == whole for fact in said)
        and not (not opened and any(fact.value == ">".join(reversed(whole.split(">"))) for fact in said))
    )


def _agrees(said: str, whole: str) -> bool:
    return bool(whole) and all(
        not a or a == b for a, b in zip(said.split(">"), whole.split(">"), strict=True)
    )


def _names_port(facts: Facts, key: Key, context: TextContext) -> bool:
    if key.responder is None or key.originator is None:
        return False
    right, alone = str(key.responder), str(key.responder.port)
    said = [fact.value for fact in asserted(facts, Kind.PORT)]
    wrong_way = f"{key.originator.ip}:{alone}" in said and key.originator.port != key.responder.port
    return (right in said or said == [alone]) and not wrong_way


def _names_protocol(facts: Facts, key: Key, context: TextContext) -> bool:
    """The protocol below, and no service above it that only the port suggests."""
    is_misled = bool(key.spoken) and key.usual in (said := services_of(facts)) and key.spoken not in said
    return _is_value(facts, Kind.PROTOCOL, key.facts[Criterion.PROTOCOL].expected) and not (
        is_misled and key.spoken != key.usual
    )


def services_of(facts: Iterable[Fact]) -> frozenset[str]:
    """The services that a text names as spoken, each by its one name."""
    return frozenset(same_service(fact.value) for fact in asserted(facts, Kind.SERVICE))


def _tells_direction(facts: Facts, key: Key, context: TextContext) -> bool:
    """Who opened it, or what is wrong with the alert's arrow: either will do, and neither may be wrong."""
    opened, said = asserted(facts, Kind.OPENED), asserted(facts, Kind.REVERSED)
    expected = key.facts[Criterion.REVERSED].expected
    right_sides = all(_agrees(fact.value, _whole(key)) for fact in opened)
    return bool(opened or said) and right_sides and all(fact.value == expected for fact in said)


def _cites(facts: Facts, key: Key, context: TextContext) -> bool:
    records = {str(record) for fact in key.facts.values() for record in fact.records}
    return any(fact.value in records for fact in asserted(facts, Kind.RECORD))


def _proves(facts: Facts, key: Key, context: TextContext) -> bool:
    return _cites(facts, key, context) or bool(asserted(facts, Kind.FLAG))


def _tells_outcome(facts: Facts, key: Key, context: TextContext) -> bool:
    """The outcome itself; "it failed" beside it is no contradiction, but by itself it is too little."""
    expected = key.facts[Criterion.OUTCOME].expected
    said = {fact.value for fact in asserted(facts, Kind.OUTCOME)}
    return expected in said and said <= ({expected} if expected == "established" else {expected, "failed"})


def _concludes(facts: Facts, key: Key, context: TextContext) -> bool:
    """One disposition that is right, and the trainee's own field does not say another."""
    given = context.answers.disposition
    right = {disposition.value for disposition in _right_ones(key) if given in (None, disposition)}
    return _only(facts, (Kind.DISPOSITION,), lambda fact: fact.value in right) and _is_one(facts)


def _right_ones(key: Key) -> frozenset[Disposition]:
    """The key's disposition, and those that the scenario gives full marks."""
    listed = key.facts[Criterion.DISPOSITION].accepted
    full = {DISPOSITION_OF[entry.reason_code] for entry in listed if entry.credit == 1}
    return frozenset(full if key.disposition is None else full | {key.disposition})


def _is_one(facts: Facts) -> bool:
    return len({fact.value for fact in asserted(facts, Kind.DISPOSITION)}) == 1


def _gives_reason(facts: Facts, key: Key, context: TextContext) -> bool:
    return bool(asserted(facts, Kind.BECAUSE)) and bool(asserted(facts, Kind.DISPOSITION, Kind.CODE))


def _acts(facts: Facts, key: Key, context: TextContext) -> bool:
    """It fits a disposition that is right: the trainee's own, where that is one."""
    given, right = context.answers.disposition, _right_ones(key)
    chosen = given if given in right else key.disposition
    if chosen is None:
        return False
    said = {fact.value for fact in asserted(facts, Kind.ACTION)}
    too_much = chosen in _HARMLESS and bool(said & _TOO_MUCH)
    return bool(said & _FITTING[chosen]) and not too_much


_HELD: Mapping[Need, Callable[[Facts, Key, TextContext], bool]] = {
    Need.EXPECTATION: lambda facts, _key, _context: bool(asserted(facts, Kind.EXPECTATION)),
    Need.CLAIM: _claims,
    Need.SIDES: _names_sides,
    Need.PORT: _names_port,
    Need.PROTOCOL: _names_protocol,
    Need.OUTCOME: _tells_outcome,
    Need.RECORD: _cites,
    Need.DIRECTION: _tells_direction,
    Need.PROOF: _proves,
    Need.INTENT: lambda facts, key, _context: _is_value(
        facts, Kind.INTENT, key.facts[Criterion.INTENT].expected
    ),
    Need.DISPOSITION: _concludes,
    Need.BECAUSE: _gives_reason,
    Need.ACTION: _acts,
}
