"""How often the label is wrong: simulated trainees, twenty tickets each, a fixed seed."""

from __future__ import annotations

from functools import cache
from itertools import product
from random import Random

import pytest

from tests.measures import class_of_chance as chance
from tickets.engine import IntentMatch, Protocol, ReasonCode, Reversed
from tickets.grading import Confidence, OutcomeAnswer
from tickets.measures import GradedTicket, State, evidence_of, measure_mastery
from tickets.skills import SKILLS, Skill

pytestmark = pytest.mark.slow

TRAINEES = 1000
EVER_MASTERED = (State.MASTERED, State.DUE, State.SLIPPED)

every_skill = pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.code)


def is_ever_mastered(graded: list[GradedTicket], skill: Skill) -> bool:
    seen = [each for ticket in graded if (each := evidence_of(ticket, skill)) is not None]
    return measure_mastery(seen, graded[-1].at).state in EVER_MASTERED


def share_mastered(trainees: list[list[GradedTicket]], skill: Skill) -> float:
    return sum(is_ever_mastered(graded, skill) for graded in trainees) / len(trainees)


@cache
def guessers() -> list[list[GradedTicket]]:
    return [chance.work(Random(f"guess {n}"), chance.guess) for n in range(TRAINEES)]


@cache
def good_ones() -> list[list[GradedTicket]]:
    return [chance.work(Random(f"knows {n}"), chance.knows(0.95)) for n in range(TRAINEES)]


@cache
def constant_ones() -> list[list[GradedTicket]]:
    """Every direction, both intents, with three closes and three habits of pinning; twenty of each."""
    fixed = product(
        chance.DIRECTIONS,
        (True, False),
        ((IntentMatch.MATCH, OutcomeAnswer.ESTABLISHED), (IntentMatch.MISMATCH, OutcomeAnswer.REFUSED)),
        (ReasonCode.FP1, ReasonCode.BN1, ReasonCode.TP2),
        (1, 2),
    )
    return [
        chance.work(
            Random(f"always {said} {as_printed} {outcome} {code} {pins} {n}"),
            chance.always(
                chance.Choice(
                    reversed=said,
                    as_printed=as_printed,
                    outcome=outcome,
                    intent=intent,
                    protocol=Protocol.TCP,
                    code=code,
                    pins=pins,
                    confidence=Confidence.HIGH,
                )
            ),
        )
        for said, as_printed, (intent, outcome), code, pins in fixed
        for n in range(20)
    ]


@every_skill
def test_a_guesser_is_called_mastered_within_twenty_tickets_in_at_most_6_percent(skill: Skill) -> None:
    assert share_mastered(guessers(), skill) <= 0.06


@every_skill
def test_who_always_answers_the_same_is_called_mastered_in_at_most_1_percent(skill: Skill) -> None:
    assert share_mastered(constant_ones(), skill) <= 0.01


@every_skill
def test_who_is_right_in_95_percent_is_called_mastered_within_twenty_in_at_least_95(skill: Skill) -> None:
    assert share_mastered(good_ones(), skill) >= 0.95


def test_the_guessers_do_guess_right_at_times() -> None:
    """The bound says something only if chance could pass: half of the yes-or-no answers are right."""
    reversed_ = next(skill for skill in SKILLS if skill.code == "S02")
    seen = [evidence_of(ticket, reversed_) for graded in guessers()[:200] for ticket in graded]
    right = sum(each.is_right for each in seen if each is not None)
    assert right / len(seen) == pytest.approx(0.5, abs=0.03)
    assert share_mastered(guessers(), reversed_) > 0


def test_marks_dealt_from_the_table_are_those_of_whole_worksheets() -> None:
    dice = Random(7)
    families = sorted(chance.pool())
    for number in range(60):
        played = dice.choice(chance.pool()[families[number % len(families)]])
        choice = chance.guess(dice, played)
        assert chance.dealt_marks(played, choice) == chance.graded_marks(played, choice)


def test_both_directions_stand_in_the_pool() -> None:
    for families, truth in ((chance.REVERSED, Reversed.YES), (chance.OTHERS, Reversed.NO)):
        played = [each for family in families for each in chance.pool()[family]]
        assert {each.verdict.reversed for each in played} == {truth}
        conversations = [each.verdict.conversation for each in played]
        assert {found.protocol for found in conversations if found} == {Protocol.TCP, Protocol.UDP}
