"""The decision table: every family of the catalogue, the rows that no family exercises, and its totality."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.engine.disposition import (
    INPUT_VALUES,
    TABLE,
    classify_disposition,
    decide,
    is_contradiction,
)
from tickets.engine.types import (
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

CATALOGUE = Path(__file__).parents[2] / "fixtures" / "scenario_catalogue.json"
FAMILIES: list[dict[str, Any]] = json.loads(CATALOGUE.read_text(encoding="utf-8"))


def family_inputs(family: dict[str, Any]) -> DecisionInputs:
    stated = family["inputs"]
    known: dict[str, Any] = {name: kind(stated[name]) for name, kind in INPUT_VALUES.items()}
    flags = {name: stated.get(name, False) for name in ("data_error", "dup")}
    return replace(DecisionInputs(), **known, **flags)


def make_inputs(words: str = "") -> DecisionInputs:
    """A plain alert (nothing happened, nobody is malicious) changed by words such as `mal=y effect=rst dup`."""
    plain = "dir=ok intent=match effect=established evid=none auth=no role=work origin=ext mal=unk"
    stated = dict(word.partition("=")[::2] for word in f"{plain} {words}".split())
    values: dict[str, Any] = {
        name: None if stated[name] == "?" else kind(stated[name]) for name, kind in INPUT_VALUES.items()
    }
    return replace(DecisionInputs(), **values, data_error="data_error" in stated, dup="dup" in stated)


@pytest.mark.parametrize("family", FAMILIES, ids=[family["id"] for family in FAMILIES])
def test_every_family_of_the_catalogue_gets_its_stated_disposition(family: dict[str, Any]) -> None:
    decision = classify_disposition(family_inputs(family))
    assert decision.reason_code == family["disposition"]
    assert decision.row == family["policy_rule"].split()[0]


def test_the_catalogue_is_whole() -> None:
    assert len(FAMILIES) == 115
    assert len({family["id"] for family in FAMILIES}) == 115


@pytest.mark.parametrize(
    ("row", "code", "words"),
    [
        ("R0", "DUP", "dup evid=confirmed mal=y"),
        ("R1a", "TP2", "evid=confirmed role=honeypot mal=y"),
        ("R1", "TP1", "evid=confirmed role=honeypot origin=int mal=y"),
        ("R1", "TP1", "evid=confirmed auth=in mal=y"),
        ("R1", "TP1", "evid=confirmed mal=y intent=mismatch dir=rev effect=blocked"),
        ("R2", "BN2", "auth=in"),
        ("R6", "UN", "auth=in evid=missing"),
        ("R11", "TP2", "auth=in mal=y"),
        ("R6", "UN", "auth=in dir=guess"),
        ("R3", "TP3", "auth=out"),
        ("R3", "TP3", "auth=out intent=unknown"),
        ("R3", "TP3", "auth=out origin=int effect=rst"),
        ("R10", "BN1", "auth=out origin=ext effect=rst"),
        ("R4", "FP1", "intent=mismatch dir=rev"),
        ("R4", "FP1", "intent=mismatch data_error"),
        ("R4", "FP1", "intent=mismatch dir=rev mal=y effect=rst"),
        ("R5", "FP2", "intent=mismatch"),
        ("R5", "FP2", "intent=mismatch dir=packet"),
        ("R4x", "UN", "intent=mismatch dir=rev mal=y"),
        ("R4x", "UN", "intent=mismatch dir=rev evid=possible"),
        ("R4x", "UN", "intent=mismatch dir=guess"),
        ("R4x", "UN", "intent=mismatch role=honeypot origin=int"),
        ("R5b", "TP2", "dir=guess evid=possible mal=y"),
        ("R6", "UN", "evid=missing mal=y"),
        ("R10", "BN1", "evid=missing effect=blocked"),
        ("R6", "UN", "dir=guess"),
        ("R10", "BN1", "dir=guess effect=rst"),
        ("R6", "UN", "dir=guess effect=noreply"),
        ("R6", "UN", "intent=unknown"),
        ("R7a", "BN1", "role=honeypot effect=noreply"),
        ("R7a", "BN1", "role=honeypot effect=na origin=partner"),
        ("R7b", "TP2", "role=honeypot effect=failed"),
        ("R7b", "TP2", "role=honeypot effect=rst origin=int"),
        ("R8", "BN2", "mal=n"),
        ("R8", "BN2", "mal=n origin=int effect=rst"),
        ("R9", "TP4", "origin=int effect=rst mal=y"),
        ("R9", "TP4", "origin=partner effect=blocked evid=possible"),
        ("R9b", "UN", "origin=partner effect=blocked"),
        ("R9b", "UN", "origin=int effect=noreply"),
        ("R10b", "UN", "effect=failed evid=possible"),
        ("R10", "BN1", "effect=failed mal=y"),
        ("R11b", "UN", "effect=established"),
        ("R11", "TP2", "effect=established evid=possible"),
        ("R11", "TP2", "effect=success mal=y origin=partner"),
        ("R12", "TP2", "effect=na mal=y"),
        ("R13", "UN", "effect=na"),
    ],
)
def test_a_row_decides(row: str, code: str, words: str) -> None:
    decision = classify_disposition(make_inputs(words))
    assert (decision.row, decision.reason_code) == (row, code)
    assert (
        decision.disposition
        is {
            "TP": Disposition.TRUE_POSITIVE,
            "BN": Disposition.BENIGN,
            "FP": Disposition.FALSE_POSITIVE,
            "UN": Disposition.UNDETERMINED,
            "DU": Disposition.DUPLICATE,
        }[code[:2]]
    )


def test_the_table_is_total_and_every_row_is_reached() -> None:
    for data_error in (False, True):
        reached = set(decide(DecisionInputs(data_error=data_error)).rows)
        assert reached == {row.id for row in TABLE} - {"R0"} - ({"R5"} if data_error else set())


@st.composite
def partial_inputs(draw: st.DrawFn) -> DecisionInputs:
    """Inputs of which up to four are not known."""
    unknown = draw(st.sets(st.sampled_from(sorted(INPUT_VALUES)), max_size=4))
    known: dict[str, Any] = {
        name: None if name in unknown else draw(st.sampled_from(kind)) for name, kind in INPUT_VALUES.items()
    }
    if known["evid"] is Evidence.CONFIRMED and known["mal"] is Malice.NO:
        known["mal"] = Malice.YES
    return replace(DecisionInputs(), **known, data_error=draw(st.booleans()))


def every_decision(
    inputs: DecisionInputs, unknown: list[str]
) -> dict[tuple[Any, ...], tuple[str, ReasonCode]]:
    """What the bare table says for each combination of values of the unknown inputs that it accepts."""
    found = {}
    for values in itertools.product(*(tuple(INPUT_VALUES[name]) for name in unknown)):
        changes: dict[str, Any] = dict(zip(unknown, values, strict=True))
        known = replace(inputs, **changes)
        if not is_contradiction(known):
            decision = classify_disposition(known)
            found[values] = (decision.row, decision.reason_code)
    return found


def matters(place: int, decisions: dict[tuple[Any, ...], tuple[str, ReasonCode]]) -> bool:
    codes: dict[tuple[Any, ...], set[ReasonCode]] = {}
    for values, (_, code) in decisions.items():
        codes.setdefault(values[:place] + values[place + 1 :], set()).add(code)
    return any(len(found) > 1 for found in codes.values())


@given(inputs=partial_inputs())
@settings(max_examples=60)
def test_what_is_decided_is_what_every_value_of_the_unknown_inputs_comes_to(inputs: DecisionInputs) -> None:
    unknown = [name for name in INPUT_VALUES if getattr(inputs, name) is None]
    decisions = every_decision(inputs, unknown)
    decided = decide(inputs)
    codes = {code for _, code in decisions.values()}
    assert set(decided.rows) == {row for row, _ in decisions.values()}
    assert decided.reason_code == (codes.pop() if len(codes) == 1 else None)
    assert decided.depends_on == tuple(
        name for place, name in enumerate(unknown) if matters(place, decisions)
    )


def test_a_confirmed_attack_with_a_harmless_purpose_is_refused() -> None:
    contradiction = make_inputs("evid=confirmed mal=n")
    with pytest.raises(ValueError, match="evid confirmed, mal n"):
        classify_disposition(contradiction)
    with pytest.raises(ValueError, match="evid confirmed, mal n"):
        decide(contradiction)


def test_an_unknown_input_is_refused_by_the_bare_table() -> None:
    with pytest.raises(ValueError, match="role, mal"):
        classify_disposition(make_inputs("role=? mal=?"))


def test_known_inputs_decide_as_the_table_does() -> None:
    decided = decide(make_inputs("intent=mismatch dir=rev"))
    assert decided.disposition is Disposition.FALSE_POSITIVE
    assert decided.reason_code is ReasonCode.FP1
    assert (decided.rows, decided.depends_on) == (("R4",), ())


def test_an_unknown_input_that_changes_nothing_does_not_hinder() -> None:
    decided = decide(make_inputs("dup auth=? role=? mal=? evid=?"))
    assert (decided.reason_code, decided.rows, decided.depends_on) == (ReasonCode.DUP, ("R0",), ())


def test_an_unknown_input_that_matters_is_named_and_no_other() -> None:
    decided = decide(make_inputs("origin=int effect=rst mal=y auth=no role=? evid=none"))
    assert decided.disposition is Disposition.TRUE_POSITIVE
    assert decided.reason_code is None
    assert decided.depends_on == ("role",)
    assert decided.rows == ("R7b", "R9")


def test_a_disposition_that_depends_is_not_given() -> None:
    decided = decide(make_inputs("auth=? mal=n evid=none"))
    assert (decided.disposition, decided.reason_code) == (None, None)
    assert decided.depends_on == ("auth",)


def test_different_rows_with_one_reason_code_agree() -> None:
    decided = decide(make_inputs("auth=? mal=n evid=none origin=ext effect=rst"))
    assert (decided.reason_code, decided.rows) == (ReasonCode.BN2, ("R2", "R8"))
    assert decided.depends_on == ()


def test_nothing_known_depends_on_everything() -> None:
    decided = decide(DecisionInputs())
    assert decided.disposition is None
    assert set(decided.depends_on) == set(INPUT_VALUES)


def test_decide_never_tries_what_the_table_refuses() -> None:
    decided = decide(make_inputs("mal=n evid=? auth=no"))
    assert "R1" not in decided.rows


def test_every_value_of_an_input_is_a_word_of_its_enum() -> None:
    kinds = (DirectionInput, IntentMatch, Effect, Evidence, Authorisation, Role, Origin, Malice)
    assert tuple(INPUT_VALUES.values()) == kinds
