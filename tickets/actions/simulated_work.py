"""A cohort of twelve whose work a program does, so that the cohort report has something to show.

Each simulated trainee has a skill and a few wrong ideas, and answers from the key as somebody with
these ideas would. The cohort says that it is simulated, and so does every page that shows it. The
work goes the way of all work: worksheets, submissions, grade jobs.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from tickets.actions.hints import HintError, take_hint
from tickets.actions.worksheets import open_ticket, save_worksheet, submit_worksheet
from tickets.engine import Alert, Verdict
from tickets.grading import answers_to_plain, build_key, model_answers, read_accepted
from tickets.models import Cohort, Ticket
from tickets.models.truth import ScenarioKey
from tickets.tasks.verdicts import current_verdict

# Fixed, so that the demonstration's figures are the same on every machine.
CHANCE = 20261124
MINUTES_A_TICKET = timedelta(minutes=15)
HELP_WANTED = 0.4  # the share of tickets for which who takes hints takes some
Answers = dict[str, object]


@dataclass(frozen=True, slots=True)
class Person:
    """A simulated trainee: name, the share of slips made, the ideas held, how many tickets are worked, and how many of the
    hints are taken where any are."""

    username: str
    first_name: str
    last_name: str
    slips: float
    ideas: tuple[str, ...]
    works: int = 99
    hints: int = 0


PEOPLE = (
    Person("sim-amir", "Amir", "Osei", 0.10, ()),
    Person("sim-bea", "Bea", "Lindqvist", 0.15, ("reset_overlooked",)),
    Person("sim-chidi", "Chidi", "Okafor", 0.20, ("face_value",), hints=1),
    Person("sim-dana", "Dana", "Volkova", 0.30, ("face_value", "harmless_is_false_positive"), hints=2),
    Person("sim-emre", "Emre", "Yıldız", 0.05, ()),
    Person("sim-farah", "Farah", "Haddad", 0.35, ("always_reverses",), hints=2),
    Person("sim-greta", "Greta", "Lind", 0.20, ("harmless_is_false_positive",), 5),
    Person("sim-hana", "Hana", "Sato", 0.10, ("pins_nothing",)),
    Person("sim-ivy", "Ivy", "Chen", 0.25, ("face_value", "silence_is_success")),
    Person("sim-jonas", "Jonas", "Weber", 0.40, ("always_reverses", "pins_nothing"), 4, hints=3),
    Person("sim-kofi", "Kofi", "Mensah", 0.20, ("reset_overlooked", "harmless_is_false_positive"), 6),
    Person("sim-lea", "Lea", "Novak", 0.15, ("silence_is_success",), 3),
)


def do_simulated_work(cohort: Cohort, now: datetime | None = None) -> int:
    """Let the cohort's simulated trainees work their tickets, but for those of shifts; what is submitted stays. Returns the
    submissions made."""
    now = now or timezone.now()
    people = {person.username: person for person in PEOPLE}
    made = 0
    for enrollment in cohort.enrollments.trainees().select_related("user").order_by("user__username"):
        person = people.get(enrollment.user.username)
        if person is not None:
            tickets = Ticket.objects.worked_by(enrollment.user).filter(
                item__assignment__cohort=cohort, arrival=None
            )
            made += _work(person, list(tickets.with_story()), now)
    return made


def _work(person: Person, tickets: list[Ticket], now: datetime) -> int:
    chance = Random(f"{CHANCE} {person.username}")  # noqa: S311  a demonstration's dice, no secret
    doubts = Random(f"{CHANCE} {person.username} doubts")  # noqa: S311  of its own: answers do not hang on it
    made = 0
    for number, ticket in enumerate(tickets):
        # Drawn for every ticket, so that a ticket worked earlier does not change the later ones.
        answers = answer_as(person, ticket, chance)
        moment = now - timedelta(days=len(tickets) - number, minutes=chance.randint(0, 300))
        wants_help = doubts.random() < HELP_WANTED
        if getattr(ticket, "submission", None) is not None or number > person.works:
            continue
        with transaction.atomic():
            began = moment - MINUTES_A_TICKET
            open_ticket(ticket, began)
            if wants_help:
                _take_hints(ticket, person.hints, began)
            if number == person.works:
                save_worksheet(ticket, version=0, answers={"reason": answers["reason"]}, now=moment)
            else:
                submit_worksheet(ticket, key=uuid.uuid4(), version=0, answers=answers, received_at=moment)
                made += 1
    return made


def _take_hints(ticket: Ticket, count: int, began: datetime) -> None:
    """So many of the ticket's hints, two minutes apart; none where there are none."""
    try:
        for level in range(1, count + 1):
            take_hint(ticket, level, began + timedelta(minutes=2 * level))
    except HintError:
        return


def answer_as(person: Person, ticket: Ticket, chance: Random) -> Answers:
    """The model worksheet, spoilt by what this person believes and by slips."""
    verdict = current_verdict(ticket.variant).verdict
    stated = ScenarioKey.objects.get(version=ticket.variant.version_id)
    answers: Answers = dict(
        answers_to_plain(model_answers(build_key(verdict, read_accepted(stated.accepted))))
    )
    answers |= _texts(answers, verdict.alert)
    answers["confidence"] = str(chance.choice((1, 2, 2, 3, 3)))
    for idea in person.ideas:
        # Nobody holds an idea every time.
        if chance.random() < 0.8:
            answers |= IDEAS[idea](answers, verdict)
    for slip in SLIPS:
        if chance.random() < person.slips / 2:
            answers |= slip(answers)
    return answers


def _texts(answers: Mapping[str, object], alert: Alert) -> Answers:
    flow = (
        f"{answers['originator_ip']}:{answers['originator_port']} to "
        f"{answers['responder_ip']}:{answers['responder_port']} by {answers['protocol']}"
    )
    disposition = str(answers["disposition"]).replace("_", " ")
    return {
        "reason": f"Simulated answer. The rule fired on {alert.src} to {alert.dst}.",
        "supporting_evidence": f"Simulated answer. The conversation went from {flow}.",
        "analysis": f"Simulated answer. Outcome: {answers['outcome']}.",
        "conclusion": f"Simulated answer. I close this as {disposition}.",
        "next_steps": "Simulated answer. Close the ticket and tell the owner of the rule.",
    }


def _swapped(answers: Mapping[str, object]) -> Answers:
    return {
        "originator_ip": answers["responder_ip"],
        "originator_port": answers["responder_port"],
        "responder_ip": answers["originator_ip"],
        "responder_port": answers["originator_port"],
    }


def _face_value(answers: Mapping[str, object], verdict: Verdict) -> Answers:
    """Believes the two columns of the alert."""
    if verdict.reversed != "yes":
        return {}
    incident = {"reversed": "no", "intent": "match", "disposition": "true_positive", "reason_code": "TP2"}
    return {**_swapped(answers), **incident}


def _always_reverses(answers: Mapping[str, object], verdict: Verdict) -> Answers:
    """Has learned the seed ticket by heart: every alert is return traffic."""
    if verdict.reversed != "no":
        return {}
    closed = {"reversed": "yes", "intent": "mismatch", "disposition": "false_positive", "reason_code": "FP1"}
    return {**_swapped(answers), **closed}


def _reset_overlooked(_answers: Mapping[str, object], verdict: Verdict) -> Answers:
    return {"outcome": "established"} if verdict.outcome in ("refused", "rejected") else {}


def _silence_is_success(_answers: Mapping[str, object], verdict: Verdict) -> Answers:
    return {"outcome": "established"} if verdict.outcome == "unanswered" else {}


def _harmless_is_false_positive(_answers: Mapping[str, object], verdict: Verdict) -> Answers:
    harmless = verdict.disposition == "benign"
    return {"disposition": "false_positive", "reason_code": "FP2"} if harmless else {}


def _pins_nothing(_answers: Mapping[str, object], _verdict: Verdict) -> Answers:
    return {"evidence": []}


IDEAS: Mapping[str, Callable[[Mapping[str, object], Verdict], Answers]] = {
    "face_value": _face_value,
    "always_reverses": _always_reverses,
    "reset_overlooked": _reset_overlooked,
    "silence_is_success": _silence_is_success,
    "harmless_is_false_positive": _harmless_is_false_positive,
    "pins_nothing": _pins_nothing,
}

# What a tired hand does, without an idea behind it.
SLIPS: tuple[Callable[[Mapping[str, object]], Answers], ...] = (
    lambda answers: {"responder_port": answers["originator_port"]},
    lambda _answers: {"outcome": "midstream"},
    lambda answers: {"intent": "mismatch" if answers["intent"] == "match" else "match"},
    lambda _answers: {"evidence": []},
    lambda _answers: {"disposition": "true_positive", "reason_code": "TP2"},
)
