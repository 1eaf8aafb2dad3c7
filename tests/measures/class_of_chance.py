"""Simulated trainees over real variants: what chance alone, one fixed answer, or 95 % come to.

Every mark comes from the real `grade_worksheet` on variants that the simulator played and the engine judged.
A mark depends on its own criterion's answer and on the direction that was given (follow-through and the cap
for a wrong initiator), so each variant is graded once for each direction and value and the trainees are
dealt from that table: a thousand classes in seconds. `test_mastery_chance` holds the table against
worksheets graded whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from random import Random

from tests.simulator.played import play
from tickets.engine import (
    DISPOSITION_OF,
    EvidenceFile,
    IntentMatch,
    Location,
    Protocol,
    ReasonCode,
    Reversed,
    Verdict,
    analyze,
    read_evidence,
)
from tickets.grading import (
    Accepted,
    Answers,
    Confidence,
    Criterion,
    OutcomeAnswer,
    build_key,
    grade_worksheet,
    model_answers,
    read_accepted,
)
from tickets.measures import GradedTicket, Mark
from tickets.packs import fill_scenario, read_scenario

FOLDER = Path(__file__).parents[2] / "fixtures" / "scenarios"
REVERSED = ("T001", "T035", "T036")  # the last two over UDP
OTHERS = ("T003", "T004", "T011", "T013", "T014", "T033")  # the last one over UDP
VARIANTS = 3
DAY_ONE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PINS = 8  # choices of pins that a table knows


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """A variant as the class meets it."""

    family: str
    lesson: str
    verdict: Verdict
    accepted: tuple[Accepted, ...]
    pins: tuple[tuple[Location, ...], ...]  # what somebody may pin; the first choice is the model's

    @property
    def model(self) -> Answers:
        return model_answers(build_key(self.verdict, self.accepted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A worksheet as the decisions that make it. `as_printed`: the endpoints are the alert's own columns."""

    reversed: Reversed
    as_printed: bool
    outcome: OutcomeAnswer
    intent: IntentMatch
    protocol: Protocol
    code: ReasonCode
    pins: int
    confidence: Confidence


Decide = Callable[[Random, Played], Choice]


@cache
def pool() -> Mapping[str, tuple[Played, ...]]:
    chance = Random(20260302)
    return {
        family: tuple(_play(family, chance.randbytes(16)) for _ in range(VARIANTS))
        for family in (*REVERSED, *OTHERS)
    }


def _play(family: str, seed: bytes) -> Played:
    scenario = read_scenario((FOLDER / f"{family}.yaml").read_text())
    played = play(scenario.story, seed)
    context = fill_scenario(scenario, played.values).context
    files = [EvidenceFile(name=file.name, data=file.data) for file in played.files]
    verdict = analyze(files, alert=played.alert, rule=scenario.rule, context=context)
    accepted = read_accepted(asdict(each) for each in scenario.accepted)
    read = (record for file in files for record in read_evidence(file.name, file.data).records)
    records = [record.location for record in read if record.location is not None]
    chance = Random(seed)
    blind = [tuple(chance.sample(records, min(3, len(records)))) for _ in range(PINS - 3)]
    model = model_answers(build_key(verdict, accepted)).evidence
    return Played(family, scenario.lesson, verdict, accepted, (model, (), tuple(records[:3]), *blind))


def worksheet(played: Played, choice: Choice) -> Answers:
    alert, conversation = played.verdict.alert, played.verdict.conversation
    assert conversation is not None
    ends = (alert.src, alert.dst) if choice.as_printed else (alert.dst, alert.src)
    return replace(
        played.model,
        reversed=choice.reversed,
        originator_ip=ends[0].ip,
        originator_port=ends[0].port,
        responder_ip=ends[1].ip,
        responder_port=ends[1].port,
        outcome=choice.outcome,
        intent=choice.intent,
        protocol=choice.protocol,
        disposition=DISPOSITION_OF[choice.code],
        reason_code=choice.code,
        evidence=played.pins[choice.pins],
        confidence=choice.confidence,
    )


def graded_marks(played: Played, choice: Choice) -> tuple[Mark, ...]:
    """The marks of the whole worksheet, graded for real."""
    grade = grade_worksheet(
        worksheet(played, choice),
        played.verdict,
        played.accepted,
        describe=lambda _finding: "",
        lesson=lambda _rule: "",
    )
    fields = (mark for mark in grade.criteria if isinstance(mark.criterion, Criterion))
    return tuple(Mark(mark.criterion.value, mark.result.value, mark.expected) for mark in fields)


Table = Mapping[tuple[object, ...], Mark]

# What each mark turns on, beside the direction.
_TURNS_ON: Mapping[Criterion, Callable[[Choice], object]] = {
    Criterion.PROTOCOL: lambda choice: choice.protocol,
    Criterion.OUTCOME: lambda choice: choice.outcome,
    Criterion.INTENT: lambda choice: choice.intent,
    Criterion.DISPOSITION: lambda choice: choice.code,
    Criterion.REASON_CODE: lambda choice: choice.code,
    Criterion.EVIDENCE: lambda choice: choice.pins,
}
PROTOCOLS = (Protocol.TCP, Protocol.UDP, Protocol.ICMP)
INTENTS = (IntentMatch.MATCH, IntentMatch.MISMATCH)
DIRECTIONS = (Reversed.YES, Reversed.NO)


@cache
def _table(played: Played) -> Table:
    """Every mark that the choices can come to; the values go round together, since none minds the others."""
    outcomes, codes = tuple(OutcomeAnswer), tuple(ReasonCode)
    table: dict[tuple[object, ...], Mark] = {}
    for said, as_printed, turn in product(DIRECTIONS, (True, False), range(len(codes))):
        choice = Choice(
            reversed=said,
            as_printed=as_printed,
            outcome=outcomes[turn % len(outcomes)],
            intent=INTENTS[turn % len(INTENTS)],
            protocol=PROTOCOLS[turn % len(PROTOCOLS)],
            code=codes[turn],
            pins=turn % PINS,
            confidence=Confidence.HIGH,
        )
        for mark in graded_marks(played, choice):
            table[_place(Criterion(mark.criterion), choice)] = mark
    return table


def _place(criterion: Criterion, choice: Choice) -> tuple[object, ...]:
    turns_on = _TURNS_ON.get(criterion)
    return (criterion, choice.reversed, choice.as_printed, turns_on(choice) if turns_on else None)


def dealt_marks(played: Played, choice: Choice) -> tuple[Mark, ...]:
    table = _table(played)
    places = (_place(criterion, choice) for criterion in Criterion)
    return tuple(table[place] for place in places if place in table)


def work(chance: Random, decide: Decide, tickets: int = 20) -> list[GradedTicket]:
    """One trainee's tickets: three of any six reversed, four a day, in mixed assignments."""
    graded: list[GradedTicket] = []
    for number in range(tickets):
        if number % 6 == 0:
            block = [*REVERSED, *chance.sample(OTHERS, 3)]
            chance.shuffle(block)
        played = chance.choice(pool()[block[number % 6]])
        choice = decide(chance, played)
        graded.append(
            GradedTicket(
                ticket=number,
                at=DAY_ONE + timedelta(days=number // 4, hours=number % 4),
                scenario=played.family,
                is_mixed=True,
                marks=dealt_marks(played, choice),
                confidence=int(choice.confidence),
            )
        )
    return graded


def right(played: Played) -> Choice:
    """The model worksheet as decisions."""
    model = played.model
    assert model.reversed is not None
    assert model.outcome is not None
    assert model.intent is not None
    assert model.protocol is not None
    assert model.reason_code is not None
    return Choice(
        reversed=model.reversed,
        as_printed=model.originator_ip == played.verdict.alert.src.ip,
        outcome=model.outcome,
        intent=model.intent,
        protocol=model.protocol,
        code=model.reason_code,
        pins=0,
        confidence=Confidence.HIGH,
    )


def guess(chance: Random, _played: Played) -> Choice:
    """Tosses a coin or a die over every field, each by itself."""
    return Choice(
        reversed=chance.choice(DIRECTIONS),
        as_printed=chance.random() < 0.5,
        outcome=chance.choice(tuple(OutcomeAnswer)),
        intent=chance.choice(INTENTS),
        protocol=chance.choice(PROTOCOLS),
        code=chance.choice(tuple(ReasonCode)),
        pins=chance.randrange(1, PINS),
        confidence=chance.choice(tuple(Confidence)),
    )


def always(choice: Choice) -> Decide:
    """Gives the same answer to everything."""
    return lambda _chance, _played: choice


def knows(share: float) -> Decide:
    """Right in each decision with this chance, and else wrong; always sure."""

    def decide(chance: Random, played: Played) -> Choice:
        key, other = right(played), guess(chance, played)
        is_turned = chance.random() >= share
        return Choice(
            reversed=next(said for said in DIRECTIONS if said is not key.reversed)
            if is_turned
            else key.reversed,
            as_printed=key.as_printed is not is_turned,
            outcome=key.outcome if chance.random() < share else OutcomeAnswer.MIDSTREAM,
            intent=key.intent if chance.random() < share else other.intent,
            protocol=key.protocol if chance.random() < share else other.protocol,
            code=key.code if chance.random() < share else ReasonCode.DUP,
            pins=0 if chance.random() < share else 1,
            confidence=Confidence.HIGH,
        )

    return decide
