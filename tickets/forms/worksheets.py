"""The worksheet as a form: what may be chosen, in words, and what was typed, as it was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from tickets.engine import DISPOSITION_OF, Disposition, IntentMatch, Protocol, ReasonCode, Reversed
from tickets.grading import WORDS, Action, Confidence, OutcomeAnswer, Profile, read_answers
from tickets.methodology import STEPS
from tickets.models import ANSWER_FIELDS, TEXT_FIELDS


class Choice(NamedTuple):
    value: str
    label: StrOrPromise
    hint: StrOrPromise = ""


CHOICES: Mapping[str, tuple[Choice, ...]] = {
    "protocol": tuple(Choice(member, member.upper()) for member in Protocol),
    "reversed": (
        Choice(Reversed.YES, _("Yes")),
        Choice(Reversed.NO, _("No")),
        Choice(Reversed.CANNOT_BE_DETERMINED, _("Unknown"), _("cannot be determined from these records")),
    ),
    "outcome": (
        Choice(OutcomeAnswer.ESTABLISHED, _("Established"), _("the other side took part")),
        Choice(OutcomeAnswer.REFUSED, _("Refused"), _("the target itself said no")),
        Choice(OutcomeAnswer.REJECTED, _("Rejected"), _("a device in between denied it")),
        Choice(OutcomeAnswer.UNANSWERED, _("Unanswered"), _("nothing came back")),
        Choice(OutcomeAnswer.MIDSTREAM, _("Midstream"), _("the beginning was not recorded")),
        Choice(OutcomeAnswer.ONE_WAY, _("One way"), _("only one direction was recorded")),
        Choice(OutcomeAnswer.CANNOT_BE_DETERMINED, _("Cannot be determined")),
    ),
    "intent": (
        Choice(IntentMatch.MATCH, _("Fits"), _("the rule described what happened")),
        Choice(IntentMatch.MISMATCH, _("Does not fit"), _("the rule expected something else")),
        Choice(IntentMatch.UNKNOWN, _("Unknown"), _("the records do not say")),
    ),
    "disposition": (
        Choice(Disposition.TRUE_POSITIVE, _("True positive"), _("it happened, and it matters")),
        Choice(Disposition.BENIGN, _("Benign"), _("it happened, and is harmless or allowed")),
        Choice(Disposition.FALSE_POSITIVE, _("False positive"), _("it did not happen as the alert says")),
        Choice(Disposition.UNDETERMINED, _("Undetermined"), _("the evidence cannot decide")),
        Choice(Disposition.DUPLICATE, _("Duplicate"), _("another ticket has this conversation")),
    ),
    "reason_code": (
        Choice(ReasonCode.TP1, _("TP1, an attack that succeeded")),
        Choice(ReasonCode.TP2, _("TP2, suspicious activity that reached its target")),
        Choice(ReasonCode.TP3, _("TP3, authorised activity beyond its limits")),
        Choice(ReasonCode.TP4, _("TP4, stopped, but one of our own hosts tried it")),
        Choice(ReasonCode.BN1, _("BN1, an attempt without effect")),
        Choice(ReasonCode.BN2, _("BN2, expected or harmless activity")),
        Choice(ReasonCode.FP1, _("FP1, the alert's data are wrong")),
        Choice(ReasonCode.FP2, _("FP2, the rule is too broad")),
        Choice(ReasonCode.UN, _("UN, something needed is missing")),
        Choice(ReasonCode.DUP, _("DUP, already in another ticket")),
    ),
    "actions": (
        Choice(Action.CLOSE, _("Close"), _("nothing more to do")),
        Choice(Action.TUNE, _("Tune the rule"), _("so that it stays silent next time")),
        Choice(Action.WATCH, _("Watch"), _("keep an eye on it for a while")),
        Choice(Action.INVESTIGATE, _("Investigate"), _("look for what is missing")),
        Choice(Action.NOTIFY, _("Notify"), _("tell the owner or the user")),
        Choice(Action.ESCALATE, _("Escalate"), _("hand it to the next level")),
        Choice(Action.CONTAIN, _("Contain"), _("isolate, block, disable")),
    ),
    "confidence": (
        Choice(str(Confidence.LOW.value), "< 67"),
        Choice(str(Confidence.MEDIUM.value), "67–80"),
        Choice(str(Confidence.HIGH.value), "> 80"),
    ),
}


def choices_for(profile: str) -> Mapping[str, tuple[Choice, ...]]:
    """The same choices in the words of the product that a cohort closes its tickets in; the method's own word stays
    beside them, because two of a product's may be one of ours."""
    words = WORDS[Profile(profile)]
    if words.profile is Profile.FIVE_STEPS:
        return CHOICES
    dispositions = tuple(
        Choice(value, words.disposition(Disposition(value)), f"{label.lower()}: {hint}")
        for value, label, hint in CHOICES["disposition"]
    )
    codes = tuple(
        Choice(value, f"{label} ({words.closing[ReasonCode(value)]})")
        for value, label, _ in CHOICES["reason_code"]
    )
    return {**CHOICES, "disposition": dispositions, "reason_code": codes}


# What a field is called in "Still empty: ...", in the order in which the desk shows them.
NAMES: Mapping[str, StrOrPromise] = {
    "originator_ip": _("originator"),
    "originator_port": _("originator's port"),
    "responder_ip": _("responder"),
    "responder_port": _("responder's port"),
    "protocol": _("protocol"),
    "outcome": _("outcome"),
    "reversed": _("reversed or not"),
    **{step.name: step.title.lower() for step in STEPS[:3]},
    "intent": _("the rule's intent"),
    "disposition": _("disposition"),
    "reason_code": _("reason code"),
    "confidence": _("how sure"),
    **{step.name: step.title.lower() for step in STEPS[3:]},
    "actions": _("chosen next steps"),
    "evidence": _("pinned records"),
}


class WorksheetForm(forms.Form):
    """A posted worksheet. Only `version` and `key` are checked here; answers are kept as typed.

    `answers()` is what the actions take; `problems()` are form faults, a sentence a field, and say
    nothing of the truth.
    """

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    key = forms.UUIDField(required=False)

    def answers(self) -> dict[str, object]:
        posted = self.data
        assert isinstance(posted, QueryDict)
        answers: dict[str, object] = {name: posted.get(name, "") for name in ANSWER_FIELDS + TEXT_FIELDS}
        answers["evidence"] = [pin for pin in posted.getlist("evidence") if pin]
        answers["actions"] = [action for action in posted.getlist("actions") if action]
        return {**answers, **_put(posted.get("put", ""))}

    def problems(self) -> dict[str, str]:
        return problems_of(self.answers())

    def seconds(self) -> dict[str, int]:
        """How long each step took, as the page's clock has counted. What is no count is left out: nothing depends on it."""
        posted = {step.name: str(self.data.get(f"spent_{step.name}", "")) for step in STEPS}
        return {
            name: int(text)
            for name, text in posted.items()
            if text.isascii() and text.isdigit() and len(text) <= 7
        }


def _put(pressed: str) -> dict[str, str]:
    """The fields that a record's button fills where no script does it: `originator 10.0.0.1 80`."""
    side, _, end = pressed.partition(" ")
    ip, _, port = end.partition(" ")
    if side not in ("originator", "responder") or not ip:
        return {}
    return {f"{side}_ip": ip, **({f"{side}_port": port} if port else {})}


def problems_of(answers: Mapping[str, object]) -> dict[str, str]:
    """What cannot be read as an address, a port or a choice: a sentence by field."""
    _, problems = read_answers(answers)
    return {problem.field: problem.problem for problem in reversed(problems)}


class EmptyField(NamedTuple):
    name: str
    label: str
    target: str  # the id of the control to which a link leads


def empty_fields(answers: Mapping[str, object]) -> list[EmptyField]:
    return [
        EmptyField(name, str(label), f"id_{name}") for name, label in NAMES.items() if not answers.get(name)
    ]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet as its templates draw it: values, choices, problems, what is still empty."""

    answers: Mapping[str, object]
    version: int
    problems: Mapping[str, str]
    profile: str = Profile.FIVE_STEPS

    @property
    def choices(self) -> dict[str, tuple[Choice, ...]]:
        """The choices of each field; a stored value that is none of them stands at the end, not lost."""
        offered = choices_for(self.profile)
        return {name: choices + self._odd(name, choices) for name, choices in offered.items()}

    @property
    def labels(self) -> dict[str, dict[str, str]]:
        """How each value of a field is called in this worksheet's words."""
        return {
            name: {choice.value: str(choice.label) for choice in all_} for name, all_ in self.choices.items()
        }

    @property
    def reason_groups(self) -> list[tuple[str, list[Choice]]]:
        """Reason codes under the disposition that each belongs to."""
        codes = self.choices["reason_code"]
        groups = [
            (str(label), [code for code in codes if _disposition_of(code.value) == value])
            for value, label, _ in CHOICES["disposition"]
        ]
        rest = [code for code in codes if not _disposition_of(code.value)]
        return [*groups, (gettext("Not a reason code"), rest)] if rest else groups

    @property
    def field_names(self) -> list[str]:
        return list(NAMES)

    @property
    def empty(self) -> list[EmptyField]:
        return empty_fields(self.answers)

    def _odd(self, name: str, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        if name == "actions":  # a list, which is checked whole when it is stored
            return ()
        value = str(self.answers.get(name) or "")
        known = not value or any(choice.value == value for choice in choices)
        return () if known else (Choice(value, value, gettext("not one of the choices")),)


def _disposition_of(code: str) -> str:
    return DISPOSITION_OF[ReasonCode(code)].value if code in ReasonCode.__members__ else ""
