"""The ordered decision table: from inputs to a disposition and its reason code.

The first row whose condition holds decides. Each condition is one small function named after what it
says, so that the table at the end reads as the policy it is. `classify_disposition` wants every input;
`decide` takes inputs that are not known and says whether they matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, cast

from .types import (
    Authorisation,
    DecisionInputs,
    DirectionInput,
    Disposition,
    Effect,
    Evidence,
    IntentMatch,
    Malice,
    Origin,
    ReasonCode,
    Role,
)

NO_EFFECT = frozenset({Effect.BLOCKED, Effect.RST, Effect.NOREPLY, Effect.FAILED})
TOOK_EFFECT = frozenset({Effect.ESTABLISHED, Effect.SUCCESS})
DECOY_SILENT = frozenset({Effect.BLOCKED, Effect.RST, Effect.NOREPLY, Effect.NA})
# A refusal or a block is seen whichever side opened the conversation, so a guess does no harm there.
DIRECTION_FREE = frozenset({Effect.BLOCKED, Effect.RST})

DISPOSITION_OF: Mapping[ReasonCode, Disposition] = {
    ReasonCode.TP1: Disposition.TRUE_POSITIVE,
    ReasonCode.TP2: Disposition.TRUE_POSITIVE,
    ReasonCode.TP3: Disposition.TRUE_POSITIVE,
    ReasonCode.TP4: Disposition.TRUE_POSITIVE,
    ReasonCode.BN1: Disposition.BENIGN,
    ReasonCode.BN2: Disposition.BENIGN,
    ReasonCode.FP1: Disposition.FALSE_POSITIVE,
    ReasonCode.FP2: Disposition.FALSE_POSITIVE,
    ReasonCode.UN: Disposition.UNDETERMINED,
    ReasonCode.DUP: Disposition.DUPLICATE,
}

# Every input that may be unknown, and the values it could have.
INPUT_VALUES: Mapping[str, type[StrEnum]] = {
    "dir": DirectionInput,
    "intent": IntentMatch,
    "effect": Effect,
    "evid": Evidence,
    "auth": Authorisation,
    "role": Role,
    "origin": Origin,
    "mal": Malice,
}

# The inputs that are not on the wire: an author may state them, with these words.
STATED_INPUTS: Mapping[str, tuple[str, ...]] = {
    **{name: tuple(kind) for name, kind in INPUT_VALUES.items() if name not in ("dir", "intent")},
    "data_error": ("y", "n"),
    "dup": ("y", "n"),
}


class Decision(NamedTuple):
    """What the table says when every input is known."""

    row: str
    disposition: Disposition
    reason_code: ReasonCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the table says when some inputs are not known.

    `disposition` and `reason_code` are None where the unknown inputs would change them; `rows` are
    all rows that could decide, in the table's order; `depends_on` names exactly the unknown inputs whose
    value matters, and is empty when the reason code is settled."""

    disposition: Disposition | None
    reason_code: ReasonCode | None
    rows: tuple[str, ...]
    depends_on: tuple[str, ...]


@lru_cache(maxsize=256)
def decide(inputs: DecisionInputs) -> Decided:
    """What every value of the unknown inputs comes to is decided, the rest is not."""
    if is_contradiction(inputs):
        classify_disposition(inputs)
    known, unknown = _known(inputs), unknown_inputs(inputs)
    found = set(_decisions(known))
    codes = {decision.reason_code for decision in found}
    dispositions = {decision.disposition for decision in found}
    return Decided(
        disposition=dispositions.pop() if len(dispositions) == 1 else None,
        reason_code=next(iter(codes)) if len(codes) == 1 else None,
        rows=tuple(row.id for row in TABLE if row.id in {decision.row for decision in found}),
        depends_on=() if len(codes) == 1 else tuple(name for name in unknown if _matters(name, known)),
    )


def classify_disposition(inputs: DecisionInputs) -> Decision:
    """The first row of the table that fits. ValueError for an unknown or a contradictory input."""
    if unknown := unknown_inputs(inputs):
        raise ValueError(f"The inputs {', '.join(unknown)} are not known.")
    if is_contradiction(inputs):
        raise ValueError(
            "An attack that is confirmed cannot have a harmless purpose (evid confirmed, mal n)."
        )
    return _first_that_holds(inputs)


def _first_that_holds(inputs: DecisionInputs) -> Decision:
    return next(decision for holds, decision in DECISIONS if holds(inputs))


def is_contradiction(inputs: DecisionInputs) -> bool:
    return inputs.evid is Evidence.CONFIRMED and inputs.mal is Malice.NO


def unknown_inputs(inputs: DecisionInputs) -> tuple[str, ...]:
    return tuple(name for name in INPUT_VALUES if getattr(inputs, name) is None)


class _AskedError(Exception):
    """A row asked for an input that is not known."""


class _Asking(dict[str, Any]):
    """Inputs of which some are not known. Most rows look at few: only what is asked for needs to be tried."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise _AskedError(name) from None


def _known(inputs: DecisionInputs) -> dict[str, Any]:
    given = {item.name: getattr(inputs, item.name) for item in fields(inputs)}
    return {name: value for name, value in given.items() if value is not None}


def _with_each(known: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The inputs with each value of one more that does not contradict them."""
    for value in INPUT_VALUES[name]:
        tried = {**known, name: value}
        if not (tried.get("evid") is Evidence.CONFIRMED and tried.get("mal") is Malice.NO):
            yield tried


def _decisions(known: Mapping[str, Any], first: int = 0) -> Iterator[Decision]:
    """Every decision that some values of the other inputs come to; no row before the `first` holds."""
    inputs = cast("DecisionInputs", _Asking(known))
    for place in range(first, len(DECISIONS)):
        holds, decision = DECISIONS[place]
        try:
            if holds(inputs):
                yield decision
                return
        except _AskedError as asked:
            for tried in _with_each(known, str(asked)):
                yield from _decisions(tried, place)
            return


def _matters(name: str, known: Mapping[str, Any]) -> bool:
    """Can a change of this input, everything else alike, change the reason code?"""
    codes = set()
    for tried in _with_each(known, name):
        try:
            codes.add(_first_that_holds(cast("DecisionInputs", _Asking(tried))).reason_code)
        except _AskedError as asked:
            return any(_matters(name, more) for more in _with_each(known, str(asked)))
    return len(codes) > 1


def _is_clean(i: DecisionInputs) -> bool:
    """Nothing in the corrected facts is suspicious in itself, and they are facts, not a guess."""
    return not (
        i.evid is not Evidence.NONE
        or i.dir is DirectionInput.GUESS
        or (i.mal is Malice.YES and i.effect in TOOK_EFFECT)
        or (i.role is Role.HONEYPOT and i.origin is Origin.INTERNAL)
    )


def _starts_inside(i: DecisionInputs) -> bool:
    return i.origin in (Origin.INTERNAL, Origin.PARTNER)


def _is_already_ticketed(i: DecisionInputs) -> bool:
    return i.dup


def _is_success_on_a_decoy(i: DecisionInputs) -> bool:
    return i.evid is Evidence.CONFIRMED and i.role is Role.HONEYPOT and i.origin is Origin.EXTERNAL


def _is_success(i: DecisionInputs) -> bool:
    return i.evid is Evidence.CONFIRMED and (i.auth is not Authorisation.IN or i.mal is Malice.YES)


def _is_authorised(i: DecisionInputs) -> bool:
    return (
        i.auth is Authorisation.IN
        and i.intent is IntentMatch.MATCH
        and i.evid is not Evidence.MISSING
        and i.mal is not Malice.YES
        and i.dir is not DirectionInput.GUESS
    )


def _exceeds_its_authorisation(i: DecisionInputs) -> bool:
    return (
        i.auth is Authorisation.OUT
        and i.intent is not IntentMatch.MISMATCH
        and not (i.origin is Origin.EXTERNAL and i.effect in NO_EFFECT)
    )


def _is_wrong_data(i: DecisionInputs) -> bool:
    return _is_wrong_logic(i) and (i.dir is DirectionInput.REV or i.data_error)


def _is_wrong_logic(i: DecisionInputs) -> bool:
    return i.intent is IntentMatch.MISMATCH and _is_clean(i)


def _is_mismatch_yet_suspicious(i: DecisionInputs) -> bool:
    return i.intent is IntentMatch.MISMATCH


def _is_contact_with_known_evil(i: DecisionInputs) -> bool:
    return i.dir is DirectionInput.GUESS and i.evid is Evidence.POSSIBLE and i.mal is Malice.YES


def _lacks_a_needed_fact(i: DecisionInputs) -> bool:
    return (
        (i.evid is Evidence.MISSING and i.effect is not Effect.BLOCKED)
        or (i.dir is DirectionInput.GUESS and i.effect not in DIRECTION_FREE)
        or i.intent is IntentMatch.UNKNOWN
    )


def _decoy_did_not_answer(i: DecisionInputs) -> bool:
    return i.role is Role.HONEYPOT and i.origin is not Origin.INTERNAL and i.effect in DECOY_SILENT


def _touches_a_decoy(i: DecisionInputs) -> bool:
    return i.role is Role.HONEYPOT


def _is_harmless(i: DecisionInputs) -> bool:
    return i.mal is Malice.NO and i.evid is Evidence.NONE


def _is_inside_source_with_intent(i: DecisionInputs) -> bool:
    return _is_failed_from_inside(i) and (i.mal is Malice.YES or i.evid is Evidence.POSSIBLE)


def _is_failed_from_inside(i: DecisionInputs) -> bool:
    return _starts_inside(i) and i.effect in NO_EFFECT


def _failed_with_an_open_question(i: DecisionInputs) -> bool:
    return i.effect in NO_EFFECT and i.evid is Evidence.POSSIBLE


def _failed(i: DecisionInputs) -> bool:
    return i.effect in NO_EFFECT


def _took_effect_for_an_unknown_purpose(i: DecisionInputs) -> bool:
    return i.effect in TOOK_EFFECT and i.mal is Malice.UNKNOWN and i.evid is Evidence.NONE


def _took_effect(i: DecisionInputs) -> bool:
    return i.effect in TOOK_EFFECT


def _is_malicious_activity(i: DecisionInputs) -> bool:
    return i.mal is Malice.YES


def _is_anything_else(_: DecisionInputs) -> bool:
    return True


class Row(NamedTuple):
    id: str
    holds: Callable[[DecisionInputs], bool]
    code: ReasonCode


TABLE: tuple[Row, ...] = (
    Row("R0", _is_already_ticketed, ReasonCode.DUP),
    Row("R1a", _is_success_on_a_decoy, ReasonCode.TP2),
    Row("R1", _is_success, ReasonCode.TP1),
    Row("R2", _is_authorised, ReasonCode.BN2),
    Row("R3", _exceeds_its_authorisation, ReasonCode.TP3),
    Row("R4", _is_wrong_data, ReasonCode.FP1),
    Row("R5", _is_wrong_logic, ReasonCode.FP2),
    Row("R4x", _is_mismatch_yet_suspicious, ReasonCode.UN),
    Row("R5b", _is_contact_with_known_evil, ReasonCode.TP2),
    Row("R6", _lacks_a_needed_fact, ReasonCode.UN),
    Row("R7a", _decoy_did_not_answer, ReasonCode.BN1),
    Row("R7b", _touches_a_decoy, ReasonCode.TP2),
    Row("R8", _is_harmless, ReasonCode.BN2),
    Row("R9", _is_inside_source_with_intent, ReasonCode.TP4),
    Row("R9b", _is_failed_from_inside, ReasonCode.UN),
    Row("R10b", _failed_with_an_open_question, ReasonCode.UN),
    Row("R10", _failed, ReasonCode.BN1),
    Row("R11b", _took_effect_for_an_unknown_purpose, ReasonCode.UN),
    Row("R11", _took_effect, ReasonCode.TP2),
    Row("R12", _is_malicious_activity, ReasonCode.TP2),
    Row("R13", _is_anything_else, ReasonCode.UN),
)
DECISIONS = [(row.holds, Decision(row.id, DISPOSITION_OF[row.code], row.code)) for row in TABLE]
