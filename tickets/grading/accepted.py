"""The other reason codes that earn part of the marks, each with its share and its reason: the author's word on them,
and where the author says nothing, the policy's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from tickets.engine import (
    Authorisation,
    DecisionInputs,
    Effect,
    Evidence,
    Malice,
    Origin,
    Outcome,
    ReasonCode,
    Reversed,
    Role,
    Verdict,
    decide,
)


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


def accept_codes(verdict: Verdict, stated: Sequence[Accepted]) -> tuple[Accepted, ...]:
    """What is accepted beside the key: what the author states, then what the policy adds for codes that he leaves open.

    The key itself is never among the policy's."""
    told = {item.reason_code for item in stated}
    added: dict[ReasonCode, Accepted] = {}
    for item in _from_policy(verdict):
        if item.reason_code not in told and item.reason_code is not verdict.reason_code:
            added.setdefault(item.reason_code, item)
    return (*stated, *added.values())


class _Policy(NamedTuple):
    """A combination on which desks differ. The first that fits speaks for a code."""

    key: ReasonCode
    holds: Callable[[Verdict], bool]
    accepts: tuple[Accepted, ...]


def _from_policy(verdict: Verdict) -> Iterable[Accepted]:
    for policy in POLICIES:
        if policy.key is verdict.reason_code and policy.holds(verdict):
            yield from policy.accepts
    yield from _parents_code(verdict)
    if verdict.reason_code is not None and _lacks_a_fact(verdict.inputs):
        yield OPEN_QUESTION


NO_EFFECT = frozenset({Effect.BLOCKED, Effect.RST, Effect.NOREPLY, Effect.FAILED})
TOOK_EFFECT = frozenset({Effect.ESTABLISHED, Effect.SUCCESS})


def _decoy(verdict: Verdict) -> bool:
    return verdict.inputs.role is Role.HONEYPOT and verdict.inputs.origin is Origin.EXTERNAL


def _failed_from_outside(verdict: Verdict) -> bool:
    return verdict.inputs.origin is Origin.EXTERNAL and verdict.effect in NO_EFFECT and not _decoy(verdict)


def _harmless_return(verdict: Verdict) -> bool:
    return verdict.reversed is Reversed.YES and verdict.inputs.mal is Malice.NO


def _authorised(verdict: Verdict) -> bool:
    return verdict.inputs.auth is Authorisation.IN


def _heard_one_way(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.ONE_WAY


def _answered_without_proof(verdict: Verdict) -> bool:
    return verdict.inputs.evid is Evidence.MISSING and verdict.effect in TOOK_EFFECT


def _failed_without_proof(verdict: Verdict) -> bool:
    return verdict.inputs.evid is Evidence.MISSING and verdict.effect in NO_EFFECT


def _always(_: Verdict) -> bool:
    return True


def _lacks_a_fact(inputs: DecisionInputs) -> bool:
    """Does the author himself say that what it led to, or what it was for, is not known?"""
    return inputs.evid is Evidence.MISSING or inputs.mal is Malice.UNKNOWN


def _says(credit: str, reason: str, *codes: ReasonCode) -> tuple[Accepted, ...]:
    return tuple(Accepted(code, Decimal(credit), reason) for code in codes)


_FALSE = (ReasonCode.FP1, ReasonCode.FP2)
# method.md, 4.3. What depends on words of the answer or on the rule's text is the author's to list.
POLICIES: tuple[_Policy, ...] = (
    _Policy(
        ReasonCode.BN1,
        _decoy,
        (
            *_says("1", "A decoy that refuses is closed either way: nothing of ours was touched.", *_FALSE),
            *_says(
                "0.25", "The attempt is real, but the decoy gave it nothing to follow up.", ReasonCode.TP2
            ),
        ),
    ),
    _Policy(
        ReasonCode.BN1,
        _failed_from_outside,
        (
            *_says(
                "0.5",
                "A real attempt, which some desks close as a true positive that was prevented. Nothing came of it.",
                ReasonCode.TP2,
            ),
            *_says("0.25", "Harmless is right, but the attempt was real, and the alert was right.", *_FALSE),
        ),
    ),
    _Policy(
        ReasonCode.TP2,
        _decoy,
        _says("0.5", "The decoy is unharmed, true. But who came is a lead, and it is lost.", ReasonCode.BN2),
    ),
    _Policy(
        ReasonCode.FP1,
        _harmless_return,
        _says(
            "0.5",
            "Harmless is right, but it hides that the alert shows the conversation backwards.",
            ReasonCode.BN2,
        ),
    ),
    _Policy(
        ReasonCode.FP2,
        _heard_one_way,
        _says(
            "0.75",
            "The sensor hears one side only, so this is a fair reading of it.",
            ReasonCode.UN,
            ReasonCode.BN2,
        ),
    ),
    _Policy(
        ReasonCode.BN2,
        _authorised,
        _says(
            "0.75", "Right for who tunes the rule. The rule saw what it looks for, though.", ReasonCode.FP2
        ),
    ),
    _Policy(
        ReasonCode.TP3,
        _always,
        (
            *_says("1", "A response is due, and that is what counts.", ReasonCode.TP2),
            *_says("0.5", "Careful, but that it exceeds what was allowed is shown.", ReasonCode.UN),
        ),
    ),
    _Policy(
        ReasonCode.TP4,
        _always,
        _says("0.5", "Careful, but too little: that an inside host tried is shown.", ReasonCode.UN),
    ),
    _Policy(
        ReasonCode.UN,
        _answered_without_proof,
        (
            *_says("0.75", "Escalating is right; that it succeeded is not shown yet.", ReasonCode.TP2),
            *_says("0.25", "It may have failed. No record here says so.", ReasonCode.BN1),
        ),
    ),
    _Policy(
        ReasonCode.UN,
        _failed_without_proof,
        _says(
            "0.5",
            "Likely, and it rests on an assumption: that nothing followed is not on record.",
            ReasonCode.BN1,
        ),
    ),
)
OPEN_QUESTION = Accepted(
    ReasonCode.UN, Decimal("0.25"), "Something is indeed not known here. What is known decides all the same."
)


def _parents_code(verdict: Verdict) -> tuple[Accepted, ...]:
    """A duplicate closed as what it repeats: the right verdict, counted twice."""
    if verdict.reason_code is not ReasonCode.DUP:
        return ()
    parent = decide(replace(verdict.inputs, dup=False)).reason_code
    if parent is None:
        return ()
    return _says(
        "0.5", "The verdict is right, but it is another ticket's, and would be counted twice.", parent
    )
