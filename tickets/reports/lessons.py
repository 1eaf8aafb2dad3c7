"""The lesson of a grade: the record that decides asked for first, then the worked path and the model worksheet.

Everything comes from the frozen grade and from what the trainee picked; nothing is judged here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.methodology import STEPS, Step
from tickets.models import EvidenceRecord, Grade, RecordPick, Submission, Variant, claim_asked
from tickets.models.truth import ScenarioKey
from tickets.reports.evidence import Evidence, read_evidence_page
from tickets.reports.grades import Proof
from tickets.reports.rows import Row, find_records, first_packet_ns, place_of, row_of
from tickets.reports.selection import Wanted

# How many records of a step are drawn; its other places are named.
MAX_ROWS = 4
PATH_TITLES = {
    "originator": _("Who opened it"),
    "reversed": _("Is the alert reversed"),
    "outcome": _("Did it succeed"),
    "service": _("What was spoken"),
    "joined": _("Which records belong together"),
    "intent": _("Does it fit the rule"),
    "effect": _("What it achieved"),
    "disposition": _("How it is closed"),
}
# Where a claim's own steps decide nothing, another claim's say why.
TOLD_BY = {"originator": ("originator", "reversed"), "outcome": ("outcome",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What is said of a pick: the record that was named ("" for none), the one that decides, and its sentence."""

    is_right: bool
    place: str
    opening: str
    decides: str
    sentence: str
    closing: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The question before the worked path: about which claim, and what came of it; None while it is open."""

    claim: str
    words: str
    answered: Answered | None


@dataclass(frozen=True, slots=True)
class PathStep:
    """One claim of the worked path: what decides it with its records, what else agrees, what speaks against it."""

    title: str
    decides: Mapping[str, Any]
    records: list[tuple[str, EvidenceRecord]]
    more: list[str]
    agree: list[Mapping[str, Any]]
    against: list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Model:
    """The worksheet that would have earned every mark: fields by label, the five texts, and what the author would do
    next."""

    facts: list[tuple[str, str, str]]
    texts: list[tuple[Step, str]]
    pins: list[str]
    next_steps: list[str]
    actions: list[str]


# -- Which record decides? ------------------------------------------------------------------------


def read_asked(submission: Submission, grade: Grade) -> Asked | None:
    """What is asked about the grade that counts, or was; None where nothing is."""
    pick = RecordPick.objects.filter(submission=submission).select_related("grade").first()
    if pick is not None:
        return Asked(pick.claim, pick.get_claim_display(), _answer(pick))
    claim = claim_asked(grade)
    return Asked(claim, str(RecordPick.Claim(claim).label), None) if claim else None


def _answer(pick: RecordPick) -> Answered:
    """The pick held against the steps of the run that was shown then."""
    steps = _steps_about(pick.grade, pick.claim)
    strongest = _strongest(steps)
    sentence = strongest["sentence"] if strongest else ""
    shown = strongest["records"] if strongest else []
    decides = _deciding(pick.grade.lesson["proofs"][pick.claim], shown)
    cited = next((step for step in steps if pick.place in step["records"]), None)
    if not pick.is_right:
        return Answered(
            is_right=False,
            place=pick.place,
            opening=_why_not(pick, cited),
            decides=decides,
            sentence=sentence,
            closing="",
        )
    is_another = cited is not None and bool(shown) and pick.place not in shown
    return Answered(
        is_right=True,
        place=pick.place,
        opening=gettext("Right."),
        decides=pick.place,
        sentence=cited["sentence"] if cited else sentence,
        closing=gettext("The strongest proof is %(decides)s: %(sentence)s")
        % {"decides": decides, "sentence": sentence}
        if is_another
        else "",
    )


def _why_not(pick: RecordPick, cited: Mapping[str, Any] | None) -> str:
    if not pick.place:
        return gettext("You asked to be shown.")
    if cited is None:
        return gettext("%(place)s does not say %(claim)s.") % {
            "place": pick.place,
            "claim": pick.get_claim_display(),
        }
    if cited["supports"]:
        return gettext("%(place)s points the right way, but it can be doubted: %(sentence)s") % {
            "place": pick.place,
            "sentence": cited["sentence"],
        }
    return gettext("%(place)s points the other way, and is outweighed: %(sentence)s") % {
        "place": pick.place,
        "sentence": cited["sentence"],
    }


def read_proof(grade: Grade, claim: str) -> Proof | None:
    """The record that decides a claim in this run; None where the run kept no proof of it."""
    proofs = (grade.lesson.get("proofs") or {}).get(claim)
    if not proofs:
        return None
    strongest = _strongest(_steps_about(grade, claim))
    shown = strongest["records"] if strongest else []
    sentence = strongest["sentence"] if strongest else ""
    return Proof(str(RecordPick.Claim(claim).label), _deciding(proofs, shown), sentence)


def _strongest(steps: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((step for step in steps if step["supports"]), None)


def _deciding(proofs: Sequence[str], shown: Sequence[str]) -> str:
    return next((place for place in shown if place in proofs), proofs[0])


def _steps_about(grade: Grade, claim: str) -> list[Mapping[str, Any]]:
    path = grade.lesson.get("path") or []
    return [step for told_by in TOLD_BY[claim] for step in path if step["claim"] == told_by]


@dataclass(frozen=True, slots=True)
class Choices:
    """The records to pick from: those that were pinned, or a page of one kind."""

    evidence: Evidence
    pinned: list[Row]
    is_pinned: bool

    @property
    def rows(self) -> list[Row]:
        return self.pinned if self.is_pinned else self.evidence.rows


PINNED = "pinned"


def read_choices(submission: Submission, wanted: Wanted) -> Choices:
    """One's own pins come first, unless another kind or a text is asked for."""
    variant = submission.ticket.variant
    pins = find_records(variant, map(str, submission.answers.get("evidence") or []))
    is_pinned = wanted.tab == PINNED or not (wanted.tab or wanted.query)
    first_ns = first_packet_ns(variant)
    return Choices(
        evidence=read_evidence_page(variant, wanted),
        pinned=[row_of(record, variant, first_ns=first_ns) for record in pins],
        is_pinned=bool(pins) and is_pinned,
    )


# -- The worked path --------------------------------------------------------------------------


def read_path(grade: Grade, variant: Variant) -> list[PathStep]:
    """The steps claim by claim, the deciding one first, with the trainee's own records behind it."""
    grouped = [
        (claim, list(steps))
        for claim, steps in groupby(grade.lesson.get("path") or [], key=lambda step: str(step["claim"]))
    ]
    wanted = [place for _, steps in grouped for place in steps[0]["records"][:MAX_ROWS]]
    rows = {place_of(record): record for record in find_records(variant, wanted)}
    return [_path_step(claim, steps, rows) for claim, steps in grouped]


def _path_step(
    claim: str, steps: Sequence[Mapping[str, Any]], rows: Mapping[str, EvidenceRecord]
) -> PathStep:
    decides, *rest = steps
    places = decides["records"]
    return PathStep(
        title=str(PATH_TITLES.get(claim, claim.replace("_", " ").capitalize())),
        decides=decides,
        records=[(place, rows[place]) for place in places[:MAX_ROWS] if place in rows],
        more=[place for place in places if place not in rows or place not in places[:MAX_ROWS]],
        agree=[step for step in rest if step["supports"]],
        against=[step for step in rest if not step["supports"]],
    )


# -- The model worksheet ----------------------------------------------------------------------


def read_model(grade: Grade) -> Model | None:
    """None for a grade from before the model was kept."""
    model = grade.lesson.get("model")
    if not model:
        return None
    version = grade.erratum_id or grade.submission.ticket.variant.version_id
    key = ScenarioKey.objects.filter(version=version).first()
    return Model(
        facts=list(_facts(grade, model)),
        texts=[(step, str(model.get(step.name) or "")) for step in STEPS],
        pins=list(model.get("evidence") or []),
        next_steps=key.next_steps.splitlines() if key else [],
        actions=list(model.get("actions") or []),
    )


def _facts(grade: Grade, model: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Criterion, label and value of each field that was marked, in the rubric's order."""
    for line in grade.criteria.all():
        if model.get(line.criterion) and line.criterion != "evidence":
            yield line.criterion, line.label, str(model[line.criterion])
